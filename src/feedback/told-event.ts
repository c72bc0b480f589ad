/** An event of `POST /events` as the log keeps it: checked, named, without any raw id. */
import { InvalidReason } from '../domain/invalid-reason.ts'
import { type SerialKind, serialOf } from '../domain/serial.ts'
import { truncateIp } from '../lib/truncate-ip.ts'
import {
  EventKind,
  EventSource,
  eventOf,
  eventOfNoBid,
  type FeedbackEvent,
  outsideEventId,
  PriceState,
} from './event.ts'
import { type EventFault, fault, type OutsideDevice, type OutsideEvent } from './outside-event.ts'
import type { PriceFormSource } from './price-forms.ts'
import { believablePrice, readPrice } from './price-param.ts'
import { TokenKind, type TokenReading, type Tokens } from './token.ts'
import type { BidToken, DeviceKey } from './token-body.ts'
import { TokenRefusal, tokenRefusalNames } from './token-refusal.ts'
import { moneyFields, subjectFields } from './told-fields.ts'
import { aheadMsMax, type TrafficCheck } from './traffic-check.ts'

/** Turns device ids into keys; the identity room's work, given by who composes. */
export interface DeviceKeySource {
  /** Null = a doubtful id (docs/identity.md), which is left out; `unknown` = no such type. */
  keyOf(device: OutsideDevice): DeviceKey | 'unknown' | null
}

/** What telling events needs of the rest of the house. */
export interface TellerDeps {
  readonly tokens: Tokens
  readonly devices: DeviceKeySource
  readonly traffic: TrafficCheck
  readonly prices: PriceFormSource
  /** Advertiser of a campaign of the catalog; null = no such campaign is known. */
  readonly advertiserOf: (campaignId: string) => string | null
}

/** An event, or what is wrong with it. */
export type ToldReading = { readonly ok: true; readonly event: FeedbackEvent } | EventFault

/** Events are told late by shops and offline apps, but nobody waits for them longer. */
export const lateMsMax = 90 * 24 * 3_600_000

/** A clock that is a day ahead is wrong; up to there the event is taken, and flagged. */
export const futureMsMax = 24 * 3_600_000

const kinds: ReadonlyMap<string, EventKind> = new Map([
  ['impression', EventKind.Exposure],
  ['click', EventKind.Click],
  ['conversion', EventKind.Conversion],
  ['win', EventKind.Win],
  ['bill', EventKind.Bill],
  ['loss', EventKind.Loss],
])

/** What only an auction of ours can have. */
const auctionKinds: readonly EventKind[] = [EventKind.Win, EventKind.Bill, EventKind.Loss]

/** Which links' tokens an event may be told with; the first is the usual one. */
const tokenKinds: Readonly<Record<EventKind, readonly TokenKind[]>> = {
  [EventKind.Exposure]: [TokenKind.Impression],
  [EventKind.Click]: [TokenKind.Click, TokenKind.Impression],
  [EventKind.Conversion]: [TokenKind.Click, TokenKind.Impression],
  [EventKind.Win]: [TokenKind.Win],
  [EventKind.Bill]: [TokenKind.Bill],
  [EventKind.Loss]: [TokenKind.Loss],
}

/** Up to nine digits of units and six of fraction: exact as micros in a double. */
const valuePattern = /^\d{1,9}(?:\.\d{1,6})?$/
const idPattern = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/

/** Makes events of what senders tell. One a process. */
export class EventTeller {
  readonly #deps: TellerDeps

  constructor(deps: TellerDeps) {
    this.#deps = deps
  }

