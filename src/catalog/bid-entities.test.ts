/** What is stored comes back whole, and the first field that does not fit is named. */
import { describe, expect, test } from 'vitest'
import { ratesId } from '../domain/rates.ts'
import {
  parseAdvertiser,
  parseCampaign,
  parseCreative,
  parseExchange,
  parseRates,
} from './bid-entities.ts'
import { ShapeError } from './json-shape.ts'

type Parse = (json: string, id: string) => object

const advertiser = {
  id: 'acme',
  name: 'Acme',
  enabled: true,
  currency: 'EUR',
  domains: ['acme.example'],
  categories: [{ taxonomy: 1, ids: ['IAB1'] }],
  seat: 's1',
  caps: [{ impressions: 10, minutes: 1_440 }],
}

const campaign = {
  id: 'spring',
  name: 'Spring',
  advertiserId: 'acme',
  enabled: true,
  startMs: 1,
  endMs: null,
  goal: { kind: 'cpa', bidMicros: 5_000_000, byScore: { packId: 'vip', low: 0.5, high: 2 } },
  maxBidMicros: 9_000_000,
  minBidMicros: 0,
  maxCostPerWinMicros: 0,
  prior: { ctr: 0.001, cvr: 0.01 },
  targeting: {
    exchanges: ['x'],
    channels: ['site', 'app'],
    places: [{ country: 'DEU', region: 'BE', city: 'Berlin' }],
    excludedPlaces: [],
    os: [{ os: 'ios', minVersion: '15', maxVersion: '' }],
    deviceTypes: [4],
    makes: ['apple'],
    models: [],
    languages: ['en'],
    carriers: ['460-00'],
    connectionTypes: [2],
    sites: { allow: ['a.example'], deny: [] },
    apps: { allow: [], deny: ['com.bad'] },
    publishers: { allow: [], deny: [] },
    contentCategories: { taxonomy: 1, allow: ['IAB1'], deny: [] },
    positions: [1],
    placements: [1],
    startDelays: ['pre'],
    podSlots: ['first'],
    podSequences: ['last'],
    formats: ['banner'],
    sizes: [{ w: 300, h: 250 }],
    interstitial: 'any',
    rewarded: 'never',
    schedule: {
      zone: 'user',
      fallbackZone: '',
      windows: [{ days: [1, 7], fromMinute: 0, toMinute: 1_440 }],
    },
    audience: { all: ['vip'], any: [], none: [] },
    deals: ['*'],
    openAuction: true,
  },
  caps: [
    { impressions: 3, minutes: 60 },
    { impressions: 128, minutes: 43_200 },
  ],
  converted: [{ kind: 'exclude', advertiserId: 'acme', action: 'purchase', days: 180 }],
}

const media = {
  durationSec: 15,
  isSkippable: true,
  skipAfterSec: 5,
  linearity: 1,
  files: [
    {
      url: 'https://cdn.example/a.mp4',
      mime: 'video/mp4',
      w: 640,
      h: 360,
      bitrateKbps: 800,
      delivery: 2,
    },
  ],
  tagUrl: '',
  protocols: [2, 3],
  verifications: [
    { vendor: 'a.example-omid', scriptUrl: 'https://a.example/o.js', parameters: '' },
  ],
}

const native = {
  titles: ['Short', 'A longer title'],
  images: [{ type: 3, url: 'https://cdn.example/a.png', w: 1_200, h: 627, mime: 'image/png' }],
  data: [{ type: 1, value: 'Acme' }],
  video: media,
  fallbackUrl: '',
}

const creative = {
  id: 'c1',
  campaignId: 'spring',
  name: '',
  enabled: true,
  format: 'banner',
  clickUrl: 'https://acme.example/',
  domains: [],
  categories: [{ taxonomy: 1, ids: ['IAB1'] }],
  bundle: '',
  language: 'en',
  attributes: [1],
  apis: [5],
  previewUrl: '',
  impressionTrackers: ['https://t.example/i'],
  clickTrackers: [],
  caps: [{ impressions: 1, minutes: 1 }],
  history: { impressions: 1, clicks: 1, conversions: 0 },
  banner: {
    w: 300,
    h: 250,
    html: '<a></a>',
    imageUrl: '',
    mime: 'text/html',
    type: 2,
    expands: [1],
  },
  video: null,
  audio: null,
  native: null,
}

const exchange = {
  id: 'x',
  name: 'X',
  enabled: true,
  live: false,
  protobufLayout: 'google',
  currency: 'USD',
  otherCurrencies: ['EUR'],
  priceUnit: 'cpmMicros',
  tmaxDefaultMs: 120,
  tmaxMaxMs: 1_000,
  networkAllowanceMs: 20,
  sendAllowanceMs: 2,
  auctionType: 1,
  firstPriceShare: 0.9,
  noBid: 'reason',
  seat: '',
  bidsPerImpMax: 1,
  macros: { price: '${AUCTION_PRICE}', click: '' },
  notices: { win: true, billing: false, loss: true },
  nativeMarkup: 'string',
  nativeEvents: 'adcom',
  blocked: {
    publishers: ['p'],
    domains: [],
    bundles: [],
    advertiserDomains: [],
    advertiserCategories: [],
    schainNodes: ['a.example/1'],
  },
  requiresCompleteSchain: false,
  tcfVendorId: 7,
  qpsMax: 0,
  secretHeader: { name: 'x-key', values: ['a'] },
  noBidRecordRate: 0.01,
  plan: { recallMax: 2_000, coarseModel: '', fineModel: '', fineMax: 64 },
}

