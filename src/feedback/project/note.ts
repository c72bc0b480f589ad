/**
 * What the projector says of single records: to the archive, and to whoever looks at dead letters.
 */
import { shardCount } from '../../lib/shard-count.ts'
import { type StateKey, StateTable } from '../../store/feedback-ports.ts'

/** What became of a record that was not simply counted as it came. Numbers are in the store. */
export const NoteStatus = {
  /** It changed nothing: the same was told before. */
  Repeat: 1,
  /** It counts for nothing, or against itself; flags say why. */
  Invalid: 2,
  /** It could not be projected. */
  Dead: 3,
  /** A conversion that waits for its click. */
  Parked: 5,
  /** Of a test request, or a rendering for a check (`AUDIT`). */
  Test: 6,
} as const
export type NoteStatus = (typeof NoteStatus)[keyof typeof NoteStatus]

/** Why a record is dead. Numbers are in the store and in docs/errors.md. */
export const DeadReason = {
  /** Not a record of a version that this build reads. */
  Unreadable: 1,
  /** The projector failed on it: a fault of ours. */
  Failed: 2,
} as const
export type DeadReason = (typeof DeadReason)[keyof typeof DeadReason]

/** Key of the note on a record; without one the record was counted as it came. */
export function noteKey(part: string, at: string): StateKey {
  return { table: StateTable.Note, shard: shardOfPart(part), day: 0, name: `${part}.${at}` }
}

/** Status, and the flags that the projector found. */
export function encodeNote(status: NoteStatus, flags: readonly number[]): Uint8Array {
  return Uint8Array.from([status, ...flags])
}

/** Key of a dead letter. */
export function deadKey(part: string, at: string, day: number): StateKey {
  return { table: StateTable.Dead, shard: shardOfPart(part), day, name: `${part}.${at}` }
}

/** Reason (u16 little endian) and the record as it was. */
export function encodeDead(reason: DeadReason, record: Uint8Array): Uint8Array {
  const value = new Uint8Array(record.length + 2)
  value[0] = reason & 0xff
  value[1] = reason >>> 8
  value.set(record, 2)
  return value
}

/** The shard of a part in Redis; parts of LMDB keep what belongs to no shard in shard 0. */
export function shardOfPart(part: string): number {
  const shard = Number(part)
  return Number.isInteger(shard) && shard >= 0 && shard < shardCount ? shard : 0
}
