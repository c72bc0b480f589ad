/**
 * Whether a commit may be begun: a disk that is nearly full, or has just failed, is left alone. A
 * commit that LMDB must break off damages the memory of the process: seen after some thirty (malloc
 * aborts, lmdb 3.5.6), and lmdb-js prints some lines about each.
 */
import { StoreError } from '../store-error.ts'

/** A disk that failed is tried this often. */
const retryMs = 1_000

/** Space is asked for so often: at 20 000 events a second it shrinks by 300 KB meanwhile. */
const spaceEveryMs = 50

/** What it works with. */
export interface DiskRoomDeps {
  /** Space left on the disk, bytes. */
  readonly freeBytes: () => Promise<number>
  /** Below it nothing is begun. */
  readonly bytesMin: number
  /** Code of the error that says so. */
  readonly fullCode: string
  readonly monotonicMs: () => number
}

/** The disk of one environment. */
export class DiskRoom {
  readonly #deps: DiskRoomDeps
  #failure: StoreError | null = null
  #retryAtMs = Number.NEGATIVE_INFINITY
  /** When there was room last. */
  #roomyAtMs = Number.NEGATIVE_INFINITY

  constructor(deps: DiskRoomDeps) {
    this.#deps = deps
  }

  /** Rejects with the last failure while it is too soon to try again, or when space is short. */
  async ask(): Promise<void> {
    const { freeBytes, bytesMin, fullCode, monotonicMs } = this.#deps
    const nowMs = monotonicMs()
    if (this.#failure !== null && nowMs < this.#retryAtMs) throw this.#failure
    if (nowMs - this.#roomyAtMs < spaceEveryMs) return
    const free = await freeBytes()
    if (free < bytesMin) {
      throw new StoreError(fullCode, `${free} bytes of space left, at least ${bytesMin}`)
    }
    this.#roomyAtMs = nowMs
  }

  /** A commit failed: nobody touches the disk for a while. */
  failed(failure: StoreError): void {
    this.#failure = failure
    this.#retryAtMs = this.#deps.monotonicMs() + retryMs
    this.#roomyAtMs = Number.NEGATIVE_INFINITY
  }

  /** A commit was done. */
  done(): void {
    this.#failure = null
  }
}
