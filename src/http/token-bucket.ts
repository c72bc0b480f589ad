/** A rate cap: tokens come at a steady rate and a little burst of them may be saved. */

/** Saved tokens, as a share of a second's: a busy turn serves tens of milliseconds of arrivals. */
const burstSeconds = 0.1

/** Lets `perSecond` requests a second pass; 0 lets all of them pass. */
export class TokenBucket {
  readonly #perMs: number
  readonly #burst: number
  #tokens: number
  #atMs = Number.NEGATIVE_INFINITY

  constructor(perSecond: number) {
    this.#perMs = perSecond / 1000
    this.#burst = Math.max(1, perSecond * burstSeconds)
    this.#tokens = this.#burst
  }

  /** Takes a token at `nowMs` (monotonic); false when there is none. */
  take(nowMs: number): boolean {
    if (this.#perMs === 0) return true
    const earned = Math.max(0, nowMs - this.#atMs) * this.#perMs
    this.#tokens = Math.min(this.#burst, this.#tokens + earned)
    this.#atMs = nowMs
    if (this.#tokens < 1) return false
    this.#tokens--
    return true
  }
}
