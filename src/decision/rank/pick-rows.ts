/** Which candidates of a group the fine model scores: the best of each strategy, then of all. */
import { Drop } from '../../domain/drop-reason.ts'
import { TopK } from '../../lib/top-k.ts'
import type { LossFunnel } from '../bid/loss-funnel.ts'
import { recallMax } from '../bid/recall.ts'
import type { CandidateRows } from '../bid/shortlists.ts'
import type { CampaignPlaces } from './campaign-places.ts'
import type { BackedStrategy, RankGroup } from './rank-group.ts'

/** Memory of the choice, shared by all requests: nothing is waited for in between. */
export class RowPick {
  readonly #top = new TopK(recallMax)
  readonly #picked = new Uint8Array(recallMax)
  #count = 0

  /**
   * Keeps about `fineMax` rows, in their order, and no more than `max`. Every strategy has an equal
   * part of them and one row at least: it is decided by its own best candidate, however much more
   * the others' are worth. What is left over goes to the best of all.
   */
  run(
    group: RankGroup,
    { fineMax, max }: { readonly fineMax: number; readonly max: number },
    places: CampaignPlaces,
    funnel: LossFunnel,
  ): void {
    const { list, strategies, rows } = group
    const keep = Math.min(Math.max(fineMax, strategies.length), max)
    if (list.count <= keep) return
    this.#picked.fill(0, 0, list.count)
    this.#count = 0
    const quota = Math.max(1, Math.floor(keep / strategies.length))
    for (const backed of strategies) {
      this.#pickOf(backed, group, places, Math.min(quota, keep - this.#count))
    }
    this.#top.reset(keep - this.#count)
    this.#offer(rows, 0, list.count)
    this.#take()
    funnel.drop(Drop.NotRanked, list.count - this.#count)
    this.#compact(group)
  }

  #pickOf(backed: BackedStrategy, group: RankGroup, places: CampaignPlaces, quota: number): void {
    const { campaigns } = backed
    const { campaignRows, rows } = group
    this.#top.reset(quota)
    for (let at = 0; at < campaigns.length; at++) {
      const place = places.of(campaigns[at] ?? 0)
      if (place === -1) continue
      this.#offer(rows, campaignRows[place] ?? 0, campaignRows[place + 1] ?? 0)
    }
    this.#take()
  }

  /** Rows that were picked for another strategy are not offered again. */
  #offer({ bounds }: CandidateRows, from: number, to: number): void {
    for (let row = from; row < to; row++) {
      if (this.#picked[row] === 0) this.#top.offer(row, bounds[row] ?? 0)
    }
  }

  #take(): void {
    const { items, count } = this.#top
    for (let at = 0; at < count; at++) this.#picked[items[at] ?? 0] = 1
    this.#count += count
  }

  #compact({ list, rows }: RankGroup): void {
    let into = 0
    for (let row = 0; row < list.count; row++) {
      if (this.#picked[row] === 0) continue
      rows.creatives[into] = rows.creatives[row] ?? 0
      rows.shares[into] = rows.shares[row] ?? 0
      rows.bounds[into] = rows.bounds[row] ?? 0
      rows.ctr[into] = rows.ctr[row] ?? 0
      rows.cvr[into] = rows.cvr[row] ?? 0
      into++
    }
    list.count = into
  }
}
