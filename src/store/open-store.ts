/** Opens the store that the configuration names. */
import { openLmdbStore } from './lmdb/lmdb-store.ts'
import type { Store, StoreMeter } from './ports.ts'
import { openRedisStore } from './redis/redis-store.ts'
import { placeOfStore } from './store-address.ts'

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
  const place = placeOfStore(options.address, options.tlsCaFile)
  if (place.kind === 'redis') return openRedisStore({ ...options, address: place.address })
  return openLmdbStore({ ...options, folder: place.folder })
}
