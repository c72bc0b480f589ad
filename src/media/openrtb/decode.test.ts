/** From bytes to a request: what is malformed, both wires, and every development request. */
import { existsSync, readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
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
import { BidRequest } from '../../domain/bid-request.ts'

const imp = [{ id: '1', banner: { w: 300, h: 250 } }]

describe('malformed is', () => {
  test.each([
    ['an empty body', ''],
    ['no JSON', 'hello'],
    ['cut JSON', '{"id":"r","imp":[{"id":"1"'],
    ['a list', '[]'],
    ['null', 'null'],
    ['without id', JSON.stringify({ imp })],
    ['with an empty id', JSON.stringify({ id: '', imp })],
    ['with an id that is no text', JSON.stringify({ id: {}, imp })],
    ['without impressions', JSON.stringify({ id: 'r' })],
    ['with none in the list', JSON.stringify({ id: 'r', imp: [] })],
    ['with impressions that are no objects', JSON.stringify({ id: 'r', imp: [1, 'x', null] })],
    ['with more behind it', `${JSON.stringify({ id: 'r', imp })} x`],
  ])('%s', (_, body) => expect(decodeBody(body).refusal).toBe('malformed'))

  test.each([
    ['an empty body', []],
    ['no protobuf', [0xff, 0xff, 0xff]],
    ['without impressions', [0x0a, 0x01, 0x61]],
    ['without id', [0x12, 0x00]],
    ['cut', [0x0a, 0x05, 0x61]],
  ])('%s, as protobuf', (_, bytes) => {
    expect(decodeBody(Uint8Array.from(bytes), exchangeWith(), false).refusal).toBe('malformed')
  })
})

describe('nothing else is malformed:', () => {
  test.each([
    ['unknown fields', { unknown: { a: [1] }, ext: 7 }],
    ['numbers beyond every list', { at: 999, cattax: -1, device: { devicetype: 99 } }],
    ['objects where texts belong', { cur: {}, badv: [{}], device: { ua: [] } }],
    ['texts where objects belong', { site: 'x', device: 'y', user: 'z', regs: 1, source: [] }],
    ['nulls', { site: null, device: null, user: null, regs: null, source: null, tmax: null }],
    ['broken privacy texts', { regs: { gpp: '???', gpp_sid: [2] }, user: { consent: '###' } }],
  ])('%s', (_, parts) => expect(decodeJson({ id: 'r', imp, ...parts }).refusal).toBe('none'))
})

test('a request that was cleared decodes as a new one', () => {
  const first = decodeJson(typicalRequest).request
  first.clear()
  expect(viewOf(first)).toEqual(viewOf(new BidRequest()))
})

test('both wires and layouts give the same request', () => {
  const { request } = decodeJson(typicalRequest)
  expect(request.imps[0]?.deals).toHaveLength(1)
  expect(request.devices.count).toBe(4)
  const expected = { ...viewOf(request), isJson: false }
  expect(viewOf(decodeAsProto(typicalRequest).request)).toEqual(expected)
  const google = exchangeWith({ protobufLayout: 'google' })
  expect(viewOf(decodeAsProto(typicalRequest, google).request)).toEqual(expected)
})

test('the bytes of a body are not changed', () => {
  const body = protoOf(typicalRequest)
  const before = Uint8Array.from(body)
  decodeBody(body, exchangeWith(), false)
  expect(body).toEqual(before)
})

const folder = new URL('../../../../shared/openrtb/', import.meta.url)
const file = new URL('requests-dev.ndjson.gz', folder)

interface Line {
  readonly source: string
  readonly body: Json
}

/** A refusal that a person agrees with: no impression says what it wants, or none can be filled. */
function isAgreed({ body }: Line): boolean {
  const imps = body['imp'] as readonly Json[]
  return imps.every((each) => {
    const others = ['banner', 'video', 'audio'].some((format) => each[format] !== undefined)
    return !others && !asksForAssets((each['native'] as Json | undefined)?.['request'])
  })
}

function asksForAssets(request: unknown): boolean {
  try {
    const value: unknown = typeof request === 'string' ? JSON.parse(request) : request
    if (typeof value === 'string') return asksForAssets(value)
    const { assets, native } = value as { assets?: unknown; native?: unknown }
    return native === undefined ? Array.isArray(assets) && assets.length > 0 : asksForAssets(native)
  } catch {
    return false
  }
}

describe('the development requests', () => {
  const isThere = existsSync(file)
  if (!isThere) console.warn(`skipped: ${file.pathname} is absent, so its requests are not decoded`)

  const lines = (): readonly Line[] =>
    gunzipSync(readFileSync(file))
      .toString()
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Line)

  test.skipIf(!isThere)('are decoded, or refused for a reason that a person agrees with', () => {
    const refused = lines()
      .map((line) => ({ ...line, refusal: decodeJson(line.body).refusal }))
      .filter(({ refusal }) => refusal !== 'none')
    const list = refused.map(({ source, refusal }) => `${refusal} ${source}`).join('\n')
    expect(
      refused.filter((line) => !isAgreed(line)),
      list,
    ).toEqual([])
    // 651 requests: the rest must decode, or a rule has become stricter than it was judged to be.
    expect(refused.length, list).toBeLessThanOrEqual(25)
    expect(
      refused.filter(({ refusal }) => refusal !== 'no-usable-imp'),
      list,
    ).toEqual([])
  })

  test.skipIf(!isThere)('say the same as protobuf, in both layouts', () => {
    const layouts = [exchangeWith(), exchangeWith({ protobufLayout: 'google' })]
    for (const { source, body } of lines()) {
      // The specification's oneof keeps one of these on the protobuf wire.
      if (body['site'] !== undefined && body['app'] !== undefined) continue
      const json = decodeJson(body)
      for (const exchange of layouts) {
        const proto = decodeAsProto(body, exchange)
        expect(proto.refusal, source).toBe(json.refusal)
        expect(viewOf(proto.request), source).toEqual({ ...viewOf(json.request), isJson: false })
      }
    }
  })
})
