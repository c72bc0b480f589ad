/** What the campaigns behind strategies make of an RTA decision, and how it ends without models. */
import { beforeEach, describe, expect, test } from 'vitest'
import {
  aBanner,
  aCampaign,
  type BidWorld,
  type CompiledWorld,
  compileWorld,
  unit,
} from '../../../test/support/bid-world.ts'
import {
  FakeRanker,
  type RateTable,
  tableCoarse,
  tableFine,
} from '../../../test/support/fake-ranker.ts'
import {
  armOf,
  experimentOf,
  MemoryAudience,
  packOf,
  pushDevice,
  rankingOf,
  settingsOf,
  snapshotOf,
  storedOf,
  strategyOf,
  testRules,
} from '../../../test/support/rta-fixtures.ts'
import type { Snapshot } from '../../catalog/plan.ts'
import { type AskedAd, RequestKind } from '../../domain/ad-request.ts'
import { RankNote } from '../../domain/bid-decision.ts'
import type { Campaign } from '../../domain/campaign.ts'
import type { RtaDecision } from '../../domain/decision.ts'
import type { Micros } from '../../domain/money.ts'
import { Refusal } from '../../domain/refusal.ts'
import type { Experiment, Strategy } from '../../domain/strategy.ts'
import { ManualClock } from '../../lib/clock.ts'
import { RankOutcome } from '../../scoring/ranking.ts'
import { RtaDecider } from '../decide.ts'
import { Scratch } from '../scratch.ts'
import { ScratchPool } from '../scratch-pool.ts'
import { newTrace } from '../trace.ts'

const device = 77
const packs = [packOf('p', 0), packOf('scored', 1)]
const micros = (value: number) => value as Micros

let clock: ManualClock
let audience: MemoryAudience
let ranker: FakeRanker
let world: CompiledWorld | null
let snapshot: Snapshot
let pool: ScratchPool<Scratch>

beforeEach(() => {
  clock = new ManualClock(Date.UTC(2026, 10, 22, 12))
  audience = new MemoryAudience()
  audience.put(device, { p: -1, scored: 51 })
  ranker = new FakeRanker()
  world = null
  pool = new ScratchPool(() => new Scratch(), 2)
})

const cpc = (id: string, units: number, over: Partial<Campaign> = {}) =>
  aCampaign({ id, goal: { kind: 'cpc', bidMicros: micros(units * unit) }, ...over })

/** Campaigns `a` and `b`, a click worth 1 and 2, with creatives `a0`, `a1`, `b0`, `b1`. */
const twoCampaigns: BidWorld = {
  campaigns: [cpc('a', 1), cpc('b', 2)],
  creatives: ['a0', 'a1', 'b0', 'b1'].map((id) => aBanner({ id, campaignId: id[0] ?? '' })),
}

async function compile(fine: RateTable, of: BidWorld = twoCampaigns, coarse: RateTable = {}) {
  ranker.fineRates = fine
  world = await compileWorld(of, clock, [tableCoarse(coarse), tableFine(ranker.names)])
}

function load(strategies: readonly Strategy[], experiments: readonly Experiment[] = []): void {
  snapshot = snapshotOf(storedOf(strategies, packs, experiments))
}

function decider(): RtaDecider {
  return new RtaDecider({
    catalog: { current: () => snapshot, isStale: () => false },
    audience,
    clock,
    media: [{ settings: settingsOf('m', { cacheRefuseSeconds: 9_000 }), rules: testRules }],
    ranker,
    bidSnapshot: () => world?.catalog.current() ?? null,
  })
}

function asked(leftMs = 50, fill: (scratch: Scratch) => void = () => undefined): Scratch {
  const scratch = pool.take() as Scratch
  const { request } = scratch
  request.medium = 'm'
  request.deadlineMs = clock.monotonicMs() + leftMs
  pushDevice(request.devices, device)
  fill(scratch)
  return scratch
}

