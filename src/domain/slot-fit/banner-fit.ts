/** Rules of banner slots. */
import type { BannerSlot, FlexSize } from '../bid-request.ts'
import type { BannerShape } from '../creative-shape.ts'
import { Drop } from '../drop-reason.ts'
import { isResponsive, type SizePx } from '../format.ts'
import { allowsMime } from './mime.ts'

/** A flexible size is met when the ratios differ by no more. */
const ratioTolerance = 0.005

/** The first rule that a creative breaks, in this order: size, type, MIME type, expansion. */
export function bannerDrop(shape: BannerShape, slot: BannerSlot): Drop {
  if (!sizeFits(shape, slot)) return Drop.Size
  if (slot.blockedTypes.includes(shape.type)) return Drop.BannerType
  if (!allowsMime(slot.mimes, shape.mime)) return Drop.Mime
  for (const direction of shape.expands) {
    if (!slot.expandDirections.includes(direction)) return Drop.Expands
  }
  return Drop.None
}

/**
 * Listed sizes are exact, in interstitials too: the standard makes no exception for them, and
 * exchanges that take smaller ads there list the sizes they take. A responsive creative takes the
 * slot's.
 */
function sizeFits(shape: BannerShape, slot: BannerSlot): boolean {
  if (isResponsive(shape)) return true
  if (slot.sizes.length === 0 && slot.flex.length === 0) return boundsFit(shape, slot)
  for (const size of slot.sizes) if (size.w === shape.w && size.h === shape.h) return true
  for (const flex of slot.flex) if (flexFits(shape, flex)) return true
  return false
}

/**
 * The flexible size that a creative is shown by, or null: the bid then says the ratio (2.6 §4.2.3,
 * `wratio`). A size that the slot lists is shown as it is.
 */
export function flexOf({ sizes, flex }: BannerSlot, size: SizePx): FlexSize | null {
  if (sizes.some(({ w, h }) => w === size.w && h === size.h)) return null
  return flex.find((one) => flexFits(size, one)) ?? null
}

/** A slot that gives neither sizes, nor ratios, nor bounds takes any size. */
function boundsFit({ w, h }: BannerShape, { bounds }: BannerSlot): boolean {
  if (bounds === null) return true
  return w >= bounds.wMin && w <= bounds.wMax && h >= bounds.hMin && h <= bounds.hMax
}

function flexFits(shape: SizePx, flex: FlexSize): boolean {
  const wanted = flex.wRatio * shape.h
  const isRatio = Math.abs(shape.w * flex.hRatio - wanted) <= wanted * ratioTolerance
  return isRatio && wanted > 0 && shape.w >= flex.wMinPx
}
