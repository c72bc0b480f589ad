/**
 * Reads the log, makes derived state of it, and commits both together. Everything that it does is
 * decided by records and state alone, so that a batch that is done again comes out the same.
 */
import type { Clock } from '../../lib/clock.ts'
import type {
  EventLog,
  LogRecord,
  PartCommit,
  Sent,
  StateKey,
  StateStore,
} from '../../store/feedback-ports.ts'
import type { FeedbackEvent } from '../event.ts'
import { dayOf } from '../event-home.ts'
import { eventOfRecord } from '../log-record.ts'
import { eventKeys, eventStep } from './event-step.ts'
import { isForgotten } from './keep.ts'
import { type Message, messageOfRecord, messageRecord } from './message.ts'
import { messageKeys, messageStep } from './message-step.ts'
import { DeadReason, deadKey, encodeDead, encodeNote, NoteStatus, noteKey } from './note.ts'
import { loadInto, StateView } from './state-view.ts'
import { isOurs, type ProjectSettings, type StepContext } from './step-context.ts'

/** What the projector tells of its work. */
export interface ProjectMeter {
  /** A commit of so many records, the oldest of which was stored so long ago. */
  committed(records: number, lagMs: number): void
  /** What became of a record that was not simply counted. */
  noted(status: NoteStatus, flags: readonly number[]): void
  /** A commit was refused: another projector was faster, or something is still to be sent. */
  refused(): void
}

/** What the projector works with. */
export interface ProjectorDeps {
  readonly log: Pick<EventLog, 'fresh' | 'read'>
  readonly state: StateStore
  readonly settings: ProjectSettings
  readonly clock: Clock
  readonly meter: ProjectMeter
  /** A record that we failed on: a fault of ours. */
  readonly onFailed: (error: unknown) => void
}

/**
 * Records of one part in a commit. 512 events are 15 to 25 ms of work: what comes next is not later
 * than that, and a flush is shared by many.
 */
export const batchRecordsMax = 512

/** Records of all parts of one round: a worker that was away must not fill the memory. */
export const roundRecordsMax = 8_192

/**
 * Times that messages of a batch may lead to messages to itself: Seek or Click, Found, Touch. More
 * would be a loop.
 */
const hopsMax = 8

type Item =
  | { readonly kind: 'event'; readonly at: LogRecord; readonly event: FeedbackEvent }
  | { readonly kind: 'message'; readonly at: LogRecord; readonly message: Message }
  | { readonly kind: 'dead'; readonly at: LogRecord }

/** One part's records on their way to a commit. */
interface Work {
  readonly part: string
  readonly from: string
  readonly to: string
  readonly shard: number | null
  readonly records: readonly LogRecord[]
  /** As many as were asked for: there may be more. */
  readonly isFull: boolean
  readonly view: StateView
  readonly sends: Sent[]
  items: Item[]
  next: Item[]
}

/** Projects parts of the log. One a process; one `round` at a time. */
export class Projector {
  readonly #deps: ProjectorDeps
  /** Where each of our parts is read from; a part that is not here is asked for. */
  readonly #places = new Map<string, string>()
  /** Parts whose last read was full, or failed: there is more. */
  readonly #behind = new Set<string>()
  #owned: ReadonlySet<string> = new Set()

  constructor(deps: ProjectorDeps) {
    this.#deps = deps
  }

