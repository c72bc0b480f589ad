/** The archive of a process that projects: a thread, started again when it dies. */
import { hostname } from 'node:os'
import { Worker } from 'node:worker_threads'
import type { Config } from '../config/config.ts'
import type { ArchiveMeter } from '../telemetry/archive-meter.ts'
import type { Logger } from '../telemetry/logger.ts'
import type { ArchiveNews, ArchiveOrder, ArchiveThreadData } from './archive-thread.ts'

const hourMs = 3_600_000

/** Between the death of a thread and the next one: a broken store must not spin it. */
const restartMs = 5_000

/** How often the thread is told which parts are ours; a round comes once a minute. */
const partsEveryMs = 1_000

/** Time that a stopping thread has: more than the archive itself takes to leave a step. */
const endMs = 4_000

/** What the process has already. */
export interface ArchiveParts {
  /** Number of the projector on its machine. */
  readonly index: number
  /** Parts of the log that the projector owns now. */
  readonly parts: () => readonly string[]
  readonly meter: ArchiveMeter
  readonly log: Logger
}

/** A running archive. */
export interface ArchiveSetup {
  stop(): Promise<void>
}

/** Starts the thread. */
export function startArchive(config: Config, own: ArchiveParts): ArchiveSetup {
  const { parts, log } = own
  let thread: Worker | null = null
  let restart: NodeJS.Timeout | null = null
  let isStopped = false
  const start = (): void => {
    const workerData = dataOf(config, own.index)
    const worker = new Worker(new URL('./archive-thread.js', import.meta.url), { workerData })
    thread = worker
    worker.on('message', (news: ArchiveNews) => hear(news, own))
    worker.on('error', (error) => log.error({ err: error }, 'the archive thread broke'))
    worker.on('exit', () => {
      thread = null
      if (!isStopped) restart = setTimeout(start, restartMs)
    })
    worker.unref()
  }
  start()
  const order = (what: ArchiveOrder): void => thread?.postMessage(what)
  const timer = setInterval(() => order({ kind: 'parts', parts: parts() }), partsEveryMs)
  return {
    stop: async () => {
      isStopped = true
      clearInterval(timer)
      if (restart !== null) clearTimeout(restart)
      if (thread !== null) await end(thread)
    },
  }
}

function hear(news: ArchiveNews, { meter, log }: ArchiveParts): void {
  if (news.kind === 'warn') {
    log.warn(news.fields, news.message)
    return
  }
  const [first = 0, second = 0] = news.numbers
  switch (news.of) {
    case 'wrote':
      meter.wrote(first, second)
      break
    case 'merged':
      meter.merged(first)
      break
    case 'trimmed':
      meter.trimmed(first)
      break
    case 'failed':
      meter.failed()
      break
    case 'done':
      meter.done(first)
  }
}

function dataOf(config: Config, index: number): ArchiveThreadData {
  return {
    address: config.store,
    tlsCaFile: config.storeCaFile,
    folder: config.archiveFolder,
    writer: writerOf(config, index),
    keepMs: config.eventHours * hourMs,
  }
}

/** What the thread leaves then is what a crash would leave. */
async function end(thread: Worker): Promise<void> {
  const exited = new Promise<void>((resolve) => {
    thread.once('exit', () => resolve())
  })
  thread.postMessage('stop' satisfies ArchiveOrder)
  const timer = setTimeout(() => void thread.terminate(), endMs)
  await exited
  clearTimeout(timer)
}

/** One projector has the embedded store; those of Redis may share a folder over the network. */
function writerOf(config: Config, index: number): string {
  if (config.store.startsWith('lmdb:')) return 'local'
  return `${hostname()
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')}-${index}`
}
