/** What a marketer writes: RTA strategies and experiments, as stored in the catalog. */
import type { ProductRef } from './decision.ts'
import type { ConvertedRule, FrequencyCap } from './frequency.ts'
import type { Micros } from './money.ts'

/**
 * Pack ids combined: in every one of `all`, in at least one of `any` (if any), in none of `none`.
 */
export interface AudienceRule {
  readonly all: readonly string[]
  readonly any: readonly string[]
  readonly none: readonly string[]
}

/** Hours of a week in which a strategy is live, in the strategy's own time zone. */
export interface ScheduleWindow {
  /** ISO weekdays, 1 = Monday … 7 = Sunday. */
  readonly days: readonly number[]
  /** Minutes after local midnight, [from, to); `to` may be 1440. */
  readonly fromMinute: number
  readonly toMinute: number
}

/** Conditions beside the audience; an empty list or null means "does not matter". */
export interface Conditions {
  /** Names of `osNames`. */
  readonly os: readonly string[]
  readonly schedule: {
    readonly timeZone: string
    readonly windows: readonly ScheduleWindow[]
  } | null
  /** Absolute flight, epoch milliseconds [startMs, endMs); null = open. */
  readonly startMs: number | null
  readonly endMs: number | null
  /** The medium's own experiment buckets: one of `anyOf` and none of `noneOf`. */
  readonly experimentIds: { readonly anyOf: readonly number[]; readonly noneOf: readonly number[] }
  readonly geo: {
    readonly countries: readonly string[]
    readonly cities: readonly string[]
    readonly excludedCities: readonly string[]
  }
}

/** How the bid is changed; prices are micros of the account's currency. */
export type BidAction =
  | { readonly kind: 'none' }
  | { readonly kind: 'factor'; readonly factor: number }
  | {
      /** Factor from a scored pack: linear from `low` at score 0 to `high` at score 255. */
      readonly kind: 'factorByScore'
      readonly packId: string
      readonly low: number
      readonly high: number
    }
  | { readonly kind: 'cpc'; readonly priceMicros: Micros }
  | { readonly kind: 'cpa'; readonly priceMicros: Micros }

/** What happens when the strategy matches. */
export interface StrategyAction {
  readonly bid: BidAction
  readonly products: readonly ProductRef[]
  readonly advertiserIds: readonly string[]
  readonly adIds: readonly string[]
  readonly tag: string
  /** Predicted conversion rate to tell the medium, or null. */
  readonly pcvr: number | null
  /** Seconds the medium may cache an accept through this strategy; null = the medium's default. */
  readonly cacheAcceptSeconds: number | null
  /**
   * Seconds the medium may cache a refusal when this strategy was the best near miss; null =
   * default.
   */
  readonly cacheRefuseSeconds: number | null
}

/** A bid made from what the best candidate of a strategy is worth; inside its own limits. */
export type RankedBid =
  | {
      /** value ÷ `valueAtOneMicros`, then as the medium honours factors. */
      readonly kind: 'factor'
      readonly valueAtOneMicros: Micros
      readonly min: number
      readonly max: number
    }
  | {
      /** `share` of what a click (cpc) or a conversion (cpa) of the best candidate is worth. */
      readonly kind: 'cpc' | 'cpa'
      readonly share: number
      readonly minMicros: Micros
      readonly maxMicros: Micros
    }

/** A product that stands for a campaign. */
export interface RankedProduct {
  readonly campaignId: string
  readonly libraryId: string
  readonly productId: string
}

/** How the campaigns behind a strategy decide for it. */
export interface StrategyRanking {
  /** Campaigns of the bidder; their live creatives are the candidates. */
  readonly campaigns: readonly string[]
  /** Models (`models/<name>`); '' = none. Without any, rates of history decide. */
  readonly coarseModel: string
  readonly fineModel: string
  /** Rows of one request that fine rank scores, at most. */
  readonly fineMax: number
  /** ISO 4217 of the money here; '' = the base of the rates table. */
  readonly currency: string
  /** Value (CPM) that the best candidate must reach; 0 = any. */
  readonly minValueMicros: Micros
  /** What happens when nothing could be valued: the rules alone decide, or it is a no. */
  readonly whenUnranked: 'rules' | 'refuse'
  /** Null = the bid of the action stays. */
  readonly bid: RankedBid | null
  /** Products of the best campaigns, instead of the action's; empty = those stay. */
  readonly products: readonly RankedProduct[]
  readonly productsMax: number
  /** True: the fine model's CVR of the best candidate is told to the medium. */
  readonly pcvr: boolean
}

/** A price for a second request: the most specific match wins (product > creative > ad group). */
export interface SecondPriceRule {
  /** Empty string = any. 64-bit decimal strings. */
  readonly adGroupId: string
  readonly creativeId: string
  readonly productId: string
  readonly bid: Extract<BidAction, { kind: 'factor' | 'cpc' | 'cpa' }> | { readonly kind: 'ignore' }
}

/** An RTA strategy as stored; defaults are filled in at the admin API, so nothing is optional. */
export interface Strategy {
  readonly id: string
  readonly name: string
  readonly medium: string
  /**
   * The id the medium knows: Tencent out_target_id (≤ 32 characters), Ocean Engine rta_id (int64
   * text).
   */
  readonly targetId: string
  /** True once the medium has the id registered; an unregistered id never leaves the house. */
  readonly registered: boolean
  readonly enabled: boolean
  /** Higher is earlier; ties by id. */
  readonly priority: number
  readonly audience: AudienceRule
  readonly conditions: Conditions
  readonly action: StrategyAction
  /** Null = rules alone. */
  readonly ranking: StrategyRanking | null
  /** Impressions bought through it for one device, as the medium's monitoring links report them. */
  readonly caps: readonly FrequencyCap[]
  /** Devices that are let in or kept out after a conversion; all of the rules must pass. */
  readonly converted: readonly ConvertedRule[]
  readonly secondPrices: readonly SecondPriceRule[]
}

/** One arm of an experiment; an override replaces the strategy's own value. */
export interface ExperimentArm {
  readonly id: string
  /** Parts of 10 000 buckets. */
  readonly share: number
  /** Holdout: the experiment's strategies do not take part for these devices. */
  readonly holdout: boolean
  readonly bid: BidAction | null
  readonly tag: string | null
  readonly cacheAcceptSeconds: number | null
}

/** A deterministic, salted split of devices. Shares of the arms add up to at most 10 000. */
export interface Experiment {
  readonly id: string
  readonly name: string
  /** Experiments of one layer share its buckets and exclude one another; layers are independent. */
  readonly layer: string
  /**
   * First bucket of the layer that belongs to this experiment (0-9 999); arms follow one another.
   */
  readonly firstBucket: number
  readonly enabled: boolean
  /** Empty = every medium. */
  readonly media: readonly string[]
  /** Strategy ids the experiment acts on; empty = all of the media. */
  readonly strategies: readonly string[]
  readonly arms: readonly ExperimentArm[]
}

/** Catalog kinds of the entities that strategies and experiments live in. */
export const strategyKind = 'strategy'
export const experimentKind = 'experiment'

/** Buckets of every experiment layer: shares are parts of it. */
export const bucketCount = 10_000
