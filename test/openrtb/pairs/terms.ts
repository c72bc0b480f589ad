/** Pairs of what a whole request says: time, money, blocks, seats, and what an exchange refuses. */
import { aBanner, aCampaign, anAdvertiser, anExchange } from '../../support/bid-world.ts'
import type { Json } from '../../support/openrtb-decode.ts'
import {
  advertiser,
  app,
  browser,
  buys,
  cpm,
  creatives,
  exchange,
  type Pair,
  pair,
  targeted,
  videoImp,
} from '../pair.ts'
import type { RoadWorld } from '../road.ts'

const object = '2.6 §3.2.1 BidRequest'
const impObject = '2.6 §3.2.4 Imp'
const euro = { base: 'USD', rates: { EUR: 0.5 } }
const below = { drop: 'below-floor' }
const noCategory = { drop: 'blocked-category' }

const timed = (bidfloor: number, durfloors: readonly Json[]): Json => ({
  ...videoImp,
  bidfloor,
  video: { ...(videoImp['video'] as Json), durfloors },
})

const money: readonly Pair[] = [
  pair('tmax: what is left after the network and our own sending is not enough', {
    source: `${object} tmax, §2.1`,
    request: { tmax: 23 },
    twin: { request: { tmax: 22 } },
    gone: { refusal: 'deadline', nbr: 15 },
  }),
  pair('bidfloor: a micro above the bid', {
    source: `${impObject} bidfloor`,
    imp: { id: '1', banner: { w: 300, h: 250 }, bidfloor: 5 },
    expect: { bids: [{ price: 5 }] },
    twin: { imp: { bidfloor: 5.000001 } },
    gone: below,
  }),
  pair('bidfloorcur: converted by the table of rates', {
    source: `${impObject} bidfloorcur`,
    world: { rates: euro },
    imp: { id: '1', banner: { w: 300, h: 250 }, bidfloor: 2.5, bidfloorcur: 'EUR' },
    expect: { bids: [{ price: 5 }], cur: 'USD' },
    twin: { imp: { bidfloor: 2.500001 } },
    gone: below,
  }),
  pair('bidfloorcur: a currency without a rate is never met', {
    source: `${impObject} bidfloorcur`,
    world: { rates: euro },
    imp: { id: '1', banner: { w: 300, h: 250 }, bidfloor: 0.01, bidfloorcur: 'EUR' },
    twin: { imp: { bidfloorcur: 'JPY' } },
    gone: { drop: 'no-rate' },
  }),
  pair('durfloors: the floor of the range that the duration is in', {
    source: '2.6 §3.2.35 DurFloors, implementation notes 7.11',
    imp: timed(9, [
      { mindur: 1, maxdur: 15, bidfloor: 5 },
      { mindur: 16, maxdur: 30, bidfloor: 50 },
    ]),
    expect: { bids: [{ crid: 'video', price: 5 }] },
    twin: {
      imp: {
        video: {
          durfloors: [
            { mindur: 1, maxdur: 14, bidfloor: 1 },
            { mindur: 15, maxdur: 30, bidfloor: 5.01 },
          ],
        },
      },
    },
    gone: below,
  }),
  pair('durfloors: outside of all ranges the plain floor holds', {
    source: '2.6 §3.2.35 DurFloors, implementation notes 7.11',
    imp: timed(5, [{ mindur: 16, maxdur: 30, bidfloor: 50 }]),
    twin: { imp: { bidfloor: 5.01 } },
    gone: below,
  }),
  pair('durfloors: an open end has no limit', {
    source: '2.6 §3.2.35 DurFloors',
    imp: timed(0, [
      { maxdur: 14, bidfloor: 50 },
      { mindur: 15, bidfloor: 5 },
    ]),
    twin: { imp: { video: { durfloors: [{ mindur: 15, bidfloor: 6 }] } } },
    gone: below,
  }),
  pair('cur: none that this exchange is answered in', {
    source: `${object} cur`,
    request: { cur: ['EUR', 'USD'] },
    expect: { bids: [{ price: 5 }], cur: 'USD' },
    twin: { request: { cur: ['EUR'] } },
    gone: { refusal: 'no-currency' },
  }),
  pair('cur: another currency is bid in at the rate, without one not at all', {
    source: `${object} cur`,
    world: { ...exchange({ otherCurrencies: ['EUR'] }), rates: euro },
    request: { cur: ['EUR'] },
    expect: { bids: [{ price: 2.5 }], cur: 'EUR' },
    twin: { world: { rates: { base: 'USD', rates: {} } } },
    gone: { refusal: 'no-currency' },
  }),
  pair('cur: the floor is met in the currency of the answer', {
    source: `${impObject} bidfloorcur, ${object} cur`,
    world: { ...exchange({ otherCurrencies: ['EUR'] }), rates: euro },
    request: { cur: ['EUR'] },
    imp: { id: '1', banner: { w: 300, h: 250 }, bidfloor: 5, bidfloorcur: 'USD' },
    expect: { bids: [{ price: 2.5 }], cur: 'EUR' },
    twin: { imp: { bidfloor: 5.01 } },
    gone: below,
  }),
  pair('at: a first-price auction is bid the exchange’s share of the value', {
    source: `${object} at`,
    world: exchange({ firstPriceShare: 0.8 }),
    imp: { id: '1', banner: { w: 300, h: 250 }, bidfloor: 4.5 },
    expect: { bids: [{ price: 5 }] },
    twin: { request: { at: 1 } },
    gone: below,
  }),
  pair('at: the exchange’s own type where the request says none', {
    source: `${object} at`,
    world: exchange({ firstPriceShare: 0.8, auctionType: 2 }),
    imp: { id: '1', banner: { w: 300, h: 250 }, bidfloor: 4.5 },
    request: { at: null },
    twin: { world: exchange({ firstPriceShare: 0.8, auctionType: 1 }) },
    gone: below,
  }),
  pair('price unit: floors and prices in micros', {
    source: 'exchange setting priceUnit',
    world: exchange({ priceUnit: 'cpmMicros' }),
    imp: { id: '1', banner: { w: 300, h: 250 }, bidfloor: 5_000_000 },
    expect: { bids: [{ price: 5_000_000 }] },
    twin: { imp: { bidfloor: 5_000_001 } },
    gone: below,
  }),
  pair('price unit: floors and prices of one impression', {
    source: 'exchange setting priceUnit',
    world: exchange({ priceUnit: 'perImpression' }),
    imp: { id: '1', banner: { w: 300, h: 250 }, bidfloor: 0.005 },
    expect: { bids: [{ price: 0.005 }] },
    twin: { imp: { bidfloor: 0.005001 } },
    gone: below,
  }),
]

