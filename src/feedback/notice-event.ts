/** A call of one of our own links, as the event it tells of. */
import { queryValue } from '../lib/query-text.ts'
import { EventKind, eventOf, type FeedbackEvent } from './event.ts'
import { noticeParams, noticePaths } from './links.ts'
import type { PriceFormSource } from './price-forms.ts'
import { believablePrice, readPrice } from './price-param.ts'
import { TokenKind, type Tokens } from './token.ts'
import type { BidToken } from './token-body.ts'
import type { TokenRefusal } from './token-refusal.ts'
import { aheadMsMax, type TrafficCheck, type TrafficReading } from './traffic-check.ts'

/** A kind of our links: a name of `TokenKind`. */
export type NoticeName = keyof typeof TokenKind

/** One call of a link, as it came. */
export interface NoticeRequest {
  /** What stands behind the `?`, undecoded. */
  readonly query: string
  readonly receivedAtMs: number
  /** Truncated address of the caller and its agent; '' for calls between servers. */
  readonly network: string
  readonly agent: string
}

/** An event, or the number of why its token was not taken. */
export type NoticeReading =
  | { readonly ok: true; readonly event: FeedbackEvent }
  | { readonly ok: false; readonly refusal: TokenRefusal }

/** Reads calls of our links. Never throws. */
export interface NoticeSource {
  /** Where each kind is called. */
  readonly paths: Readonly<Record<NoticeName, string>>
  read(name: NoticeName, request: NoticeRequest): NoticeReading
}

/** What a reader of notices works with. */
export interface NoticeReaderDeps {
  readonly tokens: Tokens
  readonly prices: PriceFormSource
  readonly traffic: TrafficCheck
}

const kindOf: Readonly<Record<NoticeName, EventKind>> = {
  Win: EventKind.Win,
  Bill: EventKind.Bill,
  Loss: EventKind.Loss,
  Impression: EventKind.Exposure,
  Click: EventKind.Click,
}

/** A bill cannot be older than its bid; a minute for clocks that differ. */
const beforeBidMsMax = 60_000

/** Loss reasons of OpenRTB 3.0 end at 215, those of exchanges begin at 500. */
const lossReasonMax = 9_999

/** Reads notices by token and parameters; docs/feedback.md is the table. One a process. */
export class NoticeReader implements NoticeSource {
  readonly paths = noticePaths
  readonly #deps: NoticeReaderDeps

  constructor(deps: NoticeReaderDeps) {
    this.#deps = deps
  }

  read(name: NoticeName, request: NoticeRequest): NoticeReading {
    const text = queryValue(request.query, noticeParams.token) ?? ''
    const reading = this.#deps.tokens.verify(text, TokenKind[name])
    return reading.ok ? { ok: true, event: this.#told(name, request, reading.token) } : reading
  }

  /** What the parameters add to the event of a token. */
  #told(name: NoticeName, request: NoticeRequest, token: BidToken): FeedbackEvent {
    const { query, network, agent, receivedAtMs } = request
    const event = eventOf(kindOf[name], token, receivedAtMs)
    if (name === 'Click') return { ...event, network, ...this.#judged(event, network, agent) }
    const form = this.#deps.prices.formOf(token.exchange)
    const price = readPrice(queryValue(query, noticeParams.price), form)
    const paid = name === 'Loss' ? price : believablePrice(price, token.priceMicros)
    const least = readPrice(queryValue(query, noticeParams.minToWin), form)
    const priced = {
      ...event,
      priceMicros: paid.micros,
      priceState: paid.state,
      minToWinMicros: least.micros,
    }
    if (name === 'Win') return priced
    if (name === 'Loss') return { ...priced, lossReason: lossReasonOf(query) }
    const billed = {
      ...priced,
      eventTimeMs: shownAtMs(query, token.issuedAtMs, receivedAtMs),
      multiplier: multiplierOf(query, token.multiplier),
    }
    return name === 'Bill' ? billed : { ...billed, network, ...this.#judged(event, network, agent) }
  }

  #judged(event: FeedbackEvent, network: string, agent: string): TrafficReading {
    return this.#deps.traffic.judge(event.kind, network, agent)
  }
}

/** When the impression happened, as told in milliseconds; else, or out of bounds, when we heard. */
function shownAtMs(query: string, decidedAtMs: number, receivedAtMs: number): number {
  const text = queryValue(query, noticeParams.impressionTs) ?? ''
  const told = /^\d{10,16}$/.test(text) ? Number(text) : Number.NaN
  const isSane = told >= decidedAtMs - beforeBidMsMax && told <= receivedAtMs + aheadMsMax
  return isSane ? told : receivedAtMs
}

/**
 * Impressions that were billed for: fewer than the request said are believed, more are not, for the
 * same reason as prices.
 */
function multiplierOf(query: string, bought: number): number {
  const text = queryValue(query, noticeParams.multiplier) ?? ''
  const told = /^\d{1,9}(?:\.\d{1,12})?$/.test(text) ? Number(text) : 0
  return told > 0 && told <= bought ? told : bought
}

function lossReasonOf(query: string): number {
  const text = queryValue(query, noticeParams.loss) ?? ''
  const told = /^\d{1,5}$/.test(text) ? Number(text) : 0
  return told <= lossReasonMax ? told : 0
}
