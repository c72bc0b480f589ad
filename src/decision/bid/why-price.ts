/** What a creative would bid in a slot, with every part of the price and every rule of it. */

import type { BidSnapshot } from '../../catalog/bid/bid-snapshot.ts'
import type { RankedBy } from '../../domain/decision-record.ts'
import { Drop, dropNames } from '../../domain/drop-reason.ts'
import type { Micros } from '../../domain/money.ts'
import { convertCeil, convertFloor, rateOf } from '../../domain/rates.ts'
import { valueByRates } from './model-value.ts'
import { floorOf, type Offer, type OfferContext, offersOf } from './offers.ts'
import { type Candidate, offerDrop, priceOrDrop } from './pricing.ts'
import type { Slot } from './slot.ts'
import { dropCheck, listed, type WhyCheck } from './why-check.ts'

/** One way to buy the slot, and what the creative would bid for it. CPM micros of the answer. */
export interface WhyOffer {
  /** '' = the open auction. */
  readonly dealId: string
  /** Share of the value that is bid (1 but in first-price auctions). */
  readonly share: number
  /** True: the floor is the price. */
  readonly isFixed: boolean
  /** -1 = the table lacks a rate for it; null = the campaign does not buy it. */
  readonly floorMicros: number | null
  readonly priceMicros: number
  /** Why it is not bought, '' = it is. */
  readonly dropped: string
}

/** A price with its parts. */
export interface PriceParts {
  /** Expected CPM in the advertiser's currency, at the highest weight and at this device's. */
  readonly valueHighestMicros: number
  readonly scoreShare: number
  readonly ctr: number
  readonly cvr: number
  /** Whose rates they are. */
  readonly rankedBy: RankedBy
  readonly advertiserCurrency: string
  /** Units of the answer's currency for one of the advertiser's; null = the table lacks it. */
  readonly rate: number | null
  readonly currency: string
  /** From here on in the answer's currency; null = no limit. */
  readonly valueMicros: number
  readonly maxBidMicros: number | null
  readonly minBidMicros: number
  readonly offers: readonly WhyOffer[]
  /** 0 = it would not bid. */
  readonly priceMicros: number
  readonly dealId: string
}

/** What a creative's value is made from: what its score leaves of it, and rates by a stage. */
export interface ValueFacts {
  readonly share: number
  readonly ctr: number
  readonly cvr: number
  readonly rankedBy: RankedBy
}

/** Value by the creative's own history. */
export function priorFacts({ data }: BidSnapshot, creative: number, share: number): ValueFacts {
  const { ctr, cvr } = data.creatives
  return { share, ctr: ctr[creative] ?? 0, cvr: cvr[creative] ?? 0, rankedBy: 'prior' }
}

/** What the creative would bid, and every rule of its price. */
export function priceChecks(
  context: OfferContext,
  slot: Slot,
  creative: number,
  facts: ValueFacts,
): { readonly checks: readonly WhyCheck[]; readonly parts: PriceParts } {
  const parts = partsOf(context, slot, creative, facts)
  const hasRate = parts.rate !== null
  const hasValue = hasRate ? parts.valueMicros > 0 : null
  const isBought = parts.priceMicros > 0
  const offers = parts.offers.map(
    ({ dealId, floorMicros }) => `${dealId || 'open auction'} from ${floorMicros ?? 'any price'}`,
  )
  const checks = [
    dropCheck(Drop.NoRate, hasRate, { ours: parts.advertiserCurrency, request: parts.currency }),
    dropCheck(Drop.NoValue, hasValue, { ours: `${parts.valueMicros} micros`, request: '' }),
    dropCheck(isBought ? Drop.BelowFloor : lastDrop(parts, slot), hasValue ? isBought : null, {
      ours: `value ${parts.valueMicros}, at most ${parts.maxBidMicros ?? 'any price'}`,
      request: listed(offers),
    }),
  ]
  return { checks, parts }
}

