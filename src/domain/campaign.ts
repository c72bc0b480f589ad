/** What an advertiser wants to buy: goal, limits, flight and targeting. */
import type { FormatName, SizePx } from './format.ts'
import type { ConvertedRule, FrequencyCap } from './frequency.ts'
import type { Micros } from './money.ts'
import type { AudienceRule, ScheduleWindow } from './strategy.ts'

/**
 * Value of a conversion by the score of a scored pack: linear from `low` at score 0 to `high` at
 * 255; a device outside of the pack counts as score 0.
 */
export interface ValueByScore {
  readonly packId: string
  readonly low: number
  readonly high: number
}

/**
 * What is bid for. Prices and values are micros of the advertiser's currency. Expected value of
 * 1 000 impressions: cpm `bid` · cpc `bid × pCTR × 1000` · cpa (tCPA, oCPC) `bid × pCTR × pCVR ×
 * 1000` · roas `value × pCTR × pCVR × 1000 ÷ targetRoas` · ltv `value × share × pCTR × pCVR ×
 * 1000`, where the last three are weighted by `byScore`.
 */
export type Goal =
  | { readonly kind: 'cpm'; readonly bidMicros: Micros }
  | { readonly kind: 'cpc'; readonly bidMicros: Micros }
  | {
      readonly kind: 'cpa'
      readonly bidMicros: Micros
      readonly byScore: ValueByScore | null
    }
  | {
      readonly kind: 'roas'
      /** Revenue wanted per unit of spend, > 0. */
      readonly targetRoas: number
      /** Value of one conversion. */
      readonly valueMicros: Micros
      readonly byScore: ValueByScore | null
    }
  | {
      readonly kind: 'ltv'
      /** Lifetime value of one new customer, and the share of it that may be spent, (0, 1]. */
      readonly valueMicros: Micros
      readonly share: number
      readonly byScore: ValueByScore | null
    }

/** Named values that are allowed (empty = all) and denied. Deny wins. */
export interface AllowDeny {
  readonly allow: readonly string[]
  readonly deny: readonly string[]
}

/** A place: country (ISO 3166-1 alpha-3), and optionally region (ISO 3166-2 part) and city. */
export interface Place {
  readonly country: string
  readonly region: string
  readonly city: string
}

/** An operating system with a range of versions, both ends included; '' = open. */
export interface OsRange {
  /** A name of `osNames`. */
  readonly os: string
  readonly minVersion: string
  readonly maxVersion: string
}

/** How a flag of the impression is wanted. */
export type FlagWish = 'any' | 'only' | 'never'

/** Where and to whom a campaign is shown; empty lists mean "does not matter". */
export interface Targeting {
  readonly exchanges: readonly string[]
  readonly channels: readonly ('site' | 'app' | 'dooh')[]
  readonly places: readonly Place[]
  readonly excludedPlaces: readonly Place[]
  readonly os: readonly OsRange[]
  /** AdCOM device types; 1 (mobile or tablet) stands for 4 and 5 both ways. */
  readonly deviceTypes: readonly number[]
  readonly makes: readonly string[]
  /** Model names, lower case. */
  readonly models: readonly string[]
  /** Language of the device; `en` matches `en-us`. */
  readonly languages: readonly string[]
  /** Carrier name or MCC-MNC (`460-00`). */
  readonly carriers: readonly string[]
  /** AdCOM connection types. */
  readonly connectionTypes: readonly number[]
  /** Site domains, subdomains included; with `apps.allow` one of both must match. */
  readonly sites: AllowDeny
  /** App bundles. */
  readonly apps: AllowDeny
  readonly publishers: AllowDeny
  /** Categories of site, app or content, `taxonomy` as OpenRTB `cattax`. */
  readonly contentCategories: {
    readonly taxonomy: number
    readonly allow: readonly string[]
    readonly deny: readonly string[]
  }
  /** `pos` of banner or video. */
  readonly positions: readonly number[]
  /** `video.plcmt`. */
  readonly placements: readonly number[]
  readonly startDelays: readonly ('pre' | 'mid' | 'post')[]
  /** Place in an ad pod. */
  readonly podSlots: readonly ('first' | 'last')[]
  /** Pods of the content that are bought (`podseq`); slots in no pod are not asked. */
  readonly podSequences: readonly ('first' | 'last')[]
  readonly formats: readonly FormatName[]
  /** Sizes of banner creatives. */
  readonly sizes: readonly SizePx[]
  readonly interstitial: FlagWish
  readonly rewarded: FlagWish
  /** Hours of the week; `zone` is an IANA name, or `user` for the user's own. */
  readonly schedule: {
    readonly zone: string
    /** IANA name used where the user's zone is unknown; '' = the campaign is off then. */
    readonly fallbackZone: string
    readonly windows: readonly ScheduleWindow[]
  } | null
  readonly audience: AudienceRule
  /** Deal ids the campaign buys through; `*` = any deal. */
  readonly deals: readonly string[]
  /** Whether it also (or, without deals, only) buys in the open auction. */
  readonly openAuction: boolean
}

/** A campaign as stored; defaults are filled in at the admin API, so nothing is optional. */
export interface Campaign {
  readonly id: string
  readonly name: string
  readonly advertiserId: string
  readonly enabled: boolean
  /** Epoch milliseconds [startMs, endMs); null = open. */
  readonly startMs: number | null
  readonly endMs: number | null
  readonly goal: Goal
  /**
   * CPM micros: no bid is higher than this, and none is made below `minBidMicros`. 0 = no limit.
   */
  readonly maxBidMicros: Micros
  readonly minBidMicros: Micros
  /** Most that one win may cost (price ÷ 1000 × multiplier), micros; 0 = no limit. */
  readonly maxCostPerWinMicros: Micros
  /** Rates that a creative without history is taken to have, each in [0, 1]. */
  readonly prior: { readonly ctr: number; readonly cvr: number }
  readonly targeting: Targeting
  /** Impressions of all of its creatives to one device. */
  readonly caps: readonly FrequencyCap[]
  /** Devices that are let in or kept out after a conversion; all of the rules must pass. */
  readonly converted: readonly ConvertedRule[]
}

/** Catalog kind. */
export const campaignKind = 'campaign'
