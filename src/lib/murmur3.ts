/** Murmur3 (x86, 32 bit): of a text's UTF-8 bytes, and of 32-bit words. Not for secrets. */

/**
 * Hash of the UTF-8 bytes of `text`, unsigned. Half of a surrogate pair counts as U+FFFD, as
 * `TextEncoder` has it. Allocates nothing.
 */
export function murmur3(text: string, seed: number): number {
  let state = seed | 0
  // Up to eight bytes wait: those of a whole word, and those a character runs over it.
  let word = 0
  let bits = 0
  let bytes = 0
  for (let i = 0; i < text.length; i++) {
    const point = codePoint(text, i)
    if (point > 0xffff) i++
    const size = point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x1_0000 ? 3 : 4
    bytes += size
    for (let part = size - 1; part >= 0; part--) {
      word |= byteOf(point, size, part) << bits
      bits += 8
      if (bits === 32) {
        state = stirWord(state, word)
        word = 0
        bits = 0
      }
    }
  }
  if (bits > 0) state ^= scramble(word)
  return finishWords(state, bytes)
}

/** Takes one 32-bit word (four bytes, little endian) into a hash that began with its seed. */
export function stirWord(state: number, word: number): number {
  const next = state ^ scramble(word)
  return (Math.imul((next << 13) | (next >>> 19), 5) + 0xe6546b64) | 0
}

/** The unsigned hash after `bytes` bytes. */
export function finishWords(state: number, bytes: number): number {
  let mixed = state ^ bytes
  mixed ^= mixed >>> 16
  mixed = Math.imul(mixed, 0x85ebca6b)
  mixed ^= mixed >>> 13
  mixed = Math.imul(mixed, 0xc2b2ae35)
  return (mixed ^ (mixed >>> 16)) >>> 0
}

function scramble(word: number): number {
  const mixed = Math.imul(word, 0xcc9e2d51)
  return Math.imul((mixed << 15) | (mixed >>> 17), 0x1b873593)
}

function codePoint(text: string, at: number): number {
  const unit = text.charCodeAt(at)
  if (unit < 0xd800 || unit > 0xdfff) return unit
  const low = unit < 0xdc00 && at + 1 < text.length ? text.charCodeAt(at + 1) : 0
  const isPair = low >= 0xdc00 && low <= 0xdfff
  return isPair ? ((unit - 0xd800) << 10) + (low - 0xdc00) + 0x1_0000 : 0xfffd
}

/** Byte of a character of `size` bytes; `part` counts down to 0, the last one. */
function byteOf(point: number, size: number, part: number): number {
  if (size === 1) return point
  if (part < size - 1) return 0x80 | ((point >>> (6 * part)) & 0x3f)
  const lead = size === 2 ? 0xc0 : size === 3 ? 0xe0 : 0xf0
  return lead | (point >>> (6 * part))
}
