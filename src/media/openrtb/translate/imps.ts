/** `imp[]` to our impressions: each stands alone, and an unusable one costs only itself. */
import type { BidRequest, Imp } from '../../../domain/bid-request.ts'
import type { Exchange } from '../../../domain/exchange.ts'
import type { OrtbDevice, OrtbImp, OrtbQty } from '../wire/openrtb.generated.ts'
import { bannerSlotOf } from './banner-slot.ts'
import { dealsOf } from './deals.ts'
import { floorOf } from './floors.ts'
import { audioSlotOf, videoSlotOf } from './media-slot.ts'
import { nativeSlotOf } from './native-slot.ts'
import { countOr } from './numbers.ts'
import { textOr } from './text.ts'

type PriceUnit = Exchange['priceUnit']

/**
 * Impressions that are decided; each costs a recall. Pages with forty ad units exist; what is
 * beyond the limit counts as dropped.
 */
export const impsMax = 64

/** Elements of `imp` that are looked at: unusable ones cost time too, a broken native most. */
export const impsSeenMax = 256

/**
 * Fills `imps` and `impsDropped`. Unusable are: no id, no format that can be filled, a multiplier
 * that is not above 0, and the id of an impression before it (a bid could not say which it means).
 */
export function fillImps(
  request: BidRequest,
  wire: readonly OrtbImp[],
  device: OrtbDevice | null,
  priceUnit: PriceUnit,
): void {
  const imps: Imp[] = []
  const seen = Math.min(wire.length, impsSeenMax)
  for (let index = 0; index < seen; index++) {
    const each = wire[index]
    if (each === undefined || imps.length === impsMax) break
    const id = textOr(each.id)
    if (id === '' || hasId(imps, id)) continue
    const imp = impOf(each, id, index, { device, priceUnit })
    if (imp !== null) imps.push(imp)
  }
  request.imps = imps
  request.impsDropped = wire.length - imps.length
}

/** At most `impsMax` comparisons: cheaper than a set for the usual one to four. */
function hasId(imps: readonly Imp[], id: string): boolean {
  for (const imp of imps) if (imp.id === id) return true
  return false
}

interface ImpContext {
  readonly device: OrtbDevice | null
  readonly priceUnit: PriceUnit
}

function impOf(wire: OrtbImp, id: string, index: number, context: ImpContext): Imp | null {
  const multiplier = multiplierOf(wire.qty)
  if (!(multiplier > 0)) return null
  const { priceUnit } = context
  const isInterstitial = wire.instl === true
  const { banner, video, audio, native } = wire
  const nativeSlot = native === null ? null : nativeSlotOf(native, priceUnit)
  if (banner === null && video === null && audio === null && nativeSlot === null) return null
  return {
    id,
    index,
    floor: floorOf(wire.bidfloor, wire.bidfloorcur, priceUnit),
    banner: banner === null ? null : bannerSlotOf(banner, isInterstitial, context.device),
    video: video === null ? null : videoSlotOf(video, priceUnit),
    audio: audio === null ? null : audioSlotOf(audio, priceUnit),
    native: nativeSlot,
    isInterstitial,
    isRewarded: wire.rwdd === true,
    // Absent is "unknown, http may be assumed" (§3.2.4), which is what false means.
    isSecure: wire.secure === true,
    tagId: textOr(wire.tagid),
    isPrivate: wire.pmp?.private_auction === true,
    deals: dealsOf(wire.pmp, priceUnit),
    expirySec: countOr(wire.exp),
    multiplier,
  }
}

/** 1 where it is not said; NaN where it is nothing that a price can be multiplied by. */
function multiplierOf(qty: OrtbQty | null): number {
  const multiplier = qty === null ? null : qty.multiplier
  if (multiplier === null) return 1
  return Number.isFinite(multiplier) ? multiplier : Number.NaN
}
