/**
 * Caps and rules on converts of RTA strategies: who takes part, and how long a medium may cache it.
 */
import { beforeEach, describe, expect, test } from 'vitest'
import {
  armOf,
  experimentOf,
  MemoryAudience,
  pushDevice,
  settingsOf,
  snapshotOf,
  storedOf,
  strategyOf,
  testRules,
} from '../../test/support/rta-fixtures.ts'
import type { Touch } from '../../test/support/user-histories.ts'
import type { RtaDecision } from '../domain/decision.ts'
import type { ConvertedRule } from '../domain/frequency.ts'
import type { MediumRules } from '../domain/medium-rules.ts'
import type { MediumSettings } from '../domain/medium-settings.ts'
import { ProfileState } from '../domain/profile.ts'
import { Refusal } from '../domain/refusal.ts'
import { serialOf } from '../domain/serial.ts'
import type { Experiment, Strategy } from '../domain/strategy.ts'
import { convertedTag, minuteOf, tagOf, UserEntry } from '../domain/user-state.ts'
import { ManualClock } from '../lib/clock.ts'
import { RtaDecider } from './decide.ts'
import { Scratch } from './scratch.ts'
import { newTrace } from './trace.ts'

const device = 77
const second = 78
/** On a full minute, so that a minute ends 60 s from here. */
const wallMs = Date.UTC(2026, 10, 22, 12)
const now = minuteOf(wallMs)
const usual = { cacheAcceptSeconds: 20_000, cacheRefuseSeconds: 40_000 }
const rules: MediumRules = { ...testRules, cacheSecondsMin: 60 }

let audience: MemoryAudience
let clock: ManualClock

beforeEach(() => {
  audience = new MemoryAudience()
  clock = new ManualClock(wallMs)
})

function seen(id: string, ...minutesAgo: number[]): Touch {
  const moments = minutesAgo.map((ago) => ({ minute: now - ago, count: 1 }))
  return { entry: UserEntry.Strategy, tag: tagOf(serialOf('strategy', id)), moments }
}

const shop = serialOf('advertiser', 'shop')

function converted(action: string, minutesAgo: number): Touch {
  const moments = [{ minute: now - minutesAgo, count: 1 }]
  return { entry: UserEntry.Converted, tag: convertedTag(shop, action), moments }
}

function clicked(minutesAgo: number): Touch {
  const moments = [{ minute: now - minutesAgo, count: 1 }]
  return { entry: UserEntry.Clicked, tag: tagOf(shop), moments }
}

function rule(kind: ConvertedRule['kind'], action = ''): ConvertedRule {
  return { kind, advertiserId: 'shop', action, days: 10 }
}

interface Asked {
  readonly settings?: Partial<MediumSettings>
  readonly devices?: readonly number[]
  readonly experiments?: readonly Experiment[]
}

function decide(strategies: readonly Strategy[], asked: Asked = {}) {
  const { settings = usual, devices = [device], experiments = [] } = asked
  const snapshot = snapshotOf(storedOf(strategies, [], experiments), { rules })
  const decider = new RtaDecider({
    catalog: { current: () => snapshot, isStale: () => false },
    audience,
    clock,
    media: [{ settings: settingsOf('m', settings), rules }],
  })
  const scratch = new Scratch()
  scratch.request.medium = 'm'
  scratch.request.deadlineMs = 50
  for (const low of devices) pushDevice(scratch.request.devices, low)
  const decision = decider.decide(scratch.request, scratch) as RtaDecision
  const ids = decision.verdicts.map(({ strategyId }) => strategyId)
  const explained = async () => {
    const trace = newTrace()
    await decider.decide(scratch.request, scratch, trace)
    return trace
  }
  return { refusal: decision.refusal, ids, seconds: decision.cacheSeconds, explained }
}

const capped = strategyOf('s', { caps: [{ impressions: 3, minutes: 60 }] })
const free = strategyOf('free', { priority: -1 })

