/** The archive of a process that projects. */
import { hostname } from 'node:os'
import type { Config } from '../config/config.ts'
import { loadDuck } from '../control/archive/duck.ts'
import { EventArchive } from '../control/archive/event-archive.ts'
import { systemClock } from '../lib/clock.ts'
import type { FeedbackStore } from '../store/feedback-ports.ts'
import type { ArchiveMeter } from '../telemetry/archive-meter.ts'
import type { Logger } from '../telemetry/logger.ts'

const hourMs = 3_600_000

/** What the process has already. */
export interface ArchiveParts {
  /** Number of the projector on its machine. */
  readonly index: number
  readonly feedback: FeedbackStore
  /** Parts of the log that the projector owns now. */
  readonly parts: () => readonly string[]
  readonly meter: ArchiveMeter
  readonly log: Logger
}

/** Builds it; `start` begins its rounds. Await it before anything is projected. */
export async function setUpArchive(config: Config, parts: ArchiveParts): Promise<EventArchive> {
  if (config.archiveFolder !== null) await loadDuck()
  const { index, feedback, meter, log } = parts
  return new EventArchive({
    store: feedback,
    folder: config.archiveFolder,
    writer: writerOf(config, index),
    parts: parts.parts,
    keepMs: config.eventHours * hourMs,
    clock: systemClock,
    meter,
    log,
  })
}

/** One projector has the embedded store; those of Redis may share a folder over the network. */
function writerOf(config: Config, index: number): string {
  if (config.store.startsWith('lmdb:')) return 'local'
  return `${hostname()
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')}-${index}`
}
