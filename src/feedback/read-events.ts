/** Reads events from lines of JSON: the form of a world's log and of imported logs. */
import { lineBatches } from '../lib/read-lines.ts'
import { eventVersion, type FeedbackEvent } from './event.ts'

/**
 * Events of a file of `FeedbackEvent` lines (gzip where its name ends in `.gz`), in its order.
 * Lines that are no event of this version are left out and told to `onBadLine`. Rejects when the
 * file cannot be read or its gzip is cut.
 */
export async function* readEvents(
  path: string,
  onBadLine: () => void = () => undefined,
): AsyncGenerator<FeedbackEvent> {
  for await (const lines of lineBatches(path)) {
    for (const line of lines) {
      const event = eventOfLine(line)
      if (event === null) onBadLine()
      else yield event
    }
  }
}

function eventOfLine(line: string): FeedbackEvent | null {
  try {
    const value: unknown = JSON.parse(line)
    return isEvent(value) ? withNaN(value) : null
  } catch {
    return null
  }
}

/** Of this version, and with what every reader looks at: one time that is none spoils a log's end. */
function isEvent(value: unknown): value is FeedbackEvent {
  if (typeof value !== 'object' || value === null) return false
  const event = value as Partial<Record<keyof FeedbackEvent, unknown>>
  const { version, id, kind, eventTimeMs, decisionId, flags } = event
  if (version !== eventVersion || typeof id !== 'string' || typeof kind !== 'number') return false
  return Number.isFinite(eventTimeMs) && typeof decisionId === 'string' && Array.isArray(flags)
}

/** JSON writes NaN ("no prediction") as null. */
function withNaN(event: FeedbackEvent): FeedbackEvent {
  const read: { ctr: number | null; cvr: number | null } = event
  read.ctr ??= Number.NaN
  read.cvr ??= Number.NaN
  return event
}
