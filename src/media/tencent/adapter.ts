/**
 * Tencent Ads RTA behind the port of a medium: wire in proto/tencent.proto, docs/media/tencent.md.
 */
import type { AdRequest } from '../../domain/ad-request.ts'
import { type RtaDecision, refuse } from '../../domain/decision.ts'
import { Refusal } from '../../domain/refusal.ts'
import type { AdapterContext, MediumAdapter, WireRequest } from '../adapter.ts'
import { TencentDecoder } from './decode.ts'
import { describeTencentAnswer } from './describe-answer.ts'
import { TencentEncoder } from './encode.ts'
import { tencentRules } from './rules.ts'

const noHeaders: readonly string[] = []

/** Builds the adapter, its refusal bytes included. */
export function createTencentAdapter(context: AdapterContext): MediumAdapter {
  const decoder = new TencentDecoder(context.hasher)
  const encoder = new TencentEncoder({
    acceptSeconds: context.cacheAcceptSeconds,
    refuseSeconds: context.cacheRefuseSeconds,
    // Left out, the medium's platform setting would hold, which may be a day.
    failureSeconds: context.cacheFailureSeconds || tencentRules.cacheSecondsMin,
  })
  const refusals = refusalsOf(encoder)
  const internal = refusals[Refusal.Internal] ?? new Uint8Array(0)
  return {
    name: 'tencent',
    rules: tencentRules,
    wantedHeaders: noHeaders,
    decode: (wire: WireRequest, request: AdRequest) => decoder.decode(wire.body, request),
    encode: (request: AdRequest, decision: RtaDecision) => encoder.encode(request, decision),
    refusal: (reason: Refusal) => refusals[reason] ?? internal,
    // "May be left out" (§1.1): the smallest answer is status line, length and body.
    contentType: () => '',
    describeAnswer: describeTencentAnswer,
  }
}

/** The bytes of every refusal, by its number. */
function refusalsOf(encoder: TencentEncoder): Uint8Array[] {
  const table: Uint8Array[] = []
  for (const reason of Object.values(Refusal)) {
    table[reason] = reason === Refusal.Ping ? encoder.ping('') : encoder.refusal('', refuse(reason))
  }
  return table
}
