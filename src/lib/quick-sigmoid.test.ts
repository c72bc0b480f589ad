import fc from 'fast-check'
import { expect, test } from 'vitest'
import { quickSigmoid } from './quick-sigmoid.ts'

function sigmoid(logit: number): number {
  return 1 / (1 + Math.exp(-logit))
}

test('is the logistic function to within 8e-7', () => {
  fc.assert(
    fc.property(fc.double({ min: -20, max: 12, noNaN: true }), (logit) => {
      expect(Math.abs(quickSigmoid(logit) - sigmoid(logit))).toBeLessThan(8e-7)
    }),
  )
})

test('rare chances keep their size', () => {
  for (let logit = -19.9; logit < -3; logit += 0.013) {
    expect(Math.abs(quickSigmoid(logit) / sigmoid(logit) - 1)).toBeLessThan(1e-5)
  }
})

test('keeps the order of log odds', () => {
  for (let logit = -25; logit < 15; logit += 0.003) {
    expect(quickSigmoid(logit + 0.003)).toBeGreaterThanOrEqual(quickSigmoid(logit))
  }
})

test('stays inside 0 and 1 far out, and says NaN for NaN', () => {
  expect(quickSigmoid(-1e9)).toBeGreaterThan(0)
  expect(quickSigmoid(Number.NEGATIVE_INFINITY)).toBeLessThan(1e-8)
  expect(quickSigmoid(Number.POSITIVE_INFINITY)).toBeLessThan(1)
  expect(quickSigmoid(1e9)).toBeGreaterThan(0.99999)
  expect(quickSigmoid(Number.NaN)).toBeNaN()
})
