/**
 * What a decide process counts and times: typed arrays on the hot path, Prometheus JSON on demand.
 */

import { type IntervalHistogram, monitorEventLoopDelay } from 'node:perf_hooks'
import { rankNoteNames } from '../domain/bid-decision.ts'
import type { RtaRanking } from '../domain/decision.ts'
import { Refusal, refusalNames } from '../domain/refusal.ts'
import type { Step } from '../domain/step.ts'
import { Histogram } from './histogram.ts'
import { histogramJson, type Labels, type MetricJson, metric } from './metric-json.ts'

const stepNames = ['queue', 'decode', 'audience', 'decide', 'encode'] as const

/** Refusal numbers are below 256 (domain/refusal.ts), so a row of 256 per medium is enough. */
const refusalRow = 256

/** Kinds of store error are a small fixed set; more than this are counted as `other`. */
const errorKindsMax = 32

/** Resolution of the loop-delay sampler, milliseconds; finer costs timers without telling more. */
const loopResolutionMs = 20

/** Counters of one decide process. No device id ever enters. */
export class Meter {
  /** Requests now between decode and answer. */
  inFlight = 0
  /** Bodies being read. */
  reading = 0
  snapshotRevision = 0
  /** Wall milliseconds at which the store last confirmed the snapshot in force; 0 = none yet. */
  snapshotConfirmedAtMs = 0
  /** Exchange-log records that a full ring dropped. */
  exchangesDropped = 0
  aborted = 0
  readonly #media: readonly string[]
  readonly #requests: Float64Array
  readonly #doubtful: Float64Array
  readonly #overflow: Float64Array
  readonly #whole: readonly Histogram[]
  readonly #steps = stepNames.map(() => new Histogram())
  readonly #recent = new Histogram()
  readonly #storeRead = new Histogram()
  #storeMissed = 0
  readonly #storeErrors = new Map<string, number>()
  readonly #loopDelay: IntervalHistogram
  /** By medium, stage and note; made when the first strategy is ranked. */
  readonly #rankings = new Map<string, RankingRow>()
  #answered = 0
  #reportedAtMs = Number.NaN
  #loopP99Ns = 0
  #loopMaxNs = 0

  /** `media`: names by medium number, as the routes number them. */
  constructor(media: readonly string[]) {
    this.#media = media
    this.#requests = new Float64Array(media.length * refusalRow)
    this.#doubtful = new Float64Array(media.length)
    this.#overflow = new Float64Array(media.length)
    this.#whole = media.map(() => new Histogram())
    this.#loopDelay = monitorEventLoopDelay({ resolution: loopResolutionMs })
    this.#loopDelay.enable()
  }

  /** Counts one answer of medium number `medium`; `ms` from the estimated arrival to the answer. */
  answer(medium: number, refusal: Refusal, ms: number): void {
    const cell = medium * refusalRow + refusal
    this.#requests[cell] = (this.#requests[cell] ?? 0) + 1
    this.#answered++
    this.#whole[medium]?.observe(ms)
  }

  /** Times one whole decision (not a request that was refused before decode), for `report`. */
  decided(ms: number): void {
    this.#recent.observe(ms)
  }

  /**
   * Takes an answer that another meter counts (a bid) into `report`: the readers felt it too.
   * `wasDecided` as for `decided`.
   */
  answeredElsewhere(ms: number, wasDecided: boolean): void {
    this.#answered++
    if (wasDecided) this.#recent.observe(ms)
  }

  /** Counts how the strategies of one decision of medium number `medium` were ranked. */
  ranked(medium: number, ranking: RtaRanking): void {
    const { by } = ranking
    const note = rankNoteNames[ranking.note] ?? ''
    const key = `${medium} ${by} ${note}`
    let row = this.#rankings.get(key)
    if (row === undefined) {
      const name = this.#media[medium] ?? ''
      row = { labels: { medium: name, by, note }, sums: rankingSums.map(() => 0), count: 0 }
      this.#rankings.set(key, row)
    }
    row.count++
    for (const [at, sum] of rankingSums.entries()) row.sums[at] = (row.sums[at] ?? 0) + ranking[sum]
  }

