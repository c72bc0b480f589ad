/**
 * Pairs of goals: what an impression is worth, worked out by hand in the comments. The prior rates
 * are 0.5 % clicks and 2 % conversions; without history they are the rates.
 */
import type { Goal, ValueByScore } from '../../../src/domain/campaign.ts'
import { aBanner, aCampaign, anAdvertiser } from '../../support/bid-world.ts'
import { bannerImp, cpm, type Pair, pair, phone } from '../pair.ts'
import type { Member, RoadWorld } from '../road.ts'

const source = 'issue §6 pricing, docs/pricing.md'
const below = { drop: 'below-floor' }

/** Bids `price` with a floor of the same, and not with one a micro above. */
function worth(title: string, price: number, world: RoadWorld): Pair {
  return pair(title, {
    source,
    world,
    imp: { ...bannerImp, bidfloor: price },
    request: { device: phone },
    expect: { bids: [{ price }] },
    twin: { imp: { bidfloor: Math.round(price * 1e6 + 1) / 1e6 } },
    gone: below,
  })
}

const goal = (own: Goal): RoadWorld => ({ campaigns: [aCampaign({ goal: own })] })
const member = (score: number): Member[] => [
  { type: 'gaid', id: String(phone['ifa']), packs: { worth: score } },
]
const byScore: ValueByScore = { packId: 'worth', low: 0.5, high: 1.5 }
const cpa: Goal = { kind: 'cpa', bidMicros: cpm(50), byScore: null }
const scoredCpa = { campaigns: [aCampaign({ goal: { ...cpa, byScore } })] }
const scored = (score: number): RoadWorld => ({ ...scoredCpa, members: member(score) })
const seen = aBanner({ history: { impressions: 1_000, clicks: 15, conversions: 3 } })

/** Pairs of goals. */
export const goalPairs: readonly Pair[] = [
  worth('goal cpm', 5, goal({ kind: 'cpm', bidMicros: cpm(5) })),
  // 1.00 × 0.005 × 1000
  worth('goal cpc', 5, goal({ kind: 'cpc', bidMicros: cpm(1) })),
  // 50.00 × 0.005 × 0.02 × 1000
  worth('goal cpa', 5, goal(cpa)),
  // 100.00 × 0.005 × 0.02 × 1000 ÷ 2.5
  worth(
    'goal roas',
    4,
    goal({ kind: 'roas', targetRoas: 2.5, valueMicros: cpm(100), byScore: null }),
  ),
  // 200.00 × 0.3 × 0.005 × 0.02 × 1000
  worth('goal ltv', 6, goal({ kind: 'ltv', valueMicros: cpm(200), share: 0.3, byScore: null })),
  // Of 15 clicks and 1 000 impressions with a prior of 5 in 1 000: 20 ÷ 2 000 = 1 %.
  worth('goal cpc: with a history of the creative', 10, {
    ...goal({ kind: 'cpc', bidMicros: cpm(1) }),
    creatives: [seen],
  }),
  // 1 % × (3 + 0.02 × 50) ÷ (15 + 50) × 13.00 × 1000 = 0.01 × 4/65 × 13 000 = 8
  worth('goal cpa: with a history of the creative', 8, {
    ...goal({ kind: 'cpa', bidMicros: cpm(13), byScore: null }),
    creatives: [seen],
  }),
  // Score 255 weighs 1.5: 5.00 × 1.5
  worth('goal cpa: byScore at its highest', 7.5, scored(255)),
  // Score 51 is a fifth of the way from 0.5 to 1: 5.00 × 0.6
  worth('goal cpa: byScore in between', 3, {
    ...goal({ ...cpa, byScore: { ...byScore, high: 1 } }),
    members: member(51),
  }),
  // Not in the pack is score 0: 5.00 × 0.5
  worth('goal cpa: byScore of a stranger', 2.5, { ...scoredCpa, members: [] }),
  // 4.00 × 1.5 and 6.00 × 1.5
  worth('goal roas: byScore', 6, {
    ...goal({ kind: 'roas', targetRoas: 2.5, valueMicros: cpm(100), byScore }),
    members: member(255),
  }),
  worth('goal ltv: byScore', 9, {
    ...goal({ kind: 'ltv', valueMicros: cpm(200), share: 0.3, byScore }),
    members: member(255),
  }),
  pair('goal cpa: byScore, a device of less worth', {
    source,
    world: scored(255),
    imp: { ...bannerImp, bidfloor: 7 },
    request: { device: phone },
    expect: { bids: [{ price: 7.5 }] },
    twin: { world: scored(200) },
    gone: below,
  }),
  // 8.00 of the advertiser's EUR at 0.8 EUR a USD are 10.00 USD.
  worth('goal cpm: in the advertiser’s own currency', 10, {
    ...goal({ kind: 'cpm', bidMicros: cpm(8) }),
    advertisers: [anAdvertiser({ currency: 'EUR' })],
    rates: { base: 'USD', rates: { EUR: 0.8 } },
  }),
  pair('goal: a device that is worth nothing', {
    source,
    world: scored(0),
    request: { device: phone },
    expect: { bids: [{ price: 2.5 }] },
    twin: {
      world: {
        campaigns: [aCampaign({ goal: { ...cpa, byScore: { ...byScore, low: 0 } } })],
      },
    },
    gone: { drop: 'no-value' },
  }),
]
