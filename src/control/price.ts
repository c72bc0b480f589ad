/** Prices of the API: an integer of micros, or a decimal text converted digit by digit. */
import { type Micros, micros } from '../domain/money.ts'
import { priceMicrosMax } from './limits.ts'

/** Up to nine digits of units and six of fraction: exact as micros in a double. */
export const pricePattern = /^\d{1,9}(\.\d{1,6})?$/

/**
 * Micros of a decimal text such as `1.25`: 1 250 000. No float ever holds a fraction of it. Null
 * when the text is not a price of `pricePattern`, or is zero.
 */
export function microsOfDecimal(text: string): Micros | null {
  if (!pricePattern.test(text)) return null
  const [units = '0', fraction = ''] = text.split('.')
  const value = Number(units) * 1_000_000 + Number(fraction.padEnd(6, '0'))
  return value > 0 && value <= priceMicrosMax ? micros(value) : null
}

/** The same for a limit, where zero means that there is none. Throws on a text that is no price. */
export function limitOfDecimal(text: string): Micros {
  if (pricePattern.test(text) && !/[1-9]/.test(text)) return micros(0)
  const value = microsOfDecimal(text)
  if (value === null) throw new RangeError(`not a price: ${text}`)
  return value
}
