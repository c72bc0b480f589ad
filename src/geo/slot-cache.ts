/** A bounded cache by number: two entries share a place, and a third one pushes the oldest out. */

/**
 * Two-way set-associative: reading and writing touch two neighbours of an array, make no garbage
 * and keep no list. With one entry a place, 40 000 keys in 65 536 lost every fifth to another.
 */
export class SlotCache<T> {
  readonly #keys: Float64Array
  readonly #values: (T | undefined)[]
  readonly #shift: number

  /** `slotBits`: 2 to that power entries, at most 2^20. */
  constructor(slotBits: number) {
    if (!(slotBits >= 2 && slotBits <= 20)) throw new RangeError('2 to 20 bits of slots')
    this.#keys = new Float64Array(1 << slotBits).fill(-1)
    this.#values = new Array<T | undefined>(1 << slotBits).fill(undefined)
    this.#shift = 33 - slotBits
  }

  /** What was put under a non-negative integer, unless two others came into its place since. */
  get(key: number): T | undefined {
    const first = this.#firstOf(key)
    if (this.#keys[first] === key) return this.#values[first]
    return this.#keys[first + 1] === key ? this.#values[first + 1] : undefined
  }

  /** Puts a value that is not there yet. */
  set(key: number, value: T): void {
    const first = this.#firstOf(key)
    this.#keys[first + 1] = this.#keys[first] ?? -1
    this.#values[first + 1] = this.#values[first]
    this.#keys[first] = key
    this.#values[first] = value
  }

  /** Fibonacci hashing: neighbouring keys are spread over all places. */
  #firstOf(key: number): number {
    return (Math.imul(key, 0x9e3779b1) >>> this.#shift) * 2
  }
}
