/** Pairs of private marketplaces. */
import { aBanner, aCampaign, anAdvertiser, anExchange } from '../../support/bid-world.ts'
import type { Json } from '../../support/openrtb-decode.ts'
import { buys, cpm, merged, type Pair, pair, videoImp } from '../pair.ts'
import type { RoadWorld } from '../road.ts'

const object = '2.6 §3.2.12 Deal'
const below = { drop: 'below-deal-floor' }

const inDeals: RoadWorld = { campaigns: [aCampaign({}, { deals: ['D1'], openAuction: false })] }
const banner = { w: 300, h: 250 }
const offer = (deal: Json, imp: Json = {}): Json => ({
  id: '1',
  banner,
  ...imp,
  pmp: { private_auction: 0, deals: [{ id: 'D1', ...deal }] },
})
const deal = (parts: Json): Json => ({ pmp: { deals: [{ id: 'D1', ...parts }] } })
const inDeal = { bids: [{ dealid: 'D1', price: 5 }] }
const openly = { bids: [{ dealid: null, price: 5 }] }
const seated: RoadWorld = { ...inDeals, advertisers: [anAdvertiser({ seat: 'seat-1' })] }
const film = (parts: Json): Json =>
  merged(videoImp, { pmp: { deals: [{ id: 'D1', bidfloor: 1, ...parts }] } })

const floors: readonly Pair[] = [
  pair('deal floor: a micro above the bid', {
    source: `${object} bidfloor`,
    world: inDeals,
    imp: offer({ bidfloor: 5 }),
    expect: inDeal,
    twin: { imp: deal({ bidfloor: 5.000001 }) },
    gone: below,
  }),
  pair('deal floor: it replaces the floor of the impression', {
    source: `${object} bidfloor`,
    world: inDeals,
    imp: offer({ bidfloor: 4 }, { bidfloor: 20 }),
    expect: inDeal,
    twin: { imp: deal({ bidfloor: 6 }) },
    gone: below,
  }),
  pair('deal floor: without one that of the impression holds', {
    source: `${object} bidfloor`,
    world: inDeals,
    imp: offer({}, { bidfloor: 5 }),
    expect: inDeal,
    twin: { imp: { bidfloor: 5.01 } },
    gone: below,
  }),
  pair('deal floor currency: not inherited from the impression', {
    source: `${object} bidfloorcur`,
    world: { ...inDeals, rates: { base: 'USD', rates: { EUR: 0.5 } } },
    imp: offer({ bidfloor: 5 }, { bidfloor: 1, bidfloorcur: 'EUR' }),
    expect: inDeal,
    twin: { imp: deal({ bidfloor: 5, bidfloorcur: 'EUR' }) },
    gone: below,
  }),
  pair('deal floor currency: one without a rate is never met', {
    source: `${object} bidfloorcur`,
    world: inDeals,
    imp: offer({ bidfloor: 0.1, bidfloorcur: 'USD' }),
    expect: inDeal,
    twin: { imp: deal({ bidfloor: 0.1, bidfloorcur: 'JPY' }) },
    gone: { drop: 'no-rate' },
  }),
  pair('deal durfloors: the floor of the range that the duration is in', {
    source: `${object} durfloors`,
    world: inDeals,
    imp: film({ durfloors: [{ mindur: 15, maxdur: 15, bidfloor: 5 }] }),
    expect: inDeal,
    twin: { imp: deal({ durfloors: [{ mindur: 15, maxdur: 15, bidfloor: 6 }] }) },
    gone: below,
  }),
  pair('deal mincpmpersec: a floor a second', {
    source: `${object} mincpmpersec`,
    world: inDeals,
    imp: film({ mincpmpersec: 0.333 }),
    expect: inDeal,
    twin: { imp: deal({ mincpmpersec: 0.334 }) },
    gone: below,
  }),
]

const shading = { ...inDeals, exchanges: [anExchange({ firstPriceShare: 0.8 })] }

const types: readonly Pair[] = [
  pair('deal auction type: 2 bids the value, 1 the share of it', {
    source: `${object} at 1, 2`,
    world: shading,
    imp: offer({ bidfloor: 4.5, at: 2 }),
    request: { at: 1 },
    expect: inDeal,
    twin: { imp: deal({ bidfloor: 4.5, at: 1 }) },
    gone: below,
  }),
  pair('deal auction type: without one that of the request holds', {
    source: `${object} at`,
    world: shading,
    imp: offer({ bidfloor: 4.5 }),
    expect: inDeal,
    twin: { request: { at: 1 } },
    gone: below,
  }),
  pair('deal auction type: 1 bids the share of the value', {
    source: `${object} at 1`,
    world: shading,
    imp: offer({ bidfloor: 4, at: 1 }),
    expect: { bids: [{ dealid: 'D1', price: 4 }] },
    twin: { imp: deal({ bidfloor: 4.000001, at: 1 }) },
    gone: below,
  }),
  pair('deal auction type: 3 is bought at the price that was agreed', {
    source: `${object} at 3`,
    world: inDeals,
    imp: offer({ bidfloor: 3.25, at: 3 }),
    expect: { bids: [{ dealid: 'D1', price: 3.25 }] },
    twin: { imp: deal({ bidfloor: 5.01, at: 3 }) },
    gone: below,
  }),
]

