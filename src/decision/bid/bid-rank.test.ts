/**
 * What models do to a bid: who is scored, what is bid, and what happens when they are not there.
 */
import { beforeEach, expect, test } from 'vitest'
import {
  aBanner,
  aCampaign,
  anExchange,
  aVideo,
  type CompiledWorld,
  compileWorld,
  unit,
} from '../../../test/support/bid-world.ts'
import {
  coarseKey,
  FakeRanker,
  fineKey,
  type RateTable,
  tableCoarse,
  tableFine,
} from '../../../test/support/fake-ranker.ts'
import { bannerSlot, impWith, videoSlot } from '../../../test/support/plain-imps.ts'
import { RankNote } from '../../domain/bid-decision.ts'
import type { Imp } from '../../domain/bid-request.ts'
import { DecisionIds } from '../../domain/decision-id.ts'
import type { DecisionRecord } from '../../domain/decision-record.ts'
import { Drop } from '../../domain/drop-reason.ts'
import { noGeo } from '../../domain/geo-port.ts'
import type { Micros } from '../../domain/money.ts'
import { Refusal } from '../../domain/refusal.ts'
import { ManualClock } from '../../lib/clock.ts'
import { BidDecider } from './bid-decide.ts'
import { BidScratch } from './bid-scratch.ts'
import { BidTrace } from './bid-trace.ts'

const cpc = (units: number) => ({ kind: 'cpc', bidMicros: (units * unit) as Micros }) as const
const cpa = (units: number) =>
  ({ kind: 'cpa', bidMicros: (units * unit) as Micros, byScore: null }) as const

let clock: ManualClock
let ranker: FakeRanker
let records: DecisionRecord[]
let world: CompiledWorld
let draw: number

beforeEach(() => {
  clock = new ManualClock(Date.UTC(2026, 10, 22, 12))
  ranker = new FakeRanker()
  records = []
  draw = 0
})

const bothModels = { recallMax: 2_000, coarseModel: 'coarse', fineModel: 'fine', fineMax: 64 }

interface Setting {
  readonly coarse?: RateTable
  readonly fine?: RateTable
  readonly plan?: Partial<typeof bothModels>
  readonly creatives?: number
  readonly videos?: number
  readonly goal?: ReturnType<typeof cpc> | ReturnType<typeof cpa>
}

/** One campaign with creatives `b0`, `b1` …, all alike to the prior. */
async function compile(setting: Setting) {
  const { coarse = {}, fine = {}, plan, creatives = 3, videos = 1, goal = cpc(1) } = setting
  ranker.fineRates = fine
  const banners = Array.from({ length: creatives }, (_, n) => aBanner({ id: `b${n}` }))
  const clips = Array.from({ length: videos }, (_, n) => aVideo(n === 0 ? {} : { id: `v${n}` }))
  world = await compileWorld(
    {
      campaigns: [aCampaign({ goal })],
      creatives: [...banners, ...clips],
      exchanges: [
        anExchange({ plan: { ...bothModels, ...plan }, noBidRecordRate: 1, bidsPerImpMax: 5 }),
      ],
    },
    clock,
    [tableCoarse(coarse), tableFine(ranker.names)],
  )
}

async function decide(imps: readonly Imp[] = [impWith({ banner: bannerSlot })], leftMs = 50) {
  const decider = new BidDecider({
    catalog: world.catalog,
    audienceView: { current: () => null },
    audience: { read: () => undefined },
    geo: noGeo,
    clock,
    random: () => (draw += 0.37) % 1,
    ids: new DecisionIds(() => 1),
    ranker,
    linksAreSecure: true,
    record: (record) => records.push(record),
  })
  const scratch = new BidScratch()
  const { request } = scratch
  request.exchange = 'x'
  request.id = 'r'
  request.deadlineMs = clock.monotonicMs() + leftMs
  request.imps = imps
  request.priceUnit = 'cpm'
  const trace = new BidTrace(() => world.catalog.current())
  const decision = await decider.decide(request, scratch, trace)
  return { decision, scratch, trace, bid: decision.bids[0] ?? null }
}

