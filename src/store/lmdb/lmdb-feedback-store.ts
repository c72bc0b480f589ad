/** The feedback side of the embedded store: logs of the workers, and derived state. */
import { statfs } from 'node:fs/promises'
import { join } from 'node:path'
import type { FeedbackStore } from '../feedback-ports.ts'
import type { AppenderDeps } from './lmdb-appender.ts'
import { eventsFolder } from './lmdb-environments.ts'
import { LmdbEventLog } from './lmdb-event-log.ts'
import { LmdbState } from './lmdb-state.ts'

/** What it is opened with. */
export interface LmdbFeedbackOptions extends Omit<AppenderDeps, 'freeBytes'> {
  /** The store's folder; made when it is not there. */
  readonly folder: string
  /** Number of the worker whose log is appended to; null = none. */
  readonly worker: number | null
}

/** Opens (and if need be makes) it. */
export function openLmdbFeedbackStore(options: LmdbFeedbackOptions): Promise<FeedbackStore> {
  const { folder, worker, meter, monotonicMs } = options
  const ofState = () => freeBytesIn(folder)
  const ofLog = () => freeBytesIn(join(folder, eventsFolder))
  const state = new LmdbState(folder, { meter, freeBytes: ofState, monotonicMs })
  const log = new LmdbEventLog(folder, worker, { ...options, freeBytes: ofLog })
  return Promise.resolve({
    log,
    state,
    close: async () => {
      await log.close()
      await state.close()
    },
  })
}

async function freeBytesIn(path: string): Promise<number> {
  const { bavail, bsize } = await statfs(path)
  return bavail * bsize
}
