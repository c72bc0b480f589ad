import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Histogram } from './histogram.ts'

test('a quantile is never below the true value and at most a quarter above it', () => {
  const durations = fc.array(fc.integer({ min: 0, max: 50_000_000 }), { minLength: 1 })
  fc.assert(
    fc.property(durations, fc.double({ min: 0.01, max: 1, noNaN: true }), (all, share) => {
      const histogram = new Histogram()
      for (const us of all) histogram.observe((us + 0.5) / 1000)
      const sorted = all.toSorted((a, b) => a - b)
      const exact = sorted[Math.ceil(all.length * share) - 1]!
      const read = histogram.quantileUs(share)
      expect(read).toBeGreaterThanOrEqual(exact)
      expect(read).toBeLessThanOrEqual(Math.max(exact + 1, exact * 1.25 + 1))
    }),
  )
})

test('counts below a power of two are exact', () => {
  const histogram = new Histogram()
  for (const us of [1, 3, 7.5, 8, 1023.9, 1024]) histogram.observe(us / 1000)
  expect(histogram.countBelow(8)).toBe(3)
  expect(histogram.countBelow(1024)).toBe(5)
  expect(histogram.total).toBe(6)
})

test('negative, endless and cleared durations do no harm', () => {
  const histogram = new Histogram()
  expect(histogram.quantileUs(0.99)).toBe(0)
  histogram.observe(-5)
  histogram.observe(Number.POSITIVE_INFINITY)
  expect(histogram.total).toBe(2)
  expect(histogram.quantileUs(1)).toBeGreaterThan(100_000_000)
  histogram.clear()
  expect(histogram.total).toBe(0)
  expect(histogram.sumMs).toBe(0)
})
