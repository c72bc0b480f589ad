/** The admin API's view of the catalog, and the only way it writes: checked, versioned, audited. */
import type { Clock } from '../lib/clock.ts'
import {
  type CatalogChanges,
  type CatalogStore,
  catalogBatchMax,
  type EntityWrite,
  type StoredEntity,
} from '../store/ports.ts'
import { type AuditNote, nextAudit } from './audit-ring.ts'
import { writeAttemptsMax } from './limits.ts'
import { invalid, Problem, storeAnswer } from './problem.ts'
import { SortedIds } from './sorted-ids.ts'

/** Who writes: the id of an API key, or `start` for what happens at start-up. */
export interface Writer {
  readonly keyId: string
}

/**
 * Everything in the catalog. It follows the store: what was read of it is of one revision until
 * the reader waits for something; after that it may be of a later one.
 */
export class CatalogView {
  #revision: number
  readonly #kinds = new Map<string, Kind>()

  constructor(revision: number, entities: readonly StoredEntity[]) {
    this.#revision = revision
    for (const entity of entities) this.#kindOf(entity.kind).put(entity)
  }

  get revision(): number {
    return this.#revision
  }

  /** One entity, or null. */
  get(kind: string, id: string): StoredEntity | null {
    return this.#kinds.get(kind)?.byId.get(id) ?? null
  }

  /**
   * All of a kind, by id ascending. For kinds of thousands; pages of the others come by `after`.
   */
  all(kind: string): readonly StoredEntity[] {
    return this.#kinds.get(kind)?.ordered() ?? []
  }

  /** Those of a kind whose ids come after `id`, ascending; read without waiting in between. */
  *after(kind: string, id: string): Generator<StoredEntity> {
    const found = this.#kinds.get(kind)
    if (found === undefined) return
    const ids = found.ids.all()
    for (let at = found.ids.positionAfter(id); at < ids.length; at++) {
      const entity = found.byId.get(ids[at] ?? '')
      if (entity !== undefined) yield entity
    }
  }

  count(kind: string): number {
    return this.#kinds.get(kind)?.byId.size ?? 0
  }

  /** Moves on to the revision of `changes`; they begin at this view's revision or before it. */
  apply(changes: CatalogChanges): void {
    for (const entity of changes.entities) this.#kindOf(entity.kind).put(entity)
    for (const { kind, id } of changes.deleted) this.#kindOf(kind).remove(id)
    this.#revision = changes.revision
  }

  #kindOf(name: string): Kind {
    const known = this.#kinds.get(name)
    if (known !== undefined) return known
    const made = new Kind()
    this.#kinds.set(name, made)
    return made
  }
}

/** Entities of one kind, by id and in order. */
class Kind {
  readonly byId = new Map<string, StoredEntity>()
  readonly ids = new SortedIds()
  #ordered: readonly StoredEntity[] | null = null

  put(entity: StoredEntity): void {
    if (!this.byId.has(entity.id)) this.ids.add(entity.id)
    this.byId.set(entity.id, entity)
    this.#ordered = null
  }

  remove(id: string): void {
    if (this.byId.delete(id)) this.ids.remove(id)
    this.#ordered = null
  }

  ordered(): readonly StoredEntity[] {
    this.#ordered ??= this.ids.all().flatMap((id) => this.byId.get(id) ?? [])
    return this.#ordered
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

/** What a plan of many writes answers with; each entity is named once. */
export interface ManyPlan<T> {
  /** The audit log's word for the whole, such as `import`. */
  readonly action: string
  /** At most `catalogBatchMax`. */
  readonly writes: readonly Omit<PlannedWrite, 'action'>[]
  readonly result: T
}

/** Many finished writes. What already was as wanted is not written and counts as unchanged. */
export interface WrittenMany<T> {
  /** The version that all that was put has now; 0 when nothing was. */
  readonly version: number
  readonly created: number
  readonly updated: number
  readonly deleted: number
  readonly unchanged: number
  readonly result: T
}

/** Reads and writes of the catalog for the whole admin API of this process. */
export class CatalogDesk {
  readonly #store: CatalogStore
  readonly #clock: Clock
  #view: CatalogView | null = null
  /** The look at the store that is under way. */
  #look: Promise<CatalogView> | null = null
  /** The look that begins when this one has ended: for all who asked meanwhile. */
  #nextLook: Promise<CatalogView> | null = null
  /** Tail of the queue of writes: one at a time, so that a check and its write cannot be split. */
  #tail: Promise<unknown> = Promise.resolve()

  constructor(store: CatalogStore, clock: Clock) {
    this.#store = store
    this.#clock = clock
  }

  /** The catalog as it is now. Throws 503 when the store does not answer. */
  view(): Promise<CatalogView> {
    const look = this.#look
    if (look === null) return this.#startLook()
    // The one under way may have asked before the caller's own last write; the next one has not.
    const start = () => this.#startLook()
    this.#nextLook ??= look.then(start, start)
    return this.#nextLook
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
  async change<T>(writer: Writer, plan: (view: CatalogView) => Plan<T>): Promise<Written<T>> {
    const { revision, result } = await this.#commit((view) => {
      const { write, result } = plan(view)
      if (write === null) return { batch: [], result: { result, isPut: false, isNew: false } }
      const entry = entryOf(view, write)
      const before = view.get(write.kind, write.id)
      const effect = write.value === null ? 'delete' : 'put'
      const note = { ...write, keyId: writer.keyId, effect, before, json: entry.json } as const
      const audit = nextAudit(view, note, this.#clock.wallMs())
      const isPut = write.value !== null
      return { batch: [entry, audit], result: { result, isPut, isNew: before === null } }
    })
    const { isPut, isNew } = result
    return { version: isPut ? revision : 0, isNew, result: result.result }
  }

  /**
   * As `change`, for up to `catalogBatchMax` entities: all or none, one revision, one audit entry.
   * The plan sees the catalog without the batch: what its entities say of each other it checks
   * itself. Throws 400 when an entity is named twice.
   */
  async changeMany<T>(
    writer: Writer,
    plan: (view: CatalogView) => ManyPlan<T>,
  ): Promise<WrittenMany<T>> {
    const { revision, result } = await this.#commit((view) => {
      const { action, writes, result } = plan(view)
      const { entries, counts, kinds } = sortOutMany(view, writes)
      if (entries.length === 0) return { batch: [], result: { ...counts, result } }
      const { created, updated, deleted } = counts
      const detail = { count: entries.length, kinds, created, updated, deleted }
      const note = { ...noteOfMany, keyId: writer.keyId, action, detail }
      const audit = nextAudit(view, note, this.#clock.wallMs())
      return { batch: [...entries, audit], result: { ...counts, result } }
    })
    return { ...result, version: result.created + result.updated > 0 ? revision : 0 }
  }

  /** Appends an audit entry for a write that another room did (packs). */
  async note(
    writer: Writer,
    note: Pick<AuditNote, 'action' | 'kind' | 'id' | 'detail'>,
  ): Promise<void> {
    await this.#commit((view) => {
      const entry = { ...noteOfMany, ...note, keyId: writer.keyId }
      return { batch: [nextAudit(view, entry, this.#clock.wallMs())], result: null }
    })
  }

  /**
   * Writes the batch that `make` plans against the present catalog, again and again until no other
   * writer was first. Answers the revision it got, and what `make` answered with.
   */
  #commit<T>(make: (view: CatalogView) => Batch<T>): Promise<{ revision: number; result: T }> {
    return this.#queued(async () => {
      let lostAt = -1
      for (let attempt = 0; attempt < writeAttemptsMax; attempt++) {
        const view = await this.view()
        if (view.revision === lostAt) {
          // The store contradicts a view that nobody wrote past: it was set back and has another
          // history now. Only all of it is the truth.
          this.#view = null
          lostAt = -1
          continue
        }
        const { batch, result } = make(view)
        if (batch.length === 0) return { revision: view.revision, result }
        lostAt = view.revision
        const written = await storeAnswer(this.#store.write(batch))
        if (written.ok) return { revision: written.revision, result }
      }
      throw new Problem('SLUICE_CONTROL_BUSY', 'other writers were always first; try again')
    })
  }

