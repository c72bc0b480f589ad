/** The record of a decision: what was asked, weighed and chosen, as plain values. */
import { type BidDecision, type Ranking, rankNoteNames } from '../../domain/bid-decision.ts'
import type { BidRequest, Imp } from '../../domain/bid-request.ts'
import {
  type DecisionRecord,
  decisionRecordVersion,
  type RecordedImp,
} from '../../domain/decision-record.ts'
import type { Drop } from '../../domain/drop-reason.ts'
import type { PackIndex } from '../../domain/pack.ts'
import { PrivacyLimit } from '../../domain/privacy.ts'
import { countBits } from '../../lib/bitset.ts'
import { truncateIp } from '../../lib/truncate-ip.ts'
import { packFactsOf, positionOf } from './ask-facts.ts'
import { type CandidateFacts, candidatesOf } from './record-candidates.ts'
import { slotsOf } from './slot.ts'

/** Everything a record is made from beside the decision. */
export interface RecordFacts extends CandidateFacts {
  /** The packs that the profile's numbers are of; null = no profile was read. */
  readonly packs: PackIndex | null
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
    ...packsSeen(facts),
    eligibleCount: funnel.eligible,
    recalledCount: funnel.recalled,
    coarseCount: funnel.coarse,
    fineCount: funnel.fine,
    rankedCount: funnel.priced,
    dropReasons: drops.map(([reason]) => reason as Drop),
    dropCounts: drops.map(([, count]) => count),
    ...rankedHow(decision.ranking),
    arms: [],
    refusal: decision.refusal,
    ...candidatesOf(decision, facts),
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
    carrier: device.carrier,
    utcOffsetMin: geo.utcOffsetMin,
    contentCategories: [...inventory.categories],
  }
}

/** By name: pack numbers are of one view. None where personal data may not be used. */
function packsSeen({ scratch, packs }: RecordFacts) {
  const { ids, scores } = packFactsOf(scratch.profile, packs, scratch.request.privacyLimit)
  return { packIds: ids, packScores: scores }
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
    position: positionOf(imp),
    podId: media?.pod?.id ?? '',
    multiplier: imp.multiplier,
  }
}

function rankedHow({ by, note, coarseModel, fineModel, cvrModel }: Ranking) {
  const model = by === 'fine' ? fineModel : by === 'coarse' ? coarseModel : ''
  return {
    rankedBy: by,
    rankNote: rankNoteNames[note] ?? '',
    coarseModel,
    ctrModel: model,
    cvrModel,
  }
}

function countedDrops(drops: Uint32Array): [number, number][] {
  const counted: [number, number][] = []
  for (let reason = 0; reason < drops.length; reason++) {
    const count = drops[reason] ?? 0
    if (count > 0) counted.push([reason, count])
  }
  return counted
}
