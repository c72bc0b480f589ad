/** Takes old records out of the log, in steps that hold nobody up. */
import { type EventLog, logStart } from '../../store/feedback-ports.ts'

/** How far the log of a part is done with. */
export interface DonePart {
  readonly part: string
  /** Place up to which everybody has read it. */
  readonly upTo: string
}

/** Records of one step: those of ten seconds, some 50 000 of a busy worker. */
const stepMs = 10_000

/** Steps of one call and part: what is left goes with the next call. */
const stepsMax = 60

/** Removes what is done with and was stored before `beforeMs`; answers how many records went. */
export async function trimLog(
  log: Pick<EventLog, 'read' | 'trim'>,
  done: readonly DonePart[],
  beforeMs: number,
): Promise<number> {
  let parts = done.filter(({ upTo }) => upTo !== logStart)
  let count = 0
  for (let step = 0; step < stepsMax && parts.length > 0; step++) {
    const wanted = parts.map(({ part }) => ({ part, after: logStart }))
    const oldest = await log.read(wanted, 1)
    const next: DonePart[] = []
    for (const [i, one] of parts.entries()) {
      const storedAtMs = oldest[i]?.[0]?.storedAtMs ?? Infinity
      if (storedAtMs >= beforeMs) continue
      const went = await log.trim(one.part, one.upTo, Math.min(beforeMs, storedAtMs + stepMs))
      count += went
      if (went > 0) next.push(one)
    }
    parts = next
  }
  return count
}
