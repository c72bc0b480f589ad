import fc from 'fast-check'
import { expect, test } from 'vitest'
import { SlotCache } from './slot-cache.ts'

test('it never tells another key’s value, and always the newest two of a place', () => {
  const step = fc.nat({ max: 2 ** 31 })
  fc.assert(
    fc.property(fc.array(fc.oneof(step, fc.nat({ max: 20 })), { maxLength: 200 }), (keys) => {
      const cache = new SlotCache<string>(4)
      for (const key of keys) {
        if (cache.get(key) === undefined) cache.set(key, `v${key}`)
        expect(cache.get(key)).toBe(`v${key}`)
      }
      const kept = [...new Set(keys)].filter((key) => cache.get(key) !== undefined)
      expect(kept.every((key) => cache.get(key) === `v${key}`)).toBe(true)
      expect(kept.length).toBeLessThanOrEqual(16)
    }),
  )
})

test('half of its room holds nearly all keys, whatever they are a multiple of', () => {
  for (const step of [1, 7, 64, 4_096]) {
    const cache = new SlotCache<number>(12)
    for (let i = 0; i < 2_048; i++) cache.set(i * step, i)
    const kept = Array.from({ length: 2_048 }, (_, i) => cache.get(i * step)).filter(
      (value, i) => value === i,
    )
    expect(kept.length).toBeGreaterThan(1_800)
  }
})

test('a size that makes no sense is refused', () => {
  expect(() => new SlotCache(0)).toThrow(RangeError)
  expect(() => new SlotCache(21)).toThrow(RangeError)
})
