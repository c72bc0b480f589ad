/** Money as integer micros of the account's currency; floats never carry money. */

/** Integer millionths of one unit of currency (1 元 = 1 000 000 micros, 1 分 = 10 000). */
export type Micros = number & { readonly __unit: 'micros' }

/** No price. Prices are positive, so zero is free to mean "none". */
export const noPrice = 0 as Micros

/** Micros of one 分 (fen), the unit of most Chinese media's price fields. */
export const microsPerFen = 10_000

/** Takes an integer number of micros; throws on a fraction, a negative or an unsafe number. */
export function micros(value: number): Micros {
  if (!Number.isSafeInteger(value) || value < 0) {
    throw new RangeError(`money is a non-negative integer of micros, got ${value}`)
  }
  return value as Micros
}

/** Micros in a medium's unit, rounded down: we never promise more than the marketer set. */
export function toUnitFloor(value: Micros, microsPerUnit: number): number {
  return Math.floor(value / microsPerUnit)
}

/**
 * A decimal amount of money as micros, rounded up: what others demand. Digits beyond 10^-9 are
 * noise of binary fractions (1.1 × 10^6 is 1100000.0000000002) and are rounded off first.
 * Negative and unusable amounts are 0.
 */
export function microsCeil(amount: number): Micros {
  const value = Math.ceil(Math.round(amount * 1e9) / 1e3)
  return value > 0 && Number.isSafeInteger(value) ? (value as Micros) : noPrice
}
