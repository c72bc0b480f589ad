/**
 * The thread that follows the store and the models folder and compiles the bid catalog, away from
 * the bidding loop.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { parentPort, workerData } from 'node:worker_threads'
import { BidCompiler } from '../catalog/bid/bid-compiler.ts'
import { pollEveryMs } from '../catalog/catalog.ts'
import { systemClock } from '../lib/clock.ts'
import { adEncoderOf } from '../scoring/ad-encoder.ts'
import { activeVersions } from '../scoring/model-folder.ts'
import { openModel } from '../scoring/open-model.ts'
import { type OpenStoreOptions, openStore } from '../store/open-store.ts'
import { Meter } from '../telemetry/meter.ts'
import { ModelWatch } from './model-watch.ts'

/** What the thread is started with. */
export interface CompileThreadData extends Pick<OpenStoreOptions, 'address' | 'tlsCaFile'> {
  readonly modelsFolder: string
  /** True where decisions go on by the snapshot of a thread before this one. */
  readonly readerHasSnapshot: boolean
}

/** Between two parts of a table: a turn of the bidding loop, which takes one part meanwhile. */
const pauseMs = 2

/** Between two looks at the models folder; a look reads one short file a model. */
const modelsEveryMs = 1_000

const port = parentPort
if (port === null) throw new Error('compile-thread.ts runs as a worker thread only')

const { address, tlsCaFile, modelsFolder, readerHasSnapshot } = workerData as CompileThreadData
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
  readerHasSnapshot,
})
const models = new ModelWatch({
  folder: modelsFolder,
  versionsOf: activeVersions,
  open: openModel,
  post: (message) => port.postMessage(message),
  monotonicMs: () => systemClock.monotonicMs(),
})
let isRunning = true
port.on('message', () => {
  isRunning = false
})
let modelsSeenMs = Number.NEGATIVE_INFINITY
while (isRunning) {
  if (systemClock.monotonicMs() - modelsSeenMs >= modelsEveryMs) {
    if (await models.look()) compiler.useModels(models.models.map(adEncoderOf))
    modelsSeenMs = systemClock.monotonicMs()
  }
  await compiler.look()
  models.release((key) => compiler.usesModel(key))
  await sleep(compiler.isBehind ? pauseMs : pollEveryMs)
}
await store.close()
port.close()
