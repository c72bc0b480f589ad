/** The event log in LMDB: an environment a worker, written by it alone, read by everybody. */
import type { RangeOptions, RootDatabase } from 'lmdb'
import type { EventLog, LogRecord } from '../feedback-ports.ts'
import { StoreError } from '../store-error.ts'
import { type AppenderDeps, LmdbAppender } from './lmdb-appender.ts'
import {
  type ByteDatabase,
  closeEnvironment,
  openLogPart,
  partOfWorker,
  partsIn,
} from './lmdb-environments.ts'
import { failureOf, logCodes } from './lmdb-failure.ts'
import {
  firstRecord,
  numberAsBytes,
  numberBytes,
  numberOfPlace,
  probeRow,
  readNumber,
  trimmedRow,
} from './log-layout.ts'

/** How soon the events of a worker that has just been started are seen by a running projector. */
const partsEveryMs = 200

/** Removals of one commit: while it holds the write lock (some 5 ms), the worker's appends wait. */
const trimmedAtOnce = 2_000

/** `EventLog` on LMDB environments below one folder. */
export class LmdbEventLog implements EventLog {
  readonly #folder: string
  readonly #deps: AppenderDeps
  readonly #open = new Map<string, RootDatabase<Uint8Array, Uint8Array>>()
  readonly #appender: LmdbAppender | null
  #parts: readonly string[] = []
  #lookAtMs = Number.NEGATIVE_INFINITY

  /** `worker` null: it reads and trims only. */
  constructor(folder: string, worker: number | null, deps: AppenderDeps) {
    this.#folder = folder
    this.#deps = deps
    this.#appender =
      worker === null ? null : new LmdbAppender(this.#databaseOf(partOfWorker(worker)), deps)
  }

  append(_shard: number, record: Uint8Array): Promise<void> {
    if (this.#appender !== null) return this.#appender.append(record)
    return Promise.reject(new StoreError('SLUICE_STORE_LOG_DOWN', 'opened without a worker'))
  }

  parts(): Promise<readonly string[]> {
    this.#parts = partsIn(this.#folder)
    this.#lookAtMs = this.#deps.monotonicMs() + partsEveryMs
    return Promise.resolve(this.#parts)
  }

  /** All parts: whether one has something new is read as fast as it is asked. */
  fresh(): readonly string[] {
    if (this.#deps.monotonicMs() >= this.#lookAtMs) void this.parts()
    return this.#parts
  }

  async read(
    wanted: readonly { readonly part: string; readonly after: string }[],
    countMax: number,
  ): Promise<readonly (readonly LogRecord[])[]> {
    return wanted.map(({ part, after }) => this.#read(part, after, countMax))
  }

  async newest(part: string, countMax: number): Promise<readonly LogRecord[]> {
    if (!this.#has(part)) return []
    const range = { reverse: true, end: numberAsBytes(probeRow), limit: countMax }
    return recordsIn(this.#databaseOf(part), range).reverse()
  }

  async trim(part: string, upTo: string, beforeMs: number): Promise<number> {
    if (!this.#has(part)) return 0
    const database = this.#databaseOf(part)
    let removed = 0
    while (true) {
      const old = oldRecords(database, numberOfPlace(upTo), beforeMs)
      const last = old.at(-1)
      if (last === undefined) return removed
      // In one commit: numbers must go on after the last one even if no record is left.
      await this.#committed(
        database.batch(() => {
          void database.put(numberAsBytes(trimmedRow), last)
          for (const key of old) void database.remove(key)
        }),
      )
      removed += old.length
    }
  }

  problem(): string | null {
    return this.#appender?.problem() ?? null
  }

  async close(): Promise<void> {
    await this.#appender?.close()
    for (const database of this.#open.values()) await closeEnvironment(database)
    this.#open.clear()
  }

  #read(part: string, after: string, countMax: number): readonly LogRecord[] {
    if (!this.#has(part)) return []
    const start = numberAsBytes(Math.max(firstRecord, numberOfPlace(after) + 1))
    return recordsIn(this.#databaseOf(part), { start, limit: countMax })
  }

  async #committed(written: Promise<unknown>): Promise<void> {
    try {
      await written
    } catch (error) {
      this.#deps.meter.error('log-trim')
      throw await failureOf(error, logCodes)
    }
  }

  /** Opening a part that is not there would make it. */
  #has(part: string): boolean {
    return this.#open.has(part) || partsIn(this.#folder).includes(part)
  }

  #databaseOf(part: string): RootDatabase<Uint8Array, Uint8Array> {
    const known = this.#open.get(part)
    if (known !== undefined) return known
    const database = openLogPart(this.#folder, part)
    this.#open.set(part, database)
    return database
  }
}

/** Records of a range of keys, in its order. */
function recordsIn(database: ByteDatabase, range: RangeOptions): LogRecord[] {
  // The worker is another process: what it has committed since is in a newer transaction.
  database.resetReadTxn()
  const records: LogRecord[] = []
  for (const { key, value } of database.getRange(range)) {
    records.push({
      at: String(readNumber(key)),
      storedAtMs: readNumber(value),
      bytes: value.subarray(numberBytes),
    })
  }
  return records
}

/** Keys of the oldest records, up to a number and stored before a time; not all at once. */
function oldRecords(database: ByteDatabase, upTo: number, beforeMs: number): Uint8Array[] {
  const keys: Uint8Array[] = []
  database.resetReadTxn()
  const range = { start: numberAsBytes(firstRecord), limit: trimmedAtOnce }
  for (const { key, value } of database.getRange(range)) {
    if (readNumber(key) > upTo || readNumber(value) >= beforeMs) break
    keys.push(key)
  }
  return keys
}
