/** Where the environments of feedback are, and how every process opens them: alike. */
import { mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { type Database, open, type RootDatabase } from 'lmdb'

/** Folder of the logs of all workers, inside the store's. */
export const eventsFolder = 'events'

/** Processes × threads that may read at once; LMDB's default of 126 is for small machines. */
export const readersMax = 512

/** Keys and values are bytes, given as they are. */
export type ByteDatabase = Database<Uint8Array, Uint8Array>

const bytesToBytes = { encoding: 'binary', keyEncoding: 'binary', cache: false } as const

/**
 * With `overlappingSync` a commit is seen before it is flushed, and a reader could act on what a
 * power cut takes back. Without it a commit is on disk before anybody sees it and before its
 * promise resolves; that it holds the write lock meanwhile costs little where one process writes.
 * `eventTurnBatching` would begin each transaction with a promise that nobody can handle: when the
 * disk is full, its rejection would end the process (seen; test/fault/lmdb-feedback.test.ts).
 */
const flushed = {
  overlappingSync: false,
  eventTurnBatching: false,
  maxReaders: readersMax,
} as const

/** Opens (and if need be makes) the log of one worker. */
export function openLogPart(folder: string, part: string): RootDatabase<Uint8Array, Uint8Array> {
  const path = join(folder, eventsFolder, part)
  mkdirSync(path, { recursive: true, mode: 0o700 })
  return open<Uint8Array, Uint8Array>({ path, ...bytesToBytes, ...flushed })
}

/** Name of the part that a worker writes. */
export function partOfWorker(worker: number): string {
  return `w${worker}`
}

/** Parts of all workers there ever were, in order. */
export function partsIn(folder: string): readonly string[] {
  let names: readonly string[]
  try {
    names = readdirSync(join(folder, eventsFolder))
  } catch {
    return []
  }
  const numbers = names.filter((name) => /^w\d+$/.test(name)).map((name) => Number(name.slice(1)))
  return numbers.sort((a, b) => a - b).map(partOfWorker)
}

/** The environment of derived state: all its databases change in one transaction. */
export interface StateEnvironment {
  readonly root: RootDatabase
  /** User states, by `writeUserKey`. */
  readonly users: ByteDatabase
  /** All other tables, by `writeStateKey`. */
  readonly values: ByteDatabase
  /** Place of each reader in each part, as text; its version is the same as a number. */
  readonly places: Database<string, string>
}

/** Opens (and if need be makes) the environment of derived state. */
export function openState(folder: string): StateEnvironment {
  const path = join(folder, 'state')
  mkdirSync(path, { recursive: true, mode: 0o700 })
  const root = open({ path, cache: false, ...flushed })
  return {
    root,
    users: root.openDB<Uint8Array, Uint8Array>('users', bytesToBytes),
    values: root.openDB<Uint8Array, Uint8Array>('values', bytesToBytes),
    places: root.openDB<string, string>('places', {
      encoding: 'string',
      cache: false,
      useVersions: true,
    }),
  }
}

/** Closes an environment when what was written to it is done. */
export async function closeEnvironment(root: RootDatabase): Promise<void> {
  // A read transaction is reset by a timer, which throws if the database was closed before.
  root.resetReadTxn()
  await root.close()
}
