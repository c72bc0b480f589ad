/** Finds what a JSON key means by a hash of its bytes, without making a string of it. */

/** One key in the table. */
interface Entry<T> {
  readonly word: Uint8Array
  readonly value: T
}

/** Slots per key: with this room a hash without collisions is found within a few tries. */
const slotsPerKey = 8

/** Tries for a hash without collisions; exhausted only if two keys look the same to every try. */
const seedsMax = 100_000

/** Keys known at start, each found with one probe. Keys are ASCII and not empty. */
export class KeyTable<T> {
  readonly #slots: (Entry<T> | null)[]
  readonly #mask: number
  readonly #seed: number

  constructor(keys: ReadonlyMap<string, T>) {
    const entries: Entry<T>[] = []
    for (const [key, value] of keys) entries.push({ word: new TextEncoder().encode(key), value })
    let size = 8
    while (size < entries.length * slotsPerKey) size *= 2
    this.#mask = size - 1
    this.#seed = seedFor(entries, size - 1)
    this.#slots = new Array<Entry<T> | null>(size).fill(null)
    for (const entry of entries) {
      const { word } = entry
      this.#slots[hashOf(word, 0, word.length, this.#seed) & this.#mask] = entry
    }
  }

  /** What the bytes [from, to) mean; null for an unknown key. */
  find(bytes: Uint8Array, from: number, to: number): T | null {
    if (from === to) return null
    const entry = this.#slots[hashOf(bytes, from, to, this.#seed) & this.#mask]
    if (entry === null || entry === undefined) return null
    const { word } = entry
    const length = word.length
    if (to - from !== length) return null
    for (let i = 0; i < length; i++) if (bytes[from + i] !== word[i]) return null
    return entry.value
  }
}

/** Looks at the length and four bytes, which tell apart all keys of any OpenRTB message. */
function hashOf(bytes: Uint8Array, from: number, to: number, seed: number): number {
  const length = to - from
  const first = bytes[from] as number
  const second = bytes[length > 1 ? from + 1 : from] as number
  const middle = bytes[from + (length >> 1)] as number
  const last = bytes[to - 1] as number
  const outer = first | (last << 8) | (second << 16) | (middle << 24)
  const mixed = Math.imul(outer ^ (length * 0x9e37), seed)
  return mixed ^ (mixed >>> 15)
}

function seedFor<T>(entries: readonly Entry<T>[], mask: number): number {
  for (let seed = 0x9e3779b1, tried = 0; tried < seedsMax; tried++) {
    const taken = new Set<number>()
    for (const { word } of entries) taken.add(hashOf(word, 0, word.length, seed) & mask)
    if (taken.size === entries.length) return seed
    seed = (Math.imul(seed, 0x01000193) + 2) | 1
  }
  throw new Error('two keys of one message have the same length and ends')
}
