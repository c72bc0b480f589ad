/**
 * What exchanges write for a number, a flag or a text, read leniently: null = as if absent.
 * Facts: shared/openrtb/README.md "Deviations a parser will meet".
 */

/** Longest text that is looked at as a number: longer ones are no number anybody meant. */
const numberTextMax = 64

const int32Max = 2_147_483_647
const int64Max = 9_223_372_036_854_775_807n

const decimal = /^\s*[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?\s*$/
const integer = /^[+-]?\d{1,19}$/

/** A finite number written as a JSON number or as a text of one; never minus zero. */
export function doubleOfText(text: string): number | null {
  if (text.length > numberTextMax || !decimal.test(text)) return null
  const value = Number(text)
  return Number.isFinite(value) ? value + 0 : null
}

/** The integer of a number: the fraction is cut off, what 32 bits cannot hold is absent. */
export function int32OfText(text: string): number | null {
  const value = doubleOfText(text)
  return value === null ? null : int32Of(value)
}

/** As `int32OfText`, for a number. */
export function int32Of(value: number): number | null {
  const whole = Math.trunc(value) + 0
  return whole <= int32Max && whole >= -int32Max - 1 ? whole : null
}

/** Canonical decimal text of an integer of 64 bits; digits are kept beyond a double's. */
export function int64OfText(text: string): string | null {
  const digits = text.trim()
  if (!integer.test(digits)) {
    const value = doubleOfText(digits)
    const whole = value === null ? Number.NaN : Math.trunc(value)
    return Number.isSafeInteger(whole) ? String(whole) : null
  }
  if (digits.length <= 15) return String(Number(digits) + 0)
  const wide = BigInt(digits.replace(/^\+/, ''))
  return wide <= int64Max && wide >= -int64Max - 1n ? wide.toString() : null
}

/** A flag written as a text: words, or any number but zero. */
export function boolOfText(text: string): boolean | null {
  const value = doubleOfText(text)
  if (value !== null) return value !== 0
  if (text.length > 5) return null
  const word = text.toLowerCase()
  if (word === 'true') return true
  return word === 'false' ? false : null
}
