/**
 * VAST 2.0 to 4.3 of a video or audio bid, elements in the order of the version's own schema: up to
 * 3.0 and from 4.0 on they differ.
 */
import type { MediaSlot } from '../../../domain/bid-request.ts'
import { inlineProtocols, wrapperProtocols } from '../../../domain/creative-shape.ts'
import { chooseFiles, chooseProtocol, offersSkip } from '../../../domain/slot-fit/media-fit.ts'
import { mimeSpelling } from '../../../domain/slot-fit/mime.ts'
import type { FileMarkup, MediaMarkup } from './creative-markup.ts'
import { cdata, escapeMarkup } from './escape.ts'
import type { MarkupParts } from './markup-parts.ts'
import { fillTemplate } from './template.ts'

/** By index in `inlineProtocols`. */
const versions: readonly string[] = ['2.0', '3.0', '4.0', '4.1', '4.2', '4.3']

/** What a VAST document is made for. */
export interface VastPlace {
  readonly slot: MediaSlot
  readonly isAudio: boolean
  /** Impression URLs; empty where the surrounding native ad counts the impression. */
  readonly impressions: readonly string[]
}

/** The VAST version and what the rest asks of it. */
interface Version {
  readonly text: string
  readonly isFour: boolean
  /** 4.1 and newer: serving id, kinds of ads, verification as an element of its own. */
  readonly isFourOne: boolean
}

/** The document; '' when the slot takes none that this creative can give. */
export function vastMarkup(media: MediaMarkup, place: VastPlace, parts: MarkupParts): string {
  const protocol = chooseProtocol(media.shape, place.slot)
  const files = chooseFiles(media.files, place.slot)
  if (protocol === 0 || (media.tag === null && files.length === 0)) return ''
  const version = versionOf(protocol)
  const ad =
    media.tag === null
      ? inLine(version, media, { place, parts, files })
      : wrapper(version, media, { place, parts, files })
  const kind = place.isAudio && version.isFourOne ? ' adType="audio"' : ''
  return (
    `<?xml version="1.0" encoding="UTF-8"?><VAST version="${version.text}">` +
    `<Ad id="${escapeMarkup(parts.bid.creative.id)}"${kind}>${ad}</Ad></VAST>`
  )
}

interface Content {
  readonly place: VastPlace
  readonly parts: MarkupParts
  readonly files: readonly FileMarkup[]
}

function versionOf(protocol: number): Version {
  const index = Math.max(inlineProtocols.indexOf(protocol), wrapperProtocols.indexOf(protocol))
  return { text: versions[index] ?? '4.2', isFour: index >= 2, isFourOne: index >= 3 }
}

function inLine(version: Version, media: MediaMarkup, content: Content): string {
  const { bid, servingId } = content.parts
  const title = `<AdTitle>${escapeMarkup(bid.creative.name)}</AdTitle>`
  const advertiser = `<Advertiser>${escapeMarkup(bid.advertiser.name)}</Advertiser>`
  const impressions = impressionXml(content.place.impressions)
  const creatives = creativesXml(version, media, content)
  const extensions = version.isFourOne ? '' : verificationExtension(media)
  if (!version.isFour) {
    const named = version.text === '2.0' ? title : title + advertiser
    return `<InLine>${adSystem}${named}${impressions}${creatives}${extensions}</InLine>`
  }
  const id = version.isFourOne ? `<AdServingId>${escapeMarkup(servingId)}</AdServingId>` : ''
  const verification = version.isFourOne ? media.verifications : ''
  const base = adSystem + extensions + impressions
  return `<InLine>${base}${id}${title}${verification}${advertiser}${creatives}</InLine>`
}

function wrapper(version: Version, media: MediaMarkup, content: Content): string {
  const { parts, place } = content
  const tagUrl = media.tag === null ? '' : fillTemplate(media.tag, parts.values)
  const tag = `<VASTAdTagURI>${cdata(tagUrl)}</VASTAdTagURI>`
  const impressions = impressionXml(place.impressions)
  const creatives = creativesXml(version, media, content)
  const extensions = version.isFourOne ? '' : verificationExtension(media)
  if (!version.isFour) {
    return `<Wrapper>${adSystem}${tag}${impressions}${creatives}${extensions}</Wrapper>`
  }
  const verification = version.isFourOne ? media.verifications : ''
  return `<Wrapper>${adSystem}${extensions}${impressions}${verification}${creatives}${tag}</Wrapper>`
}

