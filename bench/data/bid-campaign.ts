/** Made-up campaigns: who they target, what they pay for, and their limits. */
import type { Campaign, Goal, Targeting, ValueByScore } from '../../src/domain/campaign.ts'
import type { Micros } from '../../src/domain/money.ts'
import {
  benchExchange,
  benchGoogleExchange,
  bidPackCount,
  bidPackName,
  carriers,
  dealCount,
  dealId,
  drawBundle,
  drawCategory,
  drawPlace,
  drawSite,
  languages,
  makes,
} from './bid-words.ts'
import type { Draw } from './draw.ts'

const unit = 1_000_000

/** Flights that are on, over or to come on whatever day the bench is run. */
type Flight = readonly [startMs: number | null, endMs: number | null]
const flights: readonly (readonly [flight: Flight, weight: number])[] = [
  [[null, null], 15],
  [[yearMs(2020), yearMs(2050)], 75],
  [[yearMs(2020), yearMs(2021)], 5],
  [[yearMs(2049), yearMs(2050)], 5],
]

function yearMs(year: number): number {
  return Date.UTC(year, 0, 1)
}

/** Campaign `number` of an advertiser. */
export function drawCampaign(draw: Draw, number: number, advertiserId: string): Campaign {
  const flight = draw.weighted(flights)
  const goal = drawGoal(draw)
  return {
    id: `c${number}`,
    name: `Campaign ${number}`,
    advertiserId,
    enabled: draw.chance(0.97),
    startMs: flight[0],
    endMs: flight[1],
    goal,
    maxBidMicros: draw.chance(0.6) ? micros(draw, 3, 15) : (0 as Micros),
    minBidMicros: draw.chance(0.1) ? micros(draw, 0.05, 0.5) : (0 as Micros),
    maxCostPerWinMicros: draw.chance(0.05) ? micros(draw, 0.01, 0.05) : (0 as Micros),
    prior: { ctr: draw.spread(0.001, 0.01), cvr: draw.spread(0.005, 0.05) },
    targeting: drawTargeting(draw),
    caps: [],
    converted: [],
  }
}

function micros(draw: Draw, low: number, high: number): Micros {
  return Math.round(draw.spread(low, high) * unit) as Micros
}

function drawGoal(draw: Draw): Goal {
  const kind = draw.weighted([
    ['cpm', 40],
    ['cpc', 30],
    ['cpa', 20],
    ['roas', 6],
    ['ltv', 4],
  ] as const)
  switch (kind) {
    case 'cpm':
      return { kind, bidMicros: micros(draw, 0.4, 8) }
    case 'cpc':
      return { kind, bidMicros: micros(draw, 0.1, 2) }
    case 'cpa':
      return { kind, bidMicros: micros(draw, 5, 60), byScore: drawScore(draw) }
    case 'roas': {
      const valueMicros = micros(draw, 20, 200)
      return { kind, targetRoas: draw.spread(1, 5), valueMicros, byScore: drawScore(draw) }
    }
    case 'ltv': {
      const valueMicros = micros(draw, 50, 400)
      return { kind, valueMicros, share: 0.3, byScore: drawScore(draw) }
    }
  }
}

function drawScore(draw: Draw): ValueByScore | null {
  if (!draw.chance(0.3)) return null
  return { packId: bidPackName(draw.below(bidPackCount)), low: 0.5, high: draw.spread(1, 3) }
}

