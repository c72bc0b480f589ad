import { beforeEach, describe, expect, test } from 'vitest'
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
import { Os, RequestKind } from '../domain/ad-request.ts'
import { isAccept, type RtaDecision } from '../domain/decision.ts'
import type { MediumSettings } from '../domain/medium-settings.ts'
import { ProfileState } from '../domain/profile.ts'
import { Refusal } from '../domain/refusal.ts'
import type { Strategy } from '../domain/strategy.ts'
import { ManualClock } from '../lib/clock.ts'
import { RtaDecider } from './decide.ts'
import { Scratch, verdictsMax } from './scratch.ts'
import { ScratchPool } from './scratch-pool.ts'
import { newTrace } from './trace.ts'

const device = 77
const packs = [packOf('p', 0), packOf('q', 1), packOf('scored', 2)]

let audience: MemoryAudience
let clock: ManualClock
let source: { snapshot: Snapshot | null; stale: boolean }
let pool: ScratchPool<Scratch>
let scratch: Scratch

beforeEach(() => {
  audience = new MemoryAudience()
  audience.put(device, { p: -1, scored: 255 })
  clock = new ManualClock(1_700_000_000_000)
  source = { snapshot: null, stale: false }
  pool = new ScratchPool(() => new Scratch(), 2)
  scratch = pool.take()!
  scratch.request.medium = 'm'
  scratch.request.deadlineMs = 50
  pushDevice(scratch.request.devices, device)
})

function decider(settings: Partial<MediumSettings> = {}): RtaDecider {
  return new RtaDecider({
    catalog: { current: () => source.snapshot, isStale: () => source.stale },
    audience,
    clock,
    media: [{ settings: settingsOf('m', settings), rules: testRules }],
  })
}

function load(strategies: Strategy[], experiments = [] as ReturnType<typeof experimentOf>[]): void {
  source.snapshot = snapshotOf(storedOf(strategies, packs, experiments))
}

function decide(settings: Partial<MediumSettings> = {}): RtaDecision {
  const decision = decider(settings).decide(scratch.request, scratch)
  if (decision instanceof Promise) throw new Error('not synchronous')
  return decision
}

function targets(decision: RtaDecision): string[] {
  return decision.verdicts.map((verdict) => verdict.targetId)
}

describe('what is refused before any strategy is looked at, in this order', () => {
  const mess = (): void => {
    load([])
    source.stale = true
    scratch.request.asked = []
    scratch.request.deadlineMs = 0
    scratch.request.devices.clear()
  }

  test('a ping, even without a catalog; it is not cached', () => {
    mess()
    source.snapshot = null
    scratch.request.kind = RequestKind.Ping
    expect(decide({ cacheRefuseSeconds: 9_000 })).toMatchObject({
      refusal: Refusal.Ping,
      cacheSeconds: 0,
    })
  })

  test('no catalog yet: a failure, cached as short as the medium can', () => {
    mess()
    source.snapshot = null
    expect(decide({ cacheRefuseSeconds: 90_000 })).toMatchObject({
      refusal: Refusal.CatalogUnavailable,
      cacheSeconds: testRules.cacheSecondsMin,
    })
  })

  test('a stale catalog', () => {
    mess()
    expect(decide().refusal).toBe(Refusal.CatalogUnavailable)
  })

  test('a request that asks about nothing', () => {
    mess()
    source.stale = false
    expect(decide().refusal).toBe(Refusal.NothingAsked)
    scratch.request.asked = null
    scratch.request.kind = RequestKind.Second
    expect(decide().refusal).toBe(Refusal.NothingAsked)
  })

  test('a deadline that is here', () => {
    mess()
    source.stale = false
    scratch.request.asked = ['t-s']
    expect(decide().refusal).toBe(Refusal.Deadline)
  })

  test('a medium without live strategies, and ids that are not ours; the store is not read', () => {
    mess()
    source.stale = false
    scratch.request.asked = ['t-s']
    scratch.request.deadlineMs = 50
    expect(decide().refusal).toBe(Refusal.NoStrategy)
    load([strategyOf('other')])
    expect(decide().refusal).toBe(Refusal.NoStrategy)
    scratch.request.asked = ['t-other']
    scratch.request.medium = 'm2'
    expect(decide().refusal).toBe(Refusal.NoStrategy)
    expect(audience.reads).toBe(0)
  })

  test('a request without any usable id', () => {
    load([strategyOf('s')])
    scratch.request.devices.clear()
    expect(decide().refusal).toBe(Refusal.NoDeviceId)
    expect(audience.reads).toBe(0)
  })
})

