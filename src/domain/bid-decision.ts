/** What we answer an exchange, in our words: the bids that an adapter puts on its wire. */
import type { Advertiser } from './advertiser.ts'
import type { Deal, Imp } from './bid-request.ts'
import type { Campaign } from './campaign.ts'
import type { Creative } from './creative.ts'
import type { RankedBy } from './decision-record.ts'
import type { Exchange } from './exchange.ts'
import type { Format, SizePx } from './format.ts'
import type { Micros } from './money.ts'
import { Refusal } from './refusal.ts'

/** One bid. Everything here may be kept: nothing of it belongs to a scratch. */
export interface Bid {
  /** Unique in the answer: `1`, `2` …; with the decision id it names the bid everywhere. */
  readonly id: string
  readonly imp: Imp
  readonly format: Format
  readonly advertiser: Advertiser
  readonly campaign: Campaign
  readonly creative: Creative
  /** '' = none is sent. */
  readonly seat: string
  /** CPM micros in the decision's currency. */
  readonly priceMicros: Micros
  /** The floor it had to meet, same unit and currency; 0 = none. */
  readonly floorMicros: Micros
  /** Null = open auction. */
  readonly deal: Deal | null
  /** Size of a banner; the slot's or file's for others, 0 × 0 unknown. */
  readonly size: SizePx
  /** Seconds; 0 where time has no meaning. */
  readonly durationSec: number
  /** Place in the pod that the bid is for (`Bid.slotinpod`); 0 = any. */
  readonly slotInPod: number
  /** Expected value, CPM micros in the decision's currency, and the rates it was made from. */
  readonly valueMicros: Micros
  readonly ctr: number
  readonly cvr: number
  /** Whose rates they are. */
  readonly rankedBy: RankedBy
  /** Probability with which this creative was chosen among its equals, (0, 1]. */
  readonly propensity: number
}

/** Why the road was as long as it was. */
export const RankNote = {
  /** As the plan has it; also where it names no model. */
  AsPlanned: 0,
  /** The plan names a model that is not there, or was refused. */
  ModelMissing: 1,
  /** Time was short: fewer stages than planned, or on fewer rows. */
  Shortened: 2,
  /** More requests waited for models than may wait. */
  Overload: 3,
  /** A model broke while it ran. */
  Failed: 4,
  /** The catalog changed twice while models ran. */
  CatalogChanged: 5,
} as const
export type RankNote = (typeof RankNote)[keyof typeof RankNote]

/** Name of a note in kebab-case, for metrics, records and traces. */
export const rankNoteNames: readonly string[] = [
  'as-planned',
  'model-missing',
  'shortened',
  'overload',
  'failed',
  'catalog-changed',
]

/** How the candidates were put in order. */
export interface Ranking {
  /** The furthest stage that any slot reached. */
  readonly by: RankedBy
  readonly note: RankNote
  /** `<name>@<version>` of the models that ran; '' = none did. */
  readonly coarseModel: string
  readonly fineModel: string
  /** Of these the one whose CVR the furthest stage bids by; '' = that of the history. */
  readonly cvrModel: string
}

/** The order of priors, where nobody asked for another. */
export const priorRanking: Ranking = {
  by: 'prior',
  note: RankNote.AsPlanned,
  coarseModel: '',
  fineModel: '',
  cvrModel: '',
}

/** The answer to one bid request; `refusal` 0 with at least one bid, else no bid. */
export interface BidDecision {
  readonly refusal: Refusal
  readonly bids: readonly Bid[]
  /** ISO 4217 of every price. */
  readonly currency: string
  /** 16 hex digits, unique over processes: part of every token and record. */
  readonly decisionId: string
  /** Null when no such exchange is in the catalog. */
  readonly exchange: Exchange | null
  readonly isTest: boolean
  /** True: decided and recorded, but the exchange is not live; nothing may leave the house. */
  readonly isDryRun: boolean
  /** Catalog revision that decided; 0 = none. */
  readonly revision: number
  readonly ranking: Ranking
}

const none: readonly never[] = []

/** A decision without bids. */
export function noBid(refusal: Refusal, exchange: Exchange | null, revision = 0): BidDecision {
  return {
    refusal,
    bids: none,
    currency: '',
    decisionId: '',
    exchange,
    isTest: false,
    isDryRun: false,
    revision,
    ranking: priorRanking,
  }
}

/** True when bids leave the house. */
export function isBid(decision: BidDecision): boolean {
  return decision.refusal === Refusal.None && decision.bids.length > 0 && !decision.isDryRun
}