test('the creative of the highest fine value is bid, at the value of its fine rates', async () => {
  await compile({ fine: { b0: [0.002, 0.1], b1: [0.009, 0.1], b2: [0.004, 0.1] } })
  const { bid, decision, scratch } = await decide()
  expect(bid).toMatchObject({ ctr: 0.009, cvr: 0.1, rankedBy: 'fine' })
  expect(bid?.creative.id).toBe('b1')
  expect(bid?.priceMicros).toBe(9 * unit)
  expect(decision.ranking).toEqual({
    by: 'fine',
    note: RankNote.AsPlanned,
    coarseModel: 'coarse@1',
    fineModel: 'fine@2',
    cvrModel: 'fine@2',
  })
  expect([scratch.funnel.recalled, scratch.funnel.coarse, scratch.funnel.fine]).toEqual([3, 3, 3])
})

test('conversions are priced by both rates', async () => {
  await compile({ goal: cpa(2), fine: { b0: [0.01, 0.5], b1: [0.02, 0.1], b2: [0.02, 0.2] } })
  const { bid } = await decide()
  expect(bid?.creative.id).toBe('b0')
  expect(bid?.priceMicros).toBe(2 * 0.01 * 0.5 * 1_000 * unit)
})

test('only the best of coarse rank are scored by fine rank; the others are told as not ranked', async () => {
  await compile({
    creatives: 10,
    plan: { fineMax: 2 },
    coarse: { b4: [0.02, 0.1], b7: [0.03, 0.1] },
    fine: { b4: [0.02, 0.1], b0: [0.9, 0.9] },
  })
  const { bid, scratch } = await decide()
  expect(ranker.scored.map((ids) => [...ids].sort())).toEqual([['b4', 'b7']])
  expect(bid?.creative.id).toBe('b4')
  expect(scratch.funnel.drops[Drop.NotRanked]).toBe(8)
  expect([scratch.funnel.coarse, scratch.funnel.fine]).toEqual([10, 2])
})

test('with a coarse model alone its rates are bid by', async () => {
  await compile({ plan: { fineModel: '' }, coarse: { b2: [0.008, 0.1] } })
  const { bid, decision } = await decide()
  expect(bid?.creative.id).toBe('b2')
  expect(bid?.ctr).toBeCloseTo(0.008, 6)
  expect(decision.ranking).toMatchObject({ by: 'coarse', coarseModel: 'coarse@1', fineModel: '' })
})

test('with a fine model alone the best by prior are scored', async () => {
  await compile({ plan: { coarseModel: '', fineMax: 2 }, fine: {} })
  const { decision, scratch } = await decide()
  expect(ranker.scored[0]).toHaveLength(2)
  expect(scratch.funnel.coarse).toBe(0)
  expect(decision.ranking).toMatchObject({ by: 'fine', coarseModel: '', fineModel: 'fine@2' })
})

test('a fine model without CVR leaves the CVR of the coarse one, and the record names both', async () => {
  await compile({
    goal: cpa(2),
    coarse: { b1: [0.005, 0.4] },
    fine: { b0: [0.01, Number.NaN], b1: [0.01, Number.NaN], b2: [0.01, Number.NaN] },
  })
  ranker.models.fine = (key) => ({ key, hasCvr: false, seen: () => () => new Uint8Array(0) })
  const { bid, decision } = await decide()
  expect(bid?.creative.id).toBe('b1')
  expect(bid?.cvr).toBeCloseTo(0.4, 5)
  expect(decision.ranking).toMatchObject({ fineModel: 'fine@2', cvrModel: 'coarse@1' })
  expect(records[0]).toMatchObject({ ctrModel: 'fine@2', cvrModel: 'coarse@1' })
})

