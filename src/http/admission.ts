/** Decides before decode whether a request still has a chance: queue age and concurrency. */

/**
 * Share of a request's time that may have passed before we look at it.
 *
 * | shed at age        | what happens under lasting overload                                    |
 * |--------------------|------------------------------------------------------------------------|
 * | the deadline       | the queue stands at the deadline: each admitted one is late by a hair   |
 * |                    | of jitter, and its work is lost. Goodput falls to nothing.              |
 * | deadline − service | the queue stands where the mean request just makes it: half are late.   |
 * | three quarters     | the last quarter (7 ms of Tencent's 28) pays for service, jitter and    |
 * |                    | the rest of a turn; the admitted ones meet the deadline. Up to some 600 |
 * |                    | connections a worker queue inside it and nobody has to be refused. At a |
 * |                    | half, 1 500 connections made every turn so long that the next one was   |
 * |                    | refused whole.                                                          |
 *
 * What overload costs: with x = cost of a refusal ÷ cost of a decision and an offered load of n
 * times the capacity, decisions keep (1 − n·x) ÷ (1 − x) of the peak. At n = 2 that is 85 % only
 * while x ≤ 0.13. Measured on LMDB x is 0.39: a refusal is 8.5 µs, three quarters of it in the
 * kernel, as much as a bare echo, and a decision 22. So a refusal costs no more than an answer
 * must.
 */
const ageShareMax = 0.75

/** A waited-for decision that took more than this share of its time says: too many at once. */
const serviceShareMax = 0.5

/** Weight of a new service time: about the last 64 decisions count. */
const serviceWeight = 1 / 64

/** In-flight limit at start, and its floor: one pipelined trip's worth of requests. */
const limitStart = 256
const limitMin = 16

/** How far the limit falls when a waited-for decision took more than half of its time. */
const limitCut = 0.85

/**
 * How many requests of one worker may be between decode and answer: additive increase,
 * multiplicative decrease. RTA and bids wait at the same store, so they share one limit.
 */
export class InFlightLimit {
  /** Requests now between decode and answer, of all kinds; whoever holds one counts it here. */
  inFlight = 0
  readonly #max: number
  #limit: number
  #nextCutAtMs = Number.NEGATIVE_INFINITY

  /** `max`: the size of the larger scratch pool, an upper bound of the limit. */
  constructor(max: number) {
    this.#max = max
    this.#limit = Math.min(limitStart, max)
  }

  /** The limit in force. */
  get limit(): number {
    return Math.floor(this.#limit)
  }

  /** True when `inFlight` requests leave no room for one more. */
  isFull(inFlight: number): boolean {
    return inFlight >= this.#limit
  }

  /** One more may be in flight after a limit's worth of quick decisions. */
  grow(): void {
    this.#limit = Math.min(this.#max, this.#limit + 1 / this.#limit)
  }

  /** A decision took `serviceMs`, too long; `nowMs` is monotonic. */
  cut(serviceMs: number, nowMs: number): void {
    if (nowMs < this.#nextCutAtMs) return
    // Everything now in flight will be slow as well: it must not cut again.
    this.#nextCutAtMs = nowMs + serviceMs
    this.#limit = Math.max(Math.min(limitMin, this.#max), this.#limit * limitCut)
  }
}

/**
 * Admission of one kind of request in one worker. Ages shed what waited in our loop; the in-flight
 * limit sheds what would wait at the store, where ages do not show. The service time is learnt for
 * each kind apart: a bid may take 500 ms in good order, an RTA request that expects as much is
 * lost.
 */
export class Admission {
  readonly #load: InFlightLimit
  #serviceMs = 0

  /** `load`: shared with the other kinds, or a size of the scratch pool when there is no other. */
  constructor(load: InFlightLimit | number) {
    this.#load = typeof load === 'number' ? new InFlightLimit(load) : load
  }

  /** The in-flight limit in force, and the mean service time in milliseconds; for metrics. */
  get limit(): number {
    return this.#load.limit
  }

  get serviceMs(): number {
    return this.#serviceMs
  }

  /** True when a request of this age, with this much time in all, should be decided. */
  admits(ageMs: number, timeMs: number, inFlight: number): boolean {
    if (ageMs > timeMs * ageShareMax) return false
    if (this.#load.isFull(inFlight)) return false
    if (ageMs + this.#serviceMs <= timeMs) return true
    // Refusing teaches nothing about the service time: forget a little, so that one is tried again.
    this.#serviceMs -= this.#serviceMs * serviceWeight
    return false
  }

  /**
   * Learns from a decision that took `serviceMs` of `timeMs`. `waited`: it waited for the store,
   * so that its time says something about concurrency. `nowMs` is monotonic.
   */
  learn(serviceMs: number, timeMs: number, waited: boolean, nowMs: number): void {
    this.#serviceMs += (serviceMs - this.#serviceMs) * serviceWeight
    if (!waited) return
    if (serviceMs <= timeMs * serviceShareMax) this.#load.grow()
    else this.#load.cut(serviceMs, nowMs)
  }
}
