import fc from 'fast-check'
import { expect, test } from 'vitest'
import { testRules } from '../../test/support/rta-fixtures.ts'
import { honouredFactor } from './honoured-factor.ts'
import { insideCacheRange } from './medium-rules.ts'

test.each([
  [1.005, 1.01],
  [1.004999, 1],
  [2.675, 2.68],
  [0.1, 0.2],
  [0, 0.2],
  [-3, 0.2],
  [5.004, 5],
  [1e21, 5],
  [1e-7, 0.2],
  [1, 1],
])('a factor of %d is said as %d', (factor, said) => {
  expect(honouredFactor(factor, testRules)).toBe(said)
})

test('never rounds out of a range whose ends are finer than the decimals', () => {
  const rules = { ...testRules, factorMin: 0.234, factorMax: 4.996 }
  expect(honouredFactor(0, rules)).toBe(0.24)
  expect(honouredFactor(9, rules)).toBe(4.99)
})

test('any factor comes out inside the range, with no more decimals than honoured', () => {
  const finite = fc.double({ noNaN: true, noDefaultInfinity: true })
  const range = fc.tuple(
    fc.double({ min: 0.01, max: 1, noNaN: true }),
    fc.integer({ min: 2, max: 9 }),
  )
  fc.assert(
    fc.property(
      finite,
      range,
      fc.integer({ min: 1, max: 4 }),
      (factor, [factorMin, max], decimals) => {
        const rules = { ...testRules, factorMin, factorMax: max, factorDecimals: decimals }
        const said = honouredFactor(factor, rules)
        expect(said).toBeGreaterThanOrEqual(factorMin)
        expect(said).toBeLessThanOrEqual(max)
        expect(Number(said.toFixed(decimals))).toBe(said)
      },
    ),
  )
})

test.each([
  [null, 0],
  [0, 0],
  [1, 3_600],
  [7_200.9, 7_200],
  [9_999_999, 604_800],
])('cache seconds of %s are said as %d', (seconds, said) => {
  expect(insideCacheRange(seconds, testRules)).toBe(said)
})

test('a wire that cannot say cache seconds says none', () => {
  const rules = { ...testRules, cacheSecondsMin: 0, cacheSecondsMax: 0 }
  expect(insideCacheRange(600, rules)).toBe(0)
})
