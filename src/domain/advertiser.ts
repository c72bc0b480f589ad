/** Who pays. */
import type { FrequencyCap } from './frequency.ts'

/** Categories of an advertiser or creative in one taxonomy (OpenRTB `cattax`). */
export interface CategorySet {
  /** AdCOM "Category Taxonomies"; 1 = IAB Content 1.0. */
  readonly taxonomy: number
  readonly ids: readonly string[]
}

/** An advertiser as stored; defaults are filled in at the admin API, so nothing is optional. */
export interface Advertiser {
  readonly id: string
  readonly name: string
  readonly enabled: boolean
  /** ISO 4217: every price of its campaigns is in this currency. */
  readonly currency: string
  /** Landing domains, lower case; creatives may name their own. At least one. */
  readonly domains: readonly string[]
  readonly categories: readonly CategorySet[]
  /** Buyer seat its bids are made on; '' = the exchange's. */
  readonly seat: string
  /** Impressions of all of its campaigns to one device. */
  readonly caps: readonly FrequencyCap[]
}

/** Catalog kind. */
export const advertiserKind = 'advertiser'
