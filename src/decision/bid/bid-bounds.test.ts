/** What one request may cost, and what its record says of those that were not chosen. */
import { beforeEach, expect, test } from 'vitest'
import {
  aBanner,
  aCampaign,
  aNative,
  anExchange,
  type BidWorld,
  compileWorld,
  unit,
} from '../../../test/support/bid-world.ts'
import { impOf } from '../../../test/support/openrtb-decode.ts'
import type { BidDecision } from '../../domain/bid-decision.ts'
import { BidRequest, type Imp } from '../../domain/bid-request.ts'
import { DecisionIds } from '../../domain/decision-id.ts'
import type { DecisionRecord } from '../../domain/decision-record.ts'
import { Drop } from '../../domain/drop-reason.ts'
import { Format } from '../../domain/format.ts'
import { noGeo } from '../../domain/geo-port.ts'
import type { Micros } from '../../domain/money.ts'
import { Profile } from '../../domain/profile.ts'
import { Refusal } from '../../domain/refusal.ts'
import { prepareBlocks } from '../../domain/slot-fit/brand-fit.ts'
import { ManualClock } from '../../lib/clock.ts'
import { AudienceRules } from './audience-rules.ts'
import { BidDecider } from './bid-decide.ts'
import { BidScratch } from './bid-scratch.ts'
import { LossFunnel } from './loss-funnel.ts'
import { Recall } from './recall.ts'

let clock: ManualClock
let records: DecisionRecord[]
/** Done at every look at the clock. */
let onLook: () => void

beforeEach(() => {
  clock = new ManualClock(Date.UTC(2026, 10, 22, 12))
  records = []
  onLook = () => undefined
})

async function decide(world: BidWorld, imps: readonly Imp[], random = () => 0.5) {
  const { catalog } = await compileWorld(world, clock)
  const scratch = new BidScratch()
  const decider = new BidDecider({
    catalog,
    audienceView: { current: () => null },
    audience: { read: () => undefined },
    geo: noGeo,
    clock: {
      wallMs: () => clock.wallMs(),
      monotonicMs: () => {
        onLook()
        return clock.monotonicMs()
      },
    },
    random,
    ids: new DecisionIds(() => 1),
    ranker: null,
    linksAreSecure: true,
    record: (record) => records.push(record),
  })
  const { request } = scratch
  request.exchange = 'x'
  request.id = 'r'
  request.deadlineMs = clock.monotonicMs() + 50
  request.imps = imps
  return { decision: (await decider.decide(request, scratch)) as BidDecision, scratch }
}

const banner = { format: [{ w: 300, h: 250 }] }
const cpm = (units: number) =>
  ({ kind: 'cpm', bidMicros: Math.round(units * unit) as Micros }) as const

test('a slot keeps all of its candidates; many slots with many deals keep the best few of each', async () => {
  const creatives = Array.from({ length: 300 }, (_, n) => aBanner({ id: `b${n}` }))
  const world = { campaigns: [aCampaign({}, { deals: ['*'] })], creatives }
  const deals = Array.from({ length: 256 }, (_, n) => ({ id: `d${n}`, bidfloor: 900 }))
  const alone = await decide(world, [impOf({ banner })])
  expect(alone.scratch.funnel.recalled).toBe(300)
  const imps = Array.from({ length: 32 }, (_, index) => ({
    ...impOf({ banner, bidfloor: 900, pmp: { deals } }),
    id: `${index}`,
    index,
  }))
  const { scratch } = await decide(world, imps)
  expect(scratch.funnel.recalled).toBe(32 * 4)
})

test('of many slots each looks at the best creatives only, and says how many it left out', async () => {
  const { catalog } = await compileWorld(
    { creatives: Array.from({ length: 30 }, (_, n) => aBanner({ id: `b${n}` })) },
    clock,
  )
  const snapshot = catalog.current()
  if (snapshot === null) throw new Error('no snapshot')
  const recall = new Recall(new AudienceRules())
  const run = (slotCount: number) => {
    recall.beginRequest(snapshot, slotCount)
    const funnel = new LossFunnel()
    const imp = impOf({ banner })
    const recalled = recall.run(
      {
        snapshot,
        slot: { imp, format: Format.Banner, media: null },
        campaigns: Uint32Array.of(1),
        campaignCount: 1,
        profile: new Profile(),
        blocks: prepareBlocks(new BidRequest(), anExchange()),
        capped: null,
        max: 100,
      },
      funnel,
    )
    return [recalled, funnel.drops[Drop.NotRecalled]]
  }
  expect(run(1)).toEqual([30, 0])
  expect(run(200_000)).toEqual([10, 20])
})

test('when its time is over in the middle of its impressions nothing is bid, and no bid recorded', async () => {
  const imps = Array.from({ length: 10 }, (_, index) => ({
    ...impOf({ banner }),
    id: `${index}`,
    index,
  }))
  let looks = 0
  onLook = () => void (++looks === 6 && clock.advance(60))
  const { decision, scratch } = await decide({ creatives: [aBanner()] }, imps)
  expect(decision.refusal).toBe(Refusal.Deadline)
  expect(scratch.funnel.recalled).toBeLessThan(10)
  expect(records).toEqual([])
})

test('losers in a record are of the slot they lost, for the reason they lost', async () => {
  const campaigns = [
    aCampaign({ id: 'dear', goal: cpm(5) }),
    aCampaign({ id: 'cheap', goal: cpm(1) }),
    aCampaign({ id: 'fair', goal: cpm(3) }),
  ]
  const creatives = campaigns.map(({ id }) => aBanner({ id: `${id}-banner`, campaignId: id }))
  const draws = [0.1, 0.5, 0.9]
  const random = () => draws.push(draws.shift() ?? 0) && (draws[0] ?? 0)
  await decide({ campaigns, creatives }, [impOf({ banner, bidfloor: 2 })], random)
  const losers = new Map(records[0]?.losers.map((loser) => [loser.creativeId, loser]))
  expect(losers.get('cheap-banner')).toMatchObject({ drop: Drop.BelowFloor, valueMicros: unit })
  expect(losers.get('fair-banner')).toMatchObject({ drop: Drop.Outbid, valueMicros: 3 * unit })
  expect(losers.has('dear-banner')).toBe(false)
})

test('an impression that got no bid lends no losers to the one before it', async () => {
  const creatives = [aBanner(), aNative({ id: 'n1' }), aNative({ id: 'n2' }), aNative({ id: 'n3' })]
  const native = { request: JSON.stringify({ assets: [{ id: 1, title: { len: 90 } }] }) }
  const imps = [
    { ...impOf({ banner }), id: 'a', index: 0 },
    { ...impOf({ native, bidfloor: 100 }), id: 'b', index: 1 },
  ]
  const { decision } = await decide({ creatives }, imps)
  expect(decision.bids.map(({ imp }) => imp.id)).toEqual(['a'])
  expect(records[0]?.losers).toEqual([])
})