  /** Never throws, whatever was sent. */
  tell(told: OutsideEvent, receivedAtMs: number): ToldReading {
    const kind = kinds.get(told.type)
    if (kind === undefined) {
      return fault('SLUICE_EVENT_TYPE', `type is one of ${[...kinds.keys()].join(', ')}`)
    }
    const wrong = timeFault(told, receivedAtMs) ?? idFault(told) ?? valueFault(told)
    if (wrong !== null) return wrong
    const about = this.#subjectOf(kind, told)
    if (!about.ok) return about
    const keys = this.#devicesOf(told.devices)
    if (typeof keys === 'string') {
      return fault('SLUICE_EVENT_DEVICE', `there is no device type ${JSON.stringify(keys)}`)
    }
    const { token } = about
    const base =
      token === null ? eventOfNoBid(kind, receivedAtMs) : eventOf(kind, token, receivedAtMs)
    const id = idOf(kind, told, about)
    if (typeof id !== 'string') return id
    // Nothing of a bid happened before it: a wrong clock must not take an impression out of caps.
    const full = {
      ...base,
      ...subjectFields(base, told, about.advertiserId),
      ...this.#seen(kind, told, receivedAtMs),
      eventTimeMs: Math.max(told.eventTimeMs, base.decidedAtMs),
    }
    const devices =
      token === null || full.orderId !== '' ? united(base.devices, keys) : base.devices
    const money = moneyFields(kind, told)
    return { ok: true, event: { ...full, ...money, ...this.#paid(kind, told, token), id, devices } }
  }

  /** What the event is about: a token, or ids of ours, or a click of a medium. */
  #subjectOf(kind: EventKind, told: OutsideEvent): Subject | EventFault {
    const { advertiserId, campaignId } = told
    const known = advertiserId || (campaignId && (this.#deps.advertiserOf(campaignId) ?? ''))
    if (told.token !== '') return this.#tokenSubject(kind, told, known)
    if (auctionKinds.includes(kind)) {
      return fault('SLUICE_EVENT_SUBJECT', `a ${told.type} is told with the token of its link`)
    }
    const names = advertiserId + campaignId + told.strategyId
    if (names !== '' || isClickOfMedium(told)) return { ok: true, token: null, advertiserId: known }
    return fault(
      'SLUICE_EVENT_SUBJECT',
      'name a token, a campaignId, a strategyId, an advertiserId, or medium and clickId',
    )
  }

  #tokenSubject(kind: EventKind, told: OutsideEvent, advertiserId: string): Subject | EventFault {
    const reading = this.#verify(told.token, tokenKinds[kind])
    if (!reading.ok) {
      const why = tokenRefusalNames.get(reading.refusal) ?? ''
      return fault('SLUICE_EVENT_TOKEN', `the token was not taken: ${why}`)
    }
    const { token } = reading
    const other = otherThan(token, told)
    return other === null
      ? { ok: true, token, advertiserId }
      : fault('SLUICE_EVENT_SUBJECT', `the token is of another ${other}`)
  }

  #verify(text: string, allowed: readonly TokenKind[]): TokenReading {
    let reading: TokenReading = { ok: false, refusal: TokenRefusal.WrongKind }
    for (const kind of allowed) {
      reading = this.#deps.tokens.verify(text, kind)
      if (reading.ok || reading.refusal !== TokenRefusal.WrongKind) return reading
    }
    return reading
  }

  /** The keys of those that are no doubtful ids; or the name of a type that does not exist. */
  #devicesOf(devices: readonly OutsideDevice[]): DeviceKey[] | string {
    const keys: DeviceKey[] = []
    for (const device of devices) {
      const key = this.#deps.devices.keyOf(device)
      if (key === 'unknown') return device.type
      if (key !== null) keys.push(key)
    }
    return keys
  }

  /** Where, by what, and whether that can be: the user's own agent and address, as told. */
  #seen(kind: EventKind, told: OutsideEvent, receivedAtMs: number) {
    const network = truncateIp(told.ip)
    const { agent, flags } = this.#deps.traffic.judge(kind, network, told.userAgent)
    const isAhead = told.eventTimeMs > receivedAtMs + aheadMsMax
    return {
      source: EventSource.Api,
      network,
      agent,
      flags: isAhead ? [...flags, InvalidReason.FutureTime] : flags,
    }
  }

  /** The price of a win or bill, in the unit of the token's exchange; of nothing else. */
  #paid(kind: EventKind, told: OutsideEvent, token: BidToken | null) {
    if (token === null || told.price === '') {
      return { priceMicros: 0, priceState: PriceState.None as PriceState }
    }
    const price = readPrice(told.price, this.#deps.prices.formOf(token.exchange))
    // Of a loss it is what the winner paid.
    const isPaid = kind !== EventKind.Loss
    const { micros, state } = isPaid ? believablePrice(price, token.priceMicros) : price
    return { priceMicros: micros, priceState: state }
  }
}

