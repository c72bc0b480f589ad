/** The index answers what a Map answers. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { buildNumberIndex, placeIn } from './number-index.ts'

const number = fc.oneof(
  fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }),
  // Equal in their lowest 32 bits: all want the same slot.
  fc.integer({ min: 0, max: 2_000 }).map((high) => high * 2 ** 32 + 7),
  fc.integer({ min: 0, max: 20 }),
)

test('finds the first place of every number, and no other number', () => {
  fc.assert(
    fc.property(fc.array(number, { maxLength: 200 }), fc.array(number), (keys, others) => {
      const index = buildNumberIndex(Float64Array.from(keys))
      for (const key of [...keys, ...others]) expect(placeIn(index, key)).toBe(keys.indexOf(key))
    }),
  )
})

test('an index of nothing finds nothing', () => {
  expect(placeIn(buildNumberIndex(new Float64Array(0)), 0)).toBe(-1)
})
