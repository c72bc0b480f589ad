/** Random catalogs and requests over small vocabularies, so that they meet: one seed, one world. */
import type { Campaign, Goal, Targeting, ValueByScore } from '../../src/domain/campaign.ts'
import type { Creative, MediaPart } from '../../src/domain/creative.ts'
import type { Exchange } from '../../src/domain/exchange.ts'
import type { Micros } from '../../src/domain/money.ts'
import {
  aBanner,
  aCampaign,
  aNative,
  anAdvertiser,
  anAudio,
  anExchange,
  anyTarget,
  aVideo,
} from '../support/bid-world.ts'
import type { Json } from '../support/openrtb-decode.ts'
import type { NaiveFacts } from './naive-bidder.ts'
import type { NaiveWorld } from './naive-price.ts'
import { phone } from './pair.ts'
import type { RoadWorld } from './road.ts'

/** A stream of choices from a seed (mulberry32). */
export class Dice {
  #state: number

  constructor(seed: number) {
    this.#state = seed | 0
  }

  /** Uniform in [0, 1). */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }

  /** True with this probability. */
  is(share: number): boolean {
    return this.next() < share
  }

  /** A whole number of [least, most]. */
  int(least: number, most: number): number {
    return least + Math.floor(this.next() * (most - least + 1))
  }

  one<T>(list: readonly T[]): T {
    return list[this.int(0, list.length - 1)]!
  }

  /** One or two of a list. */
  some<T>(list: readonly T[]): T[] {
    return [...new Set([this.one(list), this.one(list)])]
  }

  /** `value` with this probability, else nothing to spread. */
  maybe(share: number, value: () => Json): Json {
    return this.is(share) ? value() : {}
  }
}

/** A catalog, for the engine and for the reference. */
export interface RandomWorld {
  readonly road: RoadWorld
  readonly naive: NaiveWorld
  readonly facts: NaiveFacts
}

const packIds = ['a', 'b', 'c', 'worth']
const places = [
  { country: 'DEU', region: '', city: '' },
  { country: 'DEU', region: 'BE', city: '' },
  { country: 'DEU', region: 'BE', city: 'berlin' },
  { country: 'FRA', region: '', city: '' },
]
const sizes = [
  { w: 300, h: 250 },
  { w: 320, h: 50 },
  { w: 728, h: 90 },
  { w: 600, h: 500 },
]
const domains = ['shop.example', 'm.shop.example', 'rival.example', 'bank.example']
const categories = ['IAB7', 'IAB7-39', 'IAB22', 'IAB25-3']
const goalKinds = ['cpm', 'cpc', 'cpa', 'roas', 'ltv'] as const

/** Exchange rates of every random world; XAU is worth much, IDR little. */
export const randomRates = { base: 'EUR', rates: { USD: 1.07, IDR: 17_250.5, XAU: 0.000_41 } }

/** A world of `creativesMax` creatives at most. */
export function randomWorld(seed: number, creativesMax = 60): RandomWorld {
  const dice = new Dice(seed)
  const advertisers = ['one', 'two', 'three'].map((id) =>
    anAdvertiser({
      id,
      currency: dice.one(['USD', 'EUR', 'IDR', 'XAU']),
      domains: [dice.one(domains)],
      categories: [{ taxonomy: 1, ids: dice.some(categories) }],
      seat: dice.one(['', 'seat-1', 'seat-2']),
    }),
  )
  const worthOf = { USD: 1.07, EUR: 1, IDR: 17_250.5, XAU: 0.000_41 }
  const campaigns = Array.from({ length: dice.int(5, 14) }, (_, index) => {
    const advertiser = dice.one(advertisers)
    const worth = worthOf[advertiser.currency as keyof typeof worthOf]
    return randomCampaign(dice, `campaign-${index}`, advertiser.id, worth)
  })
  const creatives = Array.from({ length: dice.int(creativesMax / 2, creativesMax) }, (_, index) =>
    randomCreative(dice, `creative-${index}`, dice.one(campaigns).id),
  )
  const exchange = randomExchange(dice)
  const packs = Object.fromEntries(
    packIds.filter(() => dice.is(0.5)).map((id) => [id, dice.int(-1, 255)]),
  )
  const isKnown = dice.is(0.8)
  const wallMs = Date.UTC(2026, 10, 22, 12)
  // Every pack has to be in the catalog, whoever is in it.
  const nobody = { type: 'gaid', id: '99999999-9999-4999-8999-999999999999', packs: allPacks }
  const member = { type: 'gaid', id: String(phone['ifa']), packs: isKnown ? packs : {} }
  return {
    road: {
      advertisers,
      campaigns,
      creatives,
      exchanges: [exchange],
      rates: randomRates,
      wallMs,
      members: [nobody, member],
    },
    naive: { advertisers, campaigns, creatives, exchange, rates: randomRates },
    facts: { wallMs, packs: isKnown ? packs : null },
  }
}

