import { beforeEach, expect, test } from 'vitest'
import { MemoryCatalogStore } from '../../test/support/memory-catalog.ts'
import { packOf, strategyOf, testRules } from '../../test/support/rta-fixtures.ts'
import { ManualClock } from '../lib/clock.ts'
import { Catalog, pollEveryMs, staleAfterMs } from './catalog.ts'

let store: MemoryCatalogStore
let clock: ManualClock
let planned: { run: () => void; delayMs: number }[]
let catalog: Catalog

beforeEach(() => {
  store = new MemoryCatalogStore()
  clock = new ManualClock(1_000_000)
  planned = []
  catalog = new Catalog({
    store,
    clock,
    rulesOf: (medium) => (medium === 'm' ? testRules : null),
    schedule: (run, delayMs) => {
      const entry = { run, delayMs }
      planned.push(entry)
      return () => {
        planned = planned.filter((other) => other !== entry)
      }
    },
  })
})

/** Lets the planned look happen, and waits until it has planned the next one. */
async function poll(): Promise<void> {
  const [next] = planned.splice(0)
  clock.advance(next!.delayMs)
  next!.run()
  while (planned.length === 0) await Promise.resolve()
}

test('has a snapshot after start, and looks again after the poll time', async () => {
  await store.put('strategy', 's', strategyOf('s'))
  expect(catalog.current()).toBeNull()
  expect(catalog.isStale()).toBe(true)
  await catalog.start()
  expect(
    catalog
      .current()
      ?.media.get('m')
      ?.live.map((s) => s.id),
  ).toEqual(['s'])
  expect(catalog.isStale()).toBe(false)
  expect(planned.map((entry) => entry.delayMs)).toEqual([pollEveryMs])
})

test('loads only when the revision changed, and swaps the whole snapshot then', async () => {
  await store.put('strategy', 's', strategyOf('s'))
  await catalog.start()
  const first = catalog.current()
  await poll()
  expect(catalog.current()).toBe(first)
  expect(store.loads).toBe(1)
  await store.put('strategy', 's', strategyOf('s', { enabled: false }))
  await poll()
  expect(catalog.current()?.revision).toBe(2)
  expect(catalog.current()?.media.get('m')?.live).toEqual([])
  expect(first?.media.get('m')?.live).toHaveLength(1)
})

const liveIds = (): string[] | undefined =>
  catalog
    .current()
    ?.media.get('m')
    ?.live.map((s) => s.id)

test('loads once, and only the kinds it is made of; then it follows the changes of these', async () => {
  await store.put('creative', 'c', { huge: true })
  await store.put('strategy', 's', strategyOf('s'))
  await catalog.start()
  expect([...(store.kindsAsked ?? [])].sort()).toEqual(['experiment', 'layout', 'pack', 'strategy'])
  await store.put('strategy', 'r', strategyOf('r'))
  await poll()
  expect(liveIds()).toEqual(['r', 's'])
  await store.put('strategy', 's', null)
  await store.put('pack', 'p', packOf('p', 7))
  await poll()
  expect(liveIds()).toEqual(['r'])
  expect(catalog.current()?.packs.ids).toEqual(['p'])
  expect([...(store.kindsAsked ?? [])]).not.toContain('creative')
  expect([store.loads, store.changesAsked]).toEqual([1, 2])
})

test('what changes nothing here only moves the revision: the plans stay the same objects', async () => {
  await store.put('strategy', 's', strategyOf('s'))
  await catalog.start()
  const first = catalog.current()
  await store.put('creative', 'c', { huge: true })
  await store.put('strategy', 's', strategyOf('s'))
  await poll()
  const second = catalog.current()
  expect([first?.revision, second?.revision]).toEqual([1, 3])
  expect(second?.media).toBe(first?.media)
  expect(second?.packs).toBe(first?.packs)
  await poll()
  expect(catalog.current()).toBe(second)
})

test('loads again when the store no longer knows what changed', async () => {
  await store.put('strategy', 's', strategyOf('s'))
  await catalog.start()
  await store.put('strategy', 's', null)
  await store.put('strategy', 'r', strategyOf('r'))
  store.forgetChanges()
  await poll()
  expect(liveIds()).toEqual(['r'])
  expect(store.loads).toBe(2)
})

test('follows a store that was set back to an older revision', async () => {
  await store.put('strategy', 's', strategyOf('s'))
  await store.put('strategy', 'r', strategyOf('r'))
  await catalog.start()
  Object.assign(store, {
    revision: async () => 1,
    load: async () => ({ revision: 1, entities: [] }),
  })
  await poll()
  expect(catalog.current()?.revision).toBe(1)
  expect(catalog.current()?.media.size).toBe(0)
})

test('keeps the snapshot when the store fails, grows stale, and recovers by itself', async () => {
  await store.put('strategy', 's', strategyOf('s'))
  await catalog.start()
  const first = catalog.current()
  store.failure = new Error('no store')
  await poll()
  expect(catalog.current()).toBe(first)
  expect(catalog.problem()).toBe('no store')
  expect(catalog.ageMs()).toBe(pollEveryMs)
  expect(catalog.isStale()).toBe(false)
  clock.advance(staleAfterMs)
  expect(catalog.isStale()).toBe(true)
  store.failure = null
  await poll()
  expect(catalog.isStale()).toBe(false)
  expect(catalog.problem()).toBeNull()
})

test('starts without a store and comes alive when it appears', async () => {
  store.failure = new Error('refused')
  await catalog.start()
  expect(catalog.current()).toBeNull()
  expect(catalog.problem()).toBe('refused')
  store.failure = null
  await poll()
  expect(catalog.current()?.revision).toBe(0)
})

test('keeps the snapshot, unconfirmed, when the bucket layout is broken', async () => {
  await catalog.start()
  const first = catalog.current()
  await store.put('layout', 'layout', { generation: '0', buckets: [1] })
  await poll()
  expect(catalog.current()).toBe(first)
  expect(catalog.problem()).toContain('layout')
  expect(catalog.ageMs()).toBe(pollEveryMs)
  await store.put('creative', 'c', {})
  await poll()
  expect(catalog.current()).toBe(first)
  expect(catalog.ageMs()).toBe(2 * pollEveryMs)
  await store.put('layout', 'layout', null)
  await poll()
  expect([catalog.problem(), catalog.current()?.revision]).toEqual([null, 3])
  expect(catalog.ageMs()).toBe(0)
})

test('lets a pack expire at its time without any change in the store', async () => {
  const expiresAtMs = clock.wallMs() + 1_000
  await store.put('pack', 'p', packOf('p', 7, { expiresAtMs }))
  await catalog.start()
  expect(catalog.current()?.packs.slotPack[7]).toBe(0)
  clock.advance(1_000)
  await poll()
  expect(catalog.current()?.packs.slotPack[7]).toBe(-1)
  expect(catalog.current()?.nextExpiryMs).toBe(Number.POSITIVE_INFINITY)
  expect(store.loads).toBe(1)
})

test('looks no more after stop', async () => {
  await catalog.start()
  catalog.stop()
  expect(planned).toEqual([])
})

test('counts age from before the store was asked, since its answer may be that old', async () => {
  let answer = (_revision: number): void => {}
  await catalog.start()
  Object.assign(store, { revision: () => new Promise<number>((resolve) => (answer = resolve)) })
  planned.splice(0)[0]!.run()
  clock.advance(3_000)
  answer(0)
  while (planned.length === 0) await Promise.resolve()
  expect(catalog.ageMs()).toBe(3_000)
})
