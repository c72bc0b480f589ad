/** An event as the archive keeps it: the event, and what the projector made of it. */
import type { FeedbackEvent } from '../../feedback/event.ts'
import { NoteStatus } from '../../feedback/project/note.ts'

/** What became of an event. Words are in the files: stable for ever. */
export const ArchiveStatus = {
  Counted: 'counted',
  Repeat: 'repeat',
  Invalid: 'invalid',
  Dead: 'dead',
  Parked: 'parked',
  Test: 'test',
  /** Only in exports: not projected yet, or projected and, without an archive, not noted. */
  Unknown: 'unknown',
} as const
export type ArchiveStatus = (typeof ArchiveStatus)[keyof typeof ArchiveStatus]

/** One row of the archive. */
export interface ArchivedEvent {
  readonly event: FeedbackEvent
  readonly status: ArchiveStatus
  /** Flags that the projector added to those of the event. */
  readonly projectedFlags: readonly number[]
  /** Where it stood in the log: no two records of a store share it. */
  readonly logPart: string
  readonly logAt: string
}

const statusOfNote: ReadonlyMap<number, ArchiveStatus> = new Map([
  [NoteStatus.Repeat, ArchiveStatus.Repeat],
  [NoteStatus.Invalid, ArchiveStatus.Invalid],
  [NoteStatus.Dead, ArchiveStatus.Dead],
  [NoteStatus.Parked, ArchiveStatus.Parked],
  [NoteStatus.Test, ArchiveStatus.Test],
])

/** Status and flags of a note; a record without one was counted as it came. */
export function readNote(
  note: Uint8Array | null,
): Pick<ArchivedEvent, 'status' | 'projectedFlags'> {
  if (note === null) return { status: ArchiveStatus.Counted, projectedFlags: [] }
  const status = statusOfNote.get(note[0] ?? 0) ?? ArchiveStatus.Counted
  return { status, projectedFlags: [...note.subarray(1)] }
}
