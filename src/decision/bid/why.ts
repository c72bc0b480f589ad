/** Why a campaign does not bid on a request: every rule on its way, with both sides of it. */
import type { BidSnapshot } from '../../catalog/bid/bid-snapshot.ts'
import type { CampaignWords } from '../../catalog/bid/campaign-words.ts'
import type { BidRequest } from '../../domain/bid-request.ts'
import { Drop, dropNames } from '../../domain/drop-reason.ts'
import type { Exchange } from '../../domain/exchange.ts'
import { scoreShare } from '../../domain/expected-value.ts'
import { formatNames } from '../../domain/format.ts'
import type { PackIndex } from '../../domain/pack.ts'
import { type Profile, ProfileState } from '../../domain/profile.ts'
import { Refusal, refusalNames } from '../../domain/refusal.ts'
import { type Blocks, prepareBlocks } from '../../domain/slot-fit/brand-fit.ts'
import { currencyOf } from './gate.ts'
import type { OfferContext } from './offers.ts'
import type { UserTime } from './schedule-rules.ts'
import { type Slot, slotsOf } from './slot.ts'
import { campaignChecks, requestChecks, slotChecks } from './why-campaign.ts'
import { firstFailed, type WhyCheck } from './why-check.ts'
import { fitChecks } from './why-creative.ts'
import { creativeCapCheck } from './why-guards.ts'
import { type PriceParts, priceChecks, priorFacts } from './why-price.ts'

/** Everything that the walk reads. */
export interface WhyFacts {
  /** A snapshot that holds this one campaign, as number 0, and its creatives. */
  readonly snapshot: BidSnapshot
  /** Its targeting, taken apart. */
  readonly words: CampaignWords
  /** Decoded; its place completed. */
  readonly request: BidRequest
  readonly profile: Profile
  /** Null = there are no packs. */
  readonly packs: PackIndex | null
  readonly user: UserTime
  /** False: our own links are http, so nothing may be bid for where only https is allowed. */
  readonly linksAreSecure: boolean
}

/** A reason, and the number it has in docs/errors.md. */
export interface WhyReason {
  readonly rule: string
  readonly number: number
  readonly isRefusal: boolean
}

/** One creative in one slot. */
export interface WhyCreative {
  readonly creativeId: string
  readonly checks: readonly WhyCheck[]
  /** Null where it may not be shown, or no currency is agreed on. */
  readonly price: PriceParts | null
}

/** One impression in one format. */
export interface WhySlot {
  readonly impId: string
  readonly format: string
  readonly checks: readonly WhyCheck[]
  /** Those of the slot's format, best prior first. */
  readonly creatives: readonly WhyCreative[]
  /** Creatives of other formats, and those that were too many to look at. */
  readonly creativesOfOtherFormats: number
  readonly creativesNotLookedAt: number
}

/** The whole walk. */
export interface WhyAnswer {
  /** The most it would bid if it were alone, CPM micros of `currency`; 0 = it would not bid. */
  readonly priceMicros: number
  readonly currency: string
  /** What keeps it from bidding: the rule that its best creative fails. Null = it would bid. */
  readonly reason: WhyReason | null
  readonly requestChecks: readonly WhyCheck[]
  readonly campaignChecks: readonly WhyCheck[]
  readonly slots: readonly WhySlot[]
}

/** Creatives of one campaign that are looked at in one slot, best prior first. */
export const whyCreativesMax = 50

/**
 * Walks the campaign along the road of the request. Its first failing rule is the road's reason for
 * this campaign. Each slot is looked at as if its pod were empty and nobody else bid.
 */
export function whyNot(facts: WhyFacts): WhyAnswer {
  const { snapshot, request } = facts
  const exchange = snapshot.exchange(request.exchange)
  if (exchange === null) return noAnswer(Refusal.UnknownExchange)
  const ofRequest = requestChecks(facts, exchange)
  const ofCampaign = campaignChecks(facts, exchange)
  const currency = currencyOf(request, exchange, snapshot)
  const blocks = prepareBlocks(request, exchange)
  const slots = request.imps
    .flatMap(slotsOf)
    .map((slot) => whySlot(facts, { slot, exchange, currency, blocks }))
  const before = failedOf(ofRequest) ?? failedOf(ofCampaign)
  const price = before === null ? Math.max(0, ...slots.map(priceOfSlot)) : 0
  return {
    priceMicros: price,
    currency: currency ?? '',
    reason: price > 0 ? null : (before ?? furthestOf(slots)),
    requestChecks: ofRequest,
    campaignChecks: ofCampaign,
    slots,
  }
}

