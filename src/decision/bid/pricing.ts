/** From ranked candidates to the one that is bid: value, limits, floors, and a fair tie. */
import type { RankedBy } from '../../domain/decision-record.ts'
import { Drop } from '../../domain/drop-reason.ts'
import type { Micros } from '../../domain/money.ts'
import { convertCeil, convertFloor, rateOf } from '../../domain/rates.ts'
import { hasBit } from '../../lib/bitset.ts'
import type { Random } from '../../lib/random.ts'
import type { CapsLeft } from './caps-left.ts'
import type { LossFunnel } from './loss-funnel.ts'
import { valueByRates } from './model-value.ts'
import { admits, floorOf, isOpen, type Offer, type OfferContext } from './offers.ts'
import type { PodFill } from './pod.ts'
import type { CandidateRows, Shortlist } from './shortlists.ts'
import type { Slot } from './slot.ts'

/** The creative that a slot gets, and at what price. CPM micros of the answer's currency. */
export interface Choice {
  readonly slot: Slot
  /** Its row in the list of the slot. */
  readonly row: number
  readonly creative: number
  readonly offer: Offer
  readonly price: number
  readonly floor: number
  readonly value: number
  readonly durationSec: number
  /** Rates the value was made from, what the device's score left of it, and whose they are. */
  readonly ctr: number
  readonly cvr: number
  readonly share: number
  readonly rankedBy: RankedBy
  /** Creatives that could as well have been chosen, itself included. */
  readonly equals: number
}

/** What two multiplications by rates may differ from one by. */
const roundingShare = 1e-9

/** What a pricing looks at. */
export interface PriceView {
  readonly context: OfferContext
  readonly list: Shortlist
  readonly rows: CandidateRows
  /** What the slot's pod holds already, and the seconds that are left in it; null = no pod. */
  readonly pod: PodFill | null
  readonly secondsLeft: number
  /** What the choices before this one leave of caps; null = there is nothing to count. */
  readonly caps: CapsLeft | null
}

/** Prices what was ranked. */
export class Pricing {
  readonly #random: Random
  /** By currency of the snapshot. */
  #rates = new Float64Array(0)
  /** Units of the answer's currency for one of the reference's, and a hair more. */
  #fromReference = 1
  #price = 0
  #floor = 0
  #value = 0
  #offer: Offer | null = null
  #last: PriceView | null = null

  constructor(random: Random) {
    this.#random = random
  }

