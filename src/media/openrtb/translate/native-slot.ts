/** `native` of an impression to our slot (2.6 §3.2.9; OpenRTB Native 1.0 to 1.2, §4). */
import type { NativeAssetSlot, NativeSlot } from '../../../domain/bid-request.ts'
import type { Exchange } from '../../../domain/exchange.ts'
import type {
  OrtbNative,
  OrtbNativeRequest,
  OrtbNativeRequestAsset,
  OrtbNativeRequestData,
  OrtbNativeRequestImage,
} from '../wire/openrtb.generated.ts'
import { videoSlotOf } from './media-slot.ts'
import { readNativeText } from './native-text.ts'
import { countOr, integerOr } from './numbers.ts'
import { mimeList, textOr } from './text.ts'

type PriceUnit = Exchange['priceUnit']

/** Assets of one request; layouts in use have up to a dozen. */
export const nativeAssetsMax = 64

const none: readonly never[] = []

/**
 * The slot, or null where it cannot be filled: no request, a text that is not JSON, no asset that
 * we can tell, or a required asset of a kind that we do not know.
 */
export function nativeSlotOf(wire: OrtbNative, priceUnit: PriceUnit): NativeSlot | null {
  if (wire.request_native !== null) {
    return slotOf(wire, wire.request_native, priceUnit, { isWrapped: false, isObject: true })
  }
  const read = readNativeText(wire.request)
  if (read === null) return null
  return slotOf(wire, read.request, priceUnit, { isWrapped: read.isWrapped, isObject: false })
}

function slotOf(
  wire: OrtbNative,
  request: OrtbNativeRequest,
  priceUnit: PriceUnit,
  form: Pick<NativeSlot, 'isWrapped' | 'isObject'>,
): NativeSlot | null {
  const assets = assetsOf(request.assets, priceUnit)
  if (assets === null || assets.length === 0) return null
  return {
    version: versionOf(request.ver, wire.ver),
    assets,
    apis: wire.api,
    blockedAttributes: wire.battr,
    context: countOr(request.context),
    placementType: countOr(request.plcmttype),
    eventTrackers: eventTrackersOf(request),
    isWrapped: form.isWrapped,
    isObject: form.isObject,
  }
}

/** Null where a required asset is of no kind that we know: no answer could satisfy it. */
function assetsOf(
  wire: readonly OrtbNativeRequestAsset[],
  priceUnit: PriceUnit,
): readonly NativeAssetSlot[] | null {
  const assets: NativeAssetSlot[] = []
  for (const each of wire) {
    const asset = assetOf(each, priceUnit)
    if (asset === null && each.required === true) return null
    if (asset === null) continue
    // Beyond the limit we cannot promise to fill what is required.
    if (assets.length === nativeAssetsMax) return null
    assets.push(asset)
  }
  return assets
}

/** One part is kept where a sender gives several: the first in the order of the specification. */
function assetOf(wire: OrtbNativeRequestAsset, priceUnit: PriceUnit): NativeAssetSlot | null {
  const title = wire.title === null ? null : { charsMax: countOr(wire.title.len) }
  const image = title === null ? imageOf(wire.img) : null
  const isShown = title !== null || image !== null
  const video = isShown || wire.video === null ? null : videoSlotOf(wire.video, priceUnit)
  const isTold = isShown || video !== null
  const data = isTold ? null : dataOf(wire.data)
  if (!isTold && data === null) return null
  return { id: integerOr(wire.id), isRequired: wire.required === true, title, image, video, data }
}

function imageOf(wire: OrtbNativeRequestImage | null): NativeAssetSlot['image'] {
  if (wire === null) return null
  return {
    type: countOr(wire.type),
    w: countOr(wire.w),
    h: countOr(wire.h),
    wMin: countOr(wire.wmin),
    hMin: countOr(wire.hmin),
    mimes: mimeList(wire.mimes),
  }
}

function dataOf(wire: OrtbNativeRequestData | null): NativeAssetSlot['data'] {
  return wire === null ? null : { type: countOr(wire.type), charsMax: countOr(wire.len) }
}

/** What the request says of itself, else what stands beside it, else the version of today. */
function versionOf(inside: string | null, beside: string | null): string {
  const own = textOr(inside)
  if (own !== '') return own
  const other = textOr(beside)
  return other === '' ? '1.2' : other
}

function eventTrackersOf(request: OrtbNativeRequest): NativeSlot['eventTrackers'] {
  const wire = request.eventtrackers
  if (wire.length === 0) return none
  return wire.map(({ event, methods }) => ({ event: countOr(event), methods }))
}