/** Decides one request and gives its scratch back. */
async function decide(leftMs = 50): Promise<RtaDecision> {
  const scratch = asked(leftMs)
  const decision = await decider().decide(scratch.request, scratch)
  pool.give(scratch)
  return decision
}

function parts(decision: RtaDecision): string[] {
  return decision.verdicts.map(({ strategyId }) => strategyId)
}

describe('taking part', () => {
  test('the best candidate must reach the minimum, the expected CPM in micros', async () => {
    await compile({ a0: [0.004, 0.1], b1: [0.003, 0.1] })
    const least = (min: number) => rankingOf(['a', 'b'], { minValueMicros: micros(min) })
    load([strategyOf('s', { ranking: least(6 * unit) })])
    expect(parts(await decide())).toEqual(['s'])
    load([strategyOf('s', { ranking: least(6 * unit + 1) })])
    const decision = await decide()
    expect(decision).toMatchObject({ refusal: Refusal.BelowValue, cacheSeconds: 9_000 })
    expect(decision.ranking).toEqual({
      by: 'fine',
      note: RankNote.AsPlanned,
      coarseModel: '',
      fineModel: 'fine@2',
      strategies: 1,
      belowValue: 1,
      unranked: 0,
      recalled: 4,
      coarse: 0,
      fine: 4,
    })
  })

  test('each strategy is decided by its own campaigns; rules decide for the others', async () => {
    await compile({ a0: [0.004, 0.1], b0: [0.004, 0.1] })
    const minValueMicros = micros(5 * unit)
    load([
      strategyOf('a', { ranking: rankingOf(['a'], { minValueMicros }) }),
      strategyOf('b', { ranking: rankingOf(['b'], { minValueMicros }) }),
      strategyOf('rules'),
    ])
    const decision = await decide()
    expect(parts(decision)).toEqual(['b', 'rules'])
    expect(decision.ranking).toMatchObject({ strategies: 2, belowValue: 1 })
  })

  test('a refusal says the near miss, and its own cache time', async () => {
    await compile({})
    const ranking = rankingOf(['a'], { minValueMicros: micros(unit * 100) })
    load([strategyOf('s', { ranking, action: { cacheRefuseSeconds: 7_200 } })])
    expect(await decide()).toMatchObject({ refusal: Refusal.BelowValue, cacheSeconds: 7_200 })
  })

  test('money of a ranking is in its own currency', async () => {
    const rates = { base: 'USD', rates: { CNY: 7 } }
    await compile({ a0: [0.004, 0.1] }, { ...twoCampaigns, rates })
    const inYuan = (min: number) =>
      rankingOf(['a'], { currency: 'CNY', minValueMicros: micros(min) })
    load([strategyOf('s', { ranking: inYuan(28 * unit) })])
    expect(parts(await decide())).toEqual(['s'])
    load([strategyOf('s', { ranking: inYuan(28 * unit + 1) })])
    expect((await decide()).refusal).toBe(Refusal.BelowValue)
    load([strategyOf('s', { ranking: rankingOf(['a'], { currency: 'EUR' }) })])
    expect((await decide()).ranking).toMatchObject({ unranked: 1 })
  })

  test('the value is at most what the campaign may bid, and weighed by the score of its pack', async () => {
    const byScore = { packId: 'scored', low: 0, high: 1 }
    const goal = { kind: 'cpa', bidMicros: micros(10 * unit), byScore } as const
    const campaigns = [
      aCampaign({ id: 'a', goal }),
      cpc('b', 2, { maxBidMicros: micros(3 * unit) }),
    ]
    await compile({ a0: [0.01, 0.5], b0: [0.5, 0.1] }, { ...twoCampaigns, campaigns })
    const worth = async (campaign: string) => {
      load([strategyOf('s', { ranking: rankingOf([campaign]) })])
      const scratch = asked()
      const trace = newTrace()
      await decider().decide(scratch.request, scratch, trace)
      pool.give(scratch)
      return trace.ranks.ranking?.worths[0]?.valueMicros
    }
    // 10 × 0.01 × 0.5 × 1 000 × 51/255, and the limit.
    expect(await worth('a')).toBe(10 * unit)
    expect(await worth('b')).toBe(3 * unit)
  })

  test('campaigns that are not in flight, switched off or unknown have no candidates', async () => {
    const nowMs = clock.wallMs()
    const campaigns = [
      cpc('a', 9, { startMs: nowMs + 1 }),
      cpc('b', 9, { enabled: false }),
      cpc('c', 1),
    ]
    const creatives = ['a0', 'b0', 'c0'].map((id) => aBanner({ id, campaignId: id[0] ?? '' }))
    await compile({}, { campaigns, creatives })
    load([strategyOf('s', { ranking: rankingOf(['a', 'b', 'c', 'nobody']) })])
    expect((await decide()).ranking).toMatchObject({ recalled: 1, unranked: 0 })
    expect(ranker.scored).toEqual([['c0']])
    clock.advance(1)
    await decide()
    expect(ranker.scored[1]?.toSorted()).toEqual(['a0', 'c0'])
  })
})

