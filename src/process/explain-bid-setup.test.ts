/** `POST /api/v1/explain` of bid requests: the real decoder, decider and encoder over a test catalog. */
import { gzipSync } from 'node:zlib'
import { beforeEach, expect, test } from 'vitest'
import {
  aBanner,
  aCampaign,
  anAdvertiser,
  anExchange,
  type BidWorld,
  unit,
  writeWorld,
} from '../../test/support/bid-world.ts'
import { type Harness, newHarness } from '../../test/support/control-harness.ts'
import { protoOf, testHasher } from '../../test/support/openrtb-decode.ts'
import { MemoryAudience, packOf } from '../../test/support/rta-fixtures.ts'
import { BidCatalog } from '../catalog/bid/bid-catalog.ts'
import { BidCompiler } from '../catalog/bid/bid-compiler.ts'
import { noGeo } from '../domain/geo-port.ts'
import type { Micros } from '../domain/money.ts'
import { emptyLayout, indexPacks } from '../domain/pack.ts'
import { ManualClock } from '../lib/clock.ts'
import { setUpExplainBids } from './explain-bid-setup.ts'

const request = {
  id: 'r1',
  imp: [{ id: '1', bidfloor: 1.5, banner: { w: 300, h: 250 } }],
  site: { domain: 'news.example', page: 'https://news.example/a' },
  device: {
    ua: 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_1 like Mac OS X)',
    os: 'iOS',
    osv: '17.1',
    ifa: '0e6ee4c9-a10c-4af3-bd5d-5b1d27ad3f3d',
    geo: { country: 'DEU' },
  },
}

let follows = 0
let stops = 0

beforeEach(() => {
  follows = 0
  stops = 0
})

async function newExplain(
  world: BidWorld = {},
): Promise<Harness & { ask: (body: object) => ReturnType<Harness['call']> }> {
  const clock = new ManualClock(Date.UTC(2026, 10, 22, 12))
  const view = {
    packs: indexPacks([packOf('vip', 0), packOf('churned', 1)], clock.wallMs()),
    layout: emptyLayout(),
  }
  const explain = {
    adapters: new Map(),
    decider: { decide: () => Promise.reject(new Error('RTA is not asked here')) },
    prepare: () => Promise.resolve(),
    encodeRequest: () => null,
  }
  const ports: { harness: Harness | null } = { harness: null }
  const { port } = setUpExplainBids({
    clock,
    geo: noGeo,
    hasher: testHasher,
    audience: new MemoryAudience(),
    audienceView: () => view,
    publicUrl: 'https://bid.example',
    ranker: null,
    sleep: () => new Promise((resolve) => setImmediate(resolve)),
    follow: () => {
      follows++
      const catalog = new BidCatalog(clock)
      const { harness } = ports
      if (harness === null) throw new Error('no catalog yet')
      const compiler = new BidCompiler({
        store: harness.catalog,
        post: (message) => catalog.receive(message),
      })
      void compiler.look()
      return {
        catalog,
        stop: async () => {
          stops++
        },
      }
    },
  })
  const harness = await newHarness({ clock, explain: { ...explain, bids: port } })
  ports.harness = harness
  await writeWorld(harness.catalog, world)
  const ask = (body: object) =>
    harness.call('POST', '/api/v1/explain', {
      role: 'viewer',
      body: { medium: 'openrtb', exchange: 'x', body: request, ...body },
    })
  return { ...harness, ask }
}

test('tells the stages, the price with its parts, and the answer as the exchange would see it', async () => {
  const { ask } = await newExplain()
  const { status, body } = await ask({})
  expect(status).toBe(200)
  expect(body).toMatchObject({
    medium: 'openrtb',
    exchange: 'x',
    decoded: { refusal: 0, requestId: 'r1', isJson: true, country: 'DEU', os: 'ios' },
    privacy: { limit: 'none', usedPersonalData: true },
    profile: { ids: [{ type: 'idfa' }], packs: [] },
    decision: { refusal: 0, bids: 1, isDryRun: false },
    trace: {
      currency: 'USD',
      slots: [
        {
          format: 'banner',
          floorMicros: 1.5 * unit,
          eligibleCampaigns: 1,
          recalled: 1,
          priced: 1,
          chosen: [
            {
              creativeId: 'banner',
              priceMicros: 5 * unit,
              isBid: true,
              parts: { valueMicros: 5 * unit, offers: [{ dealId: '', floorMicros: 1.5 * unit }] },
            },
          ],
        },
      ],
    },
    why: null,
    answer: {
      status: 200,
      contentType: 'application/json',
      message: { id: 'r1', seatbid: [{ bid: [{ impid: '1', price: 5, crid: 'banner' }] }] },
      ifLive: null,
    },
  })
  expect(JSON.stringify(body)).not.toContain('0e6ee4c9')
})

test('protobuf is told by its content type, gzip by its first bytes, and both by nothing at all', async () => {
  const { ask } = await newExplain()
  const bytes = protoOf(request, 'iab')
  const asked = (body: Uint8Array, headers: Record<string, string>) =>
    ask({ body: undefined, bodyBase64: Buffer.from(body).toString('base64'), headers })
  for (const answer of [
    await asked(bytes, { 'Content-Type': 'application/x-protobuf' }),
    await asked(bytes, {}),
    await asked(gzipSync(bytes), { 'content-type': 'application/x-protobuf' }),
  ]) {
    expect(answer.body).toMatchObject({
      decoded: { isJson: false, requestId: 'r1' },
      decision: { bids: 1 },
      answer: { contentType: 'application/x-protobuf', message: { id: 'r1' } },
    })
  }
  const asJson = await asked(bytes, { 'content-type': 'application/json' })
  expect(asJson.body).toMatchObject({
    decoded: { refusalName: 'malformed' },
    answer: { status: 400 },
  })
})