const allPacks = Object.fromEntries(packIds.map((id) => [id, -1]))

function randomExchange(dice: Dice): Exchange {
  return anExchange({
    currency: dice.one(['USD', 'EUR']),
    otherCurrencies: ['IDR', 'USD', 'EUR'],
    priceUnit: dice.one(['cpm', 'cpmMicros', 'perImpression']),
    auctionType: dice.one([1, 2]),
    firstPriceShare: dice.one([1, 0.8, 0.333]),
    seat: dice.one(['', 'seat-1']),
    noBidRecordRate: 1,
    bidsPerImpMax: dice.int(1, 3),
    blocked: {
      ...anExchange().blocked,
      advertiserDomains: dice.is(0.1) ? ['bank.example'] : [],
      advertiserCategories: dice.is(0.1) ? ['IAB25'] : [],
    },
  })
}

/** `worth`: units of the advertiser's currency in one EUR. */
// oxlint-disable-next-line max-params -- chance, who, whose, and how much
function randomCampaign(dice: Dice, id: string, advertiserId: string, worth: number): Campaign {
  const money = (units: number): Micros => Math.max(1, Math.round(units * worth * 1e6)) as Micros
  const limit = (share: number, units: number): Micros =>
    dice.is(share) ? money(units) : (0 as Micros)
  const wallMs = Date.UTC(2026, 10, 22, 12)
  return aCampaign({
    id,
    advertiserId,
    enabled: dice.is(0.95),
    startMs: dice.is(0.1) ? wallMs + dice.int(-1, 1) : null,
    endMs: dice.is(0.1) ? wallMs + dice.int(0, 2) : null,
    goal: randomGoal(dice, money),
    maxBidMicros: limit(0.3, dice.int(2, 8)),
    minBidMicros: limit(0.2, dice.int(1, 4)),
    maxCostPerWinMicros: limit(0.2, dice.int(3, 20) / 1_000),
    prior: { ctr: dice.int(1, 20) / 1_000, cvr: dice.int(1, 50) / 1_000 },
    targeting: randomTargeting(dice),
  })
}

function randomGoal(dice: Dice, money: (units: number) => Micros): Goal {
  const low = dice.next()
  const byScore: ValueByScore | null = dice.is(0.4)
    ? { packId: 'worth', low, high: low + dice.next() - 0.3 * dice.int(0, 1) }
    : null
  const kind = dice.one(goalKinds)
  switch (kind) {
    case 'cpm':
      return { kind, bidMicros: money(dice.int(1, 10)) }
    case 'cpc':
      return { kind, bidMicros: money(dice.int(20, 200) / 100) }
    case 'cpa':
      return { kind, bidMicros: money(dice.int(10, 90)), byScore: positiveOrNull(byScore) }
    case 'roas':
      return {
        kind,
        targetRoas: dice.int(1, 5) / 2,
        valueMicros: money(dice.int(20, 200)),
        byScore: positiveOrNull(byScore),
      }
    case 'ltv':
      return {
        kind,
        valueMicros: money(dice.int(50, 500)),
        share: dice.int(1, 10) / 10,
        byScore: positiveOrNull(byScore),
      }
  }
}

