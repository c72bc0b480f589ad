/** Time as an injected port: nothing else in the house may call Date.now or performance.now. */

/** Wall time for calendars and records; monotonic time for deadlines and durations. */
export interface Clock {
  /** Epoch milliseconds. May jump. */
  wallMs(): number
  /** Milliseconds since an arbitrary start, with fractions; never goes back. */
  monotonicMs(): number
}

/** The machine's clocks. */
export const systemClock: Clock = {
  wallMs: () => Date.now(),
  monotonicMs: () => performance.now(),
}

/** A clock that moves only when told; for tests. */
export class ManualClock implements Clock {
  #wallMs: number
  #monotonicMs = 0

  constructor(wallMs = 0) {
    this.#wallMs = wallMs
  }

  wallMs(): number {
    return this.#wallMs
  }

  monotonicMs(): number {
    return this.#monotonicMs
  }

  /** Moves both clocks on by `ms`. */
  advance(ms: number): void {
    this.#wallMs += ms
    this.#monotonicMs += ms
  }

  /** Makes the wall clock jump without monotonic time passing. */
  jumpWall(toMs: number): void {
    this.#wallMs = toMs
  }
}
