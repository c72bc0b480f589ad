/**
 * Runs beside the projector: writes what was projected to the archive, merges hours that are over,
 * and trims the log. One a process that projects.
 */
import type { Clock } from '../../lib/clock.ts'
import { type StateKey, StateTable } from '../../store/feedback-ports.ts'
import { type ArchiveDisk, machineDisk } from './archive-disk.ts'
import { hourMs, hourOf, hoursBetween } from './archive-folder.ts'
import { type ArchiveStore, ArchiveWriter } from './archive-writer.ts'
import { HourMerger } from './hour-merger.ts'
import { trimLog } from './log-trim.ts'

/** What the archive counts. */
export interface ArchiveMeter {
  /** Rows that were written, and the files they are in. */
  wrote(rows: number, files: number): void
  merged(files: number): void
  trimmed(records: number): void
  /** A round failed and is tried again. */
  failed(): void
  /** A round went well. */
  done(atMs: number): void
}

/** What is told to people. */
export interface ArchiveLog {
  warn(fields: object, message: string): void
}

/** What an archive is built from. */
export interface EventArchiveDeps {
  readonly store: ArchiveStore
  /** Folder of the archive; null = none is kept. */
  readonly folder: string | null
  /** Who writes: a-z, 0-9 and `-`; the same after a restart, and of nobody else in the folder. */
  readonly writer: string
  /** Parts of the log that this process projects now. */
  readonly parts: () => readonly string[]
  /** Age at which records that are done with leave the log. */
  readonly keepMs: number
  readonly clock: Clock
  readonly meter: ArchiveMeter
  readonly log: ArchiveLog
  readonly disk?: ArchiveDisk
}

/** Between two rounds. Exports read the log too, so nobody waits for the archive. */
const roundEveryMs = 60_000

/** A step takes a second or two; merging a large hour takes longer than a stop may. */
const stopMsMax = 3_000

/** An hour is over when nothing of it can still be on its way through the log and the projector. */
const hourGraceMs = 5 * 60_000

/** Hours looked at after a start for what an earlier process left to be merged: two days. */
const lookBackMs = 48 * hourMs

/** The archive and the log's end. */
export class EventArchive {
  readonly #deps: EventArchiveDeps
  readonly #writer: ArchiveWriter | null
  readonly #merger: HourMerger | null
  /** Beginnings of hours that may have several files. */
  readonly #unmerged = new Set<number>()
  #hasLookedBack = false
  #timer: NodeJS.Timeout | null = null
  #round: Promise<void> = Promise.resolve()
  #isStopped = false

  constructor(deps: EventArchiveDeps) {
    this.#deps = deps
    const { store, folder, writer, log, disk = machineDisk } = deps
    const onDropped = (reason: string): void => log.warn({ reason }, 'an archive plan was dropped')
    this.#writer =
      folder === null ? null : new ArchiveWriter({ store, disk, folder, writer, onDropped })
    this.#merger = folder === null ? null : new HourMerger({ disk, folder, writer })
  }

  /** Begins the rounds. */
  start(): void {
    this.#timer = setTimeout(() => {
      this.#round = this.#rounds()
    }, roundEveryMs)
  }

  /**
   * Begins no round any more, and resolves when the one under way has ended, or after `stopMsMax`:
   * what it leaves then is what a crash would leave.
   */
  async stop(): Promise<void> {
    this.#isStopped = true
    if (this.#timer !== null) clearTimeout(this.#timer)
    let limit: NodeJS.Timeout | null = null
    const isLate = new Promise<void>((resolve) => {
      limit = setTimeout(resolve, stopMsMax)
    })
    await Promise.race([this.#round, isLate])
    if (limit !== null) clearTimeout(limit)
  }

  /** One round: writes, trims, merges. Rejects when store or disk fail; the next one goes on. */
  async round(): Promise<void> {
    const parts = this.#deps.parts()
    if (parts.length === 0) return
    if (this.#writer === null) await this.#passOver(parts)
    else await this.#write(this.#writer, parts)
    await this.#trim(parts)
    // Last: an hour that cannot be merged must not keep the log from being trimmed.
    if (this.#merger !== null) await this.#merge(this.#merger)
    this.#deps.meter.done(this.#deps.clock.wallMs())
  }

  async #rounds(): Promise<void> {
    try {
      await this.round()
    } catch (error) {
      this.#deps.meter.failed()
      this.#deps.log.warn({ err: error }, 'a round of the archive failed and is tried again')
    }
    if (!this.#isStopped) this.start()
  }

  async #write(writer: ArchiveWriter, parts: readonly string[]): Promise<void> {
    for (;;) {
      const step = this.#isStopped ? null : await writer.step(parts)
      if (step === null) return
      for (const hour of step.hours) this.#unmerged.add(hour)
      this.#deps.meter.wrote(step.rows, step.hours.length)
      if (!step.isFull) return
    }
  }

  /** Without an archive its place follows the projector's, and notes are nobody's. */
  async #passOver(parts: readonly string[]): Promise<void> {
    const { state } = this.#deps.store
    const [projected, archived] = await Promise.all([
      state.positions(parts, 'project'),
      state.positions(parts, 'archive'),
    ])
    const moved = new Map(
      parts.flatMap((part, i) =>
        projected[i] === archived[i] ? [] : [[part, projected[i] ?? '']],
      ),
    )
    if (moved.size === 0) return
    const notes: StateKey[] = []
    await state.scan(StateTable.Note, 0, (key) => {
      if (moved.has(key.name.split('.', 1)[0] ?? '')) notes.push(key)
    })
    await state.remove(notes)
    await Promise.all([...moved].map(([part, to]) => state.advanceArchive(part, to)))
  }

  async #merge(merger: HourMerger): Promise<void> {
    const { folder, clock, meter } = this.#deps
    const nowMs = clock.wallMs()
    const overMs = hourOf(nowMs - hourGraceMs)
    const first = this.#hasLookedBack ? Infinity : nowMs - lookBackMs
    const fromMs = Math.min(first, ...this.#unmerged)
    if (folder === null || !(fromMs < overMs)) return
    for (const hour of await hoursBetween(folder, fromMs, overMs)) {
      if (this.#isStopped) return
      meter.merged(await merger.merge(hour))
      this.#unmerged.delete(hour.startMs)
    }
    this.#hasLookedBack = true
  }

  async #trim(parts: readonly string[]): Promise<void> {
    const { store, clock, keepMs, meter } = this.#deps
    const places = await store.state.positions(parts, 'archive')
    const done = parts.map((part, i) => ({ part, upTo: places[i] ?? '' }))
    meter.trimmed(await trimLog(store.log, done, clock.wallMs() - keepMs))
  }
}
