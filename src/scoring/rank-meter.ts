/** What ranking counts in one process; telemetry has the counters. */

/** Plain counters, incremented in place, and hooks for durations. */
export interface RankMeter {
  /** Runs of fine graphs, and real rows in them. */
  runs: number
  rows: number
  /** Runs of coarse graphs, and real asks in them. */
  askRuns: number
  asks: number
  /** Answers of a model that were no probability: their rows are out. */
  nanScores: number
  /** Jobs by how they ended; those that are in none of them were done. */
  failed: number
  shortened: number
  overload: number
  /** Milliseconds from submission to the first stage of a job. */
  observeQueue(ms: number): void
  /** Milliseconds of one run, encoding included: so long the loop was blocked. */
  observeRun(ms: number): void
}
