import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  armOf,
  experimentOf,
  MemoryAudience,
  packOf,
  pushDevice,
  settingsOf,
  snapshotOf,
  storedOf,
  strategyOf,
  testRules,
} from '../../test/support/rta-fixtures.ts'
import type { Snapshot } from '../catalog/plan.ts'
import { osNames } from '../domain/ad-request.ts'
import { isAccept, type RtaDecision } from '../domain/decision.ts'
import { Refusal } from '../domain/refusal.ts'
import type { Experiment, Strategy } from '../domain/strategy.ts'
import { ManualClock } from '../lib/clock.ts'
import { RtaDecider } from './decide.ts'
import { Scratch, verdictsMax } from './scratch.ts'
import { newTrace } from './trace.ts'

/** 70 packs: three bitset words, so that word borders are crossed. */
const packIds = Array.from({ length: 70 }, (_, i) => `p${String(i).padStart(2, '0')}`)
const packs = packIds.map((id, i) => packOf(id, i))

const somePacks = (maxLength: number) =>
  fc.uniqueArray(fc.constantFrom(...packIds, 'gone'), { maxLength })

const bid = fc.oneof(
  fc.constant({ kind: 'none' } as const),
  fc.record({
    kind: fc.constant('factor' as const),
    factor: fc.double({ min: -9, max: 99, noNaN: true }),
  }),
  fc.record({
    kind: fc.constant('factorByScore' as const),
    packId: fc.constantFrom(...packIds),
    low: fc.double({ min: -9, max: 99, noNaN: true }),
    high: fc.double({ min: -9, max: 99, noNaN: true }),
  }),
)

const strategy = fc
  .record({
    enabled: fc.boolean(),
    registered: fc.boolean(),
    priority: fc.integer({ min: 0, max: 3 }),
    all: somePacks(2),
    any: somePacks(3),
    none: somePacks(2),
    os: fc.subarray([...osNames], { maxLength: 3 }),
    bid,
    secondsOfRefusal: fc.option(fc.integer({ min: 4_000, max: 9_000 })),
  })
  .map(
    (drawn) =>
      (id: string): Strategy =>
        strategyOf(id, {
          enabled: drawn.enabled || drawn.registered,
          registered: drawn.registered,
          priority: drawn.priority,
          audience: { all: drawn.all, any: drawn.any, none: drawn.none },
          conditions: { os: drawn.os },
          action: { bid: drawn.bid, cacheRefuseSeconds: drawn.secondsOfRefusal },
        }),
  )

const strategies = fc
  .array(strategy, { maxLength: 40 })
  .map((makers) => makers.map((make, i) => make(`s${String(i).padStart(2, '0')}`)))

const scores = fc.dictionary(fc.constantFrom(...packIds), fc.integer({ min: -1, max: 255 }))

const device = 4_711

function deciderOf(snapshot: Snapshot, audience: MemoryAudience, media = ['m', 'm2']): RtaDecider {
  return new RtaDecider({
    catalog: { current: () => snapshot, isStale: () => false },
    audience,
    clock: new ManualClock(),
    media: media.map((name) => ({ settings: settingsOf(name), rules: testRules })),
  })
}

function requestScratch(os: number, asked: string[] | null): Scratch {
  const scratch = new Scratch()
  scratch.request.medium = 'm'
  scratch.request.deadlineMs = 50
  scratch.request.os = os as never
  scratch.request.asked = asked
  pushDevice(scratch.request.devices, device)
  return scratch
}

/** The same question answered with sets and words, without masks, index or order tricks. */
function naive(all: readonly Strategy[], os: number, asked: string[] | null, has: Set<string>) {
  const live = all
    .filter((one) => one.enabled && one.registered)
    .filter((one) => asked === null || asked.includes(one.targetId))
    .toSorted((a, b) => b.priority - a.priority || (a.id < b.id ? -1 : 1))
  const isIn = ({ audience }: Strategy): boolean =>
    audience.all.every((id) => has.has(id)) &&
    (audience.any.length === 0 || audience.any.some((id) => has.has(id))) &&
    !audience.none.some((id) => has.has(id))
  const osFits = ({ conditions }: Strategy): boolean =>
    conditions.os.length === 0 || conditions.os.includes(osNames[os]!)
  const inAudience = live.filter(isIn)
  const near = inAudience[0] ?? live[0]
  const refusal =
    live.length === 0
      ? Refusal.NoStrategy
      : inAudience.length === 0
        ? Refusal.AudienceMismatch
        : Refusal.ConditionMismatch
  return { ids: inAudience.filter(osFits).map((one) => one.id), refusal, near }
}

