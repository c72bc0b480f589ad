/**
 * exp, ln and tanh out of the four operations alone. The language leaves the last bits of
 * `Math.exp` and its kind to the engine; IEEE 754 leaves none of `+ - * /`, so a world has the same
 * bytes on every machine and under every engine.
 */

const ln2High = 0.6931471803691238
const ln2Low = 1.9082149292705877e-10
const perLn2 = 1.4426950408889634

/** No rate of the world is nearer to 0 or 1 than e^-60: beyond it exp is cut. */
const exponentMax = 60

/** Terms of the series of exp for |r| ≤ ln 2 / 2: the next one is below 2^-53. */
const expTerms = 14
/** Terms of the series of ln for |y| ≤ 0.2: the next one is below 2^-53. */
const lnTerms = 11

/** e^x, to a few units of the last place; x is cut to ±60. */
export function exactExp(x: number): number {
  const cut = Math.max(-exponentMax, Math.min(exponentMax, x))
  const power = Math.round(cut * perLn2)
  const rest = cut - power * ln2High - power * ln2Low
  let sum = 1
  for (let term = expTerms; term >= 1; term--) sum = 1 + (sum * rest) / term
  return sum * powerOfTwo(power)
}

/** Natural logarithm of x > 0. */
export function exactLn(x: number): number {
  let mantissa = x
  let power = 0
  for (; mantissa < 0.75; power--) mantissa *= 2
  for (; mantissa > 1.5; power++) mantissa /= 2
  const y = (mantissa - 1) / (mantissa + 1)
  let sum = 0
  for (let term = lnTerms; term >= 0; term--) sum = sum * y * y + 1 / (2 * term + 1)
  return 2 * y * sum + power * ln2High + power * ln2Low
}

/** Hyperbolic tangent. */
export function exactTanh(x: number): number {
  const twice = exactExp(2 * x)
  return (twice - 1) / (twice + 1)
}

/** 1 / (1 + e^-x). */
export function sigmoid(x: number): number {
  return 1 / (1 + exactExp(-x))
}

/** Log odds of a rate in (0, 1). */
export function logit(rate: number): number {
  return exactLn(rate / (1 - rate))
}

/** Exact: only multiplications by 2 and 0.5. */
function powerOfTwo(power: number): number {
  let result = 1
  for (let left = power; left > 0; left--) result *= 2
  for (let left = power; left < 0; left++) result /= 2
  return result
}