/** The default advertiser is `shop.example` in `IAB22` of taxonomy 1. */
const blocks: readonly Pair[] = [
  pair('bcat: the category itself', {
    source: `${object} bcat`,
    request: { bcat: ['IAB7', 'IAB25'] },
    twin: { request: { bcat: ['IAB7', 'IAB22'] } },
    gone: noCategory,
  }),
  pair('bcat: a category covers those below it', {
    source: `${object} bcat, Content Taxonomy 1.0`,
    world: advertiser({ categories: [{ taxonomy: 1, ids: ['IAB22-3'] }] }),
    request: { bcat: ['IAB22-1'] },
    twin: { request: { bcat: ['IAB22'] } },
    gone: noCategory,
  }),
  pair('acat: none of the allowed', {
    source: `${object} acat`,
    request: { acat: ['IAB22', 'IAB7'] },
    twin: { request: { acat: ['IAB7'] } },
    gone: { drop: 'allowed-category' },
  }),
  pair('cattax: categories are of the taxonomy that is named', {
    source: `${object} cattax`,
    world: advertiser({ categories: [{ taxonomy: 6, ids: ['473'] }] }),
    request: { cattax: 6, bcat: ['474'] },
    twin: { request: { bcat: ['473'] } },
    gone: noCategory,
  }),
  pair('cattax: who has no category in it cannot show to be none of the blocked', {
    source: `${object} cattax`,
    request: { bcat: ['1001'] },
    twin: { request: { cattax: 6 } },
    gone: noCategory,
  }),
  pair('cattax: who has no category in it cannot show to be one of the allowed', {
    source: `${object} cattax, acat`,
    request: { acat: ['IAB22'] },
    twin: { request: { cattax: 7 } },
    gone: { drop: 'allowed-category' },
  }),
  pair('badv: the domain', {
    source: `${object} badv`,
    request: { badv: ['rival.example', 'hop.example'] },
    twin: { request: { badv: ['rival.example', 'shop.example'] } },
    gone: { drop: 'blocked-domain' },
  }),
  pair('badv: a domain covers its subdomains', {
    source: `${object} badv`,
    world: advertiser({ domains: ['deals.shop.example'] }),
    request: { badv: ['other.shop.example'] },
    twin: { request: { badv: ['shop.example'] } },
    gone: { drop: 'blocked-domain' },
  }),
  pair('badv: the creative’s own domain, in any case', {
    source: `${object} badv`,
    world: creatives(aBanner({ domains: ['sale.example'] })),
    request: { badv: ['shop.example'] },
    twin: { request: { badv: ['SALE.example'] } },
    gone: { drop: 'blocked-domain' },
  }),
  pair('bapp: the bundle that is advertised', {
    source: `${object} bapp`,
    world: creatives(aBanner({ bundle: 'com.shop.app' })),
    request: { bapp: ['com.rival.app'] },
    twin: { request: { bapp: ['com.shop.app'] } },
    gone: { drop: 'blocked-bundle' },
  }),
  pair('wlang: the language of the ad', {
    source: `${object} wlang`,
    world: creatives(aBanner({ language: 'de' })),
    request: { wlang: ['en', 'de'] },
    twin: { request: { wlang: ['en', 'fr'] } },
    gone: { drop: 'blocked-language' },
  }),
  pair('wlangb: the language of the ad as BCP 47', {
    source: `${object} wlangb`,
    world: creatives(aBanner({ language: 'de-de' })),
    request: { wlangb: ['de-DE'] },
    twin: { request: { wlangb: ['de-AT'] } },
    gone: { drop: 'blocked-language' },
  }),
]