describe('why nothing takes part: the furthest that any strategy got', () => {
  const audienceNo = strategyOf('a', { priority: 9, audience: { all: ['q'] } })
  const conditionNo = strategyOf('c', { audience: { all: ['p'] }, conditions: { os: ['ios'] } })
  const heldOut = strategyOf('h', { audience: { all: ['p'] } })
  const holdout = experimentOf('e', [armOf('out', 10_000, { holdout: true, tag: 'control' })], {
    strategies: ['h'],
  })

  test('an audience', () => {
    load([audienceNo])
    expect(decide().refusal).toBe(Refusal.AudienceMismatch)
  })

  test('a condition, though an audience failed too', () => {
    load([audienceNo, conditionNo])
    expect(decide().refusal).toBe(Refusal.ConditionMismatch)
  })

  test('a holdout, though a condition failed too; the arm labels the refusal', () => {
    load([audienceNo, conditionNo, heldOut], [holdout])
    expect(decide()).toMatchObject({ refusal: Refusal.Holdout, tag: 'control' })
  })

  test('nothing of it when one takes part', () => {
    load([audienceNo, conditionNo, heldOut, strategyOf('yes')], [holdout])
    expect(targets(decide())).toEqual(['t-yes'])
  })

  test('the near miss says how long the refusal may be cached', () => {
    const cached = (id: string, seconds: number | null, priority: number) =>
      strategyOf(id, {
        priority,
        audience: { all: ['q'] },
        action: { cacheRefuseSeconds: seconds },
      })
    load([cached('low', 50_000, 1), cached('high', 40_000, 2)])
    expect(decide({ cacheRefuseSeconds: 90_000 }).cacheSeconds).toBe(40_000)
    load([cached('low', 50_000, 1), cached('high', null, 2)])
    expect(decide({ cacheRefuseSeconds: 90_000 }).cacheSeconds).toBe(90_000)
  })
})

describe('audiences', () => {
  test.each<[Partial<Strategy['audience']>, boolean]>([
    [{}, true],
    [{ all: ['p'] }, true],
    [{ all: ['p', 'scored'] }, true],
    [{ all: ['p', 'q'] }, false],
    [{ any: ['q', 'p'] }, true],
    [{ any: ['q'] }, false],
    [{ none: ['p'] }, false],
    [{ none: ['q'] }, true],
    [{ all: ['p'], any: ['q'] }, false],
    [{ all: ['p'], any: ['scored'], none: ['q'] }, true],
    [{ all: ['gone'] }, false],
    [{ any: ['gone'] }, false],
    [{ any: ['gone', 'p'] }, true],
    [{ none: ['gone'] }, true],
  ])('%o lets a device of p and scored in: %s', (rule, isIn) => {
    load([strategyOf('s', { audience: rule })])
    expect(isAccept(decide())).toBe(isIn)
  })

  test('an expired pack matches nobody and keeps nobody out', () => {
    const expired = [packOf('p', 0, { expiresAtMs: 5 })]
    const strategies = [
      strategyOf('all', { audience: { all: ['p'] } }),
      strategyOf('none', { audience: { none: ['p'] } }),
    ]
    source.snapshot = snapshotOf(storedOf(strategies, expired), { nowMs: 5 })
    expect(targets(decide())).toEqual(['t-none'])
  })
})

