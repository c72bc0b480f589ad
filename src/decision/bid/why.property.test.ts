/** The walk agrees with the road: on a catalog of one campaign both name the same reason. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  aBanner,
  aCampaign,
  anAdvertiser,
  anExchange,
  aVideo,
  compileWorld,
  unit,
} from '../../../test/support/bid-world.ts'
import { videoSlot } from '../../../test/support/plain-imps.ts'
import { packOf } from '../../../test/support/rta-fixtures.ts'
import { fillHistory, type Touch } from '../../../test/support/user-histories.ts'
import { campaignWords } from '../../catalog/bid/campaign-words.ts'
import { Os } from '../../domain/ad-request.ts'
import type { BidDecision } from '../../domain/bid-decision.ts'
import { type BidRequest, Channel, type Deal, type Imp } from '../../domain/bid-request.ts'
import type { Campaign, Targeting } from '../../domain/campaign.ts'
import type { Creative } from '../../domain/creative.ts'
import { DecisionIds } from '../../domain/decision-id.ts'
import { Drop, dropNames } from '../../domain/drop-reason.ts'
import type { Exchange } from '../../domain/exchange.ts'
import { noGeo } from '../../domain/geo-port.ts'
import type { Micros } from '../../domain/money.ts'
import { indexPacks } from '../../domain/pack.ts'
import { type Profile, ProfileState } from '../../domain/profile.ts'
import { Refusal } from '../../domain/refusal.ts'
import { serialOf } from '../../domain/serial.ts'
import { convertedTag, minuteOf, tagOf, UserEntry } from '../../domain/user-state.ts'
import { ManualClock } from '../../lib/clock.ts'
import { BidDecider } from './bid-decide.ts'
import { BidScratch } from './bid-scratch.ts'
import { type WhyAnswer, whyNot } from './why.ts'

const noonMs = Date.UTC(2026, 10, 22, 12)
const packs = indexPacks([packOf('vip', 0), packOf('churned', 1)], noonMs)

/** Mostly `usual`, so that most worlds come far. */
function mostly<T>(usual: T, ...others: readonly T[]): fc.Arbitrary<T> {
  return fc.oneof({ weight: 12, arbitrary: fc.constant(usual) }, ...others.map(fc.constant))
}

const targeting: fc.Arbitrary<Partial<Targeting>> = fc.record({
  exchanges: mostly<readonly string[]>([], ['x'], ['y']),
  channels: mostly<Targeting['channels']>([], ['site'], ['app']),
  places: mostly<Targeting['places']>([], [{ country: 'DEU', region: '', city: '' }]),
  excludedPlaces: mostly<Targeting['places']>([], [{ country: 'DEU', region: '', city: '' }]),
  os: mostly<Targeting['os']>([], [{ os: 'ios', minVersion: '16', maxVersion: '' }]),
  deviceTypes: mostly<readonly number[]>([], [4], [2]),
  languages: mostly<readonly string[]>([], ['en']),
  sites: mostly<Targeting['sites']>(
    { allow: [], deny: [] },
    { allow: ['news.example'], deny: [] },
    { allow: [], deny: ['news.example'] },
  ),
  positions: mostly<readonly number[]>([], [1]),
  startDelays: mostly<Targeting['startDelays']>([], ['pre']),
  podSlots: mostly<Targeting['podSlots']>([], ['last']),
  podSequences: mostly<Targeting['podSequences']>([], ['first']),
  formats: mostly<Targeting['formats']>([], ['banner', 'video']),
  interstitial: mostly<Targeting['interstitial']>('any', 'only', 'never'),
  schedule: mostly<Targeting['schedule']>(null, {
    zone: 'UTC',
    fallbackZone: '',
    windows: [{ days: [1, 2], fromMinute: 0, toMinute: 1_440 }],
  }),
  audience: mostly<Targeting['audience']>(
    { all: [], any: [], none: [] },
    { all: ['vip'], any: [], none: [] },
    { all: [], any: ['vip', 'churned'], none: [] },
    { all: [], any: [], none: ['vip'] },
  ),
  deals: mostly<readonly string[]>([], ['d1'], ['*']),
  openAuction: mostly(true, false),
})