  #queued<T>(work: () => Promise<T>): Promise<T> {
    const run = this.#tail.then(work, work)
    this.#tail = run.catch(() => undefined)
    return run
  }

  #startLook(): Promise<CatalogView> {
    this.#nextLook = null
    const look = this.#refresh()
    this.#look = look
    const end = (): void => {
      if (this.#look === look && this.#nextLook === null) this.#look = null
    }
    look.then(end, end)
    return look
  }

  /** Brings the view to the store's revision: by its changes, else by all of it. */
  async #refresh(): Promise<CatalogView> {
    const revision = await storeAnswer(this.#store.revision())
    const known = this.#view
    if (known !== null && known.revision === revision) return known
    const changes =
      known !== null && known.revision < revision
        ? await storeAnswer(this.#store.changes(known.revision))
        : null
    if (known !== null && changes !== null) {
      known.apply(changes)
      return known
    }
    const loaded = await storeAnswer(this.#store.load())
    const view = new CatalogView(loaded.revision, loaded.entities)
    this.#view = view
    return view
  }
}

/** What one attempt writes; an empty batch writes nothing. */
interface Batch<T> {
  readonly batch: readonly EntityWrite[]
  readonly result: T
}

/** Parts of an audit note that is of no single entity write of this room. */
const noteOfMany = {
  kind: 'catalog',
  id: '*',
  effect: 'none',
  before: null,
  json: null,
} as const

function entryOf(view: CatalogView, write: Omit<PlannedWrite, 'action'>): EntityWrite {
  const { kind, id, value } = write
  const json = value === null ? null : JSON.stringify(value)
  return { kind, id, json, expectedVersion: view.get(kind, id)?.version ?? 0 }
}

/** The entries that change something, and counts of all. */
function sortOutMany(view: CatalogView, writes: ManyPlan<unknown>['writes']) {
  if (writes.length > catalogBatchMax) {
    throw new RangeError(`at most ${catalogBatchMax} entities at once, not ${writes.length}`)
  }
  const entries: EntityWrite[] = []
  const counts = { created: 0, updated: 0, deleted: 0, unchanged: 0 }
  const kinds: Record<string, number> = {}
  const seen = new Set<string>()
  for (const [index, write] of writes.entries()) {
    const name = `${write.kind}/${write.id}`
    if (seen.has(name)) {
      throw invalid([{ path: `[${index}]`, message: `${write.kind} '${write.id}' comes twice` }])
    }
    seen.add(name)
    const entry = entryOf(view, write)
    const outcome = outcomeOf(entry, view.get(write.kind, write.id))
    counts[outcome]++
    if (outcome === 'unchanged') continue
    kinds[write.kind] = (kinds[write.kind] ?? 0) + 1
    entries.push(entry)
  }
  return { entries, counts, kinds }
}

function outcomeOf(
  { json }: EntityWrite,
  before: StoredEntity | null,
): 'created' | 'updated' | 'deleted' | 'unchanged' {
  if (json === (before?.json ?? null)) return 'unchanged'
  if (json === null) return 'deleted'
  return before === null ? 'created' : 'updated'
}

/** The JSON of an entity as the type it was written as. */
export function entityValue<T>(entity: StoredEntity): T {
  return JSON.parse(entity.json) as T
}
