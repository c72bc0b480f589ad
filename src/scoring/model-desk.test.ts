/** The models folder as people see it: everything that is there, and nothing that cannot serve. */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { smallRank, smallSplit, writeModel } from '../../test/support/small-models.ts'
import { ModelDesk } from './model-desk.ts'

let folder: string
let desk: ModelDesk

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sluice-models-'))
  desk = new ModelDesk(folder)
})

afterEach(() => rm(folder, { recursive: true, force: true }))

test('versions are listed in the order people count in, with what their manifests say', async () => {
  for (const version of ['10', '9']) {
    await writeModel(folder, smallRank(version))
  }
  await writeFile(join(folder, 'fine', '9', 'report.json'), '{"targets": [{"auc": 0.7}], "x": 1}')
  await writeFile(join(folder, 'fine', 'active'), '9\n')
  await mkdir(join(folder, 'train'))
  const about = {
    kind: 'rank',
    targets: ['ctr', 'cvr'],
    trainedBy: 'test',
    trainedOn: 'nothing',
    features: 6,
    calibratedFor: [],
  }
  expect(await desk.list()).toEqual([
    {
      name: 'fine',
      active: '9',
      versionCount: 2,
      versions: [
        { version: '9', problem: null, about, figures: [{ auc: 0.7 }] },
        { version: '10', problem: null, about, figures: null },
      ],
    },
  ])
})

test('a manifest that cannot be read is listed with its problem', async () => {
  await mkdir(join(folder, 'fine', '1'), { recursive: true })
  await writeFile(join(folder, 'fine', '1', 'manifest.json'), '{')
  const [fine] = await desk.list()
  expect(fine?.active).toBeNull()
  expect(fine?.versions[0]?.about).toBeNull()
  expect(fine?.versions[0]?.problem).toContain('manifest.json')
})

test('a folder that is not there has no models', async () => {
  expect(await new ModelDesk(join(folder, 'none')).list()).toEqual([])
})

test('a version is activated after it was opened, and the one before is told', async () => {
  await writeModel(folder, smallSplit('1'))
  await writeModel(folder, smallSplit('2'))
  expect(await desk.activate('coarse', '1')).toBeNull()
  expect(await desk.activate('coarse', '2')).toBe('1')
  expect(await readFile(join(folder, 'coarse', 'active'), 'utf8')).toBe('2\n')
})

test('a version that cannot serve is not activated', async () => {
  await writeModel(folder, smallRank('1'))
  await writeModel(folder, smallRank('2'))
  await desk.activate('fine', '1')
  const graph = await readFile(join(folder, 'fine', '2', 'model.onnx'))
  await writeFile(join(folder, 'fine', '2', 'model.onnx'), graph.subarray(0, -9))
  await expect(desk.activate('fine', '2')).rejects.toThrow('SLUICE_SCORING_MODEL')
  expect(await readFile(join(folder, 'fine', 'active'), 'utf8')).toBe('1\n')
})

test('only what may be a folder of a model is one', async () => {
  await writeModel(folder, smallRank('1'))
  expect(await desk.has('fine', '1')).toBe(true)
  expect(await desk.has('fine', '2')).toBe(false)
  expect(await desk.has('../fine', '1')).toBe(false)
  expect(await desk.has('fine', '..')).toBe(false)
})
