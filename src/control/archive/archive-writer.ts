/**
 * Writes what was projected into files of Parquet, each record once whatever breaks: what is going
 * to be written is noted first, under a name that follows from it. A crash repeats the same records
 * under the same name; the places of the log move when the files are on disk.
 */
import { join } from 'node:path'
import { eventOfRecord } from '../../feedback/log-record.ts'
import type { EventLog, StateKey, StateStore } from '../../store/feedback-ports.ts'
import type { ArchiveDisk } from './archive-disk.ts'
import { ArchiveError } from './archive-error.ts'
import {
  fileName,
  hourFolder,
  hourMs,
  lastFolderMs,
  planFile,
  workFolder,
} from './archive-folder.ts'
import { type ArchivePlan, type LogRange, planOf, readPlan } from './archive-plan.ts'
import { type ArchivedEvent, readNote } from './archived-event.ts'
import { type Duck, openDuck } from './duck.ts'
import { rowsOfLines } from './event-columns.ts'
import { EventSpool } from './event-spool.ts'
import { type NotedRecord, readRanges } from './log-ranges.ts'
import { writeRows } from './rows-file.ts'

/** What the archive uses of a feedback store. */
export interface ArchiveStore {
  readonly log: Pick<EventLog, 'read' | 'trim'>
  readonly state: Pick<StateStore, 'positions' | 'load' | 'advanceArchive' | 'scan' | 'remove'>
}

/** What a writer works with. */
export interface ArchiveWriterDeps {
  readonly store: ArchiveStore
  readonly disk: ArchiveDisk
  /** Folder of the archive. */
  readonly folder: string
  /** Who writes: a-z, 0-9 and `-`; the same after a restart, and of nobody else in this folder. */
  readonly writer: string
  /** Records of one step; `stepRecordsMax` unless a test says otherwise. */
  readonly recordsMax?: number
  /** A plan that could not be finished, and why: its records are written under another. */
  readonly onDropped: (reason: string) => void
}

/** What a step did. */
export interface ArchiveStep {
  readonly rows: number
  /** Hours that got a file. */
  readonly hours: readonly number[]
  /** True when there may be more. */
  readonly isFull: boolean
}

/**
 * Records of one step: 220 MB of lines in the work folder and a file of some 15 MB. At 5 000 events
 * a second that is a minute of them.
 */
const stepRecordsMax = 262_144

/** Bytes of lines of one step: of usual events more than its records are. */
const stepBytesMax = 512 * 1024 * 1024

/** MiB that DuckDB may take while it writes: with 96 rows of 8 KiB fail, with 128 they do not. */
const duckMemoryMiB = 192

/** Notes taken away at once. */
const notesMax = 4_096

/** Writes one folder. One a process; a call at a time. */
export class ArchiveWriter {
  readonly #deps: ArchiveWriterDeps
  readonly #planPath: string
  #hasOpenPlan = true

  constructor(deps: ArchiveWriterDeps) {
    this.#deps = deps
    this.#planPath = planFile(deps.folder, deps.writer)
  }

  /**
   * Writes some of what these parts have between the place of the archive and that of the
   * projector;
   * null when there is nothing. Rejects when store or disk fail: the next call goes on from there.
   */
  async step(parts: readonly string[]): Promise<ArchiveStep | null> {
    if (this.#hasOpenPlan) await this.#finishPlan()
    const ranges = await this.#rangesOf(parts)
    if (ranges.length === 0) return null
    return this.#inWork(async (spool) => {
      const { recordsMax = stepRecordsMax } = this.#deps
      const notes: StateKey[] = []
      const visit = collect(spool, notes, stepBytesMax)
      const read = await readRanges(this.#deps.store, ranges, recordsMax, visit)
      if (read.length === 0) return null
      const plan = planOf(read)
      this.#hasOpenPlan = true
      await this.#keepPlan(plan)
      await this.#writeFiles(plan, spool)
      await this.#finish(plan.ranges, notes)
      const isFull = !isSame(read, ranges)
      return { rows: spool.rows, hours: [...spool.rowsByHour.keys()], isFull }
    })
  }

