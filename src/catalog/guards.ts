/** Frequency caps and rules on converts as rows of a table (`domain/guard.ts`). */
import type { ConvertedRule, FrequencyCap } from '../domain/frequency.ts'
import { entryKey, type Guard, GuardKind, type GuardTable } from '../domain/guard.ts'
import { type Serial, serialOf } from '../domain/serial.ts'
import type { Strategy } from '../domain/strategy.ts'
import { convertedTag, tagOf, UserEntry } from '../domain/user-state.ts'
import { buildNumberIndex, placeIn } from '../lib/number-index.ts'

const minutesPerDay = 1_440

/** No guards: most things have none, and share this. */
export const noGuards: readonly Guard[] = []

/** The caps of one thing. */
export function capGuards(
  entry: UserEntry,
  serial: Serial,
  caps: readonly FrequencyCap[],
): readonly Guard[] {
  if (caps.length === 0) return noGuards
  const tag = tagOf(serial)
  return caps.map(({ impressions, minutes }) => {
    return { kind: GuardKind.Cap, entry, tag, nth: impressions, minutes }
  })
}

/** The rules on converts of one thing. */
export function convertedGuards(rules: readonly ConvertedRule[]): readonly Guard[] {
  if (rules.length === 0) return noGuards
  return rules.map(({ kind, advertiserId, action, days }) => ({
    kind: kind === 'exclude' ? GuardKind.Exclude : GuardKind.Require,
    entry: UserEntry.Converted,
    tag: convertedTag(serialOf('advertiser', advertiserId), action),
    nth: 1,
    minutes: days * minutesPerDay,
  }))
}

/**
 * Minutes after a click in which a device may convert any moment: long enough to read a page, fill
 * in a form and pay; who has not by then comes back another day, if ever.
 */
const soonMinutes = 30

/**
 * The caps and rules of an RTA strategy, and rows that say when a cached answer will soon be wrong:
 * one impression before a cap, and after a click for an advertiser whose converts matter.
 */
export function strategyGuards(strategy: Strategy): readonly Guard[] {
  const { id, caps, converted } = strategy
  if (caps.length + converted.length === 0) return noGuards
  const own = capGuards(UserEntry.Strategy, serialOf('strategy', id), caps)
  // A cap of one impression always has one left, or none: `isNearAlways`.
  const near = own
    .filter(({ nth }) => nth > 1)
    .map((guard) => ({ ...guard, kind: GuardKind.Near, nth: guard.nth - 1 }))
  const advertisers = [...new Set(converted.map(({ advertiserId }) => advertiserId))]
  const soon = advertisers.map((advertiserId) => ({
    kind: GuardKind.Soon,
    entry: UserEntry.Clicked,
    tag: tagOf(serialOf('advertiser', advertiserId)),
    nth: 1,
    minutes: soonMinutes,
  }))
  return [...own, ...near, ...convertedGuards(converted), ...soon]
}

/** Collects rows; those of one entry stand in the order they came in. */
export class GuardTableBuilder {
  readonly #things: number[] = []
  readonly #guards: Guard[] = []

  /** Adds what may hold `thing` back. */
  add(thing: number, guards: readonly Guard[]): void {
    for (const guard of guards) {
      this.#things.push(thing)
      this.#guards.push(guard)
    }
  }

  /** Typed arrays from the start: 100 000 creatives with caps are built anew with every change. */
  build(): GuardTable {
    const rows = this.#guards.length
    const keys = new Float64Array(rows)
    const table = {
      next: new Int32Array(rows).fill(-1),
      kinds: new Uint8Array(rows),
      entries: new Uint8Array(rows),
      tags: new Float64Array(rows),
      things: Int32Array.from(this.#things),
      nths: new Uint16Array(rows),
      minutes: new Uint32Array(rows),
    }
    for (const [row, { kind, entry, tag, nth, minutes }] of this.#guards.entries()) {
      keys[row] = entryKey(entry, tag)
      table.kinds[row] = kind
      table.entries[row] = entry
      table.tags[row] = tag
      table.nths[row] = nth
      table.minutes[row] = minutes
    }
    return { ...table, keys: chained(keys, table.next) }
  }
}

/**
 * Chains rows of one key by `next`. Of equal numbers an index finds the first: the places of the
 * table's keys are the rows that chains begin with.
 */
function chained(keys: Float64Array, next: Int32Array): GuardTable['keys'] {
  const index = buildNumberIndex(keys)
  const last = new Int32Array(keys.length)
  for (let row = 0; row < keys.length; row++) {
    const first = placeIn(index, keys[row] ?? 0)
    if (first !== row) next[last[first] ?? 0] = row
    last[first] = row
  }
  return index
}
