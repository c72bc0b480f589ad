/** `banner` of an impression to our slot (2.6 §3.2.6, §3.2.10). */
import type { BannerSlot, FlexSize, SizeBounds } from '../../../domain/bid-request.ts'
import type { SizePx } from '../../../domain/format.ts'
import type { OrtbBanner, OrtbDevice, OrtbFormat } from '../wire/openrtb.generated.ts'
import { countOr, maximumOr } from './numbers.ts'
import { mimeList } from './text.ts'

/** Formats that we look at; web publishers send up to about twenty. */
export const formatsMax = 64

const none: readonly never[] = []

/**
 * A banner is always usable: one that says nothing takes any size. `format` alone counts where it
 * holds a usable entry, since by §3.2.6 `w` and `h` are the exact size "if no format objects are
 * specified"; senders that give both put a preferred or a stale size there.
 */
export function bannerSlotOf(
  wire: OrtbBanner,
  isInterstitial: boolean,
  device: OrtbDevice | null,
): BannerSlot {
  const sizes = sizesOf(wire)
  const flex = flexOf(wire.format)
  const isOpen = sizes.length === 0 && flex.length === 0
  return {
    sizes,
    flex,
    bounds: isOpen ? boundsOf(wire, isInterstitial ? device : null) : null,
    blockedTypes: wire.btype,
    blockedAttributes: wire.battr,
    position: countOr(wire.pos),
    mimes: mimeList(wire.mimes),
    expandDirections: wire.expdir,
    apis: wire.api,
  }
}

function sizesOf(wire: OrtbBanner): readonly SizePx[] {
  const { format } = wire
  let sizes: SizePx[] | null = null
  let isFlexible = false
  for (let i = 0; i < format.length && i < formatsMax; i++) {
    const { w, h, wratio, hratio } = format[i] ?? noFormat
    if (isSize(w, h)) {
      sizes ??= []
      sizes.push({ w: countOr(w), h: countOr(h) })
    } else if (isSize(wratio, hratio)) isFlexible = true
  }
  if (sizes !== null) return sizes
  return !isFlexible && isSize(wire.w, wire.h) ? [{ w: countOr(wire.w), h: countOr(wire.h) }] : none
}

function flexOf(format: readonly OrtbFormat[]): readonly FlexSize[] {
  let flex: FlexSize[] | null = null
  for (let i = 0; i < format.length && i < formatsMax; i++) {
    const { wratio, hratio, wmin } = format[i] ?? noFormat
    if (!isSize(wratio, hratio)) continue
    flex ??= []
    flex.push({ wRatio: countOr(wratio), hRatio: countOr(hratio), wMinPx: countOr(wmin) })
  }
  return flex ?? none
}

/** A width and a height of at least one; half a size is none. */
function isSize(w: number | null, h: number | null): boolean {
  return countOr(w) > 0 && countOr(h) > 0
}

/**
 * The old bounds where one is given, else the screen of an interstitial (`screen` null otherwise).
 * `device.w` and `h` are physical pixels (§3.2.18), so they are divided by `pxratio` where it is
 * known; without it they are a wider bound, never a tighter one.
 */
function boundsOf(wire: OrtbBanner, screen: OrtbDevice | null): SizeBounds | null {
  const wMin = countOr(wire.wmin)
  const hMin = countOr(wire.hmin)
  let wMax = maximumOr(wire.wmax)
  let hMax = maximumOr(wire.hmax)
  const isBounded = wMin > 0 || hMin > 0 || wMax !== Infinity || hMax !== Infinity
  if (!isBounded && screen !== null && isSize(screen.w, screen.h)) {
    const pixelRatio = screen.pxratio !== null && screen.pxratio > 1 ? screen.pxratio : 1
    wMax = Math.floor(countOr(screen.w) / pixelRatio)
    hMax = Math.floor(countOr(screen.h) / pixelRatio)
  }
  return isBounded || wMax !== Infinity ? { wMin, wMax, hMin, hMax } : null
}

const noFormat: OrtbFormat = { w: null, h: null, wratio: null, hratio: null, wmin: null, ext: null }
