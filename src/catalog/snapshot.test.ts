import { expect, test } from 'vitest'
import {
  armOf,
  experimentOf,
  packOf,
  snapshotOf,
  storedOf,
  strategyOf,
  testRules,
} from '../../test/support/rta-fixtures.ts'
import { micros } from '../domain/money.ts'
import { emptyLayout, layoutRecord } from '../domain/pack.ts'
import type { Strategy } from '../domain/strategy.ts'
import { CompileMemory } from './compile-memory.ts'
import { EntityReader } from './entities.ts'
import type { Snapshot } from './plan.ts'
import { compileSnapshot } from './snapshot.ts'

function liveIds(snapshot: Snapshot, medium = 'm'): string[] {
  return snapshot.media.get(medium)?.live.map((strategy) => strategy.id) ?? []
}

test('sorts live strategies by priority, highest first, then by id', () => {
  const strategies = [
    strategyOf('c', { priority: 1 }),
    strategyOf('b', { priority: 5 }),
    strategyOf('a', { priority: 1 }),
  ]
  expect(liveIds(snapshotOf(storedOf(strategies)))).toEqual(['b', 'a', 'c'])
})

test.each<[string, Partial<Strategy>]>([
  ['disabled', { enabled: false }],
  ['unregistered', { registered: false }],
  ['bad-target-id', { targetId: '' }],
  ['bad-target-id', { targetId: 'x'.repeat(33) }],
])('keeps a strategy out as %s: %o', (reason, over) => {
  const snapshot = snapshotOf(storedOf([strategyOf('s', over), strategyOf('ok')]))
  expect(liveIds(snapshot)).toEqual(['ok'])
  expect(snapshot.media.get('m')?.out.map((one) => [one.id, one.reason])).toEqual([['s', reason]])
})

test.each([
  ['1', true],
  ['9223372036854775807', true],
  ['9223372036854775808', false],
  ['0', false],
  ['-5', false],
  ['007', false],
  ['1e3', false],
  ['abc', false],
])('of numeric target ids, %s is live: %s', (targetId, isLive) => {
  const rules = { ...testRules, numericTargets: true }
  const snapshot = snapshotOf(storedOf([strategyOf('s', { targetId })]), { rules })
  expect(liveIds(snapshot)).toEqual(isLive ? ['s'] : [])
})

test('leaves out what does not parse, says which field, and keeps the rest', () => {
  const broken = { ...strategyOf('broken'), priority: 'high' }
  const snapshot = snapshotOf([
    ...storedOf([strategyOf('ok')]),
    { kind: 'strategy', id: 'broken', version: 1, json: JSON.stringify(broken) },
    { kind: 'strategy', id: 'torn', version: 1, json: '{"id":' },
    { kind: 'pack', id: 'p', version: 1, json: '[]' },
    { kind: 'something-new', id: 'x', version: 1, json: 'not ours' },
  ])
  expect(liveIds(snapshot)).toEqual(['ok'])
  expect(snapshot.problems.map(({ kind, id, skipped }) => [kind, id, skipped])).toEqual([
    ['strategy', 'broken', true],
    ['strategy', 'torn', true],
    ['pack', 'p', true],
  ])
  expect(snapshot.problems[0]?.reason).toBe('priority: not a number')
})

test('leaves out strategies of a medium that no adapter has', () => {
  const snapshot = snapshotOf(storedOf([strategyOf('s', { medium: 'gone' })]))
  expect(snapshot.media.size).toBe(0)
  expect(snapshot.problems[0]?.reason).toContain('gone')
})

test('leaves out a strategy with an unknown os or time zone, or an inverted window', () => {
  const at = (timeZone: string, fromMinute: number, toMinute: number) => ({
    schedule: { timeZone, windows: [{ days: [1], fromMinute, toMinute }] },
  })
  const snapshot = snapshotOf(
    storedOf([
      strategyOf('os', { conditions: { os: ['amiga'] } }),
      strategyOf('zone', { conditions: at('Mars/Olympus', 0, 60) }),
      strategyOf('window', { conditions: at('UTC', 60, 60) }),
    ]),
  )
  expect(liveIds(snapshot)).toEqual([])
  expect(snapshot.problems.map((problem) => problem.id)).toEqual(['os', 'window', 'zone'])
})

test('reports a strategy that names packs that are not there, and keeps it', () => {
  const snapshot = snapshotOf(
    storedOf([strategyOf('s', { audience: { all: ['p'], none: ['gone'] } })], [packOf('p', 0)]),
  )
  expect(liveIds(snapshot)).toEqual(['s'])
  expect(snapshot.problems).toEqual([
    {
      kind: 'strategy',
      id: 's',
      reason: 'names packs that are not there: gone',
      skipped: false,
    },
  ])
})

test('leaves out a pack that claims the slot of another', () => {
  const snapshot = snapshotOf(storedOf([], [packOf('a', 3), packOf('b', 3)]))
  expect(snapshot.packs.ids).toEqual(['a'])
  expect(snapshot.problems[0]).toMatchObject({ kind: 'pack', id: 'b', skipped: true })
})

