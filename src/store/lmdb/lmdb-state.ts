/** Derived state in LMDB: one transaction for all parts, written by one projector. */
import { setImmediate as nextTurn } from 'node:timers/promises'
import {
  type LogReader,
  logStart,
  type PartCommit,
  type StateKey,
  type StateStore,
  StateTable,
  type StateWrite,
} from '../feedback-ports.ts'
import type { StoreMeter } from '../ports.ts'
import { DiskRoom } from './disk-room.ts'
import {
  type ByteDatabase,
  closeEnvironment,
  openState,
  partsIn,
  type StateEnvironment,
} from './lmdb-environments.ts'
import { failureOf, stateCodes } from './lmdb-failure.ts'
import { numberOfPlace } from './log-layout.ts'
import {
  dayStart,
  readStateKey,
  readUserKey,
  stateKeyBytesMax,
  writeNamedUserKey,
  writeStateKey,
} from './state-key.ts'

/** Values read, or removed in one commit, before others have their turn: about 2 ms of work. */
const portion = 1_000

/** The day after the last one that a key can name. */
const dayEnd = 65_536

/**
 * Less than the log asks for: what was accepted is still projected when nothing is accepted any
 * more.
 */
const freeBytesMin = 8 * 1_024 * 1_024

/** What it needs of the process. */
export interface LmdbStateDeps {
  readonly meter: StoreMeter
  /** Space left on the disk of the state, bytes. */
  readonly freeBytes: () => Promise<number>
  readonly monotonicMs: () => number
}

/** `StateStore` on an LMDB environment of its own. */
export class LmdbState implements StateStore {
  readonly seesAllShards = true
  readonly #folder: string
  readonly #meter: StoreMeter
  readonly #environment: StateEnvironment
  readonly #room: DiskRoom
  readonly #key = new Uint8Array(stateKeyBytesMax)

  constructor(folder: string, { meter, freeBytes, monotonicMs }: LmdbStateDeps) {
    this.#folder = folder
    this.#meter = meter
    this.#environment = openState(folder)
    const fullCode = stateCodes.full
    this.#room = new DiskRoom({ freeBytes, monotonicMs, fullCode, bytesMin: freeBytesMin })
  }

