/** Small numbers for things that come and go: those of things that went are given out again. */

/** Hands out row numbers of a table that is as long as the most things there were at once. */
export class RowNumbers {
  #next = 0
  readonly #free: number[] = []

  /** Rows that a table needs to have. */
  get size(): number {
    return this.#next
  }

  /** A number that nobody has. */
  take(): number {
    return this.#free.pop() ?? this.#next++
  }

  /** Gives a number back; -1 = there was none. */
  giveBack(number: number): void {
    if (number >= 0) this.#free.push(number)
  }
}
