/**
 * Buckets of devices in LMDB: one entry a bucket, key u32 = shard | generation | bucket. User
 * states are read beside them, one entry a device, from the environment that `project` writes.
 */
import type { Database } from 'lmdb'
import { findValue, valueLengthAt } from '../bucket-bytes.ts'
import type {
  BucketBytes,
  BucketStore,
  BucketWrite,
  StoreMeter,
  ValueAddress,
  ValueReader,
  ValueSink,
} from '../ports.ts'
import { userGeneration } from '../user-space.ts'
import type { ByteDatabase } from './lmdb-environments.ts'
import { userKeyBytes, writeUserKey } from './state-key.ts'

/** Bits of a bucket number inside its shard: 2 M buckets × 1 024 shards × 48 devices = 10^11. */
const bucketBits = 21

/** The key of a bucket: shard-major, so that the buckets of a shard are neighbours on disk. */
export function lmdbBucketKey(shard: number, generation: number, bucket: number): number {
  return ((shard << (bucketBits + 1)) | (generation << bucketBits) | bucket) >>> 0
}

/**
 * The bucket store over one LMDB database (`keyEncoding: 'uint32'`, `encoding: 'binary'`); its
 * reader also answers user states.
 */
export class LmdbBuckets implements BucketStore {
  readonly reader: ValueReader
  readonly #database: Database<Uint8Array, number>

  constructor(database: Database<Uint8Array, number>, users: ByteDatabase, meter: StoreMeter) {
    this.#database = database
    this.reader = new LmdbValueReader(database, users, meter)
  }

  load(shard: number, generation: number, buckets: readonly number[]) {
    const loaded: (BucketBytes | null)[] = []
    for (const bucket of buckets) {
      const bytes = this.#database.getBinaryFast(lmdbBucketKey(shard, generation, bucket))
      // The buffer is lmdb's own and longer than the value: its `length` is set by hand.
      loaded.push(
        bytes === undefined ? null : Uint8Array.prototype.slice.call(bytes, 0, bytes.length),
      )
    }
    return Promise.resolve(loaded)
  }

  async store(shard: number, generation: number, writes: readonly BucketWrite[]): Promise<void> {
    const database = this.#database
    let last: Promise<boolean> | null = null
    // Writes of one turn of the loop are one transaction, made on lmdb's own thread.
    for (const { bucket, bytes } of writes) {
      const key = lmdbBucketKey(shard, generation, bucket)
      const isEmpty = bytes[0] === 0 && bytes[1] === 0
      last = isEmpty ? database.remove(key) : database.put(key, bytes)
    }
    await last
  }

  async drop(shard: number, generation: number, buckets: number): Promise<void> {
    const from = lmdbBucketKey(shard, generation, 0)
    const range = { start: from, end: from + buckets, snapshot: true }
    let last: Promise<boolean> | null = null
    for (const key of [...this.#database.getKeys(range)]) last = this.#database.remove(key)
    await last
  }

  async flush(): Promise<void> {
    await this.#database.flushed
  }

  size(): Promise<number> {
    const stats = this.#database.getStats() as {
      treeLeafPageCount?: number
      treeBranchPageCount?: number
      overflowPages?: number
      pageSize?: number
    }
    const pages =
      (stats.treeLeafPageCount ?? 0) + (stats.treeBranchPageCount ?? 0) + (stats.overflowPages ?? 0)
    return Promise.resolve(pages * (stats.pageSize ?? 4_096))
  }
}

/** Reads at once from the memory map: no promise, no queue. */
class LmdbValueReader implements ValueReader {
  readonly #database: Database<Uint8Array, number>
  readonly #users: ByteDatabase
  readonly #meter: StoreMeter
  readonly #found = { index: 0 }
  readonly #userKey = new Uint8Array(userKeyBytes)

  constructor(database: Database<Uint8Array, number>, users: ByteDatabase, meter: StoreMeter) {
    this.#database = database
    this.#users = users
    this.#meter = meter
  }

  read(addresses: readonly ValueAddress[], count: number, sink: ValueSink): boolean {
    try {
      // Without this a state that was committed within the last millisecond may not be seen.
      this.#users.resetReadTxn()
      for (let i = 0; i < count; i++) {
        const address = addresses[i] as ValueAddress
        if (address.generation === userGeneration) this.#readUser(address, i, sink)
        else this.#readOne(address, i, sink)
      }
      return true
    } catch {
      this.#meter.error('lmdb-read')
      return false
    }
  }

  #readUser({ shard, fieldHigh, fieldLow }: ValueAddress, index: number, sink: ValueSink): void {
    writeUserKey(this.#userKey, shard, fieldHigh, fieldLow)
    const bytes = this.#users.getBinaryFast(this.#userKey) ?? empty
    sink.value(index, bytes, 0, bytes.length)
  }

  #readOne(address: ValueAddress, index: number, sink: ValueSink): void {
    const key = lmdbBucketKey(address.shard, address.generation, address.bucket)
    const bytes = this.#database.getBinaryFast(key)
    if (bytes === undefined) {
      sink.value(index, empty, 0, 0)
      return
    }
    const start = findValue(bytes, address.fieldHigh, address.fieldLow, this.#found)
    if (start < 0) {
      sink.value(index, bytes, 0, 0)
      return
    }
    const length = valueLengthAt(
      bytes,
      (bytes[0] as number) | ((bytes[1] as number) << 8),
      this.#found.index,
    )
    sink.value(index, bytes, start, start + length)
  }
}

const empty = new Uint8Array(0)