const seated = advertiser({ seat: 'seat-1' })
const twoSeats: RoadWorld = {
  advertisers: [anAdvertiser({ seat: 'seat-1' }), anAdvertiser({ id: 'rival', seat: 'seat-2' })],
  campaigns: [buys(5), buys(9, { id: 'dear', advertiserId: 'rival' })],
  creatives: [aBanner(), aBanner({ id: 'dear', campaignId: 'dear' })],
}

const seats: readonly Pair[] = [
  pair('wseat: none of ours', {
    source: `${object} wseat`,
    world: seated,
    request: { wseat: ['seat-1', 'seat-9'] },
    twin: { request: { wseat: ['seat-9'] } },
    gone: { refusal: 'seat-not-allowed' },
  }),
  pair('wseat: the seat of the exchange, where the advertiser has none', {
    source: `${object} wseat`,
    world: exchange({ seat: 'house' }),
    request: { wseat: ['house'] },
    twin: { world: exchange({ seat: 'other' }) },
    gone: { refusal: 'seat-not-allowed' },
  }),
  pair('wseat: one of ours is out, the other answers', {
    source: `${object} wseat`,
    world: twoSeats,
    expect: { bids: [{ crid: 'dear', price: 9 }] },
    twin: { request: { wseat: ['seat-1'] } },
    gone: { bids: [{ crid: 'banner', price: 5 }], drop: 'seat' },
  }),
  pair('bseat: ours', {
    source: `${object} bseat`,
    world: seated,
    request: { bseat: ['seat-9'] },
    twin: { request: { bseat: ['seat-1'] } },
    gone: { refusal: 'seat-not-allowed' },
  }),
  pair('bseat: one of ours is out, the other answers', {
    source: `${object} bseat`,
    world: twoSeats,
    expect: { bids: [{ crid: 'dear', price: 9 }] },
    twin: { request: { bseat: ['seat-2'] } },
    gone: { bids: [{ crid: 'banner', price: 5 }], drop: 'seat' },
  }),
]

const http = aBanner({}, { imageUrl: 'http://cdn.shop.example/300x250.png' })
const interstitial = { id: '1', instl: 1, banner: {} }

