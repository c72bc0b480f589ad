import { createHash, createHmac } from 'node:crypto'
import { expect, test } from 'vitest'
import { AdRequest } from '../../domain/ad-request.ts'
import { refuse } from '../../domain/decision.ts'
import type { DescribedMedium, DescribedSignature } from '../../domain/described-medium.ts'
import type { Micros } from '../../domain/money.ts'
import { Refusal } from '../../domain/refusal.ts'
import { DeviceHasher } from '../../identity/device-hasher.ts'
import { ManualClock } from '../../lib/clock.ts'
import { createDescribedAdapter } from './adapter.ts'
import { type AnswerValues, compileTemplate } from './template.ts'

const clock = new ManualClock(1_700_000_000_000)
const context = {
  ...{ hasher: new DeviceHasher(new Uint8Array(16)), clock },
  ...{ cacheAcceptSeconds: 0, cacheRefuseSeconds: 7_200, cacheFailureSeconds: 90 },
}
const geo = { country: null, city: null, district: null, latitude: null, longitude: null }
const base: DescribedMedium = {
  name: 'made-up',
  rules: {
    ...{ budgetMs: 60, cacheSecondsMin: 0, cacheSecondsMax: 86_400, factorMin: 0.2, factorMax: 5 },
    ...{ factorDecimals: 2, targetIdCharsMax: 32, numericTargets: false, refusalStatus: 200 },
  },
  request: {
    ...{ requestId: 'id', ids: [], cachedBy: [], os: null, osVersion: null, geo, ip: null },
    ...{ slotId: null, asked: null, experimentIds: null, ping: null, test: null },
  },
  signature: null,
  answer: {
    ...{ mode: 'onlyAccepted', accept: { ok: 1, ids: '$targetIds' }, refuse: { ok: 0 } },
    ...{ failure: null, contentType: 'application/json', cacheUnit: 's', priceUnit: 'fen' },
    priceDecimals: 0,
  },
  monitor: null,
}

function decodeWith(medium: DescribedMedium, body: string, headers: string[] = [], query = '') {
  const request = new AdRequest()
  const adapter = createDescribedAdapter(medium, context)
  const bytes = new TextEncoder().encode(body)
  return { request, refusal: adapter.decode({ body: bytes, headers, query }, request) }
}

function signedBy(signature: Partial<DescribedSignature>): DescribedMedium {
  const defaults: DescribedSignature = {
    ...{ algorithm: 'sha256', template: '{id}{t}{$secret}', place: { in: 'body', path: 'sign' } },
    ...{ hexCase: 'lower', secrets: ['new', 'old'], freshness: null },
  }
  return { ...base, signature: { ...defaults, ...signature } }
}

const sha = (text: string) => createHash('sha256').update(text).digest('hex')

test('accepts either secret while rotating, and no third', () => {
  const medium = signedBy({})
  const send = (secret: string) =>
    decodeWith(medium, JSON.stringify({ id: 'a', t: 7, sign: sha(`a7${secret}`) })).refusal
  expect(send('new')).toBe(Refusal.None)
  expect(send('old')).toBe(Refusal.None)
  expect(send('other')).toBe(Refusal.BadSignature)
})

test('signs the digits of a number as they were written', () => {
  const body = `{"id":12345678901234567890,"t":1.50,"sign":"${sha('123456789012345678901.50new')}"}`
  const { request, refusal } = decodeWith(signedBy({}), body)
  expect(refusal).toBe(Refusal.None)
  expect(request.requestId).toBe('12345678901234567890')
})

test('holds the case of the hex digits where the medium fixes it', () => {
  const body = JSON.stringify({ id: 'a', sign: sha('anew').toUpperCase() })
  expect(decodeWith(signedBy({}), body).refusal).toBe(Refusal.BadSignature)
  expect(decodeWith(signedBy({ hexCase: 'upper' }), body).refusal).toBe(Refusal.None)
  expect(decodeWith(signedBy({ hexCase: 'any' }), body).refusal).toBe(Refusal.None)
})

test('reads signature and time from the query, and refuses a time out of tolerance', () => {
  const medium = signedBy({
    ...{ algorithm: 'hmac-sha256', template: '{$query.t}{$body}' },
    place: { in: 'query', name: 'sign' },
    freshness: { place: { in: 'query', name: 't' }, unit: 'ms', toleranceSeconds: 10 },
  })
  const send = (t: string) => {
    const sign = createHmac('sha256', 'old').update(`${t}{"id":"a"}`).digest('hex')
    return decodeWith(medium, '{"id":"a"}', [], `x=%E4&t=${t}&sign=${sign}`).refusal
  }
  expect(send('1700000009999')).toBe(Refusal.None)
  expect(send('1699999990000')).toBe(Refusal.None)
  expect(send('1700000010001')).toBe(Refusal.BadSignature)
  expect(send('1699999989999')).toBe(Refusal.BadSignature)
  expect(send('')).toBe(Refusal.BadSignature)
  expect(send('17e11')).toBe(Refusal.BadSignature)
})

test('refuses to be built with freshness and no clock', () => {
  const freshness = { place: { in: 'body', path: 't' }, unit: 's', toleranceSeconds: 1 } as const
  const { clock: _, ...clockless } = context
  expect(() => createDescribedAdapter(signedBy({ freshness }), clockless)).toThrow(/clock/)
})