  /** Does what a plan says that an earlier process, or a call that failed, left behind. */
  async #finishPlan(): Promise<void> {
    const { folder, writer, disk } = this.#deps
    await disk.remove(workFolder(folder, writer))
    const plan = await readPlan(this.#planPath)
    if (plan !== null) await this.#redo(plan)
    await disk.remove(this.#planPath)
    this.#hasOpenPlan = false
  }

  /**
   * A part that stands where the plan begins is ours still. One that stands elsewhere was archived
   * by another process, or (when the files are there) moved by the one that was killed.
   */
  async #redo(plan: ArchivePlan): Promise<void> {
    const { store, onDropped } = this.#deps
    const { ranges, isPlaced } = plan
    const parts = ranges.map(({ part }) => part)
    const places = await store.state.positions(parts, 'archive')
    const left = ranges.filter(({ from }, i) => places[i] === from)
    const wanted = isPlaced ? ranges : left
    await this.#inWork(async (spool) => {
      const notes: StateKey[] = []
      const visit = collect(isPlaced ? null : spool, notes, Number.POSITIVE_INFINITY)
      const read = await readRanges(store, wanted, Number.POSITIVE_INFINITY, visit)
      if (!isPlaced && !isSame(read, wanted)) {
        onDropped('the log has not the records of the plan any more')
        return
      }
      if (!isPlaced) await this.#writeFiles({ ...plan, ranges: left }, spool)
      await this.#finish(left, notes)
    })
  }

  /** Where the archive is behind the projector. */
  async #rangesOf(parts: readonly string[]): Promise<LogRange[]> {
    const { state } = this.#deps.store
    const [projected, archived] = await Promise.all([
      state.positions(parts, 'project'),
      state.positions(parts, 'archive'),
    ])
    return parts
      .map((part, i) => ({ part, from: archived[i] ?? '', to: projected[i] ?? '' }))
      .filter(({ from, to }) => from !== to)
  }

  async #writeFiles(plan: ArchivePlan, spool: EventSpool): Promise<void> {
    if (spool.rows > 0) {
      const duck = await this.#openDuck()
      try {
        for (const [startMs, rows] of spool.rowsByHour) {
          await this.#writeFile(duck, hourQuery(spool, startMs), { name: plan.name, startMs, rows })
        }
      } finally {
        duck.close()
      }
    }
    await this.#keepPlan({ ...plan, isPlaced: true })
  }

  async #writeFile(
    duck: Duck,
    query: string,
    { name, startMs, rows }: { name: string; startMs: number; rows: number },
  ): Promise<void> {
    const { folder, writer, disk } = this.#deps
    const temporary = join(workFolder(folder, writer), `${name}.parquet`)
    const written = await writeRows(duck, query, temporary)
    if (written !== rows) throw lostRows(rows, written)
    await disk.place(temporary, join(hourFolder(folder, startMs), fileName(writer, name)))
  }

  #keepPlan(plan: ArchivePlan): Promise<void> {
    return this.#deps.disk.keep(this.#planPath, JSON.stringify(plan))
  }

  /** Moves the places, forgets the notes, and then the plan. */
  async #finish(ranges: readonly LogRange[], notes: readonly StateKey[]): Promise<void> {
    const { store, disk } = this.#deps
    await Promise.all(ranges.map(({ part, to }) => store.state.advanceArchive(part, to)))
    for (let at = 0; at < notes.length; at += notesMax) {
      await store.state.remove(notes.slice(at, at + notesMax))
    }
    await disk.remove(this.#planPath)
    this.#hasOpenPlan = false
  }

  async #inWork<T>(work: (spool: EventSpool) => Promise<T>): Promise<T> {
    const { folder, writer } = this.#deps
    const spool = await EventSpool.create(join(workFolder(folder, writer), 'rows.ndjson'))
    try {
      return await work(spool)
    } finally {
      await spool.remove()
    }
  }

  #openDuck(): Promise<Duck> {
    const { folder, writer } = this.#deps
    const spill = join(workFolder(folder, writer), 'spill')
    return openDuck({ memoryMiB: duckMemoryMiB, folder: spill })
  }
}

/** Events go to the spool (null: nowhere) until it is so long, and every note to the list. */
function collect(spool: EventSpool | null, notes: StateKey[], bytesMax: number) {
  return async (records: readonly NotedRecord[]): Promise<boolean> => {
    const rows: ArchivedEvent[] = []
    for (const { part, record, note, noteKey } of records) {
      if (note !== null) notes.push(noteKey)
      const event = spool === null ? null : eventOfRecord(record.bytes)
      if (event !== null) rows.push({ event, ...readNote(note), logPart: part, logAt: record.at })
    }
    if (spool === null) return true
    await spool.add(rows)
    return spool.bytes < bytesMax
  }
}

function hourQuery(spool: EventSpool, startMs: number): string {
  const rows = rowsOfLines(spool.path)
  if (spool.rowsByHour.size === 1) return rows
  return `FROM (${rows})
    WHERE least(received_at_ms, ${lastFolderMs}) // ${hourMs} = ${startMs / hourMs}`
}

function isSame(read: readonly LogRange[], wanted: readonly LogRange[]): boolean {
  const ends = new Map(read.map(({ part, to }) => [part, to]))
  return wanted.every(({ part, to }) => ends.get(part) === to)
}

function lostRows(rows: number, written: number): ArchiveError {
  const message = `${rows} events became ${written} rows: nothing was archived`
  return new ArchiveError('SLUICE_CONTROL_ARCHIVE_ROWS', message)
}