test('a plan from before there were models uses none', () => {
  const old = { ...exchange, plan: { recallMax: 500 } }
  expect(parseExchange(JSON.stringify(old), exchange.id).plan).toEqual({
    recallMax: 500,
    coarseModel: '',
    fineModel: '',
    fineMax: 64,
  })
})

test('what was stored before there were caps and rules on converts has none', () => {
  const { caps: _, converted: __, ...old } = campaign
  expect(parseCampaign(JSON.stringify(old), old.id)).toMatchObject({ caps: [], converted: [] })
  const { caps: ___, ...plain } = advertiser
  expect(parseAdvertiser(JSON.stringify(plain), plain.id).caps).toEqual([])
})

const rates = { id: ratesId, base: 'USD', asOf: '2026-01-02', rates: { EUR: 0.9, JPY: 150 } }

const others = {
  video: { ...creative, format: 'video', banner: null, video: media },
  audio: { ...creative, format: 'audio', banner: null, audio: media },
  native: { ...creative, format: 'native', banner: null, native },
  roas: {
    ...campaign,
    goal: { kind: 'roas', targetRoas: 4, valueMicros: 1, byScore: null },
    targeting: { ...campaign.targeting, schedule: null },
  },
  ltv: { ...campaign, goal: { kind: 'ltv', valueMicros: 1, share: 0.2, byScore: null } },
}

const samples: readonly [string, Parse, { readonly id: string }][] = [
  ['an advertiser', parseAdvertiser, advertiser],
  ['a campaign', parseCampaign, campaign],
  ['a campaign by return', parseCampaign, others.roas],
  ['a campaign by lifetime value', parseCampaign, others.ltv],
  ['a banner', parseCreative, creative],
  ['a video', parseCreative, others.video],
  ['an audio ad', parseCreative, others.audio],
  ['a native ad', parseCreative, others.native],
  ['an exchange', parseExchange, exchange],
  ['a table of rates', parseRates, rates],
]

/** Every path of fields that all entities of the kind have; currencies are names, not fields. */
function fieldPaths(value: unknown, path = ''): string[] {
  if (Array.isArray(value)) return value.flatMap((item, i) => fieldPaths(item, `${path}[${i}]`))
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, inner]) => {
    const here = path === '' ? key : `${path}.${key}`
    return [here, ...fieldPaths(inner, here)]
  })
}

/** Fields that came to their kind later: what was stored before has none. */
function isOfLater(path: string): boolean {
  return ['plan.coarseModel', 'plan.fineModel', 'plan.fineMax', 'caps', 'converted'].includes(path)
}

/** A copy with the value at `path` changed; undefined takes the field away. */
function withValue(value: object, path: string, changed: unknown): string {
  const copy = structuredClone(value) as Record<string, unknown>
  const parts = path.split(/[.[\]]+/).filter((part) => part !== '')
  const last = parts.pop() ?? ''
  let at = copy
  for (const part of parts) at = at[part] as Record<string, unknown>
  if (changed === undefined) delete at[last]
  else at[last] = changed
  return JSON.stringify(copy)
}

describe.each(samples)('%s', (_name, parse, stored) => {
  test('comes back as it was stored', () => {
    expect(parse(JSON.stringify(stored), stored.id)).toEqual(stored)
  })

  test('with any field of another type, or an old one missing, is refused by its path', () => {
    const paths = fieldPaths(stored).filter((path) => !/^rates\.|verifications$/.test(path))
    expect(paths.length).toBeGreaterThan(3)
    for (const path of paths) {
      const wrong = [{ surprise: [] }, 1e300, ...(isOfLater(path) ? [] : [undefined])]
      for (const changed of wrong) {
        const text = withValue(stored, path, changed)
        expect(() => parse(text, stored.id), `${path} = ${JSON.stringify(changed)}`).toThrow(
          ShapeError,
        )
        expect(() => parse(text, stored.id)).toThrow(path.split('[')[0])
      }
    }
  })

  test('is refused under another id', () => {
    expect(() => parse(JSON.stringify(stored), 'other')).toThrow('id: differs')
  })
})

test.each<[string, Parse, { readonly id: string }, string, unknown]>([
  ['a price with a fraction', parseCampaign, campaign, 'goal.bidMicros', 1.5],
  ['a negative limit', parseCampaign, campaign, 'maxBidMicros', -1],
  ['a rate above one', parseCampaign, campaign, 'prior.ctr', 1.01],
  ['a return of nothing', parseCampaign, others.roas, 'goal.targetRoas', 0],
  ['a share of nothing', parseCampaign, others.ltv, 'goal.share', 0],
  ['an unknown channel', parseCampaign, campaign, 'targeting.channels[0]', 'radio'],
  ['an unknown format', parseCreative, creative, 'format', 'none'],
  ['a format without its part', parseCreative, creative, 'banner', null],
  ['a part of another format', parseCreative, creative, 'video', media],
  ['a first price share above one', parseExchange, exchange, 'firstPriceShare', 1.1],
  ['a cap of nothing', parseCampaign, campaign, 'caps[0].impressions', 0],
  ['a window beyond 30 days', parseAdvertiser, advertiser, 'caps[0].minutes', 43_201],
  ['more days than are remembered', parseCampaign, campaign, 'converted[0].days', 181],
  ['a rule of another kind', parseCampaign, campaign, 'converted[0].kind', 'prefer'],
  ['a rate of zero', parseRates, rates, 'rates.EUR', 0],
])('%s is refused by its path', (_name, parse, stored, path, value) => {
  expect(() => parse(withValue(stored, path, value), stored.id)).toThrow(`${path}: `)
})
