/** An audience reader whose reads are timed, whether they answer at once or have to wait. */
import type { Clock } from '../lib/clock.ts'
import type { AudienceReader } from './audience-reader.ts'

/** Wraps `reader`; `took` hears the milliseconds of every read, found or not. */
export function timedReader(
  reader: AudienceReader,
  clock: Clock,
  took: (ms: number) => void,
): AudienceReader {
  return {
    read: (devices, view, deadlineMs, profile) => {
      const startMs = clock.monotonicMs()
      const waiting = reader.read(devices, view, deadlineMs, profile)
      if (waiting !== undefined) {
        return waiting.then(() => {
          took(clock.monotonicMs() - startMs)
          return undefined
        })
      }
      took(clock.monotonicMs() - startMs)
      return undefined
    },
  }
}
