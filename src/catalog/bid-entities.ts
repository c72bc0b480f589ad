/** Stored JSON of advertisers, campaigns, creatives, exchanges and rates as domain objects. */
import type { Advertiser, CategorySet } from '../domain/advertiser.ts'
import type {
  AllowDeny,
  Campaign,
  Goal,
  OsRange,
  Place,
  Targeting,
  ValueByScore,
} from '../domain/campaign.ts'
import type {
  BannerPart,
  Creative,
  MediaFile,
  MediaPart,
  NativePart,
  Verification,
} from '../domain/creative.ts'
import { type BidPlan, type Exchange, fineMaxDefault } from '../domain/exchange.ts'
import type { FormatName, SizePx } from '../domain/format.ts'
import { type Micros, micros } from '../domain/money.ts'
import type { Rates } from '../domain/rates.ts'
import { audienceOf, capsOf, convertedOf, ownId, windowOf } from './entity-parts.ts'
import { JsonShape } from './json-shape.ts'

/**
 * The advertiser stored under `id`. Like all functions here it throws `ShapeError` with the path of
 * the first field that does not fit, and `SyntaxError` where the text is no JSON.
 */
export function parseAdvertiser(json: string, id: string): Advertiser {
  const shape = new JsonShape(JSON.parse(json))
  return {
    id: ownId(shape, id),
    name: shape.text('name'),
    enabled: shape.flag('enabled'),
    currency: shape.text('currency'),
    domains: shape.texts('domains'),
    categories: shape.children('categories').map(categorySetOf),
    seat: shape.text('seat'),
    caps: capsOf(shape),
  }
}

/** The campaign stored under `id`. */
export function parseCampaign(json: string, id: string): Campaign {
  const shape = new JsonShape(JSON.parse(json))
  const prior = shape.child('prior')
  return {
    id: ownId(shape, id),
    name: shape.text('name'),
    advertiserId: shape.text('advertiserId'),
    enabled: shape.flag('enabled'),
    startMs: shape.integerOrNull('startMs', 0, Number.MAX_SAFE_INTEGER),
    endMs: shape.integerOrNull('endMs', 0, Number.MAX_SAFE_INTEGER),
    goal: goalOf(shape.child('goal')),
    maxBidMicros: microsOf(shape, 'maxBidMicros'),
    minBidMicros: microsOf(shape, 'minBidMicros'),
    maxCostPerWinMicros: microsOf(shape, 'maxCostPerWinMicros'),
    prior: { ctr: prior.numberIn('ctr', 0, 1), cvr: prior.numberIn('cvr', 0, 1) },
    targeting: targetingOf(shape.child('targeting')),
    caps: capsOf(shape),
    converted: convertedOf(shape),
  }
}

/** The creative stored under `id`. */
export function parseCreative(json: string, id: string): Creative {
  const shape = new JsonShape(JSON.parse(json))
  const history = shape.child('history')
  const format = shape.choice('format', formats)
  const banner = shape.childOrNull('banner')
  const video = shape.childOrNull('video')
  const audio = shape.childOrNull('audio')
  const native = shape.childOrNull('native')
  onlyPartOf(format, { banner, video, audio, native }, shape)
  return {
    id: ownId(shape, id),
    campaignId: shape.text('campaignId'),
    name: shape.text('name'),
    enabled: shape.flag('enabled'),
    format,
    clickUrl: shape.text('clickUrl'),
    domains: shape.texts('domains'),
    categories: shape.children('categories').map(categorySetOf),
    bundle: shape.text('bundle'),
    language: shape.text('language'),
    attributes: shape.integers('attributes', 1, codeMax),
    apis: shape.integers('apis', 1, codeMax),
    previewUrl: shape.text('previewUrl'),
    impressionTrackers: shape.texts('impressionTrackers'),
    clickTrackers: shape.texts('clickTrackers'),
    caps: capsOf(shape),
    history: {
      impressions: history.integer('impressions', 0, Number.MAX_SAFE_INTEGER),
      clicks: history.integer('clicks', 0, Number.MAX_SAFE_INTEGER),
      conversions: history.integer('conversions', 0, Number.MAX_SAFE_INTEGER),
    },
    banner: banner === null ? null : bannerOf(banner),
    video: video === null ? null : mediaOf(video),
    audio: audio === null ? null : mediaOf(audio),
    native: native === null ? null : nativeOf(native),
  }
}

