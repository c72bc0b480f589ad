/** What happened to a bid or an ad: one flat, versioned shape for all kinds of event. */
import { createHash } from 'node:crypto'
import { noSerial, type Serial } from '../domain/serial.ts'
import type { BidToken, DeviceKey } from './token-body.ts'

/** Numbers are on the wire and in the log: stable for ever. */
export const EventKind = {
  Exposure: 1,
  Click: 2,
  Conversion: 3,
  Win: 4,
  Bill: 5,
  Loss: 6,
} as const
export type EventKind = (typeof EventKind)[keyof typeof EventKind]

/** How an event reached us. */
export const EventSource = { Notice: 1, MonitorLink: 2, Api: 3 } as const
export type EventSource = (typeof EventSource)[keyof typeof EventSource]

/** What a price parameter turned out to be. Only `Known` makes `priceMicros` mean anything. */
export const PriceState = {
  None: 0,
  Known: 1,
  /** The exchange rendered the markup for a check. */
  Audit: 2,
  /** The macro stood there unexpanded. */
  Unexpanded: 3,
  /** Encrypted with a key we do not hold, or not a number. */
  Unreadable: 4,
} as const
export type PriceState = (typeof PriceState)[keyof typeof PriceState]

/** Version of `FeedbackEvent`; it changes when an old reader would misread a new event. */
export const eventVersion = 1

/** One event. Everything is present; '' 0 NaN and empty lists mean "not known". */
export interface FeedbackEvent {
  readonly version: number
  /** 22 characters, deterministic: a repeat of the same event has the same id. */
  readonly id: string
  readonly kind: EventKind
  readonly source: EventSource
  /** Epoch milliseconds at which it happened, as told; and at which it reached us. */
  readonly eventTimeMs: number
  readonly receivedAtMs: number
  readonly isTest: boolean
  /** Why it counts for nothing (invalid traffic, late, unbilled); numbers of the reasons. */
  readonly flags: readonly number[]

  /** The bid: 16 hex digits and a number; '' and 0 where no decision of ours is known. */
  readonly decisionId: string
  readonly bidNumber: number
  /** Epoch milliseconds of the decision. */
  readonly decidedAtMs: number
  readonly impIndex: number
  /** `openrtb`, or an RTA medium's name. */
  readonly medium: string
  readonly exchange: Serial
  readonly advertiser: Serial
  readonly campaign: Serial
  readonly creative: Serial
  readonly strategy: Serial
  readonly devices: readonly DeviceKey[]

  /** Paid price, CPM micros of `currency` before the multiplier; see `priceState`. */
  readonly priceMicros: number
  readonly priceState: PriceState
  /** What was bid, same unit. */
  readonly bidMicros: number
  /** Least price that would have won or tied (`AUCTION_MIN_TO_WIN`), same unit; 0 = not told. */
  readonly minToWinMicros: number
  readonly currency: string
  /** Impressions that this one stands for, as told at billing, else as the request said. */
  readonly multiplier: number
  /** OpenRTB loss reason; 0 = not told (or "won", which is no loss). */
  readonly lossReason: number
  readonly auctionType: number
  readonly hasDeal: boolean

  readonly ctr: number
  readonly cvr: number
  readonly ctrModel: Serial
  readonly cvrModel: Serial
  readonly arms: readonly Serial[]

  /** Conversions: the advertiser's action, its order, and what it was worth. */
  readonly action: string
  readonly orderId: string
  readonly valueMicros: number
  readonly valueCurrency: string
  /** The medium's click id, for post-backs. */
  readonly clickId: string
  /** Truncated address, and a hash of the user agent: for invalid traffic. */
  readonly network: string
  readonly agent: number
}

/** Events of the same bid and kind are one: the id of a notice. */
export function noticeEventId(kind: EventKind, token: BidToken): string {
  const { decisionId, bidNumber, issuedAtMs } = token
  return idOf(`bid/${kind}/${decisionId}/${bidNumber}/${issuedAtMs}`)
}

/**
 * The id of an event from outside. `origin`: who tells (medium, or API key's advertiser); `name`:
 * what makes the event that one there (order id, click id, the sender's own event id).
 */
export function outsideEventId(kind: EventKind, origin: string, name: string): string {
  return idOf(`out/${kind}/${origin.length}/${origin}/${name}`)
}

/** The event that a genuine token tells of, before the notice's own parameters are added. */
export function eventOf(kind: EventKind, token: BidToken, receivedAtMs: number): FeedbackEvent {
  return {
    version: eventVersion,
    id: noticeEventId(kind, token),
    kind,
    source: EventSource.Notice,
    eventTimeMs: receivedAtMs,
    receivedAtMs,
    isTest: token.isTest,
    flags: [],
    decisionId: token.decisionId,
    bidNumber: token.bidNumber,
    decidedAtMs: token.issuedAtMs,
    impIndex: token.impIndex,
    medium: token.strategy === noSerial ? 'openrtb' : '',
    exchange: token.exchange,
    advertiser: token.advertiser,
    campaign: token.campaign,
    creative: token.creative,
    strategy: token.strategy,
    devices: token.devices,
    priceMicros: 0,
    priceState: PriceState.None,
    bidMicros: token.priceMicros,
    minToWinMicros: 0,
    currency: token.currency,
    multiplier: token.multiplier,
    lossReason: 0,
    auctionType: token.auctionType,
    hasDeal: token.hasDeal,
    ctr: token.ctr,
    cvr: token.cvr,
    ctrModel: token.ctrModel,
    cvrModel: token.cvrModel,
    arms: token.arms,
    action: '',
    orderId: '',
    valueMicros: 0,
    valueCurrency: '',
    clickId: '',
    network: '',
    agent: 0,
  }
}

/** An event of which no decision of ours is known. */
export function eventOfNoBid(kind: EventKind, receivedAtMs: number): FeedbackEvent {
  return {
    version: eventVersion,
    id: '',
    kind,
    source: EventSource.Api,
    eventTimeMs: receivedAtMs,
    receivedAtMs,
    isTest: false,
    flags: [],
    decisionId: '',
    bidNumber: 0,
    decidedAtMs: 0,
    impIndex: 0,
    medium: '',
    exchange: noSerial,
    advertiser: noSerial,
    campaign: noSerial,
    creative: noSerial,
    strategy: noSerial,
    devices: [],
    priceMicros: 0,
    priceState: PriceState.None,
    bidMicros: 0,
    minToWinMicros: 0,
    currency: '',
    multiplier: 1,
    lossReason: 0,
    auctionType: 0,
    hasDeal: false,
    ctr: Number.NaN,
    cvr: Number.NaN,
    ctrModel: noSerial,
    cvrModel: noSerial,
    arms: [],
    action: '',
    orderId: '',
    valueMicros: 0,
    valueCurrency: '',
    clickId: '',
    network: '',
    agent: 0,
  }
}

/** 128 bits: among 10^12 events of a window two meet with probability 1.5e-15. */
function idOf(name: string): string {
  return createHash('sha256').update(name).digest().toString('base64url', 0, 16)
}
