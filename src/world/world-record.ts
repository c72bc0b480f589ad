/** A row of the world as a serving Sluice would have logged it. */
import { Os } from '../domain/ad-request.ts'
import { Channel } from '../domain/bid-request.ts'
import {
  type DecisionRecord,
  decisionRecordVersion,
  type RecordedBid,
  type RecordedImp,
  type RecordedLoser,
} from '../domain/decision-record.ts'
import { Drop } from '../domain/drop-reason.ts'
import { Format } from '../domain/format.ts'
import { IdType } from '../domain/id-type.ts'
import { PrivacyLimit } from '../domain/privacy.ts'
import { Refusal } from '../domain/refusal.ts'
import { mix64 } from '../lib/mix.ts'
import { known } from './market.ts'
import { type Opportunity, utcOffsetOf } from './opportunities.ts'
import { packScore, packsOf, type User } from './users.ts'
import type { World, WorldRow } from './world.ts'
import { inventoryNames, networkOf, requestIdOf, tagIdOf } from './world-request.ts'
import {
  countries,
  deviceKinds,
  formatGroups,
  packIds,
  tagPositions,
  topics,
  worldExchange,
} from './world-words.ts'

/** A decision record that says which row of the world it is of. */
export interface WorldRecord extends DecisionRecord {
  /** Row of the world: `World.row(worldRow)` makes it again, with its truth. */
  readonly worldRow: number
  /** Chance with which this line was kept; absent = 1. */
  readonly sampleRate?: number
}

/** 16 hex digits: one world has one word, a row its own. */
export function decisionIdOf(seed: number, row: number): string {
  return hex32(mix64(seed, 1, 0x5157)) + hex32(row)
}

/** The record of a row that has a winner. */
export function recordOf(world: World, row: WorldRow): WorldRecord {
  const { opportunity, eligibleCount } = row
  const { user, context, atMs } = opportunity
  const { seed } = world.settings
  return {
    version: decisionRecordVersion,
    decisionId: decisionIdOf(seed, opportunity.row),
    atMs,
    medium: 'openrtb',
    exchange: worldExchange,
    revision: 1,
    requestId: requestIdOf(seed, opportunity.row),
    isTest: false,
    isLive: true,
    auctionType: 2,
    currencies: ['USD'],
    tmaxMs: 200,
    imps: [recordedImp(opportunity)],
    impsDropped: 0,
    ...whereAndWho(opportunity, seed),
    packsMatched: user.isLimited ? 0 : packsOf(user.packs).length,
    eligibleCount,
    recalledCount: eligibleCount,
    rankedCount: eligibleCount,
    dropReasons: [],
    dropCounts: [],
    rankedBy: 'prior',
    ctrModel: '',
    cvrModel: '',
    arms: [],
    refusal: Refusal.None,
    bids: [recordedBid(world, row)],
    losers: row.losers.map((loser) => recordedLoser(world, loser)),
    queueUs: Number.NaN,
    decodeUs: Number.NaN,
    audienceUs: Number.NaN,
    decideUs: Number.NaN,
    leftMs: Number.NaN,
    worldRow: opportunity.row,
    ...packsSeen(user),
    carrier: countries[user.country]?.carriers[user.carrier] ?? '',
    utcOffsetMin: utcOffsetOf(user),
    contentCategories: [known(topics[context.topic])],
    ...(row.sampleRate === 1 ? null : { sampleRate: row.sampleRate }),
  }
}

function whereAndWho({ user, context }: Opportunity, seed: number) {
  const { alpha3, language, cities } = known(countries[user.country])
  const [region, city] = cities[user.city] ?? ['', '']
  const kind = known(deviceKinds[user.device])
  const { id, name, publisherId } = inventoryNames(context.inventory)
  return {
    privacyLimit: user.isLimited ? PrivacyLimit.LimitAdTracking : PrivacyLimit.None,
    usedPersonalData: !user.isLimited,
    deviceTypes: user.isLimited ? [] : [IdType.BuyerUid],
    deviceKeys: user.isLimited ? [] : [deviceKeyOf(user, seed)],
    network: networkOf(user.country),
    channel: context.isApp ? Channel.App : Channel.Site,
    inventoryId: id,
    domain: context.isApp ? '' : name,
    bundle: context.isApp ? name : '',
    publisherId,
    country: alpha3,
    region,
    // Without consent nothing finer than a region is kept.
    city: user.isLimited ? '' : city.toLowerCase(),
    os: osCodes[kind.system] ?? Os.Unknown,
    osVersion: kind.osVersion,
    deviceType: kind.type,
    make: kind.make.toLowerCase(),
    model: kind.model.toLowerCase(),
    connectionType: context.connection,
    language,
  }
}

