/** The feedback side of the configured store, for processes and commands that look at events. */
import type { Config } from '../config/config.ts'
import { systemClock } from '../lib/clock.ts'
import type { FeedbackStore } from '../store/feedback-ports.ts'
import { openFeedbackStore } from '../store/open-feedback-store.ts'
import { Meter } from '../telemetry/meter.ts'

/**
 * The embedded log has a part a worker, and dead letters are replayed into one of their own: beyond
 * every worker (there are at most 256), and shared by whoever replays.
 */
const replayWorker = 1_000

/** What somebody wants of it besides reading. */
export interface EventStoreUse {
  readonly mayAppend: boolean
}

/** Opens it. Close it when done: it holds connections. */
export function openEventStore(
  config: Config,
  { mayAppend }: EventStoreUse,
): Promise<FeedbackStore> {
  const isEmbedded = config.store.startsWith('lmdb:')
  return openFeedbackStore({
    address: config.store,
    tlsCaFile: config.storeCaFile,
    worker: isEmbedded && mayAppend ? replayWorker : null,
    // Failures are told to whoever asked.
    meter: new Meter([]),
    wallMs: () => systemClock.wallMs(),
    monotonicMs: () => systemClock.monotonicMs(),
  })
}