/** The parts of a creative's price, whoever else bids. */
export function partsOf(
  context: OfferContext,
  slot: Slot,
  creative: number,
  { share, ctr, cvr, rankedBy }: ValueFacts,
): PriceParts {
  const { snapshot, currency } = context
  const { data } = snapshot
  const campaign = snapshot.campaignOf(creative)
  const limits = snapshot.limitsOf(campaign)
  const advertiserCurrency = data.currencies[limits.currency] ?? ''
  const rate = rateOf(data.rates, advertiserCurrency, currency)
  const highest =
    rankedBy === 'prior' ? snapshot.valueOf(creative) : valueByRates(snapshot, campaign, ctr, cvr)
  const parts = {
    valueHighestMicros: highest,
    scoreShare: share,
    ctr,
    cvr,
    rankedBy,
    advertiserCurrency,
    currency,
  }
  if (Number.isNaN(rate)) return { ...parts, ...withoutRate }
  const own = Math.floor(highest * share)
  const value = convertFloor(own as Micros, rate)
  const candidate: Candidate = {
    creative,
    campaign,
    durationSec: snapshot.durationOf(creative),
    maxPrice: Math.floor(limits.maxBid * rate),
    minPrice: convertCeil(limits.minBid as Micros, rate),
    maxCostPerWin: limits.maxCostPerWin * rate,
  }
  const offers = offersOf(slot, context).map((offer) =>
    offered(offer, slot, context, { ...candidate, value }),
  )
  const best = bestOf(offers)
  return {
    ...parts,
    rate,
    valueMicros: value,
    maxBidMicros: Number.isFinite(candidate.maxPrice) ? candidate.maxPrice : null,
    minBidMicros: candidate.minPrice,
    offers,
    priceMicros: best?.priceMicros ?? 0,
    dealId: best?.dealId ?? '',
  }
}

const withoutRate = {
  rate: null,
  valueMicros: 0,
  maxBidMicros: null,
  minBidMicros: 0,
  offers: [],
  priceMicros: 0,
  dealId: '',
} as const

/** The price of an offer, if the campaign buys it. */
function offered(
  offer: Offer,
  slot: Slot,
  context: OfferContext,
  own: Candidate & { readonly value: number },
): WhyOffer {
  const refused = offerDrop(offer, context, own)
  if (refused !== Drop.None) return whyOffer(offer, refused, null, 0)
  const floor = floorOf(offer, slot, context, own.durationSec)
  const terms = { value: own.value, floor, multiplier: slot.imp.multiplier }
  const price = priceOrDrop(offer, own, terms)
  return price < 0
    ? whyOffer(offer, -price as Drop, floor, 0)
    : whyOffer(offer, Drop.None, floor, price)
}

// oxlint-disable-next-line max-params -- an offer, why not, and its two numbers
function whyOffer(offer: Offer, drop: Drop, floor: number | null, price: number): WhyOffer {
  return {
    dealId: offer.deal?.id ?? '',
    share: offer.share,
    isFixed: offer.isFixed,
    floorMicros: floor,
    priceMicros: price,
    dropped: drop === Drop.None ? '' : (dropNames.get(drop) ?? ''),
  }
}

/** A deal that can be had is taken before the open auction, which stands last. */
function bestOf(offers: readonly WhyOffer[]): WhyOffer | null {
  let best: WhyOffer | null = null
  for (const offer of offers) {
    if (offer.dealId === '' && best !== null) break
    const isBetter = offer.priceMicros > (best?.priceMicros ?? 0)
    if (offer.dropped === '' && isBetter) best = offer
  }
  return best
}

/** The reason that the road names: of the last offer that the campaign buys at all. */
function lastDrop({ offers }: PriceParts, slot: Slot): Drop {
  let reason: Drop = slot.imp.isPrivate ? Drop.PrivateAuction : Drop.Deal
  for (const { dropped } of offers) {
    const drop = dropOf.get(dropped) ?? Drop.None
    if (drop !== Drop.None && drop !== Drop.Deal) reason = drop
  }
  return reason
}

const dropOf: ReadonlyMap<string, Drop> = new Map(
  Object.values(Drop).map((drop) => [dropNames.get(drop) ?? '', drop]),
)
