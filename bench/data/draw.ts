/** Seeded draws of the kinds that made-up catalogs and requests need. */
import { seededRandom } from './seeded-random.ts'

/** A stream of draws: the same seed draws the same things in the same order. */
export class Draw {
  readonly #random: () => number

  constructor(seed: number) {
    this.#random = seededRandom(seed)
  }

  /** True with this probability. */
  chance(probability: number): boolean {
    return this.#random() < probability
  }

  /** A whole number of [0, limit). */
  below(limit: number): number {
    return Math.floor(this.#random() * limit)
  }

  /** A number of [low, high), small ones more often: evenly over orders of magnitude. */
  spread(low: number, high: number): number {
    return low * (high / low) ** this.#random()
  }

  /** One of the items, all with the same probability. */
  pick<T>(items: readonly T[]): T {
    const item = items[this.below(items.length)]
    if (item === undefined) throw new RangeError('there is nothing to pick from')
    return item
  }

  /** A number of [0, limit), the first ones far more often than the last: as popularity falls. */
  popular(limit: number): number {
    return Math.floor(limit * this.#random() ** 3)
  }

  /** One of the items by their weights. */
  weighted<T>(items: readonly (readonly [item: T, weight: number])[]): T {
    let rest = this.#random() * items.reduce((sum, [, weight]) => sum + weight, 0)
    for (const [item, weight] of items) {
      rest -= weight
      if (rest < 0) return item
    }
    return this.pick(items)[0]
  }

  /** `count` distinct things, as far as `draw` finds so many in a few attempts. */
  some<T>(count: number, draw: () => T): T[] {
    const found = new Set<T>()
    for (let attempt = 0; attempt < count * 4 && found.size < count; attempt++) found.add(draw())
    return [...found]
  }
}