test('a score that is no probability puts its creative out', async () => {
  await compile({ fine: { b0: [Number.NaN, 0.1], b1: [0.002, 0.1], b2: [Number.NaN, 0.1] } })
  const { bid, scratch } = await decide()
  expect(bid?.creative.id).toBe('b1')
  expect(scratch.funnel.drops[Drop.BadScore]).toBe(2)
})

test('a coarse answer that is no number puts its creative out, whatever it would be worth', async () => {
  const bad = { b0: [Number.NaN, 0.1], b1: [1, 0.1], b3: [0.002, Number.NaN] } as const
  await compile({ creatives: 12, coarse: { ...bad, b2: [0.008, 0.1] }, plan: { fineModel: '' } })
  const { bid, scratch, trace } = await decide()
  expect(bid?.creative.id).toBe('b2')
  expect(scratch.funnel.drops[Drop.BadScore]).toBe(3)
  expect(scratch.funnel.coarse).toBe(9)
  expect(trace.slots[0]?.candidates.map(({ creativeId }) => creativeId)).not.toContain('b1')
})

test('a coarse answer that is no number takes no place among those that are scored', async () => {
  const names = Array.from({ length: 20 }, (_, n) => `b${n}`)
  const nobody = Object.fromEntries(names.slice(0, 10).map((id) => [id, [Number.NaN, 0.1]]))
  const coarse = { ...nobody, b17: [0.02, 0.1], b18: [0.03, 0.1] } as unknown as RateTable
  await compile({ creatives: 20, plan: { fineMax: 2 }, coarse })
  await decide()
  expect(ranker.scored.map((ids) => [...ids].sort())).toEqual([['b17', 'b18']])
})

test('with a fine model alone the trace tells who was not scored', async () => {
  await compile({ creatives: 5, plan: { coarseModel: '', fineMax: 2 } })
  const { trace } = await decide()
  const notRanked = { reason: 'not-ranked', number: Drop.NotRanked, count: 3 }
  expect(trace.slots[0]?.dropped).toContainEqual(notRanked)
})

test('when no score is a probability nothing is bid', async () => {
  await compile({ creatives: 1, fine: { b0: [Number.NaN, Number.NaN] } })
  expect((await decide()).decision.refusal).toBe(Refusal.NothingAffordable)
})

test('an exchange without models never asks for one', async () => {
  await compile({ plan: { coarseModel: '', fineModel: '' } })
  const { decision, bid } = await decide()
  expect(ranker.jobs).toHaveLength(0)
  expect(bid?.rankedBy).toBe('prior')
  expect(decision.ranking).toMatchObject({ by: 'prior', note: RankNote.AsPlanned })
})

test.each([
  ['no model of the plan is loaded', { has: [] }, 'prior', 'model-missing'],
  ['the fine model is missing', { has: ['coarse'] }, 'coarse', 'model-missing'],
  ['the coarse model is missing', { has: ['fine'] }, 'fine', 'model-missing'],
  ['time ran out before any model', { stages: [], outcome: 1 }, 'prior', 'shortened'],
  ['time ran out after coarse rank', { stages: ['coarse'], outcome: 1 }, 'coarse', 'shortened'],
  ['too much was waiting', { stages: [], outcome: 2 }, 'prior', 'overload'],
  ['the fine model broke', { stages: ['coarse'], outcome: 3 }, 'coarse', 'failed'],
] as const)('when %s the stage before is bid by, and it is told', async (_, change, by, note) => {
  await compile({ coarse: { b1: [0.007, 0.1] }, fine: { b2: [0.009, 0.1] } })
  Object.assign(ranker, change)
  const { decision, bid, trace } = await decide()
  expect(bid).not.toBeNull()
  expect(bid?.rankedBy).toBe(by)
  expect(bid?.creative.id).toBe(by === 'coarse' ? 'b1' : by === 'fine' ? 'b2' : bid?.creative.id)
  expect(trace.ranking).toMatchObject({ by, note })
  expect(decision.ranking.fineModel).toBe(by === 'fine' ? 'fine@2' : '')
  expect(records[0]).toMatchObject({
    rankedBy: by,
    rankNote: note,
    ctrModel: by === 'prior' ? '' : by === 'fine' ? 'fine@2' : 'coarse@1',
  })
})

