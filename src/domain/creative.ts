/** What is shown: one ad with its markup and everything an exchange asks about it. */
import type { CategorySet } from './advertiser.ts'
import type { FormatName } from './format.ts'
import type { FrequencyCap } from './frequency.ts'

/** One rendition of a video or audio ad. */
export interface MediaFile {
  readonly url: string
  readonly mime: string
  readonly w: number
  readonly h: number
  readonly bitrateKbps: number
  /** 1 streaming, 2 progressive. */
  readonly delivery: number
}

/** A display ad: an image, or HTML with the placeholders of docs/creatives.md. */
export interface BannerPart {
  /** 0 × 0 = responsive: it fills whatever slot it is in. */
  readonly w: number
  readonly h: number
  /** '' where `imageUrl` is set. */
  readonly html: string
  readonly imageUrl: string
  /** MIME type of what is shown: `text/html`, `image/png` … */
  readonly mime: string
  /** Type as `banner.btype` blocks it: 1 XHTML text, 2 XHTML banner, 3 JavaScript, 4 iframe. */
  readonly type: number
  /** Directions it expands to (`expdir` numbers); empty = it does not expand. */
  readonly expands: readonly number[]
}

/** A measurement script that the player runs beside a video or audio ad (Open Measurement). */
export interface Verification {
  /** The vendor as it registered: `company.com-omid`. */
  readonly vendor: string
  readonly scriptUrl: string
  /** Handed to the script as it is; '' = none. */
  readonly parameters: string
}

/** A video or audio ad: own media files, or the URL of another server's VAST. */
export interface MediaPart {
  readonly durationSec: number
  readonly isSkippable: boolean
  /** Seconds before the skip button shows. */
  readonly skipAfterSec: number
  /** 1 linear, 2 non-linear. */
  readonly linearity: number
  readonly files: readonly MediaFile[]
  /** Not '' = a wrapper around this VAST tag; `files` is then empty. */
  readonly tagUrl: string
  /** VAST versions the markup may be made in, as `Video.protocols` numbers; empty = all of ours. */
  readonly protocols: readonly number[]
  /** Needed where `apis` names OMID (7); absent = none. */
  readonly verifications?: readonly Verification[]
}

/** Building blocks of a native ad; the request's assets choose among them. */
export interface NativePart {
  /** Variants; the longest that fits is used. */
  readonly titles: readonly string[]
  readonly images: readonly {
    /** 1 icon, 3 main. */
    readonly type: number
    readonly url: string
    readonly w: number
    readonly h: number
    readonly mime: string
  }[]
  /** Data assets by AdCOM type (1 sponsored, 2 desc, 3 rating, 12 cta …); variants may repeat. */
  readonly data: readonly { readonly type: number; readonly value: string }[]
  readonly video: MediaPart | null
  /** Link for clients that cannot follow a deep link; '' = none. */
  readonly fallbackUrl: string
}

/** A creative as stored; defaults are filled in at the admin API, so nothing is optional. */
export interface Creative {
  readonly id: string
  readonly campaignId: string
  readonly name: string
  readonly enabled: boolean
  readonly format: FormatName
  /** Landing page; a click is only ever sent there. */
  readonly clickUrl: string
  /** Empty = the advertiser's. Lower case. */
  readonly domains: readonly string[]
  /** Empty = the advertiser's. */
  readonly categories: readonly CategorySet[]
  /** Bundle of the advertised app; '' = none. */
  readonly bundle: string
  /** Language of the ad, lower case; '' = without words. */
  readonly language: string
  /** AdCOM creative attributes. */
  readonly attributes: readonly number[]
  /** API frameworks that the markup needs (OpenRTB `api` numbers). */
  readonly apis: readonly number[]
  /** Preview image for the exchange's quality check; '' = none. */
  readonly previewUrl: string
  /** Third-party trackers, https. */
  readonly impressionTrackers: readonly string[]
  readonly clickTrackers: readonly string[]
  /** Impressions of it to one device. */
  readonly caps: readonly FrequencyCap[]
  /** What it has done so far, for its smoothed rates. */
  readonly history: {
    readonly impressions: number
    readonly clicks: number
    readonly conversions: number
  }
  /** Exactly the part of `format` is not null. */
  readonly banner: BannerPart | null
  readonly video: MediaPart | null
  readonly audio: MediaPart | null
  readonly native: NativePart | null
}

/** Catalog kind. */
export const creativeKind = 'creative'
