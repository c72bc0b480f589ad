/**
 * Creatives, slots, exchanges and decisions as tests need them: complete, with what matters set.
 */
import type { Advertiser } from '../../src/domain/advertiser.ts'
import { type Bid, type BidDecision, priorRanking } from '../../src/domain/bid-decision.ts'
import {
  type BannerSlot,
  BidRequest,
  type Imp,
  type MediaSlot,
  type NativeAssetSlot,
  type NativeSlot,
} from '../../src/domain/bid-request.ts'
import type { Campaign } from '../../src/domain/campaign.ts'
import type {
  BannerPart,
  Creative,
  MediaFile,
  MediaPart,
  NativePart,
} from '../../src/domain/creative.ts'
import type { Exchange } from '../../src/domain/exchange.ts'
import { type Format, type FormatName, formatNames } from '../../src/domain/format.ts'
import type { Micros } from '../../src/domain/money.ts'
import type { NoticeLinks } from '../../src/domain/notice-links.ts'

export function bannerPart(change: Partial<BannerPart> = {}): BannerPart {
  return {
    w: 300,
    h: 250,
    html: '',
    imageUrl: 'https://cdn.example/a.png',
    mime: 'image/png',
    type: 2,
    expands: [],
    ...change,
  }
}

export function mediaFile(change: Partial<MediaFile> = {}): MediaFile {
  return {
    url: 'https://cdn.example/v.mp4',
    mime: 'video/mp4',
    w: 1280,
    h: 720,
    bitrateKbps: 1200,
    delivery: 2,
    ...change,
  }
}

export function mediaPart(change: Partial<MediaPart> = {}): MediaPart {
  return {
    durationSec: 15,
    isSkippable: false,
    skipAfterSec: 0,
    linearity: 1,
    files: [mediaFile()],
    tagUrl: '',
    protocols: [],
    ...change,
  }
}

export function audioPart(change: Partial<MediaPart> = {}): MediaPart {
  const file = mediaFile({ url: 'https://cdn.example/a.mp3', mime: 'audio/mpeg', w: 0, h: 0 })
  return mediaPart({ files: [file], ...change })
}

export function nativePart(change: Partial<NativePart> = {}): NativePart {
  return {
    titles: ['Shoes', 'Shoes for long walks'],
    images: [
      { type: 3, url: 'https://cdn.example/m.jpg', w: 1200, h: 627, mime: 'image/jpeg' },
      { type: 1, url: 'https://cdn.example/i.png', w: 80, h: 80, mime: 'image/png' },
    ],
    data: [
      { type: 1, value: 'Example' },
      { type: 2, value: 'Light shoes' },
      { type: 2, value: 'Light shoes that last for a thousand kilometres' },
    ],
    video: null,
    fallbackUrl: '',
    ...change,
  }
}

const parts = {
  banner: () => ({ banner: bannerPart() }),
  video: () => ({ video: mediaPart() }),
  audio: () => ({ audio: audioPart() }),
  native: () => ({ native: nativePart() }),
}

export function creativeOf(format: FormatName, change: Partial<Creative> = {}): Creative {
  return {
    id: 'cr1',
    campaignId: 'ca1',
    name: 'Spring',
    enabled: true,
    format,
    clickUrl: 'https://shop.example/spring',
    domains: [],
    categories: [],
    bundle: '',
    language: '',
    attributes: [],
    apis: [],
    previewUrl: '',
    impressionTrackers: [],
    caps: [],
    clickTrackers: [],
    history: { impressions: 0, clicks: 0, conversions: 0 },
    banner: null,
    video: null,
    audio: null,
    native: null,
    ...parts[format](),
    ...change,
  }
}

export function bannerSlot(change: Partial<BannerSlot> = {}): BannerSlot {
  return {
    sizes: [{ w: 300, h: 250 }],
    flex: [],
    bounds: null,
    blockedTypes: [],
    blockedAttributes: [],
    position: 0,
    mimes: [],
    expandDirections: [],
    apis: [],
    ...change,
  }
}

export function mediaSlot(change: Partial<MediaSlot> = {}): MediaSlot {
  return {
    mimes: [],
    protocols: [],
    apis: [],
    blockedAttributes: [],
    minSec: 0,
    maxSec: Infinity,
    requiredSec: [],
    startDelaySec: null,
    linearity: 0,
    skip: null,
    skipMinSec: 0,
    plcmt: 0,
    placement: 0,
    position: 0,
    widthPx: 0,
    heightPx: 0,
    minBitrateKbps: 0,
    maxBitrateKbps: Infinity,
    boxingAllowed: true,
    deliveries: [],
    playbackMethods: [],
    pod: null,
    floorPerSecMicros: 0,
    durationFloors: [],
    ...change,
  }
}

export function assetSlot(id: number, change: Partial<NativeAssetSlot> = {}): NativeAssetSlot {
  return { id, isRequired: true, title: null, image: null, video: null, data: null, ...change }
}

