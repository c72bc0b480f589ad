import fc from 'fast-check'
import { expect, test } from 'vitest'
import { bucketOf, mix64, seedOf } from './mix.ts'

const word = fc.nat(0xffff_ffff)

test('a bucket is inside its count, whatever the key and seed', () => {
  fc.assert(
    fc.property(
      word,
      word,
      fc.string(),
      fc.integer({ min: 1, max: 10_000 }),
      (high, low, name, n) => {
        const bucket = bucketOf(high, low, seedOf(name), n)
        expect(Number.isInteger(bucket) && bucket >= 0 && bucket < n).toBe(true)
        expect(bucketOf(high, low, seedOf(name), n)).toBe(bucket)
      },
    ),
  )
})

test('keys that only count up spread evenly over buckets', () => {
  for (const seed of [seedOf('a'), seedOf('creative test'), 0, 0xffff_ffff]) {
    expect(chiSquared((key) => bucketOf(0, key, seed, 100), 100)).toBeLessThan(limit99)
    expect(chiSquared((key) => bucketOf(key, 7, seed, 100), 100)).toBeLessThan(limit99)
    expect(chiSquared((key) => bucketOf(key * 4_096, 0, seed, 100), 100)).toBeLessThan(limit99)
  }
})

test('buckets under one seed say nothing about those under another', () => {
  const [a, b] = [seedOf('layer-1'), seedOf('layer-2')]
  const pair = (key: number): number => bucketOf(key, key, a, 10) * 10 + bucketOf(key, key, b, 10)
  expect(chiSquared(pair, 100)).toBeLessThan(limit99)
})

test('one changed bit of key or seed changes about half of the output bits', () => {
  let changed = 0
  let looked = 0
  for (let key = 1; key <= 500; key++) {
    const before = mix64(key * 7_919, key, 42)
    for (let bit = 0; bit < 32; bit++) {
      const flip = (1 << bit) >>> 0
      changed += bits(before ^ mix64((key * 7_919) ^ flip, key, 42))
      changed += bits(before ^ mix64(key * 7_919, key ^ flip, 42))
      changed += bits(before ^ mix64(key * 7_919, key, 42 ^ flip))
      looked += 96
    }
  }
  expect(changed / looked).toBeGreaterThan(0.49)
  expect(changed / looked).toBeLessThan(0.51)
})

/**
 * Values stay for ever: another number would move every device into another arm. `mixed` is
 * Murmur3 x86/32 of the two words, little endian, by an independent program.
 */
test('known values do not change', () => {
  expect(seedOf('layer-1')).toBe(pinned.seed)
  expect(mix64(0x01234567, 0x89abcdef, seedOf('layer-1'))).toBe(pinned.mixed)
})

const pinned = { seed: 896_084_912, mixed: 706132608 }

/** 99 degrees of freedom: a uniform hash is above this once in 10 000 tries; keys are fixed. */
const limit99 = 161

function chiSquared(bucket: (key: number) => number, buckets: number): number {
  const keys = 100_000
  const counts = new Array<number>(buckets).fill(0)
  for (let key = 0; key < keys; key++) counts[bucket(key)]!++
  const expected = keys / buckets
  return counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0)
}

function bits(value: number): number {
  let count = 0
  for (let rest = value >>> 0; rest !== 0; rest &= rest - 1) count++
  return count
}
