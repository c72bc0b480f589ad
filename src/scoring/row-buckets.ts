/**
 * Row counts that graphs run with. Each shape of an input is planned by onnxruntime once and kept:
 * a bounded set of shapes is warmed up when a model opens, and no request meets a new one.
 */

/**
 * Most rows of one run, and so the longest that one run blocks the loop: 256 rows of a DCN of
 * 96 × 2 + 64 units take 0.35 ms here.
 */
export const runRowsMax = 256

/**
 * Most asks of one run: the slots of many requests; a request has `asksMax` (domain) at most.
 */
export const runAsksMax = 64

/** Beyond 8 rows at most a third of a run is padding; a padded row costs as much as a real one. */
const rowSteps = [1, 2, 4, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256] as const
const askSteps = [1, 2, 4, 8, 16, 32, 64] as const

/** The buckets up to a largest one. */
export class RowBuckets {
  /** Ascending. */
  readonly steps: readonly number[]
  readonly #stepOf: Uint8Array

  constructor(steps: readonly number[]) {
    this.steps = steps
    this.#stepOf = new Uint8Array((steps.at(-1) ?? 0) + 1)
    for (let rows = 1, step = 0; rows < this.#stepOf.length; rows++) {
      if (rows > steps[step]!) step++
      this.#stepOf[rows] = step
    }
  }

  /** Number of the smallest step that holds `rows` (1 to the largest). */
  stepOf(rows: number): number {
    return this.#stepOf[rows]!
  }
}

export const rowBuckets = new RowBuckets(rowSteps)
export const askBuckets = new RowBuckets(askSteps)
