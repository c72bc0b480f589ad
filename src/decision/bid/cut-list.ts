/** Cuts a shortlist to its best. */
import { Drop } from '../../domain/drop-reason.ts'
import { TopK } from '../../lib/top-k.ts'
import type { LossFunnel } from './loss-funnel.ts'
import { recallMax } from './recall.ts'
import type { CandidateRows, Shortlist } from './shortlists.ts'

/** Memory of the cut, shared by all requests: nothing is waited for in between. */
export class ListCut {
  readonly #top = new TopK(recallMax)
  readonly #creatives = new Int32Array(recallMax)
  readonly #column = new Float64Array(recallMax)

  /** Keeps the `keep` rows of the highest bounds, in no order; counts the others as dropped. */
  run(list: Shortlist, rows: CandidateRows, keep: number, funnel: LossFunnel): void {
    const { from, count } = list
    if (count <= keep) return
    const { bounds } = rows
    const top = this.#top
    top.reset(keep)
    for (let row = from; row < from + count; row++) top.offer(row, bounds[row] ?? 0)
    for (let at = 0; at < top.count; at++) {
      this.#creatives[at] = rows.creatives[top.items[at] ?? 0] ?? 0
    }
    rows.creatives.set(this.#creatives.subarray(0, top.count), from)
    for (const column of [rows.shares, rows.bounds, rows.ctr, rows.cvr]) {
      for (let at = 0; at < top.count; at++) this.#column[at] = column[top.items[at] ?? 0] ?? 0
      column.set(this.#column.subarray(0, top.count), from)
    }
    list.count = top.count
    funnel.drop(Drop.NotRanked, count - top.count)
  }
}
