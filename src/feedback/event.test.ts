import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import protobuf from 'protobufjs'
import { describe, expect, test } from 'vitest'
import {
  EventKind,
  EventSource,
  eventOf,
  noticeEventId,
  outsideEventId,
  PriceState,
} from './event.ts'
import { decodeEvent, encodeEvent } from './event-codec.ts'
import { newTokens, signUsual } from './test-tokens.ts'
import { TokenKind, tokenOf } from './token.ts'
import type { BidToken } from './token-body.ts'

const receivedAtMs = 1_795_305_612_345

/** Another reader of our bytes: protobufjs over proto/feedback.proto. */
const { root } = protobuf.parse(
  readFileSync(join(import.meta.dirname, '../../proto/feedback.proto'), 'utf8'),
)
const oracle = root.lookupType('sluice.v1.FeedbackEvent')

function usualToken(): BidToken {
  const { tokens } = newTokens()
  const reading = tokens.verify(tokenOf(signUsual(tokens), TokenKind.Bill), TokenKind.Bill)
  if (!reading.ok) throw new Error('the usual token is refused')
  return reading.token
}

describe('the event of a token', () => {
  const token = usualToken()
  const event = eventOf(EventKind.Bill, token, receivedAtMs)

  test('has everything that the token knows', () => {
    const { issuedAtMs, lifeMinutes, priceMicros, ...same } = token
    expect(event).toMatchObject(same)
    expect(event).toMatchObject({ decidedAtMs: issuedAtMs, bidMicros: priceMicros, receivedAtMs })
    expect(lifeMinutes).toBeGreaterThan(0)
  })

  test('comes back whole from its bytes', () => {
    expect(decodeEvent(encodeEvent(event))).toEqual(event)
  })

  test('reads the same through another implementation of protobuf', () => {
    const seen = oracle.toObject(oracle.decode(encodeEvent(event)), { longs: Number })
    expect(seen).toMatchObject({
      version: 1,
      id: event.id,
      kind: EventKind.Bill,
      receivedAtMs,
      decisionId: token.decisionId,
      campaign: token.campaign,
      bidMicros: token.priceMicros,
      currency: 'USD',
      multiplier: 1,
      ctr: token.ctr,
      arms: token.arms,
    })
    expect(Buffer.from(seen['devices'] as Uint8Array).toString('hex')).toBe('0b0000000180000000')
    // An absent double is "not known", not zero.
    const unknown = encodeEvent({ ...event, ctr: Number.NaN, cvr: 0 })
    expect(oracle.toObject(oracle.decode(unknown))).not.toHaveProperty('ctr')
    expect(oracle.toObject(oracle.decode(unknown))).toHaveProperty('cvr', 0)
  })

  test('may be of another writer, with fields we do not know', () => {
    const bytes = oracle
      .encode(oracle.create({ version: 1, id: 'x', kind: 2, flags: [3, 300], campaign: 2 ** 47 }))
      .finish()
    const unknown = Uint8Array.from([...bytes, 0xfa, 0x3e, 2, 1, 2])
    expect(decodeEvent(unknown)).toMatchObject({
      kind: EventKind.Click,
      flags: [3, 300],
      campaign: 2 ** 47,
      ctr: Number.NaN,
      devices: [],
    })
  })
})

