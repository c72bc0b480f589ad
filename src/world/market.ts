/** Advertisers, campaigns and creatives as columns: what they are, want, and are worth. */

import type { Goal } from '../domain/campaign.ts'
import { expectedCpmMicros, smoothedRates } from '../domain/expected-value.ts'
import { micros } from '../domain/money.ts'
import { Draws, pickShare } from './draws.ts'
import { exactExp, sigmoid } from './exact-math.ts'
import type { MarketSize } from './settings.ts'
import { latentWidth } from './users.ts'
import { addRow, at } from './vector.ts'
import {
  adCategories,
  ageBit,
  ageNames,
  countries,
  formatGroups,
  lifecycleBit,
  lifecycleNames,
  segmentCount,
  systems,
  topics,
  womenBit,
} from './world-words.ts'

/** Rates that a campaign takes its creatives to have. */
export const priorRates = { ctr: 0.008, cvr: 0.04 } as const

/** Impressions and clicks of a creative's history at least: enough to tell good from bad. */
const historyMin = 40_000
const historySpread = 160_000

/** A campaign's targeting as bits; 0 = does not matter. */
export interface TargetingBits {
  readonly countries: number
  readonly systems: number
  readonly topics: number
  /** In at least one of these packs. */
  readonly packs: number
  /** Hours of the user's day. */
  readonly hours: number
}

/** One campaign. */
export interface WorldCampaign {
  readonly id: string
  readonly advertiser: number
  readonly targeting: TargetingBits
  readonly goal: Goal
}

/** One advertiser. */
export interface WorldAdvertiser {
  readonly id: string
  /** Position in `adCategories`. */
  readonly category: number
  /** How dear its goods are, 0-3, as devices are. */
  readonly tier: number
  /** What it adds to the log odds of a conversion. */
  readonly conversionLift: number
}

/** One creative. */
export interface WorldCreative {
  readonly id: string
  readonly campaign: number
  /** Position in `formatGroups`. */
  readonly group: number
  /** What it adds to the log odds of a click on the first day, and what a day takes away. */
  readonly quality: number
  readonly wearPerDay: number
  readonly history: {
    readonly impressions: number
    readonly clicks: number
    readonly conversions: number
  }
  /** Rates by its history, and what 1 000 impressions are worth by them. */
  readonly priorCtr: number
  readonly priorCvr: number
  readonly priorValueMicros: number
}

/** The market. Interests of ads are `vectors`, `latentWidth` columns, a row an advertiser. */
export interface Market {
  readonly size: MarketSize
  readonly advertisers: readonly WorldAdvertiser[]
  readonly campaigns: readonly WorldCampaign[]
  readonly creatives: readonly WorldCreative[]
  readonly vectors: Float64Array
}

/** How far advertisers lie from their category. */
const advertiserSpread = 0.15
/** Spread of creative quality, of conversion lifts, and the most that a day wears off. */
const qualitySpread = 0.4
const liftSpread = 0.4
const wearMax = 0.02

/** Parts of the draws of an entity. */
const Part = { A: 0, B: 1, C: 2, D: 3, E: 4, Bits: 16 } as const

/** Makes the market of a seed. */
export function makeMarket(seed: number, size: MarketSize): Market {
  const advertisers = makeAdvertisers(seed, size)
  const campaigns = makeCampaigns(seed, size)
  return {
    size,
    advertisers,
    campaigns,
    creatives: makeCreatives(seed, size, { advertisers, campaigns }),
    vectors: makeVectors(seed, advertisers),
  }
}

/** The advertiser of a creative. */
export function advertiserOf(market: Market, creative: WorldCreative): WorldAdvertiser {
  return known(market.advertisers[known(market.campaigns[creative.campaign]).advertiser])
}

/** An entry that must be there: an index outside of the market is a fault of the caller. */
export function known<T>(entry: T | undefined): T {
  if (entry === undefined) throw new RangeError('the market has no such entry')
  return entry
}

function makeAdvertisers(seed: number, size: MarketSize): WorldAdvertiser[] {
  const draws = new Draws(seed, 'advertisers')
  return Array.from({ length: size.advertisers }, (_, index) => ({
    id: `adv-${padded(index, 4)}`,
    category: index % adCategories.length,
    tier: draws.whole(index, Part.A, 4),
    conversionLift: liftSpread * draws.normal(index, Part.B),
  }))
}

function makeVectors(seed: number, advertisers: readonly WorldAdvertiser[]): Float64Array {
  const ofCategory = new Draws(seed, 'categories')
  const ofAdvertiser = new Draws(seed, 'advertiser-vectors')
  const base = Float64Array.from({ length: adCategories.length * latentWidth }, (_, index) =>
    ofCategory.normal(index, 0),
  )
  const all = new Float64Array(advertisers.length * latentWidth)
  for (const [index, { category }] of advertisers.entries()) {
    const vector = all.subarray(index * latentWidth, (index + 1) * latentWidth)
    addRow(vector, base, category, 1)
    for (let i = 0; i < latentWidth; i++) {
      vector[i] = at(vector, i) + advertiserSpread * ofAdvertiser.normal(index, i)
    }
  }
  return all
}

function makeCampaigns(seed: number, size: MarketSize): WorldCampaign[] {
  const draws = new Draws(seed, 'campaigns')
  return Array.from({ length: size.advertisers * size.campaignsEach }, (_, index) => ({
    id: `cmp-${padded(index, 5)}`,
    advertiser: Math.floor(index / size.campaignsEach),
    targeting: targetingOf(index, draws),
    goal: goalOf(index, draws),
  }))
}

