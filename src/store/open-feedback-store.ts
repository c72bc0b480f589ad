/** Opens the feedback side of the store that the configuration names. */
import type { FeedbackStore } from './feedback-ports.ts'
import { openLmdbFeedbackStore } from './lmdb/lmdb-feedback-store.ts'
import type { StoreMeter } from './ports.ts'
import { openRedisFeedbackStore } from './redis/redis-feedback-store.ts'
import { placeOfStore } from './store-address.ts'

/** Where the store is and what its feedback side needs of the process. */
export interface OpenFeedbackOptions {
  /** As in `OpenStoreOptions`. */
  readonly address: string
  readonly tlsCaFile: string
  /** Number of the `decide` worker that appends; null = one that reads and projects only. */
  readonly worker: number | null
  readonly meter: StoreMeter
  readonly wallMs: () => number
  readonly monotonicMs: () => number
}

/** Opens it; a Redis that does not answer yet is opened all the same (`log.problem()` tells). */
export async function openFeedbackStore(options: OpenFeedbackOptions): Promise<FeedbackStore> {
  const place = placeOfStore(options.address, options.tlsCaFile)
  if (place.kind === 'redis') return openRedisFeedbackStore({ ...options, address: place.address })
  return openLmdbFeedbackStore({ ...options, folder: place.folder })
}
