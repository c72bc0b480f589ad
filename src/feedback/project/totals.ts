/** Counters of campaigns: one row an hour, campaign, place and currency; sums of parts by shard. */
import { noSerial, type Serial, serialOf } from '../../domain/serial.ts'
import { type StateKey, StateTable } from '../../store/feedback-ports.ts'
import type { FeedbackEvent } from '../event.ts'
import { anchorMsOf, dayOf } from '../event-home.ts'

/**
 * Counters of a row, in the order in which they are stored: names are only added, at the end.
 * Spend and value are micros of the row's currency; spend is CPM micros × impressions, so a
 * thousandth of it is money: whole numbers however small the price.
 */
export const counterNames = [
  'exposures',
  'clicks',
  'conversions',
  'wins',
  'bills',
  'losses',
  'spendCpmMicros',
  /** The part of the spend whose price was not told: what was bid stands for it. */
  'estimatedCpmMicros',
  'valueMicros',
  'invalidExposures',
  'invalidClicks',
  'invalidConversions',
  /** Spend on invalid exposures: told, and not billed. */
  'invalidCpmMicros',
  /** Events by `InvalidReason`; one event may have several reasons. */
  'reasonCrawler',
  'reasonDataCentreAgent',
  'reasonNetworkRate',
  'reasonFutureTime',
  /** Clicks whose exposure was not told yet. */
  'reasonUnexposed',
  'reasonBeforeExposure',
  'reasonDeviceRate',
] as const
export type CounterName = (typeof counterNames)[number]

/** Counters of one row. */
export type Counters = Record<CounterName, number>

/** What a row counts. */
export interface TotalName {
  /** Epoch milliseconds at which the hour of the decision (or, without one, the event) begins. */
  readonly hourMs: number
  readonly campaign: Serial
  /** Exchange, or RTA medium (`serialOf('medium', …)`). */
  readonly place: Serial
  /** ISO 4217 of spend (or, of conversions, of the value); '' = none was told. */
  readonly currency: string
}

const hourMs = 3_600_000
const hoursADay = 24

const zeros = Object.freeze(Object.fromEntries(counterNames.map((name) => [name, 0])) as Counters)

/** All counters at 0. A copy of a template: it is made four times an event. */
export function noCounters(): Counters {
  return { ...zeros }
}

/** The row that an event belongs to: all events of a bid in the same, whenever they came. */
export function totalNameOf(event: FeedbackEvent, currency: string): TotalName {
  const anchorMs = anchorMsOf(event)
  return {
    hourMs: Math.floor(anchorMs / hourMs) * hourMs,
    campaign: event.campaign,
    place: event.exchange === noSerial ? serialOf('medium', event.medium) : event.exchange,
    currency: /^[A-Z]{3}$/.test(currency) ? currency : '',
  }
}

/** Key of a row's part in a shard. */
export function totalKey(shard: number, name: TotalName): StateKey {
  const hour = Math.floor(name.hourMs / hourMs) % hoursADay
  const currency = name.currency === '' ? '-' : name.currency
  return {
    table: StateTable.Total,
    shard,
    day: dayOf(name.hourMs),
    name: `${hour}.${name.campaign.toString(36)}.${name.place.toString(36)}.${currency}`,
  }
}

/** What a key of the table counts; null for a name that is none. */
export function totalNameOfKey({ day, name }: StateKey): TotalName | null {
  const [hour, campaign, place, currency] = name.split('.')
  if (hour === undefined || campaign === undefined || place === undefined) return null
  return {
    hourMs: (day * hoursADay + Number(hour)) * hourMs,
    campaign: Number.parseInt(campaign, 36) as Serial,
    place: Number.parseInt(place, 36) as Serial,
    currency: currency === undefined || currency === '-' ? '' : currency,
  }
}

/** Counters of a stored row; those that an older writer did not know are 0. */
export function decodeCounters(value: Uint8Array | null): Counters {
  const counters = noCounters()
  let at = 0
  for (const name of counterNames) {
    let scale = 1
    let byte = 128
    while (value !== null && byte >= 128 && at < value.length) {
      byte = value[at++] ?? 0
      counters[name] += (byte & 0x7f) * scale
      scale *= 128
    }
  }
  return counters
}

/** One varint a counter; zeros at the end are left out. */
export function encodeCounters(counters: Counters): Uint8Array {
  const bytes: number[] = []
  let last = counterNames.length
  while (last > 0 && counters[counterNames[last - 1] as CounterName] === 0) last--
  for (const name of counterNames.slice(0, last)) {
    // Never below 0: what is taken back was counted before, in the same row.
    let rest = Math.max(0, counters[name])
    while (rest >= 128) {
      bytes.push((rest % 128) | 128)
      rest = Math.floor(rest / 128)
    }
    bytes.push(rest)
  }
  return Uint8Array.from(bytes)
}
