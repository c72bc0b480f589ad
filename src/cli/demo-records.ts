/** What the demo's server wrote down about its decisions. */
import { join } from 'node:path'
import type { DecisionRecord } from '../domain/decision-record.ts'
import { readRecords } from '../feedback/read-records.ts'
import { recordsFolder } from '../feedback/record-log.ts'
import type { DemoServer } from './demo-server.ts'

/** The newest record that is wanted; null when none is written yet. */
export async function newestRecord(
  { folder }: DemoServer,
  isWanted: (record: DecisionRecord) => boolean,
): Promise<DecisionRecord | null> {
  let newest: DecisionRecord | null = null
  try {
    for await (const record of readRecords(join(folder, 'data', recordsFolder))) {
      if (isWanted(record)) newest = record
    }
  } catch {
    // No folder yet: nothing was recorded so far.
  }
  return newest
}
