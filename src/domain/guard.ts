/**
 * What holds a thing back by the history of a device: frequency caps and rules on converts, as rows
 * of a table that is looked up by the entries of a user state. Its cost follows the entries of the
 * device, never the caps there are.
 */
import type { NumberIndexData } from '../lib/number-index.ts'
import type { UserEntry } from './user-state.ts'

/** What follows when a row holds: when its entry's `nth` newest moment is inside the window. */
export const GuardKind = {
  /** The cap is reached. */
  Cap: 0,
  /** The device has converted, and is kept out; or is let in. */
  Exclude: 1,
  Require: 2,
  /** One impression is left of the cap (RTA: caps of one impression always have). */
  Near: 3,
  /** The device has just clicked: it may convert soon (RTA). */
  Soon: 4,
} as const
export type GuardKind = (typeof GuardKind)[keyof typeof GuardKind]

/** One row, before it is in a table. */
export interface Guard {
  readonly kind: GuardKind
  /** Entry that it looks at. */
  readonly entry: UserEntry
  readonly tag: number
  /** 1 = the newest moment. */
  readonly nth: number
  readonly minutes: number
}

/** Rows in typed arrays. Rows of one entry are chained. */
export interface GuardTable {
  /** By row: the entry that it looks at (`entryKey`); of equal ones the first row is found. */
  readonly keys: NumberIndexData
  /** By row: the next row of the same entry, or -1. */
  readonly next: Int32Array
  readonly kinds: Uint8Array
  readonly entries: Uint8Array
  readonly tags: Float64Array
  /** What is held back: a number whose meaning its maker knows. */
  readonly things: Int32Array
  readonly nths: Uint16Array
  readonly minutes: Uint32Array
}

/** A row of a table. */
export function guardAt(table: GuardTable, row: number): Guard {
  return {
    kind: (table.kinds[row] ?? 0) as GuardKind,
    entry: (table.entries[row] ?? 0) as UserEntry,
    tag: table.tags[row] ?? 0,
    nth: table.nths[row] ?? 1,
    minutes: table.minutes[row] ?? 0,
  }
}

/** Kind and tag of an entry in one number: below 2^43. */
export function entryKey(entry: UserEntry, tag: number): number {
  return entry * 2 ** 40 + tag
}

/**
 * True when a moment is inside of a window that ends now; minutes are whole, so never too short.
 */
export function isInWindow(minute: number, minutes: number, nowMinute: number): boolean {
  return minute >= 0 && minute + minutes >= nowMinute
}
