/** Refuses an address that keeps presenting wrong keys, without looking at its next ones. */
import type { Clock } from '../lib/clock.ts'
import { wrongKeyAddressesMax, wrongKeysPerMinuteMax } from './limits.ts'

const windowMs = 60_000

interface Misses {
  count: number
  /** Monotonic moment at which the address starts anew. */
  endsAtMs: number
}

/** Wrong keys by address in fixed windows of a minute; bounded in addresses. */
export class WrongKeyLimit {
  readonly #clock: Clock
  readonly #misses = new Map<string, Misses>()
  /** Wrong keys since start, for metrics. */
  total = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Seconds until the address may try again; 0 when it may now. */
  blockedSeconds(address: string): number {
    const misses = this.#misses.get(address)
    const nowMs = this.#clock.monotonicMs()
    if (misses === undefined || misses.endsAtMs <= nowMs) return 0
    if (misses.count < wrongKeysPerMinuteMax) return 0
    return Math.ceil((misses.endsAtMs - nowMs) / 1_000)
  }

  /** Counts one wrong key. */
  miss(address: string): void {
    this.total++
    const nowMs = this.#clock.monotonicMs()
    const known = this.#misses.get(address)
    if (known !== undefined && known.endsAtMs > nowMs) {
      known.count++
      return
    }
    // Deleted first: a Map keeps insertion order, so the front is always the oldest window.
    this.#misses.delete(address)
    if (this.#misses.size >= wrongKeyAddressesMax) this.#forgetOldest()
    this.#misses.set(address, { count: 1, endsAtMs: nowMs + windowMs })
  }

  #forgetOldest(): void {
    const oldest = this.#misses.keys().next()
    if (oldest.done !== true) this.#misses.delete(oldest.value)
  }
}
