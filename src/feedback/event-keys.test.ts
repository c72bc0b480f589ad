import { beforeEach, describe, expect, test } from 'vitest'
import { MemoryCatalogStore } from '../../test/support/memory-catalog.ts'
import { sealKey } from '../control/api-keys.ts'
import { type Role, roles } from '../domain/api-key.ts'
import { EventKeys, KeyCheck } from './event-keys.ts'

const textOf = (role: string): string => `sluice_${role}_${'k'.repeat(43)}`
const bearer = (role: string): string => `Bearer ${textOf(role)}`

let store: MemoryCatalogStore
let keys: EventKeys
let look: () => Promise<void>

beforeEach(async () => {
  store = new MemoryCatalogStore()
  for (const role of roles) await put(role, role)
  let planned = (): void => undefined
  keys = new EventKeys({
    store,
    configured: 'the-configured-admin-key',
    schedule: (run) => {
      planned = run
      return () => undefined
    },
  })
  look = async () => {
    planned()
    await settled()
  }
})

async function put(id: string, role: Role): Promise<void> {
  const order = { id, name: id, role, createdAtMs: 0, createdBy: 'test' }
  await store.put('key', id, sealKey(order, textOf(id)))
}

/** A store in memory answers within a few turns of promises. */
async function settled(): Promise<void> {
  for (let i = 0; i < 20; i++) await Promise.resolve()
}

describe('EventKeys', () => {
  test.each<[string, KeyCheck]>([
    [bearer('sender'), KeyCheck.Ok],
    [bearer('marketer'), KeyCheck.Ok],
    [bearer('admin'), KeyCheck.Ok],
    [bearer('admin').replace('Bearer', 'bearer'), KeyCheck.Ok],
    ['Bearer the-configured-admin-key', KeyCheck.Ok],
    [bearer('viewer'), KeyCheck.Forbidden],
    [bearer('nobody'), KeyCheck.Unknown],
    [`${bearer('sender').slice(0, -1)}x`, KeyCheck.Unknown],
    ['Bearer the-configured-admin-key2', KeyCheck.Unknown],
    ['', KeyCheck.Missing],
    ['Basic abc', KeyCheck.Missing],
    [`Bearer ${'k'.repeat(600)}`, KeyCheck.Missing],
  ])('%s', async (authorization, check) => {
    await keys.start()
    expect(keys.check(authorization)).toBe(check)
  })

  test('before the store has told the keys, only the configured one is known', () => {
    expect(keys.check(bearer('sender'))).toBe(KeyCheck.NotLoaded)
    expect(keys.check('Bearer the-configured-admin-key')).toBe(KeyCheck.Ok)
  })

  test('follows new and revoked keys', async () => {
    await keys.start()
    await put('shop', 'sender')
    await store.write([{ kind: 'key', id: 'sender', json: null, expectedVersion: null }])
    await look()
    expect(keys.check(bearer('shop'))).toBe(KeyCheck.Ok)
    expect(keys.check(bearer('sender'))).toBe(KeyCheck.Unknown)
    expect(store.loads).toBe(1)
  })

  test('keeps what it knows while the store is away, and says why', async () => {
    await keys.start()
    store.failure = new Error('the store is away')
    await look()
    expect(keys.check(bearer('sender'))).toBe(KeyCheck.Ok)
    expect(keys.problem()).toBe('the store is away')
    store.failure = null
    await look()
    expect(keys.problem()).toBeNull()
  })
})
