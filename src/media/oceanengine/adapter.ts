/** Ocean Engine (ByteDance) RTA: the adapter. What its answers mean: docs/media/oceanengine.md. */
import type { AdRequest } from '../../domain/ad-request.ts'
import type { RtaDecision } from '../../domain/decision.ts'
import { microsPerFen } from '../../domain/money.ts'
import type { Refusal } from '../../domain/refusal.ts'
import type {
  AdapterContext,
  AnswerSummary,
  MediumAdapter,
  MediumRules,
  WireRequest,
} from '../adapter.ts'
import { decodeToJson, loadProtoType } from '../proto-root.ts'
import { OceanengineDecoder } from './decode.ts'
import { OceanengineEncoder, refusalBytes } from './encode.ts'

/**
 * The semantics row of Ocean Engine. The public sources give neither its time budget nor its
 * bounds, so each value says why it is a safe guess; check them with the medium before going live.
 */
export const oceanengineRules: MediumRules = {
  // Not published; "big media all want ≤ 60 ms" (rta-media.md §2.2, a third party).
  budgetMs: 60,
  // There is no second request on this wire.
  secondBudgetMs: 60,
  // Not published. Asked again sooner than a minute, a failing house would only get more load.
  cacheSecondsMin: 60,
  // Not published. A day: the retired field counted hours, and a stale answer costs money.
  cacheSecondsMax: 86_400,
  // Not published. Inside the coefficient buckets 0…5+ of its reports, and Tencent's own bounds.
  factorMin: 0.2,
  factorMax: 5,
  factorDecimals: 2,
  // Not published: 分, as with the other Chinese media; the wire's double would take fractions.
  priceUnitMicros: microsPerFen,
  // "-9223372036854775808"
  targetIdCharsMax: 20,
  numericTargets: true,
  refusalStatus: 200,
}

/** From this `Refusal` on it is the caller's doing or ours, and no decision about the device. */
const undecidedFrom = 100

/** Builds the adapter; its refusals are made here, once. */
export function createOceanengineAdapter(context: AdapterContext): MediumAdapter {
  return new OceanengineAdapter(context)
}

class OceanengineAdapter implements MediumAdapter {
  readonly name = 'oceanengine'
  readonly rules = oceanengineRules
  readonly wantedHeaders: readonly string[] = []
  readonly #decoder: OceanengineDecoder
  readonly #encoder: OceanengineEncoder
  readonly #refused: Uint8Array
  readonly #undecided: Uint8Array
  readonly #responseType = loadProtoType('oceanengine.proto', 'sluice.oceanengine.Rsp')

  constructor(context: AdapterContext) {
    const cache = { refuse: context.cacheRefuseSeconds, failure: context.cacheFailureSeconds }
    this.#decoder = new OceanengineDecoder(context.hasher)
    this.#encoder = new OceanengineEncoder(cache)
    this.#refused = refusalBytes(cache.refuse)
    this.#undecided = refusalBytes(cache.failure)
  }

  decode(wire: WireRequest, request: AdRequest): Refusal {
    return this.#decoder.decode(wire.body, request)
  }

  encode(request: AdRequest, decision: RtaDecision): Uint8Array {
    return this.#encoder.encode(request, decision)
  }

  /** A body we could not read may be our mistake: it is kept as shortly as a failure. */
  refusal(reason: Refusal): Uint8Array {
    return reason < undecidedFrom ? this.#refused : this.#undecided
  }

  contentType(): string {
    return 'application/x-protobuf'
  }

  describeAnswer(body: Uint8Array): AnswerSummary {
    const message = decodeToJson(this.#responseType, body) as ResponseJson | null
    const bidType = message?.bid_type?.value ?? 0
    const isValid = message !== null && (message.status_code ?? 0) === 0
    const targetIds =
      isValid && bidType === 0
        ? (message.user_infos ?? []).flatMap((info) =>
            info.is_interested === true ? [info.rta_id ?? '0'] : [],
          )
        : []
    return { valid: isValid, accepted: targetIds.length > 0, targetIds, message }
  }
}

/** The parts of a decoded `Rsp` that say who takes part; proto3 leaves zeros out. */
interface ResponseJson {
  readonly status_code?: number
  readonly bid_type?: { readonly value?: number }
  readonly user_infos?: readonly { readonly is_interested?: boolean; readonly rta_id?: string }[]
}
