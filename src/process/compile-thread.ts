/** The thread that follows the store and compiles the bid catalog, away from the bidding loop. */
import { setTimeout as sleep } from 'node:timers/promises'
import { parentPort, workerData } from 'node:worker_threads'
import { BidCompiler } from '../catalog/bid/bid-compiler.ts'
import { pollEveryMs } from '../catalog/catalog.ts'
import { systemClock } from '../lib/clock.ts'
import { type OpenStoreOptions, openStore } from '../store/open-store.ts'
import { Meter } from '../telemetry/meter.ts'

/** What the thread is started with. */
export type CompileThreadData = Pick<OpenStoreOptions, 'address' | 'tlsCaFile'>

/** Between two parts of a table: a turn of the bidding loop, which takes one part meanwhile. */
const pauseMs = 2

const port = parentPort
if (port === null) throw new Error('compile-thread.ts runs as a worker thread only')

const { address, tlsCaFile } = workerData as CompileThreadData
const store = await openStore({
  address,
  tlsCaFile,
  writer: false,
  meter: new Meter([]),
  wallMs: () => systemClock.wallMs(),
  monotonicMs: () => systemClock.monotonicMs(),
})
const compiler = new BidCompiler({
  store: store.catalog,
  post: (message, move) => port.postMessage(message, [...move]),
  pause: () => sleep(pauseMs),
})
let isRunning = true
port.on('message', () => {
  isRunning = false
})
while (isRunning) {
  await compiler.look()
  await sleep(pollEveryMs)
}
await store.close()
port.close()
