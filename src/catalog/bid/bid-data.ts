/** A compiled bid catalog as typed arrays: made in one thread, read in another without a copy. */
import type { AdSide, ModelKey } from '../../domain/ad-side.ts'
import type { CreativeShape } from '../../domain/creative-shape.ts'
import type { Exchange } from '../../domain/exchange.ts'
import type { GuardTable } from '../../domain/guard.ts'
import type { Rates } from '../../domain/rates.ts'
import type { PreparedBrand } from '../../domain/slot-fit/brand-fit.ts'
import type { AudienceRule } from '../../domain/strategy.ts'
import type { NumberIndexData } from '../../lib/number-index.ts'
import type { WordMapData } from '../../lib/word-map.ts'

/** Where the JSON texts of entities stand in the text segments, by index. */
export interface TextColumns {
  readonly segment: Uint16Array
  readonly from: Uint32Array
  readonly to: Uint32Array
}

/** Columns over campaigns. Money is micros of the advertiser's currency. */
export interface CampaignColumns {
  readonly text: TextColumns
  /** `Serial`s. */
  readonly serial: Float64Array
  readonly advertiser: Int32Array
  /** Index into `BidData.currencies`. */
  readonly currency: Uint16Array
  /** Epoch milliseconds [start, end); ∓Infinity = open. */
  readonly startMs: Float64Array
  readonly endMs: Float64Array
  /** CPM; Infinity and 0 = no limit. */
  readonly maxBid: Float64Array
  readonly minBid: Float64Array
  /** Infinity = no limit. */
  readonly maxCostPerWin: Float64Array
  /**
   * Value of 1 000 impressions = base + perClick × ctr + perAction × ctr × cvr, CPM micros at the
   * highest score weight (`valueTerms`); by it models' rates are priced.
   */
  readonly base: Float64Array
  readonly perClick: Float64Array
  readonly perAction: Float64Array
  /** Units of the reference currency for one of the advertiser's. */
  readonly toReference: Float64Array
  /** Index into `BidData.packIds` of the pack whose score weighs the value; -1 none. */
  readonly scorePack: Int32Array
  readonly scoreLow: Float64Array
  readonly scoreHigh: Float64Array
  /** Its creatives: `items[from[c]]` to `items[from[c + 1]]`, best prior first. */
  readonly creativesFrom: Int32Array
  readonly creatives: Int32Array
}

/** Columns over creatives, best prior first: slot 0 has the highest. */
export interface CreativeColumns {
  readonly text: TextColumns
  readonly campaign: Int32Array
  /** Index into the table of shapes, and of brands. */
  readonly shape: Int32Array
  readonly brand: Int32Array
  /** Expected CPM in micros of the advertiser's currency, at the highest score weight. */
  readonly value: Float64Array
  /** The same in the reference currency: what recall orders by. */
  readonly prior: Float64Array
  readonly ctr: Float64Array
  readonly cvr: Float64Array
}

/**
 * An inverted index over campaigns: posting p is a bitset (`dense`, where more than one campaign in
 * 32 has the word) or a sorted array (`sparse`) from `from[p]`, `length[p]` entries long.
 */
export interface PostingColumns {
  readonly isDense: Uint8Array
  readonly from: Uint32Array
  readonly length: Uint32Array
  readonly sparse: Int32Array
  readonly dense: Uint32Array
}

/** One dimension that at least one campaign is constrained in. */
export interface Dimension {
  /** A `Drop` number; words of it stand in the word map under this space. */
  readonly drop: number
  /** Bitset of the campaigns that do not care, from this word of `BidData.free` on. */
  readonly freeFrom: number
  /** True when some campaign denies words; they stand under `drop + denySpace`. */
  readonly denies: boolean
}

/** Space of the words of banner sizes: `300x250` → group of creatives. */
export const sizeSpace = 200

/** Space of the ids of campaigns: id → campaign. */
export const campaignSpace = 201

/** Groups of creatives every slot of a format starts from; sizes of banners follow. */
export const formatGroups = 5

/** Creatives of one group: `items[from[g]]` to `items[from[g + 1]]`, best prior first. */
export interface GroupColumns {
  readonly from: Int32Array
  readonly items: Int32Array
  /** Campaign of each of the items: recall walks along it, most creatives are passed over. */
  readonly campaigns: Int32Array
}

/** A version range of one operating system, `Os` number and version parts. */
export interface OsRule {
  readonly os: number
  readonly min: readonly number[]
  readonly max: readonly number[]
}

/** Hours of the week (0 = Monday 00:00) in which a campaign is on. */
export interface ScheduleRule {
  /** IANA name, or '' for the user's own zone. */
  readonly zone: string
  readonly fallbackZone: string
  /** Minutes of the week, [from, to) pairs ascending. */
  readonly minutes: readonly number[]
}

