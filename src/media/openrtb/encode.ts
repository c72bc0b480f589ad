/** The answer of an exchange's auction: bids with their markup as OpenRTB 2.6, JSON or protobuf. */
import type { CategorySet } from '../../domain/advertiser.ts'
import type { Bid, BidDecision } from '../../domain/bid-decision.ts'
import type { BidRequest, MediaSlot } from '../../domain/bid-request.ts'
import type { Creative } from '../../domain/creative.ts'
import { responsiveAttribute, skippableAttribute } from '../../domain/creative-shape.ts'
import type { Exchange } from '../../domain/exchange.ts'
import { Format, isResponsive } from '../../domain/format.ts'
import type { NoticeLinks } from '../../domain/notice-links.ts'
import { flexOf } from '../../domain/slot-fit/banner-fit.ts'
import { chooseProtocol, offersSkip } from '../../domain/slot-fit/media-fit.ts'
import { bannerMarkup } from './answer/banner-markup.ts'
import { creativeMarkup } from './answer/creative-markup.ts'
import { type MarkupParts, markupParts } from './answer/markup-parts.ts'
import { nativeMarkup } from './answer/native-markup.ts'
import { vastMarkup } from './answer/vast-markup.ts'
import { writeBidResponseJson, writeNativeResponseJson } from './wire/json-writer.ts'
import {
  newOrtbBid,
  newOrtbBidResponse,
  newOrtbSeatBid,
  type OrtbBid,
  type OrtbBidResponse,
  type OrtbSeatBid,
} from './wire/openrtb.generated.ts'
import { writeBidResponseProto } from './wire/ortb-proto-writer.ts'

/** What encoding needs besides the decision. */
export interface AnswerContext {
  readonly links: NoticeLinks
}

/**
 * The bytes of an answer with bids (`isBid`), on the wire of the request. A bid whose markup
 * cannot be made is left out; `fitSlot` lets none such through.
 */
export function encodeBidResponse(
  request: BidRequest,
  decision: BidDecision,
  context: AnswerContext,
): Uint8Array {
  const response = bidResponse(request, decision, context)
  if (request.isJson) return writeBidResponseJson(response)
  return writeBidResponseProto(response, decision.exchange?.protobufLayout ?? 'iab')
}

/** The same answer as an object of the wire. */
export function bidResponse(
  request: BidRequest,
  decision: BidDecision,
  context: AnswerContext,
): OrtbBidResponse {
  const seats = new Map<string, OrtbBid[]>()
  for (const bid of decision.bids) {
    const wire = wireBid(request, decision, bid, context)
    if (wire === null) continue
    const bids = seats.get(bid.seat)
    if (bids === undefined) seats.set(bid.seat, [wire])
    else bids.push(wire)
  }
  const response = newOrtbBidResponse()
  response.id = request.id
  response.bidid = decision.decisionId
  response.cur = decision.currency
  response.seatbid = Array.from(seats, seatBid)
  return response
}

function seatBid([seat, bids]: [string, OrtbBid[]]): OrtbSeatBid {
  const wire = newOrtbSeatBid()
  wire.seat = seat || null
  wire.bid = bids
  return wire
}

function wireBid(
  request: BidRequest,
  decision: BidDecision,
  bid: Bid,
  context: AnswerContext,
): OrtbBid | null {
  const links = context.links.of(request, decision, bid)
  const markup = creativeMarkup(bid.creative)
  const parts = markupParts(request, decision, bid, { links, markup })
  const { exchange } = decision
  const wire = newOrtbBid()
  if (!addMarkup(wire, exchange, parts)) return null
  wire.id = bid.id
  wire.impid = bid.imp.id
  wire.price = wirePrice(bid.priceMicros, exchange)
  wire.mtype = bid.format
  wire.dealid = bid.deal?.id ?? null
  wire.exp = bid.imp.expirySec || null
  addNotices(wire, exchange, bid, links)
  addIdentity(wire, request, bid)
  addCreative(wire, bid)
  addTechnique(wire, bid, parts)
  return wire
}

/** False when there is no markup. */
function addMarkup(wire: OrtbBid, exchange: Exchange | null, parts: MarkupParts): boolean {
  const { bid } = parts
  const { imp } = bid
  switch (bid.format) {
    case Format.Banner:
      wire.adm = bannerMarkup(parts)
      break
    case Format.Video:
      wire.adm = mediaAdm(imp.video, false, parts)
      break
    case Format.Audio:
      wire.adm = mediaAdm(imp.audio, true, parts)
      break
    case Format.Native:
      addNative(wire, exchange, parts)
  }
  return Boolean(wire.adm) || wire.adm_native !== null
}

/**
 * The standard advises against `burl` for video and audio: there the billing notice is fired with
 * the impression, so it is one of the document's own (2.6 §4.2.3, implementation notes 7.8).
 */
function mediaAdm(slot: MediaSlot | null, isAudio: boolean, parts: MarkupParts): string {
  const { media } = parts.markup
  if (slot === null || media === null) return ''
  const { billing, impressions: shown } = parts
  const impressions = billing === '' ? shown : [billing, ...shown]
  return vastMarkup(media, { slot, isAudio, impressions }, parts)
}

