/** The load generator: raw sockets, keep-alive, no pipelining, closed or open loop. */

import { answerReaders } from './answer-readers.ts'
import { type ArrivalKind, type Arrivals, arrivals } from './arrivals.ts'
import { Connection } from './connection.ts'
import { LoadRecord, type LoadReport, monotonicMs } from './load-record.ts'
import { type PreparedRequest, readRequestFile, requestSet } from './request-file.ts'

/** One run of load against one server. */
export interface LoadJob {
  readonly host: string
  readonly port: number
  /** GET: the bodies of the request file are paths. POST when absent. */
  readonly method?: 'GET' | 'POST'
  readonly path: string
  readonly contentType: string
  /** Further lines of the head, such as `Accept-Encoding: gzip`. */
  readonly headers?: readonly string[]
  /** A file of `writeRequestFile`. */
  readonly requestFile: string
  readonly connections: number
  readonly seconds: number
  /** Load before the record starts. */
  readonly warmupSeconds: number
  /** Requests a second in an open loop; null = closed loop, as fast as the answers come. */
  readonly perSecond: number | null
  readonly arrivals: ArrivalKind
  readonly seed: number
  /** Name of the reader in answer-readers.ts. */
  readonly answers: string
  /**
   * Milliseconds a request waits for a free connection before it is given up unsent, as a medium
   * does whose time is over; null = it waits for ever and its wait is part of its latency.
   */
  readonly patienceMs: number | null
  /**
   * True: sleeps a millisecond between sends at any rate, where its core is needed by what it
   * loads.
   */
  readonly isGentle?: boolean
}

/** Requests that may wait in the generator; beyond it they count as never offered. */
const waitingMax = 1 << 20

/**
 * Up to this rate the generator sleeps between its sends, a millisecond at a time: a prober must
 * not take a core from what it probes. Its own lateness is in `latency`, not in `service`.
 */
const gentlePerSecondMax = 500

/** Milliseconds that answers still under way at the end of the schedule are waited for. */
const drainMs = 2_000

/** Runs a job in this process. `phases.current` (0, 1, 2) may be moved on while it runs. */
export async function runLoad(
  job: LoadJob,
  phases: { current: number } = { current: 0 },
): Promise<LoadReport> {
  const generator = new Generator(job, phases)
  return generator.run()
}

/** Intended times of requests that wait for a connection; a fixed ring. */
class WaitingRing {
  readonly #times = new Float64Array(waitingMax)
  #head = 0
  length = 0

  push(intendedMs: number): boolean {
    if (this.length === waitingMax) return false
    this.#times[(this.#head + this.length) & (waitingMax - 1)] = intendedMs
    this.length++
    return true
  }

  shift(): number {
    const time = this.#times[this.#head] as number
    this.#head = (this.#head + 1) & (waitingMax - 1)
    this.length--
    return time
  }
}

class Generator {
  readonly #job: LoadJob
  readonly #record: LoadRecord
  readonly #connections: Connection[] = []
  readonly #idle: Connection[] = []
  readonly #waiting = new WaitingRing()
  readonly #wires: readonly Buffer[]
  readonly #requests: readonly PreparedRequest[]
  readonly #schedule: Arrivals | null
  #nextRequest = 0
  #inFlight = 0
  #startMs = 0
  #nextAtMs = 0
  #sending = true

