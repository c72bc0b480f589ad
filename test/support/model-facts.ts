/** What models look at: arbitrary facts, of words few enough to meet. */
import fc from 'fast-check'
import type { AdFacts, AskFacts } from '../../src/domain/feature-facts.ts'

/** Words that features below know, and one that nobody does; '' is "not said". */
const word = fc.constantFrom('', 'a', 'b', 'c', 'é', 'stranger')
/** Codes; 0 is "unknown" of most. */
const code = fc.nat(5)
const words = fc.array(word, { maxLength: 5 })

/** Packs in any order, some twice, with a score or -1 each. */
const anyPacks = fc.array(
  fc.tuple(
    fc.constantFrom('p0', 'p1', 'p2', 'p3', 'p4', 'other'),
    fc.integer({ min: -1, max: 255 }),
  ),
  {
    maxLength: 8,
  },
)

/** Any ask. */
export const anyAsk: fc.Arbitrary<AskFacts> = fc
  .record({
    exchange: word,
    channel: code,
    inventoryId: word,
    domain: word,
    bundle: word,
    publisherId: word,
    contentCategories: words,
    tagId: word,
    position: code,
    format: code,
    isInterstitial: fc.boolean(),
    isRewarded: fc.boolean(),
    country: word,
    region: word,
    city: word,
    os: code,
    osVersion: fc.constantFrom('', '14', '17.4', '10.0.1', 'x', '99999999999'),
    deviceType: code,
    connectionType: code,
    make: word,
    model: word,
    language: word,
    carrier: word,
    network: fc.constantFrom('', '192.0.2.0/24'),
    localHour: fc.integer({ min: -1, max: 23 }),
    weekday: fc.nat(7),
    floorMicros: fc.oneof(fc.constant(0), fc.nat(), fc.constant(Number.MAX_SAFE_INTEGER)),
    packs: anyPacks,
  })
  .map(({ packs, ...facts }) => ({
    ...facts,
    packIds: packs.map(([id]) => id),
    packScores: packs.map(([, score]) => score),
  }))

const rate = fc.oneof(fc.constantFrom(0, 1), fc.double({ min: 0, max: 1, noNaN: true }))

/** Any ad. */
export const anyAd: fc.Arbitrary<AdFacts> = fc.record({
  creativeId: word,
  campaignId: word,
  advertiserId: word,
  categories: words,
  domain: word,
  bundle: word,
  language: word,
  format: code,
  size: fc.constantFrom('', '300x250', '320x50'),
  durationSec: fc.nat(60),
  attributes: fc.array(code, { maxLength: 3 }),
  goal: fc.constantFrom('cpm', 'cpc', 'cpa', 'roas', 'ltv'),
  priorCtr: rate,
  priorCvr: rate,
  impressions: fc.nat(),
  clicks: fc.nat(),
  conversions: fc.nat(),
  flightStartMs: fc.option(fc.integer({ min: 1_700_000_000_000, max: 1_900_000_000_000 })),
})
