/** The story of the demo's bids: the same shop on an exchange, its catalog and who asks. */
import { md5Hex } from './request-options.ts'

/** One request of the exchange, and what is to come of it. */
export interface BidCase {
  readonly who: string
  readonly request: Readonly<Record<string, unknown>>
  /** `creative price` of every bid, in the order of the impressions; empty = no bid. */
  readonly expected: readonly string[]
  readonly why: string
}

/** Name of the exchange, as in its route. */
export const demoExchange = 'demo-exchange'

/** Pack of the advertising ids that the shop's app has seen. */
export const appUsers = { id: 'app-users', idType: 'gaid', count: 5_000 } as const

/** Made-up advertising id of phone `number`. */
function adId(number: number): string {
  const hex = md5Hex(`demo ad id ${number}`)
  const parts = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20)]
  return [...parts, hex.slice(20)].join('-')
}

/** The pack's upload: one id a line. */
export function* appUserLines(): Generator<Uint8Array> {
  let text = ''
  for (let number = 0; number < appUsers.count; number++) text += `${adId(number)}\n`
  yield Buffer.from(text, 'latin1')
}

const landing = 'https://shoes.example/run'
const cdn = 'https://cdn.shoes.example'

const video = (id: string, durationSec: number) => ({
  kind: 'creative',
  value: {
    id,
    campaignId: 'brand',
    clickUrl: landing,
    video: {
      durationSec,
      files: [{ url: `${cdn}/${id}.mp4`, w: 640, h: 360, bitrateKbps: 800 }],
    },
  },
})

const banner = (id: string, campaignId: string) => ({
  kind: 'creative',
  value: {
    id,
    campaignId,
    clickUrl: landing,
    banner: { w: 300, h: 250, imageUrl: `${cdn}/${id}.png` },
  },
})

/**
 * The catalog, a line each: what `POST /api/v1/import` takes. Made-up rates, easy to reckon with, of
 * a day that no machine takes for the future.
 */
export const demoCatalog: readonly object[] = [
  { kind: 'rates', value: { base: 'USD', asOf: '2023-11-01', rates: { EUR: 0.8 } } },
  {
    kind: 'exchange',
    value: { id: demoExchange, otherCurrencies: ['EUR'], noBid: 'reason', noBidRecordRate: 1 },
  },
  {
    kind: 'advertiser',
    value: { id: 'shoe-shop', currency: 'EUR', domains: ['shoes.example'] },
  },
  {
    kind: 'campaign',
    value: {
      id: 'brand',
      name: 'Seen by many: 3.20 EUR for a thousand impressions in Germany',
      advertiserId: 'shoe-shop',
      goal: { kind: 'cpm', bidCpm: '3.20' },
      targeting: { places: [{ country: 'DE' }], deals: ['gold-2026'] },
    },
  },
  {
    kind: 'campaign',
    value: {
      id: 'win-back',
      name: 'A sale is worth 40 EUR, for users of the app only; never above 8.00 EUR CPM',
      advertiserId: 'shoe-shop',
      goal: { kind: 'cpa', bid: '40.00' },
      prior: { ctr: 0.005, cvr: 0.05 },
      maxBidCpm: '8.00',
      targeting: { places: [{ country: 'DE' }], audience: { all: [appUsers.id] } },
    },
  },
  banner('brand-banner', 'brand'),
  banner('win-back-banner', 'win-back'),
  video('brand-video-15', 15),
  video('brand-video-6', 6),
  {
    kind: 'creative',
    value: {
      id: 'brand-native',
      campaignId: 'brand',
      clickUrl: landing,
      native: {
        titles: ['Run further in the same shoes'],
        images: [{ type: 3, url: `${cdn}/wide.png`, w: 1_200, h: 627 }],
        data: [{ type: 1, value: 'Shoe Shop' }],
      },
    },
  },
]

