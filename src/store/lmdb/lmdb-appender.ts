/** Appends to the log of one worker: what waits while a commit is on its way goes with the next. */
import { appendsWaitingMax, logRecordBytesMax } from '../feedback-ports.ts'
import type { StoreMeter } from '../ports.ts'
import { StoreError } from '../store-error.ts'
import type { ByteDatabase } from './lmdb-environments.ts'
import { failureOf, logCodes } from './lmdb-failure.ts'
import { nextRecordOf, numberAsBytes, numberBytes, probeRow, writeNumber } from './log-layout.ts'

/** One commit writes it in some milliseconds; at 300 B an event it is 13 000 events. */
const groupBytesMax = 4 * 1_024 * 1_024

/**
 * A disk that takes longer for one commit is broken or gone: those who wait are told so. Nobody
 * outside waits longer for an answer (http/feedback-call.ts).
 */
const commitMsMax = 5_000

/**
 * A disk that failed is tried this often; between, appends are refused without touching it. lmdb-js
 * prints some lines about each failed commit.
 */
const retryMs = 1_000

/** As much as a busy turn's events, so that space for one row does not count as space. */
const probeBytes = 64 * 1_024

/** Another process that appends to the same part may come first so often, and no more. */
const triesMax = 3

/**
 * Space below which nothing is begun: a commit that LMDB must break off damages the memory of the
 * process: seen after some thirty (malloc aborts, lmdb 3.5.6). Four groups, and some room for the
 * state that the projector still has to write.
 */
export const freeBytesMin = 16 * 1_024 * 1_024

/** Space is asked for so often: at 20 000 events a second it shrinks by 300 KB meanwhile. */
const spaceEveryMs = 50

/** What an appender needs of the process. */
export interface AppenderDeps {
  readonly meter: StoreMeter
  /** Space left on the disk of the log, bytes. */
  readonly freeBytes: () => Promise<number>
  readonly wallMs: () => number
  readonly monotonicMs: () => number
}

interface Waiting {
  readonly record: Uint8Array
  readonly resolve: () => void
  readonly reject: (error: StoreError) => void
}

/** Writes one part of the log; one a process. */
export class LmdbAppender {
  readonly #database: ByteDatabase
  readonly #deps: AppenderDeps
  readonly #key = new Uint8Array(numberBytes)
  /** The group's values: LMDB reads them until its commit is done. */
  #bytes = Buffer.alloc(0)
  #next: number
  #waiting: Waiting[] = []
  /** Records of the commit that is on its way. */
  #inFlight = 0
  #flight: Promise<void> | null = null
  /** Why the last commit failed; null when it did not. */
  #failure: StoreError | null = null
  #retryAtMs = 0
  /** When space was last asked for, and was enough. */
  #roomyAtMs = Number.NEGATIVE_INFINITY

  constructor(database: ByteDatabase, deps: AppenderDeps) {
    this.#database = database
    this.#deps = deps
    this.#next = nextRecordOf(database)
  }

  /** As `EventLog.append`; the record must stay as it is until then. */
  append(record: Uint8Array): Promise<void> {
    const refusal = this.#refusalOf(record)
    if (refusal !== null) return Promise.reject(refusal)
    return new Promise((resolve, reject) => {
      this.#waiting.push({ record, resolve, reject })
      this.#flight ??= this.#fly()
    })
  }

  /** Why appends are refused now; null = they are not. Asks the disk again when it is time. */
  problem(): string | null {
    if (this.#failure !== null && this.#mayTry()) this.#flight ??= this.#probe()
    return this.#failure?.message ?? null
  }

  /** Resolves when everything that waits is written or refused. */
  async close(): Promise<void> {
    while (this.#flight !== null) await this.#flight
  }

  #refusalOf(record: Uint8Array): Error | null {
    if (record.length > logRecordBytesMax) {
      return new RangeError(`a record of ${record.length} bytes is too long`)
    }
    if (this.#failure !== null && !this.#mayTry()) return this.#failure
    if (this.#waiting.length + this.#inFlight < appendsWaitingMax) return null
    return new StoreError('SLUICE_STORE_LOG_BUSY', `${appendsWaitingMax} appends wait already`)
  }

  #mayTry(): boolean {
    return this.#deps.monotonicMs() >= this.#retryAtMs
  }

  /** Writes group after group until none waits. */
  async #fly(): Promise<void> {
    // What the same callback appends after this goes along.
    await Promise.resolve()
    while (this.#waiting.length > 0) {
      const group = this.#takeGroup()
      this.#inFlight = group.length
      await this.#commit(this.#writeWithRoom(group), (failure) => {
        this.#inFlight = 0
        // What waited is refused too: each try of a full disk costs a failing commit.
        if (failure !== null) group.push(...this.#waiting.splice(0))
        for (const { resolve, reject } of group) {
          if (failure === null) resolve()
          else reject(failure)
        }
      })
    }
    this.#flight = null
  }

