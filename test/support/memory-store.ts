/** A store in memory whose every step a test can hold up or fail. */
import { findValue, valueLengthAt } from '../../src/store/bucket-bytes.ts'
import type {
  BucketBytes,
  BucketStore,
  BucketWrite,
  PresenceRecord,
  Store,
  ValueAddress,
  ValueSink,
} from '../../src/store/ports.ts'
import { MemoryCatalogStore } from './memory-catalog.ts'

/** What the bucket store is about to do. */
export interface BucketStep {
  readonly kind: 'load' | 'store' | 'drop' | 'flush'
  readonly shard: number
  readonly generation: number
}

/** Buckets in a Map. */
export class MemoryBuckets implements BucketStore {
  readonly stored = new Map<string, BucketBytes>()
  /** Runs before each step; what it throws the step rejects with. */
  before: (step: BucketStep) => Promise<void> | void = () => undefined
  readonly reader = {
    read: (addresses: readonly ValueAddress[], count: number, sink: ValueSink): boolean => {
      for (let i = 0; i < count; i++) this.#read(addresses[i] as ValueAddress, i, sink)
      return true
    },
  }

  async load(shard: number, generation: number, buckets: readonly number[]) {
    await this.before({ kind: 'load', shard, generation })
    return buckets.map((bucket) => this.stored.get(`${shard}/${generation}/${bucket}`) ?? null)
  }

  async store(shard: number, generation: number, writes: readonly BucketWrite[]): Promise<void> {
    await this.before({ kind: 'store', shard, generation })
    for (const { bucket, bytes } of writes) {
      const key = `${shard}/${generation}/${bucket}`
      if (bytes[0] === 0 && bytes[1] === 0) this.stored.delete(key)
      else this.stored.set(key, bytes)
    }
  }

  async drop(shard: number, generation: number, buckets: number): Promise<void> {
    await this.before({ kind: 'drop', shard, generation })
    for (let b = 0; b < buckets; b++) this.stored.delete(`${shard}/${generation}/${b}`)
  }

  async flush(): Promise<void> {
    await this.before({ kind: 'flush', shard: -1, generation: -1 })
  }

  size(): Promise<number> {
    return Promise.resolve(0)
  }

  #read(address: ValueAddress, index: number, sink: ValueSink): void {
    const { shard, generation, bucket, fieldHigh, fieldLow } = address
    const bytes = this.stored.get(`${shard}/${generation}/${bucket}`) ?? new Uint8Array(2)
    const found = { index: 0 }
    const start = findValue(bytes, fieldHigh, fieldLow, found)
    const count = (bytes[0] as number) | ((bytes[1] as number) << 8)
    if (start < 0) sink.value(index, bytes, 0, 0)
    else sink.value(index, bytes, start, start + valueLengthAt(bytes, count, found.index))
  }
}

/** All ports; `workers` is what `presence.list` answers. */
export class MemoryStore implements Store {
  readonly kind = 'lmdb'
  readonly catalog = new MemoryCatalogStore()
  readonly buckets = new MemoryBuckets()
  workers: PresenceRecord[] = []
  readonly presence = {
    announce: () => Promise.resolve(),
    leave: () => Promise.resolve(),
    list: () => Promise.resolve(this.workers),
  }

  problem(): string | null {
    return null
  }

  close(): Promise<void> {
    return Promise.resolve()
  }
}

/** A worker's report, for `workers`. */
export function workerRecord(changes: Partial<PresenceRecord>): PresenceRecord {
  return {
    id: 'decide-test-1',
    role: 'decide',
    pid: 1,
    host: 'test',
    index: 0,
    revision: 0,
    usesSnapshot: true,
    atMs: 0,
    latencyP99Us: 0,
    requestsPerSecond: 0,
    ready: true,
    notReady: [],
    metrics: [],
    ...changes,
  }
}
