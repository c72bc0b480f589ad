/** What an exchange asks, in our words: one auction with its impressions (OpenRTB 2.5 and 2.6). */
import { type Geo, Os } from './ad-request.ts'
import { DeviceKeys } from './device-keys.ts'
import type { Exchange } from './exchange.ts'
import type { SizePx } from './format.ts'
import type { Micros } from './money.ts'
import { PrivacyLimit } from './privacy.ts'

/** A floor: CPM micros of `currency`, rounded up; 0 = none. */
export interface Floor {
  readonly cpmMicros: Micros
  /** ISO 4217, upper case. */
  readonly currency: string
}

/** A floor for creatives of [minSec, maxSec] (2.6 §3.2.35 DurFloors); an open end is Infinity. */
export interface DurationFloor {
  readonly minSec: number
  readonly maxSec: number
  readonly cpmMicros: Micros
}

/** A size by ratio (2.6 §3.2.10 Format): any creative of this ratio, at least `wMinPx` wide. */
export interface FlexSize {
  readonly wRatio: number
  readonly hRatio: number
  readonly wMinPx: number
}

/** What a creative's size must lie within, in device-independent pixels, ends included. */
export interface SizeBounds {
  readonly wMin: number
  /** Infinity when not said. */
  readonly wMax: number
  readonly hMin: number
  readonly hMax: number
}

/** A banner opportunity; empty lists mean "not said". */
export interface BannerSlot {
  /** `format[]` with `w`, `h`, else the banner's own `w`, `h`; empty with no `flex` = any size. */
  readonly sizes: readonly SizePx[]
  readonly flex: readonly FlexSize[]
  /** Only where no size and no ratio is given: old `wmin`…`hmax`, or an interstitial's screen. */
  readonly bounds: SizeBounds | null
  readonly blockedTypes: readonly number[]
  readonly blockedAttributes: readonly number[]
  /** `pos`; 0 unknown. */
  readonly position: number
  readonly mimes: readonly string[]
  readonly expandDirections: readonly number[]
  readonly apis: readonly number[]
}

/** A place in an ad pod (2.6 §7.6); null in a slot that is in none. */
export interface PodPlace {
  /** Impressions with one id belong to one pod; '' = a pod of this impression alone. */
  readonly id: string
  /** `podseq`: -1 last pod of the content, 0 any, 1 first. */
  readonly sequence: number
  /** `slotinpod`: -1 last, 0 any, 1 first, 2 first or last. */
  readonly slot: number
  /** Seconds of a dynamic pod that all ads together may fill; 0 = the slot holds one ad. */
  readonly durationSec: number
  /** Most ads in a dynamic pod; 0 = not said. */
  readonly adsMax: number
  /** `poddedupe`: 1 adomain, 2 category, 3 creative id, 4 media file, 5 none. */
  readonly dedupe: readonly number[]
}

/** A video or audio opportunity; 0, null and empty lists mean "not said". */
export interface MediaSlot {
  readonly mimes: readonly string[]
  readonly protocols: readonly number[]
  readonly apis: readonly number[]
  readonly blockedAttributes: readonly number[]
  readonly minSec: number
  /** Infinity when not said. */
  readonly maxSec: number
  /** Exact durations that alone are allowed; excludes `minSec` and `maxSec`. */
  readonly requiredSec: readonly number[]
  /** Seconds > 0, 0 pre-roll, -1 any mid-roll, -2 post-roll; null = not said. */
  readonly startDelaySec: number | null
  /** 1 linear, 2 non-linear. */
  readonly linearity: number
  readonly skip: boolean | null
  /** Skipping is allowed only for creatives longer than this. */
  readonly skipMinSec: number
  readonly plcmt: number
  readonly placement: number
  readonly position: number
  readonly widthPx: number
  readonly heightPx: number
  readonly minBitrateKbps: number
  /** Infinity when not said. */
  readonly maxBitrateKbps: number
  readonly boxingAllowed: boolean
  readonly deliveries: readonly number[]
  readonly playbackMethods: readonly number[]
  readonly pod: PodPlace | null
  /** `mincpmpersec` in CPM micros a second; 0 = none. */
  readonly floorPerSecMicros: number
  readonly durationFloors: readonly DurationFloor[]
}

