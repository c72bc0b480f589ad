/** What one decision was asked, what it weighed and what it chose: the training log's row. */
import type { Drop } from './drop-reason.ts'
import type { Format } from './format.ts'
import type { PrivacyLimit } from './privacy.ts'
import type { Refusal } from './refusal.ts'

/** Version of `DecisionRecord`; it changes when an old reader would misread a new record. */
export const decisionRecordVersion = 1

/** What put the candidates in order. */
export type RankedBy = 'prior' | 'coarse' | 'fine'

/**
 * One decision. Made fresh and then handed over: nothing changes it, nothing in it belongs to a
 * scratch. Flat and plain: columns for a table. '' 0 NaN and empty lists mean "not known".
 */
export interface DecisionRecord {
  readonly version: typeof decisionRecordVersion
  readonly decisionId: string
  /** Epoch milliseconds. */
  readonly atMs: number
  readonly medium: string
  readonly exchange: string
  /** Catalog revision that decided. */
  readonly revision: number

  /** Asked. */
  readonly requestId: string
  readonly isTest: boolean
  /** False: dry run, nothing left the house. */
  readonly isLive: boolean
  readonly auctionType: number
  /** Currencies that bids might have had; the first is that of all prices below. */
  readonly currencies: readonly string[]
  readonly tmaxMs: number
  readonly imps: readonly RecordedImp[]
  readonly impsDropped: number

  /** Where and to whom, as far as it might be looked at. */
  readonly privacyLimit: PrivacyLimit
  /** False: decided without device keys and without user features. */
  readonly usedPersonalData: boolean
  /** Types (`idTypes` codes) and keys (16 hex digits) of the same order; never a raw id. */
  readonly deviceTypes: readonly number[]
  readonly deviceKeys: readonly string[]
  /** IPv4 /24 or IPv6 /48 (`truncateIp`). */
  readonly network: string
  readonly channel: number
  readonly inventoryId: string
  readonly domain: string
  readonly bundle: string
  readonly publisherId: string
  readonly country: string
  readonly region: string
  readonly city: string
  readonly os: number
  readonly osVersion: string
  readonly deviceType: number
  readonly make: string
  readonly model: string
  readonly connectionType: number
  readonly language: string
  readonly carrier: string
  /** Minutes east of UTC. */
  readonly utcOffsetMin: number
  /** Categories of site, app or content, as sent. */
  readonly contentCategories: readonly string[]
  /** How many packs the device was in, and which, with its scores there (0-255, -1 = none). */
  readonly packsMatched: number
  readonly packIds: readonly string[]
  readonly packScores: readonly number[]

  /** Weighed. */
  readonly eligibleCount: number
  readonly recalledCount: number
  /** Creatives that got rates from the coarse and from the fine model, and that got a price. */
  readonly coarseCount?: number
  readonly fineCount?: number
  readonly rankedCount: number
  /** Reasons and counts of the same order; each counts campaigns or creatives × impressions. */
  readonly dropReasons: readonly Drop[]
  readonly dropCounts: readonly number[]
  readonly rankedBy: RankedBy
  /** Why the road was not as planned: a name of `rankNoteNames`. */
  readonly rankNote?: string
  /**
   * `<name>@<version>` of what ordered them coarsely, and of what the values are from; '' = prior.
   */
  readonly coarseModel?: string
  readonly ctrModel: string
  readonly cvrModel: string
  /** Arms as `<experiment>/<arm>`. */
  readonly arms: readonly string[]

  /** Chosen. `refusal` 0 = at least one bid. */
  readonly refusal: Refusal
  readonly bids: readonly RecordedBid[]
  /** A sample of those that were not chosen. */
  readonly losers: readonly RecordedLoser[]
  /** How many they were drawn from, each with the same chance; what was chosen is among them. */
  readonly losersFrom?: number

  /** Microseconds; NaN where not measured. */
  readonly queueUs: number
  readonly decodeUs: number
  readonly audienceUs: number
  readonly decideUs: number
  /** Milliseconds that were left of the deadline when the decision was made. */
  readonly leftMs: number
}

/** One impression as it was asked for. Prices are CPM micros. */
export interface RecordedImp {
  readonly id: string
  readonly index: number
  readonly formats: readonly Format[]
  /** `<w>x<h>`. */
  readonly sizes: readonly string[]
  /** As sent. */
  readonly floorMicros: number
  readonly floorCurrency: string
  readonly isPrivate: boolean
  readonly dealIds: readonly string[]
  readonly dealFloorsMicros: readonly number[]
  readonly isSecure: boolean
  readonly isInterstitial: boolean
  readonly isRewarded: boolean
  readonly tagId: string
  readonly position: number
  readonly podId: string
  readonly multiplier: number
}

/**
 * What each stage made of a candidate that a model ranked. Places count from 1 among the candidates
 * of its impression and format, by what they were worth to that stage; 0 = it did not order this
 * one. Rates are NaN where there was no such model.
 */
export interface StageScores {
  readonly recallRank: number
  readonly coarseRank: number
  readonly fineRank: number
  /** Of the coarse model, calibrated. */
  readonly coarseCtr: number
  readonly coarseCvr: number
  /** Of the fine model, before calibration. */
  readonly rawCtr: number
  readonly rawCvr: number
}

/** What is known of a candidate, chosen or not. Prices are CPM micros of the first currency. */
interface RecordedCandidate {
  readonly impIndex: number
  readonly advertiserId: string
  readonly campaignId: string
  readonly creativeId: string
  /** Place in the ranking of its impression, from 1. */
  readonly rank: number
  readonly valueMicros: number
  /** Rates the value was made from. */
  readonly ctr: number
  readonly cvr: number
  readonly rates: 'prior' | 'model'
  /** Null: the prior alone ordered them. Older lines, and those of generated worlds, lack it. */
  readonly scores?: StageScores | null
  /** Inputs of the fine model as encoded (feature-bytes.ts); null = it did not rank this one. */
  readonly features: Uint8Array | null
}

/** One bid. */
export interface RecordedBid extends RecordedCandidate {
  /** `Bid.id`: with the decision id it is the bid's name in tokens and events. */
  readonly bidId: string
  readonly format: Format
  readonly size: string
  readonly durationSec: number
  readonly seat: string
  readonly dealId: string
  readonly priceMicros: number
  /** The floor it had to meet. */
  readonly floorMicros: number
  readonly auctionType: number
  /** Probability with which it was chosen, (0, 1]. */
  readonly propensity: number
}

/** One candidate that was not chosen, and why. */
export interface RecordedLoser extends RecordedCandidate {
  /** As which format it was weighed; older lines do not say. */
  readonly format?: Format
  readonly drop: Drop
}
