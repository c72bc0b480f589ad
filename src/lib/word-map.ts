/**
 * A map from words to numbers in typed arrays: built once, moved between threads without a copy,
 * read without allocation. Words are known by 64 bits of hash under a seed, not by their text: two
 * of a million words meet with probability 3 × 10^-8, and the builder refuses such a set.
 */

/** The arrays of a built map. */
export interface WordMapData {
  readonly seed: number
  readonly high: Uint32Array
  readonly low: Uint32Array
  /** -1 = an empty place. */
  readonly values: Int32Array
}

const hash = new Uint32Array(2)

/** Looks words up. */
export class WordMap {
  readonly #data: WordMapData
  readonly #mask: number

  constructor(data: WordMapData) {
    this.#data = data
    this.#mask = data.values.length - 1
  }

  /** The number of `word` in `space`, or -1. */
  get(space: number, word: string): number {
    const { seed, high, low, values } = this.#data
    hashWord(seed + space, word)
    const wantedHigh = hash[0]!
    const wantedLow = hash[1]!
    let at = wantedLow & this.#mask
    for (;;) {
      const value = values[at]!
      if (value === -1) return -1
      if (low[at] === wantedLow && high[at] === wantedHigh) return value
      at = (at + 1) & this.#mask
    }
  }
}

/** A word to put into a map: `space` keeps words of different meanings apart. */
export interface WordEntry {
  readonly space: number
  readonly word: string
  readonly value: number
}

/** Builds a map; another seed is tried when two words meet in all 64 bits. */
export function buildWordMap(entries: readonly WordEntry[], seed = 1): WordMapData {
  // At most half full: a miss then costs one and a half looks on average.
  const capacity = 2 ** Math.ceil(Math.log2(Math.max(2, entries.length * 2)))
  const data: WordMapData = {
    seed,
    high: new Uint32Array(capacity),
    low: new Uint32Array(capacity),
    values: new Int32Array(capacity).fill(-1),
  }
  for (const entry of entries) if (!put(data, entry)) return buildWordMap(entries, seed + 0x9e3779)
  return data
}

function put(data: WordMapData, { space, word, value }: WordEntry): boolean {
  const mask = data.values.length - 1
  hashWord(data.seed + space, word)
  const high = hash[0]!
  const low = hash[1]!
  let at = low & mask
  while (data.values[at] !== -1) {
    if (data.low[at] === low && data.high[at] === high) return false
    at = (at + 1) & mask
  }
  data.high[at] = high
  data.low[at] = low
  data.values[at] = value
  return true
}

/** Two lanes of multiply-and-mix over the code units, crossed at the end. */
function hashWord(seed: number, word: string): void {
  let a = Math.imul(seed ^ 0x9e37_79b1, 0x85eb_ca6b)
  let b = Math.imul(seed ^ 0x27d4_eb2f, 0xc2b2_ae35)
  for (let i = 0; i < word.length; i++) {
    const unit = word.charCodeAt(i)
    a = Math.imul(a ^ unit, 0x9e37_79b1)
    b = Math.imul(b ^ unit, 0x5f35_6495)
    a ^= a >>> 15
  }
  a = Math.imul(a ^ (a >>> 16), 0x85eb_ca6b) ^ Math.imul(b ^ (b >>> 13), 0xc2b2_ae35)
  b = Math.imul(b ^ (b >>> 16), 0x85eb_ca6b) ^ Math.imul(a ^ (a >>> 13), 0xc2b2_ae35)
  hash[0] = a
  hash[1] = b
}
