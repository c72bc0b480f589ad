/**
 * The catalog in LMDB: one entry an entity, written in one flushed transaction with the revision.
 */
import type { RootDatabase } from 'lmdb'
import type { CatalogStore, EntityWrite, StoredEntity, WriteResult } from '../ports.ts'

/** A stored entity; the key is [kind, id]. */
interface Row {
  readonly version: number
  readonly json: string
}

type Key = readonly [string, string]

/** Not a kind: the counter of revisions stands beside the entities. */
const revisionKey: Key = ['', 'revision']

/** `CatalogStore` on an LMDB environment of its own. */
export class LmdbCatalog implements CatalogStore {
  readonly #database: RootDatabase<Row, string[]>

  constructor(database: RootDatabase<Row, string[]>) {
    this.#database = database
  }

  revision(): Promise<number> {
    return Promise.resolve(this.#revision())
  }

  load(): Promise<{ revision: number; entities: StoredEntity[] }> {
    // One synchronous pass reads one LMDB snapshot.
    const entities: StoredEntity[] = []
    let revision = 0
    for (const { key, value } of this.#database.getRange({ snapshot: true })) {
      const [kind = '', id = ''] = key
      if (kind === '') revision = value.version
      else entities.push({ kind, id, version: value.version, json: value.json })
    }
    return Promise.resolve({ revision, entities })
  }

  write(batch: readonly EntityWrite[]): Promise<WriteResult> {
    // transactionSync commits and flushes before it returns: what is answered is on disk.
    return Promise.resolve(this.#database.transactionSync(() => this.#apply(batch)))
  }

  #apply(batch: readonly EntityWrite[]): WriteResult {
    const versions = batch.map(({ kind, id }) => this.#database.get([kind, id])?.version ?? 0)
    for (const [index, { expectedVersion }] of batch.entries()) {
      const version = versions[index] ?? 0
      if (expectedVersion !== null && expectedVersion !== version)
        return { ok: false, index, version }
    }
    for (const [index, { kind, id, json }] of batch.entries()) {
      if (json === null) void this.#database.remove([kind, id])
      else void this.#database.put([kind, id], { version: (versions[index] ?? 0) + 1, json })
    }
    const revision = this.#revision() + 1
    void this.#database.put([...revisionKey], { version: revision, json: '' })
    return { ok: true, revision }
  }

  #revision(): number {
    return this.#database.get([...revisionKey])?.version ?? 0
  }
}