function drawTargeting(draw: Draw): Targeting {
  const few = <T>(probability: number, most: number, one: () => T): T[] =>
    draw.chance(probability) ? draw.some(1 + draw.below(most), one) : []
  const withDeals = draw.chance(0.05)
  return {
    exchanges: draw.chance(0.2) ? [benchExchange, benchGoogleExchange] : [],
    channels: draw.chance(0.15) ? [draw.pick(['site', 'app'] as const)] : [],
    places: drawPlaces(draw),
    excludedPlaces: few(0.1, 3, () => ({ ...drawPlace(draw), city: '' })),
    os: drawOs(draw),
    deviceTypes: draw.chance(0.3)
      ? [...draw.pick([[4], [4, 5], [1, 2], [2], [3, 7]] as const)]
      : [],
    makes: few(0.1, 3, () => draw.weighted(makes).toLowerCase()),
    models: [],
    languages: few(0.25, 2, () => draw.weighted(languages)),
    carriers: few(0.05, 2, () => draw.pick(carriers).toLowerCase()),
    connectionTypes: draw.chance(0.1)
      ? [...draw.pick([[2], [2, 6, 7], [4, 5, 6, 7]] as const)]
      : [],
    ...drawInventory(draw),
    publishers: { allow: [], deny: few(0.05, 5, () => `pub-${draw.below(500)}`) },
    contentCategories: {
      taxonomy: 1,
      allow: few(0.1, 5, () => drawCategory(draw)),
      deny: few(0.1, 5, () => drawCategory(draw)),
    },
    positions: draw.chance(0.05) ? [0, 1] : [],
    placements: [],
    startDelays: draw.chance(0.03) ? ['pre'] : [],
    podSlots: [],
    podSequences: [],
    formats: [],
    sizes: [],
    interstitial: draw.chance(0.05) ? 'never' : 'any',
    rewarded: 'any',
    schedule: drawSchedule(draw),
    audience: drawAudience(draw),
    deals: withDeals ? draw.some(3, () => dealId(draw.below(dealCount))) : [],
    openAuction: !withDeals || draw.chance(0.6),
  }
}

/** Mostly whole countries, down to cities. */
function drawPlaces(draw: Draw): Targeting['places'] {
  const kind = draw.weighted([
    ['all', 40],
    ['country', 42],
    ['region', 12],
    ['city', 6],
  ] as const)
  switch (kind) {
    case 'all':
      return []
    case 'country':
      return draw
        .some(1 + draw.below(3), () => drawPlace(draw).country)
        .map((country) => ({ country, region: '', city: '' }))
    case 'region':
      return draw.some(1 + draw.below(4), () => ({ ...drawPlace(draw), city: '' }))
    case 'city':
      return draw.some(1 + draw.below(10), () => drawPlace(draw))
  }
}

function drawOs(draw: Draw): Targeting['os'] {
  if (!draw.chance(0.4)) return []
  const range = (os: string, oldest: number) => ({
    os,
    minVersion: draw.chance(0.5) ? String(oldest + draw.below(4)) : '',
    maxVersion: '',
  })
  const android = range('android', 8)
  const ios = range('ios', 13)
  return [...draw.pick([[android], [ios], [android, ios]])]
}

/** Allow lists of a campaign that buys few places, deny lists of one that avoids some. */
function drawInventory(draw: Draw): Pick<Targeting, 'sites' | 'apps'> {
  const list = (count: number) => ({
    sites: draw.some(count, () => drawSite(draw)),
    apps: draw.some(count, () => drawBundle(draw, draw.chance(0.5))),
  })
  const allow = draw.chance(0.1) ? list(20 + draw.below(180)) : list(0)
  const deny = draw.chance(0.15) ? list(10 + draw.below(190)) : list(0)
  return {
    sites: { allow: allow.sites, deny: deny.sites },
    apps: { allow: allow.apps, deny: deny.apps },
  }
}

/** Waking hours, working days or evenings, mostly in the user's own zone. */
function drawSchedule(draw: Draw): Targeting['schedule'] {
  if (!draw.chance(0.15)) return null
  const week = [1, 2, 3, 4, 5, 6, 7]
  const window = draw.pick([
    { days: week, fromMinute: 7 * 60, toMinute: 23 * 60 },
    { days: week.slice(0, 5), fromMinute: 9 * 60, toMinute: 18 * 60 },
    { days: week, fromMinute: 17 * 60, toMinute: 24 * 60 },
  ])
  const zone = draw.chance(0.7) ? 'user' : draw.pick(['America/New_York', 'Europe/Berlin'])
  return { zone, fallbackZone: 'Europe/London', windows: [window] }
}

function drawAudience(draw: Draw): Targeting['audience'] {
  const packs = (count: number): string[] =>
    draw.some(count, () => bidPackName(draw.below(bidPackCount)))
  if (!draw.chance(0.4)) return { all: [], any: [], none: [] }
  const kind = draw.below(4)
  return {
    all: kind === 0 ? packs(1) : [],
    any: kind === 1 || kind === 2 ? packs(2 + draw.below(8)) : [],
    none: kind >= 2 ? packs(1 + draw.below(2)) : [],
  }
}
