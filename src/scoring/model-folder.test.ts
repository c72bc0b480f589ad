import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { activate, activeVersion, activeVersions } from './model-folder.ts'

let models: string
beforeEach(async () => {
  models = await mkdtemp(join(tmpdir(), 'sluice-model-folder-'))
  await mkdir(join(models, 'fine', '3.1'), { recursive: true })
  await writeFile(join(models, 'fine', '3.1', 'manifest.json'), '{}')
})
afterEach(() => rm(models, { recursive: true, force: true }))

test('a version put in force is the active one, and nothing else is left behind', async () => {
  expect(await activeVersion(models, 'fine')).toBeNull()
  await activate(models, 'fine', '3.1')
  expect(await activeVersion(models, 'fine')).toBe('3.1')
  expect(await readFile(join(models, 'fine', 'active'), 'utf8')).toBe('3.1\n')
  expect((await readdir(join(models, 'fine'))).sort()).toEqual(['3.1', 'active'])
})

test('the other pointer is replaced', async () => {
  await writeFile(join(models, 'fine', 'active'), '2\n')
  await activate(models, 'fine', '3.1')
  expect(await activeVersion(models, 'fine')).toBe('3.1')
})

test('a version that is not there is not put in force', async () => {
  await writeFile(join(models, 'fine', 'active'), '3.1\n')
  await expect(activate(models, 'fine', '4')).rejects.toThrow(
    'SLUICE_SCORING_MODEL_FILE: fine/4 has no manifest.json',
  )
  expect(await activeVersion(models, 'fine')).toBe('3.1')
})

test.each([
  ['../fine', '3.1'],
  ['fine', '../3.1'],
  ['fine', ''],
  ['Fine', '3.1'],
  ['fine', '.hidden'],
  ['fine', 'x'.repeat(65)],
])('%s/%s is no name', async (name, version) => {
  await expect(activate(models, name, version)).rejects.toThrow('SLUICE_SCORING_MODEL_NAME')
})

test('all active versions are found by name, wrong pointers name none, strangers are passed over', async () => {
  await activate(models, 'fine', '3.1')
  for (const [name, pointer] of [
    ['coarse', ' 7 \n'],
    ['evil', '../../etc\n'],
    ['UPPER', '1'],
  ] as const) {
    await mkdir(join(models, name))
    await writeFile(join(models, name, 'active'), pointer)
  }
  await mkdir(join(models, 'empty'))
  await writeFile(join(models, 'readme.md'), 'text')
  const versions = await activeVersions(models)
  expect(versions).toEqual(
    new Map([
      ['coarse', '7'],
      ['evil', ''],
      ['fine', '3.1'],
    ]),
  )
  expect(await activeVersion(models, 'evil')).toBeNull()
})

test('a folder that is not there has none', async () => {
  expect(await activeVersions(join(models, 'nowhere'))).toEqual(new Map())
})
