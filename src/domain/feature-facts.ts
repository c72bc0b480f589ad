/**
 * What models may look at, in one shape for a decision being made and for one read back from the
 * log: features are encoded from these facts alone, so both are encoded by the same code.
 */

/**
 * The asking side: user, device, place and slot. One a slot (an impression in one format). Plain
 * values that survive JSON; '' 0 and -1 mean "not known" as said. A scratch owns and reuses it.
 */
export interface AskFacts {
  /** Exchange of the route, or RTA medium. */
  exchange: string
  /** `Channel` number. */
  channel: number
  /** Site or app id, domain (lower case) and bundle; '' = not said. */
  inventoryId: string
  domain: string
  bundle: string
  publisherId: string
  /** Categories of site, app or content, as sent. */
  contentCategories: readonly string[]
  tagId: string
  /** `pos`; 0 unknown. */
  position: number
  /** `Format` number of the slot; 0 = not of one format (RTA). */
  format: number
  isInterstitial: boolean
  isRewarded: boolean
  country: string
  region: string
  city: string
  /** `Os` number. */
  os: number
  osVersion: string
  /** AdCOM numbers; 0 unknown. */
  deviceType: number
  connectionType: number
  make: string
  model: string
  language: string
  carrier: string
  /** /24 or /48 (`truncateIp`); '' unknown. */
  network: string
  /** Hour 0-23 and ISO weekday 1-7 where the user is; -1 and 0 when the offset is unknown. */
  localHour: number
  weekday: number
  /** Packs of the device with its scores there (0-255, -1 = no score); same order, any order. */
  packIds: readonly string[]
  packScores: readonly number[]
  /** Floor of the slot, CPM micros as sent; 0 = none. */
  floorMicros: number
}

/** The advertising side: a creative with what its campaign and advertiser add. */
export interface AdFacts {
  readonly creativeId: string
  readonly campaignId: string
  readonly advertiserId: string
  /** Categories of the creative, else of its advertiser, whatever the taxonomy. */
  readonly categories: readonly string[]
  /** First domain of the creative, else of its advertiser. */
  readonly domain: string
  readonly bundle: string
  readonly language: string
  /** `Format` number. */
  readonly format: number
  /** `<w>x<h>` of a banner; '' for others. */
  readonly size: string
  readonly durationSec: number
  readonly attributes: readonly number[]
  /** `Goal.kind`. */
  readonly goal: string
  /** Smoothed rates (`smoothedRates`), and the history they are from. */
  readonly priorCtr: number
  readonly priorCvr: number
  readonly impressions: number
  readonly clicks: number
  readonly conversions: number
  /** Epoch milliseconds at which the campaign's flight begins; null = open. */
  readonly flightStartMs: number | null
}

/** Facts of nobody, to be filled. */
export function emptyAskFacts(): AskFacts {
  return {
    exchange: '',
    channel: 0,
    inventoryId: '',
    domain: '',
    bundle: '',
    publisherId: '',
    contentCategories: [],
    tagId: '',
    position: 0,
    format: 0,
    isInterstitial: false,
    isRewarded: false,
    country: '',
    region: '',
    city: '',
    os: 0,
    osVersion: '',
    deviceType: 0,
    connectionType: 0,
    make: '',
    model: '',
    language: '',
    carrier: '',
    network: '',
    localHour: -1,
    weekday: 0,
    packIds: [],
    packScores: [],
    floorMicros: 0,
  }
}