test('when little time is left fewer rows are scored, and below a millisecond none', async () => {
  await compile({ creatives: 100 })
  await decide(undefined, 5)
  expect(ranker.scored[0]).toHaveLength(32)
  const { decision } = await decide(undefined, 0.5)
  expect(ranker.jobs).toHaveLength(1)
  expect(decision.ranking).toMatchObject({ by: 'prior', note: RankNote.Shortened })
})

test('slots share the rows, each is scored with its own facts, and each impression gets its best', async () => {
  await compile({ creatives: 20, plan: { fineMax: 10 }, fine: { video: [0.01, 0.1] } })
  const imps = [
    impWith({ banner: bannerSlot }),
    { ...impWith({ video: videoSlot }), id: '2', index: 1 },
  ]
  const { decision } = await decide(imps)
  const [job] = ranker.jobs
  expect(job?.asks.map(({ format }) => format)).toEqual([1, 2])
  expect(ranker.scored[0]).toHaveLength(6)
  expect(decision.bids.map(({ imp, creative }) => [imp.id, creative.format])).toEqual([
    ['1', 'banner'],
    ['2', 'video'],
  ])
})

test('the impressions of one pod are filled as without models, however few rows are scored', async () => {
  await compile({ creatives: 0, videos: 12, plan: { fineMax: 6 } })
  const pod = { id: 'p', durationSec: 0, adsMax: 0, dedupe: [], slotInPod: 0, perSecMicros: 0 }
  const imps = Array.from({ length: 6 }, (_, index) => ({
    ...impWith({ video: { ...videoSlot, pod } as unknown as Imp['video'] }),
    id: `${index}`,
    index,
  }))
  const { decision } = await decide(imps)
  expect(new Set(decision.bids.map(({ creative }) => creative.id)).size).toBe(6)
})

test('a dynamic pod is filled though the plan scores fewer rows than it takes ads', async () => {
  await compile({ creatives: 0, videos: 12, plan: { fineMax: 2 } })
  const pod = { id: '', durationSec: 600, adsMax: 5, dedupe: [], slotInPod: 0 }
  const video = { ...videoSlot, pod } as unknown as Imp['video']
  const { decision } = await decide([impWith({ video })])
  expect(decision.bids).toHaveLength(5)
})

test('what was switched off while models ran is not bid: the request is ranked once more', async () => {
  await compile({ fine: { b1: [0.009, 0.1], b2: [0.004, 0.1] } })
  let isFirst = true
  ranker.meanwhile = async () => {
    if (!isFirst) return
    isFirst = false
    const json = JSON.stringify(aBanner({ id: 'b1', enabled: false }))
    await world.store.write([{ kind: 'creative', id: 'b1', json, expectedVersion: null }])
    await world.look()
  }
  const { bid, decision, scratch } = await decide()
  expect(bid?.creative.id).toBe('b2')
  expect(ranker.jobs).toHaveLength(2)
  expect(scratch.funnel.recalled).toBe(2)
  expect(decision.revision).toBe(world.catalog.current()?.revision)
})

test('a catalog that changes again and again is decided by prior, not for ever', async () => {
  await compile({})
  let round = 0
  ranker.meanwhile = async () => {
    const json = JSON.stringify(aBanner({ id: 'b0', name: `round ${round++}` }))
    await world.store.write([{ kind: 'creative', id: 'b0', json, expectedVersion: null }])
    await world.look()
  }
  const { decision, bid } = await decide()
  expect(ranker.jobs).toHaveLength(2)
  expect(bid?.rankedBy).toBe('prior')
  expect(decision.ranking.note).toBe(RankNote.CatalogChanged)
})