describe('conditions', () => {
  test('os: one of the named; unknown only where it is named', () => {
    load([strategyOf('s', { conditions: { os: ['harmony', 'unknown'] } })])
    scratch.request.os = Os.Harmony
    expect(isAccept(decide())).toBe(true)
    scratch.request.os = Os.Unknown
    expect(isAccept(decide())).toBe(true)
    scratch.request.os = Os.Android
    expect(isAccept(decide())).toBe(false)
  })

  test('flight: from its first millisecond until before its last', () => {
    const startMs = clock.wallMs()
    load([strategyOf('s', { conditions: { startMs, endMs: startMs + 2 } })])
    const seen = [-1, 0, 1, 2].map((offset) => {
      clock.jumpWall(startMs + offset)
      return isAccept(decide())
    })
    expect(seen).toEqual([false, true, true, false])
  })

  test('experiment ids of the medium: one of the wanted, none of the unwanted', () => {
    load([strategyOf('s', { conditions: { experimentIds: { anyOf: [3, 4], noneOf: [9] } } })])
    const seen = [[], [4], [1, 3], [3, 9], [9]].map((ids) => {
      scratch.request.experimentIds = ids
      return isAccept(decide())
    })
    expect(seen).toEqual([false, true, true, false, false])
  })

  test('geo: names in any case; not said is not there, and not excluded either', () => {
    const geo = { countries: ['CN'], cities: [], excludedCities: ['Beijing'] }
    load([strategyOf('s', { conditions: { geo } })])
    const seen = [
      ['cn', 'Shanghai'],
      ['CN', 'BEIJING'],
      ['CN', ''],
      ['', 'Shanghai'],
    ].map(([country, city]) => {
      scratch.request.geo.country = country!
      scratch.request.geo.city = city!
      return isAccept(decide())
    })
    expect(seen).toEqual([true, false, true, false])
  })

  test('a schedule over midnight is two windows; a repeated hour is live twice', () => {
    const windows = [
      { days: [6], fromMinute: 23 * 60, toMinute: 24 * 60 },
      { days: [7], fromMinute: 0, toMinute: 90 },
    ]
    const schedule = { timeZone: 'America/New_York', windows }
    load([strategyOf('s', { conditions: { schedule } })])
    const liveAt = (utcMs: number): boolean => {
      clock.jumpWall(utcMs)
      return isAccept(decide())
    }
    // Saturday 23:00 in summer time; Sunday 1:29 of both; Sunday 1:30 of both.
    expect(liveAt(Date.UTC(2026, 10, 1, 2, 59))).toBe(false)
    expect(liveAt(Date.UTC(2026, 10, 1, 3, 0))).toBe(true)
    expect(liveAt(Date.UTC(2026, 10, 1, 5, 29))).toBe(true)
    expect(liveAt(Date.UTC(2026, 10, 1, 5, 30))).toBe(false)
    expect(liveAt(Date.UTC(2026, 10, 1, 6, 0))).toBe(true)
    expect(liveAt(Date.UTC(2026, 10, 1, 6, 30))).toBe(false)
  })
})

describe('verdicts', () => {
  test('come by priority, and only for what was asked', () => {
    load([strategyOf('a'), strategyOf('b', { priority: 3 }), strategyOf('c', { priority: 2 })])
    expect(targets(decide())).toEqual(['t-b', 't-c', 't-a'])
    scratch.request.asked = ['t-a', 'foreign', 't-c']
    expect(targets(decide())).toEqual(['t-c', 't-a'])
  })

  test('the best strategy that matches speaks for a target id that several have', () => {
    const shared = (id: string, priority: number, over: object) =>
      strategyOf(id, { targetId: 'one', priority, ...over })
    load([
      shared('first', 3, { audience: { all: ['q'] } }),
      shared('second', 2, { action: { tag: 'second' } }),
      shared('third', 1, { action: { tag: 'third' } }),
    ])
    expect(decide().verdicts.map((verdict) => verdict.tag)).toEqual(['second'])
  })

  test(`are at most ${verdictsMax}, the lowest priorities are left out`, () => {
    load(Array.from({ length: 100 }, (_, i) => strategyOf(`s${i}`, { priority: i })))
    const decision = decide()
    expect(decision.verdicts).toHaveLength(verdictsMax)
    expect(decision.verdicts.at(-1)?.strategyId).toBe(`s${100 - verdictsMax}`)
  })

  test('have a factor by score only where the device has a score in that pack', () => {
    const bid = (packId: string) => ({ kind: 'factorByScore', packId, low: 0.5, high: 9 }) as const
    load([
      strategyOf('max', { action: { bid: bid('scored') } }),
      strategyOf('no-score', { action: { bid: bid('p') } }),
      strategyOf('not-in', { action: { bid: bid('q') } }),
      strategyOf('unknown', { action: { bid: bid('gone') } }),
    ])
    expect(decide().verdicts.map((v) => v.factor)).toEqual([5, Number.NaN, Number.NaN, Number.NaN])
    audience.put(device, { scored: 100 })
    expect(decide().verdicts[0]?.factor).toBe(3.83)
  })

  test('tell the best score of the packs that let the device in', () => {
    audience.put(device, { p: 12, scored: 200, q: 250 })
    load([strategyOf('s', { audience: { all: ['p'], any: ['scored'] } }), strategyOf('t')])
    expect(decide().verdicts.map((verdict) => verdict.score)).toEqual([200, -1])
  })

  test('live in the cache as long as the shortest of them', () => {
    const cached = (id: string, cacheAcceptSeconds: number | null) =>
      strategyOf(id, { action: { cacheAcceptSeconds } })
    load([cached('a', 7_200), cached('b', 5_000), cached('c', null)])
    expect(decide({ cacheAcceptSeconds: 9_000 }).cacheSeconds).toBe(5_000)
    expect(decide({ cacheAcceptSeconds: 4_000 }).cacheSeconds).toBe(4_000)
    expect(decide().cacheSeconds).toBe(5_000)
    load([cached('c', null)])
    expect(decide().cacheSeconds).toBe(0)
  })
})

