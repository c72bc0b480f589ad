/** What may be bid for an impression, once more: floors, deals and limits from the JSON itself. */
import type { Advertiser } from '../../src/domain/advertiser.ts'
import type { Campaign } from '../../src/domain/campaign.ts'
import type { Creative } from '../../src/domain/creative.ts'
import type { Exchange } from '../../src/domain/exchange.ts'
import type { FormatName } from '../../src/domain/format.ts'
import type { Json } from '../support/openrtb-decode.ts'
import { isSet, number, object, objects, positive, text, texts } from './naive-fit.ts'

/** A world as plain entities. */
export interface NaiveWorld {
  readonly advertisers: readonly Advertiser[]
  readonly campaigns: readonly Campaign[]
  readonly creatives: readonly Creative[]
  readonly exchange: Exchange
  readonly rates: { readonly base: string; readonly rates: Readonly<Record<string, number>> }
}

/** One way to buy, in CPM micros of the answer's currency. */
export interface NaiveOffer {
  /** '' = the open auction. */
  readonly dealId: string
  readonly price: number
  readonly floor: number
}

/** Who sells what to whom: one creative in one impression. */
export interface NaiveCase {
  readonly world: NaiveWorld
  readonly body: Json
  readonly imp: Json
  readonly format: FormatName
  readonly creative: Creative
  readonly campaign: Campaign
  readonly advertiser: Advertiser
  /** Score of the device in the campaign's pack; -1 = not in it. */
  readonly score: number
}

/** Units of `to` for one of `from`; NaN = unknown. */
export function rate({ rates }: Pick<NaiveWorld, 'rates'>, from: string, to: string): number {
  const perBase = (currency: string) =>
    currency === rates.base ? 1 : (rates.rates[currency] ?? Number.NaN)
  return from === to ? 1 : perBase(to) / perBase(from)
}

/** The currency of the answer; '' = none. */
export function currencyOf({ exchange, rates }: NaiveWorld, body: Json): string {
  const asked = texts(body, 'cur').map((one) => one.toUpperCase())
  if (asked.length === 0 || asked.includes(exchange.currency)) return exchange.currency
  return (
    asked.find(
      (one) => exchange.otherCurrencies.includes(one) && rate({ rates }, rates.base, one) > 0,
    ) ?? ''
  )
}

/** Micros of CPM that one unit of the exchange's prices is. */
export function microsPerUnit({ priceUnit }: Exchange): number {
  return { cpm: 1e6, cpmMicros: 1, perImpression: 1e9 }[priceUnit]
}

/** The floor of an offer as the request writes it, in CPM micros of its own currency, unrounded. */
export function writtenFloor(
  { imp, format, creative, world }: Pick<NaiveCase, 'imp' | 'format' | 'creative' | 'world'>,
  deal: Json | null,
): { readonly micros: number; readonly currency: string } {
  const slot = object(imp, format)
  const exact = creative.video?.durationSec ?? creative.audio?.durationSec ?? 0
  // What the bid says (`dur`) is whole; what is longer than it says is paid for as well.
  const seconds = Math.round(exact)
  const isMedia = format === 'video' || format === 'audio'
  const unit = microsPerUnit(world.exchange)
  const of = (parent: Json, places: Json): number | null => {
    const perSecond = positive(parent, 'mincpmpersec', 0)
    if (perSecond > 0 && seconds > 0) return perSecond * Math.max(seconds, exact) * unit
    const range = objects(parent, 'durfloors').find(
      (one) =>
        positive(one, 'mindur', 0) <= seconds && seconds <= positive(one, 'maxdur', Infinity),
    )
    if (range !== undefined) return positive(range, 'bidfloor', 0) * unit
    const plain = positive(places, 'bidfloor', 0)
    return plain > 0 ? plain * unit : null
  }
  const currency = (parent: Json) => text(parent, 'bidfloorcur').toUpperCase() || 'USD'
  const ofDeal = deal === null ? null : of(deal, deal)
  if (deal !== null && ofDeal !== null) return { micros: ofDeal, currency: currency(deal) }
  return { micros: of(isMedia ? slot : {}, imp) ?? 0, currency: currency(imp) }
}

/** What a creative bids: the dearest deal that it can have, else the open auction; null = nothing. */
export function bestOffer(one: NaiveCase): NaiveOffer | null {
  const { imp, campaign, body } = one
  const pmp = object(imp, 'pmp')
  const { deals, openAuction } = campaign.targeting
  const wanted = objects(pmp, 'deals').filter(
    (deal) => text(deal, 'id') !== '' && (deals.includes(text(deal, 'id')) || deals.includes('*')),
  )
  let best: NaiveOffer | null = null
  for (const deal of wanted) {
    const offer = dealFits(one, deal) ? offerOf(one, deal) : null
    if (offer !== null && offer.price > (best?.price ?? 0)) best = offer
  }
  if (best !== null || isSet(pmp, 'private_auction') || !openAuction) return best
  return currencyOf(one.world, body) === '' ? null : offerOf(one, null)
}

