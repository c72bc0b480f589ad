/**
 * Made-up bids from first to last event, as senders tell of them: with tokens and times, so that
 * the same stories told twice are the same events.
 */
import { type SignedBid, TokenKind, tokenOf } from '../../src/feedback/token.ts'
import { seededRandom } from '../data/seeded-random.ts'
import { benchTokens, madeUpAdvertiser, madeUpCampaign, signMadeUp } from './bench-tokens.ts'

/** One event as `POST /events` takes it. */
export type ToldEvent = Readonly<Record<string, string | number>>

/** What stories are made of. */
export interface EventStorySettings {
  readonly seed: number
  readonly devices: number
  /** Epoch milliseconds of the first decision; they are `stepMs` apart. */
  readonly startMs: number
  readonly stepMs: number
}

/** What an honest count of the stories comes to; money in micros, prices of a thousand. */
export interface StoryCount {
  exposures: number
  clicks: number
  conversions: number
  wins: number
  bills: number
  losses: number
  spendCpmMicros: number
  valueMicros: number
}

const bidMicros = 5_000_000

/** Endless stories; the same for the same settings. Counts what it has told. */
export class EventStories {
  readonly count: StoryCount = {
    exposures: 0,
    clicks: 0,
    conversions: 0,
    wins: 0,
    bills: 0,
    losses: 0,
    spendCpmMicros: 0,
    valueMicros: 0,
  }
  readonly #settings: EventStorySettings
  readonly #random: () => number
  readonly #tokens = benchTokens()
  #number = 0

  constructor(settings: EventStorySettings) {
    this.#settings = settings
    this.#random = seededRandom(settings.seed)
  }

  /** The events of the next bid, in the order in which they happened. */
  next(): ToldEvent[] {
    const { startMs, stepMs, devices } = this.#settings
    const number = this.#number++
    const issuedAtMs = startMs + number * stepMs
    const campaign = madeUpCampaign(Math.floor(this.#random() * 1_000))
    const device = Math.floor(this.#random() * devices)
    const facts = { number, series: this.#settings.seed, device, issuedAtMs, campaign }
    const bid = signMadeUp(this.#tokens, { ...facts, priceMicros: bidMicros })
    if (this.#random() < 0.3) {
      this.count.losses++
      return [told('loss', 'Loss', bid, { eventTimeMs: issuedAtMs + 200, lossReason: 102 })]
    }
    return this.#won(bid, { number, issuedAtMs, campaign })
  }

  #won(
    bid: SignedBid,
    { number, issuedAtMs, campaign }: { number: number; issuedAtMs: number; campaign: string },
  ): ToldEvent[] {
    const { count } = this
    const micros = 500_000 + Math.floor(this.#random() * 4_000_000)
    const price = (micros / 1e6).toFixed(6)
    const shownMs = issuedAtMs + 1_000 + Math.floor(this.#random() * 60_000)
    const laterMs = shownMs + Math.floor(this.#random() * 90_000)
    const events = [
      told('win', 'Win', bid, { eventTimeMs: issuedAtMs + 300, price }),
      told('bill', 'Bill', bid, { eventTimeMs: shownMs, price }),
      told('impression', 'Impression', bid, { eventTimeMs: laterMs, price }),
    ]
    count.wins++
    count.bills++
    count.exposures++
    count.spendCpmMicros += micros
    if (this.#random() >= 0.3) return events
    const clickedMs = shownMs + 95_000
    const clickId = `click-${number}`
    events.push(told('click', 'Click', bid, { eventTimeMs: clickedMs, clickId }))
    count.clicks++
    if (this.#random() >= 0.5) return events
    events.push(this.#conversion(bid, { number, clickedMs, campaign, clickId }))
    count.conversions++
    count.valueMicros += valueMicros
    return events
  }

  /** Half know the bid and the order, half nothing but the click id. */
  #conversion(
    bid: SignedBid,
    story: { number: number; clickedMs: number; campaign: string; clickId: string },
  ): ToldEvent {
    const { number, campaign, clickId } = story
    const own = { eventTimeMs: story.clickedMs + 25_000, action: 'purchase' }
    const worth = { value: (valueMicros / 1e6).toFixed(6), currency: 'USD' }
    if (this.#random() < 0.5) {
      const order = { advertiserId: madeUpAdvertiser(campaign), orderId: `order-${number}` }
      return told('conversion', 'Click', bid, { ...own, ...worth, ...order })
    }
    const eventId = `conversion-${number}`
    return { type: 'conversion', medium: 'openrtb', clickId, eventId, ...own, ...worth }
  }
}

const valueMicros = 9_990_000

function told(
  type: string,
  kind: keyof typeof TokenKind,
  bid: SignedBid,
  fields: ToldEvent,
): ToldEvent {
  return { type, token: tokenOf(bid, TokenKind[kind]), ...fields }
}

/** Each item `times` times, shuffled within `window` places; drawn from `seed`. */
export function disordered<T>(
  items: Iterable<T>,
  { seed, times, window }: { seed: number; times: number; window: number },
): T[] {
  const random = seededRandom(seed)
  const many: { item: T; order: number }[] = []
  let place = 0
  for (const item of items) {
    for (let time = 0; time < times; time++) {
      many.push({ item, order: place + random() * window })
      place++
    }
  }
  return many.sort((a, b) => a.order - b.order).map(({ item }) => item)
}

/** Whole requests of `POST /events`, `batch` events each. */
export function* eventWires(
  events: Iterable<ToldEvent>,
  { batch, key }: { readonly batch: number; readonly key: string },
): Generator<Buffer> {
  let waiting: ToldEvent[] = []
  for (const event of events) {
    waiting.push(event)
    if (waiting.length < batch) continue
    yield wireOf(waiting, key)
    waiting = []
  }
  if (waiting.length > 0) yield wireOf(waiting, key)
}

function wireOf(events: readonly ToldEvent[], key: string): Buffer {
  const body = Buffer.from(JSON.stringify({ events }))
  const head = [
    'POST /events HTTP/1.1',
    'Host: bench',
    `Authorization: Bearer ${key}`,
    'Content-Type: application/json',
    `Content-Length: ${body.length}`,
  ]
  return Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`), body])
}
