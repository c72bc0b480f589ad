/** The contract of `CatalogStore`, on every store and on the fake that unit tests use. */
import { setImmediate as nextTurn } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  type CatalogChanges,
  type CatalogStore,
  catalogBatchMax,
  catalogLogMax,
  catalogWritesMax,
  type EntityWrite,
  type StoredEntity,
} from '../../src/store/ports.ts'
import { MemoryCatalogStore } from '../support/memory-catalog.ts'
import { testStores } from '../support/stores.ts'

interface Home {
  readonly catalog: CatalogStore
  end(): Promise<void>
}

const homes: Record<string, () => Promise<Home>> = {
  memory: () =>
    Promise.resolve({ catalog: new MemoryCatalogStore(), end: () => Promise.resolve() }),
}
for (const [kind, make] of Object.entries(testStores)) {
  homes[kind] = async () => {
    const place = await make()
    const store = await place.open()
    const end = async () => {
      await store.close()
      await place.end()
    }
    return { catalog: store.catalog, end }
  }
}

const put = (id: string, json: string, expectedVersion: number | null = null): EntityWrite => ({
  kind: 'thing',
  id,
  json,
  expectedVersion,
})
const drop = (id: string, expectedVersion: number | null = null): EntityWrite => ({
  ...put(id, '', expectedVersion),
  json: null,
})
const ofKind = (kind: string, write: EntityWrite): EntityWrite => ({ ...write, kind })

/** Names, versions and texts, for comparisons that ask for no order. */
function shown(entities: readonly StoredEntity[]): Record<string, string> {
  return Object.fromEntries(
    entities.map(({ kind, id, version, json }) => [`${kind}/${id}`, `${version} ${json}`]),
  )
}

/** What a follower holds after these changes. */
function applied(
  held: Record<string, string>,
  { entities, deleted }: CatalogChanges,
): Record<string, string> {
  const next = { ...held, ...shown(entities) }
  for (const { kind, id } of deleted) delete next[`${kind}/${id}`]
  return next
}