/** `{"native": …}` answers a request of that form, where the answer is text. */
function addNative(wire: OrtbBid, exchange: Exchange | null, parts: MarkupParts): void {
  const slot = parts.bid.imp.native
  const part = parts.bid.creative.native
  const { shape } = parts.markup
  if (slot === null || part === null || shape.native === null) return
  const place = { slot, events: exchange?.nativeEvents ?? 'native' }
  const answer = nativeMarkup(part, shape.native, place, parts)
  if (answer === null) return
  if (exchange?.nativeMarkup === 'object') {
    wire.adm_native = answer
    return
  }
  const text = writeNativeResponseJson(answer)
  wire.adm = slot.isWrapped ? `{"native":${text}}` : text
}

function addNotices(
  wire: OrtbBid,
  exchange: Exchange | null,
  bid: Bid,
  links: { readonly win: string; readonly bill: string; readonly loss: string },
): void {
  if (exchange === null) return
  const { win, billing, loss } = exchange.notices
  const billsByMarkup = bid.format === Format.Video || bid.format === Format.Audio
  if (win) wire.nurl = links.win
  if (billing && !billsByMarkup) wire.burl = links.bill
  if (loss) wire.lurl = links.loss
}

/** Whose ad it is. */
function addIdentity(wire: OrtbBid, request: BidRequest, bid: Bid): void {
  const { creative, advertiser, campaign } = bid
  wire.adid = creative.id
  wire.crid = creative.id
  wire.cid = campaign.id
  wire.adomain = creative.domains.length > 0 ? creative.domains : advertiser.domains
  wire.bundle = creative.bundle || null
  const sets = creative.categories.length > 0 ? creative.categories : advertiser.categories
  const set = categoriesFor(sets, request.categoryTaxonomy)
  if (set !== null) {
    wire.cat = set.ids
    wire.cattax = set.taxonomy
  }
}

/** In the request's taxonomy where we can. */
function categoriesFor(sets: readonly CategorySet[], taxonomy: number): CategorySet | null {
  let first: CategorySet | null = null
  for (const set of sets) {
    if (set.ids.length === 0) continue
    if (set.taxonomy === taxonomy) return set
    first ??= set
  }
  return first
}

function addCreative(wire: OrtbBid, { creative, imp, size }: Bid): void {
  wire.iurl = creative.previewUrl || creative.banner?.imageUrl || null
  // Only one of the two may be sent (2.6 §4.2.3): ISO 639-1, or BCP 47 for the rest.
  if (creative.language.length === 2) wire.language = creative.language
  else wire.langb = creative.language || null
  if (size.w > 0 && size.h > 0) {
    wire.w = size.w
    wire.h = size.h
  }
  const ratio = imp.banner === null ? null : flexOf(imp.banner, size)
  if (ratio !== null) {
    wire.wratio = ratio.wRatio
    wire.hratio = ratio.hRatio
  }
}

/** What a player or page has to be able to do. */
function addTechnique(wire: OrtbBid, bid: Bid, { markup }: MarkupParts): void {
  const { creative } = bid
  wire.attr = attributesOf(creative)
  wire.apis = creative.apis
  wire.api = creative.apis.length === 1 ? (creative.apis[0] ?? null) : null
  const slot = mediaSlotOf(bid)
  const shape = markup.shape.media
  if (slot === null || shape === null) return
  wire.protocol = chooseProtocol(shape, slot)
  wire.dur = bid.durationSec > 0 ? Math.round(bid.durationSec) : null
  const saysSkip = creative.attributes.includes(skippableAttribute)
  if (offersSkip(shape, slot) && !saysSkip) {
    wire.attr = [...creative.attributes, skippableAttribute]
  }
  // A place is named only in a dynamic pod: elsewhere the impression is the place (notes 7.6).
  const isDynamic = slot.pod !== null && slot.pod.durationSec > 0
  if (isDynamic && bid.slotInPod !== 0) wire.slotinpod = bid.slotInPod
}

function attributesOf({ attributes, banner }: Creative): readonly number[] {
  const isSizeless = banner !== null && isResponsive(banner)
  if (!isSizeless || attributes.includes(responsiveAttribute)) return attributes
  return [...attributes, responsiveAttribute]
}

function mediaSlotOf({ format, imp }: Bid): MediaSlot | null {
  if (format === Format.Video) return imp.video
  return format === Format.Audio ? imp.audio : null
}

const microsPerCpm = 1_000_000
const microsPerImpression = 1_000_000_000

/** One correctly rounded division: its shortest decimal is the exact amount. */
function wirePrice(cpmMicros: number, exchange: Exchange | null): number {
  switch (exchange?.priceUnit) {
    case 'cpmMicros':
      return cpmMicros
    case 'perImpression':
      return cpmMicros / microsPerImpression
    case 'cpm':
    case undefined:
      return cpmMicros / microsPerCpm
  }
}
