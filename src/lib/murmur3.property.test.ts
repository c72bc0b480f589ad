import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { finishWords, murmur3, stirWord } from './murmur3.ts'

describe('murmur3', () => {
  // Vectors that circulate for MurmurHash3_x86_32; hash and seed in hexadecimal.
  test.each([
    ['', 0, 0],
    ['', 1, 0x514e28b7],
    ['', 0xffffffff, 0x81f16f39],
    ['\0\0\0\0', 0, 0x2362f9de],
    ['aaaa', 0x9747b28c, 0x5a97808a],
    ['aaa', 0x9747b28c, 0x283e0130],
    ['aa', 0x9747b28c, 0x5d211726],
    ['a', 0x9747b28c, 0x7fa09ea6],
    ['abcd', 0x9747b28c, 0xf0478627],
    ['abc', 0x9747b28c, 0xc84a62dd],
    ['ab', 0x9747b28c, 0x74875592],
    ['Hello, world!', 0x9747b28c, 0x24884cba],
    ['The quick brown fox jumps over the lazy dog', 0x9747b28c, 0x2fa826cd],
    ['ππππππππ', 0x9747b28c, 0xd58063c1],
  ])('of %j under %i is the published value', (text, seed, hash) => {
    expect(murmur3(text, seed)).toBe(hash)
  })

  test('hashes any text as the bytes that TextEncoder makes of it', () => {
    fc.assert(
      fc.property(fc.string({ unit: anyUnit }), fc.nat(0xffff_ffff), (text, seed) => {
        expect(murmur3(text, seed)).toBe(ofBytes(new TextEncoder().encode(text), seed))
      }),
      { numRuns: 1_000 },
    )
  })

  test('of words is that of their bytes', () => {
    fc.assert(
      fc.property(fc.array(fc.integer()), fc.nat(0xffff_ffff), (words, seed) => {
        const bytes = new Uint8Array(Int32Array.from(words).buffer)
        const state = words.reduce(stirWord, seed)
        expect(finishWords(state, bytes.length)).toBe(ofBytes(bytes, seed))
      }),
    )
  })
})

/** ASCII, letters beyond it, pairs of surrogates and halves of them. */
const anyUnit = fc.oneof(
  fc.constantFrom('a', 'é', 'π', '漢', '😀', '\ud83d', '\ude00'),
  fc.integer({ min: 0, max: 0xffff }).map((unit) => String.fromCharCode(unit)),
)

/** As Austin Appleby describes it, over bytes: slow and plain. */
function ofBytes(bytes: Uint8Array, seed: number): number {
  const mix = (word: bigint): bigint =>
    (rotate((word * 0xcc9e2d51n) & mask, 15n) * 0x1b873593n) & mask
  let hash = BigInt(seed)
  const whole = bytes.length - (bytes.length % 4)
  for (let at = 0; at < whole; at += 4) {
    hash ^= mix(wordAt(bytes, at, 4))
    hash = (rotate(hash, 13n) * 5n + 0xe6546b64n) & mask
  }
  if (whole < bytes.length) hash ^= mix(wordAt(bytes, whole, bytes.length - whole))
  hash ^= BigInt(bytes.length)
  hash = ((hash ^ (hash >> 16n)) * 0x85ebca6bn) & mask
  hash = ((hash ^ (hash >> 13n)) * 0xc2b2ae35n) & mask
  return Number(hash ^ (hash >> 16n))
}

const mask = 0xffff_ffffn

function rotate(word: bigint, by: bigint): bigint {
  return ((word << by) | (word >> (32n - by))) & mask
}

function wordAt(bytes: Uint8Array, from: number, count: number): bigint {
  let word = 0n
  for (let i = 0; i < count; i++) word |= BigInt(bytes[from + i] ?? 0) << BigInt(8 * i)
  return word
}
