/** What is wrong, or doubtful, about a creative that someone wants to store. */

import type {
  BannerPart,
  Creative,
  MediaFile,
  MediaPart,
  NativePart,
  Verification,
} from './creative.ts'
import {
  expandableAttributes,
  inlineProtocols,
  shapeOf,
  skippableAttribute,
  wrapperProtocols,
} from './creative-shape.ts'
import type { FormatName } from './format.ts'
import { isResponsive } from './format.ts'
import {
  htmlPlaceholders,
  placeholderPattern,
  placeholdersOf,
  urlPlaceholders,
} from './placeholders.ts'

/** One finding: an error refuses the creative, a warning travels with the answer. */
export interface CreativeFinding {
  /** JSON path of the field: `video.files.0.url`. */
  readonly path: string
  readonly message: string
  readonly level: 'error' | 'warning'
}

/** Own HTML larger than this is slow to send and refused by most exchanges. */
export const htmlCharsMax = 100_000

const clickPlaceholders = ['CLICK_URL', 'CLICK_URL_ENC', 'CLICK_URL_JS']
const partNames = ['banner', 'video', 'audio', 'native'] as const
const mimePattern = /^[\w.+-]+\/[\w.+-]+$/

/** Everything found, in the order of the fields; empty = nothing to say. */
export function checkCreative(creative: Creative): CreativeFinding[] {
  const report = new Report()
  checkParts(creative, report)
  report.url('clickUrl', creative.clickUrl, { isNeeded: true })
  report.url('previewUrl', creative.previewUrl)
  report.templates('impressionTrackers', creative.impressionTrackers)
  report.templates('clickTrackers', creative.clickTrackers)
  if (creative.banner !== null) checkBanner(creative, creative.banner, report)
  if (creative.video !== null) checkMedia('video', creative.video, report)
  if (creative.audio !== null) checkMedia('audio', creative.audio, report)
  if (creative.native !== null) checkNative(creative.native, report)
  checkAttributes(creative, report)
  if (!shapeOf(creative).isSecure) {
    report.warn('', 'holds an http: address: it is not shown in secure slots, which nearly all are')
  }
  return report.findings
}

class Report {
  readonly findings: CreativeFinding[] = []

  error(path: string, message: string): void {
    this.findings.push({ path, message, level: 'error' })
  }

  warn(path: string, message: string): void {
    this.findings.push({ path, message, level: 'warning' })
  }

