import { expect, test } from 'vitest'
import { calibrate, calibrationOf, fitIsotonic, fitPlatt } from './calibration.ts'
import type { Manifest } from './manifest.ts'

const isotonic = { kind: 'isotonic', from: [0.1, 0.2, 0.4], to: [0.05, 0.25, 0.3] } as const

test('without a calibration a probability stays', () => {
  expect(calibrate(null, 0.3)).toBe(0.3)
  expect(calibrate({ kind: 'none' }, 0.3)).toBe(0.3)
})

test('Platt moves log odds on a line', () => {
  // logit(0.2) = ln(0.25); twice that plus ln 4 is ln(0.25): 0.2 again.
  expect(calibrate({ kind: 'platt', slope: 2, shift: Math.log(4) }, 0.2)).toBeCloseTo(0.2, 12)
  expect(calibrate({ kind: 'platt', slope: 1, shift: Math.log(4) }, 0.2)).toBeCloseTo(0.5, 12)
})

test('Platt keeps 0 and 1 finite', () => {
  const platt = { kind: 'platt', slope: 1, shift: 0 } as const
  expect(calibrate(platt, 0)).toBeGreaterThan(0)
  expect(calibrate(platt, 1)).toBeLessThan(1)
})

test('isotonic is linear between knots and flat beyond them', () => {
  expect(calibrate(isotonic, 0.15)).toBeCloseTo(0.15, 12)
  expect(calibrate(isotonic, 0.3)).toBeCloseTo(0.275, 12)
  expect(calibrate(isotonic, 0.2)).toBe(0.25)
  expect(calibrate(isotonic, 0.01)).toBe(0.05)
  expect(calibrate(isotonic, 0.99)).toBe(0.3)
})

test('what is no number stays none', () => {
  expect(calibrate(isotonic, Number.NaN)).toBeNaN()
  expect(calibrate({ kind: 'platt', slope: 1, shift: 0 }, Number.NaN)).toBeNaN()
})

test('an exchange without a calibration of a target has the fallback', () => {
  const platt = { kind: 'platt', slope: 1, shift: 1 } as const
  const calibration: Manifest['calibration'] = {
    fallback: { ctr: platt },
    exchanges: { own: { ctr: isotonic } },
  }
  expect(calibrationOf({ calibration }, 'own', 'ctr')).toBe(isotonic)
  expect(calibrationOf({ calibration }, 'other', 'ctr')).toBe(platt)
  expect(calibrationOf({ calibration }, 'own', 'cvr')).toBeNull()
  expect(calibrationOf({ calibration }, 'toString', 'ctr')).toBe(platt)
})

test('Platt finds the line that labels were drawn from', () => {
  // Every prediction once for each label, weighed by its true rate: exact expectations.
  const predictions = Array.from({ length: 99 }, (_, i) => (i + 1) / 100)
  const rate = (p: number): number => 1 / (1 + Math.exp(-(0.5 * Math.log(p / (1 - p)) - 1)))
  const fitted = fitPlatt({
    probability: [...predictions, ...predictions],
    label: [...predictions.map(() => 1), ...predictions.map(() => 0)],
    weight: [
      ...predictions.map((p) => 1e6 * rate(p)),
      ...predictions.map((p) => 1e6 * (1 - rate(p))),
    ],
  })
  expect(fitted.slope).toBeCloseTo(0.5, 4)
  expect(fitted.shift).toBeCloseTo(-1, 4)
})

test('Platt of data that a step separates is finite', () => {
  const fitted = fitPlatt({
    probability: [0.1, 0.2, 0.8, 0.9],
    label: [0, 0, 1, 1],
    weight: [1, 1, 1, 1],
  })
  expect(Number.isFinite(fitted.slope)).toBe(true)
  expect(fitted.slope).toBeGreaterThan(0)
})

test('Platt of predictions that are upside down keeps their order', () => {
  const fitted = fitPlatt({ probability: [0.1, 0.9], label: [1, 0], weight: [100, 100] })
  expect(fitted.slope).toBe(1)
  expect(fitted.shift).toBeCloseTo(0, 6)
})

test('nothing to fit to leaves predictions as they are', () => {
  const nothing = { probability: [], label: [], weight: [] }
  expect(fitPlatt(nothing)).toEqual({ kind: 'platt', slope: 1, shift: 0 })
  expect(calibrate(fitIsotonic(nothing, 10), 0.3)).toBeCloseTo(0.3, 12)
})

test('no knot is of a few rows: one click at the top is no sure click, nor a miss at the bottom none', () => {
  // 20 000 rows, 1 in 20 positive whatever is predicted; the highest was clicked, the lowest not.
  const rows = Array.from({ length: 20_000 }, (_, i) => i)
  const data = {
    probability: rows.map((i) => (i + 1) / 100_000),
    label: rows.map((i) => Number(i % 20 === 19)),
    weight: rows.map(() => 1),
  }
  const { to } = fitIsotonic(data, 64)
  expect(to[0]).toBeGreaterThan(0.02)
  expect(to).toHaveLength(new Set(to).size)
  expect(to.at(-1)).toBeLessThan(0.1)
})

test('the highest predictions keep their order: among them are those that are bid for', () => {
  const rows = Array.from({ length: 20_000 }, (_, i) => i)
  const data = {
    probability: rows.map((i) => 0.001 + i / 200_000),
    label: rows.map((i) => Number((i * 7_919) % 1_000 < 1 + i / 200)),
    weight: rows.map(() => 1),
  }
  const curve = fitIsotonic(data, 64)
  const highest = [0.0995, 0.1, 0.1005, 0.1009].map((p) => calibrate(curve, p))
  expect(highest.every((rate, i) => i === 0 || rate > highest[i - 1]!)).toBe(true)
  expect(highest.at(-1)).toBeCloseTo(0.1, 1)
})