test('leaves out an experiment whose buckets overlap another of its own layer', () => {
  const experiments = [
    experimentOf('a', [armOf('x', 6_000)]),
    experimentOf('b', [armOf('x', 1_000)], { firstBucket: 5_999 }),
    experimentOf('c', [armOf('x', 10_000)], { layer: 'other' }),
    experimentOf('d', [armOf('x', 4_000)], { firstBucket: 6_000 }),
    experimentOf('e', [armOf('x', 2)], { firstBucket: 9_999, layer: 'third' }),
  ]
  const snapshot = snapshotOf(storedOf([strategyOf('s')], [], experiments))
  expect(snapshot.problems.map((problem) => problem.id)).toEqual(['b', 'e'])
  expect(snapshot.media.get('m')?.layers.map((layer) => layer.name)).toEqual(['l', 'other'])
})

test('lets a disabled experiment keep its buckets free for others', () => {
  const experiments = [
    experimentOf('a', [armOf('x', 6_000)], { enabled: false }),
    experimentOf('b', [armOf('y', 6_000)]),
  ]
  const snapshot = snapshotOf(storedOf([strategyOf('s')], [], experiments))
  expect(snapshot.problems).toEqual([])
  expect(snapshot.media.get('m')?.layers[0]?.arms).toEqual([{ experimentId: 'b', armId: 'y' }])
})

test('looks at a strategy of several packs under its rarest only', () => {
  const packs = [
    packOf('big', 0, {
      current: { version: 1, layers: [{ slot: 0, sign: 1 }], devices: 9_000, activatedAtMs: 0 },
    }),
    packOf('small', 1),
  ]
  const all = strategyOf('s', { audience: { all: ['big', 'small'] } })
  const plan = snapshotOf(storedOf([all], packs)).media.get('m')
  expect(plan?.byPack.map((under) => under?.[0] ?? 0)).toEqual([0, 1])
  expect(plan?.always[0]).toBe(0)
})

test('carries prices, products and pcvr into a verdict made once', () => {
  const products = [{ libraryId: '1', productId: '2', priority: 9, score: Number.NaN }]
  const action = {
    bid: { kind: 'cpc', priceMicros: micros(120_000) },
    products,
    pcvr: 0.5,
  } as const
  const plan = snapshotOf(storedOf([strategyOf('s', { action })])).media.get('m')
  expect(plan?.live[0]?.action.verdict).toEqual({
    strategyId: 's',
    targetId: 't-s',
    factor: Number.NaN,
    cpcMicros: 120_000,
    cpaMicros: 0,
    pcvr: 0.5,
    products,
    advertiserIds: [],
    adIds: [],
    tag: '',
    score: -1,
  })
})

test('reads the layout of the store', () => {
  const layout = emptyLayout()
  layout.generation[5] = 1
  layout.buckets[5] = 77
  const json = JSON.stringify(layoutRecord(layout, 77))
  const snapshot = snapshotOf([{ kind: 'layout', id: 'layout', version: 1, json }])
  expect(snapshot.layout).toEqual(layout)
})

test('compiled again with a memory, it equals one compiled from nothing, whatever changed', () => {
  const strategies = (factor: number): Strategy[] => [
    strategyOf('s', { audience: { all: ['q'] }, action: { bid: { kind: 'factor', factor } } }),
    strategyOf('t', { audience: { any: ['p', 'q'] } }),
  ]
  const [p, q] = [packOf('p', 0), packOf('q', 1)]
  const split = (share: number) => [experimentOf('e', [armOf('x', share, { tag: 'x' })])]
  const revisions = [
    storedOf(strategies(1), [q]),
    storedOf(strategies(1), [p, q]),
    storedOf(strategies(1), [p, q], split(10)),
    storedOf(strategies(1), [p, q], split(20)),
    storedOf(strategies(2), [p, q], split(20)),
    storedOf(strategies(2), [packOf('p', 9), q], split(20)),
  ]
  const reader = new EntityReader()
  const memory = new CompileMemory()
  for (const [index, stored] of revisions.entries()) {
    const context = { revision: index, rulesOf: () => testRules, nowMs: 0, memory }
    const again = compileSnapshot(reader.read(stored), context)
    const fresh = snapshotOf(stored, { revision: index })
    expect(again.media).toEqual(fresh.media)
    expect(again.problems).toEqual(fresh.problems)
  }
})

test('keeps what did not change: a new pack version compiles no strategy again', () => {
  const stored = (slot: number) => storedOf([strategyOf('s')], [packOf('p', slot)])
  const reader = new EntityReader()
  const memory = new CompileMemory()
  const context = { revision: 1, rulesOf: () => testRules, nowMs: 0, memory }
  const before = compileSnapshot(reader.read(stored(1)), context).media.get('m')?.live[0]
  const after = compileSnapshot(reader.read(stored(2)), context).media.get('m')?.live[0]
  expect(after).toBe(before)
})
