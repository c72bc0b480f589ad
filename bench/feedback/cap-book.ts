/**
 * What was shown to devices and what was known of it when each decision was made: caps, counted.
 */

/** One impression of an offer to a device. */
export interface ShownImpression {
  readonly decidedAtMs: number
  /** When its first report was acknowledged; infinity = not yet. */
  reportedAtMs: number
}

/** What one offer came to over all devices. */
export interface CapReport {
  readonly offer: string
  readonly cap: number
  readonly impressions: number
  readonly devices: number
  /** Devices by impressions beyond the cap; index 0 = none. */
  readonly excess: readonly number[]
  /** Most impressions unreported when a bid was made that was shown. */
  readonly unreportedMax: number
  /**
   * Bids made although so many impressions as the cap allows had been reported: at all, and long
   * enough ago for each of `CapBook`'s grace times.
   */
  readonly lateBids: readonly number[]
  /** Impressions beyond cap + those unreported when their bid was made, after the longest grace. */
  readonly beyond: number
  /** Requests without a bid although fewer were shown than the cap allows. */
  readonly tooEarly: number
}

/** The book of one offer. Times are of one monotonic clock. */
export class CapBook {
  readonly #offer: string
  readonly #cap: number
  /** Milliseconds that a report may take to be in force, ascending; the first is 0. */
  readonly #graceMs: readonly number[]
  readonly #shown = new Map<number, ShownImpression[]>()
  readonly #lateBids: number[]
  #beyond = 0
  #tooEarly = 0
  #unreportedMax = 0

  constructor(offer: string, cap: number, graceMs: readonly number[]) {
    this.#offer = offer
    this.#cap = cap
    this.#graceMs = graceMs
    this.#lateBids = graceMs.map(() => 0)
  }

  /**
   * Notes an answer: how many bids of the offer it had, to a request of a device that was sent at
   * `sentMs`. With `bids` 0 it is looked at whether the cap held it back too early.
   */
  answered(device: number, sentMs: number, bids: number): void {
    const shown = this.#of(device)
    if (bids === 0) {
      // Whatever was shown may count, reported or not: only fewer than the cap is a mistake.
      if (shown.length < this.#cap) this.#tooEarly++
      return
    }
    for (const [i, graceMs] of this.#graceMs.entries()) {
      const reported = countBefore(shown, sentMs - graceMs)
      if (reported + bids > this.#cap) this.#lateBids[i] = (this.#lateBids[i] ?? 0) + 1
    }
  }

  /**
   * Notes that a bid on a request sent at `sentMs` was shown; the answer is to be reported later.
   */
  show(device: number, sentMs: number): ShownImpression {
    const shown = this.#of(device)
    const longest = this.#graceMs[this.#graceMs.length - 1] ?? 0
    const unreported = shown.length - countBefore(shown, sentMs - longest)
    const unreportedAtAll = shown.length - countBefore(shown, sentMs)
    this.#unreportedMax = Math.max(this.#unreportedMax, unreportedAtAll)
    const impression = { decidedAtMs: sentMs, reportedAtMs: Number.POSITIVE_INFINITY }
    shown.push(impression)
    if (shown.length > this.#cap + unreported) this.#beyond++
    return impression
  }

  /** Devices that were shown as many as the cap allows. */
  full(): number[] {
    return [...this.#shown]
      .filter(([, shown]) => shown.length >= this.#cap)
      .map(([device]) => device)
  }

  report(): CapReport {
    const excess: number[] = []
    let impressions = 0
    for (const shown of this.#shown.values()) {
      const over = Math.max(0, shown.length - this.#cap)
      while (excess.length <= over) excess.push(0)
      excess[over] = (excess[over] ?? 0) + 1
      impressions += shown.length
    }
    return {
      offer: this.#offer,
      cap: this.#cap,
      impressions,
      devices: this.#shown.size,
      excess,
      unreportedMax: this.#unreportedMax,
      lateBids: this.#lateBids,
      beyond: this.#beyond,
      tooEarly: this.#tooEarly,
    }
  }

  #of(device: number): ShownImpression[] {
    let shown = this.#shown.get(device)
    if (shown === undefined) {
      shown = []
      this.#shown.set(device, shown)
    }
    return shown
  }
}

function countBefore(shown: readonly ShownImpression[], moment: number): number {
  let count = 0
  for (const { reportedAtMs } of shown) if (reportedAtMs <= moment) count++
  return count
}