  constructor(job: LoadJob, phases: { current: number }) {
    this.#job = job
    const newReader = answerReaders[job.answers]
    if (newReader === undefined) throw new Error(`no answer reader is called ${job.answers}`)
    this.#record = new LoadRecord(newReader(), phases)
    this.#requests = readRequestFile(job.requestFile)
    const set = requestSet(this.#requests, {
      host: `${job.host}:${job.port}`,
      method: job.method ?? 'POST',
      path: job.path,
      contentType: job.contentType,
      headers: job.headers ?? [],
    })
    if (set.wires.length === 0) throw new Error('the request file is empty')
    this.#wires = set.wires
    this.#nextRequest = job.seed % set.wires.length
    this.#schedule = job.perSecond === null ? null : arrivals(job.arrivals, job.perSecond, job.seed)
  }

  async run(): Promise<LoadReport> {
    await this.#connect()
    const { warmupSeconds, seconds } = this.#job
    this.#startMs = monotonicMs()
    this.#nextAtMs = this.#startMs + (this.#schedule?.next() ?? 0)
    const recordFromMs = this.#startMs + warmupSeconds * 1_000
    const untilMs = recordFromMs + seconds * 1_000
    this.#record.start(recordFromMs, untilMs)
    if (this.#schedule === null) this.#fill()
    await this.#turn(untilMs)
    for (const connection of this.#connections) connection.close()
    return this.#record.report(this.#job.perSecond, this.#waiting.length + this.#inFlight)
  }

  async #connect(): Promise<void> {
    const { host, port, connections } = this.#job
    const opened: Promise<void>[] = []
    for (let i = 0; i < connections; i++) {
      const connection = new Connection(
        host,
        port,
        (answered) => this.#answered(answered),
        (lost, wasBusy) => this.#lost(lost, wasBusy),
      )
      this.#connections.push(connection)
      this.#idle.push(connection)
      opened.push(connection.open())
    }
    await Promise.all(opened)
  }

  /** The loop: open loop turns at every event-loop tick, closed loop only looks for its end. */
  #turn(untilMs: number): Promise<void> {
    const isOpen = this.#schedule !== null
    const { perSecond, isGentle: wantsGentle = false } = this.#job
    const isGentle = isOpen && (wantsGentle || (perSecond ?? 0) <= gentlePerSecondMax)
    return new Promise((resolve) => {
      const step = (): void => {
        const now = monotonicMs()
        if (isOpen && this.#sending) this.#dispatch(Math.min(now, untilMs))
        if (now >= untilMs) this.#sending = false
        const drained = this.#inFlight === 0 && this.#waiting.length === 0
        if (!this.#sending && (drained || now >= untilMs + drainMs)) resolve()
        else if (isOpen && this.#sending && !isGentle) setImmediate(step)
        else setTimeout(step, isGentle ? 1 : 5)
      }
      step()
    })
  }

  #fill(): void {
    while (this.#idle.length > 0) this.#send(this.#idle.pop() as Connection, monotonicMs())
  }

  #dispatch(nowMs: number): void {
    const schedule = this.#schedule as Arrivals
    while (this.#nextAtMs < nowMs) {
      const intendedMs = this.#nextAtMs
      this.#record.offered(intendedMs)
      const connection = this.#idle.pop()
      if (connection !== undefined) this.#send(connection, intendedMs)
      else if (!this.#waiting.push(intendedMs)) this.#record.dropped()
      this.#nextAtMs = this.#startMs + schedule.next()
    }
    this.#record.waiting(this.#waiting.length)
  }

  #send(connection: Connection, intendedMs: number): void {
    const index = this.#nextRequest
    this.#nextRequest = index + 1 === this.#wires.length ? 0 : index + 1
    connection.requestIndex = index
    connection.intendedMs = intendedMs
    connection.sentMs = monotonicMs()
    connection.sentAfterFlip = this.#record.hasFlipped
    this.#inFlight++
    connection.send(this.#wires[index] as Buffer)
  }

  #answered(connection: Connection): void {
    this.#inFlight--
    this.#record.answered(connection, this.#requests[connection.requestIndex] as PreparedRequest)
    this.#release(connection)
  }

  #lost(connection: Connection, wasBusy: boolean): void {
    if (wasBusy) {
      this.#inFlight--
      this.#record.lost(connection)
    } else {
      const at = this.#idle.indexOf(connection)
      if (at >= 0) this.#idle.splice(at, 1)
    }
    if (!this.#sending) return
    connection.reopen(() => {
      if (this.#sending) this.#release(connection)
      else connection.close()
    })
  }

  /** The oldest waiting request that has not lost patience, or null. */
  #nextWaiting(): number | null {
    const oldestMs = monotonicMs() - (this.#job.patienceMs ?? Number.POSITIVE_INFINITY)
    while (this.#waiting.length > 0) {
      const intendedMs = this.#waiting.shift()
      if (intendedMs >= oldestMs) return intendedMs
      this.#record.abandoned(intendedMs)
    }
    return null
  }

  /** Gives a free connection its next request, or lets it rest. */
  #release(connection: Connection): void {
    if (!connection.usable) return
    if (this.#schedule === null) {
      if (this.#sending) this.#send(connection, monotonicMs())
      return
    }
    const intendedMs = this.#nextWaiting()
    if (intendedMs !== null) this.#send(connection, intendedMs)
    else this.#idle.push(connection)
  }
}