describe('what is bid', () => {
  test('a factor is value ÷ value at one, inside its limits, as the medium honours it', async () => {
    await compile({ b0: [0.0031, 0.1] })
    const factor = async (valueAtOne: number, min = 0.1, max = 10) => {
      const bid = { kind: 'factor', valueAtOneMicros: micros(valueAtOne), min, max } as const
      const action = { bid: { kind: 'cpc', priceMicros: micros(unit) } as const }
      load([strategyOf('s', { ranking: rankingOf(['b'], { bid }), action })])
      return (await decide()).verdicts[0]
    }
    expect(await factor(5 * unit)).toMatchObject({ factor: 1.24, cpcMicros: 0 })
    expect((await factor(5 * unit, 1.5))?.factor).toBe(1.5)
    expect((await factor(5 * unit, 0.1, 0.8))?.factor).toBe(0.8)
    expect((await factor(unit))?.factor).toBe(testRules.factorMax)
    expect((await factor(1_000 * unit))?.factor).toBe(testRules.factorMin)
  })

  test('a price is the share of what a click or a conversion is worth, in whole micros', async () => {
    const campaigns = [cpc('a', 1), aCampaign({ id: 'b' })]
    await compile({ a0: [0.007, 0.03], b0: [0.007, 0.03] }, { ...twoCampaigns, campaigns })
    const price = async (campaign: string, kind: 'cpc' | 'cpa', maxUnits = 1e6) => {
      const limits = { minMicros: micros(0), maxMicros: micros(maxUnits * unit) }
      const bid = { kind, share: 0.5, ...limits }
      load([strategyOf('s', { ranking: rankingOf([campaign], { bid }) })])
      const { cpcMicros = 0, cpaMicros = 0 } = (await decide()).verdicts[0] ?? {}
      return { cpcMicros, cpaMicros }
    }
    expect(await price('a', 'cpc')).toEqual({ cpcMicros: 500_000, cpaMicros: 0 })
    // 5 CPM: 0.5 × 5 ÷ (1 000 × 0.007) a click, ÷ 0.03 a conversion.
    expect(await price('b', 'cpc')).toEqual({ cpcMicros: 357_142, cpaMicros: 0 })
    expect(await price('b', 'cpa')).toEqual({ cpcMicros: 0, cpaMicros: 11_904_761 })
    expect(await price('b', 'cpa', 2)).toEqual({ cpcMicros: 0, cpaMicros: 2 * unit })
  })

  test("where no click is expected the rules' bid stays", async () => {
    await compile(
      { b0: [0, 0], b1: [0, 0] },
      { ...twoCampaigns, campaigns: [aCampaign({ id: 'b' })] },
    )
    const limits = { minMicros: micros(1), maxMicros: micros(unit) }
    const bid = { kind: 'cpc', share: 1, ...limits } as const
    const action = { bid: { kind: 'factor', factor: 2 } as const }
    load([strategyOf('s', { ranking: rankingOf(['b'], { bid }), action })])
    expect((await decide()).verdicts[0]).toMatchObject({ factor: 2, cpcMicros: 0 })
  })

  test('an arm that sets a bid is bid, whatever the models say', async () => {
    await compile({ b0: [0.02, 0.1] })
    const bid = { kind: 'factor', valueAtOneMicros: micros(unit), min: 3, max: 3 } as const
    const arm = armOf('fixed', 10_000, { bid: { kind: 'factor', factor: 0.5 } })
    const strategy = strategyOf('s', { ranking: rankingOf(['b'], { bid }) })
    load([strategy])
    expect((await decide()).verdicts[0]?.factor).toBe(3)
    load([strategy], [experimentOf('e', [arm])])
    expect((await decide()).verdicts[0]?.factor).toBe(0.5)
  })

  test('products are those of the best campaigns that are worth enough, best first', async () => {
    await compile({ a0: [0.009, 0.1], b0: [0.002, 0.1] })
    const named = (campaignId: string, productId: string) => {
      return { campaignId, libraryId: '1', productId }
    }
    const products = [named('b', '20'), named('a', '10'), named('b', '10'), named('a', '11')]
    const own = [{ libraryId: '9', productId: '9', priority: 50, score: Number.NaN }]
    const shown = async (over: Parameters<typeof rankingOf>[1], campaigns = ['a', 'b']) => {
      const ranking = rankingOf(campaigns, { products, ...over })
      load([strategyOf('s', { ranking, action: { products: own } })])
      const chosen = (await decide()).verdicts[0]?.products ?? []
      return chosen.map(({ productId, priority }) => `${productId}@${priority}`)
    }
    expect(await shown({})).toEqual(['10@100', '11@99', '20@98'])
    expect(await shown({ productsMax: 2 })).toEqual(['10@100', '11@99'])
    expect(await shown({ minValueMicros: micros(5 * unit) })).toEqual(['10@100', '11@99'])
    expect(await shown({ products: [named('gone', '5')] })).toEqual(['9@50'])
  })

  test('the CVR is told when the fine model predicted it', async () => {
    await compile({ b0: [0.02, 0.125] })
    load([strategyOf('s', { ranking: rankingOf(['b'], { pcvr: true }), action: { pcvr: 0.5 } })])
    expect((await decide()).verdicts[0]?.pcvr).toBe(0.125)
    ranker.stages = []
    expect((await decide()).verdicts[0]?.pcvr).toBe(0.5)
  })

  test('ads of a second request run at the ranked bid where no rule prices them', async () => {
    await compile({ b0: [0.004, 0.1] })
    const bid = { kind: 'factor', valueAtOneMicros: micros(4 * unit), min: 0.2, max: 5 } as const
    load([strategyOf('s', { ranking: rankingOf(['b'], { bid }) })])
    const ad: AskedAd = {
      adGroupId: '1',
      advertiserId: '2',
      outTargetId: 't-s',
      creativeIds: [],
      products: [],
    }
    const scratch = asked(50, ({ request }) => {
      request.kind = RequestKind.Second
      request.ads = [ad]
    })
    const decision = await decider().decide(scratch.request, scratch)
    expect(decision.adResults[0]).toMatchObject({ ignore: false, price: { factor: 2 } })
  })
})

