/** Writes events into one file: what is archived, and what is not archived yet from the log. */
import { mkdtemp, rm } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import type { FeedbackEvent } from '../../feedback/event.ts'
import { eventOfRecord } from '../../feedback/log-record.ts'
import { type EventLog, logStart, type StateStore } from '../../store/feedback-ports.ts'
import { machineDisk } from './archive-disk.ts'
import type { LogRange } from './archive-plan.ts'
import { archiveRows } from './archive-rows.ts'
import { type ArchivedEvent, ArchiveStatus, readNote } from './archived-event.ts'
import { openDuck } from './duck.ts'
import { eventsOfRows, rowsOfLines } from './event-columns.ts'
import { EventSpool } from './event-spool.ts'
import { type NotedRecord, readRanges } from './log-ranges.ts'
import { type RowsForm, writeRows } from './rows-file.ts'

/** What an export reads. */
export interface ExportSource {
  readonly log: Pick<EventLog, 'parts' | 'read' | 'newest'>
  readonly state: Pick<StateStore, 'positions' | 'load'>
  /** Folder of the archive; null = there is none, and the log is all. */
  readonly folder: string | null
}

/** What is wanted. */
export interface ExportOrder {
  /** Epoch milliseconds between which the events reached us: [from, to). */
  readonly fromMs: number
  readonly toMs: number
  readonly path: string
  readonly form: RowsForm
  /** True: repeats of an event too. */
  readonly withRepeats: boolean
}

/** How far it is. */
export interface ExportProgress {
  /** Records of the log that were read. */
  readonly records: number
  /** Share of the writing that is done, in percent; null while the log is read. */
  readonly percent: number | null
}

/** MiB that DuckDB may take to sort; what is more goes to a folder beside the file. */
const memoryMiB = 1_024

/** How often progress is asked for while DuckDB writes. */
const progressEveryMs = 500

/**
 * Writes the events in the order in which they reached us; answers how many. The file is there when
 * it is whole. `.ndjson` has the form that `readEvents` reads, the projector's flags among the
 * event's own; the other forms have the columns of the archive.
 */
export async function exportEvents(
  source: ExportSource,
  order: ExportOrder,
  tell: (progress: ExportProgress) => void,
): Promise<number> {
  const path = resolve(order.path)
  const work = await mkdtemp(join(dirname(path), '.sluice-export-'))
  const spool = await EventSpool.create(join(work, 'rows.ndjson'))
  const duck = await openDuck({ memoryMiB, folder: join(work, 'spill') })
  let timer: NodeJS.Timeout | null = null
  try {
    const records = await spoolLog(source, order, spool, tell)
    // After the log: what was archived meanwhile is in both then, and in none otherwise.
    const query = queryOf(await rowsOf(source, order, spool), order)
    timer = setInterval(() => {
      tell({ records, percent: Math.max(0, duck.connection.progress.percentage) })
    }, progressEveryMs)
    await duck.connection.run('SET enable_progress_bar = true')
    await duck.connection.run('SET enable_progress_bar_print = false')
    const temporary = join(work, `rows.${order.form}`)
    const rows = await writeRows(duck, query, temporary, order.form)
    await machineDisk.place(temporary, path)
    tell({ records, percent: 100 })
    return rows
  } finally {
    if (timer !== null) clearInterval(timer)
    duck.close()
    await spool.remove()
    await rm(work, { recursive: true, force: true })
  }
}

/** Puts what the archive has not into the spool; answers the records read. */
async function spoolLog(
  source: ExportSource,
  order: ExportOrder,
  spool: EventSpool,
  tell: (progress: ExportProgress) => void,
): Promise<number> {
  const { log, state, folder } = source
  const parts = await log.parts()
  const archived =
    folder === null ? parts.map(() => logStart) : await state.positions(parts, 'archive')
  const projected = await state.positions(parts, 'project')
  const ranges: LogRange[] = []
  for (const [i, part] of parts.entries()) {
    const from = archived[i] ?? logStart
    const to = (await log.newest(part, 1)).at(-1)?.at ?? logStart
    if (to !== logStart && to !== from) ranges.push({ part, from, to })
  }
  const isKnown = new Map(
    parts.map((part, i) => [part, folder !== null && projected[i] !== archived[i]]),
  )
  const ends = new Map(parts.map((part, i) => [part, projected[i] ?? logStart]))
  let records = 0
  await readRanges({ log, state }, ranges, Number.POSITIVE_INFINITY, async (noted) => {
    const rows: ArchivedEvent[] = []
    for (const one of noted) {
      const row = rowOf(one, isKnown.get(one.part) === true)
      if (one.record.at === ends.get(one.part)) isKnown.set(one.part, false)
      if (row !== null && isWanted(row.event, order)) rows.push(row)
    }
    await spool.add(rows)
    records += noted.length
    tell({ records, percent: null })
    return true
  })
  return records
}

function isWanted({ receivedAtMs }: FeedbackEvent, { fromMs, toMs }: ExportOrder): boolean {
  return receivedAtMs >= fromMs && receivedAtMs < toMs
}

function rowOf({ part, record, note }: NotedRecord, isKnown: boolean): ArchivedEvent | null {
  const event = eventOfRecord(record.bytes)
  if (event === null) return null
  const read = readNote(note)
  const status = note === null && !isKnown ? ArchiveStatus.Unknown : read.status
  return { ...read, event, status, logPart: part, logAt: record.at }
}

/** A query of all rows; what is in the log and in the archive is taken from the archive. */
async function rowsOf(
  { folder }: ExportSource,
  { fromMs, toMs }: ExportOrder,
  spool: EventSpool,
): Promise<string> {
  const waiting = rowsOfLines(spool.path)
  const archived = folder === null ? null : await archiveRows(folder, fromMs, toMs)
  if (folder === null || archived === null) return waiting
  if (spool.rows === 0) return archived
  // Only what came as late as the first of the log can be in both.
  const overlap = await archiveRows(folder, Math.max(fromMs, spool.firstHourMs), toMs)
  if (overlap === null) return `(${archived}) UNION ALL BY NAME (${waiting})`
  const left = `SELECT w.* FROM (${waiting}) w ANTI JOIN (${overlap}) a USING (log_part, log_at)`
  return `(${archived}) UNION ALL BY NAME (${left})`
}

function queryOf(rows: string, { form, withRepeats }: ExportOrder): string {
  const what = form.startsWith('ndjson') ? eventsOfRows : '*'
  const where = withRepeats ? '' : `WHERE status <> '${ArchiveStatus.Repeat}'`
  return `SELECT ${what} FROM (${rows}) ${where} ORDER BY received_at_ms, log_part, log_at`
}