/** The campaigns in the marketer's words. */
export const demoCampaigns: readonly (readonly [id: string, meaning: string])[] = [
  ['brand', '3.20 EUR CPM, anyone in Germany; banner, two videos, native; one deal'],
  ['win-back', '40 EUR a sale, users of the app in Germany: worth 10.00 EUR CPM, limit 8.00'],
]

const user = adId(7)
const stranger = adId(4_000_000)

let requests = 0

function request(imp: readonly object[], own: object = {}, ifa = stranger): BidCase['request'] {
  requests++
  return {
    id: `demo-${requests}`,
    at: 1,
    tmax: 500,
    cur: ['USD'],
    imp,
    app: { bundle: 'com.news.example', name: 'News' },
    device: { os: 'Android', osv: '14', devicetype: 4, ifa, geo: { country: 'DEU' } },
    ...own,
  }
}

const bannerImp = { id: '1', banner: { format: [{ w: 300, h: 250 }] } }
const videoPart = {
  mimes: ['video/mp4'],
  protocols: [2, 3, 7],
  minduration: 5,
  maxduration: 30,
  w: 640,
  h: 360,
}
const nativePart = {
  ver: '1.2',
  request: JSON.stringify({
    ver: '1.2',
    assets: [
      { id: 1, required: 1, title: { len: 90 } },
      { id: 2, required: 1, img: { type: 3, wmin: 600, hmin: 314 } },
    ],
  }),
}

/** Asked while the exchange is in dry run, and again when it is live. */
export const firstBidCase: BidCase = {
  who: 'a banner for a user of the app',
  request: request([bannerImp], {}, user),
  expected: ['win-back-banner 10'],
  why: 'Worth 10.00 EUR, limited to 8.00 EUR, which are 10.00 USD at the rates of the table.',
}

/** What the exchange asks when it is live. */
export const bidCases: readonly BidCase[] = [
  firstBidCase,
  {
    who: 'the same banner for a stranger',
    request: request([bannerImp]),
    expected: ['brand-banner 4'],
    why: 'Not in the audience of the dear campaign: 3.20 EUR of the other are 4.00 USD.',
  },
  {
    who: 'the same user under GDPR, without consent',
    request: request([bannerImp], { regs: { gdpr: 1 } }, user),
    expected: ['brand-banner 4'],
    why: 'Personal data may not be used, so nobody looks whether this user is known.',
  },
  {
    who: 'a video',
    request: request([{ id: '1', video: { ...videoPart, maxduration: 10 } }]),
    expected: ['brand-video-6 4'],
    why: 'At most ten seconds: the short one fits. VAST with our tracking is in the answer.',
  },
  {
    who: 'a native card',
    request: request([{ id: '1', native: nativePart }]),
    expected: ['brand-native 4'],
    why: 'Title and picture are required, and both are there.',
  },
  {
    who: 'a private auction with a deal from 3.50 USD',
    request: request([
      {
        ...bannerImp,
        pmp: { private_auction: 1, deals: [{ id: 'gold-2026', bidfloor: 3.5, at: 1 }] },
      },
    ]),
    expected: ['brand-banner 4 gold-2026'],
    why: 'Only one campaign buys through this deal, and it reaches the floor.',
  },
  {
    who: 'a pod of two videos, no ad twice',
    request: request([
      { id: '1', video: { ...videoPart, podid: 'break', slotinpod: 1, poddedupe: [3] } },
      { id: '2', video: { ...videoPart, podid: 'break', poddedupe: [3] } },
    ]),
    expected: ['brand-video-15 4', 'brand-video-6 4'],
    why: 'Both films are equally dear; the second place gets the one that the first did not.',
  },
  {
    who: 'a banner from 25 USD',
    request: request([{ ...bannerImp, bidfloor: 25 }], {}, user),
    expected: [],
    why: 'More than it is worth: nobody bids below a floor, nor above a limit.',
  },
  {
    who: 'a banner in a country that nobody targets',
    request: request([bannerImp], { device: { os: 'Android', geo: { country: 'FRA' } } }),
    expected: [],
    why: 'Both campaigns are for Germany.',
  },
]