  /** Times one step. */
  step(step: Step, ms: number): void {
    this.#steps[step]?.observe(ms)
  }

  /** Counts the ids a request lost: doubtful ones, and those beyond the limit. */
  idsDropped(medium: number, doubtful: number, overflow: number): void {
    this.#doubtful[medium] = (this.#doubtful[medium] ?? 0) + doubtful
    this.#overflow[medium] = (this.#overflow[medium] ?? 0) + overflow
  }

  /** Answers so far of one medium with one refusal; for tests and readiness reports. */
  answers(medium: number, refusal: Refusal): number {
    return this.#requests[medium * refusalRow + refusal] ?? 0
  }

  /** `StoreMeter`: one batch of reads took `ms`; not `ok` when it did not come in time. */
  read(ms: number, ok: boolean): void {
    this.#storeRead.observe(ms)
    if (!ok) this.#storeMissed++
  }

  /** `StoreMeter`: something went wrong; `kind` is one of a small fixed set of words. */
  error(kind: string): void {
    const known = this.#storeErrors.has(kind) || this.#storeErrors.size < errorKindsMax
    const key = known ? kind : 'other'
    this.#storeErrors.set(key, (this.#storeErrors.get(key) ?? 0) + 1)
  }

  /**
   * What the readers felt since the last report, which it starts anew: p99 of whole decisions in
   * microseconds (0 = none) and answers a second. `nowMs` is monotonic.
   */
  report(nowMs: number): { readonly latencyP99Us: number; readonly requestsPerSecond: number } {
    const seconds = (nowMs - this.#reportedAtMs) / 1000
    const requestsPerSecond = seconds > 0 ? this.#answered / seconds : 0
    const latencyP99Us = this.#recent.quantileUs(0.99)
    this.#recent.clear()
    this.#answered = 0
    this.#reportedAtMs = nowMs
    this.#loopP99Ns = this.#loopDelay.percentile(99)
    this.#loopMaxNs = this.#loopDelay.max
    this.#loopDelay.reset()
    return { latencyP99Us, requestsPerSecond }
  }

  /** Everything as Prometheus JSON, labelled with the worker's index; `wallMs` is now. */
  snapshot(worker: number, wallMs: number): readonly MetricJson[] {
    return [
      this.#requestsJson(worker),
      this.#idsJson(worker),
      ...this.#rankingsJson(worker),
      histogramJson(
        'sluice_rta_latency_seconds',
        'From the estimated arrival of a request to its answer',
        this.#media.map((medium, n) => ({ labels: { worker, medium }, of: this.#whole[n] })),
      ),
      histogramJson(
        'sluice_rta_step_seconds',
        'Time of one step of a decision',
        stepNames.map((step, n) => ({ labels: { worker, step }, of: this.#steps[n] })),
      ),
      histogramJson('sluice_store_read_seconds', 'One batch of profile reads', [
        { labels: { worker }, of: this.#storeRead },
      ]),
      ...this.#countersJson(worker),
      ...this.#gaugesJson(worker, wallMs),
    ]
  }

  /** Stops the loop-delay sampler. */
  close(): void {
    this.#loopDelay.disable()
  }

  #requestsJson(worker: number): MetricJson {
    const values: { labels: Record<string, string | number>; value: number }[] = []
    for (const [n, medium] of this.#media.entries()) {
      for (const [refusal, reason] of refusalNames) {
        const value = this.#requests[n * refusalRow + refusal] ?? 0
        if (value === 0) continue
        const outcome = refusal === Refusal.None ? 'accept' : outcomeOf(refusal)
        values.push({ labels: { worker, medium, outcome, reason }, value })
      }
    }
    return metric('sluice_rta_requests_total', 'RTA answers by medium, outcome and reason', values)
  }

  #idsJson(worker: number): MetricJson {
    const values = this.#media.flatMap((medium, n) => [
      { labels: { worker, medium, why: 'doubtful' }, value: this.#doubtful[n] ?? 0 },
      { labels: { worker, medium, why: 'overflow' }, value: this.#overflow[n] ?? 0 },
    ])
    return metric(
      'sluice_rta_ids_dropped_total',
      'Device ids of requests that were dropped',
      values,
    )
  }

  #countersJson(worker: number): MetricJson[] {
    const counter = (name: string, help: string, value: number) =>
      metric(name, help, [{ labels: { worker }, value }])
    return [
      counter('sluice_store_reads_missed_total', 'Profile reads not in time', this.#storeMissed),
      metric(
        'sluice_store_errors_total',
        'Store errors by kind',
        [...this.#storeErrors].map(([kind, value]) => ({ labels: { worker, kind }, value })),
      ),
      counter('sluice_rta_aborted_total', 'Requests whose sender went away', this.aborted),
      counter(
        'sluice_exchange_log_dropped_total',
        'Exchange-log records dropped by a full ring',
        this.exchangesDropped,
      ),
    ]
  }

  #rankingsJson(worker: number): MetricJson[] {
    const rows = [...this.#rankings.values()]
    const perMedium = (sum: keyof RtaRanking, label: Labels) =>
      this.#media.map((medium) => ({
        labels: { worker, medium, ...label },
        value: sumOf(rows, medium, sum),
      }))
    return [
      metric(
        'sluice_rta_rankings_total',
        'Decisions whose strategies were ranked, by the stage that ordered their campaigns',
        rows.map(({ labels, count }) => ({ labels: { worker, ...labels }, value: count })),
      ),
      metric(
        'sluice_rta_candidates_total',
        'Creatives behind strategies that a stage took in',
        (['recalled', 'coarse', 'fine'] as const).flatMap((stage) => perMedium(stage, { stage })),
      ),
      metric('sluice_rta_ranked_strategies_total', 'Strategies that were ranked, by outcome', [
        ...perMedium('strategies', { outcome: 'asked' }),
        ...perMedium('belowValue', { outcome: 'below-value' }),
        ...perMedium('unranked', { outcome: 'unranked' }),
      ]),
    ]
  }

  #gaugesJson(worker: number, wallMs: number): MetricJson[] {
    const gauge = (name: string, help: string, value: number) =>
      metric(name, help, [{ labels: { worker }, value }], 'gauge')
    const confirmedAtMs = this.snapshotConfirmedAtMs
    // The sampler reads nanoseconds and its own interval is part of what it measures.
    const delaySeconds = (ns: number) => Math.max(0, ns / 1e9 - loopResolutionMs / 1000) || 0
    return [
      gauge('sluice_rta_in_flight', 'Requests between decode and answer', this.inFlight),
      gauge('sluice_rta_reading', 'Requests whose body is being read', this.reading),
      gauge(
        'sluice_loop_delay_p99_seconds',
        'Event-loop delay before the last report',
        delaySeconds(this.#loopP99Ns),
      ),
      gauge(
        'sluice_loop_delay_max_seconds',
        'Event-loop delay before the last report',
        delaySeconds(this.#loopMaxNs),
      ),
      gauge('sluice_snapshot_revision', 'Catalog revision in force', this.snapshotRevision),
      gauge(
        'sluice_snapshot_age_seconds',
        'Since the store confirmed the snapshot in force; -1 = none yet',
        confirmedAtMs === 0 ? -1 : Math.max(0, wallMs - confirmedAtMs) / 1000,
      ),
    ]
  }
}

/** What is added up over the rankings of one kind. */
const rankingSums = [
  'strategies',
  'belowValue',
  'unranked',
  'recalled',
  'coarse',
  'fine',
] as const satisfies readonly (keyof RtaRanking)[]

/** Rankings of one medium that ended alike; `sums` in the order of `rankingSums`. */
interface RankingRow {
  readonly labels: { readonly medium: string; readonly by: string; readonly note: string }
  readonly sums: number[]
  count: number
}

function sumOf(rows: readonly RankingRow[], medium: string, sum: keyof RtaRanking): number {
  const at = rankingSums.findIndex((name) => name === sum)
  let total = 0
  for (const { labels, sums } of rows) if (labels.medium === medium) total += sums[at] ?? 0
  return total
}

function outcomeOf(refusal: number): string {
  if (refusal < 100) return 'refuse'
  return refusal < 200 ? 'rejected' : 'failed'
}