/** Weights are not negative. */
function positiveOrNull(byScore: ValueByScore | null): ValueByScore | null {
  return byScore === null ? null : { ...byScore, high: Math.max(0, byScore.high) }
}

function randomTargeting(dice: Dice): Targeting {
  const list = <T>(values: readonly T[]): T[] => (dice.is(0.07) ? dice.some(values) : [])
  const allowDeny = (values: readonly string[]) => ({ allow: list(values), deny: list(values) })
  const isScheduled = dice.is(0.07)
  const fromMinute = dice.int(0, 23) * 60
  return {
    ...anyTarget,
    exchanges: dice.is(0.05) ? [dice.one(['x', 'y'])] : [],
    channels: list(['site', 'app'] as const),
    places: list(places),
    excludedPlaces: dice.is(0.08) ? [dice.one(places)] : [],
    os: list([
      { os: 'android', minVersion: '14', maxVersion: '' },
      { os: 'android', minVersion: '', maxVersion: '13' },
      { os: 'ios', minVersion: '', maxVersion: '' },
    ]),
    deviceTypes: list([1, 2, 4, 5]),
    makes: list(['samsung', 'apple']),
    models: list(['sm-s921b', 'iphone']),
    languages: list(['de', 'de-de', 'en']),
    carriers: list(['vodafone', '262-02', 'telekom']),
    connectionTypes: list([2, 6, 7]),
    sites: allowDeny(['news.example', 'm.news.example', 'games.example']),
    apps: allowDeny(['com.example.weather', 'com.example.game']),
    publishers: allowDeny(['pub-1', 'pub-2', 'press.example']),
    contentCategories: { taxonomy: 1, ...allowDeny(['IAB12', 'IAB12-1', 'IAB15', 'IAB25']) },
    positions: list([0, 1, 7]),
    placements: list([1, 2]),
    startDelays: list(['pre', 'mid', 'post'] as const),
    podSlots: list(['first', 'last'] as const),
    podSequences: dice.is(0.03) ? [dice.one(['first', 'last'] as const)] : [],
    formats: list(['banner', 'video', 'audio', 'native'] as const),
    sizes: list(sizes),
    interstitial: dice.is(0.1) ? dice.one(['only', 'never'] as const) : 'any',
    rewarded: dice.is(0.1) ? dice.one(['only', 'never'] as const) : 'any',
    schedule: isScheduled
      ? {
          zone: dice.one(['user', 'UTC', 'Europe/Berlin']),
          fallbackZone: dice.one(['', 'Asia/Tokyo']),
          windows: [
            {
              days: dice.some([6, 7, 1]),
              fromMinute,
              toMinute: fromMinute + 600 > 1440 ? 1440 : fromMinute + 600,
            },
          ],
        }
      : null,
    audience: { all: list(['a', 'b']), any: list(['b', 'c']), none: list(['a', 'c']) },
    deals: dice.is(0.4) ? [dice.one(['D1', 'D2', '*'])] : [],
    openAuction: dice.is(0.85),
  }
}

function randomCreative(dice: Dice, id: string, campaignId: string): Creative {
  const own: Partial<Creative> = {
    id,
    campaignId,
    enabled: dice.is(0.95),
    domains: dice.is(0.3) ? [dice.one(domains)] : [],
    categories: dice.is(0.2) ? [{ taxonomy: dice.one([1, 6]), ids: dice.some(categories) }] : [],
    bundle: dice.is(0.2) ? 'com.shop.app' : '',
    language: dice.is(0.3) ? dice.one(['de', 'en', 'de-at']) : '',
    attributes: dice.is(0.2) ? dice.some([1, 6, 10]) : [],
    apis: dice.is(0.2) ? [dice.one([5, 7])] : [],
    impressionTrackers: dice.is(0.1) ? ['http://track.example/i'] : [],
    history: randomHistory(dice),
  }
  const kind = dice.int(1, 10)
  if (kind <= 4) {
    return aBanner(own, {
      ...dice.one([...sizes, { w: 0, h: 0 }]),
      mime: dice.one(['image/png', 'image/jpeg']),
      type: dice.one([2, 4]),
      expands: dice.is(0.15) ? dice.some([1, 2, 3]) : [],
    })
  }
  if (kind <= 7) return aVideo(own, randomMedia(dice, ['video/mp4', 'video/webm'], 640, 360))
  if (kind === 8)
    return anAudio(own, { ...randomMedia(dice, ['audio/mpeg', 'audio/ogg'], 0, 0), linearity: 1 })
  return aNative(own, {
    titles: dice.some(['Sale', 'Spring sale', 'Spring sale at the shop']),
    video: dice.is(0.3) ? { ...aVideo().video!, durationSec: dice.one([10, 15, 30]) } : null,
  })
}

