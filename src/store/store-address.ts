/** What SLUICE_STORE says: which kind of store, and where. */
import { readFileSync } from 'node:fs'
import { parseRedisAddress, type RedisAddress } from './redis/redis-url.ts'
import { StoreError } from './store-error.ts'

/** The folder of an embedded store, or the servers of a Redis. */
type StorePlace =
  | { readonly kind: 'lmdb'; readonly folder: string }
  | { readonly kind: 'redis'; readonly address: RedisAddress }

/**
 * Reads `lmdb:./data`, `redis://…`, `rediss://…`, `redis-cluster://…`, `rediss-cluster://…`, and
 * the PEM file of the certificate authority ('' = the system's). Throws SLUICE_STORE_ADDRESS.
 */
export function placeOfStore(address: string, tlsCaFile: string): StorePlace {
  if (address.startsWith('lmdb:')) {
    return { kind: 'lmdb', folder: address.slice('lmdb:'.length) || './data' }
  }
  if (!/^rediss?(-cluster)?:/.test(address)) {
    throw new StoreError('SLUICE_STORE_ADDRESS', `no store begins like "${address.split(':')[0]}:"`)
  }
  const ca = tlsCaFile === '' ? null : readFileSync(tlsCaFile, 'utf8')
  return { kind: 'redis', address: parseRedisAddress(address, ca) }
}
