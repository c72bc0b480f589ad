/** Remembers how many records lie between two places, so that standard tools can show the lag. */

/** A stretch of a part that was read: records after `after`, up to and with `to`. */
export interface ReadStretch {
  readonly part: string
  readonly after: string
  readonly to: string
  readonly count: number
}

/** Each part may be read by two readers; what is read is committed before long. */
const stretchesMax = 4_096

/** The stretches that were read last. */
export class ReadCounts {
  /** By `part to`; in the order in which they came. */
  readonly #stretches = new Map<string, ReadStretch>()

  note(stretch: ReadStretch): void {
    if (stretch.count === 0) return
    const key = `${stretch.part} ${stretch.to}`
    this.#stretches.delete(key)
    this.#stretches.set(key, stretch)
    if (this.#stretches.size <= stretchesMax) return
    for (const oldest of this.#stretches.keys()) {
      this.#stretches.delete(oldest)
      return
    }
  }

  /** The stretch that ends at a place, or undefined when it was not read here lately. */
  endingAt(part: string, to: string): ReadStretch | undefined {
    return this.#stretches.get(`${part} ${to}`)
  }
}
