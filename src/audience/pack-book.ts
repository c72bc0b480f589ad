/**
 * What the catalog keeps of packs, slots and layout, as `control`, their only writer, sees it.
 * Every
 * change is one atomic catalog write; another writer makes it fail instead of mixing two states.
 */
import {
  emptyLayout,
  type Layout,
  type LayoutRecord,
  layoutFrom,
  layoutKind,
  layoutRecord,
  type Pack,
  packKind,
  packSlotsMax,
  slotsKind,
} from '../domain/pack.ts'
import type { CatalogStore, EntityWrite, StoredEntity } from '../store/ports.ts'
import { AudienceError } from './audience-error.ts'

/** All that the book reads of the catalog. */
const bookKinds = [packKind, slotsKind, layoutKind]

/** The stored form of the slots entity. */
interface SlotsRecord {
  readonly dirty: readonly number[]
}

/** One change: packs to put (or delete), dirty slots to add or clear; layout moves ride along. */
export interface BookChange {
  readonly put?: Pack
  readonly remove?: string
  readonly soil?: readonly number[]
  readonly clean?: readonly number[]
}

/** A batch on its way, and what to do in memory when it was written. */
interface UnsureWrite {
  readonly batch: readonly EntityWrite[]
  readonly adopt: () => void
}

/** Packs, slots and layout in memory, written through. */
export class PackBook {
  readonly layout: Layout = emptyLayout()
  readonly packs = new Map<string, Pack>()
  /** Slots that values may hold though no version uses them. */
  readonly dirty = new Set<number>()
  /** Bound on the buckets of any generation of any shard in the store, as written. */
  ceiling = 1
  /** Catalog revision of the last change made here (or of the load). */
  revision = 0
  readonly #catalog: CatalogStore
  readonly #flush: () => Promise<void>
  readonly #versions = new Map<string, number>()
  #layoutMoved = false
  /** The ceiling that the catalog has; `ceiling` may be ahead while it is being written. */
  #ceilingStored = 1
  /** A write of which the store has not said whether it was done. */
  #unsure: UnsureWrite | null = null
  #queue: Promise<unknown> = Promise.resolve()

  /**
   * `flush` puts all bucket writes on disk: a layout must not be durable before its buckets are.
   */
  constructor(catalog: CatalogStore, flush: () => Promise<void>) {
    this.#catalog = catalog
    this.#flush = flush
  }

  /** Reads everything anew. */
  async load(): Promise<void> {
    const { revision, entities } = await this.#catalog.load(bookKinds)
    this.revision = revision
    this.packs.clear()
    this.dirty.clear()
    this.#versions.clear()
    for (const { kind, id, version, json } of entities) {
      this.#versions.set(`${kind}/${id}`, version)
      const value: unknown = JSON.parse(json)
      if (kind === packKind) this.packs.set(id, value as Pack)
      else if (kind === slotsKind)
        for (const slot of (value as SlotsRecord).dirty) this.dirty.add(slot)
      else this.#adoptLayout(value as LayoutRecord)
    }
  }

  /** Puts a shard into its other generation; published with the next change. */
  move(shard: number, generation: 0 | 1, buckets: number): void {
    this.layout.generation[shard] = generation
    this.layout.buckets[shard] = buckets
    this.#layoutMoved = true
  }

  /** True when moves wait to be published. */
  get hasMoves(): boolean {
    return this.#layoutMoved
  }

