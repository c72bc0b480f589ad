/** The contract of `PresenceStore`: who is listed, for how long. The wall clock is the test's. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openStore } from '../../src/store/open-store.ts'
import { presenceTtlMs, type Store } from '../../src/store/ports.ts'
import { workerRecord } from '../support/memory-store.ts'
import { startRedis, startRedisCluster } from '../support/redis.ts'

const homes: Record<string, () => Promise<{ address: string; end: () => Promise<void> | void }>> = {
  lmdb: () => {
    const folder = mkdtempSync(join(tmpdir(), 'sluice-presence-'))
    const end = () => rmSync(folder, { recursive: true, force: true })
    return Promise.resolve({ address: `lmdb:${folder}`, end })
  },
  redis: async () => {
    const server = await startRedis()
    return { address: server.url, end: () => server.stop() }
  },
  'redis-cluster': async () => {
    const cluster = await startRedisCluster()
    return { address: cluster.url, end: () => cluster.stop() }
  },
}

describe.each(Object.keys(homes))('presence on %s', (kind) => {
  let store: Store
  let end: () => Promise<void> | void
  let nowMs = 1_000_000

  beforeAll(async () => {
    const home = await (homes[kind] as (typeof homes)[string])()
    end = home.end
    store = await openStore({
      address: home.address,
      tlsCaFile: '',
      writer: false,
      meter: { read: () => undefined, error: () => undefined },
      wallMs: () => nowMs,
      monotonicMs: () => performance.now(),
    })
  })

  afterAll(async () => {
    await store.close()
    await end()
  })

  const ids = async () => (await store.presence.list()).map(({ id }) => id).sort()

  test('a record is listed as it was announced, the last one of each process', async () => {
    const first = workerRecord({ id: 'one', atMs: nowMs, revision: 1 })
    await store.presence.announce(first)
    expect(await store.presence.list()).toEqual([first])
    const second = { ...first, revision: 2, notReady: ['store: away'], metrics: [{ name: 'x' }] }
    await store.presence.announce(second)
    expect(await store.presence.list()).toEqual([second])
  })

  test('who does not renew is listed for the whole time to live and not longer', async () => {
    await store.presence.announce(workerRecord({ id: 'two', atMs: nowMs + 1_000 }))
    nowMs += presenceTtlMs
    expect(await ids()).toEqual(['one', 'two'])
    nowMs += 1
    expect(await ids()).toEqual(['two'])
    nowMs += 120_000
    expect(await ids()).toEqual([])
  })

  test('who comes back is listed again, and who leaves is gone at once', async () => {
    await store.presence.announce(workerRecord({ id: 'one', atMs: nowMs }))
    expect(await ids()).toEqual(['one'])
    await store.presence.leave('one')
    await store.presence.leave('never-seen')
    expect(await ids()).toEqual([])
  })
})
