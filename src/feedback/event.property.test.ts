import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Serial } from '../domain/serial.ts'
import { EventKind, EventSource, type FeedbackEvent, PriceState } from './event.ts'
import { decodeEvent, encodeEvent } from './event-codec.ts'

const whole = fc.maxSafeInteger().map(Math.abs)
const serial = whole.map((n) => (n % 2 ** 48) as Serial)
const word = fc.integer({ min: 0, max: 0xffff_ffff })
// A lone surrogate has no UTF-8: such a text cannot come off a wire.
const text = fc.string({ unit: 'grapheme', maxLength: 200 })
const double = fc.oneof(fc.constant(Number.NaN), fc.double({ noNaN: true }))

const events: fc.Arbitrary<FeedbackEvent> = fc.record({
  version: fc.constant(1),
  id: fc.string({ minLength: 1, maxLength: 22, unit: 'grapheme-ascii' }),
  kind: fc.constantFrom(...Object.values(EventKind)),
  source: fc.constantFrom(...Object.values(EventSource)),
  eventTimeMs: whole,
  receivedAtMs: whole,
  isTest: fc.boolean(),
  flags: fc.array(word),
  decisionId: text,
  bidNumber: word,
  decidedAtMs: whole,
  impIndex: word,
  medium: text,
  exchange: serial,
  advertiser: serial,
  campaign: serial,
  creative: serial,
  strategy: serial,
  devices: fc.array(fc.record({ type: fc.integer({ min: 0, max: 255 }), high: word, low: word })),
  priceMicros: whole,
  priceState: fc.constantFrom(...Object.values(PriceState)),
  bidMicros: whole,
  minToWinMicros: whole,
  currency: text,
  multiplier: double,
  lossReason: word,
  auctionType: word,
  hasDeal: fc.boolean(),
  ctr: double,
  cvr: double,
  ctrModel: serial,
  cvrModel: serial,
  arms: fc.array(serial),
  action: text,
  orderId: text,
  valueMicros: whole,
  valueCurrency: text,
  clickId: text,
  network: text,
  agent: whole,
})

test('every event comes back from its bytes as it was', () => {
  fc.assert(
    fc.property(events, (event) => {
      expect(decodeEvent(encodeEvent(event))).toEqual(event)
    }),
    { numRuns: 300 },
  )
})

test('no bytes make the reader throw', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      expect(() => decodeEvent(bytes)).not.toThrow()
    }),
    { numRuns: 3_000 },
  )
})

test('one changed byte of an event never makes the reader throw', () => {
  fc.assert(
    fc.property(events, fc.nat(), fc.integer({ min: 0, max: 255 }), (event, pick, byte) => {
      const bytes = encodeEvent(event)
      bytes[pick % bytes.length] = byte
      expect(() => decodeEvent(bytes)).not.toThrow()
    }),
    { numRuns: 1_000 },
  )
})
