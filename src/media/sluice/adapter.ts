/** Sluice's own RTA protocol (proto/sluice.proto, docs/media/sluice.md): the adapter. */
import type { AdRequest } from '../../domain/ad-request.ts'
import { isAccept, type RtaDecision, refuse } from '../../domain/decision.ts'
import { isFailure, Refusal } from '../../domain/refusal.ts'
import type {
  AdapterContext,
  AnswerSummary,
  MediumAdapter,
  MediumRules,
  WireRequest,
} from '../adapter.ts'
import { decodeJson } from './decode-json.ts'
import { decodeProtobuf } from './decode-protobuf.ts'
import { describeSluiceAnswer } from './describe.ts'
import { encodeJson, encodeProtobuf, type SluiceAnswer } from './encode.ts'

/** The semantics row of our own protocol. We set it; docs/media/sluice.md promises it. */
export const sluiceRules: MediumRules = {
  budgetMs: 60,
  secondBudgetMs: 80,
  cacheSecondsMin: 1,
  cacheSecondsMax: 604_800,
  factorMin: 0.1,
  factorMax: 10,
  factorDecimals: 4,
  priceUnitMicros: 1,
  targetIdCharsMax: 64,
  numericTargets: false,
  refusalStatus: 200,
}

const jsonType = 'application/json'
const protobufType = 'application/x-protobuf'
const openBrace = 0x7b

/** Builds the adapter, its refusal bytes of both forms included. */
export function createSluiceAdapter(context: AdapterContext): MediumAdapter {
  return new SluiceAdapter(context)
}

class SluiceAdapter implements MediumAdapter {
  readonly name = 'sluice'
  readonly rules = sluiceRules
  readonly wantedHeaders: readonly string[] = ['content-type']
  readonly #hasher: AdapterContext['hasher']
  readonly #protobufRefusals = new Map<number, Uint8Array>()
  readonly #jsonRefusals = new Map<number, Uint8Array>()

  constructor(context: AdapterContext) {
    this.#hasher = context.hasher
    for (const reason of Object.values(Refusal)) {
      const { cacheFailureSeconds, cacheRefuseSeconds } = context
      const cacheSeconds = isFailure(reason) ? cacheFailureSeconds : cacheRefuseSeconds
      const answer = refusalAnswer(refuse(reason, cacheSeconds))
      this.#protobufRefusals.set(reason, encodeProtobuf(answer))
      this.#jsonRefusals.set(reason, encodeJson(answer))
    }
  }

  decode(wire: WireRequest, request: AdRequest): Refusal {
    const { body } = wire
    request.isJson = this.isJsonWire(wire)
    if (body.length === 0) return Refusal.EmptyBody
    return request.isJson
      ? decodeJson(body, request, this.#hasher)
      : decodeProtobuf(body, request, this.#hasher)
  }

  encode(request: AdRequest, decision: RtaDecision): Uint8Array {
    const isAccepted = isAccept(decision)
    const reason = isAccepted ? Refusal.None : decision.refusal || Refusal.NoStrategy
    const answer = { requestId: request.requestId, isAccepted, reason, decision }
    return request.isJson ? encodeJson(answer) : encodeProtobuf(answer)
  }

  refusal(reason: Refusal, isJson = false): Uint8Array {
    const ready = (isJson ? this.#jsonRefusals : this.#protobufRefusals).get(reason)
    return ready ?? encodeProtobuf(refusalAnswer(refuse(Refusal.Internal)))
  }

  isJsonWire({ body, headers }: WireRequest): boolean {
    const type = (headers[0] ?? '').trim().toLowerCase()
    if (type.startsWith(jsonType)) return true
    // A type that names neither form (curl's own, say) says nothing: the first byte decides.
    if (type.includes('protobuf') || type.startsWith('application/octet-stream')) return false
    return firstByte(body) === openBrace
  }

  contentType(request: AdRequest): string {
    return request.isJson ? jsonType : protobufType
  }

  describeAnswer(body: Uint8Array): AnswerSummary {
    return describeSluiceAnswer(body)
  }
}

function refusalAnswer(decision: RtaDecision): SluiceAnswer {
  return { requestId: '', isAccepted: false, reason: decision.refusal, decision }
}

/** The first byte that is no white space; -1 when there is none. */
function firstByte(body: Uint8Array): number {
  for (const byte of body) if (byte > 0x20) return byte
  return -1
}