describe('an unknown profile', () => {
  const named = { unknownProfile: { kind: 'strategies', strategyIds: ['s'] } } as const
  const strategies = [strategyOf('s', { audience: { all: ['q'] } }), strategyOf('t')]

  test('is refused unless a default is named; a failing store as a failure', () => {
    load(strategies)
    audience.state = ProfileState.Unavailable
    expect(decide({ cacheRefuseSeconds: 90_000 })).toMatchObject({
      refusal: Refusal.AudienceUnavailable,
      cacheSeconds: testRules.cacheSecondsMin,
    })
  })

  test('lets the named strategies take part unseen, cached shortly when a store failed', () => {
    load(strategies)
    audience.state = ProfileState.Unavailable
    const decision = decide({ ...named, cacheAcceptSeconds: 90_000 })
    expect(targets(decision)).toEqual(['t-s'])
    expect(decision.cacheSeconds).toBe(testRules.cacheSecondsMin)
    scratch.request.devices.clear()
    expect(decide({ ...named, cacheAcceptSeconds: 90_000 }).cacheSeconds).toBe(90_000)
  })

  test('holds the named strategies to their conditions and to what was asked', () => {
    load([strategyOf('s', { conditions: { os: ['ios'] } }), strategyOf('t')])
    audience.state = ProfileState.Unavailable
    expect(decide(named).refusal).toBe(Refusal.AudienceUnavailable)
    scratch.request.devices.clear()
    expect(decide(named).refusal).toBe(Refusal.UnknownProfile)
    scratch.request.os = Os.Ios
    scratch.request.asked = ['t-t']
    expect(decide(named).refusal).toBe(Refusal.UnknownProfile)
  })

  test('never brings back a strategy that is not live', () => {
    load([strategyOf('s', { registered: false }), strategyOf('t')])
    scratch.request.devices.clear()
    expect(isAccept(decide(named))).toBe(false)
  })
})

describe('while the store is read', () => {
  let release: (value: undefined) => void

  beforeEach(() => {
    audience.gate = new Promise<undefined>((resolve) => {
      release = resolve
    })
    load([strategyOf('s'), strategyOf('t')])
  })

  test('one promise is made, and the answer is the same', async () => {
    const pending = decider().decide(scratch.request, scratch)
    expect(pending).toBeInstanceOf(Promise)
    release(undefined)
    expect(targets(await pending)).toEqual(['t-s', 't-t'])
  })

  test('a deadline that passes is a refusal', async () => {
    const pending = decider().decide(scratch.request, scratch)
    clock.advance(50)
    release(undefined)
    expect((await pending).refusal).toBe(Refusal.Deadline)
  })

  test('a strategy that is withdrawn does not leave the house', async () => {
    const pending = decider().decide(scratch.request, scratch)
    load([strategyOf('s', { enabled: false }), strategyOf('t')])
    release(undefined)
    expect(targets(await pending)).toEqual(['t-t'])
  })

  test('a target id that changes does not leave the house under its old name', async () => {
    const pending = decider().decide(scratch.request, scratch)
    load([strategyOf('s', { targetId: 'new' }), strategyOf('t', { registered: false })])
    release(undefined)
    const decision = await pending
    expect(isAccept(decision)).toBe(false)
    expect(decision.refusal).toBe(Refusal.NoStrategy)
  })

  test('a scratch that is given back is not used by the late answer', async () => {
    const pending = decider().decide(scratch.request, scratch)
    pool.give(scratch)
    expect([pool.take(), pool.take()]).not.toContain(scratch)
    release(undefined)
    expect((await pending).refusal).toBe(Refusal.Deadline)
  })
})