test('proto/feedback.proto has the fields and numbers that the code writes', () => {
  const written = encodeEvent({
    version: 1,
    id: 'i',
    kind: EventKind.Loss,
    source: EventSource.Api,
    eventTimeMs: 1,
    receivedAtMs: 2,
    isTest: true,
    flags: [1],
    decisionId: 'd',
    bidNumber: 1,
    decidedAtMs: 1,
    impIndex: 1,
    medium: 'm',
    exchange: 1 as BidToken['exchange'],
    advertiser: 2 as BidToken['exchange'],
    campaign: 3 as BidToken['exchange'],
    creative: 4 as BidToken['exchange'],
    strategy: 5 as BidToken['exchange'],
    devices: [{ type: 1, high: 2, low: 3 }],
    priceMicros: 6,
    priceState: PriceState.Known,
    bidMicros: 7,
    minToWinMicros: 8,
    currency: 'c',
    multiplier: 1.5,
    lossReason: 102,
    auctionType: 2,
    hasDeal: true,
    ctr: 0.25,
    cvr: 0.5,
    ctrModel: 9 as BidToken['exchange'],
    cvrModel: 10 as BidToken['exchange'],
    arms: [11 as BidToken['exchange']],
    action: 'a',
    orderId: 'o',
    valueMicros: 12,
    valueCurrency: 'v',
    clickId: 'k',
    network: 'n',
    agent: 13,
  })
  const read = oracle.toObject(oracle.decode(written), { longs: Number }) as Record<string, unknown>
  expect(Object.keys(read).sort()).toEqual(Object.keys(oracle.fields).sort())
  const { devices, ...rest } = decodeEvent(written) ?? { devices: [] }
  expect(read).toEqual({ ...rest, devices: read['devices'] })
  expect(devices).toEqual([{ type: 1, high: 2, low: 3 }])
})

test('kinds and states have the numbers of the proto', () => {
  const numbers = (name: string): number[] => Object.values(root.lookupEnum(name).values)
  expect(numbers('EventKind')).toEqual([0, ...Object.values(EventKind)])
  expect(numbers('EventSource')).toEqual([0, ...Object.values(EventSource)])
  expect(numbers('PriceState')).toEqual(Object.values(PriceState))
})

describe('event ids', () => {
  const token = usualToken()

  test('are the same for a repeat, and others for another kind, bid, decision or time', () => {
    const id = noticeEventId(EventKind.Win, token)
    expect(noticeEventId(EventKind.Win, { ...token })).toBe(id)
    expect(id).toMatch(/^[\w-]{22}$/)
    const others = [
      noticeEventId(EventKind.Bill, token),
      noticeEventId(EventKind.Win, { ...token, bidNumber: 2 }),
      noticeEventId(EventKind.Win, { ...token, decisionId: '0123456789abcdee' }),
      noticeEventId(EventKind.Win, { ...token, issuedAtMs: token.issuedAtMs + 1 }),
    ]
    expect(new Set([id, ...others]).size).toBe(5)
  })

  test('of outside events do not run origin and name together', () => {
    const id = outsideEventId(EventKind.Conversion, 'a', 'b/c')
    expect(outsideEventId(EventKind.Conversion, 'a/b', 'c')).not.toBe(id)
    expect(outsideEventId(EventKind.Click, 'a', 'b/c')).not.toBe(id)
  })

  test('are pinned: an id that changes counts old events twice', () => {
    expect(noticeEventId(EventKind.Win, token)).toBe('YW4c77tb_Evmfn9UntZ6MQ')
  })
})

describe('bytes that are no event', () => {
  const event = eventOf(EventKind.Click, usualToken(), receivedAtMs)

  test.each([
    ['nothing', new Uint8Array(0)],
    ['garbage', Uint8Array.of(0xff, 0xff, 0xff)],
    ['another version', encodeEvent({ ...event, version: 2 })],
    ['no kind', encodeEvent({ ...event, kind: 0 as EventKind })],
    ['a kind of the future', encodeEvent({ ...event, kind: 7 as EventKind })],
    ['no id', encodeEvent({ ...event, id: '' })],
    ['half a device key', Uint8Array.from([...encodeEvent(event), 0x9a, 0x01, 2, 1, 2])],
  ])('%s: null', (_about, bytes) => expect(decodeEvent(bytes)).toBeNull())

  test('cut anywhere: null or an event, never a throw', () => {
    const bytes = encodeEvent(event)
    for (let end = 0; end < bytes.length; end++) {
      expect(() => decodeEvent(bytes.subarray(0, end))).not.toThrow()
    }
  })
})