describe.each(Object.keys(homes))('catalog on %s', (kind) => {
  let home: Home
  let catalog: CatalogStore

  beforeAll(async () => {
    home = await (homes[kind] as () => Promise<Home>)()
    catalog = home.catalog
  })

  afterAll(() => home.end())

  async function stored(): Promise<Record<string, string>> {
    return shown((await catalog.load()).entities)
  }

  async function changesSince(since: number, kinds?: readonly string[]): Promise<CatalogChanges> {
    const changes = await catalog.changes(since, kinds)
    if (changes === null) throw new Error(`no changes since ${since}`)
    return changes
  }

  test('an empty store has revision 0 and nothing in it', async () => {
    expect(await catalog.revision()).toBe(0)
    expect(await catalog.load()).toEqual({ revision: 0, entities: [] })
    expect(await catalog.load(['thing'])).toEqual({ revision: 0, entities: [] })
    expect(await catalog.changes(0)).toEqual({ revision: 0, entities: [], deleted: [] })
  })

  test('every batch raises the revision by one, which is the version of what it writes', async () => {
    expect(await catalog.write([put('a', '{"n":1}', 0), put('b', '"é:/"', 0)])).toEqual({
      ok: true,
      revision: 1,
    })
    expect(await catalog.write([put('a', '{"n":2}', 1)])).toEqual({ ok: true, revision: 2 })
    expect(await catalog.revision()).toBe(2)
    expect(await stored()).toEqual({ 'thing/a': '2 {"n":2}', 'thing/b': '1 "é:/"' })
    expect((await catalog.load()).revision).toBe(2)
  })

  test('one wrong version keeps the whole batch out, and the answer names it', async () => {
    const before = await stored()
    const batch = [put('c', '1', 0), put('a', '1', 1), put('b', '1', 9)]
    expect(await catalog.write(batch)).toEqual({ ok: false, index: 1, version: 2 })
    expect(await catalog.write([put('b', '1', 0)])).toEqual({ ok: false, index: 0, version: 1 })
    expect(await stored()).toEqual(before)
    expect(await catalog.revision()).toBe(2)
  })

  test('a deletion needs the version too, and what comes after it never has an old version', async () => {
    expect(await catalog.write([drop('b', 7)])).toEqual({ ok: false, index: 0, version: 1 })
    expect(await catalog.write([drop('b', 1), drop('never')])).toEqual({ ok: true, revision: 3 })
    expect(Object.keys(await stored())).toEqual(['thing/a'])
    expect(await catalog.write([put('b', '3', 0)])).toEqual({ ok: true, revision: 4 })
    expect(await stored()).toMatchObject({ 'thing/b': '4 3' })
    expect(await catalog.write([put('b', '4', 1)])).toEqual({ ok: false, index: 0, version: 4 })
  })

  test('of writers at once with one expected version exactly one wins', async () => {
    const tries = Array.from({ length: 8 }, (_, n) => catalog.write([put('race', `${n}`, 0)]))
    const results = await Promise.all(tries)
    expect(results.filter(({ ok }) => ok).length).toBe(1)
    const winner = results.findIndex(({ ok }) => ok)
    expect(await stored()).toMatchObject({ 'thing/race': `5 ${winner}` })
  })

  test('large entities survive', async () => {
    const json = JSON.stringify('x'.repeat(300_000))
    await catalog.write([put('large', json)])
    expect(await stored()).toMatchObject({ 'thing/large': `6 ${json}` })
    expect(shown((await changesSince(5)).entities)).toEqual({ 'thing/large': `6 ${json}` })
    await catalog.write([drop('large')])
  })

  test('a load of some kinds has these alone, at the revision of all', async () => {
    const other = ofKind('other', put('a/b\n%:', '{}'))
    expect(await catalog.write([other, ofKind('thin', put('a', '1'))])).toMatchObject({ ok: true })
    const { revision, entities } = await catalog.load(['other', 'nothing', 'thin', 'other'])
    expect(revision).toBe(8)
    expect(shown(entities)).toEqual({ 'other/a/b\n%:': '8 {}', 'thin/a': '8 1' })
    expect((await catalog.load([])).entities).toEqual([])
  })

  test('changes are each entity once, as it is now, also when it is gone', async () => {
    const since = await catalog.revision()
    await catalog.write([put('p', '1'), put('q', '1'), ofKind('other', put('p', '1'))])
    await catalog.write([put('p', '2'), drop('q')])
    await catalog.write([drop('p'), ofKind('new', put('p', '3'))])
    await catalog.write([put('p', '4'), drop('never')])
    const now = since + 4
    const all = await changesSince(since)
    expect(all.revision).toBe(now)
    expect(shown(all.entities)).toEqual({
      'thing/p': `${now} 4`,
      'other/p': `${since + 1} 1`,
      'new/p': `${now - 1} 3`,
    })
    expect(all.deleted).toContainEqual({ kind: 'thing', id: 'q' })
    expect(all.deleted).not.toContainEqual({ kind: 'thing', id: 'p' })
    const some = await changesSince(since, ['other', 'nothing'])
    expect([some.revision, shown(some.entities), some.deleted]).toEqual([
      now,
      { 'other/p': `${since + 1} 1` },
      [],
    ])
    expect(shown((await changesSince(now - 1)).entities)).toEqual({ 'thing/p': `${now} 4` })
    expect(await catalog.changes(now)).toEqual({ revision: now, entities: [], deleted: [] })
    expect((await changesSince(now - 1, [])).entities).toEqual([])
  })

  test('a revision ahead of the store has no changes', async () => {
    expect(await catalog.changes((await catalog.revision()) + 1)).toBeNull()
  })

  test('a refused batch is no change', async () => {
    const since = await catalog.revision()
    expect(await catalog.write([put('z', '1'), put('p', '9', 0)])).toMatchObject({ ok: false })
    expect(await catalog.changes(since)).toEqual({ revision: since, entities: [], deleted: [] })
  })

  test('a batch names an entity once and is not too large', async () => {
    const revision = await catalog.revision()
    await expect(catalog.write([put('t', '1'), drop('t')])).rejects.toThrow(RangeError)
    const many = Array.from({ length: catalogWritesMax + 1 }, (_, n) => put(`m${n}`, '1'))
    await expect(catalog.write(many)).rejects.toThrow(RangeError)
    expect(await catalog.revision()).toBe(revision)
  })

  test('a whole import of a megabyte is one revision, and comes whole by every road', async () => {
    const since = await catalog.revision()
    const json = JSON.stringify({ text: 'é'.repeat(500) })
    const creatives = Array.from({ length: catalogBatchMax }, (_, n) =>
      ofKind('creative', put(`c${n}`, json, 0)),
    )
    const batch = [...creatives, ofKind('record', put('r', '{}'))]
    expect(await catalog.write(batch)).toEqual({ ok: true, revision: since + 1 })
    const expected = Object.fromEntries(
      creatives.map(({ id }) => [`creative/${id}`, `${since + 1} ${json}`]),
    )
    expect(shown((await catalog.load(['creative'])).entities)).toEqual(expected)
    const changes = await changesSince(since, ['creative'])
    expect(changes.entities).toHaveLength(catalogBatchMax)
    expect(shown(changes.entities)).toEqual(expected)
  })

  test('changes of many batches come whole, with those of one revision together', async () => {
    const since = await catalog.revision()
    for (let n = 0; n < 5; n++) {
      const batch = Array.from({ length: 700 }, (_, m) => ofKind('b', put(`${n}.${m}`, `${n}`)))
      await catalog.write([...batch, ofKind('b', put('last', `${n}`))])
    }
    const { revision, entities } = await changesSince(since)
    expect([revision, entities.length]).toEqual([since + 5, 5 * 700 + 1])
    expect(shown(entities)).toEqual(shown((await catalog.load(['b'])).entities))
  })

  test('what is read while others write is of one revision', async () => {
    // Each batch writes one number into entities far apart: a mixture of two would show.
    const ids = Array.from({ length: 1_000 }, (_, n) => `pair${String(n).padStart(4, '0')}`)
    const batchOf = (n: number) =>
      ids.filter((_, at) => at % 25 === 0).map((id) => ofKind('pair', put(id, `${n}`)))
    await catalog.write(ids.map((id) => ofKind('pair', put(id, '-1'))))
    await catalog.write(batchOf(0))
    const since = await catalog.revision()
    let writes = 0
    let isDone = false
    const writer = (async () => {
      while (!isDone) {
        await catalog.write(batchOf(++writes))
        await nextTurn()
      }
    })()
    const pairs: (readonly StoredEntity[])[] = []
    for (let n = 0; n < 20; n++) {
      pairs.push((await catalog.load(['pair'])).entities)
      pairs.push((await changesSince(since, ['pair'])).entities)
      await nextTurn()
    }
    isDone = true
    await writer
    expect(writes).toBeGreaterThan(3)
    for (const entities of pairs) {
      const values = entities.filter(({ json }) => json !== '-1')
      expect(new Set(values.map(({ version, json }) => `${version} ${json}`)).size).toBeLessThan(2)
    }
  })

  test('a follower by changes has what a load has, whatever was written meanwhile', async () => {
    let { revision } = await catalog.load()
    let held = await stored()
    for (let n = 0; n < 60; n++) {
      const batch = [put(`f${n % 7}`, `${n}`), drop(`f${(n * 3 + 1) % 7}`)]
      await catalog.write(batch.slice(0, batch[0]?.id === batch[1]?.id ? 1 : 2))
      if (n % 4 !== 0) continue
      const changes = await changesSince(revision)
      held = applied(held, changes)
      revision = changes.revision
      expect(held).toEqual(await stored())
    }
  })

  test('the log is bounded: what lies too far back is not pieced together', async () => {
    const since = await catalog.revision()
    const batches = Math.ceil(catalogLogMax / catalogBatchMax)
    for (let n = 0; n < batches; n++) {
      const batch = Array.from({ length: catalogBatchMax }, (_, m) => put(`log${n}.${m}`, '1'))
      await catalog.write(batch)
    }
    expect((await changesSince(since + 1)).entities).toHaveLength(catalogLogMax - catalogBatchMax)
    await catalog.write([put('one more', '1')])
    expect(await catalog.changes(since)).toBeNull()
    expect((await changesSince(since + batches)).entities).toHaveLength(1)
    expect((await changesSince(since + 2)).revision).toBe(since + batches + 1)
    expect((await catalog.load(['thing'])).entities.length).toBeGreaterThan(catalogLogMax)
  }, 60_000)
})