  /** Raises the ceiling and writes it before any bucket beyond the old one can exist. */
  async raiseCeiling(buckets: number): Promise<void> {
    if (buckets <= this.#ceilingStored) return
    if (buckets > this.ceiling) this.ceiling = 2 ** Math.ceil(Math.log2(buckets))
    this.#layoutMoved = true
    await this.commit({})
  }

  /** The lowest slot that nobody uses, or null. Small numbers make small values. */
  freeSlot(): number | null {
    const used = new Set(this.dirty)
    for (const pack of this.packs.values()) for (const slot of slotsOf(pack)) used.add(slot)
    for (let slot = 0; slot < packSlotsMax; slot++) if (!used.has(slot)) return slot
    return null
  }

  /** Writes a change and all layout moves so far, atomically; resolves with its revision. */
  commit(change: BookChange): Promise<number> {
    const mine = this.#queue.then(() => this.#commit(change))
    this.#queue = mine.catch(() => undefined)
    return mine
  }

  async #commit(change: BookChange): Promise<number> {
    if (this.#unsure !== null) await this.#settle(this.#unsure)
    const publishesLayout = this.#layoutMoved
    this.#layoutMoved = false
    // Taken before the flush: a shard that moves meanwhile waits for the next change.
    const layout = publishesLayout ? layoutRecord(this.layout, this.ceiling) : null
    try {
      if (publishesLayout) await this.#flush()
      return await this.#writeChange(change, layout)
    } catch (error) {
      // The moves are not published: the next change carries them.
      if (publishesLayout) this.#layoutMoved = true
      throw error
    }
  }

  async #writeChange(change: BookChange, layout: LayoutRecord | null): Promise<number> {
    const dirty = new Set(this.dirty)
    for (const slot of change.soil ?? []) dirty.add(slot)
    for (const slot of change.clean ?? []) dirty.delete(slot)
    const batch = this.#batchOf(change, layout, dirty)
    if (batch.length === 0) return this.revision
    const ceiling = layout?.ceiling ?? this.#ceilingStored
    const write = { batch, adopt: () => this.#adopt(change, dirty, ceiling) }
    this.#unsure = write
    const result = await this.#catalog.write(batch)
    // A driver that repeats a command after a lost reply meets the versions of its own first run.
    if (result.ok) this.#done(write, result.revision, result.revision)
    else await this.#settle(write)
    return this.revision
  }

  /** The entities that a change writes; `dirty` is what the dirty slots are after it. */
  #batchOf(
    change: BookChange,
    layout: LayoutRecord | null,
    dirty: ReadonlySet<number>,
  ): readonly EntityWrite[] {
    const batch: EntityWrite[] = []
    const enter = (kind: string, id: string, value: unknown): void => {
      const expectedVersion = this.#versions.get(`${kind}/${id}`) ?? 0
      const json = value === null ? null : JSON.stringify(value)
      batch.push({ kind, id, json, expectedVersion })
    }
    if (change.put !== undefined) enter(packKind, change.put.id, change.put)
    if (change.remove !== undefined) enter(packKind, change.remove, null)
    if (change.soil !== undefined || change.clean !== undefined) {
      enter(slotsKind, 'slots', { dirty: [...dirty].sort((a, b) => a - b) } satisfies SlotsRecord)
    }
    if (layout !== null) enter(layoutKind, 'layout', layout)
    return batch
  }

  /**
   * Looks whether a write was done. Without this a reply that got lost would leave our versions
   * behind for good, and slots of an active version would be taken for dirty and swept.
   */
  async #settle(write: UnsureWrite): Promise<void> {
    const { revision, entities } = await this.#catalog.load(bookKinds)
    const stored = new Map(entities.map((entity) => [`${entity.kind}/${entity.id}`, entity]))
    const storedOf = ({ kind, id }: EntityWrite) => stored.get(`${kind}/${id}`) ?? null
    const version = versionWritten(write.batch, storedOf)
    if (version !== null) {
      this.#done(write, revision, version)
      return
    }
    this.#unsure = null
    const foreign = write.batch.find(
      (entry) => (storedOf(entry)?.version ?? 0) !== entry.expectedVersion,
    )
    if (foreign === undefined) return
    throw new AudienceError(
      'SLUICE_AUDIENCE_OTHER_WRITER',
      `another control process changed ${foreign.kind}/${foreign.id}: only one may run`,
    )
  }

  /** `version` is what the entities that were put have now. */
  #done({ batch, adopt }: UnsureWrite, revision: number, version: number): void {
    this.#unsure = null
    this.revision = revision
    for (const { kind, id, json } of batch) {
      if (json === null) this.#versions.delete(`${kind}/${id}`)
      else this.#versions.set(`${kind}/${id}`, version)
    }
    adopt()
  }

  #adopt(change: BookChange, dirty: ReadonlySet<number>, ceiling: number): void {
    this.#ceilingStored = ceiling
    if (change.put !== undefined) this.packs.set(change.put.id, change.put)
    if (change.remove !== undefined) this.packs.delete(change.remove)
    for (const slot of change.soil ?? []) if (dirty.has(slot)) this.dirty.add(slot)
    for (const slot of change.clean ?? []) this.dirty.delete(slot)
  }

  #adoptLayout(record: LayoutRecord): void {
    const layout = layoutFrom(record)
    this.layout.generation.set(layout.generation)
    this.layout.buckets.set(layout.buckets)
    this.ceiling = record.ceiling
    this.#ceilingStored = record.ceiling
  }
}

/**
 * The version that a batch gave to what it put (0 when it only deleted), or null when the store is
 * not as the batch makes it. What one batch puts has one version, later than all before.
 */
function versionWritten(
  batch: readonly EntityWrite[],
  storedOf: (entry: EntityWrite) => StoredEntity | null,
): number | null {
  let version = 0
  for (const entry of batch) {
    const stored = storedOf(entry)
    if (entry.json !== (stored?.json ?? null)) return null
    if (stored === null) continue
    if (stored.version <= (entry.expectedVersion ?? 0)) return null
    if (version !== 0 && stored.version !== version) return null
    version = stored.version
  }
  return version
}

/** Every slot that a pack's versions use. */
export function slotsOf(pack: Pack): Set<number> {
  const slots = new Set<number>()
  for (const version of [pack.current, pack.previous]) {
    for (const layer of version?.layers ?? []) slots.add(layer.slot)
  }
  return slots
}
