/** How long work takes on this machine, learnt from work that was done. */

/** A step of the mean: the last 20 times or so count. */
const step = 0.1

/** What is assumed of a kind of work before it was done. */
export interface PaceStart {
  /**
   * A time of it costs as much as its rows and so many more; one number is then enough to learn.
   */
  readonly extraRows: number
  readonly msPerRow: number
}

/**
 * A time so many times the expected is taken for no more than that, nor is any for less than
 * `believedMs`: a process that stood still for a second has learnt nothing of its model.
 */
const surpriseMax = 8
const believedMs = 1

/** Share that is left of what is expected when it has kept jobs away for `doubtEveryMs`. */
const doubtShare = 0.9
const doubtEveryMs = 1_000

/** A running mean of milliseconds a row. */
export class Pace {
  readonly #extraRows: number
  #msPerRow: number
  #doubtedMs = Number.NEGATIVE_INFINITY

  constructor({ extraRows, msPerRow }: PaceStart) {
    this.#extraRows = extraRows
    this.#msPerRow = msPerRow
  }

  /** Expected milliseconds of `rows` rows. */
  expectedMs(rows: number): number {
    return this.#msPerRow * (rows + this.#extraRows)
  }

  /** Learns from `rows` rows that took `ms`. */
  learn(rows: number, ms: number): void {
    const taken = Math.min(ms, Math.max(surpriseMax * this.expectedMs(rows), believedMs))
    this.#msPerRow += step * (taken / (rows + this.#extraRows) - this.#msPerRow)
  }

  /**
   * Work was not begun because of what is expected of it. What is never begun teaches nothing, so a
   * little less is expected by and by, until it is tried again.
   */
  doubt(nowMs: number): void {
    if (nowMs - this.#doubtedMs < doubtEveryMs) return
    this.#doubtedMs = nowMs
    this.#msPerRow *= doubtShare
  }
}