/** The exchange stored under `id`. */
export function parseExchange(json: string, id: string): Exchange {
  const shape = new JsonShape(JSON.parse(json))
  const secret = shape.childOrNull('secretHeader')
  return {
    id: ownId(shape, id),
    name: shape.text('name'),
    enabled: shape.flag('enabled'),
    live: shape.flag('live'),
    protobufLayout: shape.choice('protobufLayout', ['iab', 'google']),
    currency: shape.text('currency'),
    otherCurrencies: shape.texts('otherCurrencies'),
    priceUnit: shape.choice('priceUnit', ['cpm', 'cpmMicros', 'perImpression']),
    tmaxDefaultMs: shape.integer('tmaxDefaultMs', 1, msMax),
    tmaxMaxMs: shape.integer('tmaxMaxMs', 1, msMax),
    networkAllowanceMs: shape.integer('networkAllowanceMs', 0, msMax),
    sendAllowanceMs: shape.integer('sendAllowanceMs', 0, msMax),
    auctionType: shape.integer('auctionType', 1, 2) === 1 ? 1 : 2,
    firstPriceShare: shareOf(shape, 'firstPriceShare'),
    noBid: shape.choice('noBid', ['empty', 'reason']),
    seat: shape.text('seat'),
    bidsPerImpMax: shape.integer('bidsPerImpMax', 1, codeMax),
    ...answerFormOf(shape),
    blocked: blockedOf(shape.child('blocked')),
    requiresCompleteSchain: shape.flag('requiresCompleteSchain'),
    tcfVendorId: shape.integer('tcfVendorId', 0, 0xffff),
    qpsMax: shape.integer('qpsMax', 0, Number.MAX_SAFE_INTEGER),
    secretHeader:
      secret === null ? null : { name: secret.text('name'), values: secret.texts('values') },
    noBidRecordRate: shape.numberIn('noBidRecordRate', 0, 1),
    plan: planOf(shape.child('plan')),
  }
}

/** The table of rates; `id` is `ratesId`. */
export function parseRates(json: string, id: string): Rates {
  const shape = new JsonShape(JSON.parse(json))
  const table = shape.child('rates')
  const rates: Record<string, number> = {}
  for (const currency of table.keys()) {
    const rate = table.number(currency)
    if (rate <= 0) table.fail(currency, 'not above 0')
    rates[currency] = rate
  }
  return { id: ownId(shape, id), base: shape.text('base'), asOf: shape.text('asOf'), rates }
}

const formats: readonly FormatName[] = ['banner', 'video', 'audio', 'native']

/** AdCOM lists end below 1 000; exchanges number their own values from 500. */
const codeMax = 9_999

/** A minute: no exchange waits longer, and the deadline arithmetic stays far from its limits. */
const msMax = 60_000

/** Far above any pixel size or bitrate. */
const pxMax = 1_000_000

/** Above any sensible weight or return; a price times this is still a finite double. */
const weightMax = 1_000_000

function microsOf(shape: JsonShape, key: string): Micros {
  return micros(shape.integer(key, 0, Number.MAX_SAFE_INTEGER))
}

/** A number inside (0, 1]. */
function shareOf(shape: JsonShape, key: string): number {
  const share = shape.number(key)
  return share > 0 && share <= 1 ? share : shape.fail(key, 'not inside (0, 1]')
}

function categorySetOf(shape: JsonShape): CategorySet {
  return { taxonomy: shape.integer('taxonomy', 1, codeMax), ids: shape.texts('ids') }
}

function goalOf(shape: JsonShape): Goal {
  const kind = shape.choice('kind', ['cpm', 'cpc', 'cpa', 'roas', 'ltv'])
  switch (kind) {
    case 'cpm':
    case 'cpc':
      return { kind, bidMicros: microsOf(shape, 'bidMicros') }
    case 'cpa':
      return { kind, bidMicros: microsOf(shape, 'bidMicros'), byScore: byScoreOf(shape) }
    case 'roas': {
      const targetRoas = shape.numberIn('targetRoas', 0, weightMax)
      if (targetRoas === 0) shape.fail('targetRoas', 'not above 0')
      const valueMicros = microsOf(shape, 'valueMicros')
      return { kind, targetRoas, valueMicros, byScore: byScoreOf(shape) }
    }
    case 'ltv': {
      const valueMicros = microsOf(shape, 'valueMicros')
      return { kind, valueMicros, share: shareOf(shape, 'share'), byScore: byScoreOf(shape) }
    }
  }
}

