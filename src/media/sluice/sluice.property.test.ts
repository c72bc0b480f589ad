import fc from 'fast-check'
import { beforeEach, expect, test } from 'vitest'
import { AdRequest } from '../../domain/ad-request.ts'
import type { RtaDecision, Verdict } from '../../domain/decision.ts'
import { idTypes } from '../../domain/id-type.ts'
import type { Micros } from '../../domain/money.ts'
import { Refusal } from '../../domain/refusal.ts'
import { DeviceHasher } from '../../identity/device-hasher.ts'
import { decodeToJson, loadProtoType } from '../proto-root.ts'
import { createSluiceAdapter } from './adapter.ts'
import {
  adsMax,
  askedMax,
  experimentsMax,
  fieldsMax,
  idsMax,
  partsMax,
  requestIdBytesMax,
} from './request.ts'

const type = loadProtoType('sluice.proto', 'sluice.v1.RtaRequest')
const hasher = new DeviceHasher(new Uint8Array(16))
const context = { hasher, cacheAcceptSeconds: 60, cacheRefuseSeconds: 60, cacheFailureSeconds: 1 }
const adapter = createSluiceAdapter(context)
const protobuf = ['application/x-protobuf']
const json = ['application/json']
const request = new AdRequest()

beforeEach(() => request.clear())

function decode(body: Uint8Array, headers = protobuf): Refusal {
  request.clear()
  return adapter.decode({ body, headers, query: '' }, request)
}

/** The request as a full decoder reads it, in the shape of `view`. */
function expectedView(message: Record<string, never>): unknown {
  const m = type.toObject(type.fromObject(message), { longs: String, defaults: true }) as {
    request_id: string
    os: number
    os_version: string
    geo: { country: string; city: string; latitude?: number } | null
    experiment_ids: number[]
    target_ids: string[]
    ping: boolean
    test: boolean
    ip: string
    slot_id: string
    ads: {
      ad_group_id: string
      advertiser_id: string
      target_id: string
      creative_ids: string[]
      products: { library_id: string; product_id: string }[]
    }[]
  }
  const asked = m.target_ids.slice(0, askedMax)
  return {
    requestId: m.request_id,
    os: m.os >= 0 && m.os <= 6 ? m.os : 0,
    osVersion: m.os_version,
    country: m.geo?.country ?? '',
    city: m.geo?.city ?? '',
    experimentIds: m.experiment_ids.slice(0, experimentsMax),
    asked: asked.length === 0 ? null : asked,
    kind: m.ping ? 1 : m.ads.length > 0 ? 2 : 0,
    isTest: m.test,
    ip: m.ip,
    slotId: m.slot_id,
    ads: m.ads.slice(0, adsMax).map((ad) => ({
      adGroupId: ad.ad_group_id,
      advertiserId: ad.advertiser_id,
      outTargetId: ad.target_id,
      creativeIds: ad.creative_ids.slice(0, partsMax),
      products: ad.products
        .slice(0, partsMax)
        .map((product) => ({ libraryId: product.library_id, productId: product.product_id })),
    })),
  }
}

function view(): unknown {
  const { requestId, os, osVersion, geo, experimentIds, asked, kind, isTest } = request
  const { country, city } = geo
  const { ip, slotId, ads } = request
  const part = { requestId, os, osVersion, country, city, experimentIds, asked, kind, isTest }
  return { ...part, ip, slotId, ads }
}

const text = fc.string({ unit: 'grapheme', maxLength: 12 })
const wide = fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }).map(String)
const messages = fc.record(
  {
    request_id: text,
    ids: fc.array(
      fc.record({ type: fc.integer({ min: 0, max: 25 }), value: fc.uuid(), scope: text }),
      { maxLength: 5 },
    ),
    os: fc.integer({ min: 0, max: 9 }),
    os_version: text,
    geo: fc.record({ country: text, city: text, latitude: fc.double({ noNaN: true }) }),
    experiment_ids: fc.array(fc.nat({ max: 0xffff_ffff }), { maxLength: 5 }),
    target_ids: fc.array(text, { maxLength: 4 }),
    ping: fc.boolean(),
    test: fc.boolean(),
    ip: text,
    slot_id: text,
    ads: fc.array(
      fc.record({
        ad_group_id: wide,
        advertiser_id: wide,
        target_id: text,
        creative_ids: fc.array(wide, { maxLength: 3 }),
        products: fc.array(fc.record({ library_id: wide, product_id: text }), { maxLength: 2 }),
      }),
      { maxLength: 3 },
    ),
  },
  { requiredKeys: [] },
)
const encoded = messages.map((message) => type.encode(type.fromObject(message)).finish())

