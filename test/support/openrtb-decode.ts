/** For tests of OpenRTB decoding: a request written by hand from the specification, and ways in. */
import { BidRequest, type Imp } from '../../src/domain/bid-request.ts'
import type { Exchange } from '../../src/domain/exchange.ts'
import { Refusal, refusalNames } from '../../src/domain/refusal.ts'
import { DeviceHasher } from '../../src/identity/device-hasher.ts'
import { decodeBidRequest } from '../../src/media/openrtb/decode.ts'
import { readBidRequestJson } from '../../src/media/openrtb/wire/json-reader.ts'
import { writeBidRequestProto } from '../../src/media/openrtb/wire/ortb-proto-writer.ts'

/** Any JSON object. */
export type Json = Readonly<Record<string, unknown>>

const salt = Uint8Array.from({ length: 16 }, (_, i) => i * 11 + 3)
const utf8 = new TextEncoder()

/** The hasher of all decoding tests. */
export const testHasher = new DeviceHasher(salt)

/** An exchange with the defaults of the admin API; what a test is about is given. */
export function exchangeWith(changes: Partial<Exchange> = {}): Exchange {
  return {
    id: 'north',
    name: 'North',
    enabled: true,
    live: true,
    protobufLayout: 'iab',
    currency: 'USD',
    otherCurrencies: [],
    priceUnit: 'cpm',
    tmaxDefaultMs: 120,
    tmaxMaxMs: 1_000,
    networkAllowanceMs: 20,
    sendAllowanceMs: 5,
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
      ...{ publishers: [], domains: [], bundles: [], advertiserDomains: [] },
      ...{ advertiserCategories: [], schainNodes: [] },
    },
    requiresCompleteSchain: false,
    tcfVendorId: 0,
    qpsMax: 0,
    secretHeader: null,
    noBidRecordRate: 0,
    plan: { recallMax: 100, coarseModel: '', fineModel: '', fineMax: 64 },
    ...changes,
  }
}

/** What became of a body: the refusal's name (`none` when it was decoded) and the request. */
export interface Decoded {
  readonly refusal: string
  readonly request: BidRequest
}

/** Decodes bytes or text as they are. */
export function decodeBody(
  body: Uint8Array | string,
  exchange: Exchange = exchangeWith(),
  isJson = true,
): Decoded {
  const request = new BidRequest()
  const bytes = typeof body === 'string' ? utf8.encode(body) : body
  const refusal = decodeBidRequest(bytes, isJson, exchange, { hasher: testHasher }, request)
  return { refusal: refusalNames.get(refusal) ?? String(refusal), request }
}

/** Decodes a whole request given as an object. */
export function decodeJson(body: Json, exchange?: Exchange): Decoded {
  return decodeBody(JSON.stringify(body), exchange)
}

/** The same request as protobuf, by way of the wire object. */
export function decodeAsProto(body: Json, exchange: Exchange = exchangeWith()): Decoded {
  return decodeBody(protoOf(body, exchange.protobufLayout), exchange, false)
}

/** A JSON request as protobuf bytes. */
export function protoOf(body: Json, layout: Exchange['protobufLayout'] = 'iab'): Uint8Array {
  const wire = readBidRequestJson(utf8.encode(JSON.stringify(body)))
  if (wire === null) throw new Error('the request of the test is no OpenRTB')
  return writeBidRequestProto(wire, layout)
}

/** A request that says nothing but what is given; it has one impression that takes any banner. */
export function requestOf(parts: Json, exchange?: Exchange): BidRequest {
  const body = { id: 'r1', imp: [{ id: '1', banner: {} }], ...parts }
  const { refusal, request } = decodeJson(body, exchange)
  if (refusal !== refusalNames.get(Refusal.None)) throw new Error(`refused: ${refusal}`)
  return request
}

/** The one impression of a request with this one. */
export function impOf(parts: Json, exchange?: Exchange, others: Json = {}): Imp {
  return requestOf({ ...others, imp: [{ id: '1', ...parts }] }, exchange).imps[0]!
}

