/** The ids of one kind in order, put in order only when somebody looks. */

/** A set of ids by code unit. Writing one is constant work; the next look merges what is new. */
export class SortedIds {
  #ids: string[] = []
  /** Not in `#ids` yet. */
  readonly #added = new Set<string>()
  /** Still in `#ids`. */
  readonly #removed = new Set<string>()

  /** Adds an id that is not there. */
  add(id: string): void {
    if (!this.#removed.delete(id)) this.#added.add(id)
  }

  /** Removes an id that is there. */
  remove(id: string): void {
    if (!this.#added.delete(id)) this.#removed.add(id)
  }

  /** All ids, ascending; valid until the next `add` or `remove`. */
  all(): readonly string[] {
    if (this.#added.size > 0 || this.#removed.size > 0) this.#merge()
    return this.#ids
  }

  /** Position in `all()` of the first id behind `id`, which need not be there. */
  positionAfter(id: string): number {
    const ids = this.all()
    let low = 0
    let high = ids.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((ids[middle] ?? '') <= id) low = middle + 1
      else high = middle
    }
    return low
  }

  #merge(): void {
    const added = [...this.#added].sort(compareText)
    const merged: string[] = []
    let next = 0
    for (const id of this.#ids) {
      for (let fresh = added[next]; fresh !== undefined && fresh < id; fresh = added[++next]) {
        merged.push(fresh)
      }
      if (!this.#removed.has(id)) merged.push(id)
    }
    while (next < added.length) merged.push(added[next++] ?? '')
    this.#ids = merged
    this.#added.clear()
    this.#removed.clear()
  }
}

/** Orders ids by code unit, the same on every machine. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
