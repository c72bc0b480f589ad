import { beforeEach, expect, test } from 'vitest'
import {
  aBanner,
  aCampaign,
  anAdvertiser,
  anExchange,
  type BidWorld,
  compileWorld,
  unit,
} from '../../../test/support/bid-world.ts'
import { bannerSlot, impWith } from '../../../test/support/plain-imps.ts'
import type { BidDecision } from '../../domain/bid-decision.ts'
import type { Imp } from '../../domain/bid-request.ts'
import { DecisionIds } from '../../domain/decision-id.ts'
import type { DecisionRecord } from '../../domain/decision-record.ts'
import { noGeo } from '../../domain/geo-port.ts'
import type { Micros } from '../../domain/money.ts'
import { Refusal } from '../../domain/refusal.ts'
import { ManualClock } from '../../lib/clock.ts'
import { mix64, seedOf } from '../../lib/mix.ts'
import { BidDecider, type BidDeciderDeps } from './bid-decide.ts'
import { BidScratch } from './bid-scratch.ts'

let clock: ManualClock
let records: DecisionRecord[]

beforeEach(() => {
  clock = new ManualClock(Date.UTC(2026, 10, 22, 12))
  records = []
})

function anImp(own: Partial<Imp> = {}): Imp {
  return impWith({ banner: bannerSlot, ...own })
}

async function decide(
  world: BidWorld,
  fill: (scratch: BidScratch) => void = () => undefined,
  own: Partial<BidDeciderDeps> = {},
): Promise<BidDecision> {
  const { catalog } = await compileWorld(world, clock)
  const decider = new BidDecider({
    catalog,
    audienceView: { current: () => null },
    audience: { read: () => undefined },
    geo: noGeo,
    clock,
    random: () => 0.5,
    ids: new DecisionIds(() => 1),
    ranker: null,
    linksAreSecure: true,
    record: (record) => records.push(record),
    ...own,
  })
  const scratch = new BidScratch()
  const { request } = scratch
  request.exchange = 'x'
  request.id = 'r'
  request.deadlineMs = clock.monotonicMs() + 50
  request.imps = [anImp()]
  fill(scratch)
  return decider.decide(request, scratch)
}

test('bids the campaign price for a banner that fits, and records it', async () => {
  const decision = await decide({})
  expect(decision.refusal).toBe(Refusal.None)
  expect(decision.bids).toHaveLength(1)
  expect(decision.bids[0]).toMatchObject({
    id: '1',
    priceMicros: 5 * unit,
    floorMicros: 0,
    propensity: 1,
    creative: { id: 'banner' },
    size: { w: 300, h: 250 },
  })
  expect(records).toHaveLength(1)
  expect(records[0]).toMatchObject({
    refusal: 0,
    recalledCount: 1,
    bids: [{ creativeId: 'banner' }],
  })
})

test('a floor in another currency is converted, and one without a rate is never met', async () => {
  const rates = { base: 'USD', rates: { EUR: 0.5 } }
  const withFloor = (currency: string) => (scratch: BidScratch) => {
    const floor = { cpmMicros: (2.5 * unit) as Micros, currency }
    scratch.request.imps = [anImp({ floor })]
  }
  expect((await decide({ rates }, withFloor('EUR'))).bids).toHaveLength(1)
  const above = await decide({ rates }, (scratch) => {
    const floor = { cpmMicros: (2.500_001 * unit) as Micros, currency: 'EUR' }
    scratch.request.imps = [anImp({ floor })]
  })
  expect(above.refusal).toBe(Refusal.NothingAffordable)
  expect((await decide({ rates }, withFloor('JPY'))).refusal).toBe(Refusal.NothingAffordable)
})

test('the dearest of the campaigns wins, inside its limit', async () => {
  const campaigns = [
    aCampaign({
      id: 'a',
      goal: { kind: 'cpm', bidMicros: (9 * unit) as Micros },
      maxBidMicros: (3 * unit) as Micros,
    }),
    aCampaign({ id: 'b', goal: { kind: 'cpm', bidMicros: (4 * unit) as Micros } }),
  ]
  const creatives = [
    aBanner({ id: 'of-a', campaignId: 'a' }),
    aBanner({ id: 'of-b', campaignId: 'b' }),
  ]
  const decision = await decide({ campaigns, creatives })
  expect(decision.bids.map(({ creative, priceMicros }) => [creative.id, priceMicros])).toEqual([
    ['of-b', 4 * unit],
  ])
  const alone = await decide({ campaigns: campaigns.slice(0, 1), creatives: creatives.slice(0, 1) })
  expect(alone.bids[0]?.priceMicros).toBe(3 * unit)
})

test('an exchange that is not live decides and records, and is marked as a dry run', async () => {
  const decision = await decide({ exchanges: [anExchange({ live: false })] })
  expect(decision).toMatchObject({ isDryRun: true, refusal: Refusal.None })
  expect(records[0]?.isLive).toBe(false)
})

test('a test request leaves no record', async () => {
  const decision = await decide({}, ({ request }) => {
    request.isTest = true
  })
  expect(decision.bids).toHaveLength(1)
  expect(records).toEqual([])
})

test('an advertiser whose currency has no rate is left out and listed', async () => {
  const advertisers = [anAdvertiser({ currency: 'CNY' })]
  const rates = { base: 'USD', rates: {} }
  expect((await decide({ advertisers, rates })).refusal).toBe(Refusal.NothingEligible)
  const { catalog } = await compileWorld({ advertisers, rates }, clock)
  expect(catalog.current()?.data.problems).toEqual([
    { kind: 'campaign', id: 'spring', reason: 'the rates table has no rate for CNY' },
  ])
})

test('a responsive banner is bid in the size of the slot, and has no chance where 18 is blocked', async () => {
  const creatives = [aBanner({}, { w: 0, h: 0 })]
  const sizes = [{ w: 123, h: 456 }]
  const ask = (blockedAttributes: number[]) =>
    decide({ creatives }, ({ request }) => {
      request.imps = [anImp({ banner: { ...bannerSlot, sizes, blockedAttributes } })]
    })
  expect((await ask([])).bids[0]?.size).toEqual({ w: 123, h: 456 })
  expect((await ask([18])).refusal).toBe(Refusal.NothingEligible)
})

test('nothing is bid for a secure slot while our own links are http', async () => {
  const imps = [anImp({ isSecure: true })]
  const ask = (linksAreSecure: boolean) =>
    decide({}, ({ request }) => void (request.imps = imps), { linksAreSecure })
  expect((await ask(true)).bids).toHaveLength(1)
  expect((await ask(false)).refusal).toBe(Refusal.NothingEligible)
})

test('a request is late when its deadline has come', async () => {
  const decision = await decide({}, ({ request }) => {
    request.deadlineMs = clock.monotonicMs()
  })
  expect(decision.refusal).toBe(Refusal.Deadline)
})

test('equally dear creatives take turns, each with its known chance', async () => {
  const creatives = ['a', 'b', 'c', 'd'].map((id) => aBanner({ id }))
  const seen = new Map<string, number>()
  let draws = 0
  const random = () => mix64(0, draws++, seedOf('turns')) / 2 ** 32
  for (let round = 0; round < 400; round++) {
    const [bid] = (await decide({ creatives }, undefined, { random })).bids
    expect(bid?.propensity).toBe(0.25)
    seen.set(bid?.creative.id ?? '', (seen.get(bid?.creative.id ?? '') ?? 0) + 1)
  }
  for (const count of seen.values()) expect(count).toBeGreaterThan(60)
  expect(seen.size).toBe(4)
})