export function imageSlot(
  change: Partial<NonNullable<NativeAssetSlot['image']>> = {},
): NonNullable<NativeAssetSlot['image']> {
  return { type: 3, w: 0, h: 0, wMin: 0, hMin: 0, mimes: [], ...change }
}

export function nativeSlot(change: Partial<NativeSlot> = {}): NativeSlot {
  return {
    version: '1.2',
    assets: [assetSlot(1, { title: { charsMax: 25 } })],
    apis: [],
    blockedAttributes: [],
    context: 0,
    placementType: 0,
    eventTrackers: [],
    isWrapped: false,
    isObject: false,
    ...change,
  }
}

export function impOf(change: Partial<Imp>): Imp {
  return {
    id: 'i1',
    index: 0,
    floor: { cpmMicros: 0 as Micros, currency: 'USD' },
    banner: null,
    video: null,
    audio: null,
    native: null,
    isInterstitial: false,
    isRewarded: false,
    isSecure: true,
    tagId: '',
    isPrivate: false,
    deals: [],
    expirySec: 0,
    multiplier: 1,
    ...change,
  }
}

export function advertiserOf(change: Partial<Advertiser> = {}): Advertiser {
  return {
    id: 'ad1',
    name: 'Example Shoes',
    enabled: true,
    currency: 'USD',
    domains: ['shop.example'],
    categories: [{ taxonomy: 1, ids: ['IAB18-1'] }],
    seat: '',
    caps: [],
    ...change,
  }
}

export function exchangeOf(change: Partial<Exchange> = {}): Exchange {
  return {
    id: 'x',
    name: 'X',
    enabled: true,
    live: true,
    protobufLayout: 'iab',
    currency: 'USD',
    otherCurrencies: [],
    priceUnit: 'cpm',
    tmaxDefaultMs: 100,
    tmaxMaxMs: 1000,
    networkAllowanceMs: 5,
    sendAllowanceMs: 1,
    auctionType: 2,
    firstPriceShare: 1,
    noBid: 'empty',
    seat: '',
    bidsPerImpMax: 1,
    macros: { price: '${AUCTION_PRICE}', click: '' },
    notices: { win: false, billing: true, loss: true },
    nativeMarkup: 'string',
    nativeEvents: 'native',
    blocked: {
      publishers: [],
      domains: [],
      bundles: [],
      advertiserDomains: [],
      advertiserCategories: [],
      schainNodes: [],
    },
    requiresCompleteSchain: false,
    tcfVendorId: 0,
    qpsMax: 0,
    secretHeader: null,
    noBidRecordRate: 0,
    plan: { recallMax: 64, coarseModel: '', fineModel: '', fineMax: 64 },
    ...change,
  }
}

/** Only what the answer reads of a campaign. */
export const campaign = { id: 'ca1', name: 'Spring' } as Campaign

export function bidOf(creative: Creative, imp: Imp, change: Partial<Bid> = {}): Bid {
  const format = formatNames.indexOf(creative.format) as Format
  const media = creative.video ?? creative.audio
  return {
    id: '1',
    imp,
    format,
    advertiser: advertiserOf(),
    campaign,
    creative,
    seat: '',
    priceMicros: 1_250_000 as Micros,
    floorMicros: 0 as Micros,
    deal: null,
    size: creative.banner ? { w: creative.banner.w, h: creative.banner.h } : { w: 0, h: 0 },
    durationSec: media?.durationSec ?? 0,
    slotInPod: 0,
    valueMicros: 1_250_000 as Micros,
    ctr: 0.01,
    cvr: 0.1,
    rankedBy: 'prior',
    propensity: 1,
    ...change,
  }
}

export function decisionOf(bids: readonly Bid[], exchange: Exchange = exchangeOf()): BidDecision {
  return {
    refusal: 0,
    bids,
    currency: 'USD',
    decisionId: '00112233aabbccdd',
    exchange,
    isTest: false,
    isDryRun: false,
    revision: 1,
    ranking: priorRanking,
  }
}

export function requestOf(imps: readonly Imp[], isJson = true): BidRequest {
  const request = new BidRequest()
  request.exchange = 'x'
  request.id = 'auction-1'
  request.imps = imps
  request.isJson = isJson
  return request
}

/** Links in the shape of the real ones: a token, `&`, and macros left to the exchange. */
export const links: NoticeLinks = {
  isSecure: true,
  of: (_, decision, bid) => {
    const link = (path: string, macros: string) =>
      `https://b.example${path}?t=${decision.decisionId}.${bid.id}${macros}`
    return {
      win: link('/n/win', '&p=${AUCTION_PRICE}'),
      bill: link('/n/bill', '&p=${AUCTION_PRICE}'),
      loss: link('/n/loss', '&p=${AUCTION_PRICE}&l=${AUCTION_LOSS}'),
      impression: link('/t/imp', '&p=${AUCTION_PRICE}'),
      click: link('/t/click', ''),
    }
  },
}
