/** Fine rank: which rows are scored, and what becomes of their scores. */
import type { BidSnapshot } from '../../catalog/bid/bid-snapshot.ts'
import { Drop } from '../../domain/drop-reason.ts'
import type { LossFunnel } from './loss-funnel.ts'
import { putRates } from './model-value.ts'
import type { CandidateRows, RowList } from './shortlists.ts'

/** Scores of one run: rows from `from` on, in the order they were named in. */
export interface FineScores {
  readonly ctr: Float64Array
  /** NaN throughout where the model has no such target. */
  readonly cvr: Float64Array
  readonly from: number
}

/**
 * Puts the scores of a list's rows in; a row without a probability is out, since nobody can say
 * what it is worth. Answers how many scores were used.
 */
export function rankFine(
  list: RowList,
  rows: CandidateRows,
  { ctr, cvr, from }: FineScores,
  { snapshot, funnel }: { readonly snapshot: BidSnapshot; readonly funnel: LossFunnel },
): number {
  const { count } = list
  const priors = snapshot.data.creatives
  // A model without CVR leaves that of the stage before.
  const before = list.rankedBy === 'prior' ? null : rows.cvr
  let kept = 0
  for (let at = 0; at < count; at++) {
    const row = list.from + at
    const score = ctr[from + at] ?? Number.NaN
    if (Number.isNaN(score)) {
      funnel.drop(Drop.BadScore)
      continue
    }
    const into = list.from + kept++
    const creative = rows.creatives[row] ?? 0
    rows.creatives[into] = creative
    rows.shares[into] = rows.shares[row] ?? 0
    const action = cvr[from + at] ?? Number.NaN
    const fallback = (before === null ? priors.cvr[creative] : before[row]) ?? 0
    const rates = { ctr: score, cvr: Number.isNaN(action) ? fallback : action }
    putRates(rows, into, snapshot, rates)
  }
  list.count = kept
  list.rankedBy = 'fine'
  return count
}
