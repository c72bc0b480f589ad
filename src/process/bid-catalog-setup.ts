/** The bid catalog of a process, kept up to date by a thread that is restarted when it dies. */
import { Worker } from 'node:worker_threads'
import { BidCatalog } from '../catalog/bid/bid-catalog.ts'
import type { CompileMessage } from '../catalog/bid/bid-data.ts'
import type { Config } from '../config/config.ts'
import type { Clock } from '../lib/clock.ts'
import type { Logger } from '../telemetry/logger.ts'
import type { CompileThreadData } from './compile-thread.ts'

/** Between the death of a compiling thread and the next one: a broken store must not spin it. */
const restartMs = 1_000

/** Time that a stopping thread has: two looks at the store. */
const endMs = 500

/** The catalog, and how to stop what follows the store for it. */
export interface BidCatalogSetup {
  readonly catalog: BidCatalog
  stop(): Promise<void>
}

/** Starts following; the catalog is empty until the thread has compiled the first snapshot. */
export function followBidCatalog(config: Config, clock: Clock, log: Logger): BidCatalogSetup {
  const catalog = new BidCatalog(clock)
  const workerData: CompileThreadData = { address: config.store, tlsCaFile: config.storeCaFile }
  let thread: Worker | null = null
  let restart: NodeJS.Timeout | null = null
  let isStopped = false
  const start = (): void => {
    const worker = new Worker(new URL('./compile-thread.js', import.meta.url), { workerData })
    thread = worker
    catalog.startOver()
    worker.on('message', (message: CompileMessage) => catalog.receive(message))
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