const adSystem = '<AdSystem>Sluice</AdSystem>'

/** VAST 4 asks for this placeholder where nothing is to be told. */
const noImpression = ['about:blank']

function impressionXml(urls: readonly string[]): string {
  let xml = ''
  for (const url of urls.length > 0 ? urls : noImpression) {
    xml += `<Impression>${cdata(url)}</Impression>`
  }
  return xml
}

/** Before 4.1 verification travels as an extension (IAB's guide to OMID in VAST). */
function verificationExtension({ verifications }: MediaMarkup): string {
  if (verifications === '') return ''
  return `<Extensions><Extension type="AdVerifications">${verifications}</Extension></Extensions>`
}

function creativesXml(version: Version, media: MediaMarkup, content: Content): string {
  const id = escapeMarkup(content.parts.bid.creative.id)
  const ad =
    media.shape.linearity === 2 ? overlay(version, media, content) : linear(version, media, content)
  const universal = media.tag === null ? universalId(version, id) : ''
  return `<Creatives><Creative id="${id}">${ad}${universal}</Creative></Creatives>`
}

function universalId(version: Version, id: string): string {
  if (!version.isFour) return ''
  const value = version.isFourOne ? '' : ` idValue="${id}"`
  return `<UniversalAdId idRegistry="unknown"${value}>${id}</UniversalAdId>`
}

function linear(version: Version, media: MediaMarkup, { place, parts, files }: Content): string {
  if (media.tag !== null) return `<Linear>${videoClicks(trackedClicks(parts))}</Linear>`
  const isSkippable = version.text !== '2.0' && offersSkip(media.shape, place.slot)
  const open = isSkippable ? `<Linear skipoffset="${media.skipOffset}">` : '<Linear>'
  const duration = `<Duration>${media.duration}</Duration>`
  const through = `<ClickThrough>${cdata(parts.click)}</ClickThrough>`
  const tracking = clickTracking(parts.clickTrackers)
  const mediaFiles = `<MediaFiles>${filesXml(files, place.slot, '')}</MediaFiles>`
  return version.isFour
    ? `${open}${duration}${mediaFiles}${videoClicks(tracking + through)}</Linear>`
    : `${open}${duration}${videoClicks(through + tracking)}${mediaFiles}</Linear>`
}

function overlay(version: Version, media: MediaMarkup, { place, parts, files }: Content): string {
  if (media.tag !== null) return overlayWrapper(version, parts)
  const through = `<NonLinearClickThrough>${cdata(parts.click)}</NonLinearClickThrough>`
  const tracked = version.text === '2.0' ? '' : overlayTracking(parts.clickTrackers)
  // 3.0 has the trackers before the link, 4.x after it.
  const clicks = version.isFour ? through + tracked : tracked + through
  return `<NonLinearAds>${filesXml(files, place.slot, `${clicks}</NonLinear>`)}</NonLinearAds>`
}

/** Each file with the MIME type as the request spells it, and `end` after it. */
function filesXml(files: readonly FileMarkup[], slot: MediaSlot, end: string): string {
  let xml = ''
  for (const { head, mime, tail } of files) {
    xml += head + escapeMarkup(mimeSpelling(slot.mimes, mime)) + tail + end
  }
  return xml
}

/** Before 3.0 an overlay's clicks cannot be tracked from a wrapper. */
function overlayWrapper(version: Version, parts: MarkupParts): string {
  if (version.text === '2.0') return '<NonLinearAds></NonLinearAds>'
  const tracked = overlayTracking([parts.ownClick, ...parts.clickTrackers])
  return `<NonLinearAds><NonLinear>${tracked}</NonLinear></NonLinearAds>`
}

function overlayTracking(urls: readonly string[]): string {
  let xml = ''
  for (const url of urls) xml += `<NonLinearClickTracking>${cdata(url)}</NonLinearClickTracking>`
  return xml
}

/** A wrapper does not decide where a click goes, so ours is told of it like the other trackers. */
function trackedClicks(parts: MarkupParts): string {
  return clickTracking([parts.ownClick, ...parts.clickTrackers])
}

function clickTracking(urls: readonly string[]): string {
  let xml = ''
  for (const url of urls) xml += `<ClickTracking>${cdata(url)}</ClickTracking>`
  return xml
}

function videoClicks(clicks: string): string {
  return `<VideoClicks>${clicks}</VideoClicks>`
}
