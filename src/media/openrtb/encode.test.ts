import { describe, expect, test } from 'vitest'
import {
  advertiserOf,
  audioPart,
  bannerPart,
  bannerSlot,
  bidOf,
  creativeOf,
  decisionOf,
  exchangeOf,
  impOf,
  links,
  mediaPart,
  mediaSlot,
  nativeSlot,
  requestOf,
} from '../../../test/support/slot-fixtures.ts'
import type { Bid } from '../../domain/bid-decision.ts'
import type { Deal, Imp } from '../../domain/bid-request.ts'
import type { Creative } from '../../domain/creative.ts'
import type { Exchange } from '../../domain/exchange.ts'
import type { Micros } from '../../domain/money.ts'
import { encodeBidResponse } from './encode.ts'
import { readBidResponseProto } from './wire/ortb-proto-reader.ts'

const imp = impOf({ banner: bannerSlot() })
const banner = creativeOf('banner')

function json(bids: readonly Bid[], exchange: Partial<Exchange> = {}) {
  const request = requestOf(bids.map((bid) => bid.imp))
  const decision = decisionOf(bids, exchangeOf(exchange))
  return JSON.parse(Buffer.from(encodeBidResponse(request, decision, { links })).toString())
}

function oneBid(change: {
  readonly creative?: Partial<Creative>
  readonly imp?: Partial<Imp>
  readonly bid?: Partial<Bid>
  readonly exchange?: Partial<Exchange>
}) {
  const own = { ...imp, ...change.imp }
  const bid = bidOf({ ...banner, ...change.creative }, own, change.bid)
  return json([bid], change.exchange).seatbid[0].bid[0]
}

test('a plain bid has every field that the exchange asks for, and no more', () => {
  const answer = json([bidOf(banner, imp)])
  const [{ bid }] = answer.seatbid
  expect({ ...answer, seatbid: [] }).toEqual({
    id: 'auction-1',
    bidid: '00112233aabbccdd',
    cur: 'USD',
    seatbid: [],
  })
  expect(Object.keys(answer.seatbid[0])).toEqual(['bid'])
  expect(bid).toEqual([
    {
      id: '1',
      impid: 'i1',
      price: 1.25,
      adid: 'cr1',
      crid: 'cr1',
      cid: 'ca1',
      adomain: ['shop.example'],
      cat: ['IAB18-1'],
      cattax: 1,
      iurl: 'https://cdn.example/a.png',
      w: 300,
      h: 250,
      mtype: 1,
      burl: 'https://b.example/n/bill?t=00112233aabbccdd.1&p=${AUCTION_PRICE}',
      lurl: 'https://b.example/n/loss?t=00112233aabbccdd.1&p=${AUCTION_PRICE}&l=${AUCTION_LOSS}',
      adm: bid[0].adm,
    },
  ])
})

describe('the price', () => {
  const price = (priceUnit: Exchange['priceUnit'], micros: number) =>
    oneBid({ bid: { priceMicros: micros as Micros }, exchange: { priceUnit } }).price

  test.each([
    ['cpm', 1_234_567, 1.234567],
    ['cpm', 1, 0.000001],
    ['cpm', 100_000, 0.1],
    ['cpmMicros', 1_234_567, 1_234_567],
    ['perImpression', 1_234_567, 0.001234567],
  ] as const)('in %s of %i micros is %d', (unit, micros, expected) => {
    expect(price(unit, micros)).toBe(expected)
  })
})

test('bids are grouped by seat, in the order of the bids', () => {
  const second = impOf({ id: 'i2', index: 1, banner: bannerSlot() })
  const bids = [
    bidOf(banner, imp, { seat: 's1' }),
    bidOf(banner, second, { id: '2', seat: '' }),
    bidOf(banner, second, { id: '3', seat: 's1' }),
  ]
  const { seatbid } = json(bids)
  expect(
    seatbid.map(({ seat, bid }: { seat?: string; bid: { id: string }[] }) => [
      seat,
      bid.map(({ id }) => id),
    ]),
  ).toEqual([
    ['s1', ['1', '3']],
    [undefined, ['2']],
  ])
})

test('the creative’s own domains and categories come before the advertiser’s', () => {
  const own = { domains: ['own.example'], categories: [{ taxonomy: 7, ids: ['223'] }] }
  expect(oneBid({ creative: own })).toMatchObject({
    adomain: ['own.example'],
    cat: ['223'],
    cattax: 7,
  })
})

test('categories are given in the taxonomy of the request where there are some', () => {
  const categories = [
    { taxonomy: 1, ids: ['IAB1'] },
    { taxonomy: 2, ids: [] },
    { taxonomy: 7, ids: ['223'] },
  ]
  const bid = bidOf(banner, imp, { advertiser: advertiserOf({ categories }) })
  const categoriesAt = (taxonomy: number) => {
    const request = requestOf([imp])
    request.categoryTaxonomy = taxonomy
    const bytes = encodeBidResponse(request, decisionOf([bid]), { links })
    const { cat, cattax } = JSON.parse(Buffer.from(bytes).toString()).seatbid[0].bid[0]
    return [cat, cattax]
  }
  expect(categoriesAt(7)).toEqual([['223'], 7])
  expect(categoriesAt(2)).toEqual([['IAB1'], 1])
})

