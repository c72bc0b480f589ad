/** What we answer an exchange, in our words: the bids that an adapter puts on its wire. */
import type { Advertiser } from './advertiser.ts'
import type { Deal, Imp } from './bid-request.ts'
import type { Campaign } from './campaign.ts'
import type { Creative } from './creative.ts'
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
  /** Probability with which this creative was chosen among its equals, (0, 1]. */
  readonly propensity: number
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
  }
}

/** True when bids leave the house. */
export function isBid(decision: BidDecision): boolean {
  return decision.refusal === Refusal.None && decision.bids.length > 0 && !decision.isDryRun
}
