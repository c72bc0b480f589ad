/** Ad pods: what they take, and what they never take twice. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  aBanner,
  aCampaign,
  anAdvertiser,
  anExchange,
  aVideo,
  type BidWorld,
  compileWorld,
  unit,
} from '../../../test/support/bid-world.ts'
import { impOf } from '../../../test/support/openrtb-decode.ts'
import type { Bid, BidDecision } from '../../domain/bid-decision.ts'
import type { Imp } from '../../domain/bid-request.ts'
import { DecisionIds } from '../../domain/decision-id.ts'
import { noGeo } from '../../domain/geo-port.ts'
import type { Micros } from '../../domain/money.ts'
import { ManualClock } from '../../lib/clock.ts'
import { BidDecider } from './bid-decide.ts'
import { BidScratch } from './bid-scratch.ts'

const clock = new ManualClock(Date.UTC(2026, 10, 22, 12))

async function bidsOf(world: BidWorld, imps: readonly Imp[]): Promise<readonly Bid[]> {
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
    record: () => undefined,
  })
  const scratch = new BidScratch()
  const { request } = scratch
  request.exchange = 'x'
  request.id = 'r'
  request.deadlineMs = clock.monotonicMs() + 50
  request.imps = imps.map((imp, index) => ({ ...imp, id: `${index}`, index }))
  const decision: BidDecision = await decider.decide(request, scratch)
  return decision.bids
}

const cpm = (units: number) =>
  ({ kind: 'cpm', bidMicros: Math.round(units * unit) as Micros }) as const

/** A campaign with one video for each of the durations, dearer with each; advertisers take turns. */
function videos(durations: readonly number[]): BidWorld {
  const advertisers = [0, 1].map((n) => anAdvertiser({ id: `a${n}`, domains: [`a${n}.example`] }))
  const campaigns = durations.map((_, n) =>
    aCampaign({ id: `c${n}`, advertiserId: `a${n % 2}`, goal: cpm(n + 1) }),
  )
  const creatives = durations.map((durationSec, n) =>
    aVideo({ id: `v${n}`, campaignId: `c${n}` }, { durationSec }),
  )
  return { advertisers, campaigns, creatives, exchanges: [anExchange({ bidsPerImpMax: 4 })] }
}

const durations = fc.array(fc.constantFrom(5, 10, 15, 20, 30), { minLength: 1, maxLength: 8 })

test('a dynamic pod is filled within its seconds and numbers, with no ad that its rules forbid', async () => {
  const pod = fc.record({
    poddur: fc.integer({ min: 5, max: 90 }),
    maxseq: fc.integer({ min: 0, max: 6 }),
    poddedupe: fc.subarray([1, 3]),
  })
  await fc.assert(
    fc.asyncProperty(durations, pod, async (seconds, place) => {
      const bids = await bidsOf(videos(seconds), [impOf({ video: { ...place, maxduration: 30 } })])
      const sum = bids.reduce((total, { durationSec }) => total + durationSec, 0)
      expect(sum).toBeLessThanOrEqual(place.poddur)
      expect(bids.length).toBeLessThanOrEqual(Math.min(4, place.maxseq || 4))
      expect(seconds.some((one) => one <= place.poddur)).toBe(bids.length > 0)
      const word = place.poddedupe.includes(1)
        ? ({ advertiser }: Bid) => advertiser.id
        : ({ creative }: Bid) => creative.id
      expect(new Set(bids.map(word)).size).toBe(bids.length)
    }),
    { numRuns: 60 },
  )
})

test('impressions of one pod share it; others, and a format that another one beat, do not', async () => {
  const world = videos([15, 15])
  const video = { podid: 'p', maxduration: 30 }
  const ids = (bids: readonly Bid[]) => bids.map(({ creative }) => creative.id)
  expect(ids(await bidsOf(world, [impOf({ video }), impOf({ video })]))).toEqual(['v1', 'v0'])
  const other = impOf({ video: { ...video, podid: 'q' } })
  expect(ids(await bidsOf(world, [impOf({ video }), other]))).toEqual(['v1', 'v1'])
  const rich = {
    ...world,
    campaigns: [
      ...(world.campaigns ?? []),
      aCampaign({ id: 'rich', advertiserId: 'a0', goal: cpm(9) }),
    ],
    creatives: [...(world.creatives ?? []), aBanner({ campaignId: 'rich' })],
  }
  const both = impOf({ video, banner: { format: [{ w: 300, h: 250 }] } })
  expect(ids(await bidsOf(rich, [both, impOf({ video })]))).toEqual(['banner', 'v1'])
})
