/** The contract of `CatalogStore`, on every store and on the fake that unit tests use. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { CatalogStore, EntityWrite } from '../../src/store/ports.ts'
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

describe.each(Object.keys(homes))('catalog on %s', (kind) => {
  let home: Home
  let catalog: CatalogStore

  beforeAll(async () => {
    home = await (homes[kind] as () => Promise<Home>)()
    catalog = home.catalog
  })

  afterAll(() => home.end())

  async function stored(): Promise<Record<string, string>> {
    const { entities } = await catalog.load()
    return Object.fromEntries(
      entities.map(({ kind: of, id, version, json }) => [`${of}/${id}`, `${version} ${json}`]),
    )
  }

  test('an empty store has revision 0 and nothing in it', async () => {
    expect(await catalog.revision()).toBe(0)
    expect(await catalog.load()).toEqual({ revision: 0, entities: [] })
  })

  test('every batch raises the revision by one and the versions of what it writes', async () => {
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

  test('a deletion needs the version too, and what comes after it begins at one', async () => {
    expect(await catalog.write([drop('b', 7)])).toEqual({ ok: false, index: 0, version: 1 })
    expect(await catalog.write([drop('b', 1), drop('never')])).toMatchObject({ ok: true })
    expect(Object.keys(await stored())).toEqual(['thing/a'])
    expect(await catalog.write([put('b', '3', 0)])).toMatchObject({ ok: true })
    expect(await stored()).toMatchObject({ 'thing/b': '1 3' })
  })

  test('of writers at once with one expected version exactly one wins', async () => {
    const tries = Array.from({ length: 8 }, (_, n) => catalog.write([put('race', `${n}`, 0)]))
    const results = await Promise.all(tries)
    expect(results.filter(({ ok }) => ok).length).toBe(1)
    const winner = results.findIndex(({ ok }) => ok)
    expect(await stored()).toMatchObject({ 'thing/race': `1 ${winner}` })
  })

  test('large entities survive', async () => {
    const json = JSON.stringify('x'.repeat(300_000))
    await catalog.write([put('large', json)])
    expect(await stored()).toMatchObject({ 'thing/large': `1 ${json}` })
  })
})
