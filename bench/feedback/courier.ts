/**
 * Delivers requests until each is acknowledged: a sender that tries again after a refusal, a lost
 * connection or a server that was killed, as exchanges and shops do.
 */
import { systemClock } from '../../src/lib/clock.ts'
import { Connection } from '../load/connection.ts'
import type { ResponseParser } from '../load/response-parser.ts'

/** What an answer means to the sender. */
export type Delivery = 'done' | 'again' | 'wrong'

/** How a courier works. */
export interface CourierSettings {
  readonly port: number
  readonly connections: number
  /** Requests a second at most; null = as fast as they are taken. */
  readonly perSecond: number | null
  readonly read: (answer: ResponseParser) => Delivery
}

/** What has happened so far. */
export interface CourierCounts {
  /** Acknowledged, each request once. */
  done: number
  /** Refused for now, and lost with their connection: sent again. */
  refused: number
  lost: number
  /** Answers that no request may get; such requests are given up. */
  wrong: number
}

/** Milliseconds before a refused request is sent again. */
const againMs = 25

/** Milliseconds between looks at the pace. */
const paceMs = 2

/** One sender. */
export class Courier {
  readonly counts: CourierCounts = { done: 0, refused: 0, lost: 0, wrong: 0 }
  readonly #settings: CourierSettings
  readonly #connections: Connection[] = []
  readonly #idle: Connection[] = []
  readonly #carried = new Map<Connection, Buffer>()
  readonly #again: Buffer[] = []
  #source: Iterator<Buffer> = [][Symbol.iterator]()
  #hasMore = false
  #resting = 0
  #sent = 0
  #startMs = 0
  #timer: NodeJS.Timeout | null = null
  #finish: () => void = () => undefined

  constructor(settings: CourierSettings) {
    this.#settings = settings
    for (let i = 0; i < settings.connections; i++) {
      const connection = new Connection(
        '127.0.0.1',
        settings.port,
        (answered) => this.#answered(answered),
        (lost) => this.#lost(lost),
      )
      this.#connections.push(connection)
      connection.reopen(() => this.#ready(connection))
    }
  }

  /** Resolves when every one of them was acknowledged (or wrong). One delivery at a time. */
  deliver(wires: Iterable<Buffer>): Promise<void> {
    this.#source = wires[Symbol.iterator]()
    this.#hasMore = true
    this.#sent = 0
    this.#startMs = systemClock.monotonicMs()
    return new Promise((resolve) => {
      this.#finish = resolve
      this.#pump()
    })
  }

  close(): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
    for (const connection of this.#connections) connection.close()
  }

  #ready(connection: Connection): void {
    this.#idle.push(connection)
    this.#pump()
  }

  #pump(): void {
    while (this.#idle.length > 0) {
      if (this.#isAhead()) {
        this.#pumpLater()
        return
      }
      const wire = this.#next()
      if (wire === null) break
      const connection = this.#idle.pop() as Connection
      this.#carried.set(connection, wire)
      this.#sent++
      connection.send(wire)
    }
    const isEmpty = this.#carried.size + this.#again.length + this.#resting === 0
    if (!this.#hasMore && isEmpty) this.#finish()
  }

  #pumpLater(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = null
      this.#pump()
    }, paceMs)
  }

  #isAhead(): boolean {
    const { perSecond } = this.#settings
    if (perSecond === null) return false
    const seconds = (systemClock.monotonicMs() - this.#startMs) / 1_000
    return this.#sent > seconds * perSecond
  }

  #next(): Buffer | null {
    const again = this.#again.pop()
    if (again !== undefined) return again
    if (!this.#hasMore) return null
    const next = this.#source.next()
    if (next.done !== true) return next.value
    this.#hasMore = false
    return null
  }

  #answered(connection: Connection): void {
    const wire = this.#carried.get(connection)
    this.#carried.delete(connection)
    const delivery = this.#settings.read(connection.parser)
    if (delivery === 'done') this.counts.done++
    else if (delivery === 'wrong') this.counts.wrong++
    else if (wire !== undefined) this.#rest(wire)
    if (connection.usable) this.#ready(connection)
  }

  #rest(wire: Buffer): void {
    this.counts.refused++
    this.#resting++
    setTimeout(() => {
      this.#resting--
      this.#again.push(wire)
      this.#pump()
    }, againMs)
  }

  #lost(connection: Connection): void {
    const wire = this.#carried.get(connection)
    this.#carried.delete(connection)
    const at = this.#idle.indexOf(connection)
    if (at >= 0) this.#idle.splice(at, 1)
    if (wire !== undefined) {
      this.counts.lost++
      this.#again.push(wire)
    }
    connection.reopen(() => this.#ready(connection))
  }
}

/** Reads answers of notices and pixels. */
export function readNotice({ status }: ResponseParser): Delivery {
  if (status === 503) return 'again'
  return status === 200 || status === 204 ? 'done' : 'wrong'
}

/** Reads answers of `POST /events`: done when every event of the body is in the log. */
export function readEvents({ status, body, from, to }: ResponseParser): Delivery {
  if (status === 503) return 'again'
  if (status !== 202) return 'wrong'
  const text = Buffer.from(body.buffer, body.byteOffset + from, to - from).toString('latin1')
  if (text.includes('"status":"rejected"')) return 'wrong'
  return text.includes('"status":"unavailable"') ? 'again' : 'done'
}
