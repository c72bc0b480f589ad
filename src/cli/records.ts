/** `sluice records tail`: the last decision records, a line each or as JSON. */

import type { DecisionRecord } from '../domain/decision-record.ts'
import { dropNames } from '../domain/drop-reason.ts'
import { formatNames } from '../domain/format.ts'
import { refusalNames } from '../domain/refusal.ts'
import { readRecords } from '../feedback/read-records.ts'
import { rankedByOfRecord, stagesOfRecord } from './describe-ranking.ts'
import { CliError } from './request-options.ts'

/** What is shown. */
export interface RecordsOptions {
  /** Records from the end; 20 unless said. */
  readonly lines?: number
  readonly json?: boolean
}

const linesDefault = 20

/** Prints the last records of a file, or of a folder by time; answers the exit code. */
export async function runRecordsTail(
  path: string,
  options: RecordsOptions,
  write: (text: string) => void,
): Promise<number> {
  const records = await lastRecords(path, options.lines ?? linesDefault)
  if (records.length === 0) write(`no decision record in ${path}\n`)
  for (const record of records) {
    write(`${options.json === true ? recordJson(record) : recordLine(record)}\n`)
  }
  return 0
}

/** A record as JSON. Features are bytes for programs: people are told whose and how many. */
function recordJson(record: DecisionRecord): string {
  const told = <T extends { readonly features: Uint8Array | null }>(candidate: T): object => {
    const { features } = candidate
    const text = features === null ? null : `${record.ctrModel}, ${features.length} B`
    return { ...candidate, features: text }
  }
  return JSON.stringify({
    ...record,
    bids: record.bids.map(told),
    losers: record.losers.map(told),
  })
}

/** One record in a line: when, whose, what was decided, and what kept most from it. */
export function recordLine(record: DecisionRecord): string {
  const when = new Date(record.atMs).toISOString()
  const funnel = `${stagesOfRecord(record)}; ${rankedByOfRecord(record)}`
  const bids = record.bids.map(
    ({ campaignId, creativeId, format, priceMicros }) =>
      `${campaignId}/${creativeId} ${formatNames[format]} ${priceMicros / 1_000_000}`,
  )
  const currency = record.currencies[0] ?? ''
  const what =
    bids.length === 0
      ? `no bid: ${refusalNames.get(record.refusal) ?? record.refusal}${lossOf(record)}`
      : `${record.isLive ? 'bid' : 'dry run'}: ${bids.join(', ')} ${currency}`
  const how = record.usedPersonalData ? '' : ' [without personal data]'
  return `${when} ${record.exchange} ${record.requestId} ${what} (${funnel})${how}`
}

/** The reason that kept most out. */
function lossOf({ dropReasons, dropCounts }: DecisionRecord): string {
  let most = -1
  for (const [at, count] of dropCounts.entries()) {
    if (count > (dropCounts[most] ?? 0)) most = at
  }
  const reason = dropReasons[most]
  return reason === undefined ? '' : `, mostly ${dropNames.get(reason)} (${dropCounts[most]})`
}

/** The newest `count` of them, oldest first; files of several workers are merged by time. */
async function lastRecords(path: string, count: number): Promise<readonly DecisionRecord[]> {
  let kept: DecisionRecord[] = []
  try {
    for await (const record of readRecords(path)) {
      kept.push(record)
      // Let go of the old ones in steps: a folder holds gigabytes.
      if (kept.length > 4 * count + 1_000) kept = newest(kept, count)
    }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new CliError('SLUICE_CLI_OPTION', `no records can be read: ${reason}`)
  }
  return newest(kept, count)
}

function newest(records: readonly DecisionRecord[], count: number): DecisionRecord[] {
  return records.toSorted((a, b) => a.atMs - b.atMs).slice(-count)
}