test('a deal, an expiry, a bundle, a preview and frameworks are passed on', () => {
  const creative = {
    bundle: 'com.example',
    previewUrl: 'https://cdn.example/p.png',
    apis: [5],
    attributes: [1, 9],
  }
  const deal = { id: 'd1' } as Deal
  expect(oneBid({ creative, bid: { deal }, imp: { expirySec: 300 } })).toMatchObject({
    dealid: 'd1',
    exp: 300,
    bundle: 'com.example',
    iurl: 'https://cdn.example/p.png',
    apis: [5],
    api: 5,
    attr: [1, 9],
  })
  expect(oneBid({ creative: { apis: [5, 7] } })).not.toHaveProperty('api')
})

test('a language goes into the one of two fields that can hold it', () => {
  expect(oneBid({ creative: { language: 'de' } })).toMatchObject({ language: 'de' })
  const region = oneBid({ creative: { language: 'de-at' } })
  expect(region).toMatchObject({ langb: 'de-at' })
  expect(region).not.toHaveProperty('language')
})

test('notices are those that the exchange wants', () => {
  const only = (notices: Exchange['notices']) => {
    const { nurl, burl, lurl } = oneBid({ exchange: { notices } })
    return [nurl, burl, lurl].map((url) => url?.split('?')[0])
  }
  expect(only({ win: true, billing: false, loss: false })).toEqual([
    'https://b.example/n/win',
    undefined,
    undefined,
  ])
  expect(only({ win: false, billing: true, loss: true })).toEqual([
    undefined,
    'https://b.example/n/bill',
    'https://b.example/n/loss',
  ])
})

test('a place in a pod is named in dynamic pods alone', () => {
  const place = { id: 'p', sequence: 0, slot: 2, durationSec: 60, adsMax: 4, dedupe: [] }
  const wire = (durationSec: number) => {
    const video = mediaSlot({ pod: { ...place, durationSec } })
    const own = impOf({ video })
    return json([bidOf(creativeOf('video'), own, { slotInPod: 1 })]).seatbid[0].bid[0]
  }
  expect(wire(60).slotinpod).toBe(1)
  expect(wire(0)).not.toHaveProperty('slotinpod')
})

test('every bid of a pod is a document with one ad', () => {
  const pod = { id: 'p', sequence: 0, slot: 0, durationSec: 60, adsMax: 4, dedupe: [] }
  const own = impOf({ video: mediaSlot({ pod }) })
  const bids = ['1', '2'].map((id) => bidOf(creativeOf('video'), own, { id }))
  for (const { adm } of json(bids).seatbid[0].bid) expect(adm.split('<Ad ')).toHaveLength(2)
})

test('a bid without markup is left out', () => {
  const broken = { ...banner, banner: null }
  expect(json([bidOf(broken, imp), bidOf(banner, imp, { id: '2' })]).seatbid[0].bid).toHaveLength(1)
  expect(json([bidOf(broken, imp)])).not.toHaveProperty('seatbid')
})

describe('protobuf', () => {
  const imps = [
    imp,
    impOf({ id: 'i2', video: mediaSlot() }),
    impOf({ id: 'i3', audio: mediaSlot() }),
    impOf({ id: 'i4', native: nativeSlot() }),
  ]
  const creatives = [
    banner,
    creativeOf('video', { video: mediaPart({ isSkippable: true }) }),
    creativeOf('audio', { audio: audioPart() }),
    creativeOf('native'),
  ]
  const bids = creatives.map((creative, index) =>
    bidOf(creative, imps[index]!, { id: String(index + 1) }),
  )

  test.each([
    ['iab', 'string'],
    ['iab', 'object'],
    ['google', 'string'],
    ['google', 'object'],
  ] as const)('of the %s layout, native as %s, says what JSON says', (layout, nativeMarkup) => {
    const exchange = exchangeOf({ protobufLayout: layout, nativeMarkup })
    const decision = decisionOf(bids, exchange)
    const bytes = encodeBidResponse(requestOf(imps, false), decision, { links })
    const read = readBidResponseProto(bytes, layout)
    const text = Buffer.from(encodeBidResponse(requestOf(imps), decision, { links })).toString()
    const fromJson = JSON.parse(text).seatbid[0].bid
    expect(read?.seatbid[0]?.bid).toHaveLength(4)
    for (const [index, bid] of (read?.seatbid[0]?.bid ?? []).entries()) {
      const { adm, ...others } = fromJson[index]
      expect(bid).toMatchObject(others)
      if (typeof adm === 'string') expect(bid.adm).toBe(adm)
      else expect(bid.adm_native).toMatchObject({ ver: adm.ver, imptrackers: adm.imptrackers })
    }
  })
})

describe('nothing of ours is left unresolved', () => {
  test.each(['banner', 'video', 'audio', 'native'] as const)('in a %s', (format) => {
    const own = creativeOf(format, {
      impressionTrackers: ['https://t.example/{{CREATIVE_ID}}/{{UNKNOWN}}'],
      clickTrackers: ['https://t.example/{{CACHEBUSTER}}'],
    })
    const html = bannerPart({ html: '<a href="{{CLICK_URL}}">{{WIDTH}}</a>{{UNKNOWN}}' })
    const creative = format === 'banner' ? { ...own, banner: html } : own
    const slots = { banner: bannerSlot(), video: mediaSlot(), audio: mediaSlot() }
    const whole = JSON.stringify(json([bidOf(creative, impOf({ ...slots, native: nativeSlot() }))]))
    expect(whole).not.toContain('{{')
    expect(whole).toContain('${AUCTION_PRICE}')
    expect(whole).not.toContain('http://')
  })
})
