/** What the fixtures of golden/ cannot say: limits, refusal bytes, and laws of every answer. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { AdRequest } from '../../domain/ad-request.ts'
import type { ProductRef, RtaDecision, Verdict } from '../../domain/decision.ts'
import { refuse } from '../../domain/decision.ts'
import { micros, noPrice } from '../../domain/money.ts'
import { Refusal } from '../../domain/refusal.ts'
import { DeviceHasher } from '../../identity/device-hasher.ts'
import type { MediumAdapter } from '../adapter.ts'
import { loadProtoType } from '../proto-root.ts'
import { createOceanengineAdapter, oceanengineRules } from './adapter.ts'
import { fieldsMax, rtaIdsMax } from './decode.ts'
import { detailsMax, limitIdsMax, productsMax } from './encode.ts'

const requestType = loadProtoType('oceanengine.proto', 'sluice.oceanengine.Req')

function newAdapter(cacheFailureSeconds = 60): MediumAdapter {
  return createOceanengineAdapter({
    hasher: new DeviceHasher(new Uint8Array(16)),
    cacheAcceptSeconds: 3_600,
    cacheRefuseSeconds: 14_400,
    cacheFailureSeconds,
  })
}

const adapter = newAdapter()

function requestFor(rtaIds: readonly string[], requestId = ''): AdRequest {
  const message = requestType.fromObject({ rta_ids: rtaIds, req_id: requestId })
  const request = new AdRequest()
  adapter.decode(wireOf(new Uint8Array(requestType.encode(message).finish())), request)
  return request
}

function wireOf(body: Uint8Array) {
  return { body, headers: [], query: '' }
}

function verdictFor(targetId: string, more: Partial<Verdict> = {}): Verdict {
  return {
    strategyId: `s${targetId}`,
    targetId,
    factor: Number.NaN,
    cpcMicros: noPrice,
    cpaMicros: noPrice,
    pcvr: Number.NaN,
    products: [],
    advertiserIds: [],
    adIds: [],
    tag: '',
    score: -1,
    ...more,
  }
}

function accept(verdicts: readonly Verdict[], cacheSeconds = 3_600): RtaDecision {
  const about = { adResults: [], tag: '', revision: 1, ranking: null }
  return { refusal: Refusal.None, verdicts, cacheSeconds, ...about }
}

function productFor(productId: string, more: Partial<ProductRef> = {}): ProductRef {
  return { libraryId: '77', productId, priority: 1, score: Number.NaN, ...more }
}

interface AnswerJson {
  user_infos: {
    rta_id?: string
    is_interested?: boolean
    user_scores?: { quality: number }[]
    pid_lists?: { pid_type?: number; pids: string[] }[]
    ad_ids?: string[]
  }[]
  bid_type?: { value?: number }
  cache_time_secs?: number
  req_id?: string
}

function answer(request: AdRequest, decision: RtaDecision) {
  const bytes = adapter.encode(request, decision)
  const summary = adapter.describeAnswer(bytes)
  return { bytes, summary, message: summary.message as AnswerJson }
}

describe('a refusal made at start', () => {
  test('is status 0 and bid_type 1, byte for byte, with the cache time of refusals', () => {
    expect(Buffer.from(adapter.refusal(Refusal.NothingAsked)).toString('hex')).toBe(
      // status_code 0, bid_type {1}, cache_time_secs 14400
      '08004a02080150c070',
    )
  })

  test('carries the shortest cache time where we failed or could not read the request', () => {
    for (const reason of [Refusal.Deadline, Refusal.Internal, Refusal.Malformed]) {
      expect(adapter.describeAnswer(adapter.refusal(reason)).message).toMatchObject({
        bid_type: { value: 1 },
        cache_time_secs: 60,
      })
    }
  })

  test('leaves the cache time out where none is configured', () => {
    const bytes = newAdapter(0).refusal(Refusal.Overload)
    expect(Buffer.from(bytes).toString('hex')).toBe('08004a020801')
  })
})

describe('an answer', () => {
  test('writes out zeros that the medium calls required', () => {
    const { bytes } = answer(requestFor(['5']), refuse(Refusal.AudienceMismatch))
    // status_code 0, user_infos {is_interested 0, rta_id 5}, bid_type {1}
    expect(Buffer.from(bytes).toString('hex')).toBe('08003a04080018054a020801')
  })

  test('names every id asked once and in order, true exactly for the verdicts', () => {
    const id = fc.oneof(
      fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String),
      fc.integer({ min: 0, max: 30 }).map(String),
    )
    fc.assert(
      fc.property(
        fc.array(id, { minLength: 1, maxLength: 60 }),
        fc.array(id, { maxLength: 10 }),
        fc.infiniteStream(fc.boolean()),
        (asked, strangers, coin) => {
          const chosen = asked.filter(() => coin.next().value)
          const verdicts = [...chosen, ...strangers].map((target) => verdictFor(target))
          const { summary, message } = answer(requestFor(asked, 'r-1'), accept(verdicts))
          const unique = [...new Set(asked)]
          const taking = new Set([...chosen, ...strangers])
          expect(message.req_id).toBe('r-1')
          expect(message.user_infos.map((info) => info.rta_id ?? '0')).toEqual(unique)
          expect(summary.targetIds).toEqual(unique.filter((target) => taking.has(target)))
          expect(summary.accepted).toBe(summary.targetIds.length > 0)
          expect(message.bid_type).toEqual(summary.accepted ? {} : { value: 1 })
        },
      ),
      { numRuns: 300 },
    )
  })

  test('is a refusal with all ids false when nothing of it was asked, kept as a refusal', () => {
    const { message, summary } = answer(requestFor(['1', '2']), accept([verdictFor('3')]))
    expect(summary.accepted).toBe(false)
    expect(message.bid_type).toEqual({ value: 1 })
    expect(message.cache_time_secs).toBe(14_400)
  })

  test('uses the first of two verdicts about one id, which ranks higher', () => {
    const verdicts = [verdictFor('1', { factor: 1.5 }), verdictFor('1', { factor: 0.5 })]
    const { message } = answer(requestFor(['1']), accept(verdicts))
    expect(message.user_infos[0]?.user_scores).toEqual([{ user_type: 'PRICE_COEF', quality: 1.5 }])
  })

  test('says a failure with the cache time of failures, whatever the decision says', () => {
    const { message } = answer(requestFor(['1']), refuse(Refusal.Deadline, 14_400))
    expect(message.cache_time_secs).toBe(60)
  })

  test('refuses when the decision does, even with verdicts left in it', () => {
    const decision = { ...accept([verdictFor('1')]), refusal: Refusal.Overload }
    const { summary, message } = answer(requestFor(['1']), decision)
    expect(summary.accepted).toBe(false)
    expect(message.bid_type).toEqual({ value: 1 })
  })

  test('never carries a factor that is no positive number', () => {
    for (const factor of [Number.NaN, Number.POSITIVE_INFINITY, 0, -1]) {
      const { message } = answer(requestFor(['1']), accept([verdictFor('1', { factor })]))
      expect(message.user_infos).toEqual([{ is_interested: true, rta_id: '1' }])
    }
  })

  test('rounds prices down to whole 分', () => {
    const verdicts = [verdictFor('1', { cpcMicros: micros(19_999) })]
    const { message } = answer(requestFor(['1']), accept(verdicts))
    expect(message.user_infos[0]?.user_scores?.[0]?.quality).toBe(1)
  })

  test.each([
    [100, 0],
    [81, 0],
    [80, 1],
    [60, 2],
    [40, 3],
    [20, 4],
    [1, 4],
    [0, 4],
    [999, 0],
  ])('puts products of priority %i into pid_type %i', (priority, pidType) => {
    const products = [productFor('9', { priority })]
    const { message } = answer(requestFor(['1']), accept([verdictFor('1', { products })]))
    expect(message.user_infos[0]?.pid_lists?.[0]?.pid_type ?? 0).toBe(pidType)
  })

  test('cuts products and ads at their limits, first things first', () => {
    const numbers = Array.from({ length: 300 }, (_, index) => String(index + 1))
    const verdict = verdictFor('1', {
      products: numbers.map((id) => productFor(id, { score: 0.5 })),
      adIds: numbers,
    })
    const { message } = answer(requestFor(['1']), accept([verdict]))
    expect(message.user_infos[0]?.pid_lists?.[0]?.pids).toEqual(numbers.slice(0, productsMax))
    expect(message.user_infos[0]?.ad_ids).toEqual(numbers.slice(0, limitIdsMax))
  })

  test('answers false rather than widen a strategy whose ads no longer fit', () => {
    const asked = Array.from({ length: detailsMax / limitIdsMax + 1 }, (_, index) => String(index))
    const adIds = Array.from({ length: limitIdsMax }, () => '9223372036854775807')
    const verdicts = asked.map((target) => verdictFor(target, { adIds }))
    const { summary } = answer(requestFor(asked), accept(verdicts))
    expect(summary.targetIds).toEqual(asked.slice(0, -1))
  })

  test.each(['', 'abc', '1.5', '9223372036854775808', '1e3', ' 1'])(
    'answers false for a strategy limited to the ad "%s", which no int64 can say',
    (adId) => {
      const { summary } = answer(requestFor(['1']), accept([verdictFor('1', { adIds: [adId] })]))
      expect(summary.accepted).toBe(false)
    },
  )

  test('fits its buffer with everything at its limit', () => {
    const asked = Array.from({ length: rtaIdsMax }, (_, index) => String(-1 - index))
    const numbers = Array.from({ length: 300 }, (_, index) => String(2n ** 62n + BigInt(index)))
    const products = numbers.map((id, index) =>
      productFor(id, { libraryId: id, score: index / 300 }),
    )
    const more = {
      products,
      adIds: numbers,
      advertiserIds: numbers,
      pcvr: 0.5,
      factor: 2,
      tag: '10',
    }
    const verdicts = asked.map((target) => verdictFor(target, more))
    const { summary, bytes } = answer(requestFor(asked, 'x'.repeat(256)), accept(verdicts))
    expect(summary.valid).toBe(true)
    expect(summary.targetIds.length).toBeGreaterThan(0)
    expect(bytes.length).toBeLessThan(256 * 1_024)
  })
})

describe('an adapter', () => {
  test('survives any bytes and answers what it read of them with a valid refusal', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (body) => {
        const request = new AdRequest()
        const refusal = adapter.decode(wireOf(body), request)
        const decision = refuse(refusal === Refusal.None ? Refusal.NoStrategy : refusal)
        const { summary } = answer(request, decision)
        expect(summary).toMatchObject({ valid: true, accepted: false })
      }),
      { numRuns: 3_000 },
    )
  })

  test('reads as many fields as its limit and refuses one more', () => {
    // rta_ids 1, then ages of 1.
    const unknown = (fields: number) =>
      Uint8Array.from({ length: 2 * fields }, (_, i) => (i === 0 ? 0x70 : i % 2 === 1 ? 1 : 0x20))
    expect(adapter.decode(wireOf(unknown(fieldsMax)), new AdRequest())).toBe(Refusal.None)
    expect(adapter.decode(wireOf(unknown(fieldsMax + 1)), new AdRequest())).toBe(Refusal.Malformed)
  })

  test('keeps nothing of one request for the next', () => {
    const full = {
      rta_ids: ['1'],
      did: '3f2a9c1e-77b4-4d0e-9a55-0c1d2e3f4a5b',
      did_type: 6,
      platform: 1,
      experiment: 3,
      vids: [4],
      enable_strategy: 3,
      city: 'a',
      geo: { city: '1', lat: 2, lon: 3, country: 'CN', district: '4' },
      device: { ip: '192.0.2.1', os_version: '14', paids: [{ value: 'abcdefgh', version: '1' }] },
    }
    const bytesOf = (message: object) =>
      new Uint8Array(requestType.encode(requestType.fromObject(message)).finish())
    const busy = newAdapter()
    busy.decode(wireOf(bytesOf(full)), new AdRequest())
    const after = new AdRequest()
    const fresh = new AdRequest()
    busy.decode(wireOf(bytesOf({ rta_ids: ['2'] })), after)
    newAdapter().decode(wireOf(bytesOf({ rta_ids: ['2'] })), fresh)
    expect(after).toEqual(fresh)
  })

  test('calls an answer with another status, or no answer, invalid', () => {
    expect(adapter.describeAnswer(new Uint8Array([8, 1])).valid).toBe(false)
    expect(adapter.describeAnswer(new Uint8Array([0xff])).valid).toBe(false)
  })

  test('calls ids of an answer that refuses the device no targets', () => {
    // user_infos {is_interested, rta_id 5}, bid_type {2}
    const bytes = Buffer.from('3a04080118054a020802', 'hex')
    expect(adapter.describeAnswer(bytes)).toMatchObject({ valid: true, accepted: false })
  })

  test('states rules that hold together', () => {
    const { cacheSecondsMin, cacheSecondsMax, factorMin, factorMax } = oceanengineRules
    expect(cacheSecondsMin).toBeLessThan(cacheSecondsMax)
    expect(factorMin).toBeLessThan(factorMax)
    expect('-9223372036854775808').toHaveLength(oceanengineRules.targetIdCharsMax)
  })
})