  /** All of them: there is one projector, and if there are two, `commit` lets one through. */
  claim(_projector: string): Promise<readonly string[]> {
    return Promise.resolve(partsIn(this.#folder))
  }

  async positions(parts: readonly string[], reader: LogReader): Promise<readonly string[]> {
    const { places, root } = this.#environment
    root.resetReadTxn()
    return parts.map((part) => places.get(placeKey(reader, part)) ?? logStart)
  }

  async load(keys: readonly StateKey[]): Promise<readonly (Uint8Array | null)[]> {
    this.#environment.root.resetReadTxn()
    return keys.map((key) => this.#load(key))
  }

  async commit(commits: readonly PartCommit[]): Promise<readonly boolean[]> {
    if (commits.some(({ sends }) => sends.length > 0)) {
      throw new RangeError('a commit that sees all shards has nothing to send')
    }
    // What is wrong with a key or a place is found before anything is written.
    const steps = commits.map((commit) => this.#stepOf(commit))
    await this.#room.ask()
    const done: Promise<boolean>[] = []
    const written = this.#environment.root.batch(() => {
      for (const step of steps) done.push(step())
    })
    await this.#written(written, done)
    return Promise.all(done)
  }

  deliver(_parts: readonly string[]): Promise<readonly string[]> {
    return Promise.resolve([])
  }

  async advanceArchive(part: string, to: string): Promise<void> {
    const { places } = this.#environment
    await this.#written(places.put(placeKey('archive', part), to, numberOfPlace(to)))
  }

  async scan(
    table: StateTable,
    day: number | null,
    visit: (key: StateKey, value: Uint8Array) => void,
  ): Promise<void> {
    const isUsers = table === StateTable.User
    if (isUsers && day !== null && day !== 0) return
    const { users, values } = this.#environment
    const read = isUsers ? readUserKey : readStateKey
    const range = isUsers
      ? wholeRange
      : rangeOfDays(table, day ?? 0, day === null ? dayEnd : day + 1)
    await inPortions(isUsers ? users : values, range, (entries) => {
      for (const { key, value } of entries) visit(read(key), value)
    })
  }

  async remove(keys: readonly StateKey[]): Promise<void> {
    const rows = keys.map((key) => this.#rowOf({ key, value: null }))
    await this.#written(this.#environment.root.batch(() => writeRows(rows)))
  }

  async dropBefore(table: StateTable, day: number): Promise<void> {
    if (table === StateTable.User || day <= 1) return
    const { values } = this.#environment
    await inPortions(values, rangeOfDays(table, 1, day), (entries) =>
      this.#written(
        values.batch(() => {
          for (const { key } of entries) void values.remove(key)
        }),
      ),
    )
  }

  /** Closes the environment; call it once. */
  close(): Promise<void> {
    return closeEnvironment(this.#environment.root)
  }

  /** Writes a commit, as one of a batch; answers whether its part was where it was read from. */
  #stepOf({ part, from, to, writes }: PartCommit): () => Promise<boolean> {
    const { places } = this.#environment
    const name = placeKey('project', part)
    const rows = writes.map((write) => this.#rowOf(write))
    const before = numberOfPlace(from)
    const after = numberOfPlace(to)
    const write = (): void => {
      writeRows(rows)
      // At the start there is no row: it is compared as one that does not exist.
      void (to === logStart ? places.remove(name) : places.put(name, to, after))
    }
    // The place is compared inside the transaction, on LMDB's thread, and decides for all of them.
    return () =>
      from === logStart ? places.ifNoExists(name, write) : places.ifVersion(name, before, write)
  }

  #rowOf({ key, value }: StateWrite): Row {
    return { database: this.#databaseOf(key), key: this.#bytesOf(key).slice(), value }
  }

  #load(key: StateKey): Uint8Array | null {
    const bytes = this.#databaseOf(key).getBinaryFast(this.#bytesOf(key))
    if (bytes === undefined) return null
    // The buffer is lmdb's own and longer than the value: its `length` is set by hand.
    const value = new Uint8Array(bytes.length)
    for (let i = 0; i < value.length; i++) value[i] = bytes[i] ?? 0
    return value
  }

  #databaseOf(key: StateKey): ByteDatabase {
    const { users, values } = this.#environment
    return key.table === StateTable.User ? users : values
  }

  #bytesOf(key: StateKey): Uint8Array {
    return key.table === StateTable.User
      ? writeNamedUserKey(this.#key, key)
      : writeStateKey(this.#key, key)
  }

  async #written(written: Promise<unknown>, others: readonly Promise<unknown>[] = []) {
    // A commit that fails rejects all its promises; one of them says why.
    const [first] = await Promise.allSettled([written, ...others])
    if (first?.status !== 'rejected') {
      this.#room.done()
      return
    }
    this.#meter.error('state-commit')
    const failure = await failureOf(first.reason, stateCodes)
    this.#room.failed(failure)
    throw failure
  }
}

function placeKey(reader: LogReader, part: string): string {
  return `${reader}/${part}`
}

/** One write as LMDB takes it. */
interface Row {
  readonly database: ByteDatabase
  readonly key: Uint8Array
  readonly value: Uint8Array | null
}

/** Writes rows, as a part of a batch, which answers for all of them. */
function writeRows(rows: readonly Row[]): void {
  for (const { database, key, value } of rows) {
    if (value === null) void database.remove(key)
    else void database.put(key, value)
  }
}

interface Range {
  readonly start: Uint8Array
  readonly end?: Uint8Array
}

const wholeRange: Range = { start: new Uint8Array([0]) }

function rangeOfDays(table: StateTable, from: number, to: number): Range {
  return { start: dayStart(table, from), end: dayStart(table, to) }
}

/** Calls `take` with the entries of a range, some at a time; others have their turn in between. */
async function inPortions(
  database: ByteDatabase,
  range: Range,
  take: (entries: readonly { key: Uint8Array; value: Uint8Array }[]) => Promise<void> | void,
): Promise<void> {
  let start = range.start
  let exclusiveStart = false
  while (true) {
    database.resetReadTxn()
    // A range of its own for each portion: no cursor stays open while others have their turn.
    const entries = [...database.getRange({ ...range, start, exclusiveStart, limit: portion })]
    const last = entries.at(-1)
    if (last === undefined) return
    await take(entries)
    start = last.key
    exclusiveStart = true
    await nextTurn()
  }
}