describe('the funnel', () => {
  const many = (campaigns: readonly string[], each: number) => ({
    campaigns: campaigns.map((id) => cpc(id, 1)),
    creatives: campaigns.flatMap((id) =>
      Array.from({ length: each }, (_, n) => aBanner({ id: `${id}${n}`, campaignId: id })),
    ),
  })

  test('coarse rank orders all, fine rank scores its best: so many of each strategy', async () => {
    const coarse = { a3: [0.5, 0.1], a7: [0.4, 0.1], a8: [0.3, 0.1], b5: [0.002, 0.1] } as const
    await compile({}, many(['a', 'b'], 10), coarse)
    const plan = { coarseModel: 'coarse', fineMax: 2 }
    load(['a', 'b'].map((id) => strategyOf(id, { ranking: rankingOf([id], plan) })))
    const { ranking } = await decide()
    expect(ranker.scored.map((ids) => ids.toSorted())).toEqual([['a3', 'b5']])
    expect(ranking).toMatchObject({ recalled: 20, coarse: 20, fine: 2, coarseModel: 'coarse@1' })
  })

  test('what strategies of the same campaigns do not need goes to the best of all', async () => {
    const coarse = { a3: [0.5, 0.1], a7: [0.4, 0.1], a8: [0.3, 0.1] } as const
    await compile({}, many(['a'], 10), coarse)
    const plan = { coarseModel: 'coarse', fineMax: 3 }
    load(['x', 'y'].map((id) => strategyOf(id, { ranking: rankingOf(['a'], plan) })))
    await decide()
    expect(ranker.scored.map((ids) => ids.toSorted())).toEqual([['a3', 'a7', 'a8']])
  })

  test('campaigns share 2 000 places evenly, each with its best by history', async () => {
    const sizes = { a: 1_900, b: 300, c: 2 }
    const creatives = Object.entries(sizes).flatMap(([id, count]) =>
      Array.from({ length: count }, (_, n) =>
        aBanner({
          id: `${id}${n}`,
          campaignId: id,
          history: { impressions: 1_000, clicks: n % 500, conversions: 0 },
        }),
      ),
    )
    const campaigns = Object.keys(sizes).map((id) => cpc(id, 1))
    await compile({}, { campaigns, creatives })
    load([strategyOf('s', { ranking: rankingOf(['a', 'b', 'c'], { fineModel: '' }) })])
    const scratch = asked()
    await decider().decide(scratch.request, scratch)
    const group = scratch.ranks?.groups[0]
    const kept = new Map<string, number>()
    for (const creative of group?.rows.creatives.subarray(0, group.list.count) ?? []) {
      const id = world?.catalog.current()?.creative(creative).campaignId ?? ''
      kept.set(id, (kept.get(id) ?? 0) + 1)
    }
    expect([...kept].toSorted(([a], [b]) => (a < b ? -1 : 1))).toEqual([
      ['a', 1_698],
      ['b', 300],
      ['c', 2],
    ])
  })

  test('strategies of other models are ranked by theirs, in the same wait', async () => {
    await compile({ a0: [0.5, 0.1], b0: [0.4, 0.1] }, twoCampaigns, { b1: [0.3, 0.1] })
    const byCoarse = rankingOf(['b'], { coarseModel: 'coarse', fineModel: '' })
    load([
      strategyOf('a', { ranking: rankingOf(['a']) }),
      strategyOf('b', { ranking: byCoarse }),
      strategyOf('c', { ranking: rankingOf(['a'], { fineModel: '' }) }),
    ])
    const decision = await decide()
    expect(ranker.jobs).toHaveLength(2)
    expect(decision.ranking).toMatchObject({
      ...{ by: 'fine', coarseModel: 'coarse@1', fineModel: 'fine@2', recalled: 6 },
      ...{ coarse: 2, fine: 2 },
    })
  })

  test('models see the medium as exchange, the slot, the packs and the system', async () => {
    await compile({})
    load([strategyOf('s', { ranking: rankingOf(['a']) })])
    const scratch = asked(50, ({ request }) => {
      request.slotId = 'feed'
      request.os = 2
      request.ip = '203.0.113.9'
      request.geo.country = 'CN'
      request.geo.city = 'Shanghai'
    })
    await decider().decide(scratch.request, scratch)
    expect(ranker.jobs[0]).toMatchObject({ exchange: 'm', deadlineMs: 50, atMs: clock.wallMs() })
    expect(ranker.jobs[0]?.asks).toMatchObject([
      {
        ...{ exchange: 'm', tagId: 'feed', os: 2, network: '203.0.113.0/24', format: 0 },
        ...{ country: 'CHN', city: 'shanghai', packIds: ['p', 'scored'], packScores: [-1, 51] },
        ...{ localHour: -1, weekday: 0 },
      },
    ])
  })
})

