/** Opens the store that the configuration names. */
import { readFileSync } from 'node:fs'
import { openLmdbStore } from './lmdb/lmdb-store.ts'
import type { Store, StoreMeter } from './ports.ts'
import { openRedisStore } from './redis/redis-store.ts'
import { parseRedisAddress } from './redis/redis-url.ts'
import { StoreError } from './store-error.ts'

/** Where the store is and what it needs of the process. */
export interface OpenStoreOptions {
  /** `lmdb:./data`, `redis://…`, `rediss://…`, `redis-cluster://…`, `rediss-cluster://…`. */
  readonly address: string
  /** PEM file of the certificate authority for `rediss`; '' = the system's. */
  readonly tlsCaFile: string
  /** True in `control`, which alone writes packs and catalog. */
  readonly writer: boolean
  readonly meter: StoreMeter
  readonly wallMs: () => number
  readonly monotonicMs: () => number
}

/** Opens the store; a Redis that does not answer yet is opened all the same (`problem()` tells). */
export function openStore(options: OpenStoreOptions): Promise<Store> {
  const { address, tlsCaFile } = options
  if (address.startsWith('lmdb:')) {
    return openLmdbStore({ ...options, folder: address.slice('lmdb:'.length) || './data' })
  }
  if (!/^rediss?(-cluster)?:/.test(address)) {
    throw new StoreError('SLUICE_STORE_ADDRESS', `no store begins like "${address.split(':')[0]}:"`)
  }
  const ca = tlsCaFile === '' ? null : readFileSync(tlsCaFile, 'utf8')
  return openRedisStore({ ...options, address: parseRedisAddress(address, ca) })
}
