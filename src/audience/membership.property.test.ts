import fc from 'fast-check'
import { expect, test } from 'vitest'
import { packSlotsMax } from '../domain/pack.ts'
import { evaluate, MembershipCursor, MembershipWriter } from './membership.ts'

const held = fc
  .uniqueArray(
    fc.record({
      slot: fc.oneof(fc.nat({ max: 70 }), fc.nat({ max: packSlotsMax - 1 })),
      score: fc.oneof(fc.constant(-1), fc.nat({ max: 255 })),
    }),
    { selector: ({ slot }) => slot, maxLength: 60 },
  )
  .map((all) => all.sort((a, b) => a.slot - b.slot))

function write(all: readonly { slot: number; score: number }[]): Uint8Array {
  const writer = new MembershipWriter().reset()
  for (const { slot, score } of all) writer.push(slot, score)
  return writer.bytes.slice(0, writer.length)
}

function read(value: Uint8Array, start: number, end: number) {
  const cursor = new MembershipCursor().reset(value, start, end)
  const all: { slot: number; score: number }[] = []
  while (cursor.next()) all.push({ slot: cursor.slot, score: cursor.score })
  return all
}

test('a value reads back as it was written, wherever it stands', () => {
  fc.assert(
    fc.property(held, fc.uint8Array({ maxLength: 5 }), (all, around) => {
      const value = write(all)
      expect(read(value, 0, value.length)).toEqual(all)
      const inside = Uint8Array.of(...around, ...value, ...around)
      expect(read(inside, around.length, around.length + value.length)).toEqual(all)
    }),
  )
})

test('five packs among neighbours take five bytes, and six at most with one far away', () => {
  const near = [3, 4, 10, 60, 61].map((slot) => ({ slot, score: -1 }))
  expect(write(near).length).toBe(5)
  expect(write([...near.slice(0, 4), { slot: 4_000, score: -1 }]).length).toBe(6)
})

test('arbitrary bytes end, and ascend', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), (value) => {
      expect(read(value, 0, value.length).length).toBeLessThanOrEqual(value.length)
    }),
  )
})

test('the last layer that a device holds decides, and gives the score', () => {
  const layers = fc.uniqueArray(
    fc.record({ slot: fc.nat({ max: 90 }), sign: fc.constantFrom(1 as const, -1 as const) }),
    { selector: ({ slot }) => slot, maxLength: 64 },
  )
  fc.assert(
    fc.property(held, layers, (all, version) => {
      const order = new Uint8Array(packSlotsMax)
      const sign = new Int8Array(packSlotsMax)
      for (const [index, layer] of version.entries()) {
        order[layer.slot] = index + 1
        sign[layer.slot] = layer.sign
      }
      const last = version.findLast(({ slot }) => all.some((one) => one.slot === slot))
      const score = all.find(({ slot }) => slot === last?.slot)?.score ?? -1
      const value = write(all)
      const into = { member: true, score: 77 }
      evaluate(new MembershipCursor().reset(value, 0, value.length), { order, sign }, into)
      expect(into).toEqual({ member: last?.sign === 1, score })
    }),
  )
})
