/**
 * Sets of small numbers as bits in a `Uint32Array`; plain functions, so that arrays can be shared.
 */

/** Words that hold `count` bits, at least one. */
export function wordsOf(count: number): number {
  return Math.max(1, Math.ceil(count / 32))
}

/** True when bit `index` is set. */
export function hasBit(bits: Uint32Array, index: number): boolean {
  return ((bits[index >>> 5]! >>> (index & 31)) & 1) === 1
}

/** Sets bit `index`. */
export function setBit(bits: Uint32Array, index: number): void {
  bits[index >>> 5]! |= 1 << (index & 31)
}

/** Bits set in a 32-bit word (the parallel count of Hacker's Delight, §5-1). */
export function popcount(word: number): number {
  let bits = word - ((word >>> 1) & 0x5555_5555)
  bits = (bits & 0x3333_3333) + ((bits >>> 2) & 0x3333_3333)
  return Math.imul((bits + (bits >>> 4)) & 0x0f0f_0f0f, 0x0101_0101) >>> 24
}

/** Bits set in the first `words` words. */
export function countBits(bits: Uint32Array, words: number): number {
  let count = 0
  for (let word = 0; word < words; word++) if (bits[word] !== 0) count += popcount(bits[word]!)
  return count
}

/** `bits &= keep`; answers how many bits went. */
export function intersect(bits: Uint32Array, keep: Uint32Array, words: number): number {
  let gone = 0
  for (let word = 0; word < words; word++) {
    const before = bits[word]!
    const lost = before & ~keep[word]!
    if (lost === 0) continue
    gone += popcount(lost)
    bits[word] = before & keep[word]!
  }
  return gone
}

/** `bits &= ~gone`; answers how many bits went. */
export function subtract(bits: Uint32Array, gone: Uint32Array, words: number): number {
  let count = 0
  for (let word = 0; word < words; word++) {
    const lost = bits[word]! & gone[word]!
    if (lost === 0) continue
    count += popcount(lost)
    bits[word]! &= ~gone[word]!
  }
  return count
}

/** Clears bit `index`; true when it was set. */
export function takeBit(bits: Uint32Array, index: number): boolean {
  const word = index >>> 5
  const mask = 1 << (index & 31)
  if ((bits[word]! & mask) === 0) return false
  bits[word]! &= ~mask
  return true
}
