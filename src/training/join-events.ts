/** Joins events to the bids they are of: what was shown, clicked, and led to a conversion. */
import { EventKind, type FeedbackEvent } from '../feedback/event.ts'
import { readEvents } from '../feedback/read-events.ts'
import { type RowTable, SeenBit } from './row-table.ts'

/** What became of the events. */
export interface JoinCounts {
  readonly joined: number
  /** Of bids that the log does not have (sampled away, dry runs, or another log). */
  readonly strangers: number
  /** Tests, and those with a flag that makes them count for nothing. */
  readonly leftOut: number
  /** Lines that were no event. */
  readonly badLines: number
  /** Epoch milliseconds of the latest event; -Infinity without one. */
  readonly lastMs: number
}

/**
 * Marks the rows of `table` with the events of a file, which may come in any order and more than
 * once. Wins and losses are passed over: a bid that won need not have been shown.
 */
export async function joinEvents(path: string, table: RowTable): Promise<JoinCounts> {
  let joined = 0
  let strangers = 0
  let leftOut = 0
  let badLines = 0
  let lastMs = Number.NEGATIVE_INFINITY
  for await (const event of readEvents(path, () => badLines++)) {
    if (event.isTest || event.flags.length > 0) {
      leftOut++
      continue
    }
    lastMs = Math.max(lastMs, event.eventTimeMs)
    const row = table.find(event.decisionId, event.bidNumber)
    if (row === -1) strangers++
    else {
      joined++
      mark(table, row, event)
    }
  }
  return { joined, strangers, leftOut, badLines, lastMs }
}

function mark(table: RowTable, row: number, { kind, eventTimeMs }: FeedbackEvent): void {
  const seen = table.seen[row] ?? 0
  switch (kind) {
    case EventKind.Exposure:
    case EventKind.Bill:
      table.seen[row] = seen | SeenBit.Shown
      break
    case EventKind.Click:
      // What was clicked was shown, though its exposure may have been lost.
      table.seen[row] = seen | SeenBit.Shown | SeenBit.Click
      table.clickAt[row] = earlier(table.clickAt[row], eventTimeMs)
      break
    case EventKind.Conversion:
      table.conversionAt[row] = earlier(table.conversionAt[row], eventTimeMs)
      break
    default:
  }
}

function earlier(known: number | undefined, atMs: number): number {
  return known === undefined || Number.isNaN(known) ? atMs : Math.min(known, atMs)
}
