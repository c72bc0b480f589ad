/** Events of `POST /events`: what is taken, under which id, and what is refused. */
import { describe, expect, test } from 'vitest'
import { newTeller, nowMs } from '../../test/support/event-teller.ts'
import { noSerial, serialOf } from '../domain/serial.ts'
import { EventKind, noticeEventId, outsideEventId, PriceState } from './event.ts'
import { homeShardOf } from './event-home.ts'
import { emptyOutsideEvent, type OutsideEvent } from './outside-event.ts'
import { issuedAtMs, signUsual, usualFields } from './test-tokens.ts'
import { TokenKind, tokenOf } from './token.ts'
import type { ToldReading } from './told-event.ts'

const { teller, tokens } = newTeller()
const click = { type: 'click', eventId: 'e-1', eventTimeMs: nowMs, campaignId: 'shoes-autumn' }
const order = {
  type: 'conversion',
  eventTimeMs: nowMs,
  advertiserId: 'shoes',
  orderId: '4711',
  action: 'purchase',
}

function tell(fields: Partial<OutsideEvent>, atMs = nowMs): ToldReading {
  return teller.tell({ ...emptyOutsideEvent(), ...fields }, atMs)
}

function taken(fields: Partial<OutsideEvent>) {
  const told = tell(fields)
  if (!told.ok) throw new Error(`${told.code}: ${told.message}`)
  return told.event
}

function tokenFor(kind: TokenKind): string {
  return tokenOf(signUsual(tokens), kind)
}

const bid = { decisionId: usualFields.decisionId, bidNumber: 1, issuedAtMs } as never

describe('an event that is refused', () => {
  test.each<[string, Partial<OutsideEvent>, string]>([
    ['has no type', { ...click, type: '' }, 'SLUICE_EVENT_TYPE'],
    ['has a type that does not exist', { ...click, type: 'exposure' }, 'SLUICE_EVENT_TYPE'],
    ['has no time', { ...click, eventTimeMs: 0 }, 'SLUICE_EVENT_TIME'],
    ['has a time in seconds', { ...click, eventTimeMs: nowMs / 1_000 }, 'SLUICE_EVENT_TIME'],
    ['is of tomorrow', { ...click, eventTimeMs: nowMs + 86_400_000 }, 'SLUICE_EVENT_TIME'],
    ['is 90 days old', { ...click, eventTimeMs: nowMs - 90 * 86_400_000 }, 'SLUICE_EVENT_TIME'],
    ['has no id', { ...click, eventId: '' }, 'SLUICE_EVENT_ID'],
    ['has an order of nobody', { ...order, advertiserId: '', strategyId: 's' }, 'SLUICE_EVENT_ID'],
    ['is about nothing', { ...click, campaignId: '' }, 'SLUICE_EVENT_SUBJECT'],
    ['names a medium alone', { ...click, campaignId: '', medium: 'm' }, 'SLUICE_EVENT_SUBJECT'],
    ['is a win without a token', { ...click, type: 'win' }, 'SLUICE_EVENT_SUBJECT'],
    ['has a forged token', { ...click, token: 'x'.repeat(100) }, 'SLUICE_EVENT_TOKEN'],
    ['has an id that is none', { ...click, campaignId: 'a b' }, 'SLUICE_EVENT_FIELD'],
    ['has a value without currency', { ...order, value: '1.5' }, 'SLUICE_EVENT_VALUE'],
    ['has a currency without value', { ...order, currency: 'CNY' }, 'SLUICE_EVENT_VALUE'],
    ['has a negative value', { ...order, value: '-1', currency: 'CNY' }, 'SLUICE_EVENT_VALUE'],
    ['has seven decimals', { ...order, value: '1.0000001', currency: 'CNY' }, 'SLUICE_EVENT_VALUE'],
    [
      'has a device of no type',
      { ...click, devices: [{ type: 'phone', value: 'x', scope: '' }] },
      'SLUICE_EVENT_DEVICE',
    ],
  ])('%s', (_, fields, code) => {
    expect(tell(fields)).toMatchObject({ ok: false, code })
  })

  test.each([
    ['win', TokenKind.Bill],
    ['bill', TokenKind.Win],
    ['loss', TokenKind.Win],
    ['impression', TokenKind.Click],
    ['click', TokenKind.Bill],
    ['conversion', TokenKind.Win],
  ])('is a %s with the token of another link', (type, kind) => {
    expect(tell({ type, eventId: 'e', eventTimeMs: nowMs, token: tokenFor(kind) })).toMatchObject({
      code: 'SLUICE_EVENT_TOKEN',
    })
  })

  test.each(['advertiserId', 'campaignId', 'creativeId', 'strategyId'] as const)(
    'names another %s than its token',
    (name) => {
      const token = tokenFor(TokenKind.Click)
      expect(tell({ ...click, token, [name]: 'another' })).toMatchObject({
        code: 'SLUICE_EVENT_SUBJECT',
      })
    },
  )
})