describe('a strategy with a cap', () => {
  test('takes part while more than one impression is left, cached as ever', () => {
    audience.putHistory(device, [seen('s', 5)])
    expect(decide([capped])).toMatchObject({ refusal: 0, ids: ['s'], seconds: 20_000 })
  })

  test('with one impression left is cached as short as the medium can', () => {
    audience.putHistory(device, [seen('s', 5, 6)])
    expect(decide([capped])).toMatchObject({ ids: ['s'], seconds: 60 })
    const once = strategyOf('s', { caps: [{ impressions: 1, minutes: 3 }] })
    expect(decide([once])).toMatchObject({ ids: ['s'], seconds: 60 })
  })

  test('does not take part when it is reached, under whichever id; others do', () => {
    audience.putHistory(second, [seen('s', 5, 6, 7)])
    expect(decide([capped, free], { devices: [device, second] }).ids).toEqual(['free'])
    expect(decide([capped, free]).ids).toEqual(['s', 'free'])
  })

  test('is refused no longer than until the cap lets go', () => {
    audience.putHistory(device, [seen('s', 5, 6, 50)])
    // The oldest of the three leaves the window when the minute 11 from now begins.
    expect(decide([capped])).toMatchObject({ refusal: Refusal.FrequencyCap, seconds: 11 * 60 })
    const short = { ...usual, cacheRefuseSeconds: 300 }
    expect(decide([capped], { settings: short }).seconds).toBe(300)
  })

  test('whose medium caches by its own setting is told, up to a day', () => {
    const own = { cacheAcceptSeconds: null, cacheRefuseSeconds: null }
    audience.putHistory(device, [seen('s', 5, 6, 50)])
    expect(decide([capped], { settings: own }).seconds).toBe(660)
    const month = strategyOf('s', { caps: [{ impressions: 3, minutes: 43_200 }] })
    expect(decide([month], { settings: own }).seconds).toBe(86_400)
  })

  test('of several caps the last to let go counts, of several strategies the first', () => {
    const two = strategyOf('s', {
      caps: [
        { impressions: 1, minutes: 10 },
        { impressions: 2, minutes: 30 },
      ],
    })
    audience.putHistory(device, [seen('s', 2, 4), seen('t', 0)])
    expect(decide([two]).seconds).toBe(27 * 60)
    const other = strategyOf('t', { caps: [{ impressions: 1, minutes: 3 }] })
    expect(decide([two, other]).seconds).toBe(4 * 60)
    expect(decide([{ ...two, priority: -1 }, other]).seconds).toBe(4 * 60)
    // Under two ids the one that it lets go of later.
    audience.putHistory(second, [seen('s', 1, 3)])
    expect(decide([two], { devices: [device, second] }).seconds).toBe(28 * 60)
    expect(decide([two], { devices: [second, device] }).seconds).toBe(28 * 60)
  })

  test('leaves its target id to the next strategy that has it', () => {
    audience.putHistory(device, [seen('s', 1, 1, 1)])
    const heir = strategyOf('heir', { targetId: 't-s', priority: -1 })
    expect(decide([capped, heir]).ids).toEqual(['heir'])
  })

  test('is out where the history could not be read, also as a default for unknown profiles', () => {
    audience.state = ProfileState.Unavailable
    const settings = {
      ...usual,
      unknownProfile: { kind: 'strategies', strategyIds: ['s', 'free'] } as const,
    }
    expect(decide([capped, free], { settings })).toMatchObject({ ids: ['free'], seconds: 60 })
    expect(decide([capped], { settings }).refusal).toBe(Refusal.AudienceUnavailable)
  })

  test('takes part unseen for a request without ids: there is nobody to count', () => {
    const settings = {
      ...usual,
      unknownProfile: { kind: 'strategies', strategyIds: ['s'] } as const,
    }
    expect(decide([capped], { settings, devices: [] }).ids).toEqual(['s'])
  })

  test('that is held out is not called capped', () => {
    audience.putHistory(device, [seen('s', 1, 1, 1)])
    const holdout = experimentOf('e', [armOf('h', 10_000, { holdout: true })])
    expect(decide([capped], { experiments: [holdout] }).refusal).toBe(Refusal.Holdout)
  })

  test('is explained: how many were counted, of what, until when', async () => {
    audience.putHistory(device, [seen('s', 5, 6, 50)])
    const trace = await decide([capped, strategyOf('t')]).explained()
    expect(trace.strategies.map(({ outcome }) => outcome)).toEqual(['frequency-cap', 'takes-part'])
    expect(trace.strategies[0]?.detail).toBe(
      'cap: 3 of 3 impressions in 60 minutes, until 2026-11-22T12:11:00.000Z',
    )
    expect((await decide([capped]).explained()).cacheNote).toBe('until-cap-frees')
  })
})

describe('a rule on converts', () => {
  const leaves = strategyOf('s', { converted: [rule('exclude')] })
  const joins = strategyOf('s', { converted: [rule('require', 'sign-up')] })

  test('takes converts out, or lets only them in', () => {
    expect([decide([leaves]).ids, decide([joins]).refusal]).toEqual([['s'], Refusal.Converted])
    audience.putHistory(device, [converted('', 5), converted('sign-up', 5)])
    expect([decide([leaves]).refusal, decide([joins]).ids]).toEqual([Refusal.Converted, ['s']])
    audience.putHistory(device, [converted('', 14_401), converted('sign-up', 14_401)])
    expect([decide([leaves]).ids, decide([joins]).refusal]).toEqual([['s'], Refusal.Converted])
  })

  test('makes answers short after a click, for as long as it may convert any moment', () => {
    audience.putHistory(device, [clicked(30)])
    expect([decide([leaves]).seconds, decide([joins]).seconds]).toEqual([60, 60])
    expect(decide([strategyOf('s')]).seconds).toBe(20_000)
    audience.putHistory(device, [clicked(31)])
    expect([decide([leaves]).seconds, decide([joins]).seconds]).toEqual([20_000, 40_000])
    // Who is out already is not waited for.
    audience.putHistory(device, [clicked(1), converted('', 1)])
    expect(decide([leaves]).seconds).toBe(40_000)
  })

  test('is explained', async () => {
    const trace = await decide([joins]).explained()
    expect(trace.strategies[0]).toMatchObject({
      outcome: 'converted',
      detail: 'require: no conversion in 10 days',
    })
    audience.putHistory(device, [converted('', 5), clicked(3)])
    const other = await decide([leaves]).explained()
    expect(other.strategies[0]?.detail).toBe(
      'exclude: converted in 10 days, until 2026-12-02T11:56:00.000Z',
    )
    audience.putHistory(device, [clicked(3)])
    expect((await decide([leaves]).explained()).cacheNote).toBe('soon-wrong')
  })
})

test('history is read only for media that have caps or rules', () => {
  const views: (boolean | undefined)[] = []
  const read = audience.read.bind(audience)
  audience.read = (devices, view, deadlineMs, profile) => {
    views.push(view.asksHistory)
    return read(devices, view, deadlineMs, profile)
  }
  decide([strategyOf('s')])
  decide([strategyOf('s'), strategyOf('x', { medium: 'm2', caps: capped.caps })])
  decide([capped])
  expect(views).toEqual([false, false, true])
})
