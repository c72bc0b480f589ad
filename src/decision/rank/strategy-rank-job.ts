/** One group's candidates at the models: what the batcher asks for, and what it gives. */
import type { BidSnapshot } from '../../catalog/bid/bid-snapshot.ts'
import type { AdRequest } from '../../domain/ad-request.ts'
import type { AdSide } from '../../domain/ad-side.ts'
import type { AskFacts } from '../../domain/feature-facts.ts'
import type { CoarseModel, RankJob } from '../../scoring/ranking.ts'
import { rankCoarse } from '../bid/coarse-rank.ts'
import { rankFine } from '../bid/fine-rank.ts'
import type { LossFunnel } from '../bid/loss-funnel.ts'
import type { CampaignPlaces } from './campaign-places.ts'
import type { RowPick } from './pick-rows.ts'
import type { RankGroup } from './rank-group.ts'
import type { RankTrace } from './rank-trace.ts'

/** What a job ranks, and with what. */
export interface GroupTask {
  /** Its medium stands for an exchange: models are calibrated by it. */
  readonly request: Pick<AdRequest, 'medium' | 'deadlineMs'>
  readonly atMs: number
  readonly ask: AskFacts
  readonly snapshot: BidSnapshot
  readonly group: RankGroup
  readonly coarse: AdSide | null
  readonly fine: AdSide | null
  /** The fine model predicts conversions. */
  readonly hasCvr: boolean
  readonly fineMax: number
  readonly funnel: LossFunnel
  readonly trace: RankTrace | null
  /** Memory shared with other requests, used only while nothing is waited for. */
  readonly places: CampaignPlaces
  readonly pick: RowPick
}

/** Ranks one group. */
export class StrategyRankJob implements RankJob {
  readonly asks: readonly AskFacts[]
  readonly #task: GroupTask

  constructor(task: GroupTask) {
    this.#task = task
    this.asks = [task.ask]
  }

  get exchange(): string {
    return this.#task.request.medium
  }

  get deadlineMs(): number {
    return this.#task.request.deadlineMs
  }

  get atMs(): number {
    return this.#task.atMs
  }

  get coarse(): AdSide | null {
    return this.#task.coarse
  }

  get fine(): AdSide | null {
    return this.#task.fine
  }

  onVectors(vectors: Float32Array, from: number, model: CoarseModel): void {
    const { snapshot, group, coarse, trace } = this.#task
    if (coarse === null) return
    const platt = model.plattOf(this.exchange)
    const { list, rows } = group
    rankCoarse(list, rows, { snapshot, side: coarse, model, platt, vectors, from })
    group.coarse = list.count
    trace?.ranked(group)
  }

  fineRows(creatives: Int32Array, asks: Int32Array, max: number): number {
    const { snapshot, group, fineMax, funnel, places, pick } = this.#task
    places.use(group.campaigns, snapshot.data.campaignCount)
    pick.run(group, { fineMax, max }, places, funnel)
    const { list, rows } = group
    for (let row = 0; row < list.count; row++) {
      creatives[row] = rows.creatives[row] ?? 0
      asks[row] = 0
    }
    return list.count
  }

  onScores(ctr: Float64Array, cvr: Float64Array, from: number): void {
    const { snapshot, group, funnel, trace, hasCvr } = this.#task
    rankFine(group.list, group.rows, { ctr, cvr, from }, { snapshot, funnel })
    group.fine = group.list.count
    group.hasFineCvr = hasCvr
    trace?.ranked(group)
  }
}