interface SlotView {
  readonly slot: Slot
  readonly exchange: Exchange
  readonly currency: string | null
  readonly blocks: Blocks
}

function whySlot(facts: WhyFacts, view: SlotView): WhySlot {
  const { snapshot } = facts
  const { slot } = view
  const ofFormat: number[] = []
  for (let creative = 0; creative < snapshot.data.creativeCount; creative++) {
    if (shapeOf(snapshot, creative)?.format === slot.format) ofFormat.push(creative)
  }
  const looked = ofFormat.slice(0, whyCreativesMax)
  return {
    impId: slot.imp.id,
    format: formatNames[slot.format],
    checks: slotChecks(facts, slot),
    creatives: looked.map((creative) => whyCreative(facts, view, creative)),
    creativesOfOtherFormats: snapshot.data.creativeCount - ofFormat.length,
    creativesNotLookedAt: ofFormat.length - looked.length,
  }
}

function whyCreative(facts: WhyFacts, view: SlotView, creative: number): WhyCreative {
  const { snapshot, request } = facts
  const { slot, exchange, currency, blocks } = view
  const shape = shapeOf(snapshot, creative)
  const brand = snapshot.brandOf(creative)
  const creativeId = snapshot.creative(creative).id
  if (shape === null || brand === null) return { creativeId, checks: [], price: null }
  const fits = fitChecks(shape, brand, slot, blocks)
  const checks = firstFailed(fits) >= 0 ? fits : [...fits, ...creativeCapCheck(facts, creative)]
  if (firstFailed(checks) >= 0 || currency === null) return { creativeId, checks, price: null }
  const context: OfferContext = { snapshot, request, exchange, currency }
  const priced = priceChecks(
    context,
    slot,
    creative,
    priorFacts(context.snapshot, creative, shareOf(facts)),
  )
  return { creativeId, checks: [...checks, ...priced.checks], price: priced.parts }
}

function shapeOf(snapshot: BidSnapshot, creative: number) {
  return snapshot.tables.shape[snapshot.data.creatives.shape[creative] ?? 0] ?? null
}

/** What the device's score leaves of the highest value. */
function shareOf({ snapshot, packs, profile }: WhyFacts): number {
  const { scorePack, scoreLow, scoreHigh } = snapshot.data.campaigns
  const index = scorePack[0] ?? -1
  if (index < 0) return 1
  const pack = packs?.numberOf.get(snapshot.data.packIds[index] ?? '') ?? -1
  const isIn = pack >= 0 && profile.state === ProfileState.Known && profile.has(pack)
  const score = isIn ? Math.max(0, profile.scores[pack] ?? 0) : -1
  return scoreShare(scoreLow[0] ?? 1, scoreHigh[0] ?? 1, score)
}

function priceOfSlot({ checks, creatives }: WhySlot): number {
  if (firstFailed(checks) >= 0) return 0
  let best = 0
  for (const { checks: own, price } of creatives) {
    if (firstFailed(own) < 0) best = Math.max(best, price?.priceMicros ?? 0)
  }
  return best
}

function failedOf(checks: readonly WhyCheck[]): WhyReason | null {
  const failed = checks[firstFailed(checks)]
  return failed === undefined ? null : reasonOf(failed)
}

/** The failing rule that comes latest on the road, over all slots and creatives. */
function furthestOf(slots: readonly WhySlot[]): WhyReason {
  let furthest = -1
  let reason: WhyReason = { rule: nothingThere, number: Drop.Format, isRefusal: false }
  for (const { checks, creatives } of slots) {
    const atSlot = firstFailed(checks)
    const lists = atSlot >= 0 ? [checks] : creatives.map((creative) => creative.checks)
    for (const list of lists) {
      const at = firstFailed(list)
      const failed = list[at]
      // A rule of a creative comes after all those of the slot.
      const place = at + (list === checks ? 0 : rulesOfSlotMax)
      if (failed === undefined || place <= furthest) continue
      furthest = place
      reason = reasonOf(failed)
    }
  }
  return reason
}

/** More rules than a slot has. */
const rulesOfSlotMax = 100

const nothingThere = dropNames.get(Drop.Format) ?? ''

function reasonOf({ rule, number, isRefusal }: WhyCheck): WhyReason {
  return { rule, number, isRefusal }
}

function noAnswer(refusal: Refusal): WhyAnswer {
  const reason = { rule: refusalNames.get(refusal) ?? '', number: refusal, isRefusal: true }
  return {
    priceMicros: 0,
    currency: '',
    reason,
    requestChecks: [],
    campaignChecks: [],
    slots: [],
  }
}
