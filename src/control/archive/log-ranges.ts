/**
 * Reads ranges of the log with the notes of their records, a bounded number of records at a time.
 */
import { setImmediate } from 'node:timers/promises'
import { noteKey } from '../../feedback/project/note.ts'
import type { EventLog, LogRecord, StateKey, StateStore } from '../../store/feedback-ports.ts'
import type { LogRange } from './archive-plan.ts'

/** What of a feedback store is read here. */
export interface RangeSource {
  readonly log: Pick<EventLog, 'read'>
  readonly state: Pick<StateStore, 'load'>
}

/** One record with what the projector noted of it. */
export interface NotedRecord {
  readonly part: string
  readonly record: LogRecord
  readonly note: Uint8Array | null
  /** Where that note is kept. */
  readonly noteKey: StateKey
}

/**
 * Records of one trip. The projector waits while they are read and decoded: some milliseconds. What
 * a larger trip makes lives too long to be collected cheaply.
 */
const tripRecordsMax = 256

/** Parts of one trip; with more of them the others are read after these. */
const tripPartsMax = 64

/** How far a part was read. */
interface Reading {
  readonly range: LogRange
  at: string
  isOver: boolean
}

/**
 * Calls `visit` with the records of each range in order, a trip at a time, until all are read,
 * `recordsMax` is reached, or it answers false. Answers the ranges as far as they were read; those
 * of which nothing was, are left out. A range whose end is not in the log any more ends with it.
 */
export async function readRanges(
  { log, state }: RangeSource,
  ranges: readonly LogRange[],
  recordsMax: number,
  visit: (records: readonly NotedRecord[]) => Promise<boolean>,
): Promise<LogRange[]> {
  const readings: Reading[] = ranges.map((range) => ({ range, at: range.from, isOver: false }))
  let count = 0
  let goesOn = true
  while (goesOn && count < recordsMax) {
    const room = Math.min(tripRecordsMax, recordsMax - count)
    const asked = readings.filter(({ isOver }) => !isOver).slice(0, Math.min(tripPartsMax, room))
    if (asked.length === 0) break
    const wanted = asked.map(({ range, at }) => ({ part: range.part, after: at }))
    const read = await log.read(wanted, Math.ceil(room / asked.length))
    const found = asked.flatMap((reading, i) => taken(reading, read[i] ?? []))
    for (const [i, reading] of asked.entries()) {
      if (read[i]?.length === 0) reading.isOver = await isEmpty(log, reading)
    }
    const notes = await state.load(found.map(({ key }) => key))
    goesOn = await visit(
      found.map((one, i) => ({ ...one, noteKey: one.key, note: notes[i] ?? null })),
    )
    count += found.length
    // An embedded store answers without ever leaving this turn of the loop.
    await setImmediate()
  }
  return readings
    .map(({ range: { part, from }, at }) => ({ part, from, to: at }))
    .filter(({ from, to }) => from !== to)
}

/** What belongs to the range; moves the reading behind it. */
function taken(reading: Reading, batch: readonly LogRecord[]) {
  const { part, to } = reading.range
  const end = batch.findIndex(({ at }) => at === to)
  const records = end === -1 ? batch : batch.slice(0, end + 1)
  reading.at = records.at(-1)?.at ?? reading.at
  reading.isOver = end !== -1
  return records.map((record) => ({ part, record, key: noteKey(part, record.at) }))
}

/** A server of a Cluster that is away looks like an empty part, until it is asked alone. */
async function isEmpty(log: RangeSource['log'], { range, at }: Reading): Promise<boolean> {
  const [batch = []] = await log.read([{ part: range.part, after: at }], 1)
  return batch.length === 0
}
