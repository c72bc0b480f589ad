import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Spool } from './spool.ts'

const key = fc.record({
  shard: fc.constantFrom(0, 1, 1_023),
  high: fc.oneof(fc.nat({ max: 2 }), fc.nat({ max: 0xffffffff })),
  low: fc.oneof(fc.nat({ max: 2 }), fc.nat({ max: 0xffff })),
  score: fc.oneof(fc.constant(-1), fc.nat({ max: 255 })),
})
type Key = typeof key extends fc.Arbitrary<infer T> ? T : never

const inOrder = (a: Key, b: Key): number => a.high - b.high || a.low - b.low || a.score - b.score

function expectSorted(spool: Spool, all: readonly Key[]): void {
  for (const shard of [0, 1, 2, 1_023]) {
    const mine = all.filter((one) => one.shard === shard).sort(inOrder)
    const read = spool.shard(shard)
    expect(spool.countOf(shard)).toBe(mine.length)
    expect(read.count).toBe(mine.length)
    for (const [i, { high, low, score }] of mine.entries()) {
      expect([read.fieldHigh(i), read.fieldLow(i), read.score(i)]).toEqual([high, low, score])
    }
  }
}

test('gives every key back by shard, in order of field and then of score', () => {
  fc.assert(
    fc.property(fc.array(key, { maxLength: 200 }), (all) => {
      const spool = new Spool(tmpdir())
      try {
        for (const { shard, high, low, score } of all) spool.add(shard, high, low, score)
        expect(spool.count).toBe(all.length)
        expectSorted(spool, all)
      } finally {
        spool.close()
      }
    }),
    { numRuns: 30 },
  )
})

test('does so through the disk as well', () => {
  const all = Array.from({ length: 9_000 }, (_, n): Key => {
    const mixed = Math.imul(n + 1, 2_654_435_761) >>> 0
    return { shard: n % 3 === 0 ? 0 : 1, high: mixed, low: n & 0xffff, score: (n % 257) - 1 }
  })
  const spool = new Spool(tmpdir())
  for (const { shard, high, low, score } of all) spool.add(shard, high, low, score)
  expectSorted(spool, all)
  spool.close()
})

test('leaves nothing in its folder, not even while it is open', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-spool-test-'))
  const spool = new Spool(folder)
  for (let n = 0; n < 3_000; n++) spool.add(0, n, 0, -1)
  expect(readdirSync(folder)).toEqual([])
  expect(spool.shard(0).count).toBe(3_000)
  spool.close()
  rmSync(folder, { recursive: true })
})
