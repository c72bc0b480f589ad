import fc from 'fast-check'
import { expect, test } from 'vitest'
import { exactExp, exactLn, exactTanh, logit, sigmoid } from './exact-math.ts'

/** Relative: far below what any rate is read to. */
const tolerance = 1e-14

function isNear(value: number, wanted: number): boolean {
  return Math.abs(value - wanted) <= tolerance * Math.max(1e-300, Math.abs(wanted))
}

test('exp is the engine’s to 14 digits, and is cut where no rate lies', () => {
  fc.assert(
    fc.property(fc.double({ min: -60, max: 60, noNaN: true }), (x) =>
      isNear(exactExp(x), Math.exp(x)),
    ),
  )
  expect(exactExp(1_000)).toBe(exactExp(60))
  expect(exactExp(-1_000)).toBe(exactExp(-60))
})

test('ln is the engine’s to 14 digits of one', () => {
  fc.assert(
    fc.property(
      fc.double({ min: 2 ** -40, max: 2 ** 40, noNaN: true }),
      (x) => Math.abs(exactLn(x) - Math.log(x)) <= tolerance * Math.max(1, Math.abs(Math.log(x))),
    ),
  )
})

test('tanh and sigmoid lie where they must, and logit undoes sigmoid', () => {
  fc.assert(
    fc.property(fc.double({ min: -20, max: 20, noNaN: true }), (x) => {
      expect(Math.abs(exactTanh(x) - Math.tanh(x))).toBeLessThan(1e-13)
      if (Math.abs(x) < 10) expect(Math.abs(logit(sigmoid(x)) - x)).toBeLessThan(1e-9)
    }),
  )
})
