/** Coarse rank: rates of all that recall kept, by one dot product a target. */
import type { BidSnapshot } from '../../catalog/bid/bid-snapshot.ts'
import type { AdSide } from '../../domain/ad-side.ts'
import { Drop } from '../../domain/drop-reason.ts'
import { dot } from '../../lib/dot.ts'
import { quickSigmoid } from '../../lib/quick-sigmoid.ts'
import type { CoarseModel, CoarsePlatt } from '../../scoring/ranking.ts'
import type { LossFunnel } from './loss-funnel.ts'
import { putBounds } from './model-value.ts'
import type { CandidateRows, RowList } from './shortlists.ts'

/** What a list is ranked with. */
export interface CoarseView {
  readonly snapshot: BidSnapshot
  readonly side: AdSide
  readonly model: CoarseModel
  readonly platt: CoarsePlatt
  /** The vector of the list's ask, from `from` on. */
  readonly vectors: Float32Array
  readonly from: number
}

/**
 * Gives every row of a list the rates of the coarse model. A row that the model has no number for
 * gets rates of 0 and a bound below all others; answers how many there are.
 */
export function rankCoarse(list: RowList, rows: CandidateRows, view: CoarseView): number {
  const { snapshot, side, model, platt, vectors, from } = view
  const { vectorWidth, vectors: ads } = side
  const { creatives, ctr: ctrs, cvr: cvrs } = rows
  const ask = new Float64Array(vectorWidth)
  ask.set(vectors.subarray(from, from + vectorWidth))
  const { ctrSlope, ctrShift, cvrSlope, cvrShift } = platt
  const ctrFrom = model.ctr[0]
  const ctrWidth = model.ctr[1] - ctrFrom
  const cvrFrom = model.cvr?.[0] ?? 0
  const cvrWidth = (model.cvr?.[1] ?? 0) - cvrFrom
  const priors = snapshot.data.creatives
  const end = list.from + list.count
  for (let row = list.from; row < end; row++) {
    const creative = creatives[row] ?? 0
    const place = creative * vectorWidth
    const ctr = dot(ads, place + ctrFrom, ask, ctrFrom, ctrWidth)
    ctrs[row] = rateOf(ctr, ctrSlope, ctrShift)
    if (cvrWidth > 0) {
      const cvr = dot(ads, place + cvrFrom, ask, cvrFrom, cvrWidth)
      cvrs[row] = rateOf(cvr, cvrSlope, cvrShift)
    } else {
      cvrs[row] = priors.cvr[creative] ?? 0
    }
  }
  putBounds(list, rows, snapshot)
  list.rankedBy = 'coarse'
  return clearUnranked(list, rows)
}

/** Takes the rows that `rankCoarse` had no number for out of a list; the others keep their order. */
export function dropUnranked(list: RowList, rows: CandidateRows, funnel: LossFunnel): void {
  const { from, count } = list
  const { creatives, shares, bounds, ctr, cvr } = rows
  let into = from
  for (let row = from; row < from + count; row++) {
    if ((bounds[row] ?? 0) < 0) continue
    creatives[into] = creatives[row] ?? 0
    for (const column of [shares, bounds, ctr, cvr]) column[into] = column[row] ?? 0
    into++
  }
  list.count = into - from
  funnel.drop(Drop.BadScore, count - list.count)
}

/** NaN for log odds that are not finite: infinite ones would be sure clicks, and bid so. */
function rateOf(logOdds: number, slope: number, shift: number): number {
  return Number.isFinite(logOdds) ? quickSigmoid(slope * logOdds + shift) : Number.NaN
}

/** A bound of NaN is neither above nor below another, and would break a heap of them. */
function clearUnranked({ from, count }: RowList, { bounds, ctr, cvr }: CandidateRows): number {
  let cleared = 0
  for (let row = from; row < from + count; row++) {
    if (!Number.isNaN(bounds[row])) continue
    ctr[row] = 0
    cvr[row] = 0
    bounds[row] = -1
    cleared++
  }
  return cleared
}
