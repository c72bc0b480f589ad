import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  BucketBuilder,
  bucketCount,
  fieldHighAt,
  fieldLowAt,
  valueLengthAt,
  valuesStart,
} from '../store/bucket-bytes.ts'
import type { BucketBytes } from '../store/ports.ts'
import { bucketOf } from './address.ts'
import { MembershipWriter } from './membership.ts'
import { mergeShard, type Revision } from './shard-merge.ts'

interface Device {
  readonly high: number
  readonly low: number
}

const device = fc.record({
  high: fc.oneof(fc.nat({ max: 0xffffffff }), fc.constantFrom(0, 1, 0x80000000, 0xffffffff)),
  low: fc.nat({ max: 2 }),
})
const nameOf = ({ high, low }: Device): string => `${high}/${low}`
const inOrder = (a: Device, b: Device): number => a.high - b.high || a.low - b.low

type Contents = Map<string, Device & { readonly value: number }>

/** Buckets of `contents`; the values are single bytes. */
function bucketsOf(contents: Contents, buckets: number): (BucketBytes | null)[] {
  const all = [...contents.values()].sort(inOrder)
  return Array.from({ length: buckets }, (_, bucket) => {
    const builder = new BucketBuilder()
    for (const { high, low, value } of all) {
      if (bucketOf(high, buckets) === bucket) builder.push(high, low, Uint8Array.of(value), 0, 1)
    }
    return builder.count === 0 ? null : builder.finish()
  })
}

function contentsOf(buckets: Iterable<BucketBytes | null>): Contents {
  const contents: Contents = new Map()
  for (const bytes of buckets) {
    if (bytes === null) continue
    const count = bucketCount(bytes)
    let at = valuesStart(count)
    for (let i = 0; i < count; i++) {
      const one = { high: fieldHighAt(bytes, i), low: fieldLowAt(bytes, i) }
      contents.set(nameOf(one), { ...one, value: bytes[at] as number })
      at += valueLengthAt(bytes, count, i)
    }
  }
  return contents
}

/** New value of a device: its entry's score decides; null removes it, undefined keeps it. */
function ruled(old: number | null, score: number | null): number | null | undefined {
  if (score === null) return old !== null && old % 5 === 0 ? null : undefined
  if (score % 7 === 0) return null
  if (score % 7 === 1) return undefined
  return score
}

/** What becomes of `before` when the best entry of each device is applied. */
function modelled(before: Contents, entries: readonly (Device & { score: number })[]): Contents {
  const after: Contents = new Map()
  const best = new Map(entries.map((one) => [nameOf(one), one] as const))
  for (const [name, { high, low }] of [...before, ...best]) {
    const had = before.get(name)?.value ?? null
    const next = ruled(had, best.get(name)?.score ?? null)
    const value = next === undefined ? had : next
    if (value !== null) after.set(name, { high, low, value })
  }
  return after
}

class Rule implements Revision {
  readonly creates = true
  readonly #scores: readonly number[]

  constructor(scores: readonly number[]) {
    this.#scores = scores
  }

  restart(): void {}
  full(): void {}

  // oxlint-disable-next-line max-params
  revise(value: Uint8Array, start: number, end: number, entry: number, to: MembershipWriter) {
    const old = start === end ? null : (value[start] as number)
    const next = ruled(old, entry < 0 ? null : (this.#scores[entry] as number))
    if (next === undefined) return false
    if (next !== null) to.bytes[to.length++] = next
    return true
  }
}

const scenario = fc.record({
  old: fc.array(fc.record({ at: device, value: fc.integer({ min: 1, max: 255 }) }), {
    maxLength: 60,
  }),
  entries: fc.array(fc.record({ at: device, score: fc.integer({ min: 1, max: 255 }) }), {
    maxLength: 60,
  }),
  /** Some entries are of old devices. */
  shared: fc.array(fc.record({ of: fc.nat(), score: fc.integer({ min: 1, max: 255 }) }), {
    maxLength: 20,
  }),
  buckets: fc.integer({ min: 1, max: 9 }),
  grown: fc.option(fc.integer({ min: 1, max: 15 }), { nil: null }),
})

test('merging is what a Map would do, in the same buckets or in any other number of them', () => {
  fc.assert(
    fc.property(scenario, ({ old, entries, shared, buckets, grown }) => {
      const before: Contents = new Map(
        old.map(({ at, value }) => [nameOf(at), { ...at, value }] as const),
      )
      const known = [...before.values()]
      const all = entries.map(({ at, score }) => ({ ...at, score }))
      for (const { of, score } of known.length === 0 ? [] : shared) {
        const { high, low } = known[of % known.length] as Device
        all.push({ high, low, score })
      }
      all.sort((a, b) => inOrder(a, b) || a.score - b.score)
      const spool = {
        count: all.length,
        fieldHigh: (i: number) => (all[i] as Device).high,
        fieldLow: (i: number) => (all[i] as Device).low,
        score: (i: number) => (all[i] as { score: number }).score,
      }
      const loaded = bucketsOf(before, buckets).map((bytes, bucket) => ({ bucket, bytes }))
      const writer = new MembershipWriter()
      const rule = new Rule(all.map(({ score }) => score))
      const shape = { buckets: grown ?? buckets, regrow: grown !== null, writer }
      const merged = mergeShard(loaded, spool, rule, shape)

      const expected = modelled(before, all)
      const after = grown === null ? new Map(loaded.map((b) => [b.bucket, b.bytes])) : new Map()
      for (const { bucket, bytes } of merged.writes) after.set(bucket, bytes)
      expect(contentsOf(after.values())).toEqual(expected)
      for (const [bucket, bytes] of after) {
        for (const { high } of contentsOf([bytes]).values()) {
          expect(bucketOf(high, shape.buckets)).toBe(bucket)
        }
      }
      expect(merged.devices).toBe(expected.size)
    }),
    { numRuns: 400 },
  )
})
