/** Pairs of requests: one that bids and a twin that does not, by one rule alone. */
import type { Campaign, Targeting } from '../../src/domain/campaign.ts'
import type { Creative } from '../../src/domain/creative.ts'
import type { Micros } from '../../src/domain/money.ts'
import { aCampaign, anAdvertiser, anExchange, unit } from '../support/bid-world.ts'
import type { Json } from '../support/openrtb-decode.ts'
import type { RoadWorld } from './road.ts'

/** What must be true of a bid of the answer; only what is named is compared. */
export interface WantedBid {
  readonly impid?: string
  readonly crid?: string
  readonly cid?: string
  /** In the exchange's unit, compared exactly. */
  readonly price?: number
  readonly dealid?: string | null
  readonly mtype?: number
  readonly w?: number
  readonly h?: number
  readonly dur?: number
  readonly slotinpod?: number
}

/** What must come out of one side of a pair. */
export interface Wanted {
  /** Exactly these bids, in any order; [] = none. */
  readonly bids?: readonly WantedBid[]
  readonly cur?: string
  /** The one reason of the loss funnel that the twin has and its fixture has not. */
  readonly drop?: string
  /** Refusal by name; without it a twin without bids must say `nothing-…`. */
  readonly refusal?: string
  /** The IAB's number (OpenRTB 3.0, "No-Bid Reason Codes"); 0 unless said. */
  readonly nbr?: number
  /** Why personal data was not used; then no device key may be in the record. */
  readonly privacy?: string
  /** Records left behind. */
  readonly records?: number
  /** Ids of the assets of a native answer. */
  readonly assets?: readonly number[]
}

/** A change of one side: RFC 7396 merge patches, and entities of the world. */
export interface Change {
  readonly request?: Json
  /** Applies to the first impression. */
  readonly imp?: Json
  readonly world?: Partial<RoadWorld>
}

/** A rule with the fixture that keeps it and the twin that breaks it. */
export interface Pair {
  /** The field or rule, as point 2 of the issue names it. */
  readonly rule: string
  /** Which of its sides is shown, where a rule has several. */
  readonly about: string
  /** Section of the specification, or what else says so. */
  readonly source: string
  readonly world: RoadWorld
  readonly request: Json
  readonly expect: Wanted
  readonly twin: Change
  readonly gone: Wanted
}

/** A pair as tables write it; the rest is a 300 × 250 banner on a site that gets one bid. */
export interface PairParts extends Partial<Pick<Pair, 'expect' | 'world'>> {
  readonly source: string
  readonly imp?: Json
  readonly imps?: readonly Json[]
  readonly request?: Json
  readonly twin: Change
  readonly gone: Wanted
}

/** A pair of a rule; `rule` may go on with `: what of it`. */
export function pair(title: string, parts: PairParts): Pair {
  const [rule = title, ...about] = title.split(': ')
  const imps = parts.imps ?? [parts.imp ?? bannerImp]
  return {
    rule,
    about: about.join(': '),
    source: parts.source,
    world: parts.world ?? {},
    request: merged(requestWith(imps), parts.request ?? {}),
    expect: parts.expect ?? { bids: [{}] },
    twin: parts.twin,
    gone: parts.gone,
  }
}

/** The request of the twin. */
export function twinRequest({ request, twin }: Pair): Json {
  const changed = merged(request, twin.request ?? {})
  if (twin.imp === undefined) return changed
  const [first, ...others] = changed['imp'] as Json[]
  return { ...changed, imp: [merged(first ?? {}, twin.imp), ...others] }
}

/** The world of the twin. */
export function twinWorld({ world, twin }: Pair): RoadWorld {
  return { ...world, ...twin.world }
}

/** RFC 7396: objects join, null removes, everything else replaces. */
export function merged(target: Json, patch: Json): Json {
  const result: Record<string, unknown> = { ...target }
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) delete result[name]
    else result[name] = isObject(value) ? merged(objectOr(result[name]), value) : value
  }
  return result
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function objectOr(value: unknown): Json {
  return isObject(value) ? value : {}
}