  /** Looks the rates of a request's currency up, once for all of its slots. */
  beginRequest({ snapshot, currency }: OfferContext): void {
    const { currencies, rates } = snapshot.data
    this.#last = null
    this.#fromReference = rateOf(rates, rates.base, currency) * (1 + roundingShare)
    if (this.#rates.length < currencies.length) this.#rates = new Float64Array(currencies.length)
    for (const [index, from] of currencies.entries()) {
      this.#rates[index] = rateOf(rates, from, currency)
    }
  }

  /**
   * The dearest bid of a list, or null. Equally dear ones are drawn with equal chances, so
   * that creatives of one campaign take turns and the propensity of each choice is known.
   */
  choose(view: PriceView, funnel: LossFunnel): Choice | null {
    const { from, count } = view.list
    const { bounds } = view.rows
    this.#last = view
    let best: Choice | null = null
    let bestPrice = 0
    let equals = 0
    for (let row = from; row < from + count; row++) {
      // No price is above the bound (rounded down by one micro at most): what cannot reach the
      // best so far need not be priced.
      if (((bounds[row] ?? 0) + 1) * this.#fromReference < bestPrice) {
        funnel.drop(Drop.Outbid)
        continue
      }
      const drop = this.#priceOf(row, view)
      if (drop !== Drop.None) {
        funnel.drop(drop)
        continue
      }
      funnel.priced++
      if (best !== null) funnel.drop(Drop.Outbid)
      if (this.#price < bestPrice) continue
      equals = this.#price > bestPrice ? 1 : equals + 1
      if (equals > 1 && this.#random() * equals >= 1) continue
      bestPrice = this.#price
      best = this.#choice(view, row)
    }
    return best === null ? null : { ...best, equals }
  }

  /** The list that was priced last in this request, with its rows; null = none yet. */
  get last(): PriceView | null {
    return this.#last
  }

  /** Why a row of the last list was not chosen, and its value there. */
  lossOf(row: number): { readonly drop: Drop; readonly value: number } {
    if (this.#last === null) return { drop: Drop.None, value: 0 }
    this.#value = 0
    const drop = this.#priceOf(row, this.#last)
    return { drop: drop === Drop.None ? Drop.Outbid : drop, value: Math.max(0, this.#value) }
  }

  #choice(view: PriceView, row: number): Choice | null {
    if (this.#offer === null) return null
    const { list, rows, context } = view
    const creative = rows.creatives[row] ?? 0
    return {
      slot: list.slot,
      row,
      creative,
      offer: this.#offer,
      price: this.#price,
      floor: this.#floor,
      value: this.#value,
      durationSec: context.snapshot.durationOf(creative),
      ...ratesOf(view, row),
      share: rows.shares[row] ?? 0,
      rankedBy: list.rankedBy,
      equals: 1,
    }
  }

  /** Prices one row into the fields; answers why it has no price. */
  #priceOf(row: number, view: PriceView): Drop {
    const { snapshot } = view.context
    const { rows, list } = view
    const creative = rows.creatives[row] ?? 0
    const durationSec = snapshot.durationOf(creative)
    const taken = takenDrop(view, creative, durationSec)
    if (taken !== Drop.None) return taken
    const campaign = snapshot.campaignOf(creative)
    const limits = snapshot.limitsOf(campaign)
    const rate = this.#rates[limits.currency] ?? Number.NaN
    if (Number.isNaN(rate)) return Drop.NoRate
    const value =
      list.rankedBy === 'prior'
        ? snapshot.valueOf(creative)
        : valueByRates(snapshot, campaign, rows.ctr[row] ?? 0, rows.cvr[row] ?? 0)
    const own = Math.floor(value * (rows.shares[row] ?? 0))
    this.#value = convertFloor(own as Micros, rate)
    if (this.#value <= 0) return Drop.NoValue
    return this.#bestOffer(view, {
      creative,
      campaign,
      durationSec,
      maxPrice: Math.floor(limits.maxBid * rate),
      minPrice: convertCeil(limits.minBid as Micros, rate),
      maxCostPerWin: limits.maxCostPerWin * rate,
    })
  }

  /** The dearest offer that the campaign buys and can pay for. */
  #bestOffer(view: PriceView, candidate: Candidate): Drop {
    let reason: Drop = view.list.slot.imp.isPrivate ? Drop.PrivateAuction : Drop.Deal
    this.#offer = null
    this.#price = 0
    for (const offer of view.list.offers) {
      // A deal that can be had is taken: its price was agreed on, and the auction's is open.
      if (offer.deal === null && this.#offer !== null) break
      const closed = offerDrop(offer, view.context, candidate)
      const drop = closed === Drop.None ? this.#take(offer, view, candidate) : closed
      // An offer that the campaign does not buy at all says nothing of why it has no other.
      if (drop !== Drop.Deal) reason = drop
    }
    return this.#offer === null ? reason : Drop.None
  }

  /**
   * Notes the offer if the campaign's limits allow its price and it is the dearest so far. The
   * limits hold for each offer: a deal that is too cheap for a campaign leaves it the auction.
   */
  #take(offer: Offer, view: PriceView, candidate: Candidate): Drop {
    const { slot } = view.list
    const floor = floorOf(offer, slot, view.context, candidate.durationSec)
    const { multiplier } = slot.imp
    const price = priceOrDrop(offer, candidate, { value: this.#value, floor, multiplier })
    if (price < 0) return -price as Drop
    if (price > this.#price) {
      this.#offer = offer
      this.#price = price
      this.#floor = floor
    }
    return Drop.None
  }
}

/** What earlier choices of the request leave no room for: in the pod, or under a cap. */
function takenDrop(
  { pod, secondsLeft, caps, context }: PriceView,
  creative: number,
  durationSec: number,
): Drop {
  if (durationSec > secondsLeft) return Drop.PodFull
  const twice = pod === null ? Drop.None : pod.drop(context.snapshot, creative)
  return twice === Drop.None && caps !== null ? caps.drop(creative) : twice
}

/** CTR and CVR that a row was ranked by. */
export function ratesOf(
  { context, list, rows }: Pick<PriceView, 'context' | 'list' | 'rows'>,
  row: number,
): { readonly ctr: number; readonly cvr: number } {
  if (list.rankedBy !== 'prior') return { ctr: rows.ctr[row] ?? 0, cvr: rows.cvr[row] ?? 0 }
  const { ctr, cvr } = context.snapshot.data.creatives
  const creative = rows.creatives[row] ?? 0
  return { ctr: ctr[creative] ?? 0, cvr: cvr[creative] ?? 0 }
}

/** Who would buy an offer. */
export interface Buyer {
  readonly creative: number
  readonly campaign: number
}

/** CPM micros of the answer's currency, and micros that one win may cost; Infinity = no limit. */
export interface CampaignLimits {
  readonly maxPrice: number
  readonly minPrice: number
  readonly maxCostPerWin: number
}

/** A creative that is to be priced. */
export interface Candidate extends Buyer, CampaignLimits {
  readonly durationSec: number
}

/** What one offer is priced from; CPM micros of the answer's currency. */
export interface OfferTerms {
  readonly value: number
  /** -1 = the table lacks a rate for it. */
  readonly floor: number
  /** `qty.multiplier`. */
  readonly multiplier: number
}

/** What a campaign bids for an offer that it buys, > 0, or the reason why not, as minus `Drop`. */
export function priceOrDrop(
  offer: Offer,
  { maxPrice, minPrice, maxCostPerWin }: CampaignLimits,
  { value, floor, multiplier }: OfferTerms,
): number {
  if (floor < 0) return -Drop.NoRate
  const wanted = Math.min(Math.floor(value * offer.share), maxPrice)
  // A fixed price that was not sent cannot be the price: the value is bid.
  const price = offer.isFixed && floor > 0 ? Math.min(floor, wanted) : wanted
  if (price < floor || price <= 0)
    return offer.deal === null ? -Drop.BelowFloor : -Drop.BelowDealFloor
  if (price < minPrice) return -Drop.BelowMinBid
  return (price / 1_000) * multiplier > maxCostPerWin ? -Drop.CostPerWin : price
}

/** Why a campaign cannot buy an offer; None = it can. */
export function offerDrop(offer: Offer, context: OfferContext, candidate: Buyer): Drop {
  const { snapshot } = context
  const { campaign } = candidate
  if (offer.deal === null) return hasBit(snapshot.data.open, campaign) ? Drop.None : Drop.Deal
  const isBought =
    snapshot.contains(offer.byId, campaign) || snapshot.contains(offer.byAny, campaign)
  return isBought ? dealDrop(offer, context, candidate) : Drop.Deal
}

/** Whether a deal is for this seat and this advertiser. */
function dealDrop(
  { seats, domains }: Offer,
  context: OfferContext,
  { creative, campaign }: Buyer,
): Drop {
  if (!admits(seats, seatOf(context, campaign))) return Drop.DealSeat
  if (isOpen(domains)) return Drop.None
  const forms = context.snapshot.brandOf(creative)?.domainForms ?? nothing
  return forms.some((form) => admits(domains, form)) ? Drop.None : Drop.DealDomain
}

const nothing: readonly string[] = []

function seatOf({ snapshot, exchange }: OfferContext, campaign: number): string {
  return snapshot.data.seats[snapshot.seatOf(campaign)] || exchange.seat
}
