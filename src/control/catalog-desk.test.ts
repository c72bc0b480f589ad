/** The desk at the size of an ad catalog, and against other writers. */
import { expect, test } from 'vitest'
import { MemoryCatalogStore } from '../../test/support/memory-catalog.ts'
import { ManualClock } from '../lib/clock.ts'
import { catalogBatchMax, type EntityWrite, type WriteResult } from '../store/ports.ts'
import { auditEntries } from './audit-ring.ts'
import { CatalogDesk, type CatalogView, type PlannedWrite } from './catalog-desk.ts'
import { pageOf } from './entity-resource.ts'
import { pageScanMax } from './limits.ts'
import { Problem } from './problem.ts'

const writer = { keyId: 'k' }

function deskOver(store: MemoryCatalogStore): CatalogDesk {
  return new CatalogDesk(store, new ManualClock(1_000))
}

const things = (from: number, to: number, value: object = {}) =>
  Array.from({ length: to - from }, (_, n) => ({ kind: 'thing', id: `t${from + n}`, value }))

async function fill(store: MemoryCatalogStore, count: number): Promise<void> {
  for (let from = 0; from < count; from += catalogBatchMax) {
    const batch = things(from, from + catalogBatchMax).map(({ kind, id }, n) => {
      return { kind, id, json: `{"n":${from + n}}`, expectedVersion: 0 }
    })
    await store.write(batch)
  }
}

const putOf = (id: string, value: object | null, action = 'update'): PlannedWrite => {
  return { kind: 'thing', id, value, action }
}
const change = (desk: CatalogDesk, id: string, value: object | null) =>
  desk.change(writer, () => ({ write: putOf(id, value), result: null }))

/** Ids of a kind, page by page. */
function pagedIds(view: CatalogView, limit: number): string[] {
  const ids: string[] = []
  let after = ''
  while (true) {
    const page = pageOf<{ id?: string; n: number }>(view, 'thing', { limit, after })
    ids.push(...page.items.map(({ value }) => value.id ?? `t${value.n}`))
    if (page.next === null) return ids
    after = page.next
  }
}

test('20 000 entities come in pages, each once and in order, while some come and go', async () => {
  const store = new MemoryCatalogStore()
  await fill(store, 20_000)
  const desk = deskOver(store)
  const sorted = Array.from({ length: 20_000 }, (_, n) => `t${n}`).sort()
  expect(pagedIds(await desk.view(), 999)).toEqual(sorted)
  await change(desk, 't15', null)
  await change(desk, 'a', { id: 'a' })
  await change(desk, 'u', { id: 'u' })
  await change(desk, 't7', { id: 't7' })
  const expected = ['a', ...sorted.filter((id) => id !== 't15'), 'u']
  expect(pagedIds(await desk.view(), 1_000)).toEqual(expected)
  expect((await desk.view()).count('thing')).toBe(20_001)
  expect((await desk.view()).all('thing').map(({ id }) => id)).toEqual(expected)
})

test('a filter that keeps little ends a page early, and its pages reach the end', async () => {
  const store = new MemoryCatalogStore()
  await fill(store, 2 * pageScanMax)
  const view = await deskOver(store).view()
  const keep = ({ n }: { n: number }): boolean => n === 0 || n === 9_999
  const found: number[] = []
  let pages = 0
  for (let after: string | null = ''; after !== null; pages++) {
    const page: ReturnType<typeof pageOf<{ n: number }>> = pageOf(
      view,
      'thing',
      { limit: 10, after },
      keep,
    )
    found.push(...page.items.map(({ value }) => value.n))
    after = page.next
  }
  expect([found, pages]).toEqual([[0, 9_999], 2])
})

test('loads once; after that every write, its own and others’, comes as a change', async () => {
  const store = new MemoryCatalogStore()
  await fill(store, 1_000)
  const desk = deskOver(store)
  expect((await desk.view()).count('thing')).toBe(1_000)
  const { version } = await change(desk, 't1', { own: true })
  await store.put('thing', 't2', { other: true })
  await store.put('thing', 't3', null)
  const view = await desk.view()
  expect(view.get('thing', 't1')).toMatchObject({ version, json: '{"own":true}' })
  expect(view.get('thing', 't2')?.json).toBe('{"other":true}')
  expect(view.get('thing', 't3')).toBeNull()
  expect(view.revision).toBe(await store.revision())
  expect(store.loads).toBe(1)
})

test('loads anew when the store cannot say what changed, or went back', async () => {
  const store = new MemoryCatalogStore()
  await fill(store, 1_000)
  const desk = deskOver(store)
  await desk.view()
  await store.put('thing', 't3', null)
  store.forgetChanges()
  expect((await desk.view()).get('thing', 't3')).toBeNull()
  expect(store.loads).toBe(2)
  const restored = new MemoryCatalogStore()
  Object.assign(store, {
    revision: () => restored.revision(),
    load: () => restored.load(),
    changes: () => Promise.reject(new Error('another history')),
  })
  expect((await desk.view()).count('thing')).toBe(0)
})

