/**
 * What feedback needs of a store: a log of events, and state that moves with a reader of the log.
 */

/** One record of a part of the log. */
export interface LogRecord {
  /** Its place: passed back as it is, and compared for nothing but being the same. */
  readonly at: string
  /** Epoch milliseconds at which the store took it; by it the log is trimmed. */
  readonly storedAtMs: number
  readonly bytes: Uint8Array
}

/** The place before the first record of a part. */
export const logStart = ''

/** Who reads a log, each at a place of its own. */
export type LogReader = 'project' | 'archive'

/** A record that `append` would have to wait too long for is refused: the sender tries again. */
export const appendsWaitingMax = 8_192

/** A record is an event of some hundred bytes; what is longer is none of ours. */
export const logRecordBytesMax = 16 * 1_024

/**
 * The event log. Redis: a stream a shard, `part` = the shard's number. LMDB: an environment a
 * worker,
 * `part` = `w<worker>`; the shard says nothing there.
 */
export interface EventLog {
  /**
   * Resolves when the record is on disk (LMDB: flushed; Redis: as durable as its `appendfsync`
   * says)
   * and readers can see it. Rejects with StoreError: `SLUICE_STORE_LOG_FULL` (no space left),
   * `SLUICE_STORE_LOG_BUSY` (`appendsWaitingMax` wait already), `SLUICE_STORE_LOG_DOWN` (no
   * answer).
   * What was rejected may be there all the same: ids are what makes a repeat harmless.
   */
  append(shard: number, record: Uint8Array): Promise<void>
  /** All parts that may have records. */
  parts(): Promise<readonly string[]>
  /**
   * Parts that may have got records since this was last asked; each part at least once a second.
   * Cheap: it is asked every few milliseconds.
   */
  fresh(): readonly string[]
  /** At most `countMax` records of each part after a place, in order. One trip for all. */
  read(
    wanted: readonly { readonly part: string; readonly after: string }[],
    countMax: number,
  ): Promise<readonly (readonly LogRecord[])[]>
  /** The last `countMax` records of a part, in order: for people who look at the log. */
  newest(part: string, countMax: number): Promise<readonly LogRecord[]>
  /**
   * Removes records of a part up to and with `upTo`, as far as they were stored before
   * `beforeMs`; answers how many went.
   */
  trim(part: string, upTo: string, beforeMs: number): Promise<number>
  /** Why appends would be refused now; null = they would not. */
  problem(): string | null
  close(): Promise<void>
}

/** Tables of derived state. The letters are in keys: stable for ever (docs/storage.md). */
export const StateTable = {
  /** What happened to one bid, or one event from outside. By day. */
  Journey: 'j',
  /** User state of a device; its name is the field's 12 hex digits, its day 0. */
  User: 'u',
  /** Counters of campaigns. By day. */
  Total: 't',
  /** Clicks by the medium's click id. By day of expiry. */
  Click: 'c',
  /** Conversions that wait for their click. By day of expiry. */
  Parked: 'p',
  /** Records that could not be projected. By day. */
  Dead: 'd',
  /** What the projector found out about records that the archive has not written yet. Day 0. */
  Note: 'n',
} as const
export type StateTable = (typeof StateTable)[keyof typeof StateTable]

/** Name of one value of derived state. */
export interface StateKey {
  readonly table: StateTable
  readonly shard: number
  /** Epoch day; state of a day goes as a whole (`dropBefore`). 0 = kept. */
  readonly day: number
  /** At most `stateNameMax` characters of A-Z a-z 0-9 . _ - */
  readonly name: string
}

export const stateNameMax = 64

/** One write; null takes the value away. */
export interface StateWrite {
  readonly key: StateKey
  readonly value: Uint8Array | null
}

/** A record on its way to the log of another shard. */
export interface Sent {
  readonly shard: number
  readonly record: Uint8Array
}

/** Everything that becomes of some records of one part: all of it, or nothing. */
export interface PartCommit {
  readonly part: string
  /** Where the part was read from: the commit is refused when it is not there any more. */
  readonly from: string
  /** Where it is read from next. */
  readonly to: string
  readonly writes: readonly StateWrite[]
  readonly sends: readonly Sent[]
}

/** Derived state and the places of its readers. `project` alone writes it. */
export interface StateStore {
  /** True where a commit may write into any shard (LMDB): nothing then needs to be sent. */
  readonly seesAllShards: boolean
  /**
   * Says that this projector lives and answers the parts that are its own until the next call,
   * which comes at least every `claimEveryMs`. Parts of one that was silent for `claimLostMs` go to
   * the others. Two may think that a part is theirs for a moment: `commit` lets one of them
   * through.
   */
  claim(projector: string): Promise<readonly string[]>
  /** Where a reader of each part stands; `logStart` = it has read nothing. */
  positions(parts: readonly string[], reader: LogReader): Promise<readonly string[]>
  /** Values of these keys, in their order; null = there is none. One trip. */
  load(keys: readonly StateKey[]): Promise<readonly (Uint8Array | null)[]>
  /**
   * Writes each commit whole, and moves the place of `project`; by commit whether it was done.
   * False:
   * the part is elsewhere by now, or has not sent all that it had to. Durable when it resolves.
   * The commits are of different parts. One transaction (LMDB), one trip of one function each
   * (Redis).
   */
  commit(commits: readonly PartCommit[]): Promise<readonly boolean[]>
  /**
   * Appends what commits of these parts left to be sent, each at least once, and forgets it. A part
   * with unsent records is committed no further, so that what is sent stays in order. Answers the
   * parts that may have something left, because a server was away.
   */
  deliver(parts: readonly string[]): Promise<readonly string[]>
  /** Moves the place of `archive`. */
  advanceArchive(part: string, to: string): Promise<void>
  /** Every value of a table and day (every day where `day` is null), in no order, in portions. */
  scan(
    table: StateTable,
    day: number | null,
    visit: (key: StateKey, value: Uint8Array) => void,
  ): Promise<void>
  /**
   * Takes single values away outside of any part: notes that were archived, dead letters replayed.
   */
  remove(keys: readonly StateKey[]): Promise<void>
  /** Drops what a table has of days before this one. */
  dropBefore(table: StateTable, day: number): Promise<void>
  close(): Promise<void>
}

/** How often a projector says that it lives. */
export const claimEveryMs = 500

/** Silence after which its parts go to others: six missed calls, or a long stall of its loop. */
export const claimLostMs = 3_000

/** A store's side of feedback. */
export interface FeedbackStore {
  readonly log: EventLog
  readonly state: StateStore
  close(): Promise<void>
}
