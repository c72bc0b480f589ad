/** The admin API's view of the catalog, and the only way it writes: checked, versioned, audited. */
import type { Clock } from '../lib/clock.ts'
import type { CatalogStore, EntityWrite, StoredEntity } from '../store/ports.ts'
import { type AuditNote, nextAudit } from './audit-ring.ts'
import { writeAttemptsMax } from './limits.ts'
import { Problem, storeUnavailable } from './problem.ts'

/** Who writes: the id of an API key, or `start` for what happens at start-up. */
export interface Writer {
  readonly keyId: string
}

/** Everything in the catalog at one revision. */
export class CatalogView {
  readonly revision: number
  readonly #byKind = new Map<string, Map<string, StoredEntity>>()

  constructor(revision: number, entities: readonly StoredEntity[]) {
    this.revision = revision
    const ordered = [...entities].sort((a, b) => compareText(a.id, b.id))
    for (const entity of ordered) {
      const kind = this.#byKind.get(entity.kind) ?? new Map<string, StoredEntity>()
      kind.set(entity.id, entity)
      this.#byKind.set(entity.kind, kind)
    }
  }

  /** One entity, or null. */
  get(kind: string, id: string): StoredEntity | null {
    return this.#byKind.get(kind)?.get(id) ?? null
  }

  /** All of a kind, by id ascending. */
  all(kind: string): readonly StoredEntity[] {
    return [...(this.#byKind.get(kind)?.values() ?? [])]
  }

  count(kind: string): number {
    return this.#byKind.get(kind)?.size ?? 0
  }
}

/** One wanted write, made against one view; `value` null deletes. */
export interface PlannedWrite {
  readonly kind: string
  readonly id: string
  readonly value: object | null
  /** The audit log's word for it: `create`, `update`, `delete`. */
  readonly action: string
}

/** What a plan answers with: the write, and whatever the caller wants back. */
export interface Plan<T> {
  /** null: nothing needs to be written. */
  readonly write: PlannedWrite | null
  readonly result: T
}

/** A finished write. `version` is the entity's new version, 0 after a deletion. */
export interface Written<T> {
  readonly version: number
  readonly isNew: boolean
  readonly result: T
}

/** Reads and writes of the catalog for the whole admin API of this process. */
export class CatalogDesk {
  readonly #store: CatalogStore
  readonly #clock: Clock
  #view: CatalogView | null = null
  /** Tail of the queue of writes: one at a time, so that a check and its write cannot be split. */
  #tail: Promise<unknown> = Promise.resolve()

  constructor(store: CatalogStore, clock: Clock) {
    this.#store = store
    this.#clock = clock
  }

  /** The catalog as it is now. Throws 503 when the store does not answer. */
  async view(): Promise<CatalogView> {
    const known = this.#view
    const revision = await guarded(this.#store.revision())
    if (known !== null && known.revision === revision) return known
    const loaded = await guarded(this.#store.load())
    const view = new CatalogView(loaded.revision, loaded.entities)
    // Two loads may finish out of order; the newer one stays.
    if (this.#view === null || this.#view.revision <= view.revision) this.#view = view
    return view
  }

  /** The catalog as last seen, when the store cannot be asked; null before the first view. */
  lastView(): CatalogView | null {
    return this.#view
  }

  /**
   * Plans against the present catalog and writes the result with an audit entry in one batch. When
   * another writer was first, the plan is made again from the new catalog, so every check in it
   * (If-Match, uniqueness, overlaps) holds at the moment of the write: each write also takes the
   * next slot of the audit ring, so two writers always collide, whatever they write.
   */
  change<T>(writer: Writer, plan: (view: CatalogView) => Plan<T>): Promise<Written<T>> {
    return this.#queued(async () => {
      for (let attempt = 0; attempt < writeAttemptsMax; attempt++) {
        const view = await this.view()
        const { write, result } = plan(view)
        if (write === null) return { version: 0, isNew: false, result }
        const before = view.get(write.kind, write.id)
        const after = write.value === null ? 0 : (before?.version ?? 0) + 1
        const json = write.value === null ? null : JSON.stringify(write.value)
        const note = { ...write, keyId: writer.keyId, after, before, json }
        const audit = nextAudit(view, note, this.#clock.wallMs())
        const main = { kind: write.kind, id: write.id, json, expectedVersion: before?.version ?? 0 }
        if (await this.#write([main, audit])) {
          return { version: after, isNew: before === null, result }
        }
      }
      throw new Problem('SLUICE_CONTROL_BUSY', 'other writers were always first; try again')
    })
  }

  /** Appends an audit entry for a write that another room did (packs). */
  note(writer: Writer, note: Pick<AuditNote, 'action' | 'kind' | 'id' | 'detail'>): Promise<void> {
    return this.#queued(async () => {
      for (let attempt = 0; attempt < writeAttemptsMax; attempt++) {
        const view = await this.view()
        const entry = { ...note, keyId: writer.keyId, before: null, after: null, json: null }
        if (await this.#write([nextAudit(view, entry, this.#clock.wallMs())])) return
      }
      throw new Problem('SLUICE_CONTROL_BUSY', 'other writers were always first; try again')
    })
  }

  async #write(batch: readonly EntityWrite[]): Promise<boolean> {
    const result = await guarded(this.#store.write(batch))
    // The view is stale either way; forgetting it also covers a store whose revision lags.
    this.#view = null
    return result.ok
  }

  #queued<T>(work: () => Promise<T>): Promise<T> {
    const run = this.#tail.then(work, work)
    this.#tail = run.catch(() => undefined)
    return run
  }
}

/** The JSON of an entity as the type it was written as. */
export function entityValue<T>(entity: StoredEntity): T {
  return JSON.parse(entity.json) as T
}

/** Orders ids by code unit, the same on every machine. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

async function guarded<T>(work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (error) {
    const problem = storeUnavailable()
    problem.cause = error
    throw problem
  }
}
