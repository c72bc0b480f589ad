/** The one feature list: where raw values come from, and the features that models of the house use. */
import type { AdFacts, AskFacts } from '../domain/feature-facts.ts'
import type { FeatureSpec, SourceName } from './feature-spec.ts'

/**
 * How facts of one side are read. `word` and `words`: '' and an empty list are "not known". `code`:
 * a whole number that stands for a word (`String(code)`), NaN not known. `number`: an amount, NaN
 * not known. `moment`: epoch milliseconds, NaN not known. `packs`: words that may have a score of
 * 0-255, -1 without. `atMs` is the moment of the decision; the ad side, encoded before there is
 * one, has NaN there.
 */
export type SourceOf<Facts> =
  | { readonly kind: 'word'; readonly read: (facts: Facts, atMs: number) => string }
  | { readonly kind: 'words'; readonly read: (facts: Facts) => readonly string[] }
  | {
      readonly kind: 'code' | 'number'
      readonly read: (facts: Facts, atMs: number) => number
    }
  | { readonly kind: 'moment'; readonly read: (facts: Facts) => number }
  | {
      readonly kind: 'packs'
      readonly read: (facts: Facts) => readonly string[]
      readonly scores: (facts: Facts) => readonly number[]
    }

/** A source with the side whose facts it reads. */
export type FeatureSource =
  | { readonly side: 'ask'; readonly of: SourceOf<AskFacts> }
  | { readonly side: 'ad'; readonly of: SourceOf<AdFacts> }

const hourMs = 3_600_000
const dayMs = 24 * hourMs
/** A major version is below it: system and version make one code. */
const versionsMax = 10_000

const askSources: Readonly<Record<SourceName, SourceOf<AskFacts>>> = {
  exchange: { kind: 'word', read: (ask) => ask.exchange },
  channel: { kind: 'code', read: (ask) => known(ask.channel) },
  inventoryId: { kind: 'word', read: (ask) => ask.inventoryId },
  domain: { kind: 'word', read: (ask) => ask.domain },
  bundle: { kind: 'word', read: (ask) => ask.bundle },
  /** The site or app by the name that is the same on every exchange, else by the exchange's own. */
  place: { kind: 'word', read: (ask) => ask.bundle || ask.domain || ask.inventoryId },
  publisher: { kind: 'word', read: (ask) => ask.publisherId },
  contentCategories: { kind: 'words', read: (ask) => ask.contentCategories },
  tag: { kind: 'word', read: (ask) => ask.tagId },
  position: { kind: 'code', read: (ask) => known(ask.position) },
  format: { kind: 'code', read: (ask) => known(ask.format) },
  interstitial: { kind: 'code', read: (ask) => Number(ask.isInterstitial) },
  rewarded: { kind: 'code', read: (ask) => Number(ask.isRewarded) },
  /** Format, interstitial and rewarded in one word: four times the format, plus 2, plus 1. */
  slotKind: {
    kind: 'code',
    read: (ask) => known(ask.format * 4 + Number(ask.isInterstitial) * 2 + Number(ask.isRewarded)),
  },
  country: { kind: 'word', read: (ask) => ask.country },
  region: { kind: 'word', read: (ask) => ask.region },
  city: { kind: 'word', read: (ask) => ask.city },
  os: { kind: 'code', read: (ask) => known(ask.os) },
  osVersion: { kind: 'word', read: (ask) => ask.osVersion },
  /** System and major version in one word: 10 000 times the system plus the version. */
  osMajor: {
    kind: 'code',
    read: (ask) => known(ask.os * versionsMax + majorOf(ask.osVersion)),
  },
  deviceType: { kind: 'code', read: (ask) => known(ask.deviceType) },
  connectionType: { kind: 'code', read: (ask) => known(ask.connectionType) },
  make: { kind: 'word', read: (ask) => ask.make },
  model: { kind: 'word', read: (ask) => ask.model },
  language: { kind: 'word', read: (ask) => ask.language },
  carrier: { kind: 'word', read: (ask) => ask.carrier },
  network: { kind: 'word', read: (ask) => ask.network },
  localHour: { kind: 'code', read: (ask) => (ask.localHour < 0 ? Number.NaN : ask.localHour) },
  localWeekday: { kind: 'code', read: (ask) => known(ask.weekday) },
  /** The clock of the house: markets move by it too, and it is known of everybody. */
  utcHour: { kind: 'code', read: (_ask, atMs) => Math.floor((atMs % dayMs) / hourMs) },
  /** ISO: 1 January 1970 was a Thursday, 4. */
  utcWeekday: { kind: 'code', read: (_ask, atMs) => ((Math.floor(atMs / dayMs) + 3) % 7) + 1 },
  packs: { kind: 'packs', read: (ask) => ask.packIds, scores: (ask) => ask.packScores },
  floor: { kind: 'number', read: (ask) => known(ask.floorMicros) },
}

