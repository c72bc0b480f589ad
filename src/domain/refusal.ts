/** Why a request was not taken part in: stable numbers, listed in docs/errors.md. */

/**
 * A normal "no" is one of these values, never an exception. Numbers are stable for ever:
 * 1-99 a decision was made and it is no; 100-199 the caller's doing; 200-299 a failure or
 * protection of ours, whose answers carry the shortest cache time the medium allows.
 */
export const Refusal = {
  /** Not a refusal: at least one strategy takes part. */
  None: 0,
  NoStrategy: 1,
  AudienceMismatch: 2,
  ConditionMismatch: 3,
  Holdout: 4,
  NoDeviceId: 5,
  UnknownProfile: 6,
  Ping: 7,
  NothingAsked: 8,
  NothingEligible: 9,
  NothingAffordable: 10,
  DryRun: 11,
  Crawler: 12,
  BlockedInventory: 13,
  IncompleteSchain: 14,
  BlockedSchain: 15,
  SeatNotAllowed: 16,
  NoCurrency: 17,
  UnknownExchange: 18,
  ExchangeOff: 19,
  NoUsableImp: 20,
  BelowValue: 21,
  Unranked: 22,
  FrequencyCap: 23,
  Converted: 24,
  Malformed: 100,
  BodyTooLarge: 101,
  Forbidden: 102,
  BadSignature: 103,
  EmptyBody: 104,
  Deadline: 200,
  Overload: 201,
  QpsCap: 202,
  AudienceUnavailable: 203,
  CatalogUnavailable: 204,
  Draining: 205,
  Internal: 206,
} as const
export type Refusal = (typeof Refusal)[keyof typeof Refusal]

/** Name of a refusal for metrics and traces, in kebab-case: `audience-mismatch`. */
export const refusalNames: ReadonlyMap<number, string> = new Map(
  Object.entries(Refusal).map(([name, code]) => [
    code,
    name.replace(/(?<!^)([A-Z])/g, '-$1').toLowerCase(),
  ]),
)

/** True for the answers that our failure caused: they must not live long in a medium's cache. */
export function isFailure(refusal: Refusal): boolean {
  return refusal >= 200
}