const campaign: fc.Arbitrary<Campaign> = fc
  .record({
    startMs: mostly<number | null>(null, noonMs, noonMs + 1),
    endMs: mostly<number | null>(null, noonMs),
    maxBidMicros: mostly(0, 2 * unit) as fc.Arbitrary<Micros>,
    minBidMicros: mostly(0, 2 * unit) as fc.Arbitrary<Micros>,
    maxCostPerWinMicros: mostly(0, 1_000) as fc.Arbitrary<Micros>,
    goal: mostly<Campaign['goal']>(
      { kind: 'cpm', bidMicros: (5 * unit) as Micros },
      { kind: 'cpc', bidMicros: (unit / 2) as Micros },
      {
        kind: 'cpa',
        bidMicros: (30 * unit) as Micros,
        byScore: { packId: 'vip', low: 0, high: 2 },
      },
    ),
    caps: mostly<Campaign['caps']>([], [{ impressions: 1, minutes: 10 }]),
    converted: mostly<Campaign['converted']>(
      [],
      [{ kind: 'exclude', advertiserId: 'shop', action: '', days: 1 }],
      [{ kind: 'require', advertiserId: 'shop', action: '', days: 1 }],
    ),
    targeting,
  })
  .map(({ targeting: own, ...rest }) => aCampaign(rest, own))

const creative: fc.Arbitrary<Creative> = fc.oneof(
  fc
    .record({
      w: mostly(300, 728),
      h: mostly(250, 90),
      expands: mostly<readonly number[]>([], [1]),
    })
    .map((part) => aBanner({}, part)),
  fc
    .record({
      attributes: mostly<readonly number[]>([], [3]),
      apis: mostly<readonly number[]>([], [5]),
    })
    .map((own) => aBanner(own)),
  fc
    .record({ durationSec: mostly(15, 45), isSkippable: mostly(false, true) })
    .map((part) => aVideo({}, part)),
)

const deal: fc.Arbitrary<Deal> = fc
  .record({
    id: mostly('d1', 'd2'),
    cpm: mostly(0, 1 * unit, 9 * unit),
    auctionType: mostly(0, 1, 3),
    seats: mostly<readonly string[]>([], ['s1']),
    advertiserDomains: mostly<readonly string[]>([], ['other.example']),
  })
  .map(({ cpm, ...own }) => ({
    floor: { cpmMicros: cpm as Micros, currency: 'USD' },
    floorPerSecMicros: 0,
    durationFloors: [],
    isGuaranteed: false,
    ...own,
  }))

const imp: fc.Arbitrary<Imp> = fc
  .record({
    isVideo: fc.boolean(),
    floor: mostly(0, 3 * unit, 9 * unit),
    floorCurrency: mostly('USD', 'EUR', 'JPY'),
    isPrivate: mostly(false, true),
    isInterstitial: mostly(false, true),
    isSecure: mostly(false, true),
    deals: fc.array(deal, { maxLength: 2 }),
    mimes: mostly<readonly string[]>([], ['image/gif', 'video/webm']),
    blockedAttributes: mostly<readonly number[]>([], [3]),
    maxSec: mostly(Number.POSITIVE_INFINITY, 30),
    skip: mostly<boolean | null>(null, false),
    podSequence: mostly(0, 1, -1),
    multiplier: mostly(1, 40),
  })
  .map((own) => impOf(own))

function impOf(own: {
  isVideo: boolean
  floor: number
  floorCurrency: string
  isPrivate: boolean
  isInterstitial: boolean
  isSecure: boolean
  deals: Deal[]
  mimes: readonly string[]
  blockedAttributes: readonly number[]
  maxSec: number
  skip: boolean | null
  podSequence: number
  multiplier: number
}): Imp {
  const {
    isVideo,
    floor,
    floorCurrency,
    mimes,
    blockedAttributes,
    maxSec,
    skip,
    podSequence,
    ...rest
  } = own
  return {
    id: '1',
    index: 0,
    floor: { cpmMicros: floor as Micros, currency: floorCurrency },
    banner: isVideo
      ? null
      : {
          sizes: [{ w: 300, h: 250 }],
          flex: [],
          bounds: null,
          blockedTypes: [],
          blockedAttributes,
          position: 1,
          mimes,
          expandDirections: [],
          apis: [],
        },
    video: isVideo
      ? {
          ...emptyMedia,
          mimes,
          blockedAttributes,
          maxSec,
          skip,
          pod: podSequence === 0 ? null : { ...emptyPod, sequence: podSequence },
        }
      : null,
    audio: null,
    native: null,
    isRewarded: false,
    tagId: '',
    expirySec: 0,
    ...rest,
  }
}