test('keeps every digit of bare strategy ids beyond 2^53 in both directions', () => {
  const medium: DescribedMedium = {
    ...base,
    rules: { ...base.rules, numericTargets: true },
    request: { ...base.request, asked: { path: 'rta', separator: '' } },
    answer: { ...base.answer, accept: { list: '$targetIdNumbers' } },
  }
  const { request } = decodeWith(medium, '{"rta":[9223372036854775807,"18446744073709551615"]}')
  expect(request.asked).toEqual(['9223372036854775807', '18446744073709551615'])
  const adapter = createDescribedAdapter(medium, context)
  const verdicts = [{ ...verdict, targetId: '9223372036854775807' }]
  const bytes = adapter.encode(request, { ...refuse(Refusal.None), verdicts })
  expect(Buffer.from(bytes).toString()).toBe('{"list":[9223372036854775807]}')
})

test('turns an accept that the wire cannot say into the refusal', () => {
  const medium = { ...base, rules: { ...base.rules, numericTargets: true } }
  const adapter = createDescribedAdapter(medium, context)
  const verdicts = [{ ...verdict, targetId: 'words' }]
  const bytes = adapter.encode(new AdRequest(), { ...refuse(Refusal.None), verdicts })
  expect(Buffer.from(bytes).toString()).toBe('{"ok":0}')
})

test('uses the failure body for failures only', () => {
  const answer = { ...base.answer, failure: { error: '$reasonName', cache: '$cacheTime' } }
  const adapter = createDescribedAdapter({ ...base, answer }, context)
  const text = (reason: Refusal) => Buffer.from(adapter.refusal(reason)).toString()
  expect(text(Refusal.Overload)).toBe('{"error":"overload","cache":90}')
  expect(text(Refusal.Malformed)).toBe('{"ok":0}')
  const encoded = adapter.encode(new AdRequest(), refuse(Refusal.AudienceUnavailable, 30))
  expect(Buffer.from(encoded).toString()).toBe('{"error":"audience-unavailable","cache":30}')
})

test('bounds what one body can make us do', () => {
  const medium: DescribedMedium = {
    ...base,
    request: {
      ...base.request,
      ids: [{ ...oaidField, separator: ',' }],
      asked: { path: 's', separator: ',' },
      experimentIds: { path: 'e', separator: '' },
    },
  }
  const body = JSON.stringify({
    oaid: Array(900).fill('a').join(','),
    s: Array.from({ length: 900 }, (_, i) => String(i)),
    e: Array(900).fill(1),
  })
  const { request } = decodeWith(medium, body)
  expect(request.asked).toHaveLength(256)
  expect(request.experimentIds).toHaveLength(64)
  expect(request.devices.doubtful + request.devices.overflow).toBeLessThanOrEqual(64)
})

const oaidField = {
  ...({ kind: 'field', path: 'oaid', type: 'oaid', scope: '', scopePath: null } as const),
  ...{ separator: '', scopeSeparator: '' },
}
const verdict = {
  ...{ strategyId: 's', targetId: 't', factor: Number.NaN, pcvr: Number.NaN, score: -1, tag: '' },
  ...{ cpcMicros: 0 as Micros, cpaMicros: 0 as Micros, products: [], advertiserIds: [], adIds: [] },
}

function values(changes: Partial<typeof verdict>, more: Partial<AnswerValues> = {}): AnswerValues {
  const strategies = [{ targetId: 't', verdict: { ...verdict, ...changes } }]
  return { requestId: 'r', reason: 0, cacheSeconds: 0, tag: '', strategies, ...more }
}

test('rounds prices down to the decimals of the unit, in integers', () => {
  const price = (micros: number, priceUnit: 'yuan' | 'fen' | 'micros', priceDecimals = 0) =>
    compileTemplate('$cpcPrice', { cacheUnit: 's', priceUnit, priceDecimals })(
      values({ cpcMicros: micros as Micros }),
    )
  expect(price(1_239_999, 'fen')).toBe('123')
  expect(price(1_239_999, 'yuan', 2)).toBe('1.23')
  expect(price(29_070_000, 'yuan', 2)).toBe('29.07')
  expect(price(1_000_001, 'yuan', 6)).toBe('1.000001')
  expect(price(1_239_999, 'micros')).toBe('1239999')
  expect(price(9_999, 'fen')).toBe('0')
  expect(price(0, 'fen')).toBe('null')
})

test('says cache times in the medium’s unit, at least one', () => {
  const cache = (cacheSeconds: number, cacheUnit: 's' | 'min' | 'h') =>
    compileTemplate(
      { c: '$cacheTime' },
      { cacheUnit, priceUnit: 'fen', priceDecimals: 0 },
    )(values({}, { cacheSeconds }))
  expect(cache(7_199, 'h')).toBe('{"c":1}')
  expect(cache(60, 'h')).toBe('{"c":1}')
  expect(cache(90, 'min')).toBe('{"c":1}')
  expect(cache(90, 's')).toBe('{"c":90}')
  expect(cache(0, 's')).toBe('{}')
})

test('leaves out members without a value, commas included', () => {
  const template = { a: '$factor', b: 1, c: '$tag', d: ['$pcvr', 2, '$score'], e: '$$5' }
  const units = { cacheUnit: 's', priceUnit: 'fen', priceDecimals: 0 } as const
  const render = compileTemplate(template, units)
  expect(render(values({}))).toBe('{"b":1,"d":[2],"e":"$5"}')
  expect(render(values({ factor: 1.5, tag: 'x"', pcvr: 0.1, score: 3 }))).toBe(
    '{"a":1.5,"b":1,"c":"x\\"","d":[0.1,2,3],"e":"$5"}',
  )
  expect(render(values({ factor: Number.POSITIVE_INFINITY }))).toBe('{"b":1,"d":[2],"e":"$5"}')
})