const both: RoadWorld = { campaigns: [aCampaign({}, { deals: ['D1'], openAuction: true })] }

const access: readonly Pair[] = [
  pair('deal: one that the campaign does not buy', {
    source: `${object} id`,
    world: inDeals,
    imp: offer({}),
    expect: inDeal,
    twin: { imp: { pmp: { deals: [{ id: 'D2' }] } } },
    gone: { drop: 'deal' },
  }),
  pair('deal: a campaign that buys in deals only', {
    source: 'targeting.openAuction',
    world: inDeals,
    imp: offer({}),
    expect: inDeal,
    twin: { imp: { pmp: null } },
    gone: { drop: 'deal' },
  }),
  pair('deal: any deal', {
    source: 'targeting.deals',
    world: { campaigns: [aCampaign({}, { deals: ['*'], openAuction: false })] },
    imp: offer({}),
    expect: inDeal,
    twin: { imp: { pmp: { deals: [] } } },
    gone: { drop: 'deal' },
  }),
  pair('deal: what cannot be had as a deal is bought openly', {
    source: object,
    world: both,
    imp: offer({ bidfloor: 6 }),
    expect: openly,
    twin: { imp: { bidfloor: 5.5 } },
    gone: { drop: 'below-floor' },
  }),
  pair('deal wseat: none of ours', {
    source: `${object} wseat`,
    world: seated,
    imp: offer({ wseat: ['seat-1', 'seat-2'] }),
    expect: inDeal,
    twin: { imp: deal({ wseat: ['seat-2'] }) },
    gone: { drop: 'deal-seat' },
  }),
  pair('deal wadomain: another advertiser', {
    source: `${object} wadomain`,
    world: inDeals,
    imp: offer({ wadomain: ['shop.example'] }),
    expect: inDeal,
    twin: { imp: deal({ wadomain: ['rival.example'] }) },
    gone: { drop: 'deal-domain' },
  }),
  pair('deal wadomain: a domain covers its subdomains', {
    source: `${object} wadomain`,
    world: { ...inDeals, advertisers: [anAdvertiser({ domains: ['m.shop.example'] })] },
    imp: offer({ wadomain: ['shop.example'] }),
    expect: inDeal,
    twin: { imp: deal({ wadomain: ['x.shop.example'] }) },
    gone: { drop: 'deal-domain' },
  }),
  pair('private_auction: a campaign that buys openly', {
    source: '2.6 §3.2.11 Pmp private_auction',
    imp: offer({}),
    expect: openly,
    twin: { imp: { pmp: { private_auction: 1 } } },
    gone: { drop: 'private-auction' },
  }),
  pair('private_auction: the deal cannot be had and the open auction is closed', {
    source: '2.6 §3.2.11 Pmp private_auction',
    world: both,
    imp: offer({ bidfloor: 6 }),
    expect: openly,
    twin: { imp: { pmp: { private_auction: 1 } } },
    gone: { drop: 'below-deal-floor' },
  }),
  pair('deal: one below the campaign’s lowest bid is left for the open auction', {
    source: 'campaign minBidMicros',
    world: { campaigns: [aCampaign({ minBidMicros: cpm(4) }, { deals: ['D1'] })] },
    imp: offer({ bidfloor: 3, at: 3 }),
    expect: openly,
    twin: { imp: { pmp: { private_auction: 1 } } },
    gone: { drop: 'below-min-bid' },
  }),
  pair('private_auction: the dearer campaign is not in the deal', {
    source: '2.6 §3.2.11 Pmp private_auction',
    world: {
      campaigns: [aCampaign({}, { deals: ['D1'] }), buys(9, { id: 'dear' })],
      creatives: [aBanner(), aBanner({ id: 'dear', campaignId: 'dear' })],
    },
    imp: offer({}),
    expect: { bids: [{ crid: 'dear', dealid: null, price: 9 }] },
    twin: { imp: { pmp: { private_auction: 1 } } },
    gone: { bids: [{ crid: 'banner', dealid: 'D1', price: 5 }], drop: 'private-auction' },
  }),
]

/** Pairs of deals. */
export const dealPairs: readonly Pair[] = [...floors, ...types, ...access]