function randomHistory(dice: Dice): Creative['history'] {
  const impressions = dice.is(0.5) ? dice.int(0, 20_000) : 0
  const clicks = Math.floor(impressions * dice.next() * 0.03)
  return { impressions, clicks, conversions: Math.floor(clicks * dice.next() * 0.1) }
}

// oxlint-disable-next-line max-params -- chance, and what a file of this kind is like
function randomMedia(
  dice: Dice,
  mimes: readonly string[],
  w: number,
  h: number,
): Partial<MediaPart> {
  const isWrapper = dice.is(0.15)
  const files = dice.some([1, 2]).map((copy) => ({
    url: `https://cdn.shop.example/${copy}-${dice.int(1, 4)}`,
    mime: dice.one(mimes),
    ...(w > 0 && dice.is(0.2) ? { w: 400, h: 300 } : { w, h }),
    bitrateKbps: dice.one([0, 128, 800, 2_000]),
    delivery: dice.one([1, 2]),
  }))
  return {
    durationSec: dice.one([6, 10, 15, 30]),
    isSkippable: dice.is(0.3),
    files: isWrapper ? [] : files,
    tagUrl: isWrapper ? 'https://vast.example/tag' : '',
    protocols: dice.is(0.3) ? dice.some([2, 3, 7, 8]) : [],
  }
}

/** A request of one impression; `perUnit` puts prices in the exchange's unit. */
export function randomRequest(seed: number, perUnit: number): Json {
  const dice = new Dice(seed ^ 0x5eed)
  const { maybe, one, some } = bound(dice)
  return {
    id: `auction-${seed}`,
    imp: [randomImp(dice, '1', perUnit)],
    ...(dice.is(0.6) ? { site: randomSite(dice) } : { app: randomApp(dice) }),
    device: randomDevice(dice),
    ...maybe(0.8, () => ({ at: dice.int(1, 2) })),
    ...maybe(0.4, () => ({ cur: some(['USD', 'EUR', 'IDR']) })),
    ...maybe(0.2, () => ({ bcat: some(['IAB7', 'IAB22', 'IAB25', 'IAB1']) })),
    ...maybe(0.08, () => ({ acat: some(categories) })),
    ...maybe(0.05, () => ({ cattax: one([1, 6]) })),
    ...maybe(0.2, () => ({ badv: some(domains) })),
    ...maybe(0.1, () => ({ bapp: ['com.shop.app'] })),
    ...maybe(0.1, () => ({ wlang: some(['de', 'en', 'fr']) })),
    ...maybe(0.1, () => ({ wseat: some(['seat-1', 'seat-2', 'seat-3']) })),
    ...maybe(0.1, () => ({ bseat: ['seat-2'] })),
    tmax: 300,
  }
}

function bound(dice: Dice) {
  return {
    maybe: (share: number, value: () => Json) => dice.maybe(share, value),
    one: <T>(list: readonly T[]) => dice.one(list),
    some: <T>(list: readonly T[]) => dice.some(list),
  }
}

function randomSite(dice: Dice): Json {
  return {
    domain: dice.one(['news.example', 'm.news.example', 'games.example']),
    cat: dice.some(['IAB12', 'IAB12-1', 'IAB15-10', 'IAB25-3']),
    publisher: {
      id: dice.one(['pub-1', 'pub-3']),
      domain: dice.one(['press.example', 'x.example']),
    },
  }
}

