/** Coarse rank: rates of all that recall kept, by one dot product a target. */
import type { BidSnapshot } from '../../catalog/bid/bid-snapshot.ts'
import type { AdSide } from '../../domain/ad-side.ts'
import { dot } from '../../lib/dot.ts'
import type { CoarseModel, CoarsePlatt } from '../../scoring/ranking.ts'
import { boundOf } from './model-value.ts'
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

/** Gives every row of a list the rates of the coarse model. */
export function rankCoarse(list: RowList, rows: CandidateRows, view: CoarseView): void {
  const { snapshot, side, model, platt, vectors, from } = view
  const { ctrSlope, ctrShift, cvrSlope, cvrShift } = platt
  const ctrFrom = model.ctr[0]
  const ctrWidth = model.ctr[1] - ctrFrom
  const cvrFrom = model.cvr?.[0] ?? 0
  const cvrWidth = (model.cvr?.[1] ?? 0) - cvrFrom
  const priors = snapshot.data.creatives
  const end = list.from + list.count
  for (let row = list.from; row < end; row++) {
    const creative = rows.creatives[row] ?? 0
    const place = creative * side.vectorWidth
    const ctr = dot(side.vectors, place + ctrFrom, vectors, from + ctrFrom, ctrWidth)
    rows.ctr[row] = sigmoid(ctrSlope * ctr + ctrShift)
    if (cvrWidth > 0) {
      const cvr = dot(side.vectors, place + cvrFrom, vectors, from + cvrFrom, cvrWidth)
      rows.cvr[row] = sigmoid(cvrSlope * cvr + cvrShift)
    } else {
      rows.cvr[row] = priors.cvr[creative] ?? 0
    }
    rows.bounds[row] = boundOf(rows, row, snapshot)
  }
  list.rankedBy = 'coarse'
}

function sigmoid(logit: number): number {
  return 1 / (1 + Math.exp(-logit))
}
