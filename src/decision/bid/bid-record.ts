/** The record of a decision: what was asked, weighed and chosen, as plain values. */
import type { BidSnapshot } from '../../catalog/bid/bid-snapshot.ts'
import type { Bid, BidDecision } from '../../domain/bid-decision.ts'
import type { BidRequest, Imp } from '../../domain/bid-request.ts'
import {
  type DecisionRecord,
  decisionRecordVersion,
  type RecordedBid,
  type RecordedImp,
  type RecordedLoser,
} from '../../domain/decision-record.ts'
import type { Drop } from '../../domain/drop-reason.ts'
import { PrivacyLimit } from '../../domain/privacy.ts'
import { countBits } from '../../lib/bitset.ts'
import type { Random } from '../../lib/random.ts'
import type { TopK } from '../../lib/top-k.ts'
import { truncateIp } from '../../lib/truncate-ip.ts'
import type { BidScratch } from './bid-scratch.ts'
import type { Pricing } from './pricing.ts'
import { slotsOf } from './slot.ts'

/**
 * Losers of the last slot in a record: drawn with equal chances, so that a model trained on them
 * can be weighted back to all candidates.
 */
const losersMax = 3

/** Everything a record is made from beside the decision. */
export interface RecordFacts {
  readonly scratch: BidScratch
  readonly snapshot: BidSnapshot
  /** What recall found for the last slot, and what it was priced by. */
  readonly top: TopK
  readonly pricing: Pricing
  readonly random: Random
  readonly decisionId: string
  readonly decideUs: number
  readonly leftMs: number
}

/** Makes the record; nothing in it belongs to the scratch. */
export function recordOf(decision: BidDecision, facts: RecordFacts): DecisionRecord {
  const { scratch, decisionId, decideUs, leftMs } = facts
  const { request, funnel, profile, wallMs } = scratch
  const drops = countedDrops(funnel.drops)
  return {
    version: decisionRecordVersion,
    decisionId,
    atMs: wallMs,
    medium: 'openrtb',
    exchange: request.exchange,
    revision: decision.revision,
    ...asked(request, decision),
    ...whereAndWho(request),
    packsMatched: countBits(profile.packs, profile.packs.length),
    eligibleCount: funnel.eligible,
    recalledCount: funnel.recalled,
    rankedCount: funnel.priced,
    dropReasons: drops.map(([reason]) => reason as Drop),
    dropCounts: drops.map(([, count]) => count),
    rankedBy: 'prior',
    ctrModel: '',
    cvrModel: '',
    arms: [],
    refusal: decision.refusal,
    bids: decision.bids.map((bid) => recordedBid(bid, request)),
    losers: losersOf(decision, facts),
    queueUs: scratch.queueUs,
    decodeUs: scratch.decodeUs,
    audienceUs: scratch.audienceUs,
    decideUs,
    leftMs,
  }
}

function asked(request: BidRequest, decision: BidDecision) {
  return {
    requestId: request.id,
    isTest: request.isTest,
    isLive: decision.exchange?.live === true,
    auctionType: request.auctionType,
    currencies: decision.currency === '' ? request.currencies : [decision.currency],
    tmaxMs: request.tmaxMs,
    imps: request.imps.map(recordedImp),
    impsDropped: request.impsDropped,
  }
}

function whereAndWho(request: BidRequest) {
  const { devices, device, geo, inventory, privacyLimit } = request
  return {
    privacyLimit,
    usedPersonalData: privacyLimit === PrivacyLimit.None,
    deviceTypes: Array.from(devices.type.subarray(0, devices.count)),
    deviceKeys: Array.from({ length: devices.count }, (_, index) => devices.hex(index)),
    network: truncateIp(request.ip),
    channel: inventory.channel,
    inventoryId: inventory.id,
    domain: inventory.domain,
    bundle: inventory.bundle,
    publisherId: inventory.publisherId,
    country: geo.country,
    region: geo.region,
    city: geo.city,
    os: device.os,
    osVersion: device.osVersion,
    deviceType: device.type,
    make: device.make,
    model: device.model,
    connectionType: device.connectionType,
    language: device.language,
  }
}