const flags: readonly Pair[] = [
  pair('secure: an image over http', {
    source: `${impObject} secure`,
    world: creatives(http),
    twin: { imp: { secure: 1 } },
    gone: { drop: 'secure' },
  }),
  pair('secure: a tracker over http', {
    source: `${impObject} secure`,
    world: creatives(aBanner({ impressionTrackers: ['http://track.example/i'] })),
    twin: { imp: { secure: 1 } },
    gone: { drop: 'secure' },
  }),
  pair('instl: larger than the screen', {
    source: `${impObject} instl, §3.2.6`,
    imp: interstitial,
    request: { device: { w: 640, h: 960, pxratio: 2 } },
    twin: { request: { device: { pxratio: 3 } } },
    gone: { drop: 'size' },
  }),
  pair('instl: a campaign that wants none', {
    source: `${impObject} instl`,
    world: targeted({ interstitial: 'never' }),
    twin: { imp: { instl: 1 } },
    gone: { drop: 'interstitial' },
  }),
  pair('instl: a campaign that wants nothing else', {
    source: `${impObject} instl`,
    world: targeted({ interstitial: 'only' }),
    imp: { id: '1', instl: 1, banner: { w: 300, h: 250 } },
    twin: { imp: { instl: 0 } },
    gone: { drop: 'interstitial' },
  }),
  pair('rwdd: a campaign that wants none', {
    source: `${impObject} rwdd`,
    world: targeted({ rewarded: 'never' }),
    twin: { imp: { rwdd: 1 } },
    gone: { drop: 'rewarded' },
  }),
  pair('rwdd: a campaign that wants nothing else', {
    source: `${impObject} rwdd`,
    world: targeted({ rewarded: 'only' }),
    imp: { id: '1', rwdd: 1, banner: { w: 300, h: 250 } },
    twin: { imp: { rwdd: null } },
    gone: { drop: 'rewarded' },
  }),
  pair('rwdd: read from its 2.5 place', {
    source: '2.6 Appendix B, imp.ext.rwdd',
    world: targeted({ rewarded: 'only' }),
    imp: { id: '1', banner: { w: 300, h: 250 }, ext: { rwdd: 1 } },
    twin: { imp: { ext: { rwdd: 0 } } },
    gone: { drop: 'rewarded' },
  }),
]

const noBlocks = anExchange().blocked
const blocking = (own: Partial<typeof noBlocks>): RoadWorld =>
  exchange({ blocked: { ...noBlocks, ...own } })
const blockedPlace = { refusal: 'blocked-inventory', nbr: 7 }
const nodes = [
  { asi: 'North.example', sid: '77', hp: 1 },
  { asi: 'south.example', sid: '78', hp: 1 },
]
const chain = { schain: { complete: 1, ver: '1.0', nodes } }

