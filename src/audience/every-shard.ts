/** Work on every shard, some at a time. */
import { shardCount } from '../lib/shard-count.ts'
import type { Job } from './job-book.ts'
import type { Pacer } from './pacer.ts'

/** Old generations are given back after this many shards: bounds what growth costs for a moment. */
const publishEveryShards = 64
/** Shards under way at once: hides the network of Redis, fills the transactions of LMDB. */
const lanes = 16

/** What goes on beside the work. */
export interface ShardWalk {
  readonly job: Job
  /** Makes the pacer of one lane. */
  readonly pacer: () => Pacer
  /** Starts giving old generations back; called now and then and at the end. */
  readonly publishSoon: () => void
}

/**
 * Runs `run` for every shard. The first failure ends the walk once every lane has stopped: one that
 * went on after its job has ended would write into a slot, or cut one, that by then belongs to
 * somebody else.
 */
export async function everyShard(
  { job, pacer, publishSoon }: ShardWalk,
  run: (shard: number) => Promise<unknown>,
): Promise<void> {
  job.stage = 'writing'
  let next = 0
  let done = 0
  let isBroken = false
  const lane = async (): Promise<void> => {
    const pace = pacer()
    while (next < shardCount && !isBroken) {
      const shard = next++
      await run(shard)
      done++
      job.share = done / shardCount
      if (done % publishEveryShards === 0) publishSoon()
      await pace.step()
    }
  }
  const guarded = (): Promise<void> =>
    lane().catch((error: unknown) => {
      isBroken = true
      throw error
    })
  const ends = await Promise.allSettled(Array.from({ length: lanes }, guarded))
  for (const end of ends) if (end.status === 'rejected') throw end.reason
  publishSoon()
}
