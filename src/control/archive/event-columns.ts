/**
 * Columns of the archive: every field of an event under its name in snake_case, and what the
 * archive
 * adds. Lines of JSON become rows and rows become lines in SQL, so that no value passes JavaScript.
 */
import type { FeedbackEvent } from '../../feedback/event.ts'
import { type ArchivedEvent, ArchiveStatus } from './archived-event.ts'
import { sqlText } from './duck.ts'

/** Version of the columns, in the metadata of every file. It is raised when a meaning changes. */
export const archiveVersion = 1

// Whole numbers are signed, so that differences of times and of money are what they are.
const eventTypes: Readonly<Record<keyof FeedbackEvent, string>> = {
  version: 'UTINYINT',
  id: 'VARCHAR',
  kind: 'UTINYINT',
  source: 'BIGINT',
  eventTimeMs: 'BIGINT',
  receivedAtMs: 'BIGINT',
  isTest: 'BOOLEAN',
  flags: 'UINTEGER[]',
  decisionId: 'VARCHAR',
  bidNumber: 'BIGINT',
  decidedAtMs: 'BIGINT',
  impIndex: 'BIGINT',
  medium: 'VARCHAR',
  exchange: 'UBIGINT',
  advertiser: 'UBIGINT',
  campaign: 'UBIGINT',
  creative: 'UBIGINT',
  strategy: 'UBIGINT',
  devices: 'STRUCT("type" UTINYINT, high UBIGINT, low UBIGINT)[]',
  priceMicros: 'BIGINT',
  priceState: 'BIGINT',
  bidMicros: 'BIGINT',
  minToWinMicros: 'BIGINT',
  currency: 'VARCHAR',
  multiplier: 'DOUBLE',
  lossReason: 'BIGINT',
  auctionType: 'BIGINT',
  hasDeal: 'BOOLEAN',
  ctr: 'DOUBLE',
  cvr: 'DOUBLE',
  ctrModel: 'UBIGINT',
  cvrModel: 'UBIGINT',
  arms: 'UBIGINT[]',
  action: 'VARCHAR',
  orderId: 'VARCHAR',
  valueMicros: 'BIGINT',
  valueCurrency: 'VARCHAR',
  clickId: 'VARCHAR',
  network: 'VARCHAR',
  agent: 'UBIGINT',
}
const addedTypes: Readonly<Record<Exclude<keyof ArchivedEvent, 'event'>, string>> = {
  status: 'VARCHAR',
  projectedFlags: 'UINTEGER[]',
  logPart: 'VARCHAR',
  logAt: 'VARCHAR',
}
const lineTypes = { ...eventTypes, ...addedTypes }

/**
 * A row as a line of JSON: the form that `rowsOfLines` reads. NaN is written as null. The event is
 * written by itself: to spread it into a wider object first takes three times as long.
 */
export function lineOfRow({ event, ...added }: ArchivedEvent): string {
  return `${JSON.stringify(event).slice(0, -1)},${JSON.stringify(added).slice(1)}`
}

/** Bytes of the longest line: a record of 16 KiB, its text escaped (a control character is six). */
const lineBytesMax = 128 * 1024

/** A query of the rows that stand in a file of lines. Fails on a line that is none. */
export function rowsOfLines(path: string): string {
  const types = Object.entries(lineTypes).map(([name, type]) => `${name}: ${sqlText(type)}`)
  const columns = Object.keys(lineTypes).flatMap(columnsOfField)
  return `SELECT ${columns.join(', ')} FROM read_json(${sqlText(path)},
    format = 'newline_delimited', maximum_object_size = ${lineBytesMax},
    columns = {${types.join(', ')}})`
}

/**
 * What makes the events of rows, in the form that `readEvents` reads: for a SELECT that is written
 * as JSON. The flags that the projector added stand among the event's own, and what it took for a
 * test (a rendering for a check) is one.
 */
export const eventsOfRows: string = Object.keys(eventTypes).map(fieldOfColumns).join(', ')

/** `eventTimeMs` as `event_time_ms`. */
function columnName(field: string): string {
  return field.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
}

/** A device key is one number of 64 bits; its type stands at the same place of another list. */
function columnsOfField(field: string): string[] {
  if (field !== 'devices') return [`"${field}" AS ${columnName(field)}`]
  return [
    `list_transform(devices, lambda d: d.high * 4294967296 + d.low) AS devices`,
    `list_transform(devices, lambda d: d."type") AS device_types`,
  ]
}

function fieldOfColumns(field: string): string {
  if (field === 'flags') {
    return `list_concat(flags,
      list_filter(projected_flags, lambda f: NOT list_contains(flags, f))) AS flags`
  }
  if (field === 'isTest') return `is_test OR status = '${ArchiveStatus.Test}' AS "isTest"`
  if (field !== 'devices') return `${columnName(field)} AS "${field}"`
  return `list_transform(range(1, len(devices) + 1), lambda i: {'type': device_types[i],
    'high': devices[i] // 4294967296, 'low': devices[i] % 4294967296}) AS devices`
}
