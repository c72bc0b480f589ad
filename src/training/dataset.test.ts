import { truncateSync, unlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openDataset } from './dataset.ts'
import { makeDataset } from './make-dataset.ts'
import { recordAt, shown, temporaryFolder, writeLog } from './test-logs.ts'

let folder = ''
let remove: () => void
beforeEach(async () => {
  ;({ folder, remove } = temporaryFolder())
  const records = Array.from({ length: 20 }, (_, n) => recordAt(n, { city: `c${n % 3}` }))
  await makeDataset({
    ...writeLog(folder, records, records.map(shown)),
    ...{ catalog: null, truth: null, rowsAre: 'impressions', watermarkMs: null },
    features: [{ name: 'city', source: 'city', kind: 'vocab', width: 1, minCount: 1, words: [] }],
    ...{ out: folder, trainShare: 0.5, calibrateShare: 0.25 },
  })
})
afterEach(() => remove())

describe('chunks', () => {
  test('of any size give the same rows, each once, in order', () => {
    const dataset = openDataset(folder)
    const { info } = dataset
    const whole = [...dataset.chunks([0, info.rows])]
    expect(whole.map(({ from, rows }) => [from, rows])).toEqual([[0, 20]])
    const parts = [...dataset.chunks([3, 20], 5)].map(({ from, rows }) => [from, rows])
    expect(parts).toEqual([
      [3, 5],
      [8, 5],
      [13, 5],
      [18, 2],
    ])
    // Copied as they come: the arrays are filled again.
    const cities: number[] = []
    for (const { askIndex, at, rows } of dataset.chunks([0, 20], 7)) {
      expect([askIndex.length, at.length]).toEqual([rows, rows])
      cities.push(...askIndex)
    }
    expect(cities).toEqual([...(whole[0]?.askIndex ?? [])])
    dataset.close()
  })

  test('of an empty range are none', () => {
    const dataset = openDataset(folder)
    expect([...dataset.chunks([4, 4])]).toEqual([])
    dataset.close()
  })
})

test('a column is that of its range; a truth that is not there is empty', () => {
  const dataset = openDataset(folder)
  expect(dataset.column('at', [2, 4])).toEqual(Float64Array.of(recordAt(2).atMs, recordAt(3).atMs))
  expect(dataset.column('truth', [0, 20])).toHaveLength(0)
  expect(dataset.info.exchanges).toEqual(['acme'])
  dataset.close()
})

describe('a folder that is no set is refused with a sentence', () => {
  test.each([
    ['without its list', () => unlinkSync(join(folder, 'dataset.json')), /is no finished dataset/],
    ['with a torn list', () => truncateSync(join(folder, 'dataset.json'), 40), /no finished/],
    ['without a column', () => unlinkSync(join(folder, 'label.u8')), /label.u8 cannot be read/],
    ['with a cut column', () => truncateSync(join(folder, 'at.f64'), 152), /152 bytes, 20 rows/],
    [
      'of another version',
      () => writeFileSync(join(folder, 'dataset.json'), '{"datasetVersion":2}'),
      /is of version 2, this reads 1/,
    ],
  ])('%s', (_about, spoil, sentence) => {
    spoil()
    expect(() => openDataset(folder)).toThrow(sentence)
    expect(() => openDataset(folder)).toThrow(/^SLUICE_TRAINING_DATASET/)
  })
})
