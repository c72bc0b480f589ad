/** A packed user state says what a plain list of everything that happened says, in any order. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { minuteOfDay, UserEntry, UserStateCursor } from '../../domain/user-state.ts'
import { countBetween, momentsMax, type Touch, touched } from './user-writer.ts'

const dayMinutes = 24 * 60

/** A day on which everything of these tests may still matter. */
const day = 20_770

const touches = fc.array(
  fc.record<Touch>({
    kind: fc.constantFrom(UserEntry.Creative, UserEntry.Campaign, UserEntry.Advertiser),
    tag: fc.oneof(fc.integer({ min: 0, max: 3 }), fc.constant(2 ** 40 - 1)),
    // Within the window of all kinds: what is older is another test's.
    minute: fc.integer({ min: 1_500_000, max: 1_500_000 + 29 * dayMinutes }),
    count: fc.constant(1),
  }),
  { minLength: 1, maxLength: 120 },
)

function shuffled<T>(items: readonly T[], seed: number): T[] {
  const keyed = items.map((item, i) => ({
    item,
    order: Math.imul(Math.imul(i + 1, 0x9e37_79b1), seed * 2 + 1) >>> 0,
  }))
  return keyed.sort((a, b) => a.order - b.order).map(({ item }) => item)
}

/** Minutes of the impressions of each thing, newest first. */
function naive(all: readonly Touch[]): Map<string, number[]> {
  const things = new Map<string, number[]>()
  for (const { kind, tag, minute } of all) {
    const minutes = things.get(`${kind}/${tag}`) ?? []
    things.set(
      `${kind}/${tag}`,
      [...minutes, minute].sort((a, b) => b - a),
    )
  }
  return things
}

test('every nth newest impression is found, whatever the order and the batches they came in', () => {
  fc.assert(
    fc.property(touches, fc.nat(1_000), fc.integer({ min: 1, max: 120 }), (all, seed, batch) => {
      const mixed = shuffled(all, seed)
      let value: Uint8Array | null = null
      for (let at = 0; at < mixed.length; at += batch) {
        value = touched(value, mixed.slice(at, at + batch), day)
      }
      expect(value).toEqual(touched(null, all, day))
      const expected = naive(all)
      const cursor = new UserStateCursor().reset(value!, 0, value!.length)
      let things = 0
      while (cursor.next()) {
        things++
        const minutes = expected.get(`${cursor.kind}/${cursor.tag}`)!
        expect(cursor.newest).toBe(minutes[0])
        for (const [i, minute] of minutes.entries()) expect(cursor.minuteOfNth(i + 1)).toBe(minute)
        expect(cursor.minuteOfNth(minutes.length + 1)).toBe(-1)
      }
      expect(things).toBe(expected.size)
    }),
  )
})

test('what is taken back leaves no trace', () => {
  fc.assert(
    fc.property(touches, fc.nat(1_000), (all, seed) => {
      const gone = shuffled(all, seed).slice(0, Math.floor(all.length / 2))
      const left = [...all]
      for (const touch of gone) left.splice(left.indexOf(touch), 1)
      const value = touched(
        touched(null, all, day),
        gone.map((touch) => ({ ...touch, count: -1 })),
        day,
      )
      expect(value).toEqual(touched(null, left, day))
    }),
  )
})

test('the cursor never reads beyond garbage', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
      const value = Uint8Array.from([1, 0, 0, ...bytes])
      const cursor = new UserStateCursor().reset(value, 0, value.length)
      let entries = 0
      while (cursor.next()) {
        entries++
        cursor.minuteOfNth(3)
      }
      expect(entries).toBeLessThanOrEqual(value.length)
    }),
  )
})

test('the newest minutes are kept, as many as a cap may ask for', () => {
  const all = Array.from({ length: momentsMax + 40 }, (_, i) => ({
    ...{ kind: UserEntry.Campaign, tag: 5, count: 1 },
    minute: 2_000_000 + i * 3,
  }))
  const value = touched(null, shuffled(all, 77), day)!
  const cursor = new UserStateCursor().reset(value, 0, value.length)
  expect(cursor.next()).toBe(true)
  expect(cursor.minuteOfNth(momentsMax)).toBe(all.at(-momentsMax)!.minute)
  expect(cursor.minuteOfNth(momentsMax + 1)).toBe(-1)
})

test('impressions of more than 30 days before the latest are forgotten, conversions are not', () => {
  const at = 2_000_000
  const latest = 21_111
  const old = at - 31 * dayMinutes
  const before = touched(
    null,
    [
      { kind: UserEntry.Campaign, tag: 1, minute: old, count: 1 },
      { kind: UserEntry.Converted, tag: 2, minute: old, count: 1 },
    ],
    latest - 31,
  )
  const shown = [{ kind: UserEntry.Campaign, tag: 3, minute: at, count: 1 }]
  const value = touched(before, shown, latest)
  const count = (kind: UserEntry, tag: number) => countBetween(value, { kind, tag }, [0, at + 1])
  expect(count(UserEntry.Campaign, 1)).toBe(0)
  expect(count(UserEntry.Converted, 2)).toBe(1)
  expect(count(UserEntry.Campaign, 3)).toBe(1)
})

/** What one bid does to a device: shown at a minute, which turns out to have been an earlier one. */
const bids = fc.array(
  fc.record({
    kind: fc.constantFrom(UserEntry.Campaign, UserEntry.Clicks, UserEntry.Converted),
    day: fc.integer({ min: 20_770, max: 20_772 }),
    minuteOfDay: fc.integer({ min: 0, max: dayMinutes + 200 }),
    earlier: fc.integer({ min: 0, max: 180 }),
  }),
  { minLength: 2, maxLength: 30 },
)

test('what is forgotten goes by the days that told, in any order, also where a moment moves', () => {
  fc.assert(
    fc.property(bids, fc.nat(1_000), (all, seed) => {
      const steps = all.map(({ kind, day: told, minuteOfDay: at, earlier }) => {
        const minute = minuteOfDay(told) + at
        const first = { kind, tag: 0, minute, count: 1 }
        const moved = [
          { ...first, count: -1 },
          { ...first, minute: minute - earlier },
        ]
        return { told, first: [first], moved }
      })
      const run = (order: typeof steps): Uint8Array | null => {
        let value: Uint8Array | null = null
        for (const { told, first } of order) value = touched(value, first, told)
        for (const { told, moved } of order) value = touched(value, moved, told)
        return value
      }
      let expected: Uint8Array | null = null
      for (const { told, first, moved } of steps) {
        expected = touched(touched(expected, first, told), moved, told)
      }
      expect(run(shuffled(steps, seed))).toEqual(expected)
    }),
  )
})

test('one exposure of a creative, its campaign and its advertiser takes 36 bytes', () => {
  const minute = 1_525_000
  const touchesOfOne = [UserEntry.Creative, UserEntry.Campaign, UserEntry.Advertiser].map(
    (kind) => ({ kind, tag: kind + 1, minute, count: 1 }),
  )
  expect(touched(null, touchesOfOne, day)!.length).toBe(36)
})
