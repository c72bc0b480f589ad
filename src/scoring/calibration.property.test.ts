import fc from 'fast-check'
import { expect, test } from 'vitest'
import { calibrate, fitIsotonic, fitPlatt } from './calibration.ts'

const rows = fc.array(
  fc.record({
    probability: fc.oneof(fc.double({ min: 0, max: 1, noNaN: true }), fc.constantFrom(0.1, 0.2)),
    label: fc.nat(1),
    weight: fc.integer({ min: 1, max: 20 }),
  }),
  { minLength: 2, maxLength: 300 },
)
type Rows = { probability: number; label: number; weight: number }[]

function columns(data: Rows) {
  return {
    probability: data.map(({ probability }) => probability),
    label: data.map(({ label }) => label),
    weight: data.map(({ weight }) => weight),
  }
}

const sumOf = (data: Rows, of: (row: Rows[number]) => number): number =>
  data.reduce((sum, row) => sum + row.weight * of(row), 0)

const grid = Array.from({ length: 201 }, (_, i) => i / 200)

test('an isotonic curve never falls, has few knots, and stays within 0 and 1', () => {
  fc.assert(
    fc.property(rows, fc.integer({ min: 1, max: 30 }), (data, knotsMax) => {
      const curve = fitIsotonic(columns(data), knotsMax)
      expect(curve.from.length).toBeLessThanOrEqual(knotsMax)
      expect(curve.from.every((knot, i) => i === 0 || knot > curve.from[i - 1]!)).toBe(true)
      const values = grid.map((p) => calibrate(curve, p))
      expect(values.every((value, i) => i === 0 || value >= values[i - 1]!)).toBe(true)
      expect(values.every((value) => value >= 0 && value <= 1)).toBe(true)
    }),
  )
})

test('an isotonic curve sums up to the positives of its own data, unless a knot is at 1', () => {
  fc.assert(
    fc.property(rows, fc.integer({ min: 1, max: 30 }), (data, knotsMax) => {
      const curve = fitIsotonic(columns(data), knotsMax)
      const expected = sumOf(data, ({ probability }) => calibrate(curve, probability))
      const positives = sumOf(data, ({ label }) => label)
      if (curve.to.some((rate) => rate >= 1)) return
      expect(expected).toBeCloseTo(positives, 6)
    }),
  )
})

test('Platt never turns the order around, and sums up to its smoothed positives', () => {
  fc.assert(
    fc.property(rows, (data) => {
      const fitted = fitPlatt(columns(data))
      expect(fitted.slope).toBeGreaterThan(0)
      const positives = sumOf(data, ({ label }) => label)
      const negatives = sumOf(data, ({ label }) => 1 - label)
      const smoothed = (positives * (positives + 1)) / (positives + 2) + negatives / (negatives + 2)
      const expected = sumOf(data, ({ probability }) => calibrate(fitted, probability))
      expect(expected / smoothed).toBeCloseTo(1, 4)
    }),
  )
})
