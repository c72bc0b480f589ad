/** The secret header a medium may be told to send; two values are good while it is rotated. */
import { timingSafeEqual } from 'node:crypto'

/** Compares in a time that does not tell how much of a value was right, nor which value it was. */
export class SecretValues {
  readonly #values: readonly Buffer[]

  constructor(values: readonly string[]) {
    this.#values = values.map((value) => Buffer.from(value))
  }

  /** True when `given` is one of the values. */
  accepts(given: string): boolean {
    const bytes = Buffer.from(given)
    let found = false
    for (const value of this.#values) {
      const sameLength = value.length === bytes.length
      // A value of another length is compared with itself: the time stays the same.
      const same = timingSafeEqual(value, sameLength ? bytes : value) && sameLength
      found = same || found
    }
    return found
  }
}