  /** Parts that are ours now. */
  get parts(): readonly string[] {
    return [...this.#owned]
  }

  /** Parts that are ours from now on; places of others are forgotten. */
  own(parts: readonly string[]): void {
    this.#owned = new Set(parts)
    for (const part of this.#places.keys()) if (!this.#owned.has(part)) this.#forget(part)
    for (const part of parts) if (!this.#places.has(part)) this.#behind.add(part)
  }

  /**
   * Reads what is new, projects and commits it; answers the records committed. Rejects when the
   * store does not answer: nothing is lost, the next round does it again.
   */
  async round(): Promise<number> {
    const { log, state, meter, clock } = this.#deps
    const parts = this.#due()
    if (parts.length === 0) return 0
    await this.#place(parts)
    const wanted = parts.flatMap((part) => {
      const after = this.#places.get(part)
      return after === undefined ? [] : [{ part, after }]
    })
    if (wanted.length === 0) return 0
    const countMax = Math.min(batchRecordsMax, Math.ceil(roundRecordsMax / wanted.length))
    const read = await log.read(wanted, countMax)
    const works: Work[] = []
    for (const [i, { part, after }] of wanted.entries()) {
      const records = read[i] ?? []
      // Again at the end of the line: parts take turns.
      this.#behind.delete(part)
      const isFull = records.length >= countMax
      if (isFull) this.#behind.add(part)
      if (records.length > 0) works.push(this.#workOf({ part, from: after, records, isFull }))
    }
    let done = 0
    for (const together of state.seesAllShards ? works.map((work) => [work]) : [works]) {
      if (together.length > 0) done += await this.#project(together)
    }
    if (done > 0) meter.committed(done, this.#lagOf(works, clock.wallMs()))
    return done
  }

  /**
   * Takes away the state of devices that nobody asks for any more: looked at again inside a commit,
   * so that one that has come back meanwhile stays. Answers how many went.
   */
  async forget(devices: readonly StateKey[]): Promise<number> {
    const { state, clock } = this.#deps
    const byPart = new Map<string, StateKey[]>()
    const [anyPart] = this.#owned
    for (const key of devices) {
      const part = state.seesAllShards ? anyPart : `${key.shard}`
      if (part === undefined || !this.#owned.has(part)) continue
      byPart.set(part, [...(byPart.get(part) ?? []), key])
    }
    await this.#place([...byPart.keys()])
    const commits: PartCommit[] = []
    const values = await state.load([...byPart.values()].flat())
    let at = 0
    for (const [part, keys] of byPart) {
      const gone = keys.filter(() => {
        const value = values[at++] ?? null
        return value !== null && isForgotten(value, clock.wallMs())
      })
      const place = this.#places.get(part) ?? ''
      const writes = gone.map((key) => ({ key, value: null }))
      commits.push({ part, from: place, to: place, writes, sends: [] })
    }
    const done = await this.#tryCommit(commits)
    return commits.reduce((sum, { writes }, i) => sum + (done[i] === true ? writes.length : 0), 0)
  }

  /** Parts to be read now: those of ours that got records, or of which there is more. */
  #due(): string[] {
    const due = new Set(this.#behind)
    for (const part of this.#deps.log.fresh()) if (this.#owned.has(part)) due.add(part)
    const parts = [...due]
    const room = Math.ceil(roundRecordsMax / batchRecordsMax) * partsShare
    // Nobody names those again soon that have no room now: they come first the next time.
    for (const part of parts.slice(room)) this.#behind.add(part)
    return parts.slice(0, room)
  }

  /** Asks for the places that are not known, and first of all sends what is left to be sent. */
  async #place(parts: readonly string[]): Promise<void> {
    const { state } = this.#deps
    const unknown = parts.filter((part) => !this.#places.has(part))
    if (unknown.length === 0) return
    const left = new Set(await state.deliver(unknown))
    const places = await state.positions(unknown, 'project')
    for (const [i, part] of unknown.entries()) {
      // Looked at again in the next round: nobody names a part for what it has to send.
      if (left.has(part)) this.#behind.add(part)
      else this.#places.set(part, places[i] ?? '')
    }
  }

  #workOf(read: Pick<Work, 'part' | 'from' | 'records' | 'isFull'>): Work {
    const { part, from, records } = read
    const shard = this.#deps.state.seesAllShards ? null : Number(part)
    const to = records[records.length - 1]?.at ?? from
    const items = records.map(itemOf)
    return { ...read, to, shard, view: new StateView(), sends: [], items, next: [] }
  }

  async #project(works: readonly Work[]): Promise<number> {
    const { state } = this.#deps
    for (let hop = 0; works.some(({ items }) => items.length > 0); hop++) {
      if (hop > hopsMax) throw new RangeError('messages of a batch never end')
      await loadInto(
        state,
        works.map((work) => ({ view: work.view, keys: keysOf(work) })),
      )
      for (const work of works) this.#steps(work)
    }
    return this.#commit(works)
  }

  #steps(work: Work): void {
    for (const item of work.items) this.#step(work, item)
    work.items = work.next
    work.next = []
  }

  #step(work: Work, item: Item): void {
    const { part, view } = work
    const { at } = item.at
    const { meter, settings, onFailed } = this.#deps
    const note = (status: NoteStatus, flags: readonly number[]): void => {
      meter.noted(status, flags)
      view.put(noteKey(part, at), encodeNote(status, flags))
    }
    const tell = (shard: number, message: Message): void => {
      if (isOurs(work, shard)) work.next.push({ kind: 'message', at: item.at, message })
      else work.sends.push({ shard, record: messageRecord(message) })
    }
    const context: StepContext = { view, shard: work.shard, settings, tell, note }
    const bury = (reason: DeadReason): void => {
      const day = Math.max(1, dayOf(item.at.storedAtMs))
      view.put(deadKey(part, at, day), encodeDead(reason, item.at.bytes))
      note(NoteStatus.Dead, [])
    }
    if (item.kind === 'dead') {
      bury(DeadReason.Unreadable)
      return
    }
    const mark = view.mark()
    const { length: sent } = work.sends
    const { length: told } = work.next
    try {
      if (item.kind === 'event') eventStep(item.event, context)
      else messageStep(item.message, context)
    } catch (error) {
      // Nothing of a record that failed half way may stay.
      view.undo(mark)
      work.sends.length = sent
      work.next.length = told
      bury(DeadReason.Failed)
      onFailed(error)
    }
  }

  async #commit(works: readonly Work[]): Promise<number> {
    const { state, meter } = this.#deps
    const commits: PartCommit[] = works.map(({ part, from, to, view, sends }) => {
      return { part, from, to, writes: view.writes(), sends }
    })
    const results = await this.#tryCommit(commits)
    const sending: string[] = []
    let done = 0
    for (const [i, work] of works.entries()) {
      if (results[i] !== true) {
        meter.refused()
        this.#forget(work.part)
        this.#behind.add(work.part)
        continue
      }
      done += work.records.length
      this.#places.set(work.part, work.to)
      if (work.sends.length > 0) sending.push(work.part)
    }
    if (sending.length > 0) {
      // Until it is sent its parts take no further commit; a failure is made good by `#place`.
      for (const part of sending) {
        this.#places.delete(part)
        this.#behind.add(part)
      }
      const left = new Set(await state.deliver(sending))
      for (const { part, to, isFull } of works) {
        if (!sending.includes(part) || left.has(part)) continue
        this.#places.set(part, to)
        if (!isFull) this.#behind.delete(part)
      }
    }
    return done
  }

  /** What a commit that failed has done is not known: the places are asked for again. */
  async #tryCommit(commits: readonly PartCommit[]): Promise<readonly boolean[]> {
    try {
      return await this.#deps.state.commit(commits)
    } catch (error) {
      for (const { part } of commits) {
        this.#forget(part)
        this.#behind.add(part)
      }
      throw error
    }
  }

  #forget(part: string): void {
    this.#places.delete(part)
    if (!this.#owned.has(part)) this.#behind.delete(part)
  }

  #lagOf(works: readonly Work[], nowMs: number): number {
    let lagMs = 0
    for (const { records } of works) {
      lagMs = Math.max(lagMs, nowMs - (records[0]?.storedAtMs ?? nowMs))
    }
    return lagMs
  }
}

