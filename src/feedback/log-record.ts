/**
 * What stands in the log: an event as it came, or a message of one shard's projector to another.
 */

import type { FeedbackEvent } from './event.ts'
import { decodeEvent, encodeEvent } from './event-codec.ts'

/** First byte of a record. Stable for ever. */
export const RecordType = { Event: 1, Message: 2 } as const

/** An event as the log keeps it. */
export function eventRecord(event: FeedbackEvent): Uint8Array {
  const bytes = encodeEvent(event)
  const record = new Uint8Array(bytes.length + 1)
  record[0] = RecordType.Event
  record.set(bytes, 1)
  return record
}

/** The event of a record; null when it is none of this version. */
export function eventOfRecord(record: Uint8Array): FeedbackEvent | null {
  return record[0] === RecordType.Event ? decodeEvent(record.subarray(1)) : null
}
