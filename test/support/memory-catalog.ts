/** A catalog store in memory, for tests: it can be told to fail, and counts what it is asked. */
import type { CatalogStore, EntityWrite, StoredEntity, WriteResult } from '../../src/store/ports.ts'

/** Behaves as the contract in `src/store/ports.ts` says. */
export class MemoryCatalogStore implements CatalogStore {
  revisionsAsked = 0
  loads = 0
  /** When set, every call rejects with it. */
  failure: Error | null = null
  #revision = 0
  readonly #entities = new Map<string, StoredEntity>()

  async revision(): Promise<number> {
    this.revisionsAsked++
    if (this.failure !== null) throw this.failure
    return this.#revision
  }

  async load(): Promise<{ revision: number; entities: readonly StoredEntity[] }> {
    this.loads++
    if (this.failure !== null) throw this.failure
    return { revision: this.#revision, entities: [...this.#entities.values()] }
  }

  async write(batch: readonly EntityWrite[]): Promise<WriteResult> {
    if (this.failure !== null) throw this.failure
    for (const [index, { kind, id, expectedVersion }] of batch.entries()) {
      const version = this.#entities.get(`${kind}/${id}`)?.version ?? 0
      if (expectedVersion !== null && expectedVersion !== version) {
        return { ok: false, index, version }
      }
    }
    for (const { kind, id, json } of batch) {
      const key = `${kind}/${id}`
      const version = (this.#entities.get(key)?.version ?? 0) + 1
      if (json === null) this.#entities.delete(key)
      else this.#entities.set(key, { kind, id, version, json })
    }
    this.#revision++
    return { ok: true, revision: this.#revision }
  }

  /** Writes one entity whatever is there; `value` null deletes. */
  async put(kind: string, id: string, value: unknown): Promise<void> {
    const json = value === null ? null : JSON.stringify(value)
    await this.write([{ kind, id, json, expectedVersion: null }])
  }
}
