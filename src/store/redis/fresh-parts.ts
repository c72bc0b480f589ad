/**
 * Which shards got records: who appends tells it on a channel, a projector listens. Messages may be
 * lost; so each part is named once a second whatever was heard.
 */
import { shardCount } from '../../lib/shard-count.ts'
import type { StoreMeter } from '../ports.ts'
import { freshChannel } from './feedback-keys.ts'
import type { RedisClient } from './redis-client.ts'
import type { RedisCommands } from './redis-commands.ts'
import { slotOfShard } from './shard-keys.ts'

/** One message for all appends of so long: at most 500 a second and process, whatever comes in. */
const tellEveryMs = 2
/** Every part is named at least this often. */
const roundMs = 1_000
/** A projector tells itself something this often, to see whether the channel still reaches it. */
const pingEveryMs = 1_000
/** Silence after which the connection of the channel is made anew. */
const deafAfterMs = 3_500

/** What it works with. */
export interface FreshPartsDeps {
  readonly commands: RedisCommands
  /** Makes the connection that listens. */
  readonly connect: () => RedisClient
  readonly meter: StoreMeter
  readonly monotonicMs: () => number
}

/** The names of all parts: the numbers of the shards. */
export const allParts: readonly string[] = Array.from({ length: shardCount }, (_, n) => String(n))

/** Tells and hears of new records. One a process. */
export class FreshParts {
  readonly #deps: FreshPartsDeps
  readonly #untold = new Set<number>()
  readonly #heard = new Set<string>()
  #timer: NodeJS.Timeout | null = null
  #listener: RedisClient | null = null
  #listeningSinceMs = 0
  #heardAtMs = 0
  #pingedAtMs = 0
  /** Parts are named in turn; where the turn is, and how far time had come then. */
  #turn = 0
  #turnedAtMs = Number.NEGATIVE_INFINITY

  constructor(deps: FreshPartsDeps) {
    this.#deps = deps
  }

  /** A shard got a record that readers can see. */
  appended(shard: number): void {
    this.#untold.add(shard)
    this.#timer ??= setTimeout(() => void this.tell(), tellEveryMs)
  }

  /** Tells what has not been told yet; resolves when the server has taken it, or cannot. */
  async tell(): Promise<void> {
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
    const shards = [...this.#untold]
    this.#untold.clear()
    const [first] = shards
    if (first !== undefined) await this.#publish(first, shards.join(' '))
  }

  /** What was heard of since the last call, and those parts whose turn it is. Begins to listen. */
  take(): string[] {
    const nowMs = this.#deps.monotonicMs()
    this.#keepListening(nowMs)
    const parts = new Set(this.#heard)
    this.#heard.clear()
    const sinceMs = Math.min(roundMs, nowMs - this.#turnedAtMs)
    const count = Math.floor((sinceMs / roundMs) * shardCount)
    for (let i = 0; i < count; i++) {
      parts.add(String(this.#turn))
      this.#turn = (this.#turn + 1) % shardCount
    }
    // What is left of a turn counts for the next call, however often it is asked.
    this.#turnedAtMs =
      count === shardCount ? nowMs : this.#turnedAtMs + (count * roundMs) / shardCount
    return [...parts]
  }

  /** Listens no more, tells no more. */
  close(): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#listener?.disconnect()
  }

  async #publish(shard: number, text: string): Promise<void> {
    const { commands } = this.#deps
    try {
      // Over the shard's own server, which has just taken an append; a Cluster tells the others.
      await commands.ask(slotOfShard(shard), ['PUBLISH', freshChannel, text], () => undefined)
    } catch {
      // Counted by the commands; the turns of all parts make it good.
    }
  }

  #keepListening(nowMs: number): void {
    if (nowMs - this.#pingedAtMs > pingEveryMs) {
      this.#pingedAtMs = nowMs
      void this.#publish(this.#turn, '')
    }
    const sinceMs = Math.max(this.#heardAtMs, this.#listeningSinceMs)
    if (this.#listener !== null && nowMs - sinceMs <= deafAfterMs) return
    if (this.#listener !== null) this.#deps.meter.error('redis-channel')
    this.#listener?.disconnect()
    this.#listener = this.#listen()
    this.#listeningSinceMs = nowMs
  }

  #listen(): RedisClient {
    const { connect, meter, monotonicMs } = this.#deps
    const client = connect()
    client.on('message', (_channel: string, text: string) => {
      this.#heardAtMs = monotonicMs()
      if (text === '') return
      for (const part of text.split(' ')) this.#heard.add(part)
    })
    client.subscribe(freshChannel).then(
      // Whatever was told before is not known.
      () => allParts.forEach((part) => this.#heard.add(part)),
      () => meter.error('redis-channel'),
    )
    return client
  }
}
