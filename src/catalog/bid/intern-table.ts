/** Equal things once: a table that only grows, and a number for each thing. */

/** Items by number; `isNew` ones are sent on. */
export class InternTable<T> {
  readonly items: T[] = []
  readonly #byKey = new Map<string, number>()
  #sent = 0

  /** The number of a thing; `key` is the same for equal things and for no others. */
  numberOf(key: string, item: T): number {
    const known = this.#byKey.get(key)
    if (known !== undefined) return known
    const number = this.items.push(item) - 1
    this.#byKey.set(key, number)
    return number
  }

  /** Items added since the last call. */
  takeNew(): readonly T[] {
    const fresh = this.items.slice(this.#sent)
    this.#sent = this.items.length
    return fresh
  }
}
