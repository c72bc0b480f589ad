/** Estimates when a request reached the socket: uWebSockets.js has no kernel timestamp to tell. */
import { performance } from 'node:perf_hooks'
import type { Clock } from '../lib/clock.ts'

/** What the turn clock needs of the event loop; the machine's by default, scripted in tests. */
export interface LoopSenses {
  /** Milliseconds the loop has spent waiting in its poll phase since it started. */
  readonly idleMs: () => number
  /** Calls back when every socket of the current poll has been served (setImmediate). */
  readonly afterTurn: (callback: () => void) => void
}

/** The running loop. Reading idle time costs 49 ns here, as much as reading the clock. */
export const loopSenses: LoopSenses = {
  idleMs: () => performance.nodeTiming.idleTime,
  afterTurn: (callback) => {
    setImmediate(callback)
  },
}

/** Less idle time than this between two marks is rounding, not a poll that waited. */
const idleEpsilonMs = 0.02

/**
 * A turn is one poll of the loop and the callbacks of every socket it found ready. A request that
 * is served in this turn was not there when the turn before polled (or that turn would have served
 * it), so it came in at the earliest when the turn before began. If the poll of this turn had to
 * wait, nothing was there when it began to wait: the request came in at the earliest when the wait
 * ended, which is at most the busy time since then ago. The later of the two bounds is the
 * estimate. It errs on the safe side only: never later than the true arrival at the socket.
 *
 * `mark` must be called every few tens of milliseconds (the sweep does), so that busy time of
 * long-gone turns without requests is not taken for waiting.
 */
export class TurnClock {
  readonly #clock: Clock
  readonly #senses: LoopSenses
  readonly #onTurnEnd: () => void
  #markedAtMs: number
  #markedIdleMs: number
  /** Upper bound of the time since the last poll that waited came back. */
  #busyMs = 0
  #turnStartMs: number
  #arrivedAtMs = 0
  #inTurn = false

  constructor(clock: Clock, senses: LoopSenses = loopSenses) {
    this.#clock = clock
    this.#senses = senses
    this.#markedAtMs = clock.monotonicMs()
    this.#markedIdleMs = senses.idleMs()
    this.#turnStartMs = this.#markedAtMs
    this.#onTurnEnd = () => {
      this.#inTurn = false
      this.mark()
    }
  }

  /** Estimated arrival (monotonic ms) of the request that is being handled now. */
  arrivedAtMs(): number {
    if (!this.#inTurn) this.#beginTurn()
    return this.#arrivedAtMs
  }

  /** Brings the books up to date between turns. */
  mark(): void {
    const now = this.#clock.monotonicMs()
    const idle = this.#senses.idleMs()
    const waited = idle - this.#markedIdleMs
    const busy = Math.max(0, now - this.#markedAtMs - waited)
    this.#busyMs = waited > idleEpsilonMs ? busy : this.#busyMs + busy
    this.#markedAtMs = now
    this.#markedIdleMs = idle
  }

  #beginTurn(): void {
    this.mark()
    const now = this.#markedAtMs
    this.#arrivedAtMs = Math.max(this.#turnStartMs, now - this.#busyMs)
    this.#turnStartMs = now
    this.#inTurn = true
    this.#senses.afterTurn(this.#onTurnEnd)
  }
}
