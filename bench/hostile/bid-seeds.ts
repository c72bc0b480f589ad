/** Requests that the storms over the bidder start from: ours by hand, and made-up ones. */
import type { OrtbLayout } from '../../src/media/openrtb/wire/ortb-schema.ts'
import { asProtobuf, bidRequestBodies } from '../data/bid-requests.ts'
import { benchExchange, benchGoogleExchange, type RequestObject } from '../data/bid-words.ts'
import { hostileBodies } from './mutate.ts'
import { hostileJson } from './mutate-json.ts'

/** One wire of the bidder and its supply of hostile bodies. */
export interface BidStorm {
  readonly name: string
  readonly isJson: boolean
  readonly exchange: string
  readonly contentType: string
  /** Real bodies, undamaged. */
  readonly seeds: readonly Uint8Array[]
  /** A supply by its seed: every other body is damaged byte by byte, the rest value by value. */
  readonly supply: (seed: number) => () => Uint8Array
}

/** Made-up requests among the seeds. */
const drawnSeeds = 200

/** Every wire: JSON, and protobuf in both layouts. */
export function bidStorms(): BidStorm[] {
  const json = [
    ...byHand.map((object) => Buffer.from(JSON.stringify(object))),
    ...bidRequestBodies({ count: drawnSeeds, knownDevices: 1_000 }),
  ]
  return [
    {
      name: 'openrtb JSON',
      isJson: true,
      exchange: benchExchange,
      contentType: 'application/json',
      seeds: json,
      supply: (seed) => inTurn(hostileBodies(json, seed), hostileJson(json, seed)),
    },
    protobufStorm('openrtb protobuf', json, 'iab'),
    protobufStorm('openrtb protobuf, Google layout', json, 'google'),
  ]
}

function protobufStorm(name: string, json: readonly Uint8Array[], layout: OrtbLayout): BidStorm {
  const seeds = json.map((body) => asProtobuf(body, layout))
  return {
    name,
    isJson: false,
    exchange: layout === 'iab' ? benchExchange : benchGoogleExchange,
    contentType: 'application/x-protobuf',
    seeds,
    supply: (seed) => {
      const damagedValues = hostileJson(json, seed)
      return inTurn(hostileBodies(seeds, seed), () => onWire(damagedValues(), layout, seeds))
    },
  }
}

/** A damaged JSON request as protobuf; one that cannot be read at all gives way to a seed. */
function onWire(body: Uint8Array, layout: OrtbLayout, seeds: readonly Uint8Array[]): Uint8Array {
  try {
    return asProtobuf(body, layout)
  } catch {
    return seeds[body.length % seeds.length] ?? body
  }
}

function inTurn(first: () => Uint8Array, second: () => Uint8Array): () => Uint8Array {
  let turn = 0
  return () => (turn++ % 2 === 0 ? first() : second())
}

const site = {
  id: 's1',
  domain: 'news1.example',
  page: 'https://news1.example/a',
  cat: ['IAB1', 'IAB12-3'],
  publisher: { id: 'pub-1', cat: ['IAB1'], domain: 'publisher.example' },
  content: { id: 'c1', title: 'T', language: 'en', len: 600, livestream: 0, keywords: 'a,b' },
}
const device = {
  ua: 'Mozilla/5.0 (Linux; Android 13; Pixel 7) AppleWebKit/537.36 Chrome/126.0.0.0 Mobile',
  ip: '198.51.100.7',
  os: 'Android',
  osv: '13',
  devicetype: 4,
  make: 'Google',
  model: 'Pixel 7',
  ifa: '38400000-8cf0-41bd-b23e-10b96e40000d',
  geo: { country: 'USA', region: 'CA', city: 'Springfield', lat: 37.5, lon: -122.1 },
  sua: {
    browsers: [{ brand: 'Chromium', version: ['126', '0'] }],
    platform: { brand: 'Android', version: ['13'] },
    mobile: 1,
    source: 2,
  },
}

/** What made-up requests have too little of: pods, screens, wrapped native, the places of 2.5. */
const byHand: readonly RequestObject[] = [
  {
    id: 'pod',
    imp: [
      {
        id: '1',
        video: {
          mimes: ['video/mp4'],
          poddur: 90,
          maxseq: 4,
          podid: 'p1',
          podseq: 1,
          slotinpod: 0,
          mincpmpersec: 0.02,
          rqddurs: [15, 30],
          poddedupe: [1, 2, 5],
          protocols: [2, 3, 7],
          linearity: 1,
          durfloors: [{ mindur: 1, maxdur: 15, bidfloor: 0.1 }],
        },
      },
      { id: '2', video: { mimes: ['video/mp4'], podid: 'p1', slotinpod: 1, maxduration: 30 } },
    ],
    app: { id: 'a', bundle: 'com.example.tv', content: { channel: { name: 'C' }, episode: 3 } },
    device: { ...device, devicetype: 3 },
    at: 1,
  },
  {
    id: 'dooh',
    imp: [{ id: '1', banner: { w: 1_920, h: 1_080 }, qty: { multiplier: 14.2, sourcetype: 1 } }],
    dooh: { id: 'd', venuetype: ['airport'], venuetypetax: 1, publisher: { id: 'p' } },
    device: { ip: '198.51.100.8', devicetype: 8 },
  },
  {
    id: 'native',
    imp: [
      {
        id: '1',
        native: {
          request: '{"native":{"ver":"1.1","assets":[{"id":1,"required":1,"title":{"len":90}}]}}',
          ver: '1.1',
        },
        secure: 1,
      },
    ],
    site,
    device,
  },
  {
    id: 'old',
    imp: [{ id: '1', banner: { w: 300, h: 250 }, ext: { rewarded: 1 }, bidfloor: '0.2' }],
    site,
    device,
    user: {
      id: 'u',
      ext: { consent: 'CO', eids: [{ source: 'id.example', uids: [{ id: 'x', atype: 1 }] }] },
    },
    regs: { coppa: 0, ext: { gdpr: 0, us_privacy: '1YNN', gpp: 'DBAA', gpp_sid: [7] } },
    source: {
      ext: { schain: { ver: '1.0', complete: 1, nodes: [{ asi: 'a.example', sid: '1' }] } },
    },
  },
  {
    id: 'deals',
    imp: [
      {
        id: '1',
        audio: { mimes: ['audio/mpeg'], minduration: 5, maxduration: 30, protocols: [2, 3] },
        banner: {
          format: [
            { w: 300, h: 250 },
            { wratio: 6, hratio: 5, wmin: 200 },
          ],
          expdir: [1],
        },
        pmp: {
          private_auction: 0,
          deals: [
            { id: 'deal-1', bidfloor: 0.3, bidfloorcur: 'EUR', at: 3, wseat: ['sluice'] },
            { id: 'deal-2', wadomain: ['b1.test'], guar: 0, durfloors: [{ mindur: 5 }] },
          ],
        },
      },
    ],
    site,
    device,
    cur: ['EUR', 'USD'],
    wlang: ['en', 'de'],
    acat: ['IAB1', 'IAB2'],
    cattax: 1,
    tmax: 250,
    allimps: 0,
  },
]
