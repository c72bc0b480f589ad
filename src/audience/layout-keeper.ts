/** Moves shards between their two generations of buckets without any reader missing a device. */
import { type Layout } from '../domain/pack.ts'
import { shardCount } from '../lib/shard-count.ts'
import type { BucketStore } from '../store/ports.ts'
import type { PackBook } from './pack-book.ts'
import type { LayoutBook } from './shard-writer.ts'
import type { WorkerWatch } from './worker-watch.ts'

interface OldGeneration {
  readonly shard: number
  readonly generation: number
  readonly buckets: number
}

/**
 * A shard grows by being written whole into its other generation. Readers keep the old one until
 * the new layout is published and every worker has taken it; only then is the old one dropped.
 */
export class LayoutKeeper implements LayoutBook {
  readonly #book: PackBook
  readonly #buckets: BucketStore
  readonly #watch: WorkerWatch
  /** By shard: 1 when the other generation is known to be empty. After a crash it may not be. */
  readonly #clean = new Uint8Array(shardCount)
  #moved: OldGeneration[] = []
  /** Shards whose old generation is not dropped yet. */
  readonly #old = new Set<number>()
  #startReached: Promise<void> | null = null
  #running: Promise<void> = Promise.resolve()
  #queued: Promise<void> | null = null

  constructor(book: PackBook, buckets: BucketStore, watch: WorkerWatch) {
    this.#book = book
    this.#buckets = buckets
    this.#watch = watch
  }

  get layout(): Layout {
    return this.#book.layout
  }

  moved(shard: number, generation: 0 | 1, buckets: number): void {
    const old = this.layout.buckets[shard] as number
    this.#moved.push({ shard, generation: 1 - generation, buckets: old })
    this.#clean[shard] = 0
    this.#old.add(shard)
    this.#book.move(shard, generation, buckets)
  }

  async otherGenerationFree(shard: number, buckets: number): Promise<void> {
    await this.#book.raiseCeiling(buckets)
    while (this.#old.has(shard)) await this.publish()
    if (this.#clean[shard] === 1) return
    // The first growth since this process began: what a crash left there is at most the ceiling,
    // and a worker may still read by the layout from before the crash.
    this.#startReached ??= this.#watch.reached(this.#book.revision).catch((error: unknown) => {
      this.#startReached = null
      throw error
    })
    await this.#startReached
    const other = 1 - (this.layout.generation[shard] as number)
    await this.#buckets.drop(shard, other, this.#book.ceiling)
    this.#clean[shard] = 1
  }

  /**
   * Publishes the moves so far, waits for the workers, drops the old generations. Calls that come
   * while one runs share the next one: a round of the workers takes most of a second.
   */
  publish(): Promise<void> {
    if (this.#queued !== null) return this.#queued
    const mine = this.#running
      .catch(() => undefined)
      .then(() => {
        this.#queued = null
        return this.#publish()
      })
    this.#queued = mine
    this.#running = mine
    return mine
  }

  /** Resolves when no publishing is under way; what failed is left for the next one. */
  async settled(): Promise<void> {
    await this.#running.catch(() => undefined)
  }

  async #publish(): Promise<void> {
    const moved = this.#moved
    if (moved.length === 0) return
    this.#moved = []
    let dropped = 0
    try {
      await this.#buckets.flush()
      const revision = this.#book.hasMoves ? await this.#book.commit({}) : this.#book.revision
      await this.#watch.reached(revision)
      for (const { shard, generation, buckets } of moved) {
        await this.#buckets.drop(shard, generation, buckets)
        dropped++
        this.#clean[shard] = 1
        this.#old.delete(shard)
      }
    } catch (error) {
      // Never one that was dropped: its shard may have grown into that generation by the next time.
      this.#moved.push(...moved.slice(dropped))
      throw error
    }
  }
}
