/** Sums of the counters of campaigns: rows of the shards, added up by time, campaign and place. */
import { InvalidReason, invalidReasonNames } from '../domain/invalid-reason.ts'
import type { Serial } from '../domain/serial.ts'
import { dayOf } from '../feedback/event-home.ts'
import {
  type CounterName,
  type Counters,
  counterNames,
  decodeCounters,
  noCounters,
  totalNameOfKey,
} from '../feedback/project/totals.ts'
import { type StateStore, StateTable } from '../store/feedback-ports.ts'

/** What a report is of. */
export interface ReportOrder {
  /** Epoch milliseconds, [from, to): whole hours, an hour that has begun counts. */
  readonly fromMs: number
  readonly toMs: number
  /** Rows of one hour, of one day (UTC), or one row for all of the time. */
  readonly by: 'hour' | 'day' | 'all'
  /** Only this campaign; null = all. */
  readonly campaign: Serial | null
}

/** One row. */
export interface ReportRow {
  /** Epoch milliseconds at which its hour or day begins; the order's `fromMs` for `all`. */
  readonly startMs: number
  readonly campaign: Serial
  readonly place: Serial
  /** ISO 4217; '' = none was told. */
  readonly currency: string
  readonly counters: Counters
}

/** Events of one reason. */
export interface ReasonRow {
  readonly reason: number
  readonly reasonName: string
  readonly campaign: Serial
  readonly place: Serial
  readonly events: number
}

const hourMs = 3_600_000
const dayMs = 24 * hourMs

/** Rows by time, campaign, place and currency, in this order. Rejects when the store fails. */
export async function readTotals(
  state: Pick<StateStore, 'scan'>,
  order: ReportOrder,
): Promise<ReportRow[]> {
  const rows = new Map<string, ReportRow>()
  const firstHourMs = Math.floor(order.fromMs / hourMs) * hourMs
  for (let day = dayOf(order.fromMs); day * dayMs < order.toMs; day++) {
    await state.scan(StateTable.Total, day, (key, value) => {
      const name = totalNameOfKey(key)
      if (name === null || name.hourMs < firstHourMs || name.hourMs >= order.toMs) return
      if (order.campaign !== null && name.campaign !== order.campaign) return
      const startMs = startOf(name.hourMs, order)
      const { campaign, place, currency } = name
      const id = `${startMs}/${campaign}/${place}/${currency}`
      const row = rows.get(id) ?? { startMs, campaign, place, currency, counters: noCounters() }
      rows.set(id, row)
      add(row.counters, decodeCounters(value))
    })
  }
  return [...rows.values()].toSorted(
    (a, b) =>
      a.startMs - b.startMs ||
      a.campaign - b.campaign ||
      a.place - b.place ||
      a.currency.localeCompare(b.currency),
  )
}

/** Events by reason, campaign and place, the most first. */
export function reasonRows(rows: readonly ReportRow[]): ReasonRow[] {
  const found = new Map<string, ReasonRow & { events: number }>()
  for (const { campaign, place, counters } of rows) {
    for (const [reason, name] of reasonCounters) {
      const events = counters[name]
      if (events === 0) continue
      const id = `${reason}/${campaign}/${place}`
      const reasonName = invalidReasonNames.get(reason) ?? ''
      const row = found.get(id) ?? { reason, reasonName, campaign, place, events: 0 }
      row.events += events
      found.set(id, row)
    }
  }
  return [...found.values()].toSorted((a, b) => b.events - a.events || a.reason - b.reason)
}

/** Reasons that have a counter: `BeforeExposure` is counted as `reasonBeforeExposure`. */
const reasonCounters: readonly (readonly [number, CounterName])[] = Object.entries(
  InvalidReason,
).flatMap(([word, reason]) => {
  const name = counterNames.find((one) => one === `reason${word}`)
  return name === undefined ? [] : [[reason, name] as const]
})

function startOf(rowMs: number, { by, fromMs }: ReportOrder): number {
  if (by === 'all') return fromMs
  return by === 'hour' ? rowMs : Math.floor(rowMs / dayMs) * dayMs
}

function add(sum: Counters, counters: Counters): void {
  for (const name of counterNames) sum[name] += counters[name]
}