test('the trace shows every stage with the scores of the best', async () => {
  await compile({
    creatives: 5,
    plan: { fineMax: 2 },
    coarse: { b3: [0.004, 0.2], b1: [0.003, 0.2] },
    fine: { b3: [0.005, 0.25], b1: [0.006, 0.3] },
  })
  const { trace } = await decide()
  const [slot] = trace.slots
  expect(slot).toMatchObject({ recalled: 5, coarseRanked: 5, fineRanked: 2, rankedBy: 'fine' })
  expect(slot?.candidates.map(({ creativeId }) => creativeId)).toEqual(['b1', 'b3'])
  expect(slot?.candidates[0]).toMatchObject({
    prior: { ctr: 0.005, cvr: 0.02 },
    fine: { ctr: 0.006, cvr: 0.3 },
    boundMicros: 6 * unit,
  })
  expect(slot?.candidates[0]?.coarse?.ctr).toBeCloseTo(0.003, 6)
  expect(slot?.dropped).toContainEqual({ reason: 'not-ranked', number: Drop.NotRanked, count: 3 })
  expect(slot?.chosen[0]?.parts).toMatchObject({ ctr: 0.006, rankedBy: 'fine' })
})

test('losers of a record have the rates they lost with', async () => {
  await compile({ fine: { b0: [0.002, 0.1], b1: [0.009, 0.1], b2: [0.004, 0.1] } })
  await decide()
  const [record] = records
  expect(record?.bids[0]).toMatchObject({ ctr: 0.009, rates: 'model' })
  for (const loser of record?.losers ?? []) {
    expect(loser).toMatchObject({ rates: 'model', drop: Drop.Outbid })
    expect([0.002, 0.004]).toContain(loser.ctr)
  }
  expect(record?.losers.length).toBeGreaterThan(0)
  expect([record?.coarseCount, record?.fineCount]).toEqual([3, 3])
})

test('a record says what every stage made of the winner, and what the fine model saw', async () => {
  await compile({
    creatives: 40,
    plan: { fineMax: 3 },
    coarse: { b7: [0.03, 0.2], b9: [0.02, 0.2], b2: [0.04, 0.2] },
    fine: { b7: [0.005, 0.25], b9: [0.006, 0.3], b2: [0.004, 0.1] },
  })
  await decide()
  const [bid] = records[0]?.bids ?? []
  expect(bid).toMatchObject({
    ...{ creativeId: 'b9', ctr: 0.006, cvr: 0.3 },
    scores: {
      ...{ recallRank: 1, coarseRank: 3, fineRank: 1 },
      ...{ coarseCtr: expect.closeTo(0.02, 5), coarseCvr: expect.closeTo(0.2, 5) },
      ...{ rawCtr: Math.fround(0.003), rawCvr: Math.fround(0.15) },
    },
  })
  // The fake has the format of the ask and the row of the creative.
  expect([...(bid?.features ?? [])]).toEqual([1, ranker.names.indexOf('b9')])
  const places: Record<string, number> = { b2: 1, b7: 2, b9: 3 }
  expect(records[0]?.losersFrom).toBe(3)
  expect(records[0]?.losers.length).toBeGreaterThan(0)
  for (const loser of records[0]?.losers ?? []) {
    expect(loser.scores?.coarseRank).toBe(places[loser.creativeId])
    expect(loser.scores?.fineRank).toBe(loser.creativeId === 'b7' ? 2 : 3)
    expect([...(loser.features ?? [])]).toEqual([1, ranker.names.indexOf(loser.creativeId)])
    expect(loser.format).toBe(1)
  }
})

test('the place of recall counts all that recall kept, not those that were left', async () => {
  await compile({ creatives: 30, plan: { fineMax: 2 }, coarse: { b4: [0.02, 0.1] }, fine: {} })
  const dear = JSON.stringify(
    aBanner({ id: 'b4', history: { impressions: 100_000, clicks: 3, conversions: 0 } }),
  )
  await world.store.write([{ kind: 'creative', id: 'b4', json: dear, expectedVersion: null }])
  await world.look()
  ranker.fineRates = { b4: [0.9, 0.9] }
  await decide()
  // Its history is the worst of all: the last of 30 by prior, the first of all others.
  expect(records[0]?.bids[0]).toMatchObject({
    creativeId: 'b4',
    scores: { recallRank: 30, coarseRank: 1, fineRank: 1 },
  })
})

