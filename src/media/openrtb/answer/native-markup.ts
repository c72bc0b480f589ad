/** The native answer (OpenRTB Native 1.2 §5): the assets asked for, the link, the trackers. */
import type { NativeSlot } from '../../../domain/bid-request.ts'
import type { NativePart } from '../../../domain/creative.ts'
import type { NativeShape } from '../../../domain/creative-shape.ts'
import { type FilledAsset, fillNative } from '../../../domain/slot-fit/native-fit.ts'
import {
  newOrtbNativeResponse,
  newOrtbNativeResponseAsset,
  newOrtbNativeResponseData,
  newOrtbNativeResponseEventTracker,
  newOrtbNativeResponseImage,
  newOrtbNativeResponseLink,
  newOrtbNativeResponseTitle,
  newOrtbNativeResponseVideo,
  type OrtbNativeResponse,
  type OrtbNativeResponseAsset,
} from '../wire/openrtb.generated.ts'
import type { MarkupParts } from './markup-parts.ts'
import { vastMarkup } from './vast-markup.ts'

/** Number of the event "impression" in each of the two lists (facts: AdCOM put "loaded" first). */
const impressionEvents = { native: 1, adcom: 2 } as const
/** Tracker method "image". */
const imageMethod = 1

/** What decides the form of the answer, besides the creative. */
export interface NativePlace {
  readonly slot: NativeSlot
  /** Numbering of events that the exchange uses. */
  readonly events: 'native' | 'adcom'
}

/** The answer; null when no asset can be filled. */
export function nativeMarkup(
  part: NativePart,
  shape: NativeShape,
  place: NativePlace,
  parts: MarkupParts,
): OrtbNativeResponse | null {
  const filled = fillNative(part, shape, place.slot)
  if (filled.length === 0) return null
  const answer = newOrtbNativeResponse()
  answer.ver = place.slot.version === '' ? '1.2' : place.slot.version
  answer.assets = filled.map((asset) => wireAsset(asset, parts))
  const link = newOrtbNativeResponseLink()
  link.url = parts.click
  link.clicktrackers = parts.clickTrackers
  link.fallback = part.fallbackUrl || null
  answer.link = link
  addTrackers(answer, place, parts.impressions)
  return answer
}

function wireAsset(filled: FilledAsset, parts: MarkupParts): OrtbNativeResponseAsset {
  const asset = newOrtbNativeResponseAsset()
  asset.id = filled.asset.id
  asset.title = wireTitle(filled)
  asset.img = wireImage(filled)
  asset.data = wireData(filled)
  asset.video = wireVideo(filled, parts)
  return asset
}

function wireTitle({ title }: FilledAsset): OrtbNativeResponseAsset['title'] {
  if (title === null) return null
  const wire = newOrtbNativeResponseTitle()
  wire.text = title
  return wire
}

/** The type is the one asked for: an icon also answers the old type "logo". */
function wireImage({ image, asset }: FilledAsset): OrtbNativeResponseAsset['img'] {
  if (image === null) return null
  const wire = newOrtbNativeResponseImage()
  wire.type = asset.image?.type || image.type
  wire.url = image.url
  wire.w = image.w
  wire.h = image.h
  return wire
}

function wireData({ data }: FilledAsset): OrtbNativeResponseAsset['data'] {
  if (data === null) return null
  const wire = newOrtbNativeResponseData()
  wire.type = data.type
  wire.value = data.value
  return wire
}

function wireVideo({ asset }: FilledAsset, parts: MarkupParts): OrtbNativeResponseAsset['video'] {
  const { media } = parts.markup
  if (asset.video === null || media === null) return null
  const wire = newOrtbNativeResponseVideo()
  // The impression of the native ad is told by the answer's own trackers.
  const place = { slot: asset.video, isAudio: false, impressions: [] }
  wire.vasttag = vastMarkup(media, place, parts)
  return wire
}

/**
 * `eventtrackers` where the request asks to be told of impressions by image, else `imptrackers`,
 * which every version has.
 */
function addTrackers(
  answer: OrtbNativeResponse,
  { slot, events }: NativePlace,
  impressions: readonly string[],
): void {
  const wanted = impressionEvents[events]
  const isAsked = slot.eventTrackers.some(
    ({ event, methods }) => event === wanted && methods.includes(imageMethod),
  )
  if (!isAsked) {
    answer.imptrackers = impressions
    return
  }
  answer.eventtrackers = impressions.map((url) => {
    const tracker = newOrtbNativeResponseEventTracker()
    tracker.event = wanted
    tracker.method = imageMethod
    tracker.url = url
    return tracker
  })
}