describe('without models', () => {
  const ranking = rankingOf(['a', 'b'], { minValueMicros: micros(11 * unit) })

  test('rates of history decide: prior CTR 0.005 of a click worth 2 is 10 CPM', async () => {
    await compile({ b0: [0.9, 0.9] })
    const bid = { kind: 'factor', valueAtOneMicros: micros(5 * unit), min: 1, max: 5 } as const
    load([strategyOf('no', { ranking }), strategyOf('yes', { ranking: rankingOf(['b'], { bid }) })])
    ranker.has = []
    const decision = await decide()
    expect(decision.verdicts).toMatchObject([{ strategyId: 'yes', factor: 2 }])
    expect(decision.ranking).toMatchObject({ by: 'prior', note: RankNote.ModelMissing, fine: 0 })
    expect(ranker.jobs).toHaveLength(0)
  })

  test.each([
    [RankOutcome.Overload, RankNote.Overload],
    [RankOutcome.Failed, RankNote.Failed],
    [RankOutcome.Shortened, RankNote.Shortened],
  ])('a model that ends with %d is told as note %d, and history decides', async (outcome, note) => {
    await compile({ b0: [0.9, 0.9] })
    load([strategyOf('s', { ranking })])
    ranker.outcome = outcome
    ranker.stages = []
    const decision = await decide()
    expect(decision).toMatchObject({ refusal: Refusal.BelowValue, ranking: { by: 'prior', note } })
  })

  test('scores of coarse rank decide when fine rank does not come', async () => {
    await compile({}, twoCampaigns, { b0: [0.9, 0.9] })
    const both = { ...ranking, coarseModel: 'coarse' }
    load([strategyOf('s', { ranking: both })])
    ranker.stages = ['coarse']
    ranker.outcome = RankOutcome.Shortened
    const decision = await decide()
    expect(decision).toMatchObject({ refusal: 0, ranking: { by: 'coarse', fineModel: '' } })
  })

  test('with less than a millisecond left nobody waits for models', async () => {
    await compile({})
    load([strategyOf('s', { ranking: rankingOf(['a']) })])
    const decision = await decide(0.5)
    expect(decision.ranking).toMatchObject({ by: 'prior', note: RankNote.Shortened })
    expect(ranker.jobs).toHaveLength(0)
  })

  test('without a bid catalog rules decide, or nobody takes part, as the strategy says', async () => {
    load([strategyOf('s', { ranking })])
    const decision = await decide()
    expect(parts(decision)).toEqual(['s'])
    expect(decision.ranking).toMatchObject({ unranked: 1, note: RankNote.ModelMissing })
    load([strategyOf('s', { ranking: { ...ranking, whenUnranked: 'refuse' } })])
    expect(await decide()).toMatchObject({
      refusal: Refusal.Unranked,
      cacheSeconds: testRules.cacheSecondsMin,
    })
  })

  test('a strategy without candidates is unranked, and cached as any refusal', async () => {
    await compile({})
    const nobody = rankingOf(['nobody'], { whenUnranked: 'refuse' })
    load([strategyOf('s', { ranking: nobody })])
    expect(await decide()).toMatchObject({ refusal: Refusal.Unranked, cacheSeconds: 9_000 })
  })

  test('a candidate whose score is no probability is out', async () => {
    await compile({ a0: [Number.NaN, 0.1], a1: [0.004, 0.1] })
    load([strategyOf('s', { ranking: rankingOf(['a'], { minValueMicros: micros(4 * unit) }) })])
    expect((await decide()).ranking).toMatchObject({ fine: 1, belowValue: 0 })
  })
})