const adSources: Readonly<Record<SourceName, SourceOf<AdFacts>>> = {
  creative: { kind: 'word', read: (ad) => ad.creativeId },
  campaign: { kind: 'word', read: (ad) => ad.campaignId },
  advertiser: { kind: 'word', read: (ad) => ad.advertiserId },
  adCategories: { kind: 'words', read: (ad) => ad.categories },
  adDomain: { kind: 'word', read: (ad) => ad.domain },
  adBundle: { kind: 'word', read: (ad) => ad.bundle },
  adLanguage: { kind: 'word', read: (ad) => ad.language },
  adFormat: { kind: 'code', read: (ad) => known(ad.format) },
  adSize: { kind: 'word', read: (ad) => ad.size },
  adDuration: { kind: 'number', read: (ad) => known(ad.durationSec) },
  adAttributes: { kind: 'words', read: (ad) => ad.attributes.map(String) },
  goal: { kind: 'word', read: (ad) => ad.goal },
  priorCtr: { kind: 'number', read: (ad) => ad.priorCtr },
  priorCvr: { kind: 'number', read: (ad) => ad.priorCvr },
  impressions: { kind: 'number', read: (ad) => ad.impressions },
  clicks: { kind: 'number', read: (ad) => ad.clicks },
  conversions: { kind: 'number', read: (ad) => ad.conversions },
  flightStart: { kind: 'moment', read: (ad) => ad.flightStartMs ?? Number.NaN },
}

/** Every source by its name. A name never changes its meaning: manifests of old models have it. */
export const featureSources: ReadonlyMap<SourceName, FeatureSource> = new Map<
  SourceName,
  FeatureSource
>([
  ...Object.entries(askSources).map(([name, of]): Named => [name, { side: 'ask', of }]),
  ...Object.entries(adSources).map(([name, of]): Named => [name, { side: 'ad', of }]),
])

type Named = [SourceName, FeatureSource]

/** 0 is "not known" of most codes and amounts. */
function known(value: number): number {
  return value === 0 ? Number.NaN : value
}

/** Number before the first dot; 0 where there is none. Without cutting a string off. */
function majorOf(version: string): number {
  let major = 0
  for (let i = 0; i < version.length; i++) {
    const digit = version.charCodeAt(i) - 48
    if (digit < 0 || digit > 9) break
    major = Math.min(major * 10 + digit, versionsMax - 1)
  }
  return major
}

/**
 * Ids seen fewer times than this in training share the OOV slot: of 20 impressions nothing is
 * known, and what shares a slot is what a new ad will get.
 */
const idCountMin = 20

/**
 * Packs of one device that count: a device is in a handful; of one in more, those that come first
 * in the vocabulary.
 */
const packsMax = 12

