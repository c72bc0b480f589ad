import { expect, test } from 'vitest'
import { dot } from './dot.ts'

const a = Float32Array.from({ length: 40 }, (_, i) => Math.sin(i) * 3)
const b = Float32Array.from({ length: 40 }, (_, i) => Math.cos(i) * 2)

test.each([0, 1, 2, 3, 4, 5, 7, 8, 17])('sums %i products from where it is told', (length) => {
  let sum = 0
  for (let i = 0; i < length; i++) sum += (a[3 + i] ?? 0) * (b[11 + i] ?? 0)
  expect(dot(a, 3, b, 11, length)).toBeCloseTo(sum, 12)
})

test('is the same to the last bit when one side is widened', () => {
  for (let length = 0; length < 30; length++) {
    expect(dot(a, 2, Float64Array.from(b), 5, length)).toBe(dot(a, 2, b, 5, length))
  }
})
