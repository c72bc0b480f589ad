import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { placeShippedModels, shippedModels } from './shipped-models.ts'

const room = mkdtempSync(join(tmpdir(), 'sluice-shipped-test-'))
const [from, to] = [join(room, 'from'), join(room, 'to')]

afterAll(() => rmSync(room, { recursive: true, force: true }))

test('only the version in force of each model is placed, and it is not in force there', async () => {
  const { coarse, fine } = shippedModels
  for (const version of [`${coarse}/1`, `${coarse}/2`, `${fine}/1`, 'other/1']) {
    mkdirSync(join(from, version), { recursive: true })
    writeFileSync(join(from, version, 'manifest.json'), '{}')
  }
  writeFileSync(join(from, coarse, 'active'), '2\n')
  expect(await placeShippedModels(from, to)).toEqual([{ name: coarse, version: '2' }])
  writeFileSync(join(from, fine, 'active'), '1\n')
  expect(await placeShippedModels(from, to)).toHaveLength(2)
  const files = readdirSync(to, { recursive: true, encoding: 'utf8' }).sort()
  expect(files.filter((name) => !name.startsWith(coarse))).toEqual([
    fine,
    join(fine, '1'),
    join(fine, '1', 'manifest.json'),
  ])
  expect(files).not.toContain(join(coarse, '1'))
})