function recordedImp(imp: Imp): RecordedImp {
  const { banner } = imp
  const media = imp.video ?? imp.audio
  return {
    id: imp.id,
    index: imp.index,
    formats: slotsOf(imp).map(({ format }) => format),
    sizes: banner === null ? [] : banner.sizes.map(({ w, h }) => `${w}x${h}`),
    floorMicros: imp.floor.cpmMicros,
    floorCurrency: imp.floor.currency,
    isPrivate: imp.isPrivate,
    dealIds: imp.deals.map((deal) => deal.id),
    dealFloorsMicros: imp.deals.map((deal) => deal.floor.cpmMicros),
    isSecure: imp.isSecure,
    isInterstitial: imp.isInterstitial,
    isRewarded: imp.isRewarded,
    tagId: imp.tagId,
    position: (banner ?? media)?.position ?? 0,
    podId: media?.pod?.id ?? '',
    multiplier: imp.multiplier,
  }
}

function recordedBid(bid: Bid, request: BidRequest): RecordedBid {
  const { deal } = bid
  return {
    impIndex: bid.imp.index,
    advertiserId: bid.advertiser.id,
    campaignId: bid.campaign.id,
    creativeId: bid.creative.id,
    rank: 1,
    valueMicros: bid.valueMicros,
    ctr: bid.ctr,
    cvr: bid.cvr,
    rates: 'prior',
    features: null,
    bidId: bid.id,
    format: bid.format,
    size: bid.size.w > 0 ? `${bid.size.w}x${bid.size.h}` : '',
    durationSec: bid.durationSec,
    seat: bid.seat,
    dealId: deal?.id ?? '',
    priceMicros: bid.priceMicros,
    floorMicros: bid.floorMicros,
    auctionType: deal === null || deal.auctionType === 0 ? request.auctionType : deal.auctionType,
    propensity: bid.propensity,
  }
}

/**
 * Some of those that recall kept for the last slot and that were not chosen; none where nothing was
 * chosen for its impression.
 */
function losersOf(decision: BidDecision, facts: RecordFacts): RecordedLoser[] {
  const { snapshot, top, pricing, random } = facts
  const imp = pricing.lastSlot?.imp ?? null
  const seen = new Set(decision.bids.filter((bid) => bid.imp === imp).map(creativeIdOf))
  if (imp === null || seen.size === 0) return []
  const losers: RecordedLoser[] = []
  for (let draw = 0; draw < losersMax && top.count > 1; draw++) {
    const creative = top.items[Math.floor(random() * top.count)] ?? 0
    const { id } = snapshot.creative(creative)
    if (seen.has(id)) continue
    seen.add(id)
    losers.push(recordedLoser(creative, imp, facts))
  }
  return losers
}

function recordedLoser(slot: number, imp: Imp, { snapshot, pricing }: RecordFacts): RecordedLoser {
  const { creatives, campaigns } = snapshot.data
  const { id, campaignId } = snapshot.creative(slot)
  const advertiser = campaigns.advertiser[snapshot.campaignOf(slot)] ?? 0
  const { drop, value } = pricing.lossOf(slot)
  return {
    impIndex: imp.index,
    advertiserId: snapshot.advertiser(advertiser).id,
    campaignId,
    creativeId: id,
    rank: 0,
    valueMicros: value,
    ctr: creatives.ctr[slot] ?? 0,
    cvr: creatives.cvr[slot] ?? 0,
    rates: 'prior',
    features: null,
    drop,
  }
}

function creativeIdOf({ creative }: Bid): string {
  return creative.id
}

function countedDrops(drops: Uint32Array): [number, number][] {
  const counted: [number, number][] = []
  for (let reason = 0; reason < drops.length; reason++) {
    const count = drops[reason] ?? 0
    if (count > 0) counted.push([reason, count])
  }
  return counted
}
