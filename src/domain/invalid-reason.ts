/** Why an event counts for nothing: numbers of the flags of events (docs/errors.md). */

/**
 * Numbers are stable for ever. 1-19 are given at intake, by what came with the request; 20-39 by
 * the
 * projector, by what it knows of the bid and the device.
 */
export const InvalidReason = {
  /** The user agent names a known crawler. */
  Crawler: 1,
  /** The user agent is that of a program or a data centre, not of a person's browser or app. */
  DataCentreAgent: 2,
  /** More clicks or exposures from one network and agent than people there could make. */
  NetworkRate: 3,
  /** Told of a time that is not over yet. */
  FutureTime: 4,
  /** A click of a bid whose exposure was not told (yet). */
  Unexposed: 20,
  /** The click happened before its exposure. */
  BeforeExposure: 21,
  /** More clicks of one device than a person makes. */
  DeviceRate: 22,
  /** Told later than anybody waits for: outside of the attribution window. */
  Late: 23,
} as const
export type InvalidReason = (typeof InvalidReason)[keyof typeof InvalidReason]

/** Name of a reason in kebab-case, for metrics and reports: `before-exposure`. */
export const invalidReasonNames: ReadonlyMap<number, string> = new Map(
  Object.entries(InvalidReason).map(([name, code]) => [
    code,
    name.replace(/(?<!^)([A-Z])/g, '-$1').toLowerCase(),
  ]),
)