function dealFits({ advertiser, creative, world }: NaiveCase, deal: Json): boolean {
  const seats = texts(deal, 'wseat')
  if (seats.length > 0 && !seats.includes(advertiser.seat || world.exchange.seat)) return false
  const domains = creative.domains.length > 0 ? creative.domains : advertiser.domains
  const allowed = texts(deal, 'wadomain')
  return (
    allowed.length === 0 ||
    domains.some((own) => allowed.some((one) => `.${own}`.endsWith(`.${one}`)))
  )
}

function offerOf(one: NaiveCase, deal: Json | null): NaiveOffer | null {
  const { world, body, imp, campaign, advertiser } = one
  const to = currencyOf(world, body)
  const own = rate(world, advertiser.currency, to)
  const written = writtenFloor(one, deal)
  const floorRate = written.micros === 0 ? 1 : rate(world, written.currency, to)
  if (Number.isNaN(floorRate) || Number.isNaN(own)) return null
  // Nine decimals are believed; what is demanded is rounded up, what is offered is rounded down.
  const floor = Math.ceil(Math.ceil(Math.round(written.micros * 1e3) / 1e3) * floorRate)
  const most = campaign.maxBidMicros > 0 ? Math.floor(campaign.maxBidMicros * own) : Infinity
  const wanted = Math.min(Math.floor(valueIn(one, own) * shareOf(one, deal)), most)
  const isOwn =
    deal !== null &&
    (positive(deal, 'bidfloor', 0) > 0 ||
      positive(deal, 'mincpmpersec', 0) > 0 ||
      objects(deal, 'durfloors').length > 0)
  const isFixed = isOwn && number(deal, 'at') === 3 && floor > 0
  const price = isFixed ? Math.min(floor, wanted) : wanted
  const costMax = campaign.maxCostPerWinMicros > 0 ? campaign.maxCostPerWinMicros * own : Infinity
  const isBid =
    price >= floor &&
    price > 0 &&
    price >= Math.ceil(campaign.minBidMicros * own) &&
    (price / 1_000) * multiplierOf(imp) <= costMax
  return isBid ? { dealId: deal === null ? '' : text(deal, 'id'), price, floor } : null
}

/** `qty.multiplier`; 1 where it is not said. */
export function multiplierOf(imp: Json): number {
  const multiplier = number(object(imp, 'qty'), 'multiplier')
  return Number.isNaN(multiplier) ? 1 : multiplier
}

function shareOf({ world, body }: NaiveCase, deal: Json | null): number {
  const asked = number(body, 'at')
  const whole = asked === 1 || asked === 2 ? asked : world.exchange.auctionType
  const own = deal === null ? Number.NaN : number(deal, 'at')
  return (own === 1 || own === 2 || own === 3 ? own : whole) === 1
    ? world.exchange.firstPriceShare
    : 1
}

/** What recall puts creatives in order by: the value in the table's base, at this device's weight. */
export function priorOf(one: NaiveCase): number {
  const { campaign, advertiser, world } = one
  const { goal, maxBidMicros } = campaign
  const byScore = goal.kind === 'cpm' || goal.kind === 'cpc' ? null : goal.byScore
  const whole = valueIn(
    { ...one, score: byScore !== null && byScore.high > byScore.low ? 255 : 0 },
    1,
  )
  const bid = byScore === null && maxBidMicros > 0 ? Math.min(whole, maxBidMicros) : whole
  const inBase = Math.floor(bid * rate(world, advertiser.currency, world.rates.base))
  if (byScore === null) return inBase
  const highest = Math.max(byScore.low, byScore.high)
  const weight = byScore.low + ((byScore.high - byScore.low) * Math.max(0, one.score)) / 255
  return highest <= 0 ? 0 : inBase * (weight / highest)
}

/** Expected CPM in the answer's currency, rounded down at each step. */
function valueIn({ creative, campaign, score }: NaiveCase, own: number): number {
  const { goal, prior } = campaign
  const { impressions, clicks, conversions } = creative.history
  const ctr = Math.min(1, (clicks + prior.ctr * 1_000) / (impressions + 1_000))
  const cvr = Math.min(1, (conversions + prior.cvr * 50) / (clicks + 50))
  if (goal.kind === 'cpm') return Math.floor(goal.bidMicros * own)
  if (goal.kind === 'cpc') return Math.floor(Math.floor(goal.bidMicros * ctr * 1_000) * own)
  const { byScore } = goal
  const highest = byScore === null ? 1 : Math.max(byScore.low, byScore.high)
  const whole = Math.floor(weighed(goal, ctr, cvr, highest))
  if (byScore === null) return Math.floor(whole * own)
  if (highest <= 0) return 0
  const weight = byScore.low + ((byScore.high - byScore.low) * Math.max(0, score)) / 255
  return Math.floor(Math.floor(whole * (weight / highest)) * own)
}

// oxlint-disable-next-line max-params -- a goal and the three factors of its value
function weighed(
  goal: Exclude<Campaign['goal'], { kind: 'cpm' | 'cpc' }>,
  ctr: number,
  cvr: number,
  weight: number,
): number {
  switch (goal.kind) {
    case 'cpa':
      return goal.bidMicros * ctr * cvr * 1_000 * weight
    case 'roas':
      return (goal.valueMicros * ctr * cvr * 1_000 * weight) / goal.targetRoas
    case 'ltv':
      return goal.valueMicros * goal.share * ctr * cvr * 1_000 * weight
  }
}
