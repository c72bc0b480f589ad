/** A feedback store in memory that can be made to fail at any step; for tests of its users. */
import type {
  EventLog,
  FeedbackStore,
  LogReader,
  LogRecord,
  PartCommit,
  Sent,
  StateKey,
  StateStore,
  StateTable,
  StateWrite,
} from '../../src/store/feedback-ports.ts'

/** Says which call fails: it is asked before anything is done, and again after it was done. */
export type Fails = (call: string, isDone: boolean) => boolean

interface Part {
  readonly records: LogRecord[]
  readonly outbox: Sent[]
  readonly places: Record<LogReader, string>
}

/** The fake. `seesAllShards` false: a part a shard, and what crosses them must be sent. */
export class MemoryFeedback implements FeedbackStore, EventLog, StateStore {
  readonly seesAllShards: boolean
  readonly values = new Map<string, { key: StateKey; value: Uint8Array }>()
  fails: Fails = () => false
  nowMs = 0
  readonly #parts = new Map<string, Part>()
  #sequence = 0

  constructor(seesAllShards: boolean) {
    this.seesAllShards = seesAllShards
  }

  get log(): EventLog {
    return this
  }

  get state(): StateStore {
    return this
  }

  append(shard: number, record: Uint8Array): Promise<void> {
    return this.#call('append', () => this.#append(this.seesAllShards ? 'w0' : `${shard}`, record))
  }

  parts(): Promise<readonly string[]> {
    return Promise.resolve([...this.#parts.keys()])
  }

  fresh(): readonly string[] {
    return [...this.#parts.keys()]
  }

  read(wanted: readonly { part: string; after: string }[], countMax: number) {
    return this.#call('read', () =>
      wanted.map(({ part, after }) => {
        const { records } = this.#part(part)
        const from = after === '' ? 0 : records.findIndex(({ at }) => at === after) + 1
        return records.slice(from, from + countMax)
      }),
    )
  }

  newest(part: string, countMax: number): Promise<readonly LogRecord[]> {
    return this.#call('newest', () => this.#part(part).records.slice(-countMax))
  }

  trim(part: string, upTo: string, beforeMs: number): Promise<number> {
    const { records } = this.#part(part)
    const last = records.findIndex(({ at }) => at === upTo)
    const old = records.slice(0, last + 1).filter(({ storedAtMs }) => storedAtMs < beforeMs)
    records.splice(0, old.length)
    return Promise.resolve(old.length)
  }

  problem(): string | null {
    return null
  }

  claim(): Promise<readonly string[]> {
    return this.parts()
  }

  positions(parts: readonly string[], reader: LogReader): Promise<readonly string[]> {
    return this.#call('positions', () => parts.map((part) => this.#part(part).places[reader]))
  }

  load(keys: readonly StateKey[]): Promise<readonly (Uint8Array | null)[]> {
    return this.#call('load', () => keys.map((key) => this.values.get(textOf(key))?.value ?? null))
  }

  commit(commits: readonly PartCommit[]): Promise<readonly boolean[]> {
    return this.#call('commit', () => commits.map((commit) => this.#commit(commit)))
  }

  deliver(parts: readonly string[]): Promise<readonly string[]> {
    return this.#call('deliver', () => {
      for (const part of parts) {
        const { outbox } = this.#part(part)
        for (const { shard, record } of outbox) {
          this.#append(`${shard}`, record)
          // A crash between two records: what was appended is appended again.
          if (this.fails('deliver-one', true)) throw new Error('deliver broke off')
        }
        outbox.length = 0
      }
      return []
    })
  }

  advanceArchive(part: string, to: string): Promise<void> {
    return this.#call('advanceArchive', () => {
      this.#part(part).places.archive = to
    })
  }

  scan(
    table: StateTable,
    day: number | null,
    visit: (key: StateKey, value: Uint8Array) => void,
  ): Promise<void> {
    for (const { key, value } of this.values.values()) {
      if (key.table === table && (day === null || key.day === day)) visit(key, value)
    }
    return Promise.resolve()
  }

  remove(keys: readonly StateKey[]): Promise<void> {
    return this.#call('remove', () => {
      for (const key of keys) this.values.delete(textOf(key))
    })
  }

  dropBefore(table: StateTable, day: number): Promise<void> {
    for (const [text, { key }] of this.values) {
      if (key.table === table && key.day !== 0 && key.day < day) this.values.delete(text)
    }
    return Promise.resolve()
  }

  close(): Promise<void> {
    return Promise.resolve()
  }

  #commit({ part, from, to, writes, sends }: PartCommit): boolean {
    const own = this.#part(part)
    if (own.places.project !== from || own.outbox.length > 0) return false
    if (this.seesAllShards && sends.length > 0) throw new RangeError('nothing is sent here')
    for (const write of writes) this.#write(write, part)
    own.outbox.push(...sends)
    own.places.project = to
    return true
  }

  #write({ key, value }: StateWrite, part: string): void {
    if (!this.seesAllShards && `${key.shard}` !== part) throw new RangeError('of another shard')
    if (value === null) this.values.delete(textOf(key))
    else this.values.set(textOf(key), { key, value: value.slice() })
  }

  #append(name: string, bytes: Uint8Array): void {
    this.#sequence++
    const at = `${this.#sequence}`
    this.#part(name).records.push({ at, storedAtMs: this.nowMs, bytes: bytes.slice() })
  }

  #part(name: string): Part {
    let part = this.#parts.get(name)
    if (part === undefined) {
      part = { records: [], outbox: [], places: { project: '', archive: '' } }
      this.#parts.set(name, part)
    }
    return part
  }

  #call<T>(call: string, run: () => T): Promise<T> {
    if (this.fails(call, false)) return Promise.reject(new Error(`${call} failed`))
    try {
      const answer = run()
      return this.fails(call, true)
        ? Promise.reject(new Error(`${call} lost`))
        : Promise.resolve(answer)
    } catch (error) {
      return Promise.reject(error instanceof Error ? error : new Error(String(error)))
    }
  }
}

function textOf({ table, shard, day, name }: StateKey): string {
  return `${table}${shard}.${day}.${name}`
}
