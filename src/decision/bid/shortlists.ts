/** The candidates of a request, slot by slot, on their way from recall to a price. */
import type { RankedBy } from '../../domain/decision-record.ts'
import type { TopK } from '../../lib/top-k.ts'
import type { Offer } from './offers.ts'
import type { Slot } from './slot.ts'

/** Candidates: rows [from, from + count) of their columns. */
export interface RowList {
  readonly from: number
  count: number
  /** The last stage that put its rates in; rows of `prior` have those of the snapshot. */
  rankedBy: RankedBy
}

/** A slot with its candidates, rows of `Shortlists.rows`. */
export interface Shortlist extends RowList {
  readonly slot: Slot
  /** Ways to buy it, and the ads it takes. */
  readonly offers: readonly Offer[]
  readonly adsMax: number
}

/** Columns over candidates. */
export interface CandidateRows {
  /** Creatives of the snapshot. */
  creatives: Int32Array
  /** What the device's pack score leaves of the value, [0, 1]. */
  shares: Float64Array
  /** No price is above it: CPM micros of the reference currency. */
  bounds: Float64Array
  /** Rates of a model, calibrated; not set while the list is ranked by prior. */
  ctr: Float64Array
  cvr: Float64Array
}

/** Rows that a scratch keeps for its next request: two slots of the largest recall, 150 KiB. */
const keptRowsMax = 4_096

/** The lists of one request. Grows with what recall finds; `clear` gives most of it back. */
export class Shortlists {
  rows: CandidateRows = columnsOf(256)
  /** In the order of slots. */
  lists: Shortlist[] = []
  #used = 0

  /** Forgets what stands in it; no reference to a snapshot or a request stays. */
  clear(): void {
    if (this.lists.length > 0) this.lists = []
    this.#used = 0
    if (this.rows.creatives.length > keptRowsMax) this.rows = columnsOf(keptRowsMax)
  }

  /** Takes what recall found for a slot; `shareOf` is asked once for each. */
  add(
    { slot, offers, adsMax }: Pick<Shortlist, 'slot' | 'offers' | 'adsMax'>,
    { items, scores, count }: TopK,
    shareOf: (creative: number) => number,
  ): void {
    this.#reserve(count)
    const { creatives, shares, bounds } = this.rows
    const from = this.#used
    for (let at = 0; at < count; at++) {
      const creative = items[at] ?? 0
      creatives[from + at] = creative
      shares[from + at] = shareOf(creative)
      bounds[from + at] = scores[at] ?? 0
    }
    this.#used += count
    this.lists.push({ slot, offers, adsMax, from, count, rankedBy: 'prior' })
  }

  #reserve(count: number): void {
    const needed = this.#used + count
    if (needed <= this.rows.creatives.length) return
    const grown = columnsOf(Math.max(needed, this.rows.creatives.length * 2))
    grown.creatives.set(this.rows.creatives)
    grown.shares.set(this.rows.shares)
    grown.bounds.set(this.rows.bounds)
    // Recall comes before any model: there are no rates to keep yet.
    this.rows = grown
  }
}

/** Empty columns of `count` rows. */
export function columnsOf(count: number): CandidateRows {
  return {
    creatives: new Int32Array(count),
    shares: new Float64Array(count),
    bounds: new Float64Array(count),
    ctr: new Float64Array(count),
    cvr: new Float64Array(count),
  }
}
