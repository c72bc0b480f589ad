import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Config, loadConfig } from '../config/config.ts'
import type { CatalogStore, EntityWrite, StoredEntity } from '../store/ports.ts'
import { checkFingerprint, resolveSalt } from './salt.ts'

let folder = ''
let config: Config

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-salt-'))
  config = loadConfig({ SLUICE_DATA: join(folder, 'data') })
})
afterEach(() => rmSync(folder, { recursive: true }))

/** A catalog of one entity at most. */
function catalogOf(...entities: StoredEntity[]): CatalogStore {
  return {
    revision: async () => entities.length,
    load: async () => ({ revision: entities.length, entities }),
    changes: async () => null,
    write: async ([write]: readonly EntityWrite[]) => {
      const { kind, id, json } = write!
      if (entities.length > 0) return { ok: false, index: 0, version: 1 }
      entities.push({ kind, id, version: 1, json: json ?? '' })
      return { ok: true, revision: 1 }
    },
  }
}

test('a configured salt is used and nothing is written', () => {
  const deviceSalt = new Uint8Array(16).fill(7)
  expect(resolveSalt({ ...config, deviceSalt })).toBe(deviceSalt)
  expect(() => statSync(config.dataFolder)).toThrow('ENOENT')
})

test('a salt is made once, for its owner alone, and found again', () => {
  const first = resolveSalt(config)
  expect(first).toHaveLength(16)
  expect(resolveSalt(config)).toEqual(first)
  const path = join(config.dataFolder, 'device-salt')
  expect(statSync(path).mode & 0o777).toBe(0o600)
  expect(readFileSync(path, 'utf8').trim()).toBe(Buffer.from(first).toString('hex'))
})

test('a damaged salt file is refused, not replaced', () => {
  resolveSalt(config)
  writeFileSync(join(config.dataFolder, 'device-salt'), 'oops')
  expect(() => resolveSalt(config)).toThrow(
    expect.objectContaining({ code: 'SLUICE_IDENTITY_SALT_FILE' }),
  )
})

test('control writes the fingerprint into an empty store, decide waits for it', async () => {
  const catalog = catalogOf()
  expect(await checkFingerprint(catalog, 'aa', false)).toBe(false)
  expect(await checkFingerprint(catalog, 'aa', true)).toBe(true)
  expect(await checkFingerprint(catalog, 'aa', false)).toBe(true)
})

test('another salt is refused with its code and a sentence', async () => {
  const catalog = catalogOf()
  await checkFingerprint(catalog, 'aa', true)
  for (const mayWrite of [true, false]) {
    await expect(checkFingerprint(catalog, 'bb', mayWrite)).rejects.toMatchObject({
      code: 'SLUICE_IDENTITY_SALT_MISMATCH',
      message: expect.stringContaining('another device salt'),
    })
  }
})
