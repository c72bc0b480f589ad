/** When the requests of an open loop are meant to be sent. */
import { seededRandom } from '../data/seeded-random.ts'

/**
 * Arrival process: evenly spaced, or Poisson (exponential gaps, as independent users make them).
 */
export type ArrivalKind = 'constant' | 'poisson'

/** A fixed schedule: `next()` answers milliseconds after the start, never going back. */
export interface Arrivals {
  next(): number
}

/** A schedule of `perSecond` arrivals; the same seed makes the same schedule. */
export function arrivals(kind: ArrivalKind, perSecond: number, seed: number): Arrivals {
  const gapMs = 1_000 / perSecond
  if (kind === 'constant') {
    let count = 0
    return { next: () => count++ * gapMs }
  }
  const random = seededRandom(seed)
  let atMs = 0
  return {
    next: () => {
      const now = atMs
      // 1 - u is in (0, 1], so the logarithm is finite.
      atMs -= Math.log(1 - random()) * gapMs
      return now
    },
  }
}