describe('experiments', () => {
  test('an arm overrides bid, tag and cache; without a device key no arm applies', () => {
    const bid = { kind: 'factor', factor: 2 } as const
    const arm = armOf('x', 10_000, { bid, tag: 'x', cacheAcceptSeconds: 4_000 })
    load([strategyOf('s', { action: { tag: 'own' } })], [experimentOf('e', [arm])])
    const named = { unknownProfile: { kind: 'strategies', strategyIds: ['s'] } } as const
    const decision = decide(named)
    expect(decision.verdicts[0]).toMatchObject({ factor: 2, tag: 'x' })
    expect(decision).toMatchObject({ tag: 'x', cacheSeconds: 4_000 })
    scratch.request.devices.clear()
    expect(decide(named).verdicts[0]).toMatchObject({ factor: Number.NaN, tag: 'own' })
  })

  test('of several layers each adds what the earlier ones left alone', () => {
    const factor = (value: number) => ({ kind: 'factor', factor: value }) as const
    load(
      [strategyOf('s')],
      [
        experimentOf('b', [armOf('b', 10_000, { bid: factor(3), tag: 'b' })], { layer: 'two' }),
        experimentOf('a', [armOf('a', 10_000, { bid: factor(2) })], { layer: 'one' }),
      ],
    )
    expect(decide().verdicts[0]).toMatchObject({ factor: 2, tag: 'b' })
  })

  test('act only on their media and strategies', () => {
    const out = [armOf('out', 10_000, { holdout: true })]
    load(
      [strategyOf('s'), strategyOf('t')],
      [
        experimentOf('e', out, { strategies: ['s'] }),
        experimentOf('f', out, { media: ['m2'], layer: 'other' }),
      ],
    )
    expect(targets(decide())).toEqual(['t-t'])
  })

  test('bucket by the id that the medium caches by, wherever it stands', () => {
    const arms = Array.from({ length: 100 }, (_, i) => armOf(`a${i}`, 100, { tag: `a${i}` }))
    load([strategyOf('s')], [experimentOf('e', arms)])
    const alone = decide().tag
    const { devices } = scratch.request
    devices.clear()
    pushDevice(devices, 1)
    pushDevice(devices, device)
    devices.cachedBy = 1
    expect(decide().tag).toBe(alone)
    devices.cachedBy = -1
    expect(decide().tag).not.toBe(alone)
  })
})

