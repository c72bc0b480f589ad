import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import {
  newOrtbBid,
  newOrtbBidResponse,
  newOrtbSeatBid,
  type OrtbBid,
  type OrtbBidResponse,
} from '../../src/media/openrtb/wire/openrtb.generated.ts'
import { writeBidResponseProto } from '../../src/media/openrtb/wire/ortb-proto-writer.ts'
import { asProtobuf } from '../data/bid-requests.ts'
import { type Answer, AnswerKind } from './answer-kinds.ts'
import { answerReaders } from './answer-readers.ts'

const request = Buffer.from(
  JSON.stringify({
    id: 'r',
    imp: [
      { id: 'a', bidfloor: 0.5, banner: { w: 300, h: 250 } },
      { id: 'b', banner: {}, pmp: { deals: [{ id: 'd', bidfloor: 2 }] } },
    ],
  }),
)

function answer(status: number, body: Uint8Array = new Uint8Array(0)): Answer {
  return { status, body, from: 0, to: body.length }
}

function response(own: Partial<OrtbBid>): OrtbBidResponse {
  const seat = newOrtbSeatBid()
  seat.bid = [Object.assign(newOrtbBid(), { id: '1', ...own })]
  return Object.assign(newOrtbBidResponse(), { id: 'r', seatbid: [seat] })
}

const asJson = (own: Partial<OrtbBid>): Uint8Array =>
  Buffer.from(
    JSON.stringify(response(own), (_, value: unknown) => (value === null ? undefined : value)),
  )

describe.each([
  ['JSON', request, asJson],
  [
    'protobuf',
    asProtobuf(request, 'iab'),
    (own: Partial<OrtbBid>) => writeBidResponseProto(response(own), 'iab'),
  ],
] as const)('answers in %s', (wire, sent, write) => {
  const read = answerReaders[`openrtb ${wire}`]!()

  test('a bid at its floor is right, one below it is not', () => {
    expect(read(answer(200, write({ impid: 'a', price: 0.5 })), sent)).toBe(AnswerKind.Accept)
    expect(read(answer(200, write({ impid: 'a', price: 0.49 })), sent)).toBe(AnswerKind.Invalid)
    expect(read(answer(200, write({ impid: 'b', price: 0.01 })), sent)).toBe(AnswerKind.Accept)
  })

  test('a deal has its own floor, and must have been offered', () => {
    const bid = (dealid: string, price: number) =>
      read(answer(200, write({ impid: 'b', price, dealid })), sent)
    expect(bid('d', 2)).toBe(AnswerKind.Accept)
    expect(bid('d', 1.99)).toBe(AnswerKind.Invalid)
    expect(bid('e', 9)).toBe(AnswerKind.Invalid)
  })

  test('an impression that was not offered, no bid at all, and damage are invalid', () => {
    expect(read(answer(200, write({ impid: 'c', price: 9 })), sent)).toBe(AnswerKind.Invalid)
    expect(read(answer(200, write({ impid: 'a', price: 0 })), sent)).toBe(AnswerKind.Invalid)
    expect(read(answer(200), sent)).toBe(AnswerKind.Invalid)
    const whole = write({ impid: 'a', price: 1 })
    expect(read(answer(200, whole.subarray(0, -3)), sent)).toBe(AnswerKind.Invalid)
  })

  test('204 is a refusal, other statuses are bad, and gzip is undone on both sides', () => {
    expect(read(answer(204), sent)).toBe(AnswerKind.Refuse)
    expect(read(answer(500), sent)).toBe(AnswerKind.BadStatus)
    expect(read(answer(400), sent)).toBe(AnswerKind.BadStatus)
    const packed = gzipSync(write({ impid: 'a', price: 0.49 }))
    expect(read(answer(200, packed), gzipSync(sent))).toBe(AnswerKind.Invalid)
  })
})

test('hostile bodies may be answered with 200, 204, 400 and 413 only', () => {
  const read = answerReaders['openrtb hostile']!()
  const kinds = [200, 204, 400, 413, 404, 500, 503].map((status) =>
    read(answer(status, status === 200 ? Uint8Array.of(1) : undefined), request),
  )
  const { Accept, Refuse, BadStatus } = AnswerKind
  expect(kinds).toEqual([Accept, Refuse, Refuse, Refuse, BadStatus, BadStatus, BadStatus])
})
