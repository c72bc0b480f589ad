/** From a well-formed creative to a stored one: what is left out is told from the rest. */
import { type Campaign, campaignKind } from '../domain/campaign.ts'
import type { BannerPart, Creative, MediaPart, NativePart } from '../domain/creative.ts'
import { checkCreative } from '../domain/creative-check.ts'
import type { FormatName } from '../domain/format.ts'
import { type Checked, checkId, warnOfCategories } from './catalog-checks.ts'
import type { CheckView } from './check-view.ts'
import { Findings } from './findings.ts'
import { warnOfCaps } from './guard-checks.ts'
import { mimeOfUrl } from './mime-of-url.ts'
import type {
  BannerInput,
  CreativeInput,
  MediaInput,
  NativeInput,
} from './schemas/creative-schema.ts'

const formats: readonly FormatName[] = ['banner', 'video', 'audio', 'native']

/** Seconds before the skip button where a skippable ad does not say: what players do. */
const skipAfterSecDefault = 5

/** The stored form and what its author should know. Throws 400 with the path of each bad field. */
export function checkedCreative(
  id: string,
  input: CreativeInput,
  view: CheckView,
): Checked<Creative> {
  const findings = new Findings()
  checkId(findings, id, input.id)
  const format = formatOf(findings, input)
  const creative: Creative = {
    id,
    campaignId: input.campaignId,
    name: input.name,
    enabled: input.enabled,
    format,
    clickUrl: input.clickUrl,
    domains: input.domains,
    categories: input.categories,
    bundle: input.bundle,
    language: input.language,
    attributes: input.attributes,
    apis: input.apis,
    previewUrl: input.previewUrl,
    impressionTrackers: input.impressionTrackers,
    clickTrackers: input.clickTrackers,
    caps: input.caps,
    history: input.history,
    banner: input.banner === null ? null : bannerOf(findings, input.banner),
    video: input.video === null ? null : mediaOf(findings, 'video', input.video),
    audio: input.audio === null ? null : mediaOf(findings, 'audio', input.audio),
    native: input.native === null ? null : nativeOf(findings, input.native),
  }
  checkCampaign(findings, creative, view)
  warnOfCategories(findings, 'categories', creative.categories)
  warnOfCaps(findings, creative.caps)
  const { impressions, clicks } = creative.history
  if (clicks > impressions) findings.error('history.clicks', 'more than impressions')
  if (!findings.errors.some(({ path }) => path === 'format')) checkItself(findings, creative)
  findings.throwIfAny()
  return { value: creative, warnings: findings.warnings }
}

/** The format said, or that of the only part. */
function formatOf(findings: Findings, input: CreativeInput): FormatName {
  if (input.format !== undefined) return input.format
  const given = formats.filter((name) => input[name] !== null)
  if (given.length !== 1) {
    findings.error('format', `required, or exactly one part of ${formats.join(', ')}`)
  }
  return given[0] ?? 'banner'
}

function bannerOf(findings: Findings, input: BannerInput): BannerPart {
  const { w, h, html, imageUrl, expands } = input
  const told = imageUrl === '' ? 'text/html' : mimeOfUrl(imageUrl)
  const mime = input.mime ?? told ?? missingMime(findings, 'banner.mime')
  return { w, h, html, imageUrl, mime, type: input.type ?? bannerTypeOf(html), expands }
}

/** As `btype` numbers them: 2 XHTML, 3 JavaScript, 4 iframe. */
function bannerTypeOf(html: string): number {
  if (/<script\b/i.test(html)) return 3
  return /<iframe\b/i.test(html) ? 4 : 2
}

function mediaOf(findings: Findings, path: string, input: MediaInput): MediaPart {
  const { durationSec, isSkippable, linearity, tagUrl, protocols, verifications } = input
  const skipAfterSec = input.skipAfterSec ?? (isSkippable ? skipAfterSecDefault : 0)
  const files = input.files.map((file, i) => {
    const { url, w, h, bitrateKbps } = file
    const mime = file.mime ?? mimeOfUrl(url) ?? missingMime(findings, `${path}.files[${i}].mime`)
    const delivery = file.delivery ?? (isManifest(mime) ? 1 : 2)
    return { url, mime, w, h, bitrateKbps, delivery }
  })
  const common = { durationSec, isSkippable, skipAfterSec, linearity, files, tagUrl, protocols }
  return { ...common, verifications }
}

/** HLS and DASH stream. */
function isManifest(mime: string): boolean {
  return mime === 'application/x-mpegurl' || mime === 'application/dash+xml'
}

function nativeOf(findings: Findings, input: NativeInput): NativePart {
  const { titles, data, fallbackUrl } = input
  const images = input.images.map((image, i) => {
    const { type, url, w, h } = image
    const mime = image.mime ?? mimeOfUrl(url) ?? missingMime(findings, `native.images[${i}].mime`)
    return { type, url, w, h, mime }
  })
  const video = input.video === null ? null : mediaOf(findings, 'native.video', input.video)
  return { titles, images, data, video, fallbackUrl }
}

function missingMime(findings: Findings, path: string): string {
  findings.error(path, 'required: the extension of the URL does not tell')
  return ''
}

function checkCampaign(findings: Findings, creative: Creative, view: CheckView): void {
  const { campaignId, format, banner } = creative
  const stored = view.get(campaignKind, campaignId)
  if (stored === null) {
    findings.error('campaignId', `there is no campaign '${campaignId}'`)
    return
  }
  const { targeting } = JSON.parse(stored.json) as Campaign
  if (targeting.formats.length > 0 && !targeting.formats.includes(format)) {
    findings.warn('format', `campaign '${campaignId}' buys no ${format}: it is never shown`)
  }
  const { sizes } = targeting
  if (banner === null || sizes.length === 0) return
  if (!sizes.some(({ w, h }) => w === banner.w && h === banner.h)) {
    findings.warn('banner.w', `campaign '${campaignId}' does not buy this size: it is never shown`)
  }
}

/** What the creative's own rules find; a field that has its error already gets no second one. */
function checkItself(findings: Findings, creative: Creative): void {
  const faulty = new Set(findings.errors.map(({ path }) => path))
  for (const { path, message, level } of checkCreative(creative)) {
    const at = path === '' ? 'body' : path.replace(/\.(\d+)(?=\.|$)/g, '[$1]')
    if (level === 'warning') findings.warn(at, message)
    else if (!faulty.has(at)) findings.error(at, message)
  }
}
