/**
 * A naive reader of an impression and of the bid that answers it, written from the words of the
 * standard and not from our rules. Knows canonical MIME types only.
 */
import type { Imp, MediaSlot, NativeAssetSlot, NativeSlot } from '../../src/domain/bid-request.ts'
import type { Creative, MediaPart } from '../../src/domain/creative.ts'
import type {
  OrtbBid,
  OrtbNativeResponseAsset,
} from '../../src/media/openrtb/wire/openrtb.generated.ts'
import { elementsOf, readXml } from './xml-reader.ts'

/** What is wrong with a bid; empty = nothing. */
export function complaints(bid: OrtbBid, creative: Creative, imp: Imp): string[] {
  const wrong: string[] = []
  const slots = [null, imp.banner, imp.video, imp.audio, imp.native]
  const slot = slots[bid.mtype ?? 0]
  const must = (isRight: boolean, what: string) => isRight || wrong.push(what)
  if (imp.isSecure) must(!/http:\/\//i.test(bid.adm ?? ''), 'http in a secure slot')
  const isSkippable = (creative.video ?? creative.audio)?.isSkippable === true
  const attributes = [...bid.attr, ...(isSkippable ? [16] : [])]
  if (creative.banner?.expands.length) {
    if (!attributes.some((number) => [3, 4, 5].includes(number))) attributes.push(3, 4, 5)
  }
  must(!attributes.some((number) => slot?.blockedAttributes.includes(number)), 'attribute')
  must(
    creative.apis.every((api) => slot?.apis.includes(api)),
    'api',
  )
  if (bid.mtype === 1 && imp.banner !== null) {
    wrong.push(...bannerComplaints(bid, creative, imp.banner))
  }
  const media = bid.mtype === 3 ? imp.audio : bid.mtype === 2 ? imp.video : null
  if (media !== null) {
    wrong.push(...vastComplaints(bid.adm ?? '', creative.video ?? creative.audio, media))
    must(media.protocols.length === 0 || media.protocols.includes(bid.protocol ?? 0), 'protocol')
  }
  if (bid.mtype === 4 && imp.native !== null) {
    wrong.push(...nativeComplaints(bid, creative, imp.native))
  }
  return wrong
}

function bannerComplaints(bid: OrtbBid, { banner }: Creative, slot: NonNullable<Imp['banner']>) {
  const { w, h } = bid
  const exact = slot.sizes.some((size) => size.w === w && size.h === h)
  const flexible = slot.flex.some(
    ({ wRatio, hRatio, wMinPx }) =>
      (w ?? 0) >= wMinPx && Math.abs((w ?? 0) / (h ?? 1) / (wRatio / hRatio) - 1) <= 0.005,
  )
  const checks = {
    size: exact || flexible || slot.sizes.length + slot.flex.length === 0,
    type: !slot.blockedTypes.includes(banner?.type ?? 0),
    mime: slot.mimes.length === 0 || slot.mimes.includes(banner?.mime ?? ''),
    expands: (banner?.expands ?? []).every((side) => slot.expandDirections.includes(side)),
  }
  return Object.entries(checks).flatMap(([rule, isKept]) => (isKept ? [] : [rule]))
}

function vastComplaints(adm: string, part: MediaPart | null, slot: MediaSlot): string[] {
  if (part === null) return ['no video']
  const root = readXml(adm)
  const { durationSec: seconds, isSkippable } = part
  const inRange = seconds >= slot.minSec && seconds <= slot.maxSec
  const isOverlay = elementsOf(root, 'NonLinearAds').length > 0
  const allowed = slot.requiredSec.length > 0 ? slot.requiredSec.includes(seconds) : inRange
  const podSec = slot.pod?.durationSec || Infinity
  const checks = {
    linearity: slot.linearity === 0 || (slot.linearity === 2) === isOverlay,
    duration: allowed && seconds <= podSec,
    skip:
      !isSkippable || (slot.skip !== false && !(slot.skipMinSec > 0 && seconds <= slot.skipMinSec)),
    twoSkipButtons: slot.skip !== true || !adm.includes('skipoffset'),
    content:
      part.tagUrl !== '' ? adm.includes('VASTAdTagURI') : /<(MediaFile|NonLinear) /.test(adm),
    files: elementsOf(root, 'MediaFile').every(({ attributes }) => fileIsRight(attributes, slot)),
  }
  return Object.entries(checks).flatMap(([rule, isKept]) => (isKept ? [] : [rule]))
}

function fileIsRight(file: Readonly<Record<string, string>>, slot: MediaSlot): boolean {
  const kbps = Number(file['bitrate'] ?? Number.NaN)
  const limited = slot.minBitrateKbps > 0 || slot.maxBitrateKbps < Infinity
  const ratio = Number(file['width']) / Number(file['height']) / (slot.widthPx / slot.heightPx)
  return (
    (slot.mimes.length === 0 || slot.mimes.includes(file['type'] ?? '')) &&
    (!limited || (kbps >= slot.minBitrateKbps && kbps <= slot.maxBitrateKbps)) &&
    (slot.deliveries.length === 0 ||
      slot.deliveries.includes(file['delivery'] === 'streaming' ? 1 : 2)) &&
    (slot.boxingAllowed || slot.widthPx === 0 || Math.abs(ratio - 1) <= 0.01)
  )
}

function nativeComplaints(
  bid: OrtbBid,
  creative: Creative,
  { assets, isWrapped }: NativeSlot,
): string[] {
  const adm = JSON.parse(bid.adm ?? '{}')
  const given: readonly OrtbNativeResponseAsset[] = (isWrapped ? adm.native : adm).assets
  const wrong = given.length === 0 ? ['empty'] : []
  for (const asset of assets) {
    const answer = given.find(({ id }) => id === asset.id)
    if (answer === undefined) {
      if (asset.isRequired) wrong.push('required')
    } else if (!assetIsRight(answer, asset, creative)) wrong.push('asset')
  }
  return wrong
}

function assetIsRight(
  answer: OrtbNativeResponseAsset,
  { title, image, data, video }: NativeAssetSlot,
  creative: Creative,
): boolean {
  if (title !== null) {
    const text = answer.title?.text ?? ''
    return text !== '' && (title.charsMax === 0 || text.length <= title.charsMax)
  }
  if (data !== null) {
    const value = answer.data?.value ?? ''
    const isShort = data.charsMax === 0 || value.length <= data.charsMax
    return answer.data?.type === data.type && value !== '' && isShort
  }
  if (image !== null) {
    const { type, w, h } = answer.img ?? { type: 0, w: 0, h: 0 }
    const side = (own: number | null, exact: number, min: number) =>
      min > 0 ? (own ?? 0) >= min : exact === 0 || own === exact
    return (
      (image.type === 0 || type === image.type) &&
      side(w, image.w, image.wMin) &&
      side(h, image.h, image.hMin)
    )
  }
  const tag = answer.video?.vasttag ?? ''
  return video !== null && vastComplaints(tag, creative.native?.video ?? null, video).length === 0
}
