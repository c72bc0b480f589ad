/**
 * Records of the event log that could not be projected: looked at, and sent through the log again.
 */
import type { FeedbackEvent } from '../feedback/event.ts'
import { eventOfRecord } from '../feedback/log-record.ts'
import { DeadReason } from '../feedback/project/note.ts'
import {
  type EventLog,
  type StateKey,
  type StateStore,
  StateTable,
} from '../store/feedback-ports.ts'

/** One dead letter. */
export interface DeadLetter {
  /** Names it: part of the log, and its place there. */
  readonly name: string
  /** Epoch day on which the log took it. */
  readonly day: number
  readonly reason: number
  /** In kebab-case: docs/errors.md. */
  readonly reasonName: string
  /** Bytes of the record. */
  readonly bytes: number
  /** The event in it; null when it cannot be read. */
  readonly event: FeedbackEvent | null
}

/** The newest dead letters, and how many there are. */
export interface DeadLetterList {
  readonly letters: readonly DeadLetter[]
  readonly total: number
}

/** What dead letters use of a feedback store. */
export interface DeadLetterStore {
  readonly log: Pick<EventLog, 'append'>
  readonly state: Pick<StateStore, 'scan' | 'load' | 'remove'>
}

/** Bytes before the record: the reason, u16 little endian. */
const reasonBytes = 2

const reasonNames: ReadonlyMap<number, string> = new Map(
  Object.entries(DeadReason).map(([name, reason]) => [reason, name.toLowerCase()]),
)

/** The dead letters of one store. */
export class DeadLetters {
  readonly #store: DeadLetterStore

  constructor(store: DeadLetterStore) {
    this.#store = store
  }

  /** The last `countMax` by day and place, newest first. */
  async list(countMax: number): Promise<DeadLetterList> {
    const keys = await this.#keys()
    const shown = keys.toSorted(byAge).slice(-countMax).toReversed()
    const values = await this.#store.state.load(shown)
    const letters = shown.flatMap((key, i) => {
      const value = values[i] ?? null
      return value === null ? [] : [letterOf(key, value)]
    })
    return { letters, total: keys.length }
  }

  /** Appends one to the log again and forgets it; false when there is none of this name. */
  async replay(name: string): Promise<boolean> {
    const key = (await this.#keys()).find((one) => one.name === name)
    return key !== undefined && (await this.#replay(key))
  }

  /** The same for all that there are now, oldest first; answers how many. `tell` hears of each. */
  async replayAll(tell: (done: number, of: number) => void = () => undefined): Promise<number> {
    const keys = (await this.#keys()).toSorted(byAge)
    let done = 0
    for (const key of keys) {
      // One that dies again has another name, so this ends.
      if (await this.#replay(key)) done++
      tell(done, keys.length)
    }
    return done
  }

  /** A crash between the two replays it twice, and ids make that harmless. */
  async #replay(key: StateKey): Promise<boolean> {
    const [value = null] = await this.#store.state.load([key])
    if (value === null) return false
    await this.#store.log.append(key.shard, value.slice(reasonBytes))
    await this.#store.state.remove([key])
    return true
  }

  async #keys(): Promise<StateKey[]> {
    const keys: StateKey[] = []
    await this.#store.state.scan(StateTable.Dead, null, (key) => keys.push({ ...key }))
    return keys
  }
}

function letterOf({ name, day }: StateKey, value: Uint8Array): DeadLetter {
  const reason = (value[0] ?? 0) | ((value[1] ?? 0) << 8)
  const record = value.subarray(reasonBytes)
  return {
    name,
    day,
    reason,
    reasonName: reasonNames.get(reason) ?? `reason-${reason}`,
    bytes: record.length,
    event: eventOfRecord(record),
  }
}

/** Places are numbers of different length: `w0.9` comes before `w0.10`. */
function byAge(a: StateKey, b: StateKey): number {
  return a.day - b.day || a.name.localeCompare(b.name, 'en', { numeric: true })
}