const osCodes = [Os.Ios, Os.Android, Os.Windows, Os.Mac]
const formatCodes = {
  banner: Format.Banner,
  video: Format.Video,
  audio: Format.Audio,
  native: Format.Native,
} as const

/** A key of the world's own: it has no salt of a house, and names the user as one would. */
function deviceKeyOf({ index }: User, seed: number): string {
  return hex32(mix64(index, 2, seed)) + hex32(mix64(index, 3, seed))
}

function packsSeen(user: User): Pick<WorldRecord, 'packIds' | 'packScores'> {
  const packs = user.isLimited ? [] : packsOf(user.packs)
  return {
    packIds: packs.map((pack) => known(packIds[pack])),
    packScores: packs.map((pack) => packScore(user, pack)),
  }
}

function recordedImp(opportunity: Opportunity): RecordedImp {
  const { context } = opportunity
  const groups = formatGroups.filter((_, group) => ((context.groups >>> group) & 1) === 1)
  const formats = [...new Set(groups.map(({ format }) => formatCodes[format]))]
  const banners = groups.filter(({ format }) => format === 'banner')
  const hasPosition = banners.length > 0 || formats.includes(Format.Video)
  return {
    id: '1',
    index: 0,
    formats: formats.toSorted((a, b) => a - b),
    sizes: banners.map(({ w, h }) => `${w}x${h}`),
    floorMicros: context.floorMicros,
    floorCurrency: 'USD',
    isPrivate: false,
    dealIds: [],
    dealFloorsMicros: [],
    isSecure: true,
    isInterstitial: false,
    isRewarded: false,
    tagId: tagIdOf(opportunity),
    position: hasPosition ? (tagPositions[context.tag] ?? 0) : 0,
    podId: '',
    multiplier: 1,
  }
}

/** What records say of a creative, chosen or not. Made once a creative: its numbers do not change. */
type Candidate = Omit<RecordedLoser, 'rank' | 'drop'>

const candidates = new WeakMap<World, Map<number, Candidate>>()

function candidateOf(world: World, creative: number): Candidate {
  let ofWorld = candidates.get(world)
  if (ofWorld === undefined) {
    ofWorld = new Map()
    candidates.set(world, ofWorld)
  }
  let found = ofWorld.get(creative)
  if (found === undefined) {
    found = makeCandidate(world, creative)
    ofWorld.set(creative, found)
  }
  return found
}

function makeCandidate({ market }: World, creative: number): Candidate {
  const { id, campaign, priorCtr, priorCvr, priorValueMicros } = known(market.creatives[creative])
  const { id: campaignId, advertiser } = known(market.campaigns[campaign])
  return {
    impIndex: 0,
    advertiserId: known(market.advertisers[advertiser]).id,
    campaignId,
    creativeId: id,
    valueMicros: priorValueMicros,
    ctr: priorCtr,
    cvr: priorCvr,
    rates: 'prior',
    features: null,
  }
}

/** Field by field, as below: a spread into so large an object costs ten times as much. */
function recordedBid(world: World, { opportunity, winner, propensity }: WorldRow): RecordedBid {
  const { group } = known(world.market.creatives[winner])
  const { format, w, h } = known(formatGroups[group])
  const of = candidateOf(world, winner)
  return {
    impIndex: of.impIndex,
    advertiserId: of.advertiserId,
    campaignId: of.campaignId,
    creativeId: of.creativeId,
    valueMicros: of.valueMicros,
    ctr: of.ctr,
    cvr: of.cvr,
    rates: of.rates,
    features: of.features,
    rank: 1,
    bidId: '1',
    format: formatCodes[format],
    size: format === 'banner' ? `${w}x${h}` : '',
    durationSec: format === 'video' ? 15 : format === 'audio' ? 20 : 0,
    seat: '',
    dealId: '',
    priceMicros: of.valueMicros,
    floorMicros: opportunity.context.floorMicros,
    auctionType: 2,
    propensity,
  }
}

function recordedLoser(world: World, creative: number): RecordedLoser {
  const of = candidateOf(world, creative)
  return {
    impIndex: of.impIndex,
    advertiserId: of.advertiserId,
    campaignId: of.campaignId,
    creativeId: of.creativeId,
    valueMicros: of.valueMicros,
    ctr: of.ctr,
    cvr: of.cvr,
    rates: of.rates,
    features: of.features,
    rank: 0,
    drop: Drop.Outbid,
  }
}

function hex32(value: number): string {
  return (value >>> 0).toString(16).padStart(8, '0')
}
