/** More clicks or exposures from one network and agent than people there could make. */
import type { Clock } from '../lib/clock.ts'

/** What is counted apart. */
export type RateKind = 'click' | 'exposure'

/** Events of one network and agent in a minute that are still believed; 0 = any number. */
export interface RateLimits {
  readonly clicksPerMinuteMax: number
  readonly exposuresPerMinuteMax: number
}

const minuteMs = 60_000

/**
 * Pairs of network and agent that are watched: 65 536 rows are some 10 MiB. The least recently seen
 * go first, and those are not the ones that are fast.
 */
export const watchedMax = 65_536

/** Counts of one network and agent in the present and the past minute. */
interface Row {
  minute: number
  clicks: number
  exposures: number
  clicksBefore: number
  exposuresBefore: number
}

/**
 * A sliding minute, estimated from two fixed ones: the past minute counts for as much of it as
 * still lies inside. Exact where events come evenly.
 */
export class NetworkRate {
  readonly #limits: RateLimits
  readonly #clock: Clock
  readonly #watchedMax: number
  /** In order of the minute in which they were last seen. */
  readonly #rows = new Map<string, Row>()

  constructor(limits: RateLimits, clock: Clock, rowsMax = watchedMax) {
    this.#limits = limits
    this.#clock = clock
    this.#watchedMax = rowsMax
  }

  /**
   * Counts one event and says whether its minute holds more than the limit. `network` '' (unknown,
   * or no place on the public internet) is never too fast.
   */
  isTooFast(kind: RateKind, network: string, agent: number): boolean {
    if (network === '') return false
    const nowMs = this.#clock.monotonicMs()
    const minute = Math.floor(nowMs / minuteMs)
    const row = this.#rowOf(`${network} ${agent}`, minute)
    const shareBefore = 1 - (nowMs - minute * minuteMs) / minuteMs
    const { clicksPerMinuteMax, exposuresPerMinuteMax } = this.#limits
    if (kind === 'click') {
      row.clicks++
      return isOver(row.clicks + row.clicksBefore * shareBefore, clicksPerMinuteMax)
    }
    row.exposures++
    return isOver(row.exposures + row.exposuresBefore * shareBefore, exposuresPerMinuteMax)
  }

  #rowOf(key: string, minute: number): Row {
    const known = this.#rows.get(key)
    if (known !== undefined && known.minute === minute) return known
    const row = known ?? newRow(minute)
    if (known !== undefined) this.#rows.delete(key)
    else if (this.#rows.size === this.#watchedMax) this.#forgetOldest()
    turn(row, minute)
    this.#rows.set(key, row)
    return row
  }

  #forgetOldest(): void {
    const oldest = this.#rows.keys().next()
    if (oldest.done !== true) this.#rows.delete(oldest.value)
  }
}

function newRow(minute: number): Row {
  return { minute, clicks: 0, exposures: 0, clicksBefore: 0, exposuresBefore: 0 }
}

/** Moves a row on to `minute`. */
function turn(row: Row, minute: number): void {
  if (row.minute === minute) return
  const isNext = row.minute + 1 === minute
  row.clicksBefore = isNext ? row.clicks : 0
  row.exposuresBefore = isNext ? row.exposures : 0
  row.clicks = 0
  row.exposures = 0
  row.minute = minute
}

function isOver(count: number, max: number): boolean {
  return max > 0 && count > max
}
