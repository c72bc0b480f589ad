/**
 * What the bidder counts and times in one decide process: typed arrays on the hot path, Prometheus
 * JSON on demand. Requests marked as tests are counted here once and nowhere else.
 */
import { type Ranking, rankNoteNames } from '../domain/bid-decision.ts'
import { dropNames, dropRow } from '../domain/drop-reason.ts'
import { formatNames } from '../domain/format.ts'
import { PrivacyLimit, privacyLimitNames } from '../domain/privacy.ts'
import { Refusal, refusalNames } from '../domain/refusal.ts'
import type { BidStep } from '../domain/step.ts'
import { Histogram } from './histogram.ts'
import { histogramJson, type Labels, type MetricJson, metric } from './metric-json.ts'

/** What fell out of one decision and why; `LossFunnel` of the decision room has this shape. */
export interface FunnelCounts {
  /** By `Drop` number. */
  readonly drops: Uint32Array
  readonly eligible: number
  readonly recalled: number
  readonly coarse: number
  readonly fine: number
  readonly priced: number
}

/**
 * Exchanges with a label of their own; those beyond share `other`. An exchange has some 20 series
 * and a report goes out twice a second: 1 000 of them are the most that is still worth sending.
 */
export const exchangeLabelsMax = 1_000

/** Rows that belong to no exchange of the catalog: names of strangers are no label. */
const unknownExchange = 0
const otherExchange = 1

/** By `BidStep`. */
const stepNames = ['queue', 'inflate', 'decode', 'audience', 'decide', 'encode', 'rank'] as const

/** Refusal numbers are below 256 (domain/refusal.ts). */
const refusalRow = 256

/** One a doubling, 16 µs to 1 s: exchanges give from 80 ms to a second. */
const boundsUs = Array.from({ length: 17 }, (_, i) => 2 ** (i + 4))

/** Counters of one exchange, made when it is first seen. */
class ExchangeRow {
  readonly name: string
  readonly requests = new Float64Array(refusalRow)
  readonly bids = new Float64Array(formatNames.length)
  readonly latency = new Histogram()
  imps = 0
  impsDropped = 0
  tests = 0

  constructor(name: string) {
    this.name = name
  }
}

/** Counters of the bidder in one decide process. No device id ever enters. */
export class BidMeter {
  /** Requests now between decode and answer. */
  inFlight = 0
  /** Bodies being read. */
  reading = 0
  /** Requests whose sender went away before the answer. */
  aborted = 0
  /** Decision records that a full ring or a slow disk lost. */
  recordsDropped = 0
  /** The number of every exchange that the catalog does not have. */
  readonly unknown = unknownExchange
  readonly #rows: ExchangeRow[] = [new ExchangeRow('unknown'), new ExchangeRow('other')]
  readonly #numbers = new Map<string, number>()
  readonly #steps = stepNames.map(() => new Histogram())
  readonly #drops = new Float64Array(dropRow)
  readonly #impersonal = new Float64Array(privacyLimitNames.size)
  #eligible = 0
  #recalled = 0
  #coarse = 0
  #fine = 0
  #priced = 0
  /** By stage and note: decisions that had candidates to order. */
  readonly #rankings = new Map<string, { by: string; note: string; count: number }>()