  /** An absolute http: or https: URL; '' where none is needed. */
  url(path: string, url: string, rule: { readonly isNeeded?: boolean } = {}): void {
    if (url === '') {
      if (rule.isNeeded) this.error(path, 'must be an absolute http: or https: URL')
      return
    }
    const parsed = URL.canParse(url) ? new URL(url) : null
    if (parsed === null || !['http:', 'https:'].includes(parsed.protocol)) {
      this.error(path, 'must be an absolute http: or https: URL')
    } else if (/[\s<>"]/.test(url)) this.error(path, 'must not hold white space, quotes, < or >')
    else if (url.includes('{{')) this.error(path, 'may not hold placeholders')
  }

  /** URLs that may hold placeholders. */
  templates(path: string, urls: readonly string[]): void {
    for (const [index, url] of urls.entries()) this.template(`${path}.${index}`, url)
  }

  template(path: string, url: string): void {
    this.placeholders(path, url, urlPlaceholders)
    this.url(path, url.replace(placeholderPattern, 'x'), { isNeeded: true })
  }

  placeholders(path: string, text: string, known: readonly string[]): void {
    for (const name of placeholdersOf(text)) {
      if (!known.includes(name)) this.error(path, `unknown placeholder {{${name}}}`)
    }
  }

  positive(path: string, value: number): void {
    if (!(value > 0)) this.error(path, 'must be greater than 0')
  }

  mime(path: string, mime: string): void {
    if (!mimePattern.test(mime)) this.error(path, 'must be a MIME type such as video/mp4')
  }
}

function checkParts(creative: Creative, report: Report): void {
  const { format } = creative
  if (creative[format] === null) report.error(format, `a ${format} creative needs this part`)
  for (const name of partNames) {
    if (name !== format && creative[name] !== null) {
      report.error(name, `must be null in a ${format} creative`)
    }
  }
}

function checkBanner(creative: Creative, banner: BannerPart, report: Report): void {
  if (!isResponsive(banner)) {
    report.positive('banner.w', banner.w)
    report.positive('banner.h', banner.h)
  }
  report.mime('banner.mime', banner.mime)
  if ((banner.html === '') === (banner.imageUrl === '')) {
    report.error('banner', 'needs either html or imageUrl')
  }
  report.url('banner.imageUrl', banner.imageUrl)
  if (banner.html === '') {
    if (!banner.mime.toLowerCase().startsWith('image/')) {
      report.error('banner.mime', 'must be the type of the image')
    }
  } else checkHtml(creative, banner.html, report)
}

function checkHtml(creative: Creative, html: string, report: Report): void {
  const path = 'banner.html'
  if (html.length > htmlCharsMax) report.error(path, `is longer than ${htmlCharsMax} characters`)
  report.placeholders(path, html, htmlPlaceholders)
  const names = placeholdersOf(html)
  if (!names.some((name) => clickPlaceholders.includes(name))) {
    report.warn(path, 'has no click placeholder such as {{CLICK_URL}}: clicks are not counted')
  }
  if (creative.clickTrackers.length > 0) {
    report.warn('clickTrackers', 'are not fired by own HTML: put them into it')
  }
}

function checkMedia(path: string, media: MediaPart, report: Report): void {
  if (media.tagUrl === '' && media.files.length === 0) {
    report.error(path, 'needs at least one file, or a tagUrl')
  }
  if (media.tagUrl !== '') report.template(`${path}.tagUrl`, media.tagUrl)
  if (media.tagUrl !== '' && media.files.length > 0) {
    report.error(`${path}.files`, 'must be empty where tagUrl is set')
  }
  checkTiming(path, media, report)
  for (const [index, protocol] of media.protocols.entries()) {
    if (!inlineProtocols.includes(protocol) && !wrapperProtocols.includes(protocol)) {
      report.error(`${path}.protocols.${index}`, 'is no VAST version from 2.0 to 4.3')
    }
  }
  for (const [index, file] of media.files.entries()) {
    checkFile(`${path}.files.${index}`, file, { media, isAudio: path === 'audio' }, report)
  }
  checkVerifications(`${path}.verifications`, media.verifications ?? [], report)
}

function checkVerifications(path: string, scripts: readonly Verification[], report: Report): void {
  for (const [index, { scriptUrl, vendor }] of scripts.entries()) {
    report.url(`${path}.${index}.scriptUrl`, scriptUrl, { isNeeded: true })
    if (vendor === '') report.error(`${path}.${index}.vendor`, 'must not be empty')
  }
}

function checkTiming(path: string, media: MediaPart, report: Report): void {
  const isOverlay = media.linearity === 2
  if (media.linearity !== 1 && !isOverlay) report.error(`${path}.linearity`, 'must be 1 or 2')
  if (path === 'audio' && isOverlay) report.error(`${path}.linearity`, 'audio is linear: 1')
  if (!isOverlay) report.positive(`${path}.durationSec`, media.durationSec)
  if (media.durationSec !== Math.round(media.durationSec)) {
    report.warn(`${path}.durationSec`, 'slots of exact durations take whole seconds only')
  }
  if (media.isSkippable && media.skipAfterSec >= media.durationSec) {
    report.error(`${path}.skipAfterSec`, 'must be less than the duration')
  }
}

interface FileRole {
  readonly media: MediaPart
  readonly isAudio: boolean
}

function checkFile(path: string, file: MediaFile, role: FileRole, report: Report): void {
  const mime = file.mime.toLowerCase()
  report.url(`${path}.url`, file.url, { isNeeded: true })
  report.mime(`${path}.mime`, file.mime)
  if (role.media.linearity === 2 && !mime.startsWith('image/')) {
    report.error(`${path}.mime`, 'an overlay is a picture: image/…')
  }
  if (role.media.linearity !== 2 && mime.startsWith('image/')) {
    report.error(`${path}.mime`, 'a linear ad is no picture')
  }
  if (role.isAudio && mime.startsWith('video/')) report.warn(`${path}.mime`, 'is a video')
  if (!role.isAudio) {
    report.positive(`${path}.w`, file.w)
    report.positive(`${path}.h`, file.h)
  }
  if (file.delivery !== 1 && file.delivery !== 2) report.error(`${path}.delivery`, 'must be 1 or 2')
  if (!(file.bitrateKbps > 0) && role.media.linearity !== 2) {
    report.warn(`${path}.bitrateKbps`, 'unknown: the file is not sent to slots that limit bitrate')
  }
}

function checkNative(native: NativePart, report: Report): void {
  if (native.titles.length === 0) {
    report.warn('native.titles', 'nearly every native slot requires a title')
  }
  if (native.images.length === 0 && native.video === null) {
    report.warn('native.images', 'nearly every native slot requires an image or a video')
  }
  if (native.titles.length + native.images.length + native.data.length === 0 && !native.video) {
    report.error('native', 'needs at least one title, image, data value or video')
  }
  for (const [index, title] of native.titles.entries()) {
    if (title.trim() === '') report.error(`native.titles.${index}`, 'must not be empty')
  }
  for (const [index, { value }] of native.data.entries()) {
    if (value.trim() === '') report.error(`native.data.${index}.value`, 'must not be empty')
  }
  for (const [index, image] of native.images.entries()) {
    const path = `native.images.${index}`
    report.url(`${path}.url`, image.url, { isNeeded: true })
    report.mime(`${path}.mime`, image.mime)
    report.positive(`${path}.w`, image.w)
    report.positive(`${path}.h`, image.h)
  }
  report.url('native.fallbackUrl', native.fallbackUrl)
  if (native.video !== null) checkMedia('native.video', native.video, report)
}

/** Formats whose parts can be skipped by the user. */
const skippableFormats: readonly FormatName[] = ['video', 'audio']

function checkAttributes(creative: Creative, report: Report): void {
  const { attributes, format } = creative
  const isSkippable = creative.video?.isSkippable === true || creative.audio?.isSkippable === true
  const saysSkippable = attributes.includes(skippableAttribute) && skippableFormats.includes(format)
  if (saysSkippable && !isSkippable) {
    report.error('attributes', `${skippableAttribute} (skippable) needs isSkippable`)
  }
  if (attributes.includes(17)) report.error('attributes', '17: no exchange takes Flash any more')
  if (creative.banner !== null) checkExpansion(attributes, creative.banner, report)
  checkOmid(creative, report)
}

function checkExpansion(attributes: readonly number[], banner: BannerPart, report: Report): void {
  const saysExpand = expandableAttributes.some((attribute) => attributes.includes(attribute))
  const expands = banner.expands.length > 0
  if (saysExpand && !expands) {
    report.error('banner.expands', 'must say the directions: attributes 3, 4, 5 mean expanding')
  }
  if (expands && !saysExpand) {
    report.warn('attributes', 'say how it expands (3, 4 or 5): else all three are taken')
  }
}

function checkOmid({ apis, video, audio }: Creative, report: Report): void {
  const media = video ?? audio
  if (media === null || media.tagUrl !== '' || !apis.includes(7)) return
  if ((media.verifications ?? []).length === 0) {
    report.warn('apis', '7 (OMID) without verifications: nothing is measured')
  }
}
