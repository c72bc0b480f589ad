/**
 * How often, and after what, a device is still asked: caps on impressions and rules on converts.
 */

/** At most `impressions` of one thing to one device within any `minutes`. */
export interface FrequencyCap {
  /** 1 to `capImpressionsMax`. */
  readonly impressions: number
  /** Length of the sliding window, 1 to `capMinutesMax`. Granularity is a minute, never shorter. */
  readonly minutes: number
}

/** Caps that hold together for one thing; the one that is reached first decides. */
export const capsMax = 8

/** What a user state remembers of one thing to the last impression (`momentsMax`). */
export const capImpressionsMax = 128

/** 30 days. */
export const capMinutesMax = 30 * 24 * 60

/**
 * What a conversion does to a device: it is taken out (`exclude`), or let in (`require`), for
 * `days`
 * after its last conversion.
 */
export interface ConvertedRule {
  readonly kind: 'exclude' | 'require'
  /** Whose conversions. */
  readonly advertiserId: string
  /** The advertiser's action (`purchase`); '' = any. */
  readonly action: string
  /** 1 to `convertedDaysMax`. */
  readonly days: number
}

/** Rules of one campaign or strategy; a device must pass all of them. */
export const convertedRulesMax = 8

/** Half a year: as long as a user state remembers a conversion. */
export const convertedDaysMax = 180
