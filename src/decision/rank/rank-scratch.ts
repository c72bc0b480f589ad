/** What one request needs to rank its strategies. Made when the first of them asks for it. */
import type { BidSnapshot } from '../../catalog/bid/bid-snapshot.ts'
import type { LiveStrategy } from '../../catalog/plan.ts'
import { RankNote } from '../../domain/bid-decision.ts'
import type { ProductRef } from '../../domain/decision.ts'
import { type AskFacts, emptyAskFacts } from '../../domain/feature-facts.ts'
import { LossFunnel } from '../bid/loss-funnel.ts'
import { RankGroup } from './rank-group.ts'

/** What a strategy is worth by the best candidate of its campaigns. */
export interface Worth {
  /** Creative and campaign of the snapshot. */
  readonly creative: number
  readonly campaign: number
  /** Expected CPM in micros of the ranking's currency, rounded down. */
  readonly valueMicros: number
  readonly ctr: number
  readonly cvr: number
  /** The fine model's CVR; NaN = it said none. */
  readonly fineCvr: number
  /** Null = the action's stay. */
  readonly products: readonly ProductRef[] | null
}

/** Memory of one scratch; `begin` forgets the request before. */
export class RankScratch {
  /** The bidder's catalog that all of the request is ranked by; null = there is none. */
  snapshot: BidSnapshot | null = null
  readonly ask: AskFacts = emptyAskFacts()
  readonly funnel = new LossFunnel()
  readonly groups: RankGroup[] = []
  groupCount = 0
  /** Strategies that asked for it. */
  strategies = 0
  note: RankNote = RankNote.AsPlanned
  coarseModel = ''
  fineModel = ''
  /** By strategy that was ranked; null = nothing of it could be valued. */
  readonly worths = new Map<LiveStrategy, Worth | null>()
  /** Those that it kept out. */
  readonly refused: LiveStrategy[] = []

  begin(snapshot: BidSnapshot | null): void {
    this.clear()
    this.snapshot = snapshot
    this.funnel.clear()
    this.strategies = 0
    this.note = RankNote.AsPlanned
    this.coarseModel = ''
    this.fineModel = ''
  }

  /** The group of two models, made where there is none yet. */
  group(coarseModel: string, fineModel: string): RankGroup {
    for (let at = 0; at < this.groupCount; at++) {
      const known = this.groups[at]
      if (known?.coarseModel === coarseModel && known.fineModel === fineModel) return known
    }
    const group = this.groups[this.groupCount] ?? new RankGroup()
    this.groups[this.groupCount++] = group
    group.begin(coarseModel, fineModel)
    return group
  }

  /** No reference into a catalog stays behind. */
  clear(): void {
    for (let at = 0; at < this.groupCount; at++) this.groups[at]?.clear()
    this.groupCount = 0
    this.snapshot = null
    this.worths.clear()
    this.refused.length = 0
  }
}
