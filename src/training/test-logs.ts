/** Logs of the tests: records and events as files of a folder that goes away. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import type { DecisionRecord } from '../domain/decision-record.ts'
import { EventKind } from '../feedback/event.ts'
import { encodeRecord } from '../feedback/record-codec.ts'
import { sampleRecord } from '../feedback/test-records.ts'
import { type ImportedRecord, importedEvent } from './imported-log.ts'

/** Epoch milliseconds at which the logs begin. */
export const logStartMs = 1_795_305_600_000

export const hourMs = 3_600_000

/** A folder of its own, and what takes it away. */
export function temporaryFolder(): { readonly folder: string; readonly remove: () => void } {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-training-'))
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) }
}

/** A record `n` hours after the start. */
export function recordAt(n: number, changed: Partial<DecisionRecord> = {}): DecisionRecord {
  const decisionId = (0x100 + n).toString(16).padStart(16, '0')
  return sampleRecord({ decisionId, atMs: logStartMs + n * hourMs, ...changed })
}

/** An event of a record's bid, `hours` after the decision. */
export function eventOfRecord(kind: EventKind, record: DecisionRecord, hours = 0) {
  return importedEvent(kind, record as unknown as ImportedRecord, record.atMs + hours * hourMs)
}

/** The exposure of a record's bid. */
export function shown(record: DecisionRecord) {
  return eventOfRecord(EventKind.Exposure, record)
}

/** Writes `log.ndjson.gz` and `events.ndjson.gz`; answers their paths. */
export function writeLog(
  folder: string,
  records: readonly (DecisionRecord & { sampleRate?: number })[],
  events: readonly object[],
): { readonly log: string; readonly events: string } {
  const log = join(folder, 'log.ndjson.gz')
  const eventsPath = join(folder, 'events.ndjson.gz')
  writeFileSync(log, gzipSync(records.map(encodeRecord).join('')))
  writeFileSync(eventsPath, gzipSync(events.map((event) => `${JSON.stringify(event)}\n`).join('')))
  return { log, events: eventsPath }
}
