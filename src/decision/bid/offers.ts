/** The ways a slot can be bought: the open auction and each deal, with their floors and prices. */
import type { BidSnapshot } from '../../catalog/bid/bid-snapshot.ts'
import type { BidRequest, Deal } from '../../domain/bid-request.ts'
import { Drop } from '../../domain/drop-reason.ts'
import type { Exchange } from '../../domain/exchange.ts'
import { floorFor } from '../../domain/floor.ts'
import { convertCeil, rateOf } from '../../domain/rates.ts'
import { anyDealWord } from '../../domain/targeting-words.ts'
import type { Slot } from './slot.ts'

/** One way to buy a slot. */
export interface Offer {
  /** Null = the open auction. */
  readonly deal: Deal | null
  /** Share of the expected value that is bid. */
  readonly share: number
  /** True: the floor is the price (`Deal.at` 3). */
  readonly isFixed: boolean
  /** Floor in the currency of the answer, CPM micros; -1 = no rate; NaN = depends on duration. */
  readonly floor: number
  /** Seats and advertiser domains that alone may buy the deal; empty = all. */
  readonly seats: Names
  readonly domains: Names
  /** Postings of the campaigns that buy it, -1 none; for the open auction both are -1. */
  readonly byId: number
  readonly byAny: number
}

/** Names that are looked up for each candidate. */
export type Names = readonly string[] | ReadonlySet<string>

/** Names up to which looking through them is quicker than making a set of them. */
const listedMax = 8

const nobody: readonly string[] = []

/** True when nobody is named: then everybody is meant. */
export function isOpen(names: Names): boolean {
  return 'length' in names && names.length === 0
}

/** True when everybody is meant, or this name is among them. */
export function admits(names: Names, name: string): boolean {
  if ('size' in names) return names.has(name)
  return names.length === 0 || names.includes(name)
}

/** What the offers of a slot are made from. */
export interface OfferContext {
  readonly snapshot: BidSnapshot
  readonly request: BidRequest
  readonly exchange: Exchange
  /** ISO 4217 of the answer. */
  readonly currency: string
}

/** Offers of a slot, deals before the open auction. */
export function offersOf(slot: Slot, context: OfferContext): Offer[] {
  const { imp } = slot
  const offers: Offer[] = []
  if (imp.deals.length > 0) {
    const byAny = context.snapshot.posting(Drop.Deal, anyDealWord)
    for (const deal of imp.deals) {
      const byId = context.snapshot.posting(Drop.Deal, deal.id)
      if (byId >= 0 || byAny >= 0) offers.push(offerOf(slot, deal, context, { byId, byAny }))
    }
  }
  if (!imp.isPrivate) offers.push(offerOf(slot, null, context, { byId: -1, byAny: -1 }))
  return offers
}

/** Floor of one offer for a creative of this duration; -1 where the rates table cannot say. */
export function floorOf(
  offer: Offer,
  slot: Slot,
  context: OfferContext,
  durationSec: number,
): number {
  if (!Number.isNaN(offer.floor)) return offer.floor
  return convertedFloor(slot, offer.deal, context, durationSec)
}

function offerOf(
  slot: Slot,
  deal: Deal | null,
  context: OfferContext,
  postings: Pick<Offer, 'byId' | 'byAny'>,
): Offer {
  const type =
    deal === null || deal.auctionType === 0 ? context.request.auctionType : deal.auctionType
  return {
    deal,
    share: type === 1 ? context.exchange.firstPriceShare : 1,
    isFixed: deal !== null && type === 3 && hasOwnFloor(deal),
    seats: namesOf(deal?.seats ?? nobody),
    domains: namesOf(deal?.advertiserDomains ?? nobody),
    floor: isTimed(slot, deal) ? Number.NaN : convertedFloor(slot, deal, context, 0),
    ...postings,
  }
}

/** Only a price of its own can be the agreed one: what is inherited is a floor. */
function hasOwnFloor({ floor, floorPerSecMicros, durationFloors }: Deal): boolean {
  return floor.cpmMicros > 0 || floorPerSecMicros > 0 || durationFloors.length > 0
}

function namesOf(names: readonly string[]): Names {
  return names.length > listedMax ? new Set(names) : names
}

function isTimed({ media }: Slot, deal: Deal | null): boolean {
  if (media === null) return false
  if (media.floorPerSecMicros > 0 || media.durationFloors.length > 0) return true
  return deal !== null && (deal.floorPerSecMicros > 0 || deal.durationFloors.length > 0)
}

function convertedFloor(
  slot: Slot,
  deal: Deal | null,
  { snapshot, currency }: OfferContext,
  durationSec: number,
): number {
  const floor = floorFor(slot.imp, slot.format, deal, durationSec)
  if (floor.cpmMicros === 0) return 0
  return convertCeil(floor.cpmMicros, rateOf(snapshot.data.rates, floor.currency, currency))
}
