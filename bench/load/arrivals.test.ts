import { expect, test } from 'vitest'
import { arrivals } from './arrivals.ts'

test('constant arrivals are evenly spaced and do not drift', () => {
  const schedule = arrivals('constant', 3_000, 1)
  let last = 0
  for (let i = 0; i < 3_000_001; i++) last = schedule.next()
  expect(last).toBeCloseTo(1_000_000, 6)
})

test('Poisson arrivals have the asked rate, exponential gaps, and repeat with the seed', () => {
  const schedule = arrivals('poisson', 1_000, 7)
  const again = arrivals('poisson', 1_000, 7)
  const count = 100_000
  let previous = schedule.next()
  expect(again.next()).toBe(previous)
  let overMean = 0
  let differences = 0
  for (let i = 0; i < count; i++) {
    const at = schedule.next()
    if (again.next() !== at) differences++
    if (at - previous > 1) overMean++
    previous = at
  }
  expect(differences).toBe(0)
  expect(previous / count).toBeCloseTo(1, 1)
  // A share of 1/e of exponential gaps is longer than the mean.
  expect(overMean / count).toBeCloseTo(Math.exp(-1), 2)
})
