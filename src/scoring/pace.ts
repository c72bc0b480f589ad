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

/** A running mean of milliseconds a row. */
export class Pace {
  readonly #extraRows: number
  #msPerRow: number

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
    this.#msPerRow += step * (ms / (rows + this.#extraRows) - this.#msPerRow)
  }
}
