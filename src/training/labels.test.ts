import { describe, expect, test } from 'vitest'
import { LabelBit } from './dataset-format.ts'
import { labelOf, planRows, watermarkOf } from './labels.ts'
import { RowTable, SeenBit } from './row-table.ts'

/** Rows at these moments, all shown. */
function tableAt(moments: readonly number[]): RowTable {
  const table = new RowTable()
  for (const [n, atMs] of moments.entries()) {
    const place = { line: n, ad: 0, exchange: 0, factsAt: 0, weight: 1 }
    table.add({ decisionId: String(n), bidNumber: 1, atMs, ...place })
    table.seen[n] = SeenBit.Shown
  }
  return table
}

function clicked(table: RowTable, row: number, clickAt: number, conversionAt = Number.NaN): void {
  table.seen[row] = SeenBit.Shown | SeenBit.Click
  table.clickAt[row] = clickAt
  table.conversionAt[row] = conversionAt
}

const shares = { train: 0.5, calibrate: 0.25 }

describe('slices', () => {
  test('are of time, also where the log is not in order', () => {
    const { order, slices } = planRows(tableAt([40, 10, 30, 20]), 'impressions', shares)
    expect([...order]).toEqual([1, 3, 2, 0])
    expect(slices).toEqual({ train: [0, 2], calibrate: [2, 3], test: [3, 4] })
  })

  test('never part rows of one moment', () => {
    const { order, slices } = planRows(tableAt([1, 2, 2, 2, 2, 3, 4, 5]), 'impressions', shares)
    expect(slices).toEqual({ train: [0, 5], calibrate: [5, 6], test: [6, 8] })
    expect([...order]).toEqual([0, 1, 2, 3, 4, 5, 6, 7])
  })

  test('have what was shown, and of a set of clicks what was clicked', () => {
    const table = tableAt([1, 2, 3, 4])
    table.seen[0] = 0
    clicked(table, 2, 3)
    expect([...planRows(table, 'impressions', shares).order]).toEqual([1, 2, 3])
    expect([...planRows(table, 'clicks', shares).order]).toEqual([2])
  })

  test('of nothing are empty', () => {
    const { slices } = planRows(tableAt([]), 'impressions', shares)
    expect(slices).toEqual({ train: [0, 0], calibrate: [0, 0], test: [0, 0] })
  })
})

describe('labels', () => {
  const table = tableAt([0, 0, 0, 0, 0])
  clicked(table, 1, 10)
  clicked(table, 2, 20)
  clicked(table, 3, 30, 35)
  table.conversionAt[4] = 5

  test.each([
    ['no click is final at once', 0, LabelBit.Final],
    ['a click as old as the watermark is final', 1, LabelBit.Click | LabelBit.Final],
    ['a younger click is open', 2, LabelBit.Click],
    ['a conversion is final at once', 3, LabelBit.Click | LabelBit.Conversion | LabelBit.Final],
    ['a conversion without a click is none', 4, LabelBit.Final],
  ])('%s', (_about, row, label) => expect(labelOf(table, row, 40, 30)).toBe(label))
})

describe('the watermark', () => {
  test('is the delay that 95 of 100 conversions do not exceed', () => {
    const table = tableAt(Array.from({ length: 100 }, () => 0))
    // Delays 1 to 100, in no order.
    for (let row = 0; row < 100; row++) clicked(table, row, 1_000, 1_001 + ((row * 37) % 100))
    expect(watermarkOf(table)).toBe(95)
  })

  test('is 0 without conversions, and counts one before its click as one without delay', () => {
    const table = tableAt([0, 0])
    expect(watermarkOf(table)).toBe(0)
    clicked(table, 0, 10, 5)
    expect(watermarkOf(table)).toBe(0)
  })
})
