/** What of a creative decides where it fits, so that thousands of creatives share a few shapes. */
import type { BannerPart, Creative, MediaPart, NativePart } from './creative.ts'
import { Format, formatNames, isResponsive } from './format.ts'
import { holdsPlaceholder } from './placeholders.ts'
import { canonicalMime } from './slot-fit/mime.ts'

/** A media file without its URL; MIME type canonical. */
export interface MediaFileShape {
  readonly mime: string
  readonly w: number
  readonly h: number
  readonly bitrateKbps: number
  readonly delivery: number
}

export interface MediaShape {
  readonly isWrapper: boolean
  readonly durationSec: number
  readonly isSkippable: boolean
  readonly linearity: number
  /** `Video.protocols` numbers that the markup can be made in, newest version first. */
  readonly protocols: readonly number[]
  /** Distinct, sorted; empty for a wrapper. */
  readonly files: readonly MediaFileShape[]
}

export interface BannerShape {
  readonly w: number
  readonly h: number
  readonly mime: string
  readonly type: number
  readonly expands: readonly number[]
}

export interface NativeImageShape {
  readonly type: number
  readonly w: number
  readonly h: number
  readonly mime: string
}

export interface NativeShape {
  /** Lengths of the titles in UTF-16 units. */
  readonly titleChars: readonly number[]
  readonly images: readonly NativeImageShape[]
  readonly data: readonly { readonly type: number; readonly chars: number }[]
  readonly video: MediaShape | null
}

/**
 * Plain JSON in one order of fields, with sorted lists. The part of `format` is not null, unless
 * the creative lacks it: such a shape fits nowhere.
 */
export interface CreativeShape {
  readonly format: Format
  /** True: nothing of the markup is loaded by, or leads to, `http:`. */
  readonly isSecure: boolean
  /** Declared, and implied by the parts. */
  readonly attributes: readonly number[]
  readonly apis: readonly number[]
  readonly banner: BannerShape | null
  /** Of video and audio creatives. */
  readonly media: MediaShape | null
  readonly native: NativeShape | null
}

/** AdCOM creative attribute: has its own skip button. */
export const skippableAttribute = 16
/** AdCOM creative attribute: no fixed size. */
export const responsiveAttribute = 18
/** AdCOM creative attributes of expanding ads: by itself, on click, on rollover. */
export const expandableAttributes: readonly number[] = [3, 4, 5]

/** VAST 2.0, 3.0, 4.0, 4.1, 4.2, 4.3 as `Video.protocols` numbers, by index. */
export const inlineProtocols: readonly number[] = [2, 3, 7, 11, 13, 15]
export const wrapperProtocols: readonly number[] = [5, 6, 8, 12, 14, 16]

const insecure = /http:(\/\/|\\\/\\\/)/i

/** The shape of a creative. Off the hot path. */
export function shapeOf(creative: Creative): CreativeShape {
  const format = formatNames.indexOf(creative.format) as Format
  const media = format === Format.Video ? creative.video : creative.audio
  const isMedia = format === Format.Video || format === Format.Audio
  return {
    format,
    isSecure: !markupPieces(creative).some((piece) => insecure.test(piece)),
    attributes: attributesOf(creative),
    apis: sortedNumbers(creative.apis),
    banner: format === Format.Banner && creative.banner ? bannerShape(creative.banner) : null,
    media: isMedia && media !== null ? mediaShape(media) : null,
    native: format === Format.Native && creative.native ? nativeShape(creative.native) : null,
  }
}

/** Equal for equal shapes and for no others. */
export function shapeKey(shape: CreativeShape): string {
  return JSON.stringify(shape)
}

/**
 * Everything that the markup carries to the page. The landing page counts only where the markup
 * names it: a click goes through our own redirect, which may lead to `http:`.
 */
function markupPieces(creative: Creative): readonly string[] {
  const { banner, native } = creative
  const pieces = [...creative.impressionTrackers, ...creative.clickTrackers]
  if (banner !== null) {
    pieces.push(banner.imageUrl, banner.html)
    if (holdsPlaceholder(banner.html, 'LANDING_URL')) pieces.push(creative.clickUrl)
  }
  for (const media of [creative.video, creative.audio, native?.video ?? null]) {
    if (media !== null) pieces.push(...mediaPieces(media))
  }
  if (native !== null) {
    pieces.push(native.fallbackUrl, ...native.titles, ...native.images.map(({ url }) => url))
    pieces.push(...native.data.map(({ value }) => value))
  }
  return pieces
}

