/** The candidates of strategies that are ranked by the same models, from recall to their scores. */
import type { LiveStrategy } from '../../catalog/plan.ts'
import type { StrategyRanking } from '../../domain/strategy.ts'
import { type CandidateRows, columnsOf, type RowList } from '../bid/shortlists.ts'

/** A strategy with the campaigns behind it, as one snapshot of the bidder's catalog has them. */
export interface BackedStrategy {
  readonly strategy: LiveStrategy
  readonly ranking: StrategyRanking
  /** Campaigns of the snapshot; what it does not have is left out. */
  readonly campaigns: Int32Array
  /** Campaign of each of the ranking's products; -1 = not there. */
  readonly productCampaigns: Int32Array
  /** Units of the ranking's currency for one of the reference; NaN = no rate. */
  readonly rate: number
}

/** Rows that a group keeps for its next request: some 36 KiB. */
const keptRowsMax = 1_024

/** One group of a request. Its memory belongs to the scratch. */
export class RankGroup {
  coarseModel = ''
  fineModel = ''
  /** In the order of the eligible. */
  strategies: BackedStrategy[] = []
  /** Live campaigns of all of them, each once. */
  campaigns: number[] = []
  /** First row of each campaign and one past the last, until rows are picked for fine rank. */
  campaignRows: number[] = []
  rows: CandidateRows = columnsOf(0)
  readonly list: RowList = { from: 0, count: 0, rankedBy: 'prior' }
  /** Rows that each stage took in; 0 = it did not run. */
  recalled = 0
  coarse = 0
  fine = 0
  /** True when the CVR of its rows are predictions of the fine model. */
  hasFineCvr = false

  /** Begins for strategies of these models. */
  begin(coarseModel: string, fineModel: string): void {
    this.coarseModel = coarseModel
    this.fineModel = fineModel
    this.list.count = 0
    this.list.rankedBy = 'prior'
    this.recalled = 0
    this.coarse = 0
    this.fine = 0
    this.hasFineCvr = false
  }

  /** Makes room; what stands in the rows goes. */
  reserve(count: number): void {
    if (this.rows.creatives.length < count) this.rows = columnsOf(count)
  }

  /** No reference into a catalog stays; most of the memory goes. */
  clear(): void {
    this.strategies = []
    this.campaigns = []
    this.campaignRows = []
    if (this.rows.creatives.length > keptRowsMax) this.rows = columnsOf(0)
  }

  /** Rows that fine rank may score by the plans of its strategies. */
  get fineMax(): number {
    let most = 0
    for (const { ranking } of this.strategies) most = Math.max(most, ranking.fineMax)
    return most
  }
}