  /** Finds out whether the disk takes something again. */
  async #probe(): Promise<void> {
    const row = numberAsBytes(probeRow)
    const tryOut = async (): Promise<void> => {
      await this.#askForRoom()
      await this.#database.put(row, new Uint8Array(probeBytes))
      await this.#database.remove(row)
    }
    await this.#commit(tryOut(), () => undefined)
    this.#flight = null
    if (this.#waiting.length > 0) this.#flight ??= this.#fly()
  }

  /** Waits for a commit; calls `settle` once, with null or with why it failed or takes so long. */
  async #commit(
    written: Promise<unknown>,
    settle: (failure: StoreError | null) => void,
  ): Promise<void> {
    const outcome = written.then(
      () => null,
      (error: unknown) => failureOf(error, logCodes),
    )
    let isLate = false
    const timer = setTimeout(() => {
      isLate = true
      const failure = new StoreError(logCodes.down, `a commit takes longer than ${commitMsMax} ms`)
      this.#failed(failure, Number.POSITIVE_INFINITY)
      settle(failure)
    }, commitMsMax)
    const failure = await outcome
    clearTimeout(timer)
    if (failure === null) this.#failure = null
    else this.#failed(failure, this.#deps.monotonicMs() + retryMs)
    if (!isLate) settle(failure)
  }

  #failed(failure: StoreError, retryAtMs: number): void {
    this.#failure = failure
    this.#roomyAtMs = Number.NEGATIVE_INFINITY
    this.#retryAtMs = retryAtMs
    this.#deps.meter.error('log-append')
  }

  #takeGroup(): Waiting[] {
    let bytes = 0
    let count = 0
    for (const { record } of this.#waiting) {
      bytes += numberBytes + record.length
      if (bytes > groupBytesMax) break
      count++
    }
    return this.#waiting.splice(0, count)
  }

  async #writeWithRoom(group: readonly Waiting[]): Promise<void> {
    await this.#askForRoom()
    await this.#write(group)
  }

  /** Rejects when the disk has too little space for a commit to be begun. */
  async #askForRoom(): Promise<void> {
    const nowMs = this.#deps.monotonicMs()
    if (nowMs - this.#roomyAtMs < spaceEveryMs) return
    const free = await this.#deps.freeBytes()
    if (free < freeBytesMin) {
      throw new StoreError(logCodes.full, `${free} bytes of space left, at least ${freeBytesMin}`)
    }
    this.#roomyAtMs = nowMs
  }

  async #write(group: readonly Waiting[]): Promise<void> {
    if (this.#bytes.length === 0) this.#bytes = Buffer.allocUnsafeSlow(groupBytesMax)
    for (let tries = 0; tries < triesMax; tries++) {
      const first = this.#next
      // Nothing where somebody else has used the numbers: numbers have no gaps, so one tells.
      const isMine = this.#database.ifNoExists(numberAsBytes(first), () => this.#put(group, first))
      const isDone = await isMine
      this.#next = isDone ? first + group.length : nextRecordOf(this.#database)
      if (isDone) return
    }
    throw new StoreError(logCodes.down, 'another process appends to the same part')
  }

  #put(group: readonly Waiting[], first: number): void {
    const nowMs = this.#deps.wallMs()
    let at = 0
    for (const [index, { record }] of group.entries()) {
      const end = at + numberBytes + record.length
      writeNumber(this.#bytes, nowMs, at)
      this.#bytes.set(record, at + numberBytes)
      const value = this.#bytes.subarray(at, end)
      void this.#database.put(writeNumber(this.#key, first + index), value)
      at = end
    }
  }
}
