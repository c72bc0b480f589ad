/**
 * A bid catalog made of a few words, compiled in place: what tests and benches of bids start from.
 */
import type { BidCatalog as Catalog } from '../../src/catalog/bid/bid-catalog.ts'
import { BidCatalog } from '../../src/catalog/bid/bid-catalog.ts'
import { BidCompiler } from '../../src/catalog/bid/bid-compiler.ts'
import type { AdEncoder } from '../../src/domain/ad-side.ts'
import type { Advertiser } from '../../src/domain/advertiser.ts'
import type { Campaign, Targeting } from '../../src/domain/campaign.ts'
import type { Creative, MediaPart, NativePart } from '../../src/domain/creative.ts'
import type { Exchange } from '../../src/domain/exchange.ts'
import { type Micros, noPrice } from '../../src/domain/money.ts'
import { type Rates, ratesId } from '../../src/domain/rates.ts'
import type { Clock } from '../../src/lib/clock.ts'
import type { CatalogStore, EntityWrite } from '../../src/store/ports.ts'
import { MemoryCatalogStore } from './memory-catalog.ts'

/** One unit of money. */
export const unit = 1_000_000

export function anAdvertiser(own: Partial<Advertiser> = {}): Advertiser {
  return {
    id: 'shop',
    name: 'Shop',
    enabled: true,
    currency: 'USD',
    domains: ['shop.example'],
    categories: [{ taxonomy: 1, ids: ['IAB22'] }],
    seat: '',
    caps: [],
    ...own,
  }
}

/** Wants everything. */
export const anyTarget: Targeting = {
  exchanges: [],
  channels: [],
  places: [],
  excludedPlaces: [],
  os: [],
  deviceTypes: [],
  makes: [],
  models: [],
  languages: [],
  carriers: [],
  connectionTypes: [],
  sites: { allow: [], deny: [] },
  apps: { allow: [], deny: [] },
  publishers: { allow: [], deny: [] },
  contentCategories: { taxonomy: 1, allow: [], deny: [] },
  positions: [],
  placements: [],
  startDelays: [],
  podSlots: [],
  podSequences: [],
  formats: [],
  sizes: [],
  interstitial: 'any',
  rewarded: 'any',
  schedule: null,
  audience: { all: [], any: [], none: [] },
  deals: [],
  openAuction: true,
}

/** A CPM campaign of 5 units without any limit. */
export function aCampaign(
  own: Partial<Campaign> = {},
  targeting: Partial<Targeting> = {},
): Campaign {
  return {
    id: 'spring',
    name: 'Spring',
    advertiserId: 'shop',
    enabled: true,
    startMs: null,
    endMs: null,
    goal: { kind: 'cpm', bidMicros: (5 * unit) as Micros },
    maxBidMicros: noPrice,
    minBidMicros: noPrice,
    maxCostPerWinMicros: noPrice,
    prior: { ctr: 0.005, cvr: 0.02 },
    caps: [],
    converted: [],
    ...own,
    targeting: { ...anyTarget, ...own.targeting, ...targeting },
  }
}

function aCreative(own: Partial<Creative>): Creative {
  return {
    id: 'creative',
    campaignId: 'spring',
    name: 'Creative',
    enabled: true,
    format: 'banner',
    clickUrl: 'https://shop.example/landing',
    domains: [],
    categories: [],
    bundle: '',
    language: '',
    attributes: [],
    apis: [],
    previewUrl: '',
    impressionTrackers: [],
    clickTrackers: [],
    caps: [],
    history: { impressions: 0, clicks: 0, conversions: 0 },
    banner: null,
    video: null,
    audio: null,
    native: null,
    ...own,
  }
}

/** An image banner, 300 × 250 unless said otherwise. */
export function aBanner(
  own: Partial<Creative> = {},
  part: Partial<NonNullable<Creative['banner']>> = {},
): Creative {
  const banner = {
    w: 300,
    h: 250,
    html: '',
    imageUrl: 'https://cdn.shop.example/300x250.png',
    mime: 'image/png',
    type: 2,
    expands: [],
    ...part,
  }
  return aCreative({ id: 'banner', format: 'banner', banner, ...own })
}

/** A linear mp4 of 15 seconds that cannot be skipped. */
export function aVideo(own: Partial<Creative> = {}, part: Partial<MediaPart> = {}): Creative {
  const video: MediaPart = {
    durationSec: 15,
    isSkippable: false,
    skipAfterSec: 0,
    linearity: 1,
    files: [
      {
        url: 'https://cdn.shop.example/15s.mp4',
        mime: 'video/mp4',
        w: 640,
        h: 360,
        bitrateKbps: 800,
        delivery: 2,
      },
    ],
    tagUrl: '',
    protocols: [],
    ...part,
  }
  return aCreative({ id: 'video', format: 'video', video, ...own })
}

