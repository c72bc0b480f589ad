import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Judge, logLossOf, type ScoredRows } from './metrics.ts'

/** Few different scores, so that there are ties; weights of whole numbers and of parts. */
const row = fc.record({
  score: fc.oneof(fc.constantFrom(0.1, 0.2, 0.5), fc.double({ min: 0, max: 1, noNaN: true })),
  label: fc.constantFrom(0, 0, 1),
  weight: fc.constantFrom(1, 0.25, 3),
})
const softRow = fc.record({
  score: fc.constantFrom(0.1, 0.2, 0.5, 0.7),
  // Thousandths: half of the smallest double is nothing, and pairs of it are not worth a figure.
  label: fc.integer({ min: 0, max: 1_000 }).map((thousandths) => thousandths / 1_000),
  weight: fc.constantFrom(1, 0.5, 2),
})
type Row = { score: number; label: number; weight: number }

function rowsOf(rows: readonly Row[]): ScoredRows {
  return {
    score: Float64Array.from(rows, ({ score }) => score),
    label: Float64Array.from(rows, ({ label }) => label),
    weight: Float64Array.from(rows, ({ weight }) => weight),
  }
}

/** Every pair of two rows, one as the positive, the other as the negative. */
function naiveAuc(rows: readonly Row[]): number {
  let won = 0
  let pairs = 0
  rows.forEach((a, i) => {
    rows.forEach((b, j) => {
      if (i === j) return
      const chance = a.weight * a.label * b.weight * (1 - b.label)
      pairs += chance
      won += chance * (a.score > b.score ? 1 : a.score === b.score ? 0.5 : 0)
    })
  })
  return won / pairs
}

function sum(rows: readonly Row[], of: (row: Row) => number): number {
  return rows.reduce((total, one) => total + of(one), 0)
}

function expectClose(actual: number, expected: number): void {
  if (Number.isFinite(expected)) expect(actual).toBeCloseTo(expected, 8)
  else expect(Number.isFinite(actual)).toBe(false)
}

describe('figures', () => {
  test('AUC is that of every pair, ties as a half, of labels and of probabilities', () => {
    const rows = fc.oneof(fc.array(row, { maxLength: 30 }), fc.array(softRow, { maxLength: 30 }))
    fc.assert(
      fc.property(rows, (list) => {
        expectClose(new Judge(rowsOf(list)).figures().auc, naiveAuc(list))
      }),
    )
  })

  test('log loss, normalised entropy and calibration are their sums', () => {
    fc.assert(
      fc.property(fc.array(row, { minLength: 1, maxLength: 40 }), (list) => {
        const figures = new Judge(rowsOf(list)).figures()
        const weight = sum(list, (one) => one.weight)
        const base = sum(list, (one) => one.weight * one.label) / weight
        const loss = sum(list, (one) => one.weight * logLossOf(one.score, one.label)) / weight
        fc.pre(base > 0 && base < 1)
        const entropy = -(base * Math.log(base) + (1 - base) * Math.log(1 - base))
        expectClose(figures.logLoss, loss)
        expectClose(figures.normalisedEntropy, loss / entropy)
        expectClose(
          figures.calibration,
          sum(list, (one) => one.weight * one.score) / (base * weight),
        )
      }),
    )
  })

  test('multiplicities are rows said so often', () => {
    const counted = fc.tuple(row, fc.integer({ min: 0, max: 3 }))
    fc.assert(
      fc.property(fc.array(counted, { maxLength: 30 }), (list) => {
        const times = Uint8Array.from(list, ([, count]) => count)
        const repeated = list.flatMap(([one, count]) => new Array<Row>(count).fill(one))
        const drawn = new Judge(rowsOf(list.map(([one]) => one))).figures(times)
        const said = new Judge(rowsOf(repeated)).figures()
        expectClose(drawn.auc, said.auc)
        expectClose(drawn.logLoss, said.logLoss)
        expectClose(drawn.calibration, said.calibration)
      }),
    )
  })

  test('deciles are tenths of the rows by score, each with its own ratio', () => {
    const count = 1_000
    const rows = Array.from({ length: count }, (_, i) => ({
      score: (i + 1) / (2 * count),
      label: i % 2,
      weight: 1,
    }))
    const { deciles } = new Judge(rowsOf(rows.toReversed())).figures()
    expect(deciles).toHaveLength(10)
    deciles.forEach((ratio, tenth) => {
      const own = rows.slice(tenth * 100, tenth * 100 + 100)
      expect(ratio).toBeCloseTo(sum(own, (one) => one.score) / 50, 10)
    })
  })

  test('deciles have equal weight, not equal numbers of rows', () => {
    const light = Array.from({ length: 90 }, () => ({ score: 0.1, label: 1, weight: 0.1 }))
    const heavy = Array.from({ length: 9 }, () => ({ score: 0.4, label: 1, weight: 9 }))
    const { deciles } = new Judge(rowsOf([...heavy, ...light])).figures()
    expect(deciles[0]).toBeCloseTo(0.1, 10)
    expect(deciles.slice(1)).toEqual(new Array(9).fill(expect.closeTo(0.4, 10)))
  })

  test('a sure miss costs much, but not infinity', () => {
    expect(logLossOf(0, 1)).toBeCloseTo(34.66, 2)
    expect(logLossOf(1, 0)).toBeCloseTo(34.66, 2)
    expect(logLossOf(0, 0)).toBeLessThan(1e-14)
  })
})