function byScoreOf(goal: JsonShape): ValueByScore | null {
  const shape = goal.childOrNull('byScore')
  if (shape === null) return null
  return {
    packId: shape.text('packId'),
    low: shape.numberIn('low', 0, weightMax),
    high: shape.numberIn('high', 0, weightMax),
  }
}

function targetingOf(shape: JsonShape): Targeting {
  return {
    exchanges: shape.texts('exchanges'),
    channels: shape.choices('channels', ['site', 'app', 'dooh']),
    places: shape.children('places').map(placeOf),
    excludedPlaces: shape.children('excludedPlaces').map(placeOf),
    os: shape.children('os').map(osRangeOf),
    deviceTypes: shape.integers('deviceTypes', 1, codeMax),
    makes: shape.texts('makes'),
    models: shape.texts('models'),
    languages: shape.texts('languages'),
    carriers: shape.texts('carriers'),
    connectionTypes: shape.integers('connectionTypes', 0, codeMax),
    ...contentTargetingOf(shape),
    ...slotTargetingOf(shape),
    schedule: scheduleOf(shape.childOrNull('schedule')),
    audience: audienceOf(shape.child('audience')),
    deals: shape.texts('deals'),
    openAuction: shape.flag('openAuction'),
  }
}

type ContentTargeting = Pick<Targeting, 'sites' | 'apps' | 'publishers' | 'contentCategories'>

function contentTargetingOf(shape: JsonShape): ContentTargeting {
  const categories = shape.child('contentCategories')
  return {
    sites: allowDenyOf(shape.child('sites')),
    apps: allowDenyOf(shape.child('apps')),
    publishers: allowDenyOf(shape.child('publishers')),
    contentCategories: {
      taxonomy: categories.integer('taxonomy', 1, codeMax),
      ...allowDenyOf(categories),
    },
  }
}

type SlotTargeting = Pick<
  Targeting,
  | 'positions'
  | 'placements'
  | 'startDelays'
  | 'podSlots'
  | 'podSequences'
  | 'formats'
  | 'sizes'
  | 'interstitial'
  | 'rewarded'
>

function slotTargetingOf(shape: JsonShape): SlotTargeting {
  return {
    positions: shape.integers('positions', 0, codeMax),
    placements: shape.integers('placements', 1, codeMax),
    startDelays: shape.choices('startDelays', ['pre', 'mid', 'post']),
    podSlots: shape.choices('podSlots', ['first', 'last']),
    podSequences: shape.choices('podSequences', ['first', 'last']),
    formats: shape.choices('formats', formats),
    sizes: shape.children('sizes').map(sizeOf),
    interstitial: shape.choice('interstitial', ['any', 'only', 'never']),
    rewarded: shape.choice('rewarded', ['any', 'only', 'never']),
  }
}

function placeOf(shape: JsonShape): Place {
  return {
    country: shape.text('country'),
    region: shape.text('region'),
    city: shape.text('city'),
  }
}

function osRangeOf(shape: JsonShape): OsRange {
  return {
    os: shape.text('os'),
    minVersion: shape.text('minVersion'),
    maxVersion: shape.text('maxVersion'),
  }
}

function allowDenyOf(shape: JsonShape): AllowDeny {
  return { allow: shape.texts('allow'), deny: shape.texts('deny') }
}

function sizeOf(shape: JsonShape): SizePx {
  return { w: shape.integer('w', 0, pxMax), h: shape.integer('h', 0, pxMax) }
}

function scheduleOf(shape: JsonShape | null): Targeting['schedule'] {
  if (shape === null) return null
  return {
    zone: shape.text('zone'),
    fallbackZone: shape.text('fallbackZone'),
    windows: shape.children('windows').map(windowOf),
  }
}