describe('the id of an event', () => {
  test.each([
    ['impression', TokenKind.Impression, EventKind.Exposure],
    ['click', TokenKind.Click, EventKind.Click],
    ['win', TokenKind.Win, EventKind.Win],
    ['bill', TokenKind.Bill, EventKind.Bill],
    ['loss', TokenKind.Loss, EventKind.Loss],
  ])('told with a token is that of the %s link', (type, kind, event) => {
    const told = taken({ type, eventId: 'mine', eventTimeMs: nowMs, token: tokenFor(kind) })
    expect(told.id).toBe(noticeEventId(event, bid))
  })

  test('of an order is that of the advertiser’s order, however it is told', () => {
    const id = outsideEventId(EventKind.Conversion, 'shoes', '4711')
    const token = tokenFor(TokenKind.Click)
    expect(taken(order).id).toBe(id)
    expect(taken({ ...order, eventId: 'other', medium: 'tencent' }).id).toBe(id)
    expect(taken({ ...order, token }).id).toBe(id)
    expect(taken({ ...order, advertiserId: '', campaignId: 'shoes-autumn' }).id).toBe(id)
    expect(homeShardOf(taken({ ...order, token }))).toBe(homeShardOf(taken(order)))
  })

  test('differs by kind, advertiser and the sender’s own name, and by nothing else', () => {
    const { id } = taken(click)
    expect(taken({ ...click, eventTimeMs: nowMs - 1, userAgent: 'x' }).id).toBe(id)
    const others = [
      { ...click, eventId: 'e-2' },
      { ...click, type: 'impression' },
      { ...click, advertiserId: 'hats' },
    ].map((fields) => taken(fields).id)
    expect(new Set([id, ...others]).size).toBe(4)
  })

  test('of two media that both count from 1 differs', () => {
    const told = { ...click, campaignId: '', clickId: 'c' }
    expect(taken({ ...told, medium: 'oppo' }).id).not.toBe(taken({ ...told, medium: 'vivo' }).id)
  })
})

describe('an event that is taken', () => {
  test('finds the advertiser of its campaign', () => {
    expect(taken(click).advertiser).toBe(serialOf('advertiser', 'shoes'))
    expect(taken({ ...click, campaignId: 'unknown' }).advertiser).toBe(noSerial)
  })

  test('has the worth of a conversion in whole micros, and of nothing else', () => {
    const money = { value: '299.9', currency: 'CNY' }
    expect(taken({ ...order, ...money })).toMatchObject({
      valueMicros: 299_900_000,
      valueCurrency: 'CNY',
      orderId: '4711',
      action: 'purchase',
    })
    expect(taken({ ...click, ...money, orderId: 'o', action: 'a' })).toMatchObject({
      valueMicros: 0,
      valueCurrency: '',
      orderId: '',
      action: '',
    })
  })

  test('keeps keys of devices, each once, and no doubtful one', () => {
    const devices = ['abc', 'xyz', '', 'four'].map((value) => ({ type: 'oaid', value, scope: '' }))
    expect(taken({ ...click, devices }).devices).toEqual([
      { type: 3, high: 3, low: 7 },
      { type: 3, high: 4, low: 7 },
    ])
  })

  test('keeps the shard of its bid, whatever devices are told beside the token', () => {
    const token = tokenFor(TokenKind.Click)
    const devices = [{ type: 'oaid', value: 'abc', scope: '' }]
    const alone = taken({ ...click, token })
    expect(homeShardOf(taken({ ...click, token, devices }))).toBe(homeShardOf(alone))
    expect(taken({ ...click, token, devices }).devices).toEqual(alone.devices)
    expect(taken({ ...order, token, devices }).devices).toEqual([
      ...alone.devices,
      { type: 3, high: 3, low: 7 },
    ])
  })

  test('keeps no address and no agent as they were told', () => {
    const event = taken({ ...click, ip: '8.8.4.4', userAgent: 'SecretAgent/1.0' })
    expect(event.network).toBe('8.8.4.0/24')
    expect(JSON.stringify(event)).not.toMatch(/8\.8\.4\.4|SecretAgent/)
    expect(taken({ ...click, ip: 'no address' }).network).toBe('')
  })

  test('is flagged when a program or the future tells of it', () => {
    expect(taken({ ...click, eventId: 'a', userAgent: 'curl/8.5.0' }).flags).toEqual([2])
    expect(taken({ ...click, eventTimeMs: nowMs + 300_001 }).flags).toEqual([4])
    expect(taken({ ...click, eventTimeMs: nowMs + 300_000 }).flags).toEqual([])
    expect(taken({ ...order, userAgent: 'curl/8.5.0' }).flags).toEqual([])
  })

  test('is a test when it or its token says so', () => {
    const token = tokenOf(signUsual(tokens, { isTest: true }), TokenKind.Click)
    expect(taken(click).isTest).toBe(false)
    expect(taken({ ...click, isTest: true }).isTest).toBe(true)
    expect(taken({ ...click, token }).isTest).toBe(true)
  })

  test('of a bill is believed no price above the bid, as in its link', () => {
    const bill = { type: 'bill', eventTimeMs: nowMs, token: tokenFor(TokenKind.Bill) }
    const unpaid = { priceMicros: 0, priceState: PriceState.Unreadable }
    expect(taken({ ...bill, price: '1000000' })).toMatchObject(unpaid)
  })

  test('happened no earlier than its bid', () => {
    const early = { type: 'impression', eventTimeMs: issuedAtMs - 86_400_000 }
    const event = taken({ ...early, token: tokenFor(TokenKind.Impression) })
    expect(event.eventTimeMs).toBe(issuedAtMs)
  })

  test('of a bill has the price in the unit of the exchange', () => {
    const bill = { type: 'bill', eventTimeMs: nowMs, token: tokenFor(TokenKind.Bill) }
    expect(taken({ ...bill, price: '1.25' })).toMatchObject({
      priceMicros: 1_250_000,
      priceState: PriceState.Known,
      currency: 'USD',
    })
    expect(taken(bill).priceState).toBe(PriceState.None)
  })
})