/** One asset of a native request; exactly one of the four parts is not null. */
export interface NativeAssetSlot {
  readonly id: number
  readonly isRequired: boolean
  /** Longest title in characters; 0 = not said. */
  readonly title: { readonly charsMax: number } | null
  readonly image: {
    /** 1 icon, 3 main; 0 not said. */
    readonly type: number
    readonly w: number
    readonly h: number
    readonly wMin: number
    readonly hMin: number
    readonly mimes: readonly string[]
  } | null
  readonly video: MediaSlot | null
  readonly data: { readonly type: number; readonly charsMax: number } | null
}

/** A native opportunity (OpenRTB Native 1.1 and 1.2). */
export interface NativeSlot {
  /** `1.2`, or what the request says. */
  readonly version: string
  readonly assets: readonly NativeAssetSlot[]
  readonly apis: readonly number[]
  readonly blockedAttributes: readonly number[]
  readonly context: number
  readonly placementType: number
  /** Events that may be tracked, as asked: `event` and `methods` numbers. */
  readonly eventTrackers: readonly { readonly event: number; readonly methods: readonly number[] }[]
  /** True where the request was the form before 1.1: wrapped in `{"native": …}`. */
  readonly isWrapped: boolean
  /** True where the request came as an object, not as a string. */
  readonly isObject: boolean
}

/** A deal of a private marketplace (2.6 §3.2.12). */
export interface Deal {
  readonly id: string
  readonly floor: Floor
  readonly floorPerSecMicros: number
  readonly durationFloors: readonly DurationFloor[]
  /** 1 first price, 2 second price plus, 3 the floor is the price; 0 = as the request. */
  readonly auctionType: number
  readonly seats: readonly string[]
  readonly advertiserDomains: readonly string[]
  readonly isGuaranteed: boolean
}

/** One impression on offer. At least one of the four formats is not null. */
export interface Imp {
  readonly id: string
  /** Position in the request. */
  readonly index: number
  readonly floor: Floor
  readonly banner: BannerSlot | null
  readonly video: MediaSlot | null
  readonly audio: MediaSlot | null
  readonly native: NativeSlot | null
  readonly isInterstitial: boolean
  readonly isRewarded: boolean
  /** True: every URL of the markup must be https. */
  readonly isSecure: boolean
  readonly tagId: string
  readonly isPrivate: boolean
  readonly deals: readonly Deal[]
  /** Seconds the exchange waits between auction and impression; 0 = not said. */
  readonly expirySec: number
  /** Impressions that one win stands for (DOOH `qty.multiplier`); > 0. */
  readonly multiplier: number
}

/** Where the ad is shown. */
export const Channel = { Unknown: 0, Site: 1, App: 2, Dooh: 3 } as const
export type Channel = (typeof Channel)[keyof typeof Channel]
export const channelNames = ['unknown', 'site', 'app', 'dooh'] as const

/** The site, app or screen, and its content; '' and empty lists mean "not said". */
export class Inventory {
  channel: Channel = Channel.Unknown
  id = ''
  name = ''
  /** Lower case, without `www.`. */
  domain = ''
  bundle = ''
  page = ''
  publisherId = ''
  publisherName = ''
  publisherDomain = ''
  /** Categories of the site or app with those of its content, and their taxonomy (`cattax`). */
  categories: readonly string[] = []
  categoryTaxonomy = 1
  /** Language of the content, ISO 639-1 or BCP 47, lower case. */
  language = ''

  clear(): void {
    this.channel = Channel.Unknown
    this.id = ''
    this.name = ''
    this.domain = ''
    this.bundle = ''
    this.page = ''
    this.publisherId = ''
    this.publisherName = ''
    this.publisherDomain = ''
    this.categories = nothing
    this.categoryTaxonomy = 1
    this.language = ''
  }
}

/** The device, as far as it may be looked at. */
export class DeviceInfo {
  /** Never logged whole: it is close to an identifier. */
  userAgent = ''
  os: Os = Os.Unknown
  osVersion = ''
  /** AdCOM device type; 0 unknown. */
  type = 0
  /** Lower case. */
  make = ''
  model = ''
  language = ''
  carrier = ''
  mccMnc = ''
  connectionType = 0
  widthPx = 0
  heightPx = 0
  pixelRatio = 0

