/** Whatever the bytes, decoding answers with a refusal or a request that keeps its promises. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  decodeAsProto,
  decodeBody,
  decodeJson,
  exchangeWith,
  type Json,
  protoOf,
  typicalRequest,
  viewOf,
} from '../../../test/support/openrtb-decode.ts'
import type { BidRequest, Deal, Floor, Imp, MediaSlot } from '../../domain/bid-request.ts'

const utf8 = new TextEncoder()
const exchanges = [
  exchangeWith(),
  exchangeWith({ protobufLayout: 'google', priceUnit: 'cpmMicros' }),
]

function expectPromises(refusal: string, request: BidRequest): void {
  expect(['none', 'malformed', 'no-usable-imp']).toContain(refusal)
  if (refusal === 'none') expect(request.imps.length).toBeGreaterThan(0)
  if (refusal !== 'malformed') expect(request.id).not.toBe('')
  const ids = request.imps.map((imp) => imp.id)
  expect(new Set(ids).size).toBe(ids.length)
  for (const imp of request.imps) expectImp(imp)
  expect(request.tmaxMs).toBeGreaterThanOrEqual(0)
  expect([1, 2]).toContain(request.auctionType)
  for (const domain of request.blockedDomains) expect(domain).toBe(domain.toLowerCase())
  if (request.privacyLimit !== 0) {
    expect([request.devices.count, request.gender, request.geo.city]).toEqual([0, '', ''])
  }
}

function expectImp(imp: Imp): void {
  expect(imp.id).not.toBe('')
  expect(imp.multiplier).toBeGreaterThan(0)
  expect([imp.banner, imp.video, imp.audio, imp.native].some((slot) => slot !== null)).toBe(true)
  expectFloor(imp.floor)
  for (const deal of imp.deals) expectDeal(deal)
  if (imp.video !== null) expectSlot(imp.video)
  if (imp.audio !== null) expectSlot(imp.audio)
  for (const { w, h } of imp.banner?.sizes ?? []) expect(Math.min(w, h)).toBeGreaterThan(0)
  if (imp.native !== null) expect(imp.native.assets.length).toBeGreaterThan(0)
}

function expectFloor({ cpmMicros, currency }: Floor): void {
  expect(Number.isSafeInteger(cpmMicros) && cpmMicros >= 0).toBe(true)
  expect(currency).not.toBe('')
}

function expectDeal(deal: Deal): void {
  expect(deal.id).not.toBe('')
  expectFloor(deal.floor)
}

function expectSlot(slot: MediaSlot): void {
  expect(slot.minSec).toBeGreaterThanOrEqual(0)
  expect(slot.maxSec).toBeGreaterThan(0)
  expect(Number.isSafeInteger(slot.floorPerSecMicros)).toBe(true)
}

/** Bytes that were a body until some were changed, cut or repeated. */
function mutated(body: Uint8Array): fc.Arbitrary<Uint8Array> {
  const change = fc.tuple(fc.nat(body.length - 1), fc.nat(255))
  return fc
    .tuple(fc.array(change, { minLength: 1, maxLength: 6 }), fc.nat(3), fc.nat(body.length))
    .map(([changes, how, at]) => {
      const copy = Uint8Array.from(body)
      for (const [index, value] of changes) copy[index] = value
      if (how === 1) return copy.subarray(0, at)
      return how === 2 ? Uint8Array.from([...copy, ...copy.subarray(at)]) : copy
    })
}

test('mutated JSON never throws', () => {
  const body = utf8.encode(JSON.stringify(typicalRequest))
  fc.assert(
    fc.property(mutated(body), fc.constantFrom(...exchanges), (bytes, exchange) => {
      const { refusal, request } = decodeBody(bytes, exchange, true)
      expectPromises(refusal, request)
    }),
    { numRuns: 2_000 },
  )
})

test('mutated protobuf never throws', () => {
  for (const exchange of exchanges) {
    const body = protoOf(typicalRequest, exchange.protobufLayout)
    fc.assert(
      fc.property(mutated(body), (bytes) => {
        const { refusal, request } = decodeBody(bytes, exchange, false)
        expectPromises(refusal, request)
      }),
      { numRuns: 1_000 },
    )
  }
})

test('arbitrary bytes never throw, on either wire', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 80 }), fc.boolean(), (bytes, isJson) => {
      const { refusal, request } = decodeBody(bytes, exchanges[0], isJson)
      expectPromises(refusal, request)
    }),
    { numRuns: 2_000 },
  )
})

/** Paths of all values of a JSON tree. */
function pathsOf(value: unknown, path: readonly string[] = []): (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return [path]
  return [path, ...Object.entries(value).flatMap(([key, each]) => pathsOf(each, [...path, key]))]
}

function withValue(tree: unknown, path: readonly string[], value: unknown): unknown {
  const [key, ...rest] = path
  if (key === undefined) return value
  const copy = structuredClone(tree) as Record<string, unknown>
  copy[key] = withValue(copy[key], rest, value)
  return copy
}

const strange = fc.oneof(
  fc.jsonValue({ maxDepth: 2 }),
  fc.constantFrom(
    null,
    '',
    '0',
    -1,
    1e300,
    '1e309',
    0.5,
    true,
    [],
    {},
    [null],
    'NaN',
    '\ud800',
    ' ',
  ),
)

test('any value at any place of a request never throws, and means the same on both wires', () => {
  const paths = pathsOf(typicalRequest).filter((path) => path.length > 0)
  fc.assert(
    fc.property(
      fc.constantFrom(...paths),
      strange,
      fc.constantFrom(...exchanges),
      (path, value, exchange) => {
        const body = withValue(typicalRequest, path, value) as Json
        const json = decodeJson(body, exchange)
        expectPromises(json.refusal, json.request)
        const proto = decodeAsProto(body, exchange)
        expect(proto.refusal).toBe(json.refusal)
        expect(viewOf(proto.request)).toEqual({ ...viewOf(json.request), isJson: false })
      },
    ),
    { numRuns: 3_000 },
  )
})