/** Refuses a creative without the part of its format, or with another's. */
function onlyPartOf(
  format: FormatName,
  parts: Record<FormatName, JsonShape | null>,
  shape: JsonShape,
): void {
  for (const name of formats) {
    if (name === format && parts[name] === null) shape.fail(name, `a ${format} needs it`)
    if (name !== format && parts[name] !== null) shape.fail(name, `a ${format} has none`)
  }
}

function bannerOf(shape: JsonShape): BannerPart {
  return {
    w: shape.integer('w', 0, pxMax),
    h: shape.integer('h', 0, pxMax),
    html: shape.text('html'),
    imageUrl: shape.text('imageUrl'),
    mime: shape.text('mime'),
    type: shape.integer('type', 1, codeMax),
    expands: shape.integers('expands', 1, codeMax),
  }
}

function mediaOf(shape: JsonShape): MediaPart {
  return {
    durationSec: shape.numberIn('durationSec', 0, pxMax),
    isSkippable: shape.flag('isSkippable'),
    skipAfterSec: shape.numberIn('skipAfterSec', 0, pxMax),
    linearity: shape.integer('linearity', 1, 2),
    files: shape.children('files').map(mediaFileOf),
    tagUrl: shape.text('tagUrl'),
    protocols: shape.integers('protocols', 1, codeMax),
    verifications: shape.has('verifications')
      ? shape.children('verifications').map(verificationOf)
      : [],
  }
}

function verificationOf(shape: JsonShape): Verification {
  return {
    vendor: shape.text('vendor'),
    scriptUrl: shape.text('scriptUrl'),
    parameters: shape.text('parameters'),
  }
}

function mediaFileOf(shape: JsonShape): MediaFile {
  return {
    url: shape.text('url'),
    mime: shape.text('mime'),
    w: shape.integer('w', 0, pxMax),
    h: shape.integer('h', 0, pxMax),
    bitrateKbps: shape.integer('bitrateKbps', 0, pxMax),
    delivery: shape.integer('delivery', 1, codeMax),
  }
}

function nativeOf(shape: JsonShape): NativePart {
  const video = shape.childOrNull('video')
  return {
    titles: shape.texts('titles'),
    images: shape.children('images').map((image) => ({
      type: image.integer('type', 1, codeMax),
      url: image.text('url'),
      w: image.integer('w', 0, pxMax),
      h: image.integer('h', 0, pxMax),
      mime: image.text('mime'),
    })),
    data: shape.children('data').map((datum) => ({
      type: datum.integer('type', 1, codeMax),
      value: datum.text('value'),
    })),
    video: video === null ? null : mediaOf(video),
    fallbackUrl: shape.text('fallbackUrl'),
  }
}

type AnswerForm = Pick<Exchange, 'macros' | 'notices' | 'nativeMarkup' | 'nativeEvents'>

function answerFormOf(shape: JsonShape): AnswerForm {
  const macros = shape.child('macros')
  const notices = shape.child('notices')
  return {
    macros: { price: macros.text('price'), click: macros.text('click') },
    notices: {
      win: notices.flag('win'),
      billing: notices.flag('billing'),
      loss: notices.flag('loss'),
    },
    nativeMarkup: shape.choice('nativeMarkup', ['string', 'object']),
    nativeEvents: shape.choice('nativeEvents', ['native', 'adcom']),
  }
}

/** Models came to plans later: a plan without a word about them uses none. */
function planOf(shape: JsonShape): BidPlan {
  return {
    recallMax: shape.integer('recallMax', 1, Number.MAX_SAFE_INTEGER),
    coarseModel: shape.has('coarseModel') ? shape.text('coarseModel') : '',
    fineModel: shape.has('fineModel') ? shape.text('fineModel') : '',
    fineMax: shape.has('fineMax')
      ? shape.integer('fineMax', 1, Number.MAX_SAFE_INTEGER)
      : fineMaxDefault,
  }
}

function blockedOf(shape: JsonShape): Exchange['blocked'] {
  return {
    publishers: shape.texts('publishers'),
    domains: shape.texts('domains'),
    bundles: shape.texts('bundles'),
    advertiserDomains: shape.texts('advertiserDomains'),
    advertiserCategories: shape.texts('advertiserCategories'),
    schainNodes: shape.texts('schainNodes'),
  }
}