const emptyPod: NonNullable<NonNullable<Imp['video']>['pod']> = {
  id: 'p',
  sequence: 0,
  slot: 1,
  durationSec: 0,
  adsMax: 0,
  dedupe: [],
}

const emptyMedia: NonNullable<Imp['video']> = { ...videoSlot, startDelaySec: 0 }

/** The device has seen and done it all, a minute ago. */
const everything: readonly Touch[] = [
  { entry: UserEntry.Creative, tag: tagOf(serialOf('creative', 'banner')) },
  { entry: UserEntry.Creative, tag: tagOf(serialOf('creative', 'video')) },
  { entry: UserEntry.Campaign, tag: tagOf(serialOf('campaign', 'spring')) },
  { entry: UserEntry.Advertiser, tag: tagOf(serialOf('advertiser', 'shop')) },
  { entry: UserEntry.Converted, tag: convertedTag(serialOf('advertiser', 'shop'), '') },
].map((of) => ({ ...of, moments: [{ minute: minuteOf(noonMs) - 1, count: 1 }] }))

const oneCap = [{ impressions: 1, minutes: 10 }]

/** What a reader makes of the profile that was asked for. */
function fillProfile(profile: Profile, one: Asked, asksHistory: boolean): void {
  if (asksHistory) fillHistory(profile, [one.history])
  profile.state = one.profile
  profile.sawHistory = asksHistory && one.profile !== ProfileState.Unavailable
  for (const pack of one.isIn) profile.add(pack, 100)
}

const asked = fc.record({
  imp,
  channel: mostly<Channel>(Channel.Site, Channel.App),
  country: mostly('DEU', 'FRA', ''),
  os: mostly<Os>(Os.Ios, Os.Android),
  osVersion: mostly('17.1', '15', ''),
  deviceType: mostly(4, 2),
  language: mostly('en-us', 'de'),
  domain: mostly('news.example', 'blog.example'),
  currencies: mostly<readonly string[]>([], ['EUR'], ['JPY']),
  allowedSeats: mostly<readonly string[]>([], ['s1']),
  blockedCategories: mostly<readonly string[]>([], ['IAB22']),
  blockedDomains: mostly<readonly string[]>([], ['shop.example']),
  isCrawler: mostly(false, true),
  linksAreSecure: mostly(true, false),
  isIn: mostly<readonly number[]>([0], [1], []),
  history: fc.constantFrom<readonly Touch[]>([], everything),
  // A cap of the creative is looked at last: it must be there often to be seen at all.
  capped: fc.constantFrom('nothing', 'creative', 'creative', 'advertiser'),
  profile: mostly<ProfileState>(ProfileState.Known, ProfileState.NoId, ProfileState.Unavailable),
})
type Asked = typeof asked extends fc.Arbitrary<infer Value> ? Value : never

const exchange: fc.Arbitrary<Exchange> = fc
  .record({
    enabled: mostly(true, false),
    otherCurrencies: mostly<readonly string[]>(['EUR'], []),
    firstPriceShare: mostly(1, 0.5),
    seat: mostly('s1', ''),
    requiresCompleteSchain: mostly(false, true),
  })
  .map((own) => anExchange(own))

function fill(request: BidRequest, one: Asked): void {
  request.exchange = 'x'
  request.id = 'r'
  request.deadlineMs = 1_000
  request.imps = [one.imp]
  request.inventory.channel = one.channel
  request.inventory.domain = one.domain
  request.geo.country = one.country
  request.device.os = one.os
  request.device.osVersion = one.osVersion
  request.device.type = one.deviceType
  request.device.language = one.language
  request.currencies = one.currencies
  request.allowedSeats = one.allowedSeats
  request.blockedCategories = one.blockedCategories
  request.blockedDomains = one.blockedDomains
  request.isCrawler = one.isCrawler
  request.devices.count = 1
}

interface World {
  readonly campaign: Campaign
  readonly creative: Creative
  readonly exchange: Exchange
  readonly asked: Asked
}