describe('while models run', () => {
  test('no ranked strategy is eligible: nothing waits and no model is asked', async () => {
    await compile({})
    const ranking = rankingOf(['a'])
    load([strategyOf('s'), strategyOf('out', { ranking, audience: { all: ['gone'] } })])
    const scratch = asked()
    const decision = decider().decide(scratch.request, scratch)
    expect(decision).toMatchObject({ ranking: null, verdicts: [{ strategyId: 's' }] })
    expect(ranker.jobs).toHaveLength(0)
  })

  test('a strategy that is withdrawn meanwhile does not take part', async () => {
    await compile({})
    const strategies = ['a', 'b'].map((id) => strategyOf(id, { ranking: rankingOf(['a']) }))
    load(strategies)
    ranker.meanwhile = () => load(strategies.slice(1))
    expect(parts(await decide())).toEqual(['b'])
  })

  test('a scratch that is given back meanwhile is not shared with the next request', async () => {
    await compile({})
    load([strategyOf('s', { ranking: rankingOf(['a']) })])
    const scratch = asked()
    let goOn = (): void => undefined
    ranker.meanwhile = () => new Promise((resolve) => (goOn = resolve))
    const waiting = decider().decide(scratch.request, scratch)
    pool.give(scratch)
    const next = [asked(), asked()]
    expect(next).not.toContain(scratch)
    goOn()
    expect((await waiting).refusal).toBe(Refusal.Deadline)
    expect(next.map(({ ranks }) => ranks)).toEqual([null, null])
  })

  test('an answer that comes too late is a refusal', async () => {
    await compile({})
    load([strategyOf('s', { ranking: rankingOf(['a']) })])
    ranker.meanwhile = () => clock.advance(60)
    expect((await decide()).refusal).toBe(Refusal.Deadline)
  })

  test('a scratch that is given back after it holds nothing of a catalog', async () => {
    await compile({})
    load([strategyOf('s', { ranking: rankingOf(['a']) })])
    await decide()
    const { ranks } = asked()
    expect([ranks?.snapshot, ranks?.worths.size, ranks?.groups[0]?.strategies]).toEqual([
      null,
      0,
      [],
    ])
  })
})

