/** Seeded draws by index: no state, so that user 734 120 can be made without those before. */
import { mix64, seedOf } from '../lib/mix.ts'

const wordCount = 0x1_0000_0000

/** Normal draws live above all uniform ones: a purpose may use as many parts of either. */
const normalParts = 0x10000

/**
 * A family of draws with a name. Each is told by an index (a user, row or ad) and a part (what
 * it is for); equal worlds, names, indices and parts give equal draws, in any order.
 */
export class Draws {
  readonly #seed: number

  constructor(worldSeed: number, name: string) {
    this.#seed = mix64(worldSeed, 0, seedOf(name))
  }

  /** Uniform in [0, 1), in steps of 2^-32. */
  uniform(index: number, part: number): number {
    return mix64(index, part, this.#seed) / wordCount
  }

  /** A whole number in [0, count). */
  whole(index: number, part: number, count: number): number {
    return Math.floor(this.uniform(index, part) * count)
  }

  /** 32 bits, unsigned. */
  word(index: number, part: number): number {
    return mix64(index, part, this.#seed)
  }

  /**
   * Mean 0, variance 1, bell-shaped within ±3.5: the sum of four uniform ones. No logarithm, no
   * cosine, and no outlier that would make one ad a wonder.
   */
  normal(index: number, part: number): number {
    const first = normalParts + part * 4
    let sum = -2
    for (let i = 0; i < 4; i++) sum += this.uniform(index, first + i)
    return sum * root3
  }
}

const root3 = Math.sqrt(3)

/** A table of `count` normal draws of this spread. */
export function normalTable(draws: Draws, count: number, spread: number): Float64Array {
  return Float64Array.from({ length: count }, (_, index) => draws.normal(index, 0) * spread)
}

/** Position of `uniform` in shares that need not add up to 1. */
export function pickShare(shares: readonly number[], uniform: number): number {
  let total = 0
  for (const share of shares) total += share
  let left = uniform * total
  for (const [position, share] of shares.entries()) {
    left -= share
    if (left < 0) return position
  }
  return shares.length - 1
}