test('of what the prior chose neither scores nor features are recorded', async () => {
  await compile({ plan: { coarseModel: '', fineModel: '' } })
  await decide()
  const [record] = records
  expect(record?.rankedBy).toBe('prior')
  expect(record?.losers.length).toBeGreaterThan(0)
  for (const one of [...(record?.bids ?? []), ...(record?.losers ?? [])]) {
    expect([one.scores, one.features]).toEqual([null, null])
  }
})

test('of what coarse rank chose its rates are recorded, and no features', async () => {
  await compile({ plan: { fineModel: '' }, creatives: 5, coarse: { b1: [0.007, 0.1] } })
  await decide()
  const [record] = records
  expect(record?.bids[0]).toMatchObject({
    ...{ creativeId: 'b1', features: null },
    scores: { recallRank: 1, coarseRank: 1, fineRank: 0, rawCtr: Number.NaN, rawCvr: Number.NaN },
  })
  expect(record?.bids[0]?.scores?.coarseCtr).toBe(record?.bids[0]?.ctr)
  for (const { scores, features } of record?.losers ?? []) {
    expect([scores?.coarseRank, scores?.fineRank, features]).toEqual([2, 0, null])
  }
})

test('each impression of a record has the features of its own slot', async () => {
  await compile({ creatives: 20, plan: { fineMax: 10 }, fine: { video: [0.01, 0.1] } })
  const clip = { ...impWith({ video: videoSlot }), id: '2', index: 1 }
  await decide([impWith({ banner: bannerSlot }), clip])
  const seen = records[0]?.bids.map(({ creativeId, features }) => [creativeId, ...(features ?? [])])
  expect(seen?.map(([id, format, row]) => [format, ranker.names[Number(row)] === id])).toEqual([
    [1, true],
    [2, true],
  ])
})

test('after a second change of the catalog nothing of the models is told of what is bid', async () => {
  await compile({})
  ranker.meanwhile = async () => {
    const json = JSON.stringify(aBanner({ id: 'b0', name: `at ${ranker.jobs.length}` }))
    await world.store.write([{ kind: 'creative', id: 'b0', json, expectedVersion: null }])
    await world.look()
  }
  await decide()
  expect(records[0]).toMatchObject({ rankedBy: 'prior', rankNote: 'catalog-changed' })
  expect(records[0]?.bids[0]).toMatchObject({ features: null, scores: null })
})

test('a decision without a bid is recorded with its refusal, its drops, and nobody in it', async () => {
  await compile({ creatives: 2, fine: { b0: [Number.NaN, 0.1], b1: [Number.NaN, 0.1] } })
  await decide()
  expect(records[0]).toMatchObject({
    ...{ refusal: Refusal.NothingAffordable, bids: [], losers: [], losersFrom: 0 },
    ...{ dropReasons: expect.arrayContaining([Drop.BadScore]) },
  })
  const at = records[0]?.dropReasons.indexOf(Drop.BadScore) ?? -1
  expect(records[0]?.dropCounts[at]).toBe(2)
})

test('models of another version than the side of the snapshot do not serve it', async () => {
  await compile({ fine: { b1: [0.009, 0.1] } })
  const asked: string[] = []
  ranker.models.coarse = (key) => {
    asked.push(`${key.name}@${key.version}`)
    return null
  }
  ranker.models.fine = (key) => {
    asked.push(`${key.name}@${key.version}`)
    return null
  }
  const { decision } = await decide()
  expect(asked).toEqual([`coarse@${coarseKey.version}`, `fine@${fineKey.version}`])
  expect(decision.ranking.note).toBe(RankNote.ModelMissing)
  expect(ranker.jobs).toHaveLength(0)
})
