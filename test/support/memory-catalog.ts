/** A catalog store in memory, for tests: it can be told to fail, and counts what it is asked. */
import { checkBatch } from '../../src/store/catalog-batch.ts'
import {
  type CatalogChanges,
  type CatalogContent,
  type CatalogStore,
  catalogLogMax,
  type EntityName,
  type EntityWrite,
  type StoredEntity,
  type WriteResult,
} from '../../src/store/ports.ts'

/** Behaves as the contract in `src/store/ports.ts` says. */
export class MemoryCatalogStore implements CatalogStore {
  revisionsAsked = 0
  loads = 0
  changesAsked = 0
  /** Kinds of the last load or changes; undefined = all. */
  kindsAsked: readonly string[] | undefined
  /** When set, every call rejects with it. */
  failure: Error | null = null
  #revision = 0
  /** The log holds every write after this revision. */
  #logStart = 0
  #logged = 0
  #log: { readonly revision: number; readonly names: readonly EntityName[] }[] = []
  readonly #entities = new Map<string, StoredEntity>()

  async revision(): Promise<number> {
    this.revisionsAsked++
    if (this.failure !== null) throw this.failure
    return this.#revision
  }

  async load(kinds?: readonly string[]): Promise<CatalogContent> {
    this.loads++
    this.kindsAsked = kinds
    if (this.failure !== null) throw this.failure
    const all = [...this.#entities.values()]
    const entities = kinds === undefined ? all : all.filter(({ kind }) => kinds.includes(kind))
    return { revision: this.#revision, entities }
  }

  async changes(since: number, kinds?: readonly string[]): Promise<CatalogChanges | null> {
    this.changesAsked++
    this.kindsAsked = kinds
    if (this.failure !== null) throw this.failure
    if (since > this.#revision || since < this.#logStart) return null
    const names = new Map<string, EntityName>()
    for (const entry of this.#log) {
      if (entry.revision <= since) continue
      for (const { kind, id } of entry.names) {
        if (kinds === undefined || kinds.includes(kind)) names.set(`${kind}/${id}`, { kind, id })
      }
    }
    const entities: StoredEntity[] = []
    const deleted: EntityName[] = []
    for (const [key, name] of names) {
      const entity = this.#entities.get(key)
      if (entity === undefined) deleted.push(name)
      else entities.push(entity)
    }
    return { revision: this.#revision, entities, deleted }
  }

  async write(batch: readonly EntityWrite[]): Promise<WriteResult> {
    if (this.failure !== null) throw this.failure
    checkBatch(batch)
    for (const [index, { kind, id, expectedVersion }] of batch.entries()) {
      const version = this.#entities.get(`${kind}/${id}`)?.version ?? 0
      if (expectedVersion !== null && expectedVersion !== version) {
        return { ok: false, index, version }
      }
    }
    this.#revision++
    for (const { kind, id, json } of batch) {
      const key = `${kind}/${id}`
      if (json === null) this.#entities.delete(key)
      else this.#entities.set(key, { kind, id, version: this.#revision, json })
    }
    this.#remember(batch)
    return { ok: true, revision: this.#revision }
  }

  /** Writes one entity whatever is there; `value` null deletes. */
  async put(kind: string, id: string, value: unknown): Promise<void> {
    const json = value === null ? null : JSON.stringify(value)
    await this.write([{ kind, id, json, expectedVersion: null }])
  }

  /** Forgets the log, as a store does that was written a lot since a reader looked. */
  forgetChanges(): void {
    this.#log = []
    this.#logged = 0
    this.#logStart = this.#revision
  }

  #remember(names: readonly EntityName[]): void {
    this.#log.push({ revision: this.#revision, names })
    this.#logged += names.length
    while (this.#logged > catalogLogMax) {
      const oldest = this.#log.shift()
      if (oldest === undefined) return
      this.#logged -= oldest.names.length
      this.#logStart = oldest.revision
    }
  }
}
