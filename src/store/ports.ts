/** What the rooms above need of a store. Redis and LMDB both implement all of it. */

/**
 * One stored thing of the catalog, as JSON text. `version` is the revision of its last write: it
 * grows with every write and never comes back for an id, also not over a deletion.
 */
export interface StoredEntity {
  readonly kind: string
  readonly id: string
  readonly version: number
  readonly json: string
}

/** The name of an entity. A kind has no slash; an id may have one. */
export type EntityName = Pick<StoredEntity, 'kind' | 'id'>

/**
 * One change of a batch. `json` null deletes. `expectedVersion` null = whatever is there; 0 =
 * nothing.
 */
export interface EntityWrite {
  readonly kind: string
  readonly id: string
  readonly json: string | null
  readonly expectedVersion: number | null
}

/**
 * A batch was written whole under `revision`, or not at all because entry `index` had `version`
 * (0 = it is not there).
 */
export type WriteResult =
  | { readonly ok: true; readonly revision: number }
  | { readonly ok: false; readonly index: number; readonly version: number }

/** All entities (of the kinds asked) at one revision, in no order. */
export interface CatalogContent {
  readonly revision: number
  readonly entities: readonly StoredEntity[]
}

/**
 * What became of everything (of the kinds asked) that was written after some revision, each entity
 * once and as it is at `revision`.
 */
export interface CatalogChanges {
  readonly revision: number
  readonly entities: readonly StoredEntity[]
  readonly deleted: readonly EntityName[]
}

/**
 * Entities of one import. A thousand creatives are a megabyte of JSON: Redis takes them in one
 * script of some milliseconds, during which it answers nobody.
 */
export const catalogBatchMax = 1_000

/** Writes of one batch: an import, and the record that says who did it. */
export const catalogWritesMax = catalogBatchMax + 1

/**
 * Changed entities that a store remembers at least. A reader looks five times a second, so it falls
 * out of the log only when it was away; a whole import of 100 000 creatives passes by before one
 * that was stopped for its length must load anew. In Redis the log takes about 10 MB when full.
 */
export const catalogLogMax = 100_000

/** The catalog: written by `control` alone, followed by every process. */
export interface CatalogStore {
  /** The number of the last change; 0 for an empty store. One cheap read. */
  revision(): Promise<number>
  /**
   * Everything of these kinds (all when omitted), consistent with the revision it carries. Read in
   * portions: neither this process nor the store stands still for long.
   */
  load(kinds?: readonly string[]): Promise<CatalogContent>
  /**
   * What was written after revision `since`, as it is now. Null when the store cannot say: `since`
   * is too long ago (`catalogLogMax`), or ahead of the store. The caller then loads.
   */
  changes(since: number, kinds?: readonly string[]): Promise<CatalogChanges | null>
  /**
   * Writes the batch atomically and raises the revision by one; what it puts has that revision as
   * its version. Durable when it resolves. An entity is named once; a batch above
   * `catalogWritesMax` is refused with a RangeError.
   */
  write(batch: readonly EntityWrite[]): Promise<WriteResult>
}

/** A live process as others see it; written about twice a second, gone after a few seconds. */
export interface PresenceRecord {
  /** `decide-<host>-<pid>` and the like. */
  readonly id: string
  readonly role: 'decide' | 'control' | 'project'
  readonly pid: number
  readonly host: string
  /** Stable number of the worker on its host (0 …), kept over restarts: the metrics label. */
  readonly index: number
  /** Catalog revision in force there; 0 before the first. */
  readonly revision: number
  /**
   * False while it decides nothing by its snapshot (too old to be trusted): writers need not wait
   * for it, or one worker that cannot load the catalog would hold every upload for ever.
   */
  readonly usesSnapshot: boolean
  /** Epoch milliseconds of this report. */
  readonly atMs: number
  /** What readers feel: p99 of whole decisions since the last report, microseconds; 0 = none. */
  readonly latencyP99Us: number
  /** Requests answered per second since the last report. */
  readonly requestsPerSecond: number
  readonly ready: boolean
  /** Reasons why not ready; empty when ready. */
  readonly notReady: readonly string[]
  /** prom-client `getMetricsAsJSON` form. */
  readonly metrics: readonly unknown[]
}