/** An mp3 of 30 seconds. */
export function anAudio(own: Partial<Creative> = {}, part: Partial<MediaPart> = {}): Creative {
  const audio: MediaPart = {
    durationSec: 30,
    isSkippable: false,
    skipAfterSec: 0,
    linearity: 1,
    files: [
      {
        url: 'https://cdn.shop.example/30s.mp3',
        mime: 'audio/mpeg',
        w: 0,
        h: 0,
        bitrateKbps: 128,
        delivery: 2,
      },
    ],
    tagUrl: '',
    protocols: [],
    ...part,
  }
  return aCreative({ id: 'audio', format: 'audio', audio, ...own })
}

/** Title, icon, main image, sponsor, description and call to action. */
export function aNative(own: Partial<Creative> = {}, part: Partial<NativePart> = {}): Creative {
  const image = (type: number, w: number, h: number) => ({
    type,
    url: `https://cdn.shop.example/${w}x${h}.png`,
    w,
    h,
    mime: 'image/png',
  })
  const native: NativePart = {
    titles: ['Spring sale at the shop', 'Spring sale'],
    images: [image(1, 100, 100), image(3, 1200, 627)],
    data: [
      { type: 1, value: 'Shop' },
      { type: 2, value: 'Everything for the garden' },
      { type: 12, value: 'Buy now' },
    ],
    video: null,
    fallbackUrl: '',
    ...part,
  }
  return aCreative({ id: 'native', format: 'native', native, ...own })
}

/** A live USD exchange with the defaults of the admin API. */
export function anExchange(own: Partial<Exchange> = {}): Exchange {
  return {
    id: 'x',
    name: 'Exchange X',
    enabled: true,
    live: true,
    protobufLayout: 'iab',
    currency: 'USD',
    otherCurrencies: [],
    priceUnit: 'cpm',
    tmaxDefaultMs: 120,
    tmaxMaxMs: 1_000,
    networkAllowanceMs: 20,
    sendAllowanceMs: 2,
    auctionType: 2,
    firstPriceShare: 1,
    noBid: 'empty',
    seat: '',
    bidsPerImpMax: 1,
    macros: { price: '${AUCTION_PRICE}', click: '' },
    notices: { win: true, billing: true, loss: true },
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
    plan: { recallMax: 2_000, coarseModel: '', fineModel: '', fineMax: 64 },
    ...own,
  }
}

/** One creative of each format for one campaign of one advertiser, on one live exchange. */
export interface BidWorld {
  readonly advertisers?: readonly Advertiser[]
  readonly campaigns?: readonly Campaign[]
  readonly creatives?: readonly Creative[]
  readonly exchanges?: readonly Exchange[]
  readonly rates?: { readonly base: string; readonly rates: Readonly<Record<string, number>> }
}

/** The world as writes; what is left out is the default. */
export function worldWrites(world: BidWorld): EntityWrite[] {
  const {
    advertisers = [anAdvertiser()],
    campaigns = [aCampaign()],
    creatives = [aBanner(), aVideo(), anAudio(), aNative()],
    exchanges = [anExchange()],
    rates,
  } = world
  const write = (kind: string, value: { readonly id: string }): EntityWrite => ({
    kind,
    id: value.id,
    json: JSON.stringify(value),
    expectedVersion: null,
  })
  return [
    ...advertisers.map((value) => write('advertiser', value)),
    ...campaigns.map((value) => write('campaign', value)),
    ...creatives.map((value) => write('creative', value)),
    ...exchanges.map((value) => write('exchange', value)),
    ...(rates === undefined ? [] : [write('rates', ratesTable(rates))]),
  ]
}

function ratesTable(rates: NonNullable<BidWorld['rates']>): Rates {
  return { id: ratesId, asOf: '2026-11-22', ...rates }
}

/** Writes a world to a store in batches that it takes. */
export async function writeWorld(store: CatalogStore, world: BidWorld): Promise<void> {
  const writes = worldWrites(world)
  for (let from = 0; from < writes.length; from += 1_000) {
    await store.write(writes.slice(from, from + 1_000))
  }
}

/** A compiled catalog, its store, and `look`, which takes in what was written since. */
export interface CompiledWorld {
  readonly catalog: Catalog
  readonly store: MemoryCatalogStore
  look(): Promise<void>
}

/** Compiles a world in this thread, with the sides of `models`. */
export async function compileWorld(
  world: BidWorld,
  clock: Clock,
  models: readonly AdEncoder[] = [],
): Promise<CompiledWorld> {
  const store = new MemoryCatalogStore()
  await writeWorld(store, world)
  const catalog = new BidCatalog(clock)
  const compiler = new BidCompiler({ store, post: (message) => catalog.receive(message) })
  compiler.useModels(models)
  await compiler.look()
  return { catalog, store, look: () => compiler.look() }
}
