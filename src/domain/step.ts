/** The steps of a decision that are timed apart, for RTA and for bids. */

/** Step numbers: indices into telemetry's histograms. */
export const Step = { Queue: 0, Decode: 1, Audience: 2, Decide: 3, Encode: 4 } as const
export type Step = (typeof Step)[keyof typeof Step]

/** The steps of a bid request, likewise. */
export const BidStep = {
  Queue: 0,
  Inflate: 1,
  Decode: 2,
  Audience: 3,
  Decide: 4,
  Encode: 5,
  Rank: 6,
} as const
export type BidStep = (typeof BidStep)[keyof typeof BidStep]
