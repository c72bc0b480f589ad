/** The ranking port of the road: who scores, and what a waiting request gives and gets. */
import type { AdSide, ModelKey } from '../domain/ad-side.ts'
import type { AskFacts } from '../domain/feature-facts.ts'

/**
 * A model of the coarse stage, as the road uses it: the vectors are ready, the rest is arithmetic.
 */
export interface CoarseModel {
  readonly key: ModelKey
  readonly vectorWidth: number
  readonly ctr: readonly [number, number]
  /** Null: the model has no such target, the prior's CVR is used. */
  readonly cvr: readonly [number, number] | null
  /** Platt of log odds for an exchange; slope 1, shift 0 = none. */
  plattOf(exchange: string): CoarsePlatt
}

/** How coarse log odds are calibrated. */
export interface CoarsePlatt {
  readonly ctrSlope: number
  readonly ctrShift: number
  readonly cvrSlope: number
  readonly cvrShift: number
}

/** A model of the fine stage. */
export interface FineModel {
  readonly key: ModelKey
  readonly hasCvr: boolean
  /**
   * What the model saw of the creatives of a job's `fine` side beside one of its asks, at its
   * `atMs`: as bytes (domain/feature-bytes.ts), for as long as nobody changes the facts.
   */
  seen(ask: AskFacts, atMs: number, side: AdSide): (creative: number) => Uint8Array
}

/** Answers of a fine model before calibration, by row; NaN where it has no such target. */
export interface RawRates {
  readonly ctr: Float32Array
  readonly cvr: Float32Array
}

/** Loaded models by name; null = there is none that serves now. */
export interface Models {
  coarse(key: ModelKey): CoarseModel | null
  fine(key: ModelKey): FineModel | null
}

/** How a job ended. */
export const RankOutcome = {
  /** All stages that were asked for ran. */
  Done: 0,
  /** Time was short: fewer stages ran than asked for. */
  Shortened: 1,
  /** More was waiting than may wait: no stage ran. */
  Overload: 2,
  /** A model failed: the stages before it stand. */
  Failed: 3,
} as const
export type RankOutcome = (typeof RankOutcome)[keyof typeof RankOutcome]

/**
 * One request that waits for models. The batcher reads `asks`, and calls, in this order and each at
 * most once: `onVectors` (only with a coarse model), `fineRows`, `onScores` (only when there were
 * rows). All are synchronous; between them other requests are decided. None is called after `run`
 * has resolved.
 */
export interface RankJob {
  readonly exchange: string
  /** Monotonic milliseconds; nothing is begun that cannot end before it. */
  readonly deadlineMs: number
  /** Epoch milliseconds of the decision. */
  readonly atMs: number
  readonly asks: readonly AskFacts[]
  /** The stages wanted, by keys of sides of the same snapshot; null = this stage is not wanted. */
  readonly coarse: AdSide | null
  readonly fine: AdSide | null
  /** Vectors of its asks, row by row from `from` on: order what recall found by them. */
  onVectors(vectors: Float32Array, from: number, model: CoarseModel): void
  /**
   * Names the rows to be scored, at most `max`: writes creative and ask number of each, answers how
   * many.
   */
  fineRows(creatives: Int32Array, asks: Int32Array, max: number): number
  /**
   * Calibrated probabilities of its rows, from `from` on, in their order; NaN = the model's answer
   * was no probability (the row is out). `cvr` is NaN throughout where the model has none. `raw`,
   * in the same places, is what they were calibrated from.
   */
  onScores(ctr: Float64Array, cvr: Float64Array, from: number, raw: RawRates): void
}

/** Runs jobs, those that wait in one turn of the loop together. */
export interface Ranker {
  readonly models: Models
  /** Never rejects. */
  run(job: RankJob): Promise<RankOutcome>
}
