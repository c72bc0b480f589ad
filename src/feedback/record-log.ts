/** Where decision records go: through a bounded ring to files, and nobody ever waits for it. */
import type { DecisionRecord } from '../domain/decision-record.ts'
import { DropRing } from '../lib/drop-ring.ts'
import type { Random } from '../lib/random.ts'
import { encodeRecord } from './record-codec.ts'

/** A file that lines are appended to; `telemetry/rotating-file.ts` is one. */
export interface RecordFile {
  /** False when it could not be written; never rejects. Calls do not overlap. */
  append(text: string): Promise<boolean>
  close(): Promise<void>
}

/** What the log works with. */
export interface RecordLogDeps {
  readonly file: RecordFile
  readonly random: Random
  /** Counts records that were lost: the ring was full, or the disk did not take them. */
  readonly onDropped: (count: number) => void
  /** Records that may wait; `recordsWaitingMax` unless a test says otherwise. */
  readonly waitingMax?: number
}

/**
 * Folder of the records inside the data folder; files `records-<worker>.ndjson` and rotated ones.
 */
export const recordsFolder = 'records'

/** Of about 4 KiB each, 16 MiB: nearly a second of bids at 5 000 a second with a stalled disk. */
export const recordsWaitingMax = 4_096

/** Records encoded in one turn: 10 to 20 µs each, so a turn stays below 1 ms. */
const batchMax = 32

/**
 * Takes records in the hot path for the price of a push and writes them between requests. At any
 * moment `offered` = `written` + `dropped` + `waiting`.
 */
export class RecordLog {
  readonly #deps: RecordLogDeps
  readonly #ring: DropRing<DecisionRecord>
  #offered = 0
  #written = 0
  #dropped = 0
  #draining: Promise<void> | null = null

  constructor(deps: RecordLogDeps) {
    this.#deps = deps
    this.#ring = new DropRing(deps.waitingMax ?? recordsWaitingMax)
  }

  get offered(): number {
    return this.#offered
  }

  get written(): number {
    return this.#written
  }

  get dropped(): number {
    return this.#dropped
  }

  /** Records taken and neither written nor lost yet, those on their way to the disk included. */
  get waiting(): number {
    return this.#offered - this.#written - this.#dropped
  }

  /** Whether a no-bid decision is kept: throws the dice. Bids are always kept. */
  samples(rate: number): boolean {
    return rate > 0 && this.#deps.random() < rate
  }

  /** Takes one record, which nobody may change any more. Encodes nothing, waits for nothing. */
  write(record: DecisionRecord): void {
    this.#offered++
    if (this.#ring.push(record)) this.#drop(1)
    this.#draining ??= this.#drain()
  }

  /** Resolves when everything taken so far is written or counted as lost. */
  async flush(): Promise<void> {
    while (this.#draining !== null) await this.#draining
  }

  /** Writes what waits, then closes the file. */
  async close(): Promise<void> {
    await this.flush()
    await this.#deps.file.close()
  }

  async #drain(): Promise<void> {
    while (this.#ring.count > 0) {
      // In a turn of its own: the request that wrote the record, and others, come first.
      await nextTurn()
      const lines = this.#ring.take(batchMax).flatMap((record) => this.#encode(record))
      if (lines.length === 0) continue
      if (await this.#deps.file.append(lines.join(''))) this.#written += lines.length
      else this.#drop(lines.length)
    }
    this.#draining = null
  }

  /** A record that cannot be encoded is a fault of ours; it costs itself and no other. */
  #encode(record: DecisionRecord): string[] {
    try {
      return [encodeRecord(record)]
    } catch {
      this.#drop(1)
      return []
    }
  }

  #drop(count: number): void {
    this.#dropped += count
    this.#deps.onDropped(count)
  }
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
