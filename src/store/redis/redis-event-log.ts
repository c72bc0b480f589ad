/** The event log in Redis: a stream a shard. It is as durable as the server's `appendfsync`. */
import {
  appendsWaitingMax,
  type EventLog,
  type LogRecord,
  logRecordBytesMax,
  logStart,
} from '../feedback-ports.ts'
import { StoreError } from '../store-error.ts'
import { eventsKey } from './feedback-keys.ts'
import { allParts, type FreshParts } from './fresh-parts.ts'
import type { ReadCounts } from './read-counts.ts'
import type { RedisCommands, Word } from './redis-commands.ts'
import { answeredOr } from './redis-outcomes.ts'
import { RespCursor } from './resp-cursor.ts'
import { ReplyKind, type RespReply } from './resp-parser.ts'
import { slotOfShard } from './shard-keys.ts'

/**
 * Records of one read of a part: as many of the longest fit into a reply (`replyBytesMax` of the
 * pipe).
 */
const readCountMax = 512
/** How long after a refusal `problem` tells of it when nothing was appended since. */
const refusalKnownMs = 1_000

/** What it works with. */
export interface RedisLogDeps {
  /**
   * Reads and writes of the projector go over one connection: in a fail-over two may lead to two
   * servers, and what was read of the one must not be committed to the other.
   */
  readonly commands: RedisCommands
  /** For people's questions, which must not hold up the others. */
  readonly aside: RedisCommands
  readonly fresh: FreshParts
  readonly counts: ReadCounts
  readonly monotonicMs: () => number
}

/** `EventLog` on one Redis or Cluster. A record's place is its id in the stream. */
export class RedisEventLog implements EventLog {
  readonly #deps: RedisLogDeps
  #waiting = 0
  #closed = false
  #refusal: { readonly text: string; readonly atMs: number } | null = null
  #onIdle: (() => void) | null = null

  constructor(deps: RedisLogDeps) {
    this.#deps = deps
  }

  append(shard: number, record: Uint8Array): Promise<void> {
    if (record.length > logRecordBytesMax) {
      return Promise.reject(new RangeError(`a record has at most ${logRecordBytesMax} bytes`))
    }
    if (this.#closed) {
      return Promise.reject(new StoreError('SLUICE_STORE_LOG_DOWN', 'the log is closed'))
    }
    if (this.#waiting >= appendsWaitingMax) {
      const text = `${appendsWaitingMax} events wait for the log already`
      return Promise.reject(new StoreError('SLUICE_STORE_LOG_BUSY', text))
    }
    this.#waiting++
    return new Promise((resolve, reject) => {
      const settle = (error: StoreError | null): void => {
        this.#settled(shard, error)
        if (error === null) resolve()
        else reject(error)
      }
      this.#deps.commands.send({
        slot: slotOfShard(shard),
        words: ['XADD', eventsKey(shard), '*', 'e', record],
        take: () => settle(null),
        fail: (error) => settle(logError(error)),
      })
    })
  }

  parts(): Promise<readonly string[]> {
    return Promise.resolve(allParts)
  }

  fresh(): readonly string[] {
    return this.#deps.fresh.take()
  }

  async read(
    wanted: readonly { readonly part: string; readonly after: string }[],
    countMax: number,
  ): Promise<readonly (readonly LogRecord[])[]> {
    const count = String(Math.min(countMax, readCountMax))
    const outcomes = await this.#deps.commands.askAll(
      wanted.map(({ part, after }) => {
        const from = after === logStart ? '-' : `(${after}`
        return toPart(part, ['XRANGE', eventsKey(part), from, '+', 'COUNT', count])
      }),
      recordsFrom,
    )
    // In a Cluster one server may be away: what the others have is read meanwhile.
    const read = answeredOr<readonly LogRecord[]>(outcomes, [])
    for (const [i, { part, after }] of wanted.entries()) {
      const records = read[i] ?? []
      this.#deps.counts.note({ part, after, to: records.at(-1)?.at ?? '', count: records.length })
    }
    return read
  }

  async newest(part: string, countMax: number): Promise<readonly LogRecord[]> {
    const count = String(Math.min(countMax, readCountMax))
    const words = ['XREVRANGE', eventsKey(part), '+', '-', 'COUNT', count]
    const records = await this.#deps.aside.ask(...toPart(part, words), recordsFrom)
    return records.reverse()
  }

  async trim(part: string, upTo: string, beforeMs: number): Promise<number> {
    if (upTo === logStart) return 0
    const { atMs, nth } = placeOf(upTo)
    // What is kept begins behind `upTo`, or with the first that is young enough.
    const least = atMs < beforeMs ? `${atMs}-${nth + 1}` : `${Math.ceil(beforeMs)}-0`
    const words = ['XTRIM', eventsKey(part), 'MINID', '=', least]
    return await this.#deps.commands.ask(...toPart(part, words), (reply) => Number(reply.text()))
  }

  problem(): string | null {
    if (!this.#deps.commands.nodes.ready) return 'redis is not connected'
    const refusal = this.#refusal
    if (refusal === null) return null
    return this.#deps.monotonicMs() - refusal.atMs < refusalKnownMs ? refusal.text : null
  }

  /** Waits for the appends under way, each of which has its limit, and tells of them. */
  async close(): Promise<void> {
    this.#closed = true
    if (this.#waiting > 0) await new Promise<void>((resolve) => (this.#onIdle = resolve))
    await this.#deps.fresh.tell()
  }

  #settled(shard: number, error: StoreError | null): void {
    this.#waiting--
    if (error === null) {
      this.#refusal = null
      this.#deps.fresh.appended(shard)
    } else this.#refusal = { text: error.message, atMs: this.#deps.monotonicMs() }
    if (this.#waiting === 0) this.#onIdle?.()
  }
}

function toPart(part: string, words: readonly Word[]): [slot: number, words: readonly Word[]] {
  return [slotOfShard(Number(part)), words]
}

/** No answer, or one that says: no space, or not here. */
function logError(error: StoreError): StoreError {
  const isFull = /: (?:OOM|MISCONF)|No space left/.test(error.message)
  const code = isFull ? 'SLUICE_STORE_LOG_FULL' : 'SLUICE_STORE_LOG_DOWN'
  return new StoreError(code, error.message, { cause: error })
}

/** An id of a stream is `milliseconds-number`, by the server's clock. */
function placeOf(id: string): { atMs: number; nth: number } {
  const [atMs, nth] = id.split('-')
  return { atMs: Number(atMs), nth: Number(nth) }
}

/** Each entry is `[id, [field, value]]`. */
function recordsFrom(reply: RespReply): LogRecord[] {
  const records: LogRecord[] = []
  if (reply.kind !== ReplyKind.Tree) return records
  const cursor = new RespCursor(reply)
  for (let left = cursor.array(); left > 0; left--) {
    cursor.array()
    const at = cursor.text()
    const words = cursor.array()
    cursor.bulk()
    const bytes = cursor.bulk()
    // What has more fields is none of ours; it is passed on as far as it can be.
    for (let more = words - 2; more > 0; more--) cursor.bulk()
    records.push({ at, storedAtMs: placeOf(at).atMs, bytes })
  }
  return records
}