test('masks and index decide as sets do, reason and near miss too; the trace agrees', async () => {
  const askedIds = fc.option(
    fc.uniqueArray(fc.integer({ min: 0, max: 45 }), { minLength: 1, maxLength: 20 }),
  )
  await fc.assert(
    fc.asyncProperty(
      strategies,
      scores,
      fc.nat(osNames.length - 1),
      askedIds,
      async (all, packScores, os, asked) => {
        const targets = asked?.map((i) => `t-s${String(i).padStart(2, '0')}`) ?? null
        const audience = new MemoryAudience()
        audience.put(device, packScores)
        const decider = deciderOf(snapshotOf(storedOf(all, packs)), audience)
        const scratch = requestScratch(os, targets)
        const decision = decider.decide(scratch.request, scratch) as RtaDecision
        const expected = naive(all, os, targets, new Set(Object.keys(packScores)))

        expect(decision.verdicts.map((verdict) => verdict.strategyId)).toEqual(expected.ids)
        if (expected.ids.length === 0) {
          expect(decision.refusal).toBe(expected.refusal)
          expect(decision.cacheSeconds).toBe(expected.near?.action.cacheRefuseSeconds ?? 0)
        }
        const trace = newTrace()
        expect(await decider.decide(scratch.request, scratch, trace)).toEqual(decision)
        const traced = trace.strategies.filter((one) => one.outcome === 'takes-part')
        expect(traced.map((one) => one.id)).toEqual(expected.ids)
      },
    ),
    { numRuns: 300 },
  )
})

test('every factor that leaves is inside the range, and only live strategies leave', () => {
  fc.assert(
    fc.property(strategies, scores, (all, packScores) => {
      const audience = new MemoryAudience()
      audience.put(device, packScores)
      const scratch = requestScratch(2, null)
      const decider = deciderOf(snapshotOf(storedOf(all, packs)), audience)
      const decision = decider.decide(scratch.request, scratch) as RtaDecision
      const live = new Set(all.filter((s) => s.enabled && s.registered).map((s) => s.targetId))
      for (const { factor, targetId } of decision.verdicts) {
        expect(live.has(targetId)).toBe(true)
        if (Number.isNaN(factor)) continue
        expect(factor).toBeGreaterThanOrEqual(testRules.factorMin)
        expect(factor).toBeLessThanOrEqual(testRules.factorMax)
        expect(Math.round(factor * 100) / 100).toBe(factor)
      }
      expect(decision.verdicts.length).toBeLessThanOrEqual(verdictsMax)
      expect(isAccept(decision)).toBe(decision.refusal === Refusal.None)
    }),
  )
})

/** Tags of the arms that devices 0 … n-1 get from a strategy under experiments. */
function tagsOf(count: number, experiments: readonly Experiment[], medium = 'm'): string[] {
  const snapshot = snapshotOf(storedOf([strategyOf('s', { medium })], [], experiments))
  const decider = deciderOf(snapshot, new MemoryAudience())
  const scratch = requestScratch(0, null)
  scratch.request.medium = medium
  return Array.from({ length: count }, (_, i) => {
    scratch.request.devices.clear()
    pushDevice(scratch.request.devices, i, i * 31)
    return (decider.decide(scratch.request, scratch) as RtaDecision).tag
  })
}

/** Five standard deviations of a binomial share. */
function bound(share: number, count: number): number {
  return 5 * Math.sqrt(count * share * (1 - share))
}

test('a device stays in its arm over media, revisions and other experiments', () => {
  const experiment = experimentOf('e', [
    armOf('a', 3_000, { tag: 'a' }),
    armOf('b', 5_000, { tag: 'b' }),
  ])
  const first = tagsOf(2_000, [experiment])
  expect(tagsOf(2_000, [experiment], 'm2')).toEqual(first)
  const other = experimentOf('0', [armOf('x', 10_000)], { layer: 'other' })
  const later = experimentOf('z', [armOf('x', 2_000, { tag: '' })], { firstBucket: 8_000 })
  expect(tagsOf(2_000, [other, later, experiment])).toEqual(first)
})

test('arms get the share they were given', () => {
  const count = 50_000
  const shares = [100, 2_500, 4_000]
  const tags = tagsOf(count, [
    experimentOf(
      'e',
      shares.map((share, i) => armOf(`${i}`, share, { tag: `${i}` })),
      { firstBucket: 1_000 },
    ),
  ])
  for (const [i, share] of shares.entries()) {
    const got = tags.filter((tag) => tag === `${i}`).length
    expect(Math.abs(got - (count * share) / 10_000)).toBeLessThan(bound(share / 10_000, count))
  }
})

test('a holdout keeps exactly its arm out, independently of other layers', () => {
  const count = 40_000
  const holdout = experimentOf('h', [armOf('out', 2_000, { holdout: true, tag: 'out' })])
  const split = experimentOf('e', [armOf('a', 5_000, { tag: 'a' })], { layer: 'other' })
  const tags = tagsOf(count, [holdout, split])
  const inA = tagsOf(count, [split]).map((tag) => tag === 'a')
  const out = tags.filter((tag) => tag === 'out').length
  const outAndA = tags.filter((tag, i) => tag === 'out' && inA[i]).length
  expect(Math.abs(out - count * 0.2)).toBeLessThan(bound(0.2, count))
  expect(Math.abs(outAndA - count * 0.1)).toBeLessThan(bound(0.1, count))
})