  /** The number of an exchange of the catalog, the same for its whole life. */
  numberOf(exchange: string): number {
    const known = this.#numbers.get(exchange)
    if (known !== undefined) return known
    if (this.#numbers.size === exchangeLabelsMax) return otherExchange
    const number = this.#rows.push(new ExchangeRow(exchange)) - 1
    this.#numbers.set(exchange, number)
    return number
  }

  /** Counts one answer; `ms` from the estimated arrival to the answer. */
  answer(exchange: number, refusal: Refusal, ms: number): void {
    const row = this.#row(exchange)
    row.requests[refusal] = (row.requests[refusal] ?? 0) + 1
    row.latency.observe(ms)
  }

  /** Counts one answered request that was marked as a test. */
  test(exchange: number): void {
    this.#row(exchange).tests++
  }

  /** Counts the impressions of a decoded request: usable ones, and those left out. */
  imps(exchange: number, usable: number, dropped: number): void {
    const row = this.#row(exchange)
    row.imps += usable
    row.impsDropped += dropped
  }

  /** Counts one bid that leaves the house; `format` is a number of `Format`. */
  bid(exchange: number, format: number): void {
    const { bids } = this.#row(exchange)
    bids[format] = (bids[format] ?? 0) + 1
  }

  /** Adds what one decision dropped and kept. */
  funnel(counts: FunnelCounts): void {
    const { drops } = counts
    for (let drop = 1; drop < dropRow; drop++) {
      const count = drops[drop] ?? 0
      if (count !== 0) this.#drops[drop] = (this.#drops[drop] ?? 0) + count
    }
    this.#eligible += counts.eligible
    this.#recalled += counts.recalled
    this.#coarse += counts.coarse
    this.#fine += counts.fine
    this.#priced += counts.priced
  }

  /** Counts how the candidates of a decision were put in order. */
  ranking({ by, note }: Pick<Ranking, 'by' | 'note'>): void {
    const name = rankNoteNames[note] ?? ''
    const key = `${by} ${name}`
    const row = this.#rankings.get(key)
    if (row === undefined) this.#rankings.set(key, { by, note: name, count: 1 })
    else row.count++
  }

  /** Counts a decision that was made without personal data; `None` counts nothing. */
  impersonal(limit: PrivacyLimit): void {
    if (limit === PrivacyLimit.None) return
    this.#impersonal[limit] = (this.#impersonal[limit] ?? 0) + 1
  }

  /** Times one step; NaN = it did not happen. */
  step(step: BidStep, ms: number): void {
    if (!Number.isNaN(ms)) this.#steps[step]?.observe(ms)
  }

  /** Answers so far of one exchange with one refusal; for tests. */
  answers(exchange: number, refusal: Refusal): number {
    return this.#row(exchange).requests[refusal] ?? 0
  }

  /** Everything as Prometheus JSON, labelled with the worker's index. */
  snapshot(worker: number): readonly MetricJson[] {
    return [
      this.#requestsJson(worker),
      histogramJson(
        'sluice_bid_latency_seconds',
        'From the estimated arrival of a bid request to its answer',
        this.#rows.map((row) => ({ labels: { worker, exchange: row.name }, of: row.latency })),
        boundsUs,
      ),
      histogramJson(
        'sluice_bid_step_seconds',
        'Time of one step of a bid',
        stepNames.map((step, n) => ({ labels: { worker, step }, of: this.#steps[n] })),
        boundsUs,
      ),
      ...this.#exchangesJson(worker),
      ...this.#decisionsJson(worker),
      ...this.#processJson(worker),
    ]
  }

  #row(exchange: number): ExchangeRow {
    const row = this.#rows[exchange]
    if (row === undefined) throw new Error(`no exchange has the number ${exchange}`)
    return row
  }

  #requestsJson(worker: number): MetricJson {
    const values = this.#rows.flatMap(({ name, requests }) =>
      [...refusalNames].flatMap(([refusal, reason]) => {
        const labels = { worker, exchange: name, outcome: outcomeOf(refusal), reason }
        return counted(labels, requests[refusal])
      }),
    )
    const help = 'Bid requests answered, by exchange, outcome and reason'
    return metric('sluice_bid_requests_total', help, values)
  }

  #exchangesJson(worker: number): MetricJson[] {
    const perExchange = (name: string, help: string, count: (row: ExchangeRow) => number) => {
      const values = this.#rows.flatMap((row) =>
        counted({ worker, exchange: row.name }, count(row)),
      )
      return metric(name, help, values)
    }
    const bids = this.#rows.flatMap((row) =>
      formatNames.flatMap((format, n) =>
        counted({ worker, exchange: row.name, format }, row.bids[n]),
      ),
    )
    return [
      perExchange('sluice_bid_imps_total', 'Impressions that could be bid for', (row) => row.imps),
      perExchange(
        'sluice_bid_imps_dropped_total',
        'Impressions left out as unusable',
        (row) => row.impsDropped,
      ),
      perExchange(
        'sluice_bid_test_requests_total',
        'Requests marked as tests; no other metric counts them',
        (row) => row.tests,
      ),
      metric('sluice_bid_bids_total', 'Bids sent', bids),
    ]
  }

  #decisionsJson(worker: number): MetricJson[] {
    const drops = [...dropNames].flatMap(([drop, reason]) =>
      counted({ worker, reason }, this.#drops[drop]),
    )
    const limits = [...privacyLimitNames].flatMap(([number, limit]) =>
      counted({ worker, limit }, this.#impersonal[number]),
    )
    const rankings = [...this.#rankings.values()].map(({ by, note, count }) => ({
      labels: { worker, by, note },
      value: count,
    }))
    return [
      metric(
        'sluice_bid_rankings_total',
        'Decisions by the stage that ordered their candidates, and why it was no other',
        rankings,
      ),
      metric('sluice_bid_drops_total', 'Candidates dropped on the way to a bid', drops),
      metric('sluice_bid_candidates_total', 'Candidates that a stage kept', [
        { labels: { worker, stage: 'eligible' }, value: this.#eligible },
        { labels: { worker, stage: 'recalled' }, value: this.#recalled },
        { labels: { worker, stage: 'coarse' }, value: this.#coarse },
        { labels: { worker, stage: 'fine' }, value: this.#fine },
        { labels: { worker, stage: 'priced' }, value: this.#priced },
      ]),
      metric('sluice_bid_impersonal_total', 'Decisions made without personal data', limits),
    ]
  }

  #processJson(worker: number): MetricJson[] {
    const one = (value: number) => [{ labels: { worker }, value }]
    return [
      metric('sluice_bid_aborted_total', 'Requests whose sender went away', one(this.aborted)),
      metric(
        'sluice_bid_records_dropped_total',
        'Decision records lost by a full ring or a slow disk',
        one(this.recordsDropped),
      ),
      metric(
        'sluice_bid_in_flight',
        'Requests between decode and answer',
        one(this.inFlight),
        'gauge',
      ),
      metric('sluice_bid_reading', 'Requests whose body is being read', one(this.reading), 'gauge'),
    ]
  }
}

/** A series, or nothing where nothing was counted: most reasons never happen. */
function counted(
  labels: Labels,
  value: number | undefined,
): { readonly labels: Labels; readonly value: number }[] {
  return value === undefined || value === 0 ? [] : [{ labels, value }]
}

function outcomeOf(refusal: number): string {
  if (refusal === Refusal.None) return 'bid'
  if (refusal >= 200) return 'failed'
  return refusal >= 100 || refusal === Refusal.UnknownExchange ? 'rejected' : 'no-bid'
}