function randomApp(dice: Dice): Json {
  return {
    bundle: dice.one(['com.example.weather', 'com.example.game']),
    cat: dice.some(['IAB12', 'IAB15']),
    publisher: { id: dice.one(['pub-1', 'pub-2']) },
  }
}

function randomDevice(dice: Dice): Json {
  const geo = {
    country: dice.one(['DEU', 'FRA']),
    region: dice.one(['BE', 'BY']),
    city: dice.one(['Berlin', 'Munich']),
    ...dice.maybe(0.7, () => ({ utcoffset: dice.one([0, 60, -300]) })),
  }
  return {
    ...phone,
    devicetype: dice.one([1, 2, 4, 5]),
    make: dice.one(['Samsung', 'Apple']),
    model: dice.one(['SM-S921B', 'iPhone']),
    os: dice.one(['Android', 'iOS']),
    osv: dice.one(['13.2', '14', '15.1']),
    language: dice.one(['de', 'de-DE', 'en-GB']),
    carrier: dice.one(['Vodafone', 'Telekom']),
    mccmnc: dice.one(['262-02', '262-01']),
    connectiontype: dice.one([2, 6]),
    // The member's id is a Google id whatever the system is said to be.
    ext: { ifa_type: 'aaid' },
    geo,
  }
}

/** An impression with one or two formats, floors and deals. */
export function randomImp(dice: Dice, id: string, perUnit: number): Json {
  const price = (units: number): number => Math.round(units * perUnit * 1e6) / 1e6
  const floor = (): Json => ({
    ...dice.maybe(0.7, () => ({ bidfloor: price(dice.int(1, 40) / 10) })),
    ...dice.maybe(0.4, () => ({
      bidfloorcur: dice.one(['USD', 'USD', 'EUR', 'EUR', 'IDR', 'JPY']),
    })),
  })
  const first = dice.int(1, 4)
  const formats = [first, dice.is(0.3) ? dice.int(1, 4) : first]
  return {
    id,
    ...floor(),
    ...(formats.includes(1) ? { banner: randomBanner(dice) } : {}),
    ...(formats.includes(2)
      ? { video: { ...randomPlayer(dice, price, ['video/mp4', 'video/webm']), ...screen(dice) } }
      : {}),
    ...(formats.includes(3)
      ? { audio: randomPlayer(dice, price, ['audio/mpeg', 'audio/ogg']) }
      : {}),
    ...(formats.includes(4) ? { native: randomNative(dice) } : {}),
    ...dice.maybe(0.3, () => ({ secure: dice.int(0, 1) })),
    ...dice.maybe(0.2, () => ({ instl: dice.int(0, 1) })),
    ...dice.maybe(0.2, () => ({ rwdd: dice.int(0, 1) })),
    ...dice.maybe(0.15, () => ({ qty: { multiplier: dice.one([0.5, 2, 3.5]) } })),
    ...dice.maybe(0.4, () => ({
      pmp: {
        private_auction: dice.int(0, 1),
        deals: dice.some(['D1', 'D2', 'D3']).map((deal) => ({
          id: deal,
          ...floor(),
          ...dice.maybe(0.5, () => ({ at: dice.int(1, 3) })),
          ...dice.maybe(0.15, () => ({ wseat: dice.some(['seat-1', 'seat-2']) })),
          ...dice.maybe(0.15, () => ({ wadomain: dice.some(domains) })),
          ...dice.maybe(0.1, () => ({
            durfloors: [{ mindur: 10, maxdur: 20, bidfloor: price(3) }],
          })),
        })),
      },
    })),
  }
}

