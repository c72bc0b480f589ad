/** How answers look in JSON. */
import { expect, test } from 'vitest'
import { readBidResponseJson } from './json-reader.ts'
import { decimalText, writeBidResponseJson, writeNativeResponseJson } from './json-writer.ts'
import {
  newOrtbBid,
  newOrtbBidExt,
  newOrtbBidResponse,
  newOrtbNativeResponse,
  newOrtbNativeResponseAsset,
  newOrtbSeatBid,
  type OrtbBid,
} from './openrtb.generated.ts'

function textWith(bid: Partial<OrtbBid>): string {
  const response = newOrtbBidResponse()
  const seat = newOrtbSeatBid()
  seat.bid = [Object.assign(newOrtbBid(), bid)]
  response.seatbid = [seat]
  return new TextDecoder().decode(writeBidResponseJson(response))
}

test('what is absent is left out', () => {
  expect(new TextDecoder().decode(writeBidResponseJson(newOrtbBidResponse()))).toBe('{}')
  expect(textWith({ id: '1', adomain: [], w: null })).toBe('{"seatbid":[{"bid":[{"id":"1"}]}]}')
})

test('a flag is 0 or 1', () => {
  const response = newOrtbBidResponse()
  response.seatbid = [
    Object.assign(newOrtbSeatBid(), { group: false }),
    Object.assign(newOrtbSeatBid(), { group: true }),
  ]
  expect(new TextDecoder().decode(writeBidResponseJson(response))).toBe(
    '{"seatbid":[{"group":0},{"group":1}]}',
  )
})

test('a text is escaped, whatever it holds', () => {
  const adm = '<a href="x">\\\n\u2028\u0001é😀</a>'
  const text = textWith({ adm })
  expect((JSON.parse(text) as { seatbid: { bid: OrtbBid[] }[] }).seatbid[0]?.bid[0]?.adm).toBe(adm)
})

test.each([
  [0, '0'],
  [2.71, '2.71'],
  [0.1 + 0.2, '0.30000000000000004'],
  [1e-7, '0.0000001'],
  [1.25e-9, '0.00000000125'],
  [-1.5e-8, '-0.000000015'],
  [1e21, '1000000000000000000000'],
  [1.5e22, '15000000000000000000000'],
  [Number.MIN_VALUE, `0.${'0'.repeat(323)}5`],
])('the price %d is written %s and reads back the same', (price, text) => {
  expect(decimalText(price)).toBe(text)
  expect(Number(text)).toBe(price)
})

test('a price that is no number is left out', () => {
  expect(textWith({ id: '1', price: Number.NaN })).toBe('{"seatbid":[{"bid":[{"id":"1"}]}]}')
})

test('a number of 64 bits is a text, so that no reader loses digits', () => {
  const ext = Object.assign(newOrtbBidExt(), { billing_id: '9007199254740993' })
  expect(textWith({ ext })).toContain('"ext":{"billing_id":"9007199254740993"}')
})

test('native markup stands under adm, as an object or as its text', () => {
  const native = newOrtbNativeResponse()
  native.assets = [Object.assign(newOrtbNativeResponseAsset(), { id: 1, required: true })]
  const text = '{"assets":[{"id":1,"required":1}]}'
  expect(writeNativeResponseJson(native)).toBe(text)
  expect(textWith({ adm_native: native })).toContain(`"adm":${text}`)
  const both = textWith({ adm: text, adm_native: native })
  expect(both.match(/"adm"/g)).toHaveLength(1)
  expect(readBidResponseJson(new TextEncoder().encode(both))?.seatbid[0]?.bid[0]?.adm).toBe(text)
})
