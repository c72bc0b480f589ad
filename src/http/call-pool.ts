/** The open calls of a process, dense for the sweep, and the idle ones for reuse. */

/**
 * Open calls include bodies being read: four times the requests that may be decided at once. At
 * about 1 KiB each this is a few MiB; beyond it requests are refused at once.
 */
export const callsPerScratch = 4

/** What a pool needs of the calls it holds. */
export interface PooledCall {
  /** Position among the open calls, -1 outside; kept by the pool. */
  index: number
  /** True when the call holds nothing and no callback of its request is left. */
  readonly reusable: boolean
}

/** Open and idle calls; `openMax` bounds both. */
export class CallPool<Call extends PooledCall> {
  readonly #openMax: number
  readonly #open: Call[] = []
  readonly #idle: Call[] = []

  constructor(openMax: number) {
    this.#openMax = openMax
  }

  /** Requests that are neither answered nor aborted, or whose decision has not come back. */
  get openCount(): number {
    return this.#open.length
  }

  /** An idle call, one made by `create`, or null when too many are open. */
  take(create: () => Call): Call | null {
    if (this.#open.length === this.#openMax) return null
    const call = this.#idle.pop() ?? create()
    call.index = this.#open.length
    this.#open.push(call)
    return call
  }

  /** Takes a call off the open ones; keeps it for reuse if nothing of its request can come back. */
  release(call: Call): void {
    const last = this.#open[this.#open.length - 1]
    if (call.index < 0 || last === undefined) return
    this.#open[call.index] = last
    last.index = call.index
    this.#open.pop()
    call.index = -1
    if (call.reusable) this.#idle.push(call)
  }

  /** Calls `each` on every open call; calls may be released meanwhile. */
  forEachOpen(each: (call: Call) => void): void {
    // From the end: a release moves the last one, which was visited already, into the gap.
    for (let i = this.#open.length - 1; i >= 0; i--) {
      const call = this.#open[i]
      if (call !== undefined) each(call)
    }
  }
}
