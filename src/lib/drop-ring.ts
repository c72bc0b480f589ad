/** A bounded queue that makes room by dropping what is oldest, and says so. */

/** First in, first out, `capacity` at most. One allocation, at construction. */
export class DropRing<T> {
  readonly #slots: (T | undefined)[]
  #head = 0
  #count = 0

  constructor(capacity: number) {
    this.#slots = new Array<T | undefined>(capacity).fill(undefined)
  }

  get count(): number {
    return this.#count
  }

  /** Appends; true when the oldest one had to go. */
  push(item: T): boolean {
    const capacity = this.#slots.length
    this.#slots[(this.#head + this.#count) % capacity] = item
    if (this.#count < capacity) {
      this.#count++
      return false
    }
    this.#head = (this.#head + 1) % capacity
    return true
  }

  /** Takes up to `max` of the oldest, in order. */
  take(max: number): T[] {
    const taken: T[] = []
    while (this.#count > 0 && taken.length < max) {
      taken.push(this.#slots[this.#head] as T)
      // Else the ring would keep alive what was taken.
      this.#slots[this.#head] = undefined
      this.#head = (this.#head + 1) % this.#slots.length
      this.#count--
    }
    return taken
  }
}
