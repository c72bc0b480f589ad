/** The steps of a decision that are timed apart. */

/** Step numbers: indices into telemetry's histograms. */
export const Step = { Queue: 0, Decode: 1, Audience: 2, Decide: 3, Encode: 4 } as const
export type Step = (typeof Step)[keyof typeof Step]
