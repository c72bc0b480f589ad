/** The one pass over a log of decisions: bids become rows of numbers, facts are spooled. */
import { askOfRecord } from '../domain/ask-of-record.ts'
import type { DecisionRecord, RecordedBid } from '../domain/decision-record.ts'
import { type AskFacts, emptyAskFacts } from '../domain/feature-facts.ts'
import { readRecords } from '../feedback/read-records.ts'
import type { AdBook } from './ad-book.ts'
import type { FactsSpool } from './facts-spool.ts'
import type { RowTable } from './row-table.ts'
import { TrainingError } from './training-error.ts'

/** Where the log goes. */
export interface LogTarget {
  readonly table: RowTable
  readonly spool: FactsSpool
  readonly ads: AdBook
}

/** What the log was like. */
export interface LogCounts {
  /** Lines in all, and those that were no record. */
  readonly lines: number
  readonly badLines: number
  /** Records of tests and dry runs. */
  readonly leftOut: number
  /** Bids that stood in it twice. */
  readonly repeats: number
  /** Epoch milliseconds of the latest decision; -Infinity without one. */
  readonly lastMs: number
  /** Exchanges by their number in the table. */
  readonly exchanges: readonly string[]
}

/** A line of a log whose maker kept only a share of them (docs/world.md). */
type SampledRecord = DecisionRecord & { readonly sampleRate?: number }

/** Numbers of exchanges are two bytes wide. */
const exchangesMax = 65_536

/** Rows between two reports: a few a minute. */
const rowsPerReport = 250_000

/** Takes in every bid of a file or folder. Rejects when it cannot be read, or has too many. */
export async function readLog(
  path: string,
  target: LogTarget,
  onRows: (rows: number) => void,
): Promise<LogCounts> {
  const exchanges = new Map<string, number>()
  let lines = 0
  let badLines = 0
  let leftOut = 0
  let repeats = 0
  let lastMs = Number.NEGATIVE_INFINITY
  const onBadLine = (): void => {
    lines++
    badLines++
  }
  for await (const record of readRecords(path, onBadLine)) {
    const line = lines++
    lastMs = Math.max(lastMs, record.atMs)
    if (record.isTest || !record.isLive) {
      leftOut++
      continue
    }
    const asks = asksOf(record)
    if (asks === null) {
      badLines++
      continue
    }
    const exchange = numberOf(exchanges, record.exchange || record.medium)
    for (const [at, bid] of record.bids.entries()) {
      const isNew = takeBid(target, record, bid, { line, exchange, ask: asks[at] ?? nobody })
      if (!isNew) repeats++
      else if (target.table.count % rowsPerReport === 0) onRows(target.table.count)
    }
  }
  return { lines, badLines, leftOut, repeats, lastMs, exchanges: [...exchanges.keys()] }
}

// oxlint-disable-next-line max-params -- one call a bid
function takeBid(
  { table, spool, ads }: LogTarget,
  record: SampledRecord,
  bid: RecordedBid,
  place: { readonly line: number; readonly exchange: number; readonly ask: AskFacts },
): boolean {
  const bidNumber = Number(bid.bidId) >>> 0
  const { decisionId, atMs, sampleRate = 1 } = record
  if (table.find(decisionId, bidNumber) !== -1) return false
  return table.add({
    decisionId,
    bidNumber,
    atMs,
    line: place.line,
    ad: ads.numberOf(bid),
    exchange: place.exchange,
    weight: 1 / sampleRate,
    factsAt: spool.add(place.ask),
  })
}

/** A row stands for a million at most: a rate of next to nothing would be all that is learned. */
const sampleRateMin = 1e-6

/** Facts of each bid; null: the record lacks some, and is not one that we have written. */
function asksOf(record: SampledRecord): AskFacts[] | null {
  const { sampleRate = 1, bids } = record
  if (!(sampleRate >= sampleRateMin && sampleRate <= 1) || !bids.every(isNamed)) return null
  try {
    const asks = bids.map((bid) => askOfRecord(record, bid))
    return asks.every(isWhole) ? asks : null
  } catch {
    return null
  }
}

function isNamed({ creativeId, campaignId, advertiserId, size }: RecordedBid): boolean {
  return [creativeId, campaignId, advertiserId, size].every((text) => typeof text === 'string')
}

const nobody = emptyAskFacts()
const examples: readonly (readonly [string, unknown])[] = Object.entries(nobody)

/** Every fact, each of its type: an encoder asks for no less. */
function isWhole(ask: AskFacts): boolean {
  return examples.every(([name, example]) => {
    const value: unknown = ask[name as keyof AskFacts]
    return typeof value === typeof example && Array.isArray(value) === Array.isArray(example)
  })
}

function numberOf(numbers: Map<string, number>, exchange: string): number {
  const known = numbers.get(exchange)
  if (known !== undefined) return known
  if (numbers.size === exchangesMax) {
    throw new TrainingError('SLUICE_TRAINING_LOG', `more than ${exchangesMax} exchanges in the log`)
  }
  numbers.set(exchange, numbers.size)
  return numbers.size - 1
}
