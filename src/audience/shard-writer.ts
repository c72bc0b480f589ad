/**
 * Changes one shard at a time: loads the buckets it must, merges, grows the shard when it is full.
 */
import { type Layout } from '../domain/pack.ts'
import { shardCount } from '../lib/shard-count.ts'
import { bucketCount, fieldHighAt, fieldLowAt } from '../store/bucket-bytes.ts'
import type { BucketStore } from '../store/ports.ts'
import { bucketOf } from './address.ts'
import { MembershipWriter } from './membership.ts'
import { type LoadedBucket, mergeShard, type Revision } from './shard-merge.ts'
import type { SpoolShard } from './spool.ts'

/**
 * Devices a bucket may have: Redis keeps 128 fields in a listpack (its default), and a bucket that
 * passes this makes its whole shard grow before anything is written.
 */
export const bucketDevicesMax = 120
/** A shard whose buckets would hold more than this on average grows. */
export const bucketDevicesGrow = 80
/** Devices a bucket holds on average after growth: Poisson(56) passes 120 once in 10^13 buckets. */
export const bucketDevicesTarget = 56

/** Publishes changed shards and waits until no worker reads their old buckets any more. */
export interface LayoutBook {
  /** The layout as writers see it: always the newest. */
  readonly layout: Layout
  /** A shard was written in full under a new generation: publish it. */
  moved(shard: number, generation: 0 | 1, buckets: number): void
  /** Resolves when the other generation of the shard is empty and may take `buckets` buckets. */
  otherGenerationFree(shard: number, buckets: number): Promise<void>
}

/** Applies revisions to shards; one at a time for each shard. */
export class ShardWriter {
  readonly #buckets: BucketStore
  readonly #book: LayoutBook
  readonly #locks: (Promise<unknown> | null)[] = new Array<null>(shardCount).fill(null)

  constructor(buckets: BucketStore, book: LayoutBook) {
    this.#buckets = buckets
    this.#book = book
  }

  /**
   * Merges entries into the buckets that they touch. Resolves with the devices of those buckets.
   */
  merge(shard: number, entries: SpoolShard, revision: Revision): Promise<void> {
    return this.#exclusive(shard, () => this.#merge(shard, entries, revision))
  }

  /** Shows every device of a shard to the revision; resolves with how many are left. */
  revise(shard: number, revision: Revision): Promise<number> {
    return this.#exclusive(shard, async () => {
      const { layout } = this.#book
      const buckets = layout.buckets[shard] as number
      const loaded = await this.#load(shard, range(buckets))
      const shape = { buckets, regrow: false, writer: new MembershipWriter() }
      const merged = mergeShard(loaded, null, revision, shape)
      await this.#store(shard, merged.writes)
      return merged.devices
    })
  }

  async #exclusive<T>(shard: number, run: () => Promise<T>): Promise<T> {
    const before = this.#locks[shard]
    const mine = (async () => {
      await before?.catch(() => undefined)
      return await run()
    })()
    this.#locks[shard] = mine
    try {
      return await mine
    } finally {
      if (this.#locks[shard] === mine) this.#locks[shard] = null
    }
  }

  async #merge(shard: number, entries: SpoolShard, revision: Revision): Promise<void> {
    const buckets = this.#book.layout.buckets[shard] as number
    const touched = touchedBuckets(entries, buckets)
    let loaded = await this.#load(shard, touched)
    const writer = new MembershipWriter()
    // A few full buckets may be chance; many touched ones tell how full the shard is.
    const isSample = touched.length * 4 > buckets
    const size = revision.creates ? unionSize(loaded, entries) : 0
    if (!isSample || size <= touched.length * bucketDevicesGrow) {
      const merged = mergeShard(loaded, entries, revision, { buckets, regrow: false, writer })
      if (merged.fullest <= bucketDevicesMax || !revision.creates) {
        await this.#store(shard, merged.writes)
        return
      }
      revision.restart()
    }
    if (touched.length < buckets) loaded = await this.#load(shard, range(buckets))
    const devices = unionSize(loaded, entries)
    const wanted = Math.max(Math.ceil(devices / bucketDevicesTarget), buckets + 1)
    await this.#regrow(shard, wanted, (target) =>
      mergeShard(loaded, entries, revision, { buckets: target, regrow: true, writer }),
    )
  }

  /** Writes the whole shard into the other generation and publishes it. */
  async #regrow(
    shard: number,
    buckets: number,
    merge: (buckets: number) => ReturnType<typeof mergeShard>,
  ): Promise<void> {
    await this.#book.otherGenerationFree(shard, buckets)
    const generation = this.#book.layout.generation[shard] === 0 ? 1 : 0
    const merged = merge(buckets)
    await this.#buckets.store(shard, generation, merged.writes)
    this.#book.moved(shard, generation, buckets)
  }

  async #load(shard: number, buckets: readonly number[]): Promise<LoadedBucket[]> {
    const generation = this.#book.layout.generation[shard] as number
    const bytes = await this.#buckets.load(shard, generation, buckets)
    return buckets.map((bucket, index) => ({ bucket, bytes: bytes[index] ?? null }))
  }

  async #store(shard: number, writes: ReturnType<typeof mergeShard>['writes']): Promise<void> {
    if (writes.length === 0) return
    await this.#buckets.store(shard, this.#book.layout.generation[shard] as number, writes)
  }
}

function range(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index)
}

function touchedBuckets(entries: SpoolShard, buckets: number): number[] {
  const touched: number[] = []
  let last = -1
  for (let i = 0; i < entries.count; i++) {
    const bucket = bucketOf(entries.fieldHigh(i), buckets)
    if (bucket !== last) touched.push(bucket)
    last = bucket
  }
  return touched
}

/** Devices of the loaded buckets and of the entries, those in both counted once. */
function unionSize(loaded: readonly LoadedBucket[], entries: SpoolShard): number {
  let union = 0
  let next = 0
  for (const { bytes } of loaded) {
    const count = bytes === null ? 0 : bucketCount(bytes)
    for (let i = 0; i < count && bytes !== null; i++) {
      const high = fieldHighAt(bytes, i)
      const low = fieldLowAt(bytes, i)
      while (next < entries.count && isBelow(entries, next, high, low))
        union += isFirst(entries, next++)
      while (next < entries.count && isSame(entries, next, high, low)) next++
      union++
    }
  }
  while (next < entries.count) union += isFirst(entries, next++)
  return union
}

function isBelow(entries: SpoolShard, index: number, high: number, low: number): boolean {
  const here = entries.fieldHigh(index)
  return here < high || (here === high && entries.fieldLow(index) < low)
}

function isSame(entries: SpoolShard, index: number, high: number, low: number): boolean {
  return entries.fieldHigh(index) === high && entries.fieldLow(index) === low
}

function isFirst(entries: SpoolShard, index: number): number {
  if (index === 0) return 1
  return isSame(entries, index - 1, entries.fieldHigh(index), entries.fieldLow(index)) ? 0 : 1
}
