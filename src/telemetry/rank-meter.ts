/** What ranking by models counts and times in one process; `RankMeter` of scoring has this shape. */
import { Histogram } from './histogram.ts'
import { histogramJson, type MetricJson, metric } from './metric-json.ts'

/** One a doubling, 16 µs to 65 ms: a whole decision has some tens of milliseconds. */
const boundsUs = Array.from({ length: 13 }, (_, i) => 2 ** (i + 4))

/** Plain counters, incremented in place. */
export class RankMeter {
  /** Runs of fine graphs, and rows in them. */
  runs = 0
  rows = 0
  /** Runs of coarse graphs, and asks in them. */
  askRuns = 0
  asks = 0
  /** Answers of a model that were no probability. */
  nanScores = 0
  /** Jobs by how they ended, but for those that were done. */
  failed = 0
  shortened = 0
  overload = 0
  readonly #queue = new Histogram()
  readonly #run = new Histogram()

  /** Times the wait of one job for its first stage. */
  observeQueue(ms: number): void {
    this.#queue.observe(ms)
  }

  /** Times one run: so long the loop was blocked. */
  observeRun(ms: number): void {
    this.#run.observe(ms)
  }

  /** Everything as Prometheus JSON, labelled with the worker's index. */
  snapshot(worker: number): readonly MetricJson[] {
    const byStage = (coarse: number, fine: number) => [
      { labels: { worker, stage: 'coarse' }, value: coarse },
      { labels: { worker, stage: 'fine' }, value: fine },
    ]
    return [
      metric('sluice_rank_runs_total', 'Runs of networks', byStage(this.askRuns, this.runs)),
      metric('sluice_rank_rows_total', 'Rows in those runs', byStage(this.asks, this.rows)),
      metric('sluice_rank_nan_total', 'Answers of networks that were no probability', [
        { labels: { worker }, value: this.nanScores },
      ]),
      metric('sluice_rank_short_total', 'Requests that did not get every stage, by why', [
        { labels: { worker, reason: 'time' }, value: this.shortened },
        { labels: { worker, reason: 'overload' }, value: this.overload },
        { labels: { worker, reason: 'failed' }, value: this.failed },
      ]),
      histogramJson(
        'sluice_rank_seconds',
        'Wait of a request for its first stage, and time of one run',
        [
          { labels: { worker, part: 'queue' }, of: this.#queue },
          { labels: { worker, part: 'run' }, of: this.#run },
        ],
        boundsUs,
      ),
    ]
  }
}
