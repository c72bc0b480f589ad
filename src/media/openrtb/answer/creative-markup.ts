/** What of a creative's markup is the same in every bid, made once and kept with the creative. */
import type { Creative, MediaPart, Verification } from '../../../domain/creative.ts'
import {
  type CreativeShape,
  type MediaFileShape,
  type MediaShape,
  mediaShape,
  shapeOf,
  usableFiles,
} from '../../../domain/creative-shape.ts'
import { isResponsive } from '../../../domain/format.ts'
import { holdsPlaceholder } from '../../../domain/placeholders.ts'
import { canonicalMime } from '../../../domain/slot-fit/mime.ts'
import { cdata, escapeMarkup } from './escape.ts'
import { htmlTemplate, type Template, urlTemplate } from './template.ts'

/** A creative ready to be written into bids. */
export interface CreativeMarkup {
  readonly shape: CreativeShape
  readonly impressionTrackers: readonly Template[]
  readonly clickTrackers: readonly Template[]
  readonly banner: BannerMarkup | null
  /** Of a video or audio creative, or of the video of a native one. */
  readonly media: MediaMarkup | null
}

/** Own HTML around the place where pixels go; null where an image is shown. */
export interface BannerMarkup {
  readonly html: { readonly head: Template; readonly tail: Template } | null
  /** False where the HTML fires our impression link itself. */
  readonly needsImpressionPixel: boolean
  /** `<img …>` of the image; '' for own HTML. */
  readonly image: string
}

export interface MediaMarkup {
  readonly shape: MediaShape
  readonly files: readonly FileMarkup[]
  /** Null = not a wrapper. */
  readonly tag: Template | null
  /** `HH:MM:SS.mmm`. */
  readonly duration: string
  readonly skipOffset: string
  /** `<AdVerifications>…`; '' = none. */
  readonly verifications: string
}

/** A media file with the halves of its VAST element, between which the MIME type stands. */
export interface FileMarkup extends MediaFileShape {
  readonly head: string
  readonly tail: string
}

/** Creatives are immutable parts of a snapshot: a changed one is another object. */
const cache = new WeakMap<Creative, CreativeMarkup>()

/** The markup of a creative, made on its first bid. */
export function creativeMarkup(creative: Creative): CreativeMarkup {
  let markup = cache.get(creative)
  if (markup === undefined) {
    markup = compile(creative)
    cache.set(creative, markup)
  }
  return markup
}

function compile(creative: Creative): CreativeMarkup {
  const parts = { video: creative.video, audio: creative.audio, banner: null, native: null }
  const media = creative.format === 'native' ? creative.native?.video : parts[creative.format]
  return {
    shape: shapeOf(creative),
    impressionTrackers: creative.impressionTrackers.map(urlTemplate),
    clickTrackers: creative.clickTrackers.map(urlTemplate),
    banner: creative.banner === null ? null : bannerMarkup(creative.banner),
    media: media ? mediaMarkup(media) : null,
  }
}

function bannerMarkup(part: NonNullable<Creative['banner']>): BannerMarkup {
  if (part.html === '') {
    const size = isResponsive(part) ? 'width="100%"' : `width="${part.w}" height="${part.h}"`
    const image = `<img src="${escapeMarkup(part.imageUrl)}" ${size} alt="" style="border:0;display:block">`
    return { html: null, needsImpressionPixel: true, image }
  }
  const end = part.html.toLowerCase().lastIndexOf('</body>')
  const split = end < 0 ? part.html.length : end
  return {
    html: {
      head: htmlTemplate(part.html.slice(0, split)),
      tail: htmlTemplate(part.html.slice(split)),
    },
    needsImpressionPixel: !holdsPlaceholder(part.html, 'IMPRESSION_URL'),
    image: '',
  }
}

function mediaMarkup(part: MediaPart): MediaMarkup {
  const shape = mediaShape(part)
  return {
    shape,
    files: usableFiles(part).map((file) => fileMarkup(file, part)),
    tag: part.tagUrl === '' ? null : urlTemplate(part.tagUrl),
    duration: timeText(part.durationSec),
    skipOffset: timeText(Math.min(part.skipAfterSec, part.durationSec)),
    verifications: verificationsXml(part.verifications ?? []),
  }
}

function fileMarkup(file: MediaPart['files'][number], part: MediaPart): FileMarkup {
  const { w, h, bitrateKbps, delivery } = file
  const mime = canonicalMime(file.mime)
  const xml = part.linearity === 2 ? overlayXml(file, part) : linearXml(file)
  return { mime, w, h, bitrateKbps, delivery, ...xml }
}

type FileXml = Pick<FileMarkup, 'head' | 'tail'>

function linearXml(file: MediaPart['files'][number]): FileXml {
  const delivery = file.delivery === 1 ? 'streaming' : 'progressive'
  const bitrate = file.bitrateKbps > 0 ? ` bitrate="${Math.round(file.bitrateKbps)}"` : ''
  const size = `width="${file.w}" height="${file.h}"`
  const scaling = 'scalable="true" maintainAspectRatio="true"'
  return {
    head: `<MediaFile delivery="${delivery}" type="`,
    tail: `" ${size}${bitrate} ${scaling}>${cdata(file.url)}</MediaFile>`,
  }
}

/** All of a `NonLinear` but what a bid adds to it and its end. */
function overlayXml(file: MediaPart['files'][number], part: MediaPart): FileXml {
  const time = part.durationSec > 0 ? ` minSuggestedDuration="${timeText(part.durationSec)}"` : ''
  const open = `<NonLinear width="${file.w}" height="${file.h}"${time}>`
  return {
    head: `${open}<StaticResource creativeType="`,
    tail: `">${cdata(file.url)}</StaticResource>`,
  }
}

function verificationsXml(verifications: readonly Verification[]): string {
  if (verifications.length === 0) return ''
  const items = verifications.map(({ vendor, scriptUrl, parameters }) => {
    const script = `<JavaScriptResource apiFramework="omid" browserOptional="true">${cdata(scriptUrl)}`
    const extra =
      parameters === ''
        ? ''
        : `<VerificationParameters>${cdata(parameters)}</VerificationParameters>`
    const open = `<Verification vendor="${escapeMarkup(vendor)}">`
    return `${open}${script}</JavaScriptResource>${extra}</Verification>`
  })
  return `<AdVerifications>${items.join('')}</AdVerifications>`
}

/** `HH:MM:SS`, with milliseconds where there are some. */
function timeText(seconds: number): string {
  const ms = Math.round(seconds * 1_000)
  const two = (value: number): string => String(Math.floor(value)).padStart(2, '0')
  const clock = `${two(ms / 3_600_000)}:${two((ms / 60_000) % 60)}:${two((ms / 1_000) % 60)}`
  return ms % 1_000 === 0 ? clock : `${clock}.${String(ms % 1_000).padStart(3, '0')}`
}
