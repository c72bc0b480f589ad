import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ConfigError, environmentKeys, loadConfig, settingsOf } from './config.ts'
import { mediumSettingsSchema } from './medium-schema.ts'

const salt = '00112233445566778899aabbccddeeff'

function problemsOf(environment: Record<string, string>, file = '{}') {
  try {
    loadConfig(environment, () => file)
  } catch (error) {
    if (error instanceof ConfigError) return error.problems
    throw error
  }
  return []
}

test('an empty environment is a working configuration on the embedded store', () => {
  const config = loadConfig({})
  expect(config).toMatchObject({
    host: '127.0.0.1',
    port: 8080,
    controlPort: 8081,
    store: 'lmdb:./data',
    dataFolder: './data',
    deviceSalt: null,
    drainSeconds: 10,
  })
  expect(config.workers).toBeGreaterThanOrEqual(1)
  expect(Object.isFrozen(config)).toBe(true)
  expect(settingsOf(config, 'tencent')).toMatchObject({
    name: 'tencent',
    enabled: true,
    networkAllowanceMs: 30,
    sendAllowanceMs: 2,
    unknownProfile: { kind: 'refuse' },
  })
})

test('the archive lies in the data folder, elsewhere, or nowhere', () => {
  const folderOf = (values: Record<string, string>) => loadConfig(values).archiveFolder
  expect(folderOf({})).toBe('data/archive')
  expect(folderOf({ SLUICE_DATA: '/srv/sluice' })).toBe('/srv/sluice/archive')
  expect(folderOf({ SLUICE_ARCHIVE: '/mnt/events' })).toBe('/mnt/events')
  expect(folderOf({ SLUICE_ARCHIVE: 'off' })).toBeNull()
  expect(loadConfig({}).eventHours).toBe(48)
  expect(loadConfig({ SLUICE_EVENT_HOURS: '720' }).eventHours).toBe(720)
  expect(problemsOf({ SLUICE_EVENT_HOURS: '0' })).toHaveLength(1)
})

test('all problems come at once, each with key, wanted form and what was got', () => {
  const problems = problemsOf(
    { SLUICE_PORT: '80800', SLUICE_WORKERS: 'many', SLUICE_CONFIG: 'x.json' },
    JSON.stringify({ media: { tencent: { qpsMax: -1, typo: 1 } } }),
  )
  expect(problems.map((problem) => problem.key)).toEqual([
    'SLUICE_PORT',
    'SLUICE_WORKERS',
    'media.tencent.qpsMax',
    'media.tencent',
  ])
  expect(problems[0]).toEqual({
    key: 'SLUICE_PORT',
    wanted: 'a port: a whole number from 0 to 65535',
    got: '"80800"',
  })
  expect(problems[2]?.got).toBe('-1')
})

test('complaints about secrets do not show them', () => {
  const shown = JSON.stringify([
    ...problemsOf({ SLUICE_DEVICE_SALT: 'my-secret', SLUICE_STORE: 'mysql://u:my-secret@h' }),
    ...problemsOf(
      { SLUICE_CONFIG: 'x' },
      JSON.stringify({ media: { a: { secretHeader: { name: 'k', values: ['secret!'] } } } }),
    ),
  ])
  expect(shown).toContain('SLUICE_DEVICE_SALT')
  expect(shown).toContain('SLUICE_STORE')
  expect(shown).toContain('secretHeader')
  expect(shown).not.toContain('my-secret')
  expect(shown).not.toContain('secret!')
})

test('a shared store needs a salt that the operator chose', () => {
  const store = 'redis-cluster://a:1,b:2'
  expect(problemsOf({ SLUICE_STORE: store }).map((one) => one.key)).toEqual(['SLUICE_DEVICE_SALT'])
  const config = loadConfig({ SLUICE_STORE: store, SLUICE_DEVICE_SALT: salt })
  expect(config.deviceSalt).toEqual(Uint8Array.from(Buffer.from(salt, 'hex')))
})

test('a file that cannot be read or parsed is named', () => {
  expect(() =>
    loadConfig({ SLUICE_CONFIG: 'x.json' }, () => {
      throw new Error('ENOENT')
    }),
  ).toThrow(/SLUICE_CONFIG.*ENOENT/)
  expect(problemsOf({ SLUICE_CONFIG: 'x.json' }, '{').map((one) => one.key)).toEqual(['x.json'])
})

test('a wrong described medium is named with its place', () => {
  const keys = problemsOf({ SLUICE_CONFIG: 'x' }, '{"described":[{"name":"A B"}]}')
  expect(keys.length).toBeGreaterThan(0)
  expect(keys.every((one) => one.key.startsWith('described.0.'))).toBe(true)
})

test('every field of Config is read somewhere outside config', () => {
  const sources = sourcesOf(join(import.meta.dirname, '..')).join('\n')
  const unread = Object.keys(loadConfig({})).filter(
    (field) => !new RegExp(`config\\.${field}\\b`).test(sources),
  )
  expect(unread).toEqual([])
})

test('every key is documented', () => {
  const page = readFileSync(join(import.meta.dirname, '../../docs/configuration.md'), 'utf8')
  const keys = [...environmentKeys, ...Object.keys(mediumSettingsSchema.shape)]
  expect(keys.filter((key) => !page.includes(`\`${key}\``))).toEqual([])
})

function sourcesOf(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts') && !path.endsWith('.test.ts'))
    .filter((path) => !path.startsWith('config/'))
    .map((path) => readFileSync(join(folder, path), 'utf8'))
}
