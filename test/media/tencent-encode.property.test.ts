/** Tencent answers: whatever is decided, the bytes are valid and never accept by accident. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { AdRequest, RequestKind } from '../../src/domain/ad-request.ts'
import type { RtaDecision } from '../../src/domain/decision.ts'
import { isFailure, Refusal } from '../../src/domain/refusal.ts'
import { createTencentAdapter } from '../../src/media/tencent/adapter.ts'
import { targetInfosMax, targetsMax } from '../../src/media/tencent/encode.ts'
import { tencentRules } from '../../src/media/tencent/rules.ts'
import { decisionFrom, goldenHasher } from '../golden/canonical.ts'

interface WireAnswer {
  request_id?: string
  code?: number
  response_cache_time?: number
  out_target_id?: string[]
  target_infos?: Record<string, unknown>[]
  aid_whitelist?: string[]
  ad_results?: unknown[]
}

const cacheFailureSeconds = 0
const adapter = createTencentAdapter({
  hasher: goldenHasher,
  cacheAcceptSeconds: 7_200,
  cacheRefuseSeconds: 86_400,
  cacheFailureSeconds,
})

function answer(decision: RtaDecision, kind: RequestKind = RequestKind.Decide) {
  const request = new AdRequest()
  request.requestId = 'r1'
  request.kind = kind
  const bytes = adapter.encode(request, decision)
  const summary = adapter.describeAnswer(bytes)
  return { bytes, summary, message: summary.message as WireAnswer }
}

const money = fc.oneof(fc.constant(0), fc.nat(), fc.maxSafeNat())
const number = fc.oneof(fc.constant(Number.NaN), fc.double())
const id = fc.oneof(
  fc.bigInt(0n, 2n ** 65n).map(String),
  fc.constantFrom('', '-1', '1.5', 'x', '007', '99999999999999999999'),
  fc.string({ unit: 'binary', maxLength: 40 }),
)
const few = <T>(value: fc.Arbitrary<T>) => fc.array(value, { maxLength: 4 })
const price = fc.record({ cpcMicros: money, cpaMicros: money, factor: number })
const product = fc.record({ libraryId: id, productId: id, priority: number, score: number })
const verdict = fc.record({
  strategyId: fc.string(),
  targetId: id,
  factor: number,
  cpcMicros: money,
  cpaMicros: money,
  pcvr: number,
  products: few(product),
  advertiserIds: few(id),
  adIds: few(id),
  tag: fc.string({ unit: 'binary', maxLength: 24 }),
  score: fc.constant(-1),
})
const adResult = fc.record({
  adGroupId: id,
  ignore: fc.boolean(),
  price,
  creatives: few(fc.record({ creativeId: id, price })),
  products: few(fc.record({ libraryId: id, productId: id, price })),
})
const decision = fc
  .record({
    refusal: fc.constantFrom(...Object.values(Refusal), Refusal.None, Refusal.None, Refusal.None),
    verdicts: few(verdict),
    adResults: few(adResult),
    cacheSeconds: fc.oneof(fc.constant(0), fc.nat()),
    tag: fc.string({ unit: 'binary', maxLength: 24 }),
    revision: fc.nat(),
  })
  .map((value) => value as unknown as RtaDecision)
const kind = fc.constantFrom(...Object.values(RequestKind))

describe('any decision', () => {
  test('gives a valid answer that accepts only by naming whom', () => {
    fc.assert(
      fc.property(decision, kind, (given, asked) => {
        const { summary, message } = answer(given, asked)
        expect(summary.valid).toBe(true)
        expect(message.request_id).toBe('r1')
        const named = (message.out_target_id ?? []).length + (message.ad_results ?? []).length
        if (summary.accepted) {
          expect(given.refusal).toBe(Refusal.None)
          expect(named).toBeGreaterThan(0)
          expect(asked).not.toBe(RequestKind.Ping)
        } else {
          expect(message).not.toHaveProperty('target_infos')
          expect(named).toBe(0)
        }
      }),
      { numRuns: 2_000 },
    )
  })

  test('addresses each adjustment one way only, with finite numbers and a cache time in range', () => {
    fc.assert(
      fc.property(decision, (given) => {
        const { message } = answer(given)
        for (const info of message.target_infos ?? []) {
          const ways = ['out_target_id', 'aid', 'advertiser_id', 'sdpa_product_id']
          expect(ways.filter((way) => way in info)).toHaveLength(1)
          for (const field of ['user_weight_factor', 'pcvr']) {
            // A double beyond float32 would arrive as infinity.
            if (field in info) expect(typeof info[field]).toBe('number')
          }
        }
        const seconds = message.response_cache_time ?? 0
        expect(seconds).toBeGreaterThanOrEqual(tencentRules.cacheSecondsMin)
        expect(seconds).toBeLessThanOrEqual(tencentRules.cacheSecondsMax)
      }),
      { numRuns: 1_000 },
    )
  })
})

describe('refusals', () => {
  const reasons = Object.values(Refusal).filter((reason) => reason !== Refusal.None)
  test.each(reasons)('number %d says how long it holds', (reason) => {
    const { message } = answer(decisionFrom({ refusal: reason }))
    expect(message.code).toBe(reason)
    expect(message.response_cache_time).toBe(isFailure(reason) ? 3_600 : 86_400)
    const prebuilt = adapter.describeAnswer(adapter.refusal(reason)).message as WireAnswer
    if (reason === Refusal.Ping) expect(prebuilt).toEqual({ code: reason })
    else
      expect(prebuilt).toEqual({ code: reason, response_cache_time: message.response_cache_time })
  })
})

describe('limits', () => {
  test('an answer far too large is cut to its limits, not thrown', () => {
    const many = (count: number) => Array.from({ length: count }, (_, i) => String(i))
    const products = many(300).map((productId) => ({ libraryId: productId, productId }))
    const verdicts = many(2_000).map((targetId) => ({ targetId, factor: 1.1, products }))
    const { message, bytes } = answer(decisionFrom({ verdicts }))
    expect(message.out_target_id).toHaveLength(targetsMax)
    expect(message.target_infos).toHaveLength(targetInfosMax)
    expect(bytes.length).toBeLessThan(100_000)
    const adIds = many(3_000)
    const limited = answer(decisionFrom({ verdicts: [{ targetId: 't', factor: 2, adIds }] }))
    expect(limited.message.target_infos).toHaveLength(targetInfosMax)
    expect(limited.message.aid_whitelist).toHaveLength(targetInfosMax)
  })

  test('a price beyond the field is left out', () => {
    const verdicts = [{ targetId: 't', cpcMicros: Number.MAX_SAFE_INTEGER, cpaMicros: 10_000 }]
    const { message } = answer(decisionFrom({ verdicts }))
    expect(message.target_infos).toEqual([{ out_target_id: 't', cpa_price: 1 }])
  })
})

describe('describeAnswer', () => {
  test('calls garbage and an answer without a code invalid', () => {
    const invalid = { valid: false, accepted: false, targetIds: [] }
    expect(adapter.describeAnswer(Uint8Array.from([0x0a, 0x05]))).toMatchObject(invalid)
    expect(adapter.describeAnswer(new Uint8Array(0))).toMatchObject(invalid)
  })

  test('tells an unconditional accept for what it is', () => {
    const summary = adapter.describeAnswer(Uint8Array.from([0x10, 0x00]))
    expect(summary).toMatchObject({ valid: true, accepted: true, targetIds: [] })
  })
})
