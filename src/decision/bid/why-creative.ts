/** Rules of one creative in one slot: whether it may be shown there, and what it would bid. */
import type { Imp } from '../../domain/bid-request.ts'
import type { CreativeShape } from '../../domain/creative-shape.ts'
import { Drop } from '../../domain/drop-reason.ts'
import { Format, formatNames } from '../../domain/format.ts'
import type { Micros } from '../../domain/money.ts'
import { convertCeil, convertFloor, rateOf } from '../../domain/rates.ts'
import { type Blocks, fitBrand, type PreparedBrand } from '../../domain/slot-fit/brand-fit.ts'
import { fitSlot } from '../../domain/slot-fit/fit-slot.ts'
import { floorOf, type Offer, type OfferContext, offersOf } from './offers.ts'
import { offerDrop } from './pricing.ts'
import type { Slot } from './slot.ts'
import { dropCheck, ladder, listed, type Sides, type WhyCheck } from './why-check.ts'

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

const common: readonly Drop[] = [Drop.Format, Drop.Secure, Drop.Attribute, Drop.Api]
const ofMedia: readonly Drop[] = [
  ...common,
  Drop.Linearity,
  Drop.Duration,
  Drop.Skippable,
  Drop.Protocol,
  Drop.Mime,
  Drop.Delivery,
  Drop.Bitrate,
  Drop.AspectRatio,
  Drop.Unfit,
]

/** Rules of a slot in the order of `fitSlot`. */
const slotRules: Readonly<Record<Format, readonly Drop[]>> = {
  [Format.Banner]: [...common, Drop.Size, Drop.BannerType, Drop.Mime, Drop.Expands, Drop.Unfit],
  [Format.Video]: ofMedia,
  [Format.Audio]: ofMedia,
  [Format.Native]: [...common, Drop.NativeAsset, Drop.Unfit],
}

/** Rules of an advertiser in the order of `fitBrand`. */
const brandRules: readonly Drop[] = [
  Drop.BlockedDomain,
  Drop.BlockedBundle,
  Drop.BlockedCategory,
  Drop.AllowedCategory,
  Drop.BlockedLanguage,
]

/** Every rule of the slot and of the request's lists; those after the first broken are null. */
export function fitChecks(
  shape: CreativeShape,
  brand: PreparedBrand,
  { imp, format }: Slot,
  blocks: Blocks,
): WhyCheck[] {
  const bySlot = ladder(slotRules[format], fitSlot(shape, imp, format), (drop, passed) =>
    dropCheck(drop, passed, slotSides(drop, shape, imp, format)),
  )
  const byBrand = ladder(brandRules, fitBrand(brand, blocks), (drop, passed) =>
    dropCheck(drop, passed, brandSides(drop, brand, blocks)),
  )
  return [...bySlot, ...byBrand]
}

/** What the creative would bid, and every rule of its price. `share`: what its score leaves. */
export function priceChecks(
  context: OfferContext,
  slot: Slot,
  creative: number,
  share: number,
): { readonly checks: readonly WhyCheck[]; readonly parts: PriceParts } {
  const parts = partsOf(context, slot, creative, share)
  const { snapshot } = context
  const limits = snapshot.limitsOf(0)
  const hasRate = parts.rate !== null
  const hasValue = parts.valueMicros > 0
  const refused = parts.offers.filter(({ dropped }) => dropped !== '')
  const offer = lastDrop(parts, slot)
  const isBought = parts.priceMicros > 0
  const costPerWin = (parts.priceMicros / 1_000) * slot.imp.multiplier
  const known = (passed: boolean, needs: boolean): boolean | null => (needs ? passed : null)
  const checks = [
    dropCheck(Drop.NoRate, hasRate, {
      ours: parts.advertiserCurrency,
      request: parts.currency,
    }),
    dropCheck(Drop.NoValue, known(hasValue, hasRate)),
    dropCheck(offer, known(isBought, hasRate && hasValue), {
      ours: `value ${parts.valueMicros}, limit ${parts.maxBidMicros ?? 'none'}`,
      request: listed(
        (isBought ? parts.offers : refused).map(
          ({ dealId, floorMicros }) => `${dealId || 'open auction'} from ${floorMicros ?? '?'}`,
        ),
      ),
    }),
    dropCheck(Drop.BelowMinBid, known(parts.priceMicros >= parts.minBidMicros, isBought)),
    dropCheck(
      Drop.CostPerWin,
      known(
        costPerWin <= limits.maxCostPerWin * (parts.rate ?? 1),
        isBought && parts.priceMicros >= parts.minBidMicros,
      ),
    ),
  ]
  return { checks, parts }
}

