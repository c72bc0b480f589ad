import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type NewRow, RowTable } from './row-table.ts'

function newRow(decisionId: string, bidNumber: number): NewRow {
  const place = { line: 0, ad: 0, exchange: 0, factsAt: 0 }
  return { decisionId, bidNumber, atMs: 1, weight: 1, ...place }
}

const id = fc.oneof(
  fc.integer({ min: 0, max: 40 }).map((n) => n.toString(16).padStart(16, '0')),
  fc.string({ maxLength: 3 }),
)

test('finds exactly the bids that were added, each once', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(id, fc.nat(3))),
      fc.array(fc.tuple(id, fc.nat(3))),
      (in_, out) => {
        const table = new RowTable()
        const known = new Map<string, number>()
        for (const [decisionId, bid] of in_) {
          const key = `${decisionId}/${bid}`
          expect(table.add(newRow(decisionId, bid))).toBe(!known.has(key))
          if (!known.has(key)) known.set(key, known.size)
        }
        for (const [decisionId, bid] of [...in_, ...out]) {
          expect(table.find(decisionId, bid)).toBe(known.get(`${decisionId}/${bid}`) ?? -1)
        }
        expect(table.count).toBe(known.size)
      },
    ),
  )
})

test('keeps what it has when it grows', () => {
  const table = new RowTable()
  const ids = Array.from({ length: 70_000 }, (_, n) => n.toString(16).padStart(16, '0'))
  for (const [n, decisionId] of ids.entries()) table.add({ ...newRow(decisionId, 1), atMs: n })
  const wrong = ids.filter((decisionId, n) => table.find(decisionId, 1) !== n || table.at[n] !== n)
  expect(wrong).toEqual([])
  expect(table.clickAt[69_999]).toBeNaN()
  expect(table.find('0000000000000001', 2)).toBe(-1)
})

test('a log beyond its limit is refused with a sentence', () => {
  const table = new RowTable(1)
  table.add(newRow('a', 1))
  expect(() => table.add(newRow('b', 1))).toThrow(/SLUICE_TRAINING_LOG: .* more than 1 bids/)
})
