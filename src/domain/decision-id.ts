/** Names of decisions: 64 bits as 16 hex digits, unique over processes. */

/** Draws 32 random bits; from node:crypto in production. */
export type RandomWord = () => number

const wordCount = 0x1_0000_0000

/**
 * Makes decision ids for one process: 32 bits drawn at start, then a counter of 32 bits. Two lives
 * of processes meet only if they drew the same word: 1e-4 for any pair among 1 000 lives. After
 * 2^32 ids (ten days at 5 000/s) a new word is drawn.
 */
export class DecisionIds {
  readonly #draw: RandomWord
  #word = ''
  #count: number

  /** `firstCount` is where the counter starts; others than 0 are for tests. */
  constructor(draw: RandomWord, firstCount = 0) {
    this.#draw = draw
    this.#count = firstCount
    this.#word = hex32(draw())
  }

  /** The next id: never '', never one of this process's before. */
  next(): string {
    if (this.#count === wordCount) {
      this.#count = 0
      this.#word = hex32(this.#draw())
    }
    return this.#word + hex32(this.#count++)
  }
}

function hex32(value: number): string {
  return (value >>> 0).toString(16).padStart(8, '0')
}