/** What the drivers report of themselves; counted in telemetry. */
export interface StoreMeter {
  /** One batch of reads took `ms` milliseconds; `ok` false when it did not come in time. */
  read(ms: number, ok: boolean): void
  /** Something went wrong; `kind` is a small fixed set of words (docs/metrics.md). */
  error(kind: string): void
}

/** Who is alive. Records not renewed for `presenceTtlMs` are not listed. */
export interface PresenceStore {
  announce(record: PresenceRecord): Promise<void>
  leave(id: string): Promise<void>
  list(): Promise<readonly PresenceRecord[]>
}

/**
 * A process that has not reported for this long is gone. Longer than the 10 s after which a worker
 * itself stops trusting its snapshot (catalog/): whoever is not listed can use no old slot.
 */
export const presenceTtlMs = 15_000

/** An opened store with all its ports. */
export interface Store {
  /** `lmdb` or `redis`, for metrics. */
  readonly kind: 'lmdb' | 'redis'
  readonly catalog: CatalogStore
  readonly presence: PresenceStore
  readonly buckets: BucketStore
  /** Why the store cannot be used now, or null when it can. */
  problem(): string | null
  close(): Promise<void>
}

/**
 * A bucket as bytes, the same on both stores' write side:
 * `count u16le`, then per device 6 bytes field (big endian, ascending), then per device 1 byte
 * value length, then the values one after another. See docs/storage.md.
 */
export type BucketBytes = Uint8Array

/** One bucket of a shard to write. An empty bucket (count 0) is deleted. */
export interface BucketWrite {
  readonly bucket: number
  readonly bytes: BucketBytes
  /**
   * What the writer read before, so that a store can write the difference; null = nothing there.
   */
  readonly before: BucketBytes | null
}

/** Buckets of devices. `decide` reads values, `control` reads and writes whole buckets. */
export interface BucketStore {
  readonly reader: ValueReader
  /** Buckets of one shard, in the order asked; null for one that does not exist. */
  load(
    shard: number,
    generation: number,
    buckets: readonly number[],
  ): Promise<(BucketBytes | null)[]>
  /**
   * Writes buckets of one shard; each device changes at once. Visible to readers, maybe not yet
   * durable.
   */
  store(shard: number, generation: number, writes: readonly BucketWrite[]): Promise<void>
  /** Deletes every bucket of a generation of a shard. */
  drop(shard: number, generation: number, buckets: number): Promise<void>
  /** Resolves when everything stored so far is on disk (LMDB) or acknowledged (Redis). */
  flush(): Promise<void>
  /** Bytes the devices take in the store, if it can tell; for reports. */
  size(): Promise<number>
}

/** Where one device's value lies. */
export interface ValueAddress {
  shard: number
  generation: number
  bucket: number
  /** The 48-bit field as two parts: upper 32 and lower 16 bits. */
  fieldHigh: number
  fieldLow: number
}

/** Takes one value of a batch; `bytes` (start, end) is valid only during the call. */
export interface ValueSink {
  /** Value of address `index`; length 0 (start === end) when the store has none. */
  value(index: number, bytes: Uint8Array, start: number, end: number): void
}

/**
 * Reads the values of a batch of addresses in one trip. LMDB answers at once (returns true);
 * Redis returns a promise of true. False: the store could not answer before `deadlineMs`.
 */
export interface ValueReader {
  read(
    addresses: readonly ValueAddress[],
    count: number,
    sink: ValueSink,
    deadlineMs: number,
  ): boolean | Promise<boolean>
}