const refusals: readonly Pair[] = [
  pair('blocked inventory: a publisher', {
    source: 'exchange setting blocked.publishers',
    world: blocking({ publishers: ['pub-9'] }),
    twin: { request: { site: { publisher: { id: 'PUB-9' } } } },
    gone: blockedPlace,
  }),
  pair('blocked inventory: a domain covers its subdomains', {
    source: 'exchange setting blocked.domains',
    world: blocking({ domains: ['bad.example'] }),
    request: { site: { domain: 'notbad.example' } },
    twin: { request: { site: { domain: 'www.very.bad.example' } } },
    gone: blockedPlace,
  }),
  pair('blocked inventory: a bundle', {
    source: 'exchange setting blocked.bundles',
    world: blocking({ bundles: ['com.bad.game'] }),
    request: { site: null, app },
    twin: { request: { app: { bundle: 'com.bad.game' } } },
    gone: blockedPlace,
  }),
  pair('blocked advertiser: a domain this exchange never takes', {
    source: 'exchange setting blocked.advertiserDomains',
    world: blocking({ advertiserDomains: ['rival.example'] }),
    twin: { world: blocking({ advertiserDomains: ['shop.example'] }) },
    gone: { drop: 'blocked-domain' },
  }),
  pair('blocked advertiser: a category this exchange never takes', {
    source: 'exchange setting blocked.advertiserCategories',
    world: blocking({ advertiserCategories: ['IAB7'] }),
    twin: { world: blocking({ advertiserCategories: ['IAB22'] }) },
    gone: noCategory,
  }),
  pair('schain: incomplete', {
    source: '2.6 §3.2.25 SupplyChain complete',
    world: exchange({ requiresCompleteSchain: true }),
    request: { source: chain },
    twin: { request: { source: { schain: { complete: 0 } } } },
    gone: { refusal: 'incomplete-schain', nbr: 16 },
  }),
  pair('schain: missing', {
    source: '2.6 §3.2.25 SupplyChain',
    world: exchange({ requiresCompleteSchain: true }),
    request: { source: chain },
    twin: { request: { source: { schain: null } } },
    gone: { refusal: 'incomplete-schain', nbr: 16 },
  }),
  pair('schain: read from its 2.5 place', {
    source: '2.6 Appendix B, source.ext.schain',
    world: exchange({ requiresCompleteSchain: true }),
    request: { source: { ext: chain } },
    twin: { request: { source: { ext: { schain: { complete: 0 } } } } },
    gone: { refusal: 'incomplete-schain', nbr: 16 },
  }),
  pair('schain: a blocked system', {
    source: '2.6 §3.2.26 SupplyChainNode asi',
    world: blocking({ schainNodes: ['east.example'] }),
    request: { source: chain },
    twin: { world: blocking({ schainNodes: ['north.example'] }) },
    gone: { refusal: 'blocked-schain', nbr: 17 },
  }),
  pair('schain: a blocked seller of a system', {
    source: '2.6 §3.2.26 SupplyChainNode sid',
    world: blocking({ schainNodes: ['south.example/77'] }),
    request: { source: chain },
    twin: { world: blocking({ schainNodes: ['south.example/78'] }) },
    gone: { refusal: 'blocked-schain', nbr: 17 },
  }),
  pair('crawler: a user agent that says so', {
    source: 'OpenRTB 3.0 nbr 3',
    request: { device: { ua: browser } },
    twin: {
      request: { device: { ua: 'Mozilla/5.0 (compatible; ExampleBot/2.1; +http://e.example)' } },
    },
    gone: { refusal: 'crawler', nbr: 3 },
  }),
  pair('test: answers and records nothing', {
    source: `${object} test`,
    expect: { bids: [{ price: 5 }], records: 1 },
    twin: { request: { test: 1 } },
    gone: { bids: [{ price: 5 }], records: 0 },
  }),
  pair('exchange: one that is off', {
    source: 'exchange setting enabled',
    twin: { world: exchange({ enabled: false }) },
    gone: { refusal: 'exchange-off' },
  }),
  pair('dry run: decides and records, and nothing leaves the house', {
    source: 'exchange setting live',
    expect: { bids: [{}], records: 1 },
    twin: { world: exchange({ live: false }) },
    gone: { bids: [], refusal: 'none', records: 1 },
  }),
  pair('imp: without a format nothing can be bid for', {
    source: impObject,
    twin: { imp: { banner: null } },
    gone: { refusal: 'no-usable-imp', nbr: 2 },
  }),
]

const limits: readonly Pair[] = [
  pair('campaign limit: the highest bid', {
    source: 'campaign maxBidMicros',
    world: { campaigns: [aCampaign({ maxBidMicros: cpm(3) })] },
    expect: { bids: [{ price: 3 }] },
    twin: { imp: { bidfloor: 3.01 } },
    gone: below,
  }),
  pair('campaign limit: the lowest bid', {
    source: 'campaign minBidMicros',
    world: { campaigns: [aCampaign({ minBidMicros: cpm(5) })] },
    expect: { bids: [{ price: 5 }] },
    twin: { world: { campaigns: [aCampaign({ minBidMicros: cpm(5.000001) })] } },
    gone: { drop: 'below-min-bid' },
  }),
]

/** Pairs of requests as wholes. */
export const termPairs: readonly Pair[] = [
  ...money,
  ...blocks,
  ...seats,
  ...flags,
  ...refusals,
  ...limits,
]
