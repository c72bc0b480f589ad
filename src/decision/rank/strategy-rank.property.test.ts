import fc from 'fast-check'
import { expect, test } from 'vitest'
import { aBanner, aCampaign, compileWorld, unit } from '../../../test/support/bid-world.ts'
import { FakeRanker, tableCoarse, tableFine } from '../../../test/support/fake-ranker.ts'
import {
  MemoryAudience,
  pushDevice,
  rankingOf,
  settingsOf,
  snapshotOf,
  storedOf,
  strategyOf,
  testRules,
} from '../../../test/support/rta-fixtures.ts'
import type { RtaDecision } from '../../domain/decision.ts'
import type { Micros } from '../../domain/money.ts'
import type { RankedBid } from '../../domain/strategy.ts'
import { ManualClock } from '../../lib/clock.ts'
import { RtaDecider } from '../decide.ts'
import { Scratch } from '../scratch.ts'

const campaignIds = ['a', 'b', 'c', 'd']
const money = (max: number) => fc.integer({ min: 1, max }).map((value) => value as Micros)
const rate = fc.integer({ min: 0, max: 1_000 }).map((n) => n / 1_000)

const bid: fc.Arbitrary<RankedBid> = fc.oneof(
  fc.record({
    kind: fc.constant('factor' as const),
    valueAtOneMicros: money(100 * unit),
    min: fc.constantFrom(0.1, 0.5, 0.777),
    max: fc.constantFrom(1, 2.345, 50),
  }),
  fc.record({
    kind: fc.constantFrom('cpc' as const, 'cpa' as const),
    share: fc.double({ min: 0.01, max: 1, noNaN: true }),
    minMicros: money(10),
    maxMicros: money(50 * unit).map((value) => (value + 10) as Micros),
  }),
)

const market = fc.record({
  /** Click prices of the campaigns, and rates of three creatives of each. */
  clicks: fc.array(money(20 * unit), { minLength: 4, maxLength: 4 }),
  rates: fc.array(fc.tuple(rate, rate), { minLength: 12, maxLength: 12 }),
  strategies: fc.array(
    fc.record({
      campaigns: fc.shuffledSubarray(campaignIds, { minLength: 1 }),
      minValueMicros: money(40_000 * unit),
      bid,
    }),
    { minLength: 1, maxLength: 3 },
  ),
})
type Market = typeof market extends fc.Arbitrary<infer T> ? T : never

async function decide(
  { clicks, rates, strategies }: Market,
  turned: (ids: string[]) => string[] = (ids) => ids,
): Promise<RtaDecision> {
  const clock = new ManualClock()
  const ranker = new FakeRanker()
  ranker.fineRates = Object.fromEntries(
    rates.map((pair, n) => [`${campaignIds[n % 4] ?? ''}${n}`, pair]),
  )
  const world = await compileWorld(
    {
      campaigns: campaignIds.map((id, n) =>
        aCampaign({ id, goal: { kind: 'cpc', bidMicros: clicks[n] ?? (1 as Micros) } }),
      ),
      creatives: Object.keys(ranker.fineRates).map((id) =>
        aBanner({ id, campaignId: id[0] ?? '' }),
      ),
    },
    clock,
    [tableCoarse({}), tableFine(ranker.names)],
  )
  const stored = strategies.map(({ campaigns, ...over }, n) =>
    strategyOf(`s${n}`, { ranking: rankingOf(turned([...campaigns]), over) }),
  )
  const snapshot = snapshotOf(storedOf(stored))
  const decider = new RtaDecider({
    catalog: { current: () => snapshot, isStale: () => false },
    audience: new MemoryAudience(),
    clock,
    media: [{ settings: settingsOf('m'), rules: testRules }],
    ranker,
    bidSnapshot: () => world.catalog.current(),
  })
  const scratch = new Scratch()
  scratch.request.medium = 'm'
  scratch.request.deadlineMs = 50
  pushDevice(scratch.request.devices, 1)
  return decider.decide(scratch.request, scratch)
}

/** The best value of a strategy, worked out from the tables alone. */
function bestValue({ clicks, rates }: Market, campaigns: readonly string[]): number {
  const values = rates.flatMap(([ctr], n) => {
    const campaign = n % 4
    return campaigns.includes(campaignIds[campaign] ?? '')
      ? [Math.floor((clicks[campaign] ?? 0) * 1_000 * ctr)]
      : []
  })
  return Math.max(...values)
}

test('the best value of its campaigns decides for each strategy, whatever their order', async () => {
  await fc.assert(
    fc.asyncProperty(market, async (drawn) => {
      const decision = await decide(drawn)
      const expected = drawn.strategies.flatMap(({ campaigns, minValueMicros }, n) =>
        bestValue(drawn, campaigns) >= minValueMicros ? [`s${n}`] : [],
      )
      expect(decision.verdicts.map(({ strategyId }) => strategyId)).toEqual(expected)
      expect(await decide(drawn, (ids) => ids.toReversed())).toEqual(decision)
    }),
    { numRuns: 60 },
  )
})

test('bids are inside the limits of strategy and medium, and money is whole micros', async () => {
  await fc.assert(
    fc.asyncProperty(market, async (drawn) => {
      const { verdicts } = await decide(drawn)
      for (const { strategyId, factor, cpcMicros, cpaMicros } of verdicts) {
        const own = drawn.strategies[Number(strategyId.slice(1))]?.bid
        if (own?.kind === 'factor') {
          expect(factor).toBeGreaterThanOrEqual(testRules.factorMin)
          expect(factor).toBeLessThanOrEqual(Math.min(testRules.factorMax, own.max + 0.005))
          expect([cpcMicros, cpaMicros]).toEqual([0, 0])
          continue
        }
        expect(factor).toBeNaN()
        const [price, other] = own?.kind === 'cpc' ? [cpcMicros, cpaMicros] : [cpaMicros, cpcMicros]
        expect(Number.isSafeInteger(price)).toBe(true)
        expect(price).toBeLessThanOrEqual(own?.maxMicros ?? 0)
        expect(price === 0 || price >= (own?.minMicros ?? 0)).toBe(true)
        expect(other).toBe(0)
      }
    }),
    { numRuns: 60 },
  )
})
