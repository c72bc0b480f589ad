/**
 * One pipelined connection to one Redis server for what is hot: reading values, moving whole
 * buckets, log and derived state. The rest goes through ioredis (docs/decisions/0003-redis-read-
 * path.md).
 */
import { connect as connectPlain, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { type Random, systemRandom } from '../../lib/random.ts'
import type { StoreMeter } from '../ports.ts'
import { CommandBuffer } from './command-buffer.ts'
import type { RedisEndpoint } from './redis-url.ts'
import { incomplete, notResp, parseReply, ReplyKind, RespReply } from './resp-parser.ts'

/** Takes the reply of one command; `tag` is the number given with the command. */
export interface ReplyHandler {
  reply(tag: number, reply: RespReply): void
  /** The connection broke, or was never there: no reply will come. */
  lost(tag: number): void
}

/** Commands in flight on one connection: 4 ids × 1 024 requests, with room for a fold's buckets. */
export const inFlightMax = 16_384
/** A connection whose oldest reply is this late is half open: it is closed and made anew. */
export const stuckAfterMs = 1_000
/** The largest reply is one of 512 records of the log, 16 KiB each: beyond this it is no Redis. */
const replyBytesMax = 9 * 1_024 * 1_024
const connectTimeoutMs = 1_000
/** Waits between attempts to connect; each is drawn from its upper half (`#lost`). */
const backoffMinMs = 20
const backoffMaxMs = 1_000

/** Sends the commands of a loop turn in one write and hands replies out in order. */
export class RespPipe {
  readonly endpoint: RedisEndpoint
  readonly #meter: StoreMeter
  readonly #random: Random
  readonly #out = new CommandBuffer()
  readonly #reply = new RespReply()
  readonly #handlers: (ReplyHandler | null)[] = []
  readonly #tags: number[] = []
  #head = 0
  #socket: Socket | null = null
  #ready = false
  #closed = false
  #rest: Buffer | null = null
  #flushing = false
  #backoffMs = backoffMinMs
  #lastProgress = 0
  #lookedAtMs = 0
  #progressed = true
  readonly #onReady = new Set<() => void>()
  #timer: NodeJS.Timeout | null = null

  constructor(endpoint: RedisEndpoint, meter: StoreMeter, random: Random = systemRandom) {
    this.endpoint = endpoint
    this.#meter = meter
    this.#random = random
    this.#connect()
  }

  get ready(): boolean {
    return this.#ready
  }

  /** Resolves when the connection can be used, false after `timeoutMs`. */
  whenReady(timeoutMs: number): Promise<boolean> {
    if (this.#ready) return Promise.resolve(true)
    return new Promise((resolve) => {
      const settle = (): void => {
        clearTimeout(timer)
        this.#onReady.delete(settle)
        resolve(this.#ready)
      }
      const timer = setTimeout(settle, Math.max(0, timeoutMs))
      this.#onReady.add(settle)
    })
  }

  /** Where the caller writes its command after `expect` said yes. */
  get out(): CommandBuffer {
    return this.#out
  }

  /** Announces a command; false when it cannot be sent now. Write it into `out` right after. */
  expect(handler: ReplyHandler, tag: number): boolean {
    if (!this.#ready || this.#handlers.length - this.#head >= inFlightMax) return false
    this.#handlers.push(handler)
    this.#tags.push(tag)
    if (!this.#flushing) {
      this.#flushing = true
      setImmediate(this.#flush)
    }
    return true
  }

  /** Closes for good; commands in flight are lost. */
  close(): void {
    this.#closed = true
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#socket?.destroy()
    this.#ready = false
    this.#fail()
    for (const settle of this.#onReady) settle()
  }

  /** Makes the connection anew: its server became a replica, the name may lead elsewhere now. */
  reconnect(): void {
    this.#socket?.destroy()
  }

  /** Called about ten times a second by the owner: closes a connection that stopped answering. */
  watch(nowMs: number): void {
    const sinceLookMs = nowMs - this.#lookedAtMs
    this.#lookedAtMs = nowMs
    // Our own loop stood still: replies may be waiting in the socket, so the clock starts again.
    if (sinceLookMs > stuckAfterMs / 2) this.#lastProgress = nowMs
    if (this.#progressed || this.#head === this.#handlers.length) {
      this.#progressed = false
      this.#lastProgress = nowMs
    } else if (nowMs - this.#lastProgress > stuckAfterMs) {
      this.#meter.error('redis-stuck')
      this.#lastProgress = nowMs
      this.#socket?.destroy()
    }
  }

  readonly #flush = (): void => {
    this.#flushing = false
    if (this.#out.length === 0) return
    const bytes = this.#out.take()
    if (this.#ready) this.#socket?.write(bytes)
  }

  #connect(): void {
    const { host, port, tls } = this.endpoint
    const socket = tls === null ? connectPlain({ host, port }) : connectTls({ host, port, ...tls })
    this.#socket = socket
    // `tls.connect` ignores the options: a held-back small write costs 40 ms.
    socket.setNoDelay(true).setKeepAlive(true)
    socket.setTimeout(connectTimeoutMs, () => {
      if (!this.#ready) socket.destroy()
    })
    socket.once(tls === null ? 'connect' : 'secureConnect', () => this.#handshake(socket))
    socket.on('data', (chunk: Buffer) => this.#receive(chunk))
    socket.on('error', () => this.#meter.error('redis-connection'))
    socket.once('close', () => this.#lost(socket))
  }

  #handshake(socket: Socket): void {
    const { username, password, database } = this.endpoint
    const words: string[][] = []
    if (password !== '')
      words.push(username === '' ? ['AUTH', password] : ['AUTH', username, password])
    if (database !== 0) words.push(['SELECT', String(database)])
    words.push(['PING'])
    const last = words.length - 1
    const handler: ReplyHandler = {
      reply: (tag, reply) => {
        if (reply.kind === ReplyKind.Error) {
          this.#meter.error('redis-auth')
          socket.destroy()
        } else if (tag === last) this.#becomeReady(socket)
      },
      lost: () => undefined,
    }
    for (const [tag, command] of words.entries()) {
      this.#handlers.push(handler)
      this.#tags.push(tag)
      socket.write(respText(command))
    }
  }

  #becomeReady(socket: Socket): void {
    // A refused AUTH has ended the connection, though a server with an open default user said PONG.
    if (socket.destroyed) return
    socket.setTimeout(0)
    this.#ready = true
    this.#backoffMs = backoffMinMs
    for (const settle of this.#onReady) settle()
  }

  #lost(socket: Socket): void {
    if (this.#socket !== socket) return
    this.#socket = null
    this.#ready = false
    this.#fail()
    if (this.#closed) return
    // Jitter: after a fail-over not all workers of all machines come back in one moment.
    const waitMs = this.#backoffMs * (0.5 + this.#random() / 2)
    this.#timer = setTimeout(() => this.#connect(), waitMs)
    this.#backoffMs = Math.min(backoffMaxMs, this.#backoffMs * 2)
  }

  #fail(): void {
    this.#rest = null
    this.#out.take()
    const handlers = this.#handlers.splice(0)
    const tags = this.#tags.splice(0)
    const head = this.#head
    this.#head = 0
    for (let i = head; i < handlers.length; i++) handlers[i]?.lost(tags[i] ?? 0)
  }

  #receive(chunk: Buffer): void {
    const bytes = this.#rest === null ? chunk : Buffer.concat([this.#rest, chunk])
    this.#rest = null
    let position = 0
    while (position < bytes.length) {
      const next = parseReply(bytes, position, bytes.length, this.#reply)
      if (next === incomplete) break
      if (next === notResp || this.#head === this.#handlers.length) {
        this.#meter.error('redis-protocol')
        this.#socket?.destroy()
        return
      }
      position = next
      this.#handOut()
    }
    if (position < bytes.length) this.#rest = bytes.subarray(position)
    if (bytes.length - position > replyBytesMax) {
      this.#meter.error('redis-protocol')
      this.#socket?.destroy()
      return
    }
    this.#compact()
  }

  #handOut(): void {
    const head = this.#head
    const handler = this.#handlers[head]
    this.#handlers[head] = null
    this.#head = head + 1
    handler?.reply(this.#tags[head] ?? 0, this.#reply)
  }

  /**
   * The queue is two arrays and a head; they are cut when empty or half of them is behind the head.
   */
  #compact(): void {
    this.#progressed = true
    if (this.#head === this.#handlers.length) {
      this.#handlers.length = 0
      this.#tags.length = 0
      this.#head = 0
    } else if (this.#head > 1_024 && this.#head * 2 > this.#handlers.length) {
      this.#handlers.splice(0, this.#head)
      this.#tags.splice(0, this.#head)
      this.#head = 0
    }
  }
}

/** A command in RESP form, from text. */
export function respText(words: readonly string[]): string {
  return `*${words.length}\r\n${words.map(respWord).join('')}`
}

/** One argument in RESP form. */
export function respWord(word: string): string {
  return `$${Buffer.byteLength(word)}\r\n${word}\r\n`
}
