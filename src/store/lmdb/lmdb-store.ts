/**
 * The embedded store: LMDB environments in one folder, shared by the processes of a machine. Of
 * feedback it has what decisions read: the state that `project` writes (lmdb-feedback-store.ts).
 */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { type Database, open } from 'lmdb'
import type { PresenceRecord, Store, StoreMeter } from '../ports.ts'
import { LmdbBuckets } from './lmdb-buckets.ts'
import { LmdbCatalog } from './lmdb-catalog.ts'
import { closeEnvironment, openState, readersMax } from './lmdb-environments.ts'
import { LmdbPresence } from './lmdb-presence.ts'

/** What the embedded store is opened with. */
export interface LmdbStoreOptions {
  /** Folder; made when it is not there. */
  readonly folder: string
  readonly meter: StoreMeter
  readonly wallMs: () => number
}

/** Opens (and if need be makes) the environments. */
export function openLmdbStore({ folder, meter, wallMs }: LmdbStoreOptions): Promise<Store> {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const packs = open<Uint8Array, number>({
    path: join(folder, 'packs'),
    keyEncoding: 'uint32',
    encoding: 'binary',
    cache: false,
    maxReaders: readersMax,
  })
  const catalog = open({
    path: join(folder, 'catalog'),
    cache: false,
    maxReaders: readersMax,
  })
  const presence = open<PresenceRecord, string>({
    path: join(folder, 'presence'),
    cache: false,
    noSync: true,
    overlappingSync: false,
    maxReaders: readersMax,
  })
  const state = openState(folder)
  return Promise.resolve({
    kind: 'lmdb',
    catalog: new LmdbCatalog(catalog),
    presence: new LmdbPresence(presence, wallMs),
    buckets: new LmdbBuckets(packs as Database<Uint8Array, number>, state.users, meter),
    problem: () => null,
    close: async () => {
      for (const root of [packs, catalog, presence, state.root]) await closeEnvironment(root)
    },
  })
}
