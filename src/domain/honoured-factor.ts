/** What a medium makes of a bid factor. */
import type { MediumRules } from './medium-rules.ts'

/**
 * A bid factor as the medium honours it: clamped to its range (outside it the medium ignores the
 * factor, rta-media.md §1.5), then rounded to its decimals, halves away from zero as written in
 * decimal (1.005 is 1.01). Where rounding would leave the range, the nearest step inside is taken.
 */
export function honouredFactor(factor: number, rules: MediumRules): number {
  const clamped = Math.min(Math.max(factor, rules.factorMin), rules.factorMax)
  const rounded = shift(Math.round(shift(clamped, rules.factorDecimals)), -rules.factorDecimals)
  if (rounded > rules.factorMax) return toStep(rules.factorMax, rules.factorDecimals, Math.floor)
  if (rounded < rules.factorMin) return toStep(rules.factorMin, rules.factorDecimals, Math.ceil)
  return rounded
}

function toStep(value: number, decimals: number, round: (value: number) => number): number {
  return shift(round(shift(value, decimals)), -decimals)
}

/** Moves the decimal point in the number's decimal form, where 1.005 × 100 is 100.5. */
function shift(value: number, places: number): number {
  const [digits = '0', exponent = '0'] = String(value).split('e')
  return Number(`${digits}e${Number(exponent) + places}`)
}