/** Every field of a request as plain data, keys of devices in hex; for comparing two. */
export function viewOf(request: BidRequest): Json {
  const { devices, ...rest } = request
  const keys = Array.from({ length: devices.count }, (_, i) => [devices.type[i], devices.hex(i)])
  return { ...rest, devices: { keys, doubtful: devices.doubtful, overflow: devices.overflow } }
}

const browser = '(KHTML, like Gecko) Chrome/126.0.0.0 Mobile Safari/537.36'

/**
 * A request such as an app's exchange sends, 1.8 KB as JSON: two formats, a deal, client hints, a
 * supply chain, ids and blocks.
 */
export const typicalRequest: Json = {
  id: '7f3d2c9e-6a41-4b0f-9d55-1e8b7a2c4f60',
  imp: [
    {
      id: '1',
      tagid: 'feed-middle-3',
      bidfloor: 0.85,
      bidfloorcur: 'USD',
      secure: 1,
      instl: 0,
      exp: 600,
      banner: {
        format: [
          { w: 320, h: 50 },
          { w: 300, h: 250 },
        ],
        pos: 1,
        battr: [1, 3, 8, 9, 10],
        api: [5, 6, 7],
        mimes: ['image/jpeg', 'image/png', 'text/html'],
      },
      video: {
        mimes: ['video/mp4', 'video/webm'],
        protocols: [2, 3, 5, 6, 7, 8],
        minduration: 5,
        maxduration: 30,
        w: 640,
        h: 360,
        startdelay: 0,
        plcmt: 2,
        linearity: 1,
        skip: 1,
        skipmin: 10,
        playbackmethod: [2, 6],
        api: [7],
      },
      pmp: { private_auction: 0, deals: [{ id: 'D-4711', bidfloor: 2.5, at: 1, wseat: ['s1'] }] },
    },
  ],
  app: {
    id: '90210',
    name: 'Weather Tomorrow',
    bundle: 'com.example.weather.tomorrow',
    domain: 'weather.example',
    storeurl: 'https://play.example/store/apps/details?id=com.example.weather.tomorrow',
    cat: ['IAB15', 'IAB15-10'],
    ver: '8.2.1',
    publisher: { id: 'pub-5521', name: 'Example Apps', domain: 'example.com' },
    content: { language: 'de', cat: ['IAB15-10'] },
  },
  device: {
    ua: `Mozilla/5.0 (Linux; Android 14; SM-S921B) AppleWebKit/537.36 ${browser}`,
    ip: '203.0.113.77',
    devicetype: 4,
    make: 'Samsung',
    model: 'SM-S921B',
    os: 'Android',
    osv: '14',
    w: 1080,
    h: 2340,
    pxratio: 3,
    language: 'de',
    carrier: 'Vodafone',
    mccmnc: '262-02',
    connectiontype: 6,
    ifa: '3f2b1c0d-9e8f-4a7b-b6c5-d4e3f2a1b0c9',
    lmt: 0,
    geo: { country: 'DEU', region: 'BE', city: 'Berlin', zip: '10115', lat: 52.52, lon: 13.4 },
  },
  user: {
    id: 'u-8841',
    buyeruid: 'b-117733',
    eids: [{ source: 'id.example', uids: [{ id: 'E1xYz', atype: 1 }] }],
  },
  at: 1,
  tmax: 180,
  cur: ['USD', 'EUR'],
  bcat: ['IAB7-39', 'IAB8-5', 'IAB8-18', 'IAB9-9', 'IAB25', 'IAB26'],
  badv: ['rival.example', 'casino.example', 'loans.example'],
  bapp: ['com.example.rival'],
  source: {
    tid: 'e1c4a7b2-3d5f-4e6a-8b9c-0d1e2f3a4b5c',
    schain: { complete: 1, ver: '1.0', nodes: [{ asi: 'north.example', sid: '5521', hp: 1 }] },
  },
  regs: { coppa: 0, gdpr: 0 },
}
