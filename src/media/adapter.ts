/** The port of a medium: bytes to `AdRequest`, `RtaDecision` to bytes, and refusals made at start. */
import type { AdRequest } from '../domain/ad-request.ts'
import type { RtaDecision } from '../domain/decision.ts'
import type { Refusal } from '../domain/refusal.ts'
import type { DeviceHasher } from '../identity/device-hasher.ts'

/** What a medium's answers mean and which limits it honours: one row of the semantics table. */
export interface MediumRules {
  /** Milliseconds from the medium's send to its receipt of the answer (rta-media.md §1.1). */
  readonly budgetMs: number
  /** The same for a second request. */
  readonly secondBudgetMs: number
  /** Cache seconds the wire can say; 0/0 where it cannot say any. */
  readonly cacheSecondsMin: number
  readonly cacheSecondsMax: number
  /** Bid factors outside are ignored by the medium, so we clamp to them; decimals it honours. */
  readonly factorMin: number
  readonly factorMax: number
  readonly factorDecimals: number
  /** Micros in one unit of its price fields (分 = 10 000). */
  readonly priceUnitMicros: number
  /** Longest target id the medium registers, in characters; decimal int64 where `numericTargets`. */
  readonly targetIdCharsMax: number
  readonly numericTargets: boolean
  /** HTTP status of an explicit refusal; 200 for every medium that treats others as an error. */
  readonly refusalStatus: number
}

/** The parts of an HTTP request an adapter may read; valid only during `decode`. */
export interface WireRequest {
  /** The whole body; not kept after `decode` returns. */
  readonly body: Uint8Array
  /** Values of `wantedHeaders`, in that order; '' where absent. */
  readonly headers: readonly string[]
  /** The raw query string without '?', or '' . */
  readonly query: string
}

/**
 * One medium. Adapters are synchronous, never throw on any bytes, keep no reference to the body,
 * and never return what would be an unconditional accept by accident.
 */
export interface MediumAdapter {
  readonly name: string
  readonly rules: MediumRules
  /** Lower-case header names that `decode` needs besides the body. */
  readonly wantedHeaders: readonly string[]
  /**
   * Fills a cleared `AdRequest` (ids go through the hasher given at construction).
   * Returns `Refusal.None`, or why the request cannot be decided; fields read so far stay filled.
   */
  decode(wire: WireRequest, request: AdRequest): Refusal
  /**
   * The answer's bytes for a decoded request; a decision that is not an accept
   * (`isAccept`, domain/decision.ts) becomes the medium's explicit refusal.
   */
  encode(request: AdRequest, decision: RtaDecision): Uint8Array
  /**
   * The explicit refusal for a request that was not (or not fully) decoded. Made at start, the
   * same bytes each time; a failure (`isFailure`) carries the shortest cache time.
   */
  refusal(reason: Refusal): Uint8Array
  /** Content type of the answer to this request. */
  contentType(request: AdRequest): string
  /** True when bytes that this medium would read are a valid answer; for tests, bench and `try`. */
  describeAnswer(body: Uint8Array): AnswerSummary
}

/** An answer decoded again, in words that tools and tests can print and compare. */
export interface AnswerSummary {
  /** False: the medium would count these bytes as an error. */
  readonly valid: boolean
  readonly accepted: boolean
  /** Target ids that take part. */
  readonly targetIds: readonly string[]
  /** The wire message as plain JSON, 64-bit numbers as strings. */
  readonly message: unknown
}

/** What every adapter gets when it is built. */
export interface AdapterContext {
  readonly hasher: DeviceHasher
  /** Cache seconds that answers say by default (from configuration, inside the rules' range; 0 = none). */
  readonly cacheAcceptSeconds: number
  readonly cacheRefuseSeconds: number
  readonly cacheFailureSeconds: number
}
