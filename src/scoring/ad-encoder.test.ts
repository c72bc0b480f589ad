import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  adNumber,
  askNumber,
  encodedRow,
  rankFeatures,
  smallRank,
  smallSplit,
  someWeights,
  splitFeatures,
  writeModel,
} from '../../test/support/small-models.ts'
import { adEncoderOf } from './ad-encoder.ts'
import { openModel } from './open-model.ts'

let models: string
beforeAll(async () => {
  models = await mkdtemp(join(tmpdir(), 'sluice-ad-encoder-'))
})
afterAll(() => rm(models, { recursive: true, force: true }))

const ads = Array.from({ length: 600 }, (_, n) => adNumber(n))

test('ads of a rank model become rows and moments, in their order', async () => {
  const model = await openModel(await writeModel(models, smallRank()))
  const encoder = adEncoderOf(model)
  expect(encoder).toMatchObject({ key: model.key, width: 2, momentWidth: 1, vectorWidth: 0 })
  const rows = await encoder.encode(ads)
  expect(rows.vectors).toHaveLength(0)
  for (const n of [0, 1, 255, 256, 599]) {
    const expected = encodedRow(rankFeatures, askNumber(0), adNumber(n))
    expect([...rows.index.slice(n * 2, n * 2 + 2)]).toEqual(expected.adIndex)
    expect([...rows.value.slice(n * 2, n * 2 + 2)]).toEqual(expected.adValue)
    expect(rows.moments[n]).toEqual(adNumber(n).flightStartMs ?? Number.NaN)
  }
  model.release()
})

test('ads of a split model become vectors, in their order', async () => {
  const model = await openModel(await writeModel(models, smallSplit()))
  const encoder = adEncoderOf(model)
  expect(encoder).toMatchObject({ width: 0, momentWidth: 0, vectorWidth: 5 })
  const { vectors, index } = await encoder.encode(ads)
  expect(index).toHaveLength(0)
  for (const n of [0, 1, 255, 256, 599]) {
    const row = encodedRow(splitFeatures, askNumber(0), adNumber(n))
    for (let place = 0; place < 5; place++) {
      const sum = row.adIndex.reduce(
        (total, slot, i) => total + someWeights(slot, place) * row.adValue[i]!,
        0,
      )
      expect(vectors[n * 5 + place]).toBeCloseTo(sum, 6)
    }
  }
  model.release()
})

test('the loop has its turn while many ads are encoded', async () => {
  const model = await openModel(await writeModel(models, smallRank()))
  let turns = 0
  const tick = (): void => {
    turns++
    next = setImmediate(tick)
  }
  let next = setImmediate(tick)
  await adEncoderOf(model).encode(ads)
  clearImmediate(next)
  expect(turns).toBeGreaterThanOrEqual(2)
  model.release()
})