/** Bytes that were a message until some of them were changed, cut, or repeated. */
const mutated = fc
  .tuple(encoded, fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 4 }), fc.nat(3))
  .map(([bytes, changes, how]) => {
    const copy = how === 1 ? Uint8Array.from([...bytes, ...bytes]) : Uint8Array.from(bytes)
    for (const [at, value] of changes) if (copy.length > 0) copy[at % copy.length] = value
    return how === 2 ? copy.subarray(0, copy.length >> 1) : copy
  })

function compareWithFullDecoder(bytes: Uint8Array): void {
  const refusal = decode(bytes)
  const full = decodeToJson(type, bytes) as Record<string, never> | null
  if (bytes.length === 0) {
    expect(refusal).toBe(Refusal.EmptyBody)
  } else if (full === null) {
    // A full decoder also refuses texts that are no UTF-8; we read U+FFFD there.
    if (refusal === Refusal.None) expect(hasBrokenText()).toBe(true)
  } else if (Buffer.byteLength(full['request_id'] ?? '') > requestIdBytesMax) {
    expect(refusal).toBe(Refusal.Malformed)
  } else {
    expect(refusal).toBe(Refusal.None)
    expect(view()).toEqual(expectedView(full))
  }
}

/** True when some text of the bytes became U+FFFD; ids and skipped parts of geo count as such. */
function hasBrokenText(): boolean {
  return broken || JSON.stringify(view()).includes('\ufffd')
}
let broken = false

test('reads arbitrary messages as a full decoder does', () => {
  broken = false
  fc.assert(fc.property(encoded, compareWithFullDecoder), { numRuns: 800 })
})

test('reads mutated messages as a full decoder does', () => {
  fc.assert(
    fc.property(mutated, (bytes) => {
      // Texts that we do not keep (ids, district) may be what the full decoder refused.
      broken = new TextDecoder('latin1').decode(bytes).match(/[\x80-\xff]/) !== null
      compareWithFullDecoder(bytes)
    }),
    { numRuns: 2_000 },
  )
})

test('reads arbitrary bytes as a full decoder does', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
      broken = bytes.some((byte) => byte >= 0x80)
      compareWithFullDecoder(bytes)
    }),
    { numRuns: 2_000 },
  )
})

test('reads JSON as it reads the same message in protobuf', () => {
  fc.assert(
    fc.property(messages, fc.boolean(), (message, isCamel) => {
      fc.pre(!('geo' in message && Object.is(message.geo?.latitude, Infinity)))
      const full = type.fromObject(message)
      const bytes = type.encode(full).finish()
      fc.pre(bytes.length > 0)
      expect(decode(bytes)).toBe(Refusal.None)
      const fromProtobuf = view()
      const devices = [request.devices.count, request.devices.doubtful]
      const body = JSON.stringify(message, (_, value: unknown) => rename(value, isCamel))
      expect(decode(new TextEncoder().encode(body), json)).toBe(Refusal.None)
      expect(view()).toEqual(fromProtobuf)
      expect([request.devices.count, request.devices.doubtful]).toEqual(devices)
    }),
    { numRuns: 500 },
  )
})

function rename(value: unknown, isCamel: boolean): unknown {
  if (!isCamel || typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()),
      inner,
    ]),
  )
}

test('never throws on arbitrary JSON, and keeps the limits', () => {
  fc.assert(
    fc.property(fc.json(), (body) => {
      decode(new TextEncoder().encode(body), json)
      decode(new TextEncoder().encode(`{"ids":[${body}],"ads":[${body}],"geo":${body}}`), json)
    }),
    { numRuns: 800 },
  )
  const many = {
    ids: Array(500).fill({ type: 'oaid', value: 'a' }),
    target_ids: Array(500).fill('t'),
  }
  decode(new TextEncoder().encode(JSON.stringify(many)), json)
  expect(request.asked).toHaveLength(256)
  expect(request.devices.doubtful + request.devices.count).toBeLessThanOrEqual(idsMax)
})