  clear(): void {
    this.userAgent = ''
    this.os = Os.Unknown
    this.osVersion = ''
    this.type = 0
    this.make = ''
    this.model = ''
    this.language = ''
    this.carrier = ''
    this.mccMnc = ''
    this.connectionType = 0
    this.widthPx = 0
    this.heightPx = 0
    this.pixelRatio = 0
  }
}

/** Where the user is. Country is ISO 3166-1 alpha-3, upper case. */
export interface BidGeo extends Geo {
  region: string
  metro: string
  zip: string
  /** Minutes east of UTC; NaN unknown. */
  utcOffsetMin: number
}

const nothing: readonly never[] = []

/**
 * One bid request in our words. Pooled: nothing may keep it, but its impressions, deals and slots
 * are made per request and may be kept by the answer. All fields are always present.
 */
export class BidRequest {
  /** Name of the route: `/openrtb2/<exchange>`. */
  exchange = ''
  id = ''
  /** `test`: decided and answered, but counts and records nothing. */
  isTest = false
  /** Monotonic milliseconds of the arrival at the socket, and of the answer's last moment. */
  receivedAtMs = 0
  deadlineMs = 0
  /** `tmax` as sent; 0 = not said. */
  tmaxMs = 0
  /** 1 first price, 2 second price plus; the exchange's default when not said. */
  auctionType = 2
  /** Unit that the floors were read in; '' = not said. */
  priceUnit: Exchange['priceUnit'] | '' = ''
  /** Currencies that bids may have; empty = the exchange's. ISO 4217, upper case. */
  currencies: readonly string[] = nothing
  allowedSeats: readonly string[] = nothing
  blockedSeats: readonly string[] = nothing
  /** Advertiser categories in `categoryTaxonomy` (`cattax`, default 1). */
  blockedCategories: readonly string[] = nothing
  allowedCategories: readonly string[] = nothing
  categoryTaxonomy = 1
  /** Lower case. */
  blockedDomains: readonly string[] = nothing
  blockedBundles: readonly string[] = nothing
  /** `wlang` or `wlangb`, lower case; empty = all. */
  languages: readonly string[] = nothing
  imps: readonly Imp[] = nothing
  /** Impressions that were left out as unusable (no id, no usable format). */
  impsDropped = 0
  readonly inventory = new Inventory()
  readonly device = new DeviceInfo()
  readonly geo: BidGeo = emptyGeo()
  /** As text, for geo lookup; never logged whole. */
  ip = ''
  /** Empty where personal data may not be used. */
  readonly devices = new DeviceKeys()
  /** Why personal data may not be used; `PrivacyLimit.None` = it may. */
  privacyLimit: PrivacyLimit = PrivacyLimit.None
  /** User features; empty where personal data may not be used. */
  yearOfBirth = 0
  gender = ''
  /** Supply chain: 1 complete, 0 incomplete, -1 not sent; nodes as `asi/sid`, lower-case asi. */
  schainComplete = -1
  schainNodes: readonly string[] = nothing
  isCrawler = false
  /** True when the wire was JSON. */
  isJson = false

  /** Puts every field back. */
  clear(): void {
    this.exchange = ''
    this.id = ''
    this.isTest = false
    this.receivedAtMs = 0
    this.deadlineMs = 0
    this.tmaxMs = 0
    this.auctionType = 2
    this.priceUnit = ''
    this.currencies = nothing
    this.allowedSeats = nothing
    this.blockedSeats = nothing
    this.blockedCategories = nothing
    this.allowedCategories = nothing
    this.categoryTaxonomy = 1
    this.blockedDomains = nothing
    this.blockedBundles = nothing
    this.languages = nothing
    this.imps = nothing
    this.impsDropped = 0
    this.inventory.clear()
    this.device.clear()
    Object.assign(this.geo, clearedGeo)
    this.ip = ''
    this.devices.clear()
    this.privacyLimit = PrivacyLimit.None
    this.yearOfBirth = 0
    this.gender = ''
    this.schainComplete = -1
    this.schainNodes = nothing
    this.isCrawler = false
    this.isJson = false
  }
}

function emptyGeo(): BidGeo {
  return {
    country: '',
    city: '',
    district: '',
    latitude: Number.NaN,
    longitude: Number.NaN,
    region: '',
    metro: '',
    zip: '',
    utcOffsetMin: Number.NaN,
  }
}

const clearedGeo = emptyGeo()