/** What an event is about. `advertiserId` '' = not known by its id. */
interface Subject {
  readonly ok: true
  readonly token: BidToken | null
  readonly advertiserId: string
}

function timeFault({ eventTimeMs }: OutsideEvent, receivedAtMs: number): EventFault | null {
  const isSane = eventTimeMs > receivedAtMs - lateMsMax && eventTimeMs < receivedAtMs + futureMsMax
  if (isSane) return null
  return fault(
    'SLUICE_EVENT_TIME',
    'eventTimeMs is the epoch time in milliseconds, at most 90 days ago and not in the future',
  )
}

function idFault(told: OutsideEvent): EventFault | null {
  for (const name of [
    'advertiserId',
    'campaignId',
    'creativeId',
    'strategyId',
    'medium',
  ] as const) {
    if (told[name] !== '' && !idPattern.test(told[name])) {
      return fault('SLUICE_EVENT_FIELD', `${name} is none of our ids`)
    }
  }
  return null
}

function valueFault({ value, currency }: OutsideEvent): EventFault | null {
  if (value === '' && currency === '') return null
  const isMoney = valuePattern.test(value) && /^[A-Z]{3}$/.test(currency)
  return isMoney
    ? null
    : fault(
        'SLUICE_EVENT_VALUE',
        'value is a decimal text such as "19.90", with a currency ("CNY")',
      )
}

function isClickOfMedium({ medium, clickId }: OutsideEvent): boolean {
  return medium !== '' && clickId !== ''
}

/** The first thing that the token and the event name differently, or null. */
function otherThan(token: BidToken, told: OutsideEvent): SerialKind | null {
  for (const kind of ['advertiser', 'campaign', 'creative', 'strategy'] as const) {
    const id = told[`${kind}Id`]
    if (id !== '' && serialOf(kind, id) !== token[kind]) return kind
  }
  return null
}

/**
 * The id of the event. With a token it is that of the link itself, so that what was told both ways
 * counts once; an order is the advertiser's, whoever tells of it, as in monitoring links.
 */
function idOf(kind: EventKind, told: OutsideEvent, subject: Subject): string | EventFault {
  const { eventId, orderId } = told
  const { token, advertiserId } = subject
  if (kind === EventKind.Conversion && orderId !== '') {
    if (advertiserId !== '') return outsideEventId(kind, advertiserId, orderId)
    return fault('SLUICE_EVENT_ID', 'an orderId needs the advertiserId whose order it is')
  }
  if (token !== null && kind !== EventKind.Conversion) return eventOf(kind, token, 0).id
  if (eventId === '') {
    return fault('SLUICE_EVENT_ID', 'name the event by an eventId (conversions: or an orderId)')
  }
  return outsideEventId(kind, originOf(told, subject), `event/${eventId}`)
}

/** Whose event ids these are: two advertisers, or two media, may count from 1 both. */
function originOf(told: OutsideEvent, { token, advertiserId }: Subject): string {
  if (advertiserId !== '') return advertiserId
  if (token !== null) return `#${token.advertiser}`
  return `${told.medium}/${told.strategyId || told.campaignId}`
}

/**
 * A token's devices, then those told beside it, each once. Without an order nothing is added to a
 * token's: the first device says which shard a bid's events meet in (event-home.ts).
 */
function united(first: readonly DeviceKey[], more: readonly DeviceKey[]): DeviceKey[] {
  const all: DeviceKey[] = []
  for (const key of [...first, ...more]) if (!all.some((one) => isSame(one, key))) all.push(key)
  return all
}

function isSame(one: DeviceKey, other: DeviceKey): boolean {
  return one.high === other.high && one.low === other.low
}