/** Each part of targeting stands on some campaigns, so that two in five have none at all. */
function targetingOf(index: number, draws: Draws): TargetingBits {
  const has = (kind: number, share: number): boolean => draws.uniform(index, kind) < share
  const bits = (kind: number, count: number, chosen: number): number => {
    let mask = 0
    for (let i = 0; i < chosen; i++) mask |= 1 << draws.whole(index, Part.Bits * kind + i, count)
    return mask
  }
  const from = draws.whole(index, 10, 12)
  return {
    countries: has(1, 0.2) ? 1 | bits(2, countries.length, 2) : 0,
    systems: has(2, 0.1) ? bits(3, systems.length, 2) : 0,
    topics: has(3, 0.1) ? bits(4, topics.length, 5) : 0,
    packs: has(4, 0.2) ? packBits(index, draws) : 0,
    hours: has(5, 0.05) ? ((1 << 12) - 1) << from : 0,
  }
}

/** Six segments, or two ages, or women, or one of the lifecycle packs with two segments. */
function packBits(index: number, draws: Draws): number {
  const one = (part: number, first: number, count: number): number =>
    1 << (first + draws.whole(index, Part.Bits * 8 + part, count))
  switch (draws.whole(index, Part.Bits * 7, 8)) {
    case 0:
      return 1 << womenBit
    case 1:
    case 2:
      return one(0, ageBit, ageNames.length) | one(1, ageBit, ageNames.length)
    case 3:
      return (
        one(0, lifecycleBit, lifecycleNames.length) |
        one(1, 0, segmentCount) |
        one(2, 0, segmentCount)
      )
    default: {
      let mask = 0
      for (let i = 0; i < 6; i++) mask |= one(i, 0, segmentCount)
      return mask
    }
  }
}

/** Prices such that 1 000 impressions at the prior rates are worth 1 to 12 units. */
function goalOf(index: number, draws: Draws): Goal {
  const cpm = exactExp(2.5 * draws.uniform(index, Part.A))
  const perClick = cpm / (1_000 * priorRates.ctr)
  const perConversion = perClick / priorRates.cvr
  const money = (units: number) => micros(Math.round(units * 100) * 10_000)
  switch (draws.whole(index, Part.B + 100, 8)) {
    case 0:
      return { kind: 'cpm', bidMicros: money(cpm) }
    case 1:
    case 2:
      return { kind: 'cpc', bidMicros: money(perClick) }
    case 3:
    case 4:
    case 5:
      return { kind: 'cpa', bidMicros: money(perConversion), byScore: null }
    case 6:
      return { kind: 'roas', targetRoas: 4, valueMicros: money(perConversion * 4), byScore: null }
    default:
      return { kind: 'ltv', share: 0.25, valueMicros: money(perConversion * 4), byScore: null }
  }
}

function makeCreatives(
  seed: number,
  size: MarketSize,
  {
    advertisers,
    campaigns,
  }: {
    readonly advertisers: readonly WorldAdvertiser[]
    readonly campaigns: readonly WorldCampaign[]
  },
): WorldCreative[] {
  const draws = new Draws(seed, 'creatives')
  const groups = campaigns.flatMap((_, campaign) => groupsOf(campaign, draws, size.creativesEach))
  return groups.map((group, index) => {
    const campaign = Math.floor(index / size.creativesEach)
    const { goal, advertiser } = known(campaigns[campaign])
    const { conversionLift } = known(advertisers[advertiser])
    const quality = qualitySpread * draws.normal(index, Part.A)
    const history = historyOf(index, draws, { quality, conversionLift })
    const { ctr, cvr } = smoothedRates(history, priorRates)
    return {
      id: `cr-${padded(index, 6)}`,
      campaign,
      group,
      quality,
      wearPerDay: wearMax * draws.uniform(index, Part.C),
      history,
      priorCtr: ctr,
      priorCvr: cvr,
      priorValueMicros: expectedCpmMicros(goal, ctr, cvr),
    }
  })
}

/** Groups of a campaign's creatives, ascending: eligibility reads a group as a range. */
function groupsOf(campaign: number, draws: Draws, count: number): number[] {
  const shares = formatGroups.map(({ share }) => share)
  return Array.from({ length: count }, (_, index) =>
    pickShare(shares, draws.uniform(campaign * count + index, Part.B)),
  ).toSorted((a, b) => a - b)
}

/**
 * What a creative did before the world began, shown to everybody alike: counts that tell its
 * quality to a few per cent, off by the noise that counts of that size have.
 */
function historyOf(
  index: number,
  draws: Draws,
  { quality, conversionLift }: { readonly quality: number; readonly conversionLift: number },
): WorldCreative['history'] {
  const impressions = historyMin + draws.whole(index, Part.D, historySpread)
  const clicks = counted(impressions * sigmoid(historyCtrLogit + quality), draws.normal(index, 1))
  const rate = sigmoid(historyCvrLogit + conversionLift)
  const conversions = Math.min(clicks, counted(clicks * rate, draws.normal(index, 2)))
  return { impressions, clicks, conversions }
}

/** Log odds of the rates that creatives of middling quality had so far. */
const historyCtrLogit = -4.9
const historyCvrLogit = -3.2

/** A count with this mean and the spread that such counts have. */
function counted(mean: number, normal: number): number {
  return Math.max(0, Math.round(mean + Math.sqrt(mean) * normal))
}

function padded(index: number, digits: number): string {
  return String(index).padStart(digits, '0')
}
