/** Dot products of parts of arrays of 32-bit floats. */

/**
 * Sum of `a[aFrom + i] × b[bFrom + i]` for i < length, in four running sums: one after the other
 * each addition waits for the one before it. Twice as quick as one sum at 32 (bench/stage, coarse
 * rank).
 */
// oxlint-disable-next-line max-params -- two vectors with their places, without an object between
export function dot(
  a: Float32Array,
  aFrom: number,
  b: Float32Array,
  bFrom: number,
  length: number,
): number {
  let sum0 = 0
  let sum1 = 0
  let sum2 = 0
  let sum3 = 0
  const whole = length - (length & 3)
  for (let i = 0; i < whole; i += 4) {
    sum0 += a[aFrom + i]! * b[bFrom + i]!
    sum1 += a[aFrom + i + 1]! * b[bFrom + i + 1]!
    sum2 += a[aFrom + i + 2]! * b[bFrom + i + 2]!
    sum3 += a[aFrom + i + 3]! * b[bFrom + i + 3]!
  }
  for (let i = whole; i < length; i++) sum0 += a[aFrom + i]! * b[bFrom + i]!
  return sum0 + sum1 + (sum2 + sum3)
}