test('refuses a request of more fields than any real one has', () => {
  const fields = (count: number) =>
    Uint8Array.from({ length: count * 2 }, (_, i) => 0x48 >> (i & 1))
  expect(decode(fields(fieldsMax))).toBe(Refusal.None)
  expect(request.isTest).toBe(true)
  expect(decode(fields(fieldsMax + 1))).toBe(Refusal.Malformed)
})

test('has an enum value for every id type, under its own name', () => {
  const { values } = type.root.lookupEnum('sluice.v1.DeviceId.Type')
  for (const { code, name } of idTypes) expect(values[name.toUpperCase()]).toBe(code)
  expect(Object.keys(values)).toHaveLength(idTypes.length + 1)
})

const verdicts = fc.record({
  strategyId: text,
  targetId: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 64 }),
  factor: fc.double(),
  cpcMicros: fc.nat().map((value) => value as Micros),
  cpaMicros: fc.nat().map((value) => value as Micros),
  pcvr: fc.double(),
  products: fc.array(
    fc.record({
      libraryId: fc.oneof(wide, text),
      productId: fc.string({ maxLength: 40 }),
      priority: fc.integer({ min: 1, max: 100 }),
      score: fc.double(),
    }),
    { maxLength: 130 },
  ),
  advertiserIds: fc.array(fc.oneof(wide, text), { maxLength: 130 }),
  adIds: fc.array(wide, { maxLength: 130 }),
  tag: text,
  score: fc.integer({ min: -1, max: 255 }),
}) satisfies fc.Arbitrary<Verdict>

test('answers with a message of the type in both forms, which say the same', () => {
  fc.assert(
    fc.property(fc.array(verdicts, { maxLength: 3 }), text, (all, requestId) => {
      const decision: RtaDecision = {
        ...{ refusal: Refusal.None, verdicts: all, adResults: [], cacheSeconds: 5, tag: 't' },
        revision: 1,
        ranking: null,
      }
      request.clear()
      request.requestId = requestId
      const asProtobuf = adapter.describeAnswer(adapter.encode(request, decision))
      request.isJson = true
      const asJson = adapter.describeAnswer(adapter.encode(request, decision))
      expect(asProtobuf.valid && asJson.valid).toBe(true)
      expect(asJson.targetIds).toEqual(all.map(({ targetId }) => wellFormed(targetId)))
      expect(asProtobuf.targetIds).toEqual(asJson.targetIds)
      expect(asJson.accepted).toBe(all.length > 0)
      expect(asProtobuf.accepted).toBe(all.length > 0)
    }),
    { numRuns: 300 },
  )
})

test('has refusal bytes of both forms with the cache time of their cause', () => {
  const message = (reason: Refusal, isJson: boolean) =>
    adapter.describeAnswer(adapter.refusal(reason, isJson)).message
  expect(message(Refusal.Overload, true)).toMatchObject({ accepted: false, cacheSeconds: 1 })
  expect(message(Refusal.Overload, false)).toMatchObject({ reason: 201, cache_seconds: 1 })
  expect(message(Refusal.Malformed, true)).toMatchObject({ cacheSeconds: 60, reason: 100 })
})

test('tells the form by content type first, then by the first byte', () => {
  const form = (type: string, body: string) =>
    adapter.isJsonWire?.({ body: new TextEncoder().encode(body), headers: [type], query: '' })
  expect(form('application/json;charset=utf-8', '')).toBe(true)
  expect(form('application/x-protobuf', '{')).toBe(false)
  expect(form('', ' \n{')).toBe(true)
  expect(form('', '\n')).toBe(false)
  expect(form('application/x-www-form-urlencoded', '{}')).toBe(true)
})

/** Lone surrogates become U+FFFD, as in any UTF-8. */
function wellFormed(value: string): string {
  return Buffer.from(value).toString()
}