describe('a second request', () => {
  const bid = (factor: number) => ({ kind: 'factor', factor }) as const
  const rule = (ids: object, price: ReturnType<typeof bid> | { kind: 'ignore' }) => ({
    adGroupId: '',
    creativeId: '',
    productId: '',
    ...ids,
    bid: price,
  })
  const ad = (adGroupId: string, over: object = {}) => ({
    adGroupId,
    advertiserId: '900',
    outTargetId: 't-s',
    creativeIds: ['c1', 'c2'],
    products: [{ libraryId: 'lib', productId: 'p1' }],
    ...over,
  })

  beforeEach(() => {
    scratch.request.kind = RequestKind.Second
  })

  test('is priced most specific first, in the order asked', () => {
    const secondPrices = [
      rule({ creativeId: 'c1' }, bid(1.1)),
      rule({ creativeId: 'c1', adGroupId: '2' }, bid(1.2)),
      rule({ productId: 'p1', adGroupId: '2' }, bid(1.3)),
      rule({ adGroupId: '2' }, bid(1.4)),
    ]
    load([strategyOf('s', { action: { bid: bid(4) }, secondPrices })])
    scratch.request.ads = [ad('2'), ad('1'), ad('3', { outTargetId: 'foreign' })]
    const decision = decide()
    expect(decision.verdicts).toEqual([])
    expect(
      decision.adResults.map((result) => [
        result.adGroupId,
        result.ignore,
        result.price.factor,
        result.creatives.map((one) => [one.creativeId, one.price.factor]),
        result.products.map((one) => [one.productId, one.price.factor]),
      ]),
    ).toEqual([
      ['2', false, 1.4, [['c1', 1.2]], [['p1', 1.3]]],
      ['1', false, 4, [['c1', 1.1]], []],
      ['3', true, Number.NaN, [], []],
    ])
  })

  test('ignores an ad that an ignore rule names, by itself or by what it carries', () => {
    const ignore = { kind: 'ignore' } as const
    const secondPrices = [
      rule({ adGroupId: '1' }, ignore),
      rule({ creativeId: 'bad' }, ignore),
      rule({ productId: 'bad' }, ignore),
    ]
    load([strategyOf('s', { secondPrices })])
    const products = [{ libraryId: 'lib', productId: 'bad' }]
    scratch.request.ads = [
      ad('1'),
      ad('2', { creativeIds: ['bad'] }),
      ad('3', { products }),
      ad('4'),
    ]
    expect(decide().adResults.map((result) => result.ignore)).toEqual([true, true, true, false])
  })

  test('is refused whole with the reason when no strategy of its ads takes part', () => {
    load([strategyOf('s', { audience: { all: ['q'] } }), strategyOf('t')])
    scratch.request.ads = [ad('1')]
    expect(decide()).toMatchObject({ refusal: Refusal.AudienceMismatch, adResults: [] })
  })

  test('finds the strategy by advertiser where the ad has no target, and keeps its limits', () => {
    const action = { advertiserIds: ['900'], adIds: ['1'], bid: bid(2) }
    load([strategyOf('s', { action }), strategyOf('t')])
    const outTargetId = ''
    scratch.request.ads = [
      ad('1', { outTargetId }),
      ad('2', { outTargetId }),
      ad('1', { outTargetId, advertiserId: '901' }),
    ]
    expect(decide().adResults.map((result) => result.ignore)).toEqual([false, true, true])
  })
})

describe('the trace', () => {
  test('tells every id, pack, strategy and reason', async () => {
    const arm = armOf('all', 10_000, { tag: 'x' })
    load(
      [
        strategyOf('yes', { audience: { all: ['p'] }, priority: 9 }),
        strategyOf('all', { audience: { all: ['p', 'q'] } }),
        strategyOf('any', { audience: { any: ['q', 'gone'] } }),
        strategyOf('none', { audience: { none: ['p'] } }),
        strategyOf('os', { conditions: { os: ['ios'] } }),
        strategyOf('off', { enabled: false }),
        strategyOf('twin', { targetId: 't-yes' }),
      ],
      [experimentOf('e', [arm], { strategies: ['yes'] })],
    )
    pushDevice(scratch.request.devices, 5)
    const trace = newTrace()
    const decision = await decider().decide(scratch.request, scratch, trace)
    expect(targets(decision)).toEqual(['t-yes'])
    expect(trace.decision).toBe(decision)
    expect(trace).toMatchObject({ medium: 'm', revision: 1, profile: 'known', refusalName: 'none' })
    expect(trace.packs).toEqual([
      { id: 'p', score: -1 },
      { id: 'scored', score: 255 },
    ])
    expect(
      trace.ids.map(({ type, key, bucketsBy, found }) => [type, key, bucketsBy, found]),
    ).toEqual([
      ['oaid_md5', '000000000000004d', true, true],
      ['oaid_md5', '0000000000000005', false, false],
    ])
    expect(trace.layers).toMatchObject([{ layer: 'l', experiment: 'e', arm: 'all' }])
    expect(trace.strategies.map(({ id, outcome, detail }) => [id, outcome, detail])).toEqual([
      ['yes', 'takes-part', 'e/all'],
      ['all', 'audience', 'all: not in q'],
      ['any', 'audience', 'any: in none of q, gone'],
      ['none', 'audience', 'none: in p'],
      ['os', 'condition', 'os'],
      ['twin', 'same-target', ''],
      ['off', 'out', 'disabled'],
    ])
  })

  test('of a refusal before the strategies lists them as not reached', async () => {
    load([strategyOf('s'), strategyOf('off', { registered: false })])
    scratch.request.deadlineMs = 0
    const trace = newTrace()
    await decider().decide(scratch.request, scratch, trace)
    expect(trace.refusalName).toBe('deadline')
    expect(trace.profile).toBe('not-read')
    expect(trace.strategies.map((one) => [one.id, one.outcome])).toEqual([
      ['s', 'not-reached'],
      ['off', 'out'],
    ])
  })
})
