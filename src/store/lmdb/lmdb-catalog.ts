/**
 * The catalog in LMDB: one entry an entity and one an accepted batch, written with the revision in
 * one flushed transaction. Readers take portions of one read transaction.
 */
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Database, RootDatabase, Transaction } from 'lmdb'
import { checkBatch } from '../catalog-batch.ts'
import {
  type CatalogChanges,
  type CatalogContent,
  type CatalogStore,
  catalogLogMax,
  type EntityName,
  type EntityWrite,
  type StoredEntity,
  type WriteResult,
} from '../ports.ts'

/** A stored entity; the key is [kind, id]. */
interface Row {
  readonly version: number
  readonly json: string
}

type Key = [kind: string, id: string]

/** Where the catalog is; one row. */
interface State {
  readonly revision: number
  /** The log holds every batch after this revision. */
  readonly logStart: number
  /** Names in the log. */
  readonly logged: number
}

const emptyState: State = { revision: 0, logStart: 0, logged: 0 }
const stateKey = 'state'

/** Entities and characters read before others have their turn: about a millisecond's work. */
const portionEntities = 200
const portionChars = 512 * 1024
/** What a name in the log counts as: two short texts cost about as much as this many characters. */
const nameChars = 256

/** `CatalogStore` on an LMDB environment of its own. */
export class LmdbCatalog implements CatalogStore {
  readonly #root: RootDatabase
  readonly #entities: Database<Row, Key>
  /** By revision: names of what the batch wrote or deleted. */
  readonly #log: Database<Key[], number>
  readonly #state: Database<State, string>

  constructor(root: RootDatabase) {
    this.#root = root
    this.#entities = root.openDB({ name: 'entities2', cache: false })
    this.#log = root.openDB({ name: 'log2', cache: false })
    this.#state = root.openDB({ name: 'state2', cache: false })
  }

  revision(): Promise<number> {
    return Promise.resolve(this.#stateNow().revision)
  }

  load(kinds?: readonly string[]): Promise<CatalogContent> {
    return this.#reading(async (transaction) => {
      const { revision } = this.#stateNow(transaction)
      const entities: StoredEntity[] = []
      if (kinds === undefined) await this.#collect(null, entities, transaction)
      else for (const kind of new Set(kinds)) await this.#collect(kind, entities, transaction)
      return { revision, entities }
    })
  }

  changes(since: number, kinds?: readonly string[]): Promise<CatalogChanges | null> {
    return this.#reading(async (transaction) => {
      const { revision, logStart } = this.#stateNow(transaction)
      if (since > revision || since < logStart) return null
      const entities: StoredEntity[] = []
      const deleted: EntityName[] = []
      const portion = new Portion()
      for (const [kind, id] of await this.#namesAfter(since, transaction)) {
        if (kinds !== undefined && !kinds.includes(kind)) continue
        const row = this.#entities.get([kind, id], { transaction })
        if (row === undefined) deleted.push({ kind, id })
        else entities.push({ kind, id, version: row.version, json: row.json })
        if (portion.isFullWith(row?.json.length ?? 0)) await nextTurn()
      }
      return { revision, entities, deleted }
    })
  }

  async write(batch: readonly EntityWrite[]): Promise<WriteResult> {
    checkBatch(batch)
    // transactionSync commits and flushes before it returns: what is answered is on disk.
    return this.#root.transactionSync(() => this.#apply(batch))
  }

  /** Runs `read` on one state of the environment, however often it lets others have a turn. */
  async #reading<T>(read: (transaction: Transaction) => Promise<T>): Promise<T> {
    // Another process may have written since this one's shared read transaction began.
    this.#root.resetReadTxn()
    const transaction = this.#root.useReadTransaction()
    try {
      return await read(transaction)
    } finally {
      transaction.done()
    }
  }

  /** Adds all entities of a kind (null = of every kind) to `into`. */
  async #collect(
    kind: string | null,
    into: StoredEntity[],
    transaction: Transaction,
  ): Promise<void> {
    const portion = new Portion()
    let last: Key = [kind ?? '', '']
    while (true) {
      // A range of its own for each portion: no cursor stays open while others have their turn.
      const range = this.#entities.getRange({ start: last, exclusiveStart: true, transaction })
      let isCut = false
      for (const { key, value } of range) {
        if (kind !== null && key[0] !== kind) break
        into.push({ kind: key[0], id: key[1], version: value.version, json: value.json })
        last = key
        isCut = portion.isFullWith(value.json.length)
        if (isCut) break
      }
      if (!isCut) return
      await nextTurn()
    }
  }

  /** Names in the log after a revision, each once. */
  async #namesAfter(since: number, transaction: Transaction): Promise<Iterable<Key>> {
    const names = new Map<string, Key>()
    const portion = new Portion()
    let start = since + 1
    while (true) {
      let isCut = false
      for (const { key: revision, value } of this.#log.getRange({ start, transaction })) {
        for (const key of value) names.set(`${key[0]}/${key[1]}`, key)
        start = revision + 1
        isCut = portion.isFullWith(value.length * nameChars)
        if (isCut) break
      }
      if (!isCut) return names.values()
      await nextTurn()
    }
  }

  #apply(batch: readonly EntityWrite[]): WriteResult {
    for (const [index, { kind, id, expectedVersion }] of batch.entries()) {
      if (expectedVersion === null) continue
      const version = this.#entities.get([kind, id])?.version ?? 0
      if (expectedVersion !== version) return { ok: false, index, version }
    }
    const before = this.#stateNow()
    const revision = before.revision + 1
    for (const { kind, id, json } of batch) {
      if (json === null) this.#entities.removeSync([kind, id])
      else this.#entities.putSync([kind, id], { version: revision, json })
    }
    this.#log.putSync(
      revision,
      batch.map(({ kind, id }): Key => [kind, id]),
    )
    const logged = before.logged + batch.length
    const state = { ...before, revision, logged }
    this.#state.putSync(stateKey, logged > catalogLogMax ? this.#trimmed(state) : state)
    return { ok: true, revision }
  }

  /** Drops the oldest batches of a log that is too long. */
  #trimmed(state: State): State {
    let { logStart, logged } = state
    const dropped: number[] = []
    for (const { key, value } of this.#log.getRange({ start: 0 })) {
      if (logged <= catalogLogMax) break
      dropped.push(key)
      logged -= value.length
      logStart = key
    }
    for (const revision of dropped) this.#log.removeSync(revision)
    return { revision: state.revision, logStart, logged }
  }

  #stateNow(transaction?: Transaction): State {
    const options = transaction === undefined ? {} : { transaction }
    return this.#state.get(stateKey, options) ?? emptyState
  }
}

/** Counts what was read since others last had their turn. */
class Portion {
  #entities = 0
  #chars = 0

  /** Counts one more; true when the portion is full, and a new one begins. */
  isFullWith(chars: number): boolean {
    this.#entities++
    this.#chars += chars
    if (this.#entities < portionEntities && this.#chars < portionChars) return false
    this.#entities = 0
    this.#chars = 0
    return true
  }
}