function mediaPieces(media: MediaPart): string[] {
  const scripts = (media.verifications ?? []).flatMap(({ scriptUrl, parameters }) => [
    scriptUrl,
    parameters,
  ])
  return [media.tagUrl, ...media.files.map(({ url }) => url), ...scripts]
}

/**
 * A skippable ad has attribute 16 (implementation notes 7.4). An expanding banner that does not
 * say how it expands is taken to expand in every way.
 */
function attributesOf(creative: Creative): number[] {
  const attributes = [...creative.attributes]
  const { banner, format } = creative
  if (format === 'video' && creative.video?.isSkippable) attributes.push(skippableAttribute)
  if (format === 'audio' && creative.audio?.isSkippable) attributes.push(skippableAttribute)
  if (format === 'banner' && banner !== null)
    attributes.push(...bannerAttributes(banner, attributes))
  return sortedNumbers(attributes)
}

function bannerAttributes(banner: BannerPart, said: readonly number[]): number[] {
  const implied = isResponsive(banner) ? [responsiveAttribute] : []
  const saysHow = expandableAttributes.some((attribute) => said.includes(attribute))
  return banner.expands.length > 0 && !saysHow ? [...implied, ...expandableAttributes] : implied
}

function bannerShape(part: BannerPart): BannerShape {
  return {
    w: part.w,
    h: part.h,
    mime: canonicalMime(part.mime),
    type: part.type,
    expands: sortedNumbers(part.expands),
  }
}

/** The shape of a video or audio part. */
export function mediaShape(part: MediaPart): MediaShape {
  const isWrapper = part.tagUrl !== ''
  return {
    isWrapper,
    durationSec: part.durationSec,
    isSkippable: part.isSkippable,
    linearity: part.linearity,
    protocols: emittableProtocols(part.protocols, isWrapper),
    files: isWrapper ? [] : distinct(usableFiles(part).map(fileShape)),
  }
}

/** VAST has only pictures for overlays, and no pictures for linear ads. */
export function usableFiles(part: MediaPart): MediaPart['files'] {
  const isOverlay = part.linearity === 2
  return part.files.filter(({ mime }) => canonicalMime(mime).startsWith('image/') === isOverlay)
}

function fileShape(file: MediaPart['files'][number]): MediaFileShape {
  const { w, h, bitrateKbps, delivery } = file
  return { mime: canonicalMime(file.mime), w, h, bitrateKbps, delivery }
}

/** A creative names versions: the number of the inline or of the wrapper form means both. */
function emittableProtocols(allowed: readonly number[], isWrapper: boolean): number[] {
  const own = isWrapper ? wrapperProtocols : inlineProtocols
  const isAllowed = (index: number) =>
    allowed.length === 0 ||
    allowed.includes(inlineProtocols[index] ?? 0) ||
    allowed.includes(wrapperProtocols[index] ?? 0)
  return own.filter((_, index) => isAllowed(index)).reverse()
}

function nativeShape(part: NativePart): NativeShape {
  return {
    titleChars: sortedNumbers(part.titles.map((title) => title.length)),
    images: distinct(
      part.images.map(({ type, w, h, mime }) => ({ type, w, h, mime: canonicalMime(mime) })),
    ),
    data: distinct(part.data.map(({ type, value }) => ({ type, chars: value.length }))),
    video: part.video === null ? null : mediaShape(part.video),
  }
}

function sortedNumbers(values: readonly number[]): number[] {
  return [...new Set(values)].sort((a, b) => a - b)
}

/** Each object once, in an order that does not depend on the order given. */
function distinct<Item>(items: readonly Item[]): Item[] {
  const byKey = new Map(items.map((item) => [JSON.stringify(item), item]))
  return [...byKey.keys()].sort().flatMap((key) => byKey.get(key) ?? [])
}