/** Price of one thousand impressions in units of money. */
export function cpm(units: number): Micros {
  return Math.round(units * unit) as Micros
}

/** A CPM campaign of so many units. */
export function buys(units: number, own: Partial<Campaign> = {}): Campaign {
  return aCampaign({ goal: { kind: 'cpm', bidMicros: cpm(units) }, ...own })
}

/** A world whose one campaign is targeted so. */
export function targeted(targeting: Partial<Targeting>, own: Partial<Campaign> = {}): RoadWorld {
  return { campaigns: [aCampaign(own, targeting)] }
}

/** A world of these creatives alone. */
export function creatives(...list: readonly Creative[]): RoadWorld {
  return { creatives: list }
}

/** A world whose exchange is set so. */
export function exchange(own: Parameters<typeof anExchange>[0]): RoadWorld {
  return { exchanges: [anExchange(own)] }
}

/** A world whose advertiser is described so. */
export function advertiser(own: Parameters<typeof anAdvertiser>[0]): RoadWorld {
  return { advertisers: [anAdvertiser(own)] }
}

/** A browser's user agent. */
export const browser =
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36'

/** A phone in the hand of somebody who may be known. */
export const phone: Json = {
  ua: 'Mozilla/5.0 (Linux; Android 14; SM-S921B) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Mobile Safari/537.36',
  ip: '203.0.113.77',
  devicetype: 4,
  make: 'Samsung',
  model: 'SM-S921B',
  os: 'Android',
  osv: '14.1',
  language: 'de-DE',
  carrier: 'Vodafone',
  mccmnc: '262-02',
  connectiontype: 6,
  ifa: '3f2b1c0d-9e8f-4a7b-b6c5-d4e3f2a1b0c9',
  geo: { country: 'DEU', region: 'BE', city: 'Berlin', utcoffset: 60 },
}

/** A news site. */
export const site: Json = {
  id: 'site-1',
  domain: 'news.example',
  page: 'https://news.example/today',
  cat: ['IAB12-1'],
  publisher: { id: 'pub-1', domain: 'press.example' },
}

/** An app. */
export const app: Json = {
  id: 'app-1',
  bundle: 'com.example.weather',
  cat: ['IAB15'],
  publisher: { id: 'pub-2' },
}

export const bannerImp: Json = { id: '1', banner: { w: 300, h: 250 } }

/** What a page's player asks; the default video of 15 s at 800 kbit/s in 640 × 360 fits. */
export const videoImp: Json = {
  id: '1',
  video: {
    mimes: ['video/mp4'],
    protocols: [2, 3, 5, 6, 7, 8],
    minduration: 5,
    maxduration: 30,
    w: 640,
    h: 360,
    startdelay: 0,
    plcmt: 1,
    linearity: 1,
  },
}

/** What an audio stream asks; the default audio of 30 s at 128 kbit/s fits. */
export const audioImp: Json = {
  id: '1',
  audio: { mimes: ['audio/mpeg'], protocols: [3, 7], minduration: 5, maxduration: 60 },
}

/** A native layout of title, main image and sponsor, as the text that `native.request` is. */
export function nativeImp(assets: readonly Json[] = feedAssets, native: Json = {}): Json {
  const request = JSON.stringify({ ver: '1.2', context: 1, plcmttype: 1, assets })
  return { id: '1', native: { request, ver: '1.2', ...native } }
}

export const feedAssets: readonly Json[] = [
  { id: 1, required: 1, title: { len: 90 } },
  { id: 2, required: 1, img: { type: 3, wmin: 600, hmin: 300 } },
  { id: 3, required: 0, data: { type: 1, len: 25 } },
]

function requestWith(imps: readonly Json[]): Json {
  return {
    id: 'auction-1',
    imp: imps,
    site,
    device: { ua: browser, ip: '198.51.100.7' },
    at: 2,
    tmax: 200,
    cur: ['USD'],
  }
}