test('a dry run answers no bid, and shows what it would have said', async () => {
  const { ask } = await newExplain({ exchanges: [anExchange({ live: false, noBid: 'reason' })] })
  expect((await ask({})).body).toMatchObject({
    decision: { isDryRun: true, bids: 1 },
    answer: { status: 200, message: { id: 'r1', nbr: 0 }, ifLive: { seatbid: [{}] } },
  })
})

test('one campaign is walked to the rule that keeps it from bidding', async () => {
  const abroad = aCampaign(
    { id: 'abroad' },
    {
      places: [{ country: 'FRA', region: '', city: '' }],
      audience: { all: ['vip'], any: [], none: [] },
    },
  )
  const { ask } = await newExplain({
    campaigns: [aCampaign(), abroad],
    creatives: [aBanner(), aBanner({ id: 'of-abroad', campaignId: 'abroad' })],
  })
  const { body } = await ask({ campaignId: 'abroad' })
  expect(body['why']).toMatchObject({
    outcome: 'dropped',
    reason: { rule: 'place', number: 4 },
    verdict: "Campaign 'abroad' does not bid: place (catalog: fra; request: deu).",
    campaignChecks: [
      { rule: 'not-live', passed: true },
      { rule: 'place', passed: false, ours: 'fra', request: 'deu' },
      { rule: 'audience', passed: false, ours: 'all of vip' },
      { rule: 'seat', passed: true },
    ],
  })
})

test('a campaign that would bid but is outbid says what it would bid', async () => {
  const cheap = aCampaign({ id: 'cheap', goal: { kind: 'cpm', bidMicros: (2 * unit) as Micros } })
  const { ask } = await newExplain({
    campaigns: [aCampaign(), cheap],
    creatives: [aBanner(), aBanner({ id: 'of-cheap', campaignId: 'cheap' })],
  })
  expect((await ask({ creativeId: 'of-cheap' })).body['why']).toMatchObject({
    campaignId: 'cheap',
    creativeId: 'of-cheap',
    outcome: 'outbid',
    priceMicros: 2 * unit,
    reason: null,
  })
  expect((await ask({ campaignId: 'spring' })).body['why']).toMatchObject({ outcome: 'bids' })
})

test('a creative is judged by itself, also where another of its campaign bids', async () => {
  const { ask } = await newExplain({
    creatives: [aBanner(), aBanner({ id: 'wide' }, { w: 728, h: 90 })],
  })
  expect((await ask({ creativeId: 'wide' })).body['why']).toMatchObject({
    outcome: 'dropped',
    reason: { rule: 'size', number: 41 },
    verdict: "Creative 'wide' does not bid: size (catalog: 728x90; request: 300x250).",
  })
  const onlyVideo = await ask({
    creativeId: 'wide',
    body: { ...request, imp: [{ id: '1', video: { mimes: ['video/mp4'] } }] },
  })
  expect(onlyVideo.body['why']).toMatchObject({
    outcome: 'dropped',
    verdict: "Creative 'wide' does not bid: no format that is asked for is one of its own.",
  })
})

test('a campaign that is off, or has no live creative, is walked all the same', async () => {
  const { ask } = await newExplain({
    advertisers: [anAdvertiser({ enabled: false })],
    campaigns: [aCampaign({ enabled: false }, { formats: ['video'] })],
    creatives: [aBanner()],
  })
  expect((await ask({ campaignId: 'spring' })).body['why']).toMatchObject({
    outcome: 'off',
    findings: [
      { kind: 'campaign', id: 'spring', problem: 'is not enabled' },
      { kind: 'advertiser', id: 'shop', problem: 'is not enabled' },
      { kind: 'campaign', id: 'spring', problem: 'has no creative that may bid' },
    ],
    creativeFindings: [{ id: 'banner', problem: 'the campaign does not buy banner' }],
    campaignChecks: [
      { rule: 'not-live', passed: true },
      { rule: 'seat', passed: true },
    ],
  })
})

test('what is not there is named: the exchange, the campaign, the creative', async () => {
  const { ask } = await newExplain()
  const unknown = await ask({ exchange: 'y' })
  expect([unknown.status, unknown.text]).toEqual([400, expect.stringContaining('there are: x')])
  expect((await ask({ exchange: undefined })).status).toBe(400)
  expect((await ask({ campaignId: 'nobody' })).status).toBe(404)
  expect((await ask({ creativeId: 'nobody' })).status).toBe(404)
})

test('GDPR without consent is decided without personal data, and says so', async () => {
  const { ask } = await newExplain()
  const regs = { gdpr: 1 }
  expect((await ask({ body: { ...request, regs } })).body).toMatchObject({
    privacy: { limit: 'gdpr-no-consent-string', usedPersonalData: false },
    profile: { ids: [] },
    decision: { bids: 1 },
  })
})

test('the catalog is followed from the first question on, once', async () => {
  const { ask } = await newExplain()
  expect(follows).toBe(0)
  await ask({})
  await ask({})
  expect([follows, stops]).toEqual([1, 0])
})