/** What the road does and what the walk says of the same world. */
async function both({ campaign: own, creative: shown, exchange: there, asked: one }: World) {
  const clock = new ManualClock(noonMs)
  const { catalog } = await compileWorld(
    {
      advertisers: [anAdvertiser({ caps: one.capped === 'advertiser' ? oneCap : [] })],
      campaigns: [own],
      creatives: [{ ...shown, caps: one.capped === 'creative' ? oneCap : [] }],
      exchanges: [there],
      rates: { base: 'USD', rates: { EUR: 0.5 } },
    },
    clock,
  )
  const decider = new BidDecider({
    catalog,
    audienceView: { current: () => ({ packs, layout: undefined as never }) },
    audience: {
      read: (_devices, view, _deadline, profile) => {
        fillProfile(profile, one, view.asksHistory === true)
        return undefined
      },
    },
    geo: noGeo,
    clock,
    random: () => 0.5,
    ids: new DecisionIds(() => 1),
    ranker: null,
    linksAreSecure: one.linksAreSecure,
    record: () => undefined,
  })
  const scratch = new BidScratch()
  fill(scratch.request, one)
  const decision = await decider.decide(scratch.request, scratch)
  const snapshot = catalog.current()
  if (snapshot === null) throw new Error('nothing was compiled')
  const profile = scratch.profile
  profile.reset(packs.words)
  fillProfile(profile, one, true)
  const why =
    snapshot.data.campaignCount === 0
      ? null
      : whyNot({
          snapshot,
          words: campaignWords(own),
          request: scratch.request,
          profile,
          packs,
          user: { wallMs: noonMs, utcOffsetMin: Number.NaN, timeZone: '' },
          linksAreSecure: one.linksAreSecure,
        })
  return { decision, scratch, why }
}

/** The one reason that the road has, in the words of the walk. */
function roadReason(decision: BidDecision, scratch: BidScratch): string {
  if (decision.bids.length > 0) return `bids ${decision.bids[0]?.priceMicros}`
  const dropped = [...dropNames].filter(([number]) => (scratch.funnel.drops[number] ?? 0) > 0)
  expect(dropped.length).toBeLessThanOrEqual(1)
  const [first] = dropped
  if (first !== undefined) return `drop ${first[0]}`
  // The only seat there is may not bid: the road stops before it looks at campaigns.
  if (decision.refusal === Refusal.SeatNotAllowed) return 'seat'
  // A size that nobody has: the road looks at no creative, so none falls out.
  if (decision.refusal === Refusal.NothingEligible) return 'nothing there'
  return `refusal ${decision.refusal}`
}

function walkReason({ reason, priceMicros, campaignChecks }: WhyAnswer, road: string): string {
  if (reason === null) return `bids ${priceMicros}`
  if (road === 'seat') {
    return campaignChecks.some(({ rule, passed }) => rule === 'seat' && passed === false)
      ? road
      : ''
  }
  if (road === 'nothing there') return ['size', 'format'].includes(reason.rule) ? road : reason.rule
  // The road looks sizes up before it looks at a creative, the walk asks them in their order.
  if (road === `drop ${Drop.Size}` && beforeSize.includes(reason.number)) return road
  return `${reason.isRefusal ? 'refusal' : 'drop'} ${reason.number}`
}

const beforeSize: readonly number[] = [Drop.Secure, Drop.Attribute, Drop.Api]

test('the first failing rule is the reason of the road, and the price is the road’s', async () => {
  const seen = new Map<string, number>()
  await fc.assert(
    fc.asyncProperty(fc.record({ campaign, creative, exchange, asked }), async (world) => {
      const { decision, scratch, why } = await both(world)
      if (why === null) return
      const road = roadReason(decision, scratch)
      expect(walkReason(why, road)).toBe(road)
      const kind = road.replace(/^bids .*/, 'bids')
      seen.set(kind, (seen.get(kind) ?? 0) + 1)
    }),
    { numRuns: 1_000 },
  )
  // The worlds must reach all stages, or the agreement says little.
  expect(seen.get('bids') ?? 0).toBeGreaterThan(20)
  expect(seen.size).toBeGreaterThan(15)
  const guards = [Drop.CampaignCap, Drop.AdvertiserCap, Drop.Converted, Drop.CreativeCap]
  for (const drop of guards) expect(seen.get(`drop ${drop}`) ?? 0).toBeGreaterThan(0)
}, 60_000)
