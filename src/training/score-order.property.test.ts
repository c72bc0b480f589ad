import fc from 'fast-check'
import { expect, test } from 'vitest'
import { orderByScore } from './score-order.ts'

const score = fc.oneof(
  fc.double({ min: 0, max: 1, noNaN: true }),
  fc.double({ min: 0, noNaN: true, noDefaultInfinity: true }),
  fc.constantFrom(0, -0, 5e-324, 0.5, 1),
)

test('rows come by ascending score, equal scores in their order', () => {
  fc.assert(
    fc.property(fc.array(score, { maxLength: 200 }), (scores) => {
      const sorted = scores.map((_, row) => row).sort((a, b) => scores[a]! - scores[b]! || a - b)
      expect([...orderByScore(Float64Array.from(scores))]).toEqual(sorted)
    }),
  )
})

test('a view into a larger buffer is sorted by its own part', () => {
  const buffer = Float64Array.of(9, 0.3, 0.1, 0.2, 0)
  expect([...orderByScore(buffer.subarray(1, 4))]).toEqual([1, 2, 0])
})