test('a store that contradicts the view at one revision is loaded anew', async () => {
  const store = new MemoryCatalogStore()
  await store.put('thing', 'a', {})
  const desk = deskOver(store)
  await desk.view()
  const other = new MemoryCatalogStore()
  await other.put('thing', 'b', {})
  Object.assign(store, {
    revision: () => other.revision(),
    load: () => other.load(),
    changes: (since: number) => other.changes(since),
    write: (batch: readonly EntityWrite[]) => other.write(batch),
  })
  await change(desk, 'b', { new: true })
  expect((await desk.view()).get('thing', 'a')).toBeNull()
  expect((await desk.view()).get('thing', 'b')?.json).toBe('{"new":true}')
})

test('those who ask while a look is under way share the next one, and see their own writes', async () => {
  const store = new MemoryCatalogStore()
  await store.put('thing', 'a', {})
  const desk = deskOver(store)
  const first = desk.view()
  await store.put('thing', 'b', {})
  const others = await Promise.all([desk.view(), desk.view(), desk.view()])
  await first
  expect(store.revisionsAsked).toBe(2)
  for (const view of others) expect(view.get('thing', 'b')).not.toBeNull()
})

test('a failed look fails those who wait for it and nobody after', async () => {
  const store = new MemoryCatalogStore()
  const desk = deskOver(store)
  store.failure = new Error('away')
  const looks = [desk.view(), desk.view()]
  for (const look of looks) await expect(look).rejects.toBeInstanceOf(Problem)
  store.failure = null
  expect((await desk.view()).revision).toBe(0)
})

test('an entity that comes back never has an old version', async () => {
  const desk = deskOver(new MemoryCatalogStore())
  const versions: number[] = []
  for (let n = 0; n < 3; n++) {
    versions.push((await change(desk, 'a', { n })).version)
    versions.push((await change(desk, 'a', { n: -n })).version)
    expect((await change(desk, 'a', null)).version).toBe(0)
  }
  expect(versions).toEqual([...new Set(versions)].sort((a, b) => a - b))
})

test('many are written at once, with one audit entry that counts them', async () => {
  const store = new MemoryCatalogStore()
  const desk = deskOver(store)
  await store.put('thing', 't0', { old: true })
  await store.put('thing', 't1', { same: true })
  await store.put('other', 'gone', {})
  const before = await store.revision()
  const written = await desk.changeMany(writer, (view) => {
    const writes = [
      ...things(0, 1),
      { kind: 'thing', id: 't1', value: { same: true } },
      { kind: 'other', id: 'gone', value: null },
      { kind: 'other', id: 'never', value: null },
      ...things(2, 998),
    ]
    return { action: 'import', writes, result: view.revision }
  })
  expect(written).toEqual({
    version: before + 1,
    created: 996,
    updated: 1,
    deleted: 1,
    unchanged: 2,
    result: before,
  })
  const view = await desk.view()
  expect([view.revision, view.count('thing'), view.count('other')]).toEqual([before + 1, 998, 0])
  expect(view.get('thing', 't1')?.version).toBe(2)
  expect(auditEntries(view)).toEqual([
    {
      seq: 1,
      atMs: 1_000,
      keyId: 'k',
      action: 'import',
      kind: 'catalog',
      id: '*',
      before: null,
      after: null,
      changed: [],
      detail: {
        count: 998,
        kinds: { thing: 997, other: 1 },
        created: 996,
        updated: 1,
        deleted: 1,
      },
    },
  ])
})

test('a batch that changes nothing is not written', async () => {
  const store = new MemoryCatalogStore()
  const desk = deskOver(store)
  const plan = () => ({ action: 'import', writes: things(0, 5), result: null })
  expect((await desk.changeMany(writer, plan)).version).toBe(1)
  expect(await desk.changeMany(writer, plan)).toMatchObject({ version: 0, unchanged: 5 })
  expect(await store.revision()).toBe(1)
})

test('a full batch fits, one more does not, and an entity twice is the caller’s mistake', async () => {
  const store = new MemoryCatalogStore()
  const desk = deskOver(store)
  const many = (writes: ReturnType<typeof things>) =>
    desk.changeMany(writer, () => ({ action: 'import', writes, result: null }))
  expect((await many(things(0, catalogBatchMax))).created).toBe(catalogBatchMax)
  await expect(many(things(0, catalogBatchMax + 1))).rejects.toThrow(RangeError)
  await expect(many([...things(0, 2), ...things(1, 2)])).rejects.toMatchObject({
    code: 'SLUICE_CONTROL_INVALID',
    extra: { errors: [{ path: '[2]', message: "thing 't1' comes twice" }] },
  })
  expect(await store.revision()).toBe(1)
})

test('many are planned again when another writer was first', async () => {
  class Raced extends MemoryCatalogStore {
    before: (() => Promise<void>) | null = null

    override async write(batch: readonly EntityWrite[]): Promise<WriteResult> {
      const { before } = this
      this.before = null
      await before?.()
      return super.write(batch)
    }
  }
  const store = new Raced()
  const desk = deskOver(store)
  store.before = () => store.put('thing', 't1', { theirs: true })
  const seen: (string | null)[] = []
  await desk.changeMany(writer, (view) => {
    seen.push(view.get('thing', 't1')?.json ?? null)
    return { action: 'import', writes: things(0, 3), result: null }
  })
  expect(seen).toEqual([null, '{"theirs":true}'])
})