/** Tables that only grow while `epoch` stays, so that the reader is sent just what is new. */
export interface Tables {
  readonly shape: CreativeShape[]
  readonly brand: PreparedBrand[]
  readonly os: OsRule[]
  readonly schedule: ScheduleRule[]
  readonly audience: AudienceRule[]
}
export type TableName = keyof Tables

/** By rule of a table: its posting, or -1 where no live campaign has the rule. */
export interface RulePostings {
  readonly os: Int32Array
  readonly schedule: Int32Array
  readonly audience: Int32Array
}

/**
 * Caps and rules on converts, and who has any. Bitsets are over campaigns, the last over creatives.
 */
export interface GuardColumns {
  /**
   * Things are creatives, campaigns and advertisers by `entries`; of converts they are campaigns.
   */
  readonly table: GuardTable
  readonly capped: Uint32Array
  /** Of advertisers with caps. */
  readonly cappedByAdvertiser: Uint32Array
  readonly ruled: Uint32Array
  /** Those that want a conversion, and by campaign how many rules want one. */
  readonly requiring: Uint32Array
  readonly requires: Uint8Array
  readonly creatives: Uint32Array
  /** Campaigns of advertisers with caps: `items[from[a]]` to `items[from[a + 1]]`. */
  readonly ofAdvertiser: { readonly from: Int32Array; readonly items: Int32Array }
}

/**
 * Every creative that there is by its serial, also those that do not bid: an ad that was shown may
 * be clicked for days after its campaign has ended. Place p < `creativeCount` is slot p.
 */
export interface CreativeSerials {
  readonly index: NumberIndexData
  /** Texts of those that do not bid, from place `creativeCount` on. */
  readonly others: TextColumns
}

/** Something of the catalog that does not bid, and why. */
export interface BidProblem {
  readonly kind: string
  readonly id: string
  readonly reason: string
}

/** Everything of one revision. */
export interface BidData {
  readonly revision: number
  readonly epoch: number
  readonly segments: readonly SharedArrayBuffer[]
  readonly campaigns: CampaignColumns
  readonly campaignCount: number
  readonly creatives: CreativeColumns
  readonly creativeCount: number
  readonly serials: CreativeSerials
  readonly guards: GuardColumns
  readonly advertisers: TextColumns
  readonly advertiserSerial: Float64Array
  /** By advertiser: index into `seats`. */
  readonly advertiserSeat: Int32Array
  /** Distinct seats; '' = the exchange's own. */
  readonly seats: readonly string[]
  readonly currencies: readonly string[]
  readonly packIds: readonly string[]
  readonly exchanges: readonly Exchange[]
  readonly rates: Rates
  readonly dimensions: readonly Dimension[]
  readonly free: Uint32Array
  readonly words: WordMapData
  readonly postings: PostingColumns
  readonly rules: RulePostings
  /** Campaigns that may buy in the open auction. */
  readonly open: Uint32Array
  /** Campaigns that buy through at least one deal. */
  readonly throughDeals: Uint32Array
  readonly groups: GroupColumns
  /** One of each model that serves: its rows of all creatives. */
  readonly adSides: readonly AdSide[]
  /** Problems, at most `problemsMax` of `problemCount`. */
  readonly problems: readonly BidProblem[]
  readonly problemCount: number
}

/** What the compiling thread tells the deciding one. */
export type CompileMessage =
  | {
      readonly kind: 'table'
      readonly epoch: number
      readonly table: TableName
      readonly items: readonly unknown[]
    }
  | { readonly kind: 'snapshot'; readonly data: BidData }
  /** The store still has the revision that was sent last; `askedAtMs` monotonic of the sender. */
  | { readonly kind: 'confirmed' }
  | { readonly kind: 'problem'; readonly text: string }
  | ModelMessage

/** What becomes of models: a snapshot never names one before it was told of here. */
export type ModelMessage =
  /** Loaded in the thread; the files are in `folder`. */
  | {
      readonly kind: 'model'
      readonly state: 'loaded'
      readonly key: ModelKey
      readonly folder: string
    }
  /** No snapshot after this one names it. */
  | { readonly kind: 'model'; readonly state: 'gone'; readonly key: ModelKey }
  /** A version that was wanted does not serve; what served before does on. */
  | {
      readonly kind: 'model'
      readonly state: 'refused'
      readonly name: string
      readonly version: string
      readonly text: string
    }
  /** What was refused of it is not wanted any more. */
  | { readonly kind: 'model'; readonly state: 'cleared'; readonly name: string }
