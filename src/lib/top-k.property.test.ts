import fc from 'fast-check'
import { expect, test } from 'vitest'
import { TopK } from './top-k.ts'

test('keeps what sorting and cutting would keep', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 50 })), fc.nat({ max: 12 }), (scores, k) => {
      const top = new TopK(10)
      top.reset(k)
      let left = 0
      for (const [item, score] of scores.entries()) left += top.offer(item, score)
      const kept = [...top.scores.subarray(0, top.count)].sort((a, b) => b - a)
      expect(kept).toEqual(scores.toSorted((a, b) => b - a).slice(0, Math.min(k, 10)))
      expect(left).toBe(scores.length - top.count)
      for (let i = 0; i < top.count; i++) expect(scores[top.items[i]!]).toBe(top.scores[i])
    }),
  )
})

test('excludes exactly the scores that cannot enter', () => {
  const top = new TopK(2)
  top.reset(2)
  top.offer(0, 5)
  expect(top.excludes(0)).toBe(false)
  top.offer(1, 7)
  expect(top.excludes(5)).toBe(true)
  expect(top.excludes(5.5)).toBe(false)
})
