/** A report that must not fill the disk when what it reports happens a thousand times a second. */
import type { Clock } from '../lib/clock.ts'

/** Errors of one kind are logged once in so long; counters have every one. */
const reportEveryMs = 1_000

/** Passes at most one call in `reportEveryMs` on. */
export function limited(clock: Clock, report: (error: unknown) => void): (error: unknown) => void {
  let lastMs = Number.NEGATIVE_INFINITY
  return (error) => {
    const now = clock.monotonicMs()
    if (now - lastMs < reportEveryMs) return
    lastMs = now
    report(error)
  }
}
