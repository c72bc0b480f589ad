/**
 * The thread that archives and trims beside a projector, with a store connection of its own: a
 * round takes seconds of work each minute, which no event may wait for.
 */
import { setPriority } from 'node:os'
import { parentPort, workerData } from 'node:worker_threads'
import { loadDuck } from '../control/archive/duck.ts'
import { type ArchiveMeter, EventArchive } from '../control/archive/event-archive.ts'
import { systemClock } from '../lib/clock.ts'
import { openFeedbackStore } from '../store/open-feedback-store.ts'
import { Meter } from '../telemetry/meter.ts'

/** What the thread is started with. */
export interface ArchiveThreadData {
  readonly address: string
  readonly tlsCaFile: string
  /** Folder of the archive; null = none is kept, and the log is trimmed all the same. */
  readonly folder: string | null
  readonly writer: string
  readonly keepMs: number
}

/** What the thread is told: the parts that are ours now, or that it shall end. */
export type ArchiveOrder = { readonly kind: 'parts'; readonly parts: readonly string[] } | 'stop'

/** What the thread tells: a call of its meter, or a sentence for the log. */
export type ArchiveNews =
  | {
      readonly kind: 'count'
      readonly of: keyof ArchiveMeter
      readonly numbers: readonly number[]
    }
  | { readonly kind: 'warn'; readonly fields: object; readonly message: string }

/** Niceness of this thread alone (Linux): decisions and projection come first. */
const niceness = 10

const port = parentPort
if (port === null) throw new Error('archive-thread.ts runs as a worker thread only')

const { address, tlsCaFile, folder, writer, keepMs } = workerData as ArchiveThreadData
setPriority(0, niceness)
if (folder !== null) await loadDuck()
const store = await openFeedbackStore({
  ...{ address, tlsCaFile, worker: null },
  meter: new Meter([]),
  wallMs: () => systemClock.wallMs(),
  monotonicMs: () => systemClock.monotonicMs(),
})
const tell = (news: ArchiveNews): void => port.postMessage(news)
const count = (of: keyof ArchiveMeter, ...numbers: number[]): void => {
  tell({ kind: 'count', of, numbers })
}
let parts: readonly string[] = []
const archive = new EventArchive({
  ...{ store, folder, writer, keepMs },
  parts: () => parts,
  clock: systemClock,
  meter: {
    wrote: (rows, files) => count('wrote', rows, files),
    merged: (files) => count('merged', files),
    trimmed: (records) => count('trimmed', records),
    failed: () => count('failed'),
    done: (atMs) => count('done', atMs),
  },
  log: {
    // Errors lose their names on the way to the other thread: they go as text.
    warn: (fields, message) => {
      const { err } = fields as { readonly err?: unknown }
      const told = err instanceof Error ? { err: `${err.name}: ${err.message}` } : fields
      tell({ kind: 'warn', fields: told, message })
    },
  },
})
archive.start()
port.on('message', (order: ArchiveOrder) => {
  if (order === 'stop') void stop()
  else parts = order.parts
})

async function stop(): Promise<void> {
  await archive.stop()
  await store.close()
  port?.close()
}
