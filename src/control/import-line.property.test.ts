/** Whatever a line holds: it is refused by a path, or stored in a form that the compiler reads. */
import fc from 'fast-check'
import { beforeAll, expect, test } from 'vitest'
import { advertiserBody, bannerBody, campaignBody } from '../../test/support/bid-inputs.ts'
import { MemoryCatalogStore } from '../../test/support/memory-catalog.ts'
import {
  parseAdvertiser,
  parseCampaign,
  parseCreative,
  parseExchange,
  parseRates,
} from '../catalog/bid-entities.ts'
import { checkedCampaign } from './campaign-checks.ts'
import { CatalogView } from './catalog-desk.ts'
import { readImportLine } from './import-line.ts'
import { Problem } from './problem.ts'
import { campaignInput } from './schemas/campaign-schema.ts'
import type { ImportKind } from './schemas/import-schema.ts'

const nowMs = 1_700_000_000_000
const media = {
  durationSec: 15,
  isSkippable: true,
  skipAfterSec: 5,
  linearity: 1,
  tagUrl: '',
  protocols: [2, 3],
  verifications: [{ vendor: 'a', scriptUrl: 'https://a.example/o.js', parameters: '' }],
  files: [{ url: 'https://a.example/a.mp4', w: 640, h: 360, bitrateKbps: 800, delivery: 2 }],
}
const native = {
  titles: ['a'],
  images: [{ type: 3, url: 'https://a.example/a.png', w: 1, h: 1, mime: 'image/png' }],
  data: [{ type: 1, value: 'a' }],
  video: media,
  fallbackUrl: '',
}
const { banner: _, ...creative } = bannerBody
const targeting = {
  places: [{ country: 'US', region: 'CA', city: 'a' }],
  os: [{ os: 'ios', minVersion: '1', maxVersion: '2' }],
  sites: { allow: ['a.example'], deny: ['b.example'] },
  sizes: [{ w: 1, h: 1 }],
  schedule: {
    zone: 'user',
    fallbackZone: '',
    windows: [{ days: [1], fromMinute: 0, toMinute: 1 }],
  },
  audience: { all: ['vip'], any: [], none: [] },
  deals: ['*'],
  openAuction: true,
}
const score = { packId: 'vip', low: 0, high: 2 }

const bodies: readonly (readonly [ImportKind, object])[] = [
  ['advertiser', { ...advertiserBody, categories: [{ taxonomy: 1, ids: ['IAB1'] }] }],
  [
    'campaign',
    { ...campaignBody, targeting, maxBidCpm: '5', minBidMicros: 1, startMs: 1, endMs: 2 },
  ],
  ['campaign', { ...campaignBody, goal: { kind: 'cpa', bid: '1', byScore: score } }],
  ['campaign', { ...campaignBody, goal: { kind: 'roas', value: '1', targetRoas: 2 } }],
  ['campaign', { ...campaignBody, goal: { kind: 'ltv', valueMicros: 1, share: 0.5 } }],
  ['creative', { ...bannerBody, attributes: [1], history: { impressions: 2, clicks: 1 } }],
  ['creative', { ...creative, video: media }],
  ['creative', { ...creative, audio: media }],
  ['creative', { ...creative, native }],
  [
    'exchange',
    {
      live: true,
      tmaxDefaultMs: 100,
      networkAllowanceMs: 1,
      macros: { price: 'PRICE' },
      blocked: { domains: ['a.example'] },
      secretHeader: { name: 'a', values: ['0123456789abcdef'] },
      plan: { recallMax: 10 },
    },
  ],
  ['rates', { base: 'USD', asOf: '2023-11-14', rates: { EUR: 1 } }],
]

const parsers: Readonly<Record<ImportKind, (json: string, id: string) => object>> = {
  advertiser: parseAdvertiser,
  campaign: parseCampaign,
  creative: parseCreative,
  exchange: parseExchange,
  rates: parseRates,
}

let view: CatalogView
beforeAll(async () => {
  const store = new MemoryCatalogStore()
  await store.put('advertiser', 'acme', {})
  const base = new CatalogView(1, (await store.load()).entities)
  const input = campaignInput.parse(campaignBody)
  await store.put('campaign', 'spring', checkedCampaign('spring', input, base).value)
  view = new CatalogView(2, (await store.load()).entities)
})

/** Every place of a body, the body itself left out. */
function placesOf(value: unknown, path: readonly (string | number)[] = []): (string | number)[][] {
  if (typeof value !== 'object' || value === null) return []
  const keys = Array.isArray(value) ? [...value.keys()] : Object.keys(value)
  return keys.flatMap((key) => {
    const here = [...path, key]
    return [here, ...placesOf((value as Record<string | number, unknown>)[key], here)]
  })
}

/** The body with something else at one of its places. */
function changed(body: object, place: readonly (string | number)[], to: unknown): object {
  const copy = structuredClone(body)
  const last = place.at(-1) ?? ''
  let at = copy as Record<string | number, unknown>
  for (const key of place.slice(0, -1)) at = at[key] as Record<string | number, unknown>
  at[last] = to
  return copy
}

const surprising = fc.oneof(
  fc.jsonValue(),
  fc.integer(),
  fc.double(),
  fc.constant(undefined),
  fc.constantFrom('', '0', ' ', 'US', 'ios', '*', '9'.repeat(20), '1.5', 'https://a.example/x.png'),
  fc.constantFrom(0, 1, -1, 1.5, 1e15, 1e16, 1e300, null, true, [], {}, [null], { kind: 'cpm' }),
)

test('a body that is taken is stored so that the compiler reads it back the same', () => {
  let taken = 0
  fc.assert(
    fc.property(fc.constantFrom(...bodies), fc.nat(), surprising, ([kind, body], pick, to) => {
      const places = placesOf(body)
      const place = places[pick % places.length] ?? []
      const id = kind === 'rates' ? 'main' : 'x'
      const text = JSON.stringify({ kind, id, value: changed(body, place, to) })
      const line = { number: 1, text, bytes: text.length, fault: null }
      const entry = readImportLine(line, nowMs)
      expect(entry.do).not.toBe('delete')
      if (entry.do !== 'put') return
      try {
        const { value } = entry.check(view)
        const json = JSON.stringify(value)
        expect(JSON.stringify(parsers[kind](json, id)).length).toBe(json.length)
        expect(parsers[kind](json, id)).toEqual(JSON.parse(json))
        taken++
      } catch (error) {
        if (!(error instanceof Problem)) throw error
        expect(error.extra.errors?.length).toBeGreaterThan(0)
      }
    }),
    { numRuns: 4_000 },
  )
  // Most surprises are refused; a run that takes nothing would prove nothing.
  expect(taken).toBeGreaterThan(20)
})

test.each(bodies)('the %s these bodies begin with is taken as it is', (kind, body) => {
  const text = JSON.stringify({ kind, id: kind === 'rates' ? 'main' : 'x', value: body })
  const entry = readImportLine({ number: 1, text, bytes: text.length, fault: null }, nowMs)
  expect(entry).toMatchObject({ do: 'put' })
  if (entry.do === 'put') expect(entry.check(view).value).toBeDefined()
})
