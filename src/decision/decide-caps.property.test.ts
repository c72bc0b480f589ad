/** For any strategies and any history: who takes part is who counting one by one lets in. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  MemoryAudience,
  pushDevice,
  settingsOf,
  snapshotOf,
  storedOf,
  strategyOf,
  testRules,
} from '../../test/support/rta-fixtures.ts'
import { isCapped, type Touch } from '../../test/support/user-histories.ts'
import type { RtaDecision } from '../domain/decision.ts'
import { serialOf } from '../domain/serial.ts'
import type { Strategy } from '../domain/strategy.ts'
import { convertedTag, minuteOf, tagOf, UserEntry } from '../domain/user-state.ts'
import { ManualClock } from '../lib/clock.ts'
import { RtaDecider } from './decide.ts'
import { Scratch } from './scratch.ts'

const wallMs = Date.UTC(2026, 10, 22, 12)
const now = minuteOf(wallMs)

const caps = fc.array(
  fc.record({
    impressions: fc.integer({ min: 1, max: 4 }),
    minutes: fc.integer({ min: 1, max: 9 }),
  }),
  { maxLength: 2 },
)
const converted = fc.array(
  fc.record({
    kind: fc.constantFrom('exclude' as const, 'require' as const),
    advertiserId: fc.constantFrom('a0', 'a1'),
    action: fc.constantFrom('', 'buy'),
    days: fc.constant(1),
  }),
  { maxLength: 2 },
)
const strategies = fc
  .array(fc.record({ caps, converted }), { minLength: 1, maxLength: 40 })
  .map((list) => list.map((own, index) => strategyOf(`s${index}`, own)))

const thing = fc.oneof(
  fc.nat({ max: 40 }).map((n) => strategyEntry(`s${n}`)),
  fc
    .tuple(fc.constantFrom('a0', 'a1'), fc.constantFrom('', 'buy'))
    .map(([id, action]) => conversionEntry(id, action)),
  fc.constantFrom('a0', 'a1').map((id) => clickEntry(id)),
)
const moments = fc.uniqueArray(
  fc.record({
    minute: fc.oneof(fc.integer({ min: 0, max: 11 }), fc.constantFrom(1_440, 1_441)).map((ago) => {
      return now - ago
    }),
    count: fc.integer({ min: 1, max: 3 }),
  }),
  { minLength: 1, maxLength: 4, selector: ({ minute }) => minute },
)
const state: fc.Arbitrary<readonly Touch[]> = fc.uniqueArray(
  fc.tuple(thing, moments).map(([of, list]) => ({ ...of, moments: list })),
  { maxLength: 12, selector: ({ entry, tag }) => `${entry}/${tag}` },
)
const states = fc.array(state, { minLength: 1, maxLength: 4 })

function strategyEntry(id: string) {
  return { entry: UserEntry.Strategy, tag: tagOf(serialOf('strategy', id)) }
}

function conversionEntry(id: string, action: string) {
  const tag = convertedTag(serialOf('advertiser', id), action)
  return { entry: UserEntry.Converted, tag }
}

function clickEntry(id: string) {
  return { entry: UserEntry.Clicked, tag: tagOf(serialOf('advertiser', id)) }
}

function takesPart(strategy: Strategy, device: readonly (readonly Touch[])[]): boolean {
  const of = strategyEntry(strategy.id)
  if (strategy.caps.some((cap) => isCapped(device, of, cap, now))) return false
  return strategy.converted.every(({ kind, advertiserId, action, days }) => {
    const window = { impressions: 1, minutes: days * 1_440 }
    const has = isCapped(device, conversionEntry(advertiserId, action), window, now)
    return has === (kind === 'require')
  })
}

/** True when one impression or a conversion would change what this strategy says. */
function isHasty(strategy: Strategy, device: readonly (readonly Touch[])[]): boolean {
  const isNear = strategy.caps.some(({ impressions, minutes }) => {
    if (impressions === 1) return true
    return isCapped(
      device,
      strategyEntry(strategy.id),
      { impressions: impressions - 1, minutes },
      now,
    )
  })
  const isSoon = strategy.converted.some(({ advertiserId }) =>
    isCapped(device, clickEntry(advertiserId), { impressions: 1, minutes: 30 }, now),
  )
  return isNear || isSoon
}

test('takes part exactly who no cap and no rule keeps out; hasty answers are short', () => {
  fc.assert(
    // Several devices one after another: what one left behind must not reach the next.
    fc.property(strategies, fc.array(states, { minLength: 1, maxLength: 3 }), (all, devices) => {
      const audience = new MemoryAudience()
      const snapshot = snapshotOf(storedOf(all))
      const decider = new RtaDecider({
        catalog: { current: () => snapshot, isStale: () => false },
        audience,
        clock: new ManualClock(wallMs),
        media: [{ settings: settingsOf('m', { cacheAcceptSeconds: 9_999 }), rules: testRules }],
      })
      const scratch = new Scratch()
      for (const device of devices) {
        scratch.clear()
        scratch.request.medium = 'm'
        scratch.request.deadlineMs = 50
        for (const [low, touches] of device.entries()) {
          audience.putHistory(low, touches)
          pushDevice(scratch.request.devices, low)
        }
        const decision = decider.decide(scratch.request, scratch) as RtaDecision
        const wanted = all.filter((strategy) => takesPart(strategy, device))
        expect(decision.verdicts.map(({ strategyId }) => strategyId).toSorted()).toEqual(
          wanted.map(({ id }) => id).toSorted(),
        )
        if (wanted.some((strategy) => isHasty(strategy, device))) {
          expect(decision.cacheSeconds).toBe(testRules.cacheSecondsMin)
        }
      }
    }),
    { numRuns: 300 },
  )
})