/** What both lists know of the ask. Words are learned from the log. */
const askFeatures: readonly FeatureSpec[] = [
  vocab('exchange'),
  vocab('channel'),
  vocab('place', idCountMin),
  vocab('contentCategories', 1, 2),
  vocab('tag', idCountMin),
  vocab('position'),
  vocab('slotKind'),
  vocab('country'),
  vocab('city', idCountMin),
  vocab('osMajor'),
  vocab('deviceType'),
  vocab('model', idCountMin),
  vocab('connectionType'),
  vocab('localHour'),
  vocab('utcWeekday'),
  number('floor', 'log1p', 13, 2),
  { name: 'packs', source: 'packs', kind: 'flags', width: packsMax, minCount: 1, words: [] },
  { name: 'packScores', source: 'packs', kind: 'scores', width: packsMax, minCount: 1, words: [] },
]

/** What both lists know of the ad. */
const adFeatures: readonly FeatureSpec[] = [
  vocab('creative', idCountMin),
  vocab('campaign', idCountMin),
  vocab('advertiser', idCountMin),
  vocab('adCategories', 1, 2),
  vocab('adFormat'),
  vocab('adSize'),
  vocab('adLanguage'),
  vocab('goal'),
  number('priorCtr', 'logit', -5, 1),
  number('priorCvr', 'logit', -3, 1),
  count('impressions', 10),
  count('clicks', 5),
  count('conversions', 5),
]

/**
 * Default list of the networks, coarse and fine: each fact alone. Which of them belong together is
 * what a network finds out, and a split network has no rows of pairs.
 */
export const houseFeatures: readonly FeatureSpec[] = [...askFeatures, ...adFeatures]

/**
 * Default list of the logistic regression: it knows of pairs only what it is given as a cross.
 * Buckets are about the pairs that a market of some thousand ads has, so that few share one.
 */
export const lrFeatures: readonly FeatureSpec[] = [
  ...askFeatures,
  ...adFeatures,
  { name: 'flightAge', source: 'flightStart', kind: 'recency', scale: 10 },
  // Who, by what: interests and the ad, alone and among what the place is about.
  cross(['packScores', 'adCategories'], 14),
  cross(['packScores', 'advertiser'], 18),
  cross(['packScores', 'contentCategories'], 14),
  cross(['packScores', 'adCategories', 'contentCategories'], 18),
  cross(['packScores', 'advertiser', 'contentCategories'], 20),
  cross(['packScores', 'localHour'], 14),
  cross(['packScores', 'slotKind'], 14),
  // Where: a place has its own public.
  cross(['place', 'adCategories'], 16),
  cross(['place', 'advertiser'], 18),
  cross(['contentCategories', 'adCategories'], 14),
  cross(['contentCategories', 'advertiser'], 16),
  cross(['country', 'adCategories'], 14),
  cross(['country', 'advertiser'], 16),
  // On what, and when.
  cross(['model', 'adCategories'], 16),
  cross(['model', 'advertiser'], 18),
  cross(['deviceType', 'advertiser'], 14),
  cross(['utcWeekday', 'adCategories'], 12),
  cross(['localHour', 'adCategories'], 14),
  // How it looks where it stands.
  cross(['tag', 'adSize'], 16),
  cross(['position', 'adSize'], 12),
  cross(['slotKind', 'creative'], 18),
  cross(['creative', 'flightAge'], 18),
]

/** A vocabulary of the source of its own name. */
function vocab(source: SourceName, minCount = 1, width = 1): FeatureSpec {
  return { name: source, source, kind: 'vocab', width, minCount, words: [] }
}

// oxlint-disable-next-line max-params -- one line of a table
function number(
  source: SourceName,
  transform: 'none' | 'log1p' | 'logit',
  mean: number,
  scale: number,
): FeatureSpec {
  return { name: source, source, kind: 'number', transform, mean, scale }
}

function count(source: SourceName, scale: number): FeatureSpec {
  return { name: source, source, kind: 'count', scale }
}

/** A cross with two to the power of `bits` buckets; its name is its salt. */
function cross(of: readonly string[], bits: number): FeatureSpec {
  const name = of.join('*')
  return { name, kind: 'cross', of, buckets: 2 ** bits, salt: name }
}