test('the trace tells each stage, what fell out, the best candidates and every worth', async () => {
  const coarse = { b0: [0.003, 0.1], b1: [0.002, 0.1] } as const
  await compile({ b0: [0.004, 0.2] }, twoCampaigns, coarse)
  const over = { coarseModel: 'coarse', fineMax: 1, minValueMicros: micros(9 * unit) }
  load([strategyOf('s', { ranking: rankingOf(['a', 'b'], over) }), strategyOf('t')])
  const scratch = asked()
  const trace = newTrace()
  await decider().decide(scratch.request, scratch, trace)
  expect(trace.strategies).toMatchObject([
    { id: 's', outcome: 'below-value', detail: 'worth 8000000 of 9000000 micros CPM' },
    { id: 't', outcome: 'takes-part' },
  ])
  expect(trace.ranks.ranking).toMatchObject({
    ...{ by: 'fine', note: 'as-planned', campaigns: 2, recalled: 4, coarse: 4, fine: 1 },
    dropped: [{ reason: 'not-ranked', count: 3 }],
    worths: [{ strategyId: 's', outcome: 'below-value', creativeId: 'b0', campaignId: 'b' }],
    candidates: [{ creativeId: 'b0', priorMicros: 10 * unit, fine: { ctr: 0.004, cvr: 0.2 } }],
  })
  expect(trace.ranks.ranking?.candidates[0]?.coarse?.ctr).toBeCloseTo(0.003, 6)
})