function partsOf(context: OfferContext, slot: Slot, creative: number, share: number): PriceParts {
  const { snapshot, currency } = context
  const { data } = snapshot
  const limits = snapshot.limitsOf(0)
  const advertiserCurrency = data.currencies[limits.currency] ?? ''
  const rate = rateOf(data.rates, advertiserCurrency, currency)
  const hasRate = !Number.isNaN(rate)
  const own = Math.floor(snapshot.valueOf(creative) * share)
  const valueMicros = hasRate ? convertFloor(own as Micros, rate) : 0
  const maxPrice = Math.floor(limits.maxBid * rate)
  const durationSec = snapshot.durationOf(creative)
  const candidate = { creative, campaign: 0, maxPrice, durationSec }
  const offers = hasRate
    ? offersOf(slot, context).map((offer) => {
        const drop = offerDrop(offer, context, candidate)
        return drop === Drop.None
          ? bought(offer, slot, context, { ...candidate, valueMicros })
          : whyOffer(offer, drop, null, 0)
      })
    : []
  const best = bestOf(offers)
  return {
    valueHighestMicros: snapshot.valueOf(creative),
    scoreShare: share,
    ctr: data.creatives.ctr[creative] ?? 0,
    cvr: data.creatives.cvr[creative] ?? 0,
    advertiserCurrency,
    rate: hasRate ? rate : null,
    currency,
    valueMicros,
    maxBidMicros: Number.isFinite(maxPrice) ? maxPrice : null,
    minBidMicros: hasRate ? convertCeil(limits.minBid as Micros, rate) : 0,
    offers,
    priceMicros: best?.priceMicros ?? 0,
    dealId: best?.dealId ?? '',
  }
}

/** The price of an offer that the campaign buys: what it is worth, at most its limit. */
function bought(
  offer: Offer,
  slot: Slot,
  context: OfferContext,
  own: { readonly valueMicros: number; readonly maxPrice: number; readonly durationSec: number },
): WhyOffer {
  const floor = floorOf(offer, slot, context, own.durationSec)
  if (floor < 0) return whyOffer(offer, Drop.NoRate, -1, 0)
  const wanted = Math.min(Math.floor(own.valueMicros * offer.share), own.maxPrice)
  const price = offer.isFixed ? Math.min(floor, wanted) : wanted
  if (price >= floor && price > 0) return whyOffer(offer, Drop.None, floor, price)
  const drop = offer.deal === null ? Drop.BelowFloor : Drop.BelowDealFloor
  return whyOffer(offer, drop, floor, price)
}

