/** Rules of native slots, and the choice of building blocks that follows from them. */
import type { NativeAssetSlot, NativeSlot } from '../bid-request.ts'
import type { NativePart } from '../creative.ts'
import type { NativeImageShape, NativeShape } from '../creative-shape.ts'
import { Drop } from '../drop-reason.ts'
import { mediaDrop } from './media-fit.ts'
import { allowsMime, canonicalMime } from './mime.ts'

/** What fills one asset; exactly one of the four is not null. */
export interface FilledAsset {
  readonly asset: NativeAssetSlot
  readonly title: string | null
  readonly image: NativePart['images'][number] | null
  readonly data: { readonly type: number; readonly value: string } | null
  readonly video: NativePart['video']
}

type ImageSlot = NonNullable<NativeAssetSlot['image']>

/**
 * `NativeAsset` unless every required asset, and at least one, can be filled. Optional assets that
 * cannot be filled are left out of the answer.
 */
export function nativeDrop(shape: NativeShape, slot: NativeSlot): Drop {
  let filled = 0
  for (const asset of slot.assets) {
    if (canFill(shape, asset)) filled += 1
    else if (asset.isRequired) return Drop.NativeAsset
  }
  return filled > 0 ? Drop.None : Drop.NativeAsset
}

/**
 * The assets that can be filled, in the request's order: the longest text and the largest image
 * that fits. `shape` is that of `part`.
 */
export function fillNative(part: NativePart, shape: NativeShape, slot: NativeSlot): FilledAsset[] {
  const filled: FilledAsset[] = []
  for (const asset of slot.assets) {
    if (canFill(shape, asset)) filled.push(fill(part, asset))
  }
  return filled
}

function canFill(shape: NativeShape, asset: NativeAssetSlot): boolean {
  const { title, image, data, video } = asset
  if (title !== null) return someLengthFits(shape.titleChars, title.charsMax)
  if (image !== null) return someImageFits(shape.images, image)
  if (data !== null) return someDataFits(shape.data, data)
  return video !== null && shape.video !== null && mediaDrop(shape.video, video) === Drop.None
}

function someLengthFits(lengths: readonly number[], charsMax: number): boolean {
  for (const chars of lengths) if (lengthFits(chars, charsMax)) return true
  return false
}

function someImageFits(images: readonly NativeImageShape[], slot: ImageSlot): boolean {
  for (const image of images) if (imageFits(image, slot)) return true
  return false
}

function someDataFits(
  data: NativeShape['data'],
  slot: NonNullable<NativeAssetSlot['data']>,
): boolean {
  for (const { type, chars } of data) {
    if (type === slot.type && lengthFits(chars, slot.charsMax)) return true
  }
  return false
}

/** Lengths are UTF-16 units: never more lenient than code points, the other common reading. */
function lengthFits(chars: number, charsMax: number): boolean {
  return chars > 0 && (charsMax <= 0 || chars <= charsMax)
}

function imageFits(image: NativeImageShape, slot: ImageSlot): boolean {
  return (
    imageTypeFits(image.type, slot.type) &&
    sideFits(image.w, slot.w, slot.wMin) &&
    sideFits(image.h, slot.h, slot.hMin) &&
    allowsMime(slot.mimes, image.mime)
  )
}

/** 2 is the logo of Native 1.0 and 1.1, which 1.2 merged into the icon. */
function imageTypeFits(own: number, asked: number): boolean {
  return asked === 0 || own === asked || (asked === 2 && own === 1)
}

/** Native 1.2 §4.4: a size without a minimum is exact; with one it is only preferred. */
function sideFits(own: number, exact: number, min: number): boolean {
  return min > 0 ? own >= min : exact <= 0 || own === exact
}

function fill(part: NativePart, asset: NativeAssetSlot): FilledAsset {
  const { title, image, data } = asset
  if (title !== null) {
    return filledWith(asset, { title: longest(part.titles, title.charsMax) })
  }
  if (image !== null) return filledWith(asset, { image: largest(part.images, image) })
  if (data !== null) {
    const values = part.data.filter(({ type }) => type === data.type).map(({ value }) => value)
    return filledWith(asset, { data: { type: data.type, value: longest(values, data.charsMax) } })
  }
  return filledWith(asset, { video: part.video })
}

function filledWith(asset: NativeAssetSlot, with_: Partial<FilledAsset>): FilledAsset {
  return {
    asset,
    title: with_.title ?? null,
    image: with_.image ?? null,
    data: with_.data ?? null,
    video: with_.video ?? null,
  }
}

function longest(texts: readonly string[], charsMax: number): string {
  let best = ''
  for (const text of texts) {
    if (text.length > best.length && lengthFits(text.length, charsMax)) best = text
  }
  return best
}

/** Of the images that fit one of the preferred size, else the largest. */
function largest(
  images: NativePart['images'],
  slot: ImageSlot,
): NativePart['images'][number] | null {
  let best: NativePart['images'][number] | null = null
  for (const image of images) {
    if (!imageFits({ ...image, mime: canonicalMime(image.mime) }, slot)) continue
    if (image.w === slot.w && image.h === slot.h) return image
    if (best === null || image.w * image.h > best.w * best.h) best = image
  }
  return best
}