/** Most parts have a few records: so many may be read at once and still stay within the memory. */
const partsShare = 16

function itemOf(record: LogRecord): Item {
  const event = eventOfRecord(record.bytes)
  if (event !== null && canBeNamed(event)) return { kind: 'event', at: record, event }
  const message = messageOfRecord(record.bytes)
  if (message !== null && message.name.length <= messageNameMax && message.day <= dayMax) {
    return { kind: 'message', at: record, message }
  }
  return { kind: 'dead', at: record }
}

/** Ids have 22 characters; with what names of state add to them they stay inside `stateNameMax`. */
const idMax = 40
const decisionIdMax = 16
const messageNameMax = 62
/** Days are two bytes of a key: until 2149. */
const dayMax = 65_535

/**
 * False for an event that no build of ours has written: a key that no store takes would stop its
 * part for ever.
 */
function canBeNamed({ id, decisionId, eventTimeMs, decidedAtMs }: FeedbackEvent): boolean {
  if (id.length > idMax || decisionId.length > decisionIdMax) return false
  return dayOf(Math.max(eventTimeMs, decidedAtMs)) < dayMax
}

function keysOf(work: Work): StateKey[] {
  return work.items.flatMap((item) => {
    if (item.kind === 'event') return eventKeys(item.event, work)
    return item.kind === 'message' ? messageKeys(item.message, work) : []
  })
}