// oxlint-disable-next-line max-params -- an offer, why not, and its two numbers
function whyOffer(offer: Offer, drop: Drop, floor: number | null, price: number): WhyOffer {
  return {
    dealId: offer.deal?.id ?? '',
    share: offer.share,
    isFixed: offer.isFixed,
    floorMicros: floor,
    priceMicros: price,
    dropped: drop === Drop.None ? '' : dropCheck(drop, false).rule,
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

/** The reason that the road names: that of the last offer it looked at. */
function lastDrop({ offers }: PriceParts, slot: Slot): Drop {
  const last = offers.at(-1)?.dropped ?? ''
  const reasons = [
    Drop.NoRate,
    Drop.BelowFloor,
    Drop.BelowDealFloor,
    Drop.Deal,
    Drop.DealSeat,
    Drop.DealDomain,
  ] as const
  const named = reasons.find((drop) => dropCheck(drop, false).rule === last)
  if (named !== undefined) return named
  return slot.imp.isPrivate ? Drop.PrivateAuction : Drop.BelowFloor
}

function slotSides(drop: Drop, shape: CreativeShape, imp: Imp, format: Format): Sides {
  const { banner, media, native } = imp2(imp, format)
  switch (drop) {
    case Drop.Format:
      return { ours: formatNames[shape.format], request: formatNames[format] }
    case Drop.Secure:
      return { ours: shape.isSecure ? 'https' : 'http', request: imp.isSecure ? 'https' : 'any' }
    case Drop.Attribute: {
      const rules = banner ?? media ?? native
      return {
        ours: listed(shape.attributes),
        request: `not ${listed(rules?.blockedAttributes ?? [])}`,
      }
    }
    case Drop.Api:
      return {
        ours: listed(shape.apis),
        request: listed((banner ?? media ?? native)?.apis ?? []),
      }
    case Drop.Mime:
      return mimeSides(shape, banner?.mimes ?? media?.mimes ?? [])
    default:
      return banner === null ? mediaSides(drop, shape, media) : bannerSides(drop, shape, banner)
  }
}

function imp2({ banner, video, audio, native }: Imp, format: Format) {
  return {
    banner: format === Format.Banner ? banner : null,
    media: format === Format.Video ? video : format === Format.Audio ? audio : null,
    native: format === Format.Native ? native : null,
  }
}

function mimeSides(shape: CreativeShape, mimes: readonly string[]): Sides {
  const own = shape.banner === null ? (shape.media?.files ?? []) : [shape.banner]
  return { ours: listed(own.map(({ mime }) => mime)), request: listed(mimes, 'any') }
}

function bannerSides(drop: Drop, { banner }: CreativeShape, slot: NonNullable<Imp['banner']>) {
  if (banner === null) return { ours: '', request: '' }
  switch (drop) {
    case Drop.Size: {
      const sizes = slot.sizes.map(({ w, h }) => `${w}x${h}`)
      const flex = slot.flex.map(({ wRatio, hRatio }) => `${wRatio}:${hRatio}`)
      const within = slot.bounds === null ? 'any' : 'within bounds'
      return { ours: `${banner.w}x${banner.h}`, request: listed([...sizes, ...flex], within) }
    }
    case Drop.BannerType:
      return { ours: String(banner.type), request: `not ${listed(slot.blockedTypes)}` }
    case Drop.Expands:
      return { ours: listed(banner.expands, 'no'), request: listed(slot.expandDirections, 'no') }
    default:
      return { ours: '', request: '' }
  }
}

function mediaSides(drop: Drop, { media }: CreativeShape, slot: Imp['video']): Sides {
  if (media === null || slot === null) return { ours: '', request: '' }
  switch (drop) {
    case Drop.Duration:
      return { ours: `${media.durationSec} s`, request: durationsOf(slot) }
    case Drop.Protocol:
      return { ours: listed(media.protocols), request: listed(slot.protocols, 'any') }
    case Drop.Linearity:
      return { ours: String(media.linearity), request: String(slot.linearity || 'any') }
    case Drop.Skippable:
      return { ours: String(media.isSkippable), request: String(slot.skip ?? 'not said') }
    case Drop.Bitrate:
      return {
        ours: listed(media.files.map(({ bitrateKbps }) => bitrateKbps)),
        request: `${slot.minBitrateKbps}–${slot.maxBitrateKbps} kbit/s`,
      }
    default:
      return { ours: '', request: '' }
  }
}

function durationsOf({ requiredSec, minSec, maxSec }: NonNullable<Imp['video']>): string {
  return requiredSec.length > 0 ? `exactly ${listed(requiredSec)} s` : `${minSec}–${maxSec} s`
}

function brandSides(drop: Drop, brand: PreparedBrand, blocks: Blocks): Sides {
  const categories = brand.categories.flatMap(({ taxonomy, chains }) =>
    chains.map(([id]) => `${taxonomy}:${id}`),
  )
  const setOf = (set: ReadonlySet<string> | null) => [...(set ?? [])]
  switch (drop) {
    case Drop.BlockedDomain: {
      const names = [...setOf(blocks.domains), ...setOf(blocks.exchangeDomains)]
      return { ours: listed(brand.domains), request: `not ${listed(names)}` }
    }
    case Drop.BlockedBundle:
      return { ours: brand.bundle, request: `not ${listed(setOf(blocks.bundles))}` }
    case Drop.BlockedCategory: {
      const ids = [...setOf(blocks.blockedCategories), ...setOf(blocks.exchangeCategories)]
      return { ours: listed(categories), request: `${blocks.taxonomy}: not ${listed(ids)}` }
    }
    case Drop.AllowedCategory:
      return { ours: listed(categories), request: listed(setOf(blocks.allowedCategories), 'any') }
    default:
      return { ours: brand.language || 'without words', request: listed(blocks.languages, 'any') }
  }
}
