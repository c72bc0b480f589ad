/** Made-up feedback: bids that are won, billed, shown, clicked and converted, from one seed. */
import { IdType } from '../../src/domain/id-type.ts'
import { noSerial, type Serial, serialOf } from '../../src/domain/serial.ts'
import {
  EventKind,
  EventSource,
  eventVersion,
  type FeedbackEvent,
  noticeEventId,
  outsideEventId,
  PriceState,
} from '../../src/feedback/event.ts'
import type { BidToken, DeviceKey } from '../../src/feedback/token-body.ts'

/** What stories are made of. */
export interface StorySettings {
  readonly seed: number
  readonly devices: number
  readonly campaigns: number
  /** Epoch milliseconds of the first decision; they are `stepMs` apart. */
  readonly startMs: number
  readonly stepMs: number
}

/** Endless events of one bid after another; the same for the same settings. */
export class FeedbackStories {
  readonly #settings: StorySettings
  readonly #random: () => number
  readonly #campaigns: readonly { campaign: Serial; advertiser: Serial; creative: Serial }[]
  #bid = 0

  constructor(settings: StorySettings) {
    this.#settings = settings
    this.#random = seeded(settings.seed)
    this.#campaigns = Array.from({ length: settings.campaigns }, (_, i) => ({
      campaign: serialOf('campaign', `c${i}`),
      advertiser: serialOf('advertiser', `a${i % 7}`),
      creative: serialOf('creative', `c${i}-banner`),
    }))
  }

  /** The events of the next bid, in the order in which they happen; all have happened. */
  next(): FeedbackEvent[] {
    const { startMs, stepMs } = this.#settings
    const number = this.#bid++
    const atMs = startMs + number * stepMs
    const base = this.#event(number, atMs)
    if (this.#random() < 0.3) return [told(base, EventKind.Loss, atMs + 200)]
    const priceMicros = 500_000 + Math.floor(this.#random() * 4_000_000)
    const price = { priceMicros, priceState: PriceState.Known } as const
    const shownMs = atMs + 1_000 + Math.floor(this.#random() * 60_000)
    const events: FeedbackEvent[] = [
      { ...told(base, EventKind.Win, atMs + 300), ...price },
      { ...told(base, EventKind.Bill, shownMs), ...price },
      {
        ...told(base, EventKind.Exposure, shownMs + Math.floor(this.#random() * 90_000)),
        ...price,
      },
    ]
    if (this.#random() < 0.3) {
      const clickId = `click-${number}`
      events.push({ ...told(base, EventKind.Click, shownMs + 95_000), clickId })
      if (this.#random() < 0.5) events.push(this.#conversion(base, shownMs + 120_000, number))
    }
    return events
  }

  #event(number: number, atMs: number): FeedbackEvent {
    const { devices } = this.#settings
    const place = this.#campaigns[Math.floor(this.#random() * this.#campaigns.length)]
    const person = Math.floor(this.#random() * devices)
    const keys = Array.from({ length: 1 + (person % 3) }, (_, i) => keyOf(person, i))
    return {
      version: eventVersion,
      ...{ id: '', kind: EventKind.Win, source: EventSource.Notice },
      ...{ eventTimeMs: 0, receivedAtMs: 0, isTest: false, flags: [] },
      decisionId: number.toString(16).padStart(16, '0'),
      ...{ bidNumber: 1, decidedAtMs: atMs, impIndex: 0, medium: 'openrtb' },
      exchange: serialOf('exchange', 'acme'),
      ...(place ?? { campaign: noSerial, advertiser: noSerial, creative: noSerial }),
      ...{ strategy: noSerial, devices: keys },
      ...{ priceMicros: 0, priceState: PriceState.None, bidMicros: 5_000_000, minToWinMicros: 0 },
      ...{ currency: 'USD', multiplier: 1, lossReason: 0, auctionType: 1, hasDeal: false },
      ...{ ctr: 0.01, cvr: 0.05, ctrModel: noSerial, cvrModel: noSerial, arms: [] },
      ...{ action: '', orderId: '', valueMicros: 0, valueCurrency: '' },
      ...{ clickId: '', network: '', agent: 0 },
    }
  }

  /** By order with everything known, or by nothing but the medium's click id. */
  #conversion(base: FeedbackEvent, atMs: number, number: number): FeedbackEvent {
    const own = { action: 'purchase', valueMicros: 9_990_000, valueCurrency: 'USD' }
    const times = { eventTimeMs: atMs, receivedAtMs: atMs + 100 }
    const kind = EventKind.Conversion
    if (this.#random() < 0.5) {
      const orderId = `order-${number}`
      const id = outsideEventId(kind, `${base.advertiser}`, orderId)
      return { ...base, ...own, ...times, kind, id, orderId, source: EventSource.Api }
    }
    const id = outsideEventId(kind, 'acme', `${number}`)
    const unknown = {
      decisionId: '',
      bidNumber: 0,
      decidedAtMs: 0,
      devices: [],
      exchange: noSerial,
    }
    const nobody = { campaign: noSerial, advertiser: noSerial, creative: noSerial }
    const source = EventSource.Api
    const clickId = `click-${number}`
    return { ...base, ...unknown, ...nobody, ...own, ...times, kind, id, clickId, source }
  }
}

function told(base: FeedbackEvent, kind: EventKind, atMs: number): FeedbackEvent {
  const { decisionId, bidNumber, decidedAtMs } = base
  const id = noticeEventId(kind, { decisionId, bidNumber, issuedAtMs: decidedAtMs } as BidToken)
  return { ...base, id, kind, eventTimeMs: atMs, receivedAtMs: atMs + 50 }
}

/** Key `i` of a person: spread over all shards. */
function keyOf(person: number, i: number): DeviceKey {
  const mixed = Math.imul(person * 3 + i + 1, 0x9e37_79b1) >>> 0
  return { type: i === 0 ? IdType.Gaid : IdType.OaidMd5, high: mixed, low: person * 3 + i }
}

/** Each event `times` times, and all of them shuffled within `window` places. */
export function disordered(
  events: readonly FeedbackEvent[],
  { seed, times, window }: { seed: number; times: number; window: number },
): FeedbackEvent[] {
  const random = seeded(seed)
  const many = events.flatMap((event) => Array.from({ length: times }, () => event))
  const keyed = many.map((event, i) => ({ event, order: i + random() * window }))
  return keyed.sort((a, b) => a.order - b.order).map(({ event }) => event)
}

/** A generator of numbers in [0, 1) (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b_79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
