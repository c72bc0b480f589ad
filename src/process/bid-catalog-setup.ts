/** The bid catalog of a process, kept up to date by a thread that is restarted when it dies. */
import { Worker } from 'node:worker_threads'
import { BidCatalog } from '../catalog/bid/bid-catalog.ts'
import type { CompileMessage } from '../catalog/bid/bid-data.ts'
import type { Config } from '../config/config.ts'
import type { Clock } from '../lib/clock.ts'
import type { ModelRoom } from '../scoring/model-room.ts'
import { openProvedModel } from '../scoring/open-model.ts'
import type { Logger } from '../telemetry/logger.ts'
import type { ModelMeter } from '../telemetry/model-meter.ts'
import type { CompileThreadData } from './compile-thread.ts'
import { ModelFollower } from './model-follower.ts'

/** Between the death of a compiling thread and the next one: a broken store must not spin it. */
const restartMs = 1_000

/** Time that a stopping thread has: two looks at the store. */
const endMs = 500

/** What a followed catalog shares with the rest of its process. */
export interface FollowParts {
  readonly config: Config
  readonly clock: Clock
  readonly log: Logger
  /** Where models are opened, retired and counted; they are this process's own. */
  readonly room: ModelRoom
  readonly modelMeter: ModelMeter
}

/** The catalog, and how to stop what follows the store for it. */
export interface BidCatalogSetup {
  readonly catalog: BidCatalog
  stop(): Promise<void>
}

/** Starts following; the catalog is empty until the thread has compiled the first snapshot. */
export function followBidCatalog(parts: FollowParts): BidCatalogSetup {
  const { config, clock, log, room, modelMeter } = parts
  const catalog = new BidCatalog(clock)
  const models = new ModelFollower({ catalog, room, open: openProvedModel, meter: modelMeter, log })
  let thread: Worker | null = null
  let restart: NodeJS.Timeout | null = null
  let isStopped = false
  const start = (): void => {
    const workerData: CompileThreadData = {
      address: config.store,
      tlsCaFile: config.storeCaFile,
      modelsFolder: config.modelsFolder,
      readerHasSnapshot: catalog.current() !== null,
    }
    const worker = new Worker(new URL('./compile-thread.js', import.meta.url), { workerData })
    thread = worker
    models.startOver()
    worker.on('message', (message: CompileMessage) => models.take(message))
    worker.on('error', (error) => log.error({ err: error }, 'the compiling thread broke'))
    worker.on('exit', () => {
      thread = null
      if (!isStopped) restart = setTimeout(start, restartMs)
    })
    // It never keeps a process alive that wants to end.
    worker.unref()
  }
  start()
  return {
    catalog,
    stop: async () => {
      isStopped = true
      if (restart !== null) clearTimeout(restart)
      if (thread !== null) await end(thread)
      models.stop()
    },
  }
}

/** Lets the thread close its store, within `endMs`; a compilation under way is cut off after it. */
async function end(thread: Worker): Promise<void> {
  const exited = new Promise<void>((resolve) => {
    thread.once('exit', () => resolve())
  })
  thread.postMessage('stop')
  const timer = setTimeout(() => void thread.terminate(), endMs)
  await exited
  clearTimeout(timer)
}
