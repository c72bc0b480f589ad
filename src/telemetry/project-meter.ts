/** What a projector counts and times; `ProjectMeter` of feedback/project has this shape. */
import { invalidReasonNames } from '../domain/invalid-reason.ts'
import { Histogram } from './histogram.ts'
import { histogramJson, type MetricJson, metric } from './metric-json.ts'

/** One a doubling, 1 ms to 16 s: a commit a second late is the promise broken. */
const boundsUs = Array.from({ length: 15 }, (_, i) => 1_000 * 2 ** i)

/** Names of what becomes of records that are not simply counted, by number. */
const statusNames: ReadonlyMap<number, string> = new Map([
  [1, 'repeat'],
  [2, 'invalid'],
  [3, 'dead'],
  [5, 'parked'],
  [6, 'test'],
])

/** Plain counters, incremented in place. */
export class ProjectMeter {
  records = 0
  commits = 0
  refusals = 0
  failures = 0
  /** Parts of the log that are ours. */
  parts = 0
  readonly #byStatus = new Map<number, number>()
  readonly #byReason = new Map<number, number>()
  readonly #lag = new Histogram()

  /** A round of commits with so many records, the oldest of which came so long ago. */
  committed(records: number, lagMs: number): void {
    this.records += records
    this.commits++
    this.#lag.observe(lagMs)
  }

  /** What became of a record that was not simply counted. */
  noted(status: number, flags: readonly number[]): void {
    this.#byStatus.set(status, (this.#byStatus.get(status) ?? 0) + 1)
    for (const flag of flags) this.#byReason.set(flag, (this.#byReason.get(flag) ?? 0) + 1)
  }

  /** A commit was refused. */
  refused(): void {
    this.refusals++
  }

  /** Longest lag of 99 % of the rounds, microseconds. */
  lagP99Us(): number {
    return this.#lag.quantileUs(0.99)
  }

  /** Everything as Prometheus JSON. */
  snapshot(worker: number): readonly MetricJson[] {
    const one = (value: number) => [{ labels: { worker }, value }]
    return [
      metric(
        'sluice_project_records_total',
        'Records of the log that were committed',
        one(this.records),
      ),
      metric('sluice_project_commits_total', 'Rounds of commits', one(this.commits)),
      metric(
        'sluice_project_refused_total',
        'Commits that another projector was faster with',
        one(this.refusals),
      ),
      metric(
        'sluice_project_failures_total',
        'Rounds that the store did not answer',
        one(this.failures),
      ),
      metric(
        'sluice_project_parts',
        'Parts of the log that this projector reads',
        one(this.parts),
        'gauge',
      ),
      metric(
        'sluice_project_notes_total',
        'Records that were not simply counted, by what became of them',
        rows(worker, 'status', statusNames, this.#byStatus),
      ),
      metric(
        'sluice_project_invalid_total',
        'Reasons of invalid traffic that the projector found',
        rows(worker, 'reason', invalidReasonNames, this.#byReason),
      ),
      histogramJson(
        'sluice_project_lag_seconds',
        'Age of the oldest record of a round when it was committed',
        [{ labels: { worker }, of: this.#lag }],
        boundsUs,
      ),
    ]
  }
}

function rows(
  worker: number,
  label: string,
  names: ReadonlyMap<number, string>,
  counts: ReadonlyMap<number, number>,
) {
  return [...counts].map(([number, value]) => ({
    labels: { worker, [label]: names.get(number) ?? String(number) },
    value,
  }))
}