function randomBanner(dice: Dice): Json {
  const size = dice.int(1, 5)
  return {
    ...(size <= 2 ? dice.one(sizes) : {}),
    ...(size === 3 ? { format: dice.some(sizes) } : {}),
    ...(size === 4
      ? { format: [{ wratio: 6, hratio: 5, wmin: dice.one([300, 400]) }, ...dice.some(sizes)] }
      : {}),
    ...dice.maybe(0.2, () => ({ btype: dice.some([1, 4]) })),
    ...dice.maybe(0.2, () => ({ battr: dice.some([1, 3, 10]) })),
    ...dice.maybe(0.3, () => ({ mimes: dice.some(['image/png', 'image/jpg', 'text/html']) })),
    ...dice.maybe(0.3, () => ({ expdir: dice.some([1, 2, 3]) })),
    ...dice.maybe(0.4, () => ({ api: dice.some([5, 7]) })),
    ...dice.maybe(0.4, () => ({ pos: dice.one([0, 1, 7]) })),
  }
}

function randomPlayer(
  dice: Dice,
  price: (units: number) => number,
  mimes: readonly string[],
): Json {
  return {
    mimes: dice.some(mimes),
    ...dice.maybe(0.6, () => ({ protocols: dice.some([2, 3, 5, 7, 8]) })),
    ...(dice.is(0.2)
      ? { rqddurs: dice.some([6, 15, 30]) }
      : {
          ...dice.maybe(0.4, () => ({ minduration: dice.one([0, 6, 15]) })),
          ...dice.maybe(0.6, () => ({ maxduration: dice.one([10, 15, 30]) })),
        }),
    ...dice.maybe(0.6, () => ({ startdelay: dice.one([0, -1, -2, 30]) })),
    ...dice.maybe(0.2, () => ({ minbitrate: dice.one([128, 800]) })),
    ...dice.maybe(0.2, () => ({ maxbitrate: dice.one([800, 1_000]) })),
    ...dice.maybe(0.2, () => ({ delivery: dice.some([1, 2, 3]) })),
    ...dice.maybe(0.2, () => ({ battr: dice.some([1, 16]) })),
    ...dice.maybe(0.3, () => ({ api: dice.some([5, 7]) })),
    ...dice.maybe(0.2, () => ({ podid: 'pod', slotinpod: dice.one([-1, 0, 1, 2]) })),
    ...dice.maybe(0.1, () => ({ mincpmpersec: price(dice.int(1, 30) / 100) })),
    ...dice.maybe(0.2, () => ({
      durfloors: [
        { mindur: 0, maxdur: 10, bidfloor: price(dice.int(0, 4)) },
        { mindur: 15, bidfloor: price(dice.int(1, 5)) },
      ],
    })),
  }
}

function screen(dice: Dice): Json {
  return {
    ...dice.maybe(0.5, () => ({ w: 640, h: 360 })),
    ...dice.maybe(0.5, () => ({ linearity: dice.one([1, 1, 2]) })),
    ...dice.maybe(0.4, () => ({ skip: dice.int(0, 1) })),
    ...dice.maybe(0.2, () => ({ skipmin: dice.one([6, 15]) })),
    ...dice.maybe(0.5, () => ({ plcmt: dice.one([1, 2, 4]) })),
    ...dice.maybe(0.3, () => ({ pos: dice.one([1, 7]) })),
    ...dice.maybe(0.3, () => ({ boxingallowed: dice.int(0, 1) })),
  }
}

function randomNative(dice: Dice): Json {
  const required = (): number => dice.int(0, 1)
  const all: readonly Json[] = [
    { id: 1, required: required(), title: { len: dice.one([3, 10, 15, 90]) } },
    {
      id: 2,
      required: required(),
      img: { type: dice.one([1, 3]), wmin: dice.one([50, 200]), hmin: 50 },
    },
    { id: 3, required: required(), data: { type: dice.one([1, 2, 3]), len: dice.one([4, 90]) } },
    {
      id: 4,
      required: required(),
      video: { mimes: ['video/mp4'], minduration: 5, maxduration: dice.one([10, 15]) },
    },
  ]
  const assets = [all[0]!, ...dice.some(all.slice(1))]
  return {
    request: JSON.stringify({ ver: '1.2', assets }),
    ...dice.maybe(0.3, () => ({ api: dice.some([5, 7]) })),
    ...dice.maybe(0.2, () => ({ battr: dice.some([1, 6]) })),
  }
}
