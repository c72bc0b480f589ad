import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  smallRank,
  smallSplit,
  someWeights,
  splitVector,
  writeModel,
} from '../../test/support/small-models.ts'
import { type OpenedModel, openModel } from './open-model.ts'
import type { RankRows } from './rank-graph.ts'

let models: string
let fine: OpenedModel
let coarse: OpenedModel
beforeAll(async () => {
  models = await mkdtemp(join(tmpdir(), 'sluice-runner-'))
  fine = await openModel(await writeModel(models, smallRank()))
  coarse = await openModel(await writeModel(models, smallSplit()))
})
afterAll(async () => {
  fine.release()
  coarse.release()
  await rm(models, { recursive: true, force: true })
})

/** Rows that are all different, over `asks` asks. */
function someRows(rows: number, asks: number): RankRows {
  const { askWidth, adWidth, pairWidth, slotCount } = fine.encoder.layout
  const index = (count: number, seed: number) =>
    Int32Array.from({ length: count }, (_, i) => (i * 31 + seed) % slotCount)
  const value = (count: number) => Float32Array.from({ length: count }, (_, i) => (i % 5) / 4)
  return {
    asks,
    askIndex: index(asks * askWidth, 1),
    askValue: value(asks * askWidth),
    rows,
    adIndex: index(rows * adWidth, 2),
    adValue: value(rows * adWidth),
    askOf: Int32Array.from({ length: rows }, (_, i) => (i * 7) % asks),
    pairIndex: index(rows * pairWidth, 3),
    pairValue: value(rows * pairWidth),
  }
}

/** The same by the weights, row by row. */
function naive(rows: RankRows, row: number, target: number): number {
  const { askWidth, adWidth, pairWidth } = fine.encoder.layout
  const sum = (index: Int32Array, value: Float32Array, at: number, width: number) => {
    let total = 0
    for (let i = at * width; i < (at + 1) * width; i++) {
      total += someWeights(index[i]!, target) * value[i]!
    }
    return total
  }
  const odds =
    sum(rows.askIndex, rows.askValue, rows.askOf[row]!, askWidth) +
    sum(rows.adIndex, rows.adValue, row, adWidth) +
    sum(rows.pairIndex, rows.pairValue, row, pairWidth)
  return 1 / (1 + Math.exp(-odds))
}

test.each([
  [1, 1],
  [3, 2],
  [64, 1],
  [65, 16],
  [256, 64],
  [257, 64],
  [700, 300],
])('%i rows of %i asks are scored as one by one', (count, asks) => {
  const rows = someRows(count, asks)
  const { ctr, cvr } = fine.runner.runRank(rows)
  expect(ctr).toHaveLength(count)
  for (let row = 0; row < count; row++) {
    expect(ctr[row]).toBeCloseTo(naive(rows, row, 0), 6)
    expect(cvr![row]).toBeCloseTo(naive(rows, row, 1), 6)
  }
})

test('no row is scored when there is none', () => {
  expect(fine.runner.runRank(someRows(0, 0)).ctr).toHaveLength(0)
})

test('a row that made the graph throw does not spoil the runs after it', () => {
  const bad = someRows(4, 1)
  bad.adIndex[3 * fine.encoder.layout.adWidth] = 1_000_000
  expect(() => fine.runner.runRank(bad)).toThrow(/out of data bounds/)
  // Three rows run in the bucket of four: the bad row is padding now.
  const rows = someRows(3, 1)
  const { ctr } = fine.runner.runRank(rows)
  for (const row of [0, 1, 2]) expect(ctr[row]).toBeCloseTo(naive(rows, row, 0), 6)
})

test('vectors of any number of ads are the sums of their slots', () => {
  const { adWidth, slotCount } = coarse.encoder.layout
  const rows = 600
  const index = Int32Array.from({ length: rows * adWidth }, (_, i) => (i * 17) % slotCount)
  const value = new Float32Array(rows * adWidth).fill(0.5)
  const vectors = coarse.runner.runAd(index, value, rows)
  expect(vectors).toHaveLength(rows * splitVector.width)
  for (const row of [0, 255, 256, 511, 599]) {
    for (let place = 0; place < splitVector.width; place++) {
      let sum = 0
      for (let i = row * adWidth; i < (row + 1) * adWidth; i++) {
        sum += someWeights(index[i]!, place) * 0.5
      }
      expect(vectors[row * splitVector.width + place]).toBeCloseTo(sum, 6)
    }
  }
})

test('a model of the other kind says so', () => {
  expect(() => coarse.runner.runRank(someRows(1, 1))).toThrow('SLUICE_SCORING_MODEL_KIND')
  expect(() => fine.runner.runAsk(new Int32Array(2), new Float32Array(2), 1)).toThrow(
    'of kind split',
  )
})
