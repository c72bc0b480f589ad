/** Every kind of store that the contract suites run on: LMDB, a real Redis, a real Cluster. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openStore } from '../../src/store/open-store.ts'
import type { Store } from '../../src/store/ports.ts'
import { startRedis, startRedisCluster } from './redis.ts'

/** A store for one test, and how to open it again or throw it away. */
export interface TestStore {
  readonly address: string
  open(): Promise<Store>
  end(): Promise<void>
}

/** Errors that the drivers reported while a test ran; a test looks at them where they matter. */
export const reported: string[] = []

const meter = {
  read: () => undefined,
  error: (kind: string) => {
    reported.push(kind)
  },
}

/** Opens a store at an address with the machine's clocks. */
export function openTestStore(address: string, tlsCaFile = ''): Promise<Store> {
  return openStore({
    address,
    tlsCaFile,
    writer: true,
    meter,
    wallMs: () => Date.now(),
    monotonicMs: () => performance.now(),
  })
}

/** The kinds, by name; each call makes a fresh and empty store. */
export const testStores: Readonly<Record<string, () => Promise<TestStore>>> = {
  lmdb: () => {
    const folder = mkdtempSync(join(tmpdir(), 'sluice-lmdb-'))
    const address = `lmdb:${folder}`
    return Promise.resolve({
      address,
      open: () => openTestStore(address),
      end: () => {
        rmSync(folder, { recursive: true, force: true })
        return Promise.resolve()
      },
    })
  },
  redis: async () => {
    const server = await startRedis()
    const address = `redis://127.0.0.1:${server.port}`
    return { address, open: () => openTestStore(address), end: () => server.stop() }
  },
  'redis-cluster': async () => {
    const cluster = await startRedisCluster()
    const hosts = cluster.nodes.map((server) => `127.0.0.1:${server.port}`).join(',')
    const address = `redis-cluster://${hosts}`
    return { address, open: () => openTestStore(address), end: () => cluster.stop() }
  },
}
