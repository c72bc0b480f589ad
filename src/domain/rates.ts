/** Currency conversion: one table of rates with its date, and integer results. */
import type { Micros } from './money.ts'

/** The table as stored, under id `main`. */
export interface Rates {
  readonly id: string
  /** ISO 4217; its own rate is 1. */
  readonly base: string
  /** Date of the rates, `YYYY-MM-DD`. */
  readonly asOf: string
  /** Units of the currency that one unit of `base` buys, > 0. */
  readonly rates: Readonly<Record<string, number>>
}

/** Catalog kind, and the id of the one table. */
export const ratesKind = 'rates'
export const ratesId = 'main'

/** A table that knows no currency but this one. */
export function onlyCurrency(base: string): Rates {
  return { id: ratesId, base, asOf: '1970-01-01', rates: {} }
}

/** Units of `to` that one unit of `from` buys; NaN when the table lacks one of them. */
export function rateOf(table: Rates, from: string, to: string): number {
  if (from === to) return 1
  return unitsPerBase(table, to) / unitsPerBase(table, from)
}

/** Rounded down: what we offer or may spend. NaN rates give -1: it cannot be said. */
export function convertFloor(value: Micros, rate: number): number {
  const converted = Math.floor(value * rate)
  return Number.isSafeInteger(converted) ? converted : -1
}

/** Rounded up: what others demand. NaN rates give -1: it cannot be said. */
export function convertCeil(value: Micros, rate: number): number {
  const converted = Math.ceil(value * rate)
  return Number.isSafeInteger(converted) ? converted : -1
}

function unitsPerBase(table: Rates, currency: string): number {
  if (currency === table.base) return 1
  return Object.hasOwn(table.rates, currency) ? (table.rates[currency] ?? Number.NaN) : Number.NaN
}
