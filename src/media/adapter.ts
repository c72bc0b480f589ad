/**
 * The port of a medium: bytes to `AdRequest`, `RtaDecision` to bytes, and refusals made at start.
 */
import type { AdRequest } from '../domain/ad-request.ts'
import type { RtaDecision } from '../domain/decision.ts'
import type { MediumRules } from '../domain/medium-rules.ts'
import type { Refusal } from '../domain/refusal.ts'
import type { DeviceHasher } from '../identity/device-hasher.ts'
import type { Clock } from '../lib/clock.ts'

export type { MediumRules }

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
  /** True when `decode` needs the query string; without it `query` is ''. */
  readonly wantsQuery?: boolean
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
   * `isJson` matters only where a medium speaks two forms: false or absent = protobuf.
   */
  refusal(reason: Refusal, isJson?: boolean): Uint8Array
  /**
   * True when the answer to this request must be JSON, told without decoding it (the body may be
   * empty); only media that speak two forms have it. Set `AdRequest.isJson` from it before a
   * refusal without decode, so that `contentType` agrees.
   */
  isJsonWire?(wire: WireRequest): boolean
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
  /**
   * Cache seconds that answers say by default (from configuration, inside the rules' range; 0 =
   * none).
   */
  readonly cacheAcceptSeconds: number
  readonly cacheRefuseSeconds: number
  readonly cacheFailureSeconds: number
  /** The house's clock, for media whose signatures carry a time. */
  readonly clock?: Clock
}
