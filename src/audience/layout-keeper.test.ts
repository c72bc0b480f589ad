import { expect, test } from 'vitest'
import { MemoryStore, workerRecord } from '../../test/support/memory-store.ts'
import type { LayoutRecord } from '../domain/pack.ts'
import { LayoutKeeper } from './layout-keeper.ts'
import { PackBook } from './pack-book.ts'
import { WorkerWatch } from './worker-watch.ts'

function setUp() {
  const store = new MemoryStore()
  const book = new PackBook(store.catalog, () => store.buckets.flush())
  const turns: (() => void)[] = []
  const sleep = () => new Promise<void>((resolve) => turns.push(resolve))
  const watch = new WorkerWatch(store.presence, sleep, () => 0)
  return { store, book, turns, keeper: new LayoutKeeper(book, store.buckets, watch) }
}

const bucketOfOne = Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 0, 1, 0)

async function grow(
  { store, book, keeper }: ReturnType<typeof setUp>,
  shard: number,
  buckets: number,
) {
  await keeper.otherGenerationFree(shard, buckets)
  const generation = book.layout.generation[shard] === 0 ? 1 : 0
  await store.buckets.store(shard, generation, [{ bucket: 0, bytes: bucketOfOne, before: null }])
  keeper.moved(shard, generation, buckets)
  return generation
}

test('a repeated drop spares what grew back into that generation meanwhile', async () => {
  const house = setUp()
  const { store, keeper, book } = house
  await grow(house, 1, 2)
  await grow(house, 2, 2)
  store.buckets.before = ({ kind, shard }) => {
    if (kind === 'drop' && shard === 2) throw new Error('the store hiccups')
  }
  await expect(keeper.publish()).rejects.toThrow('hiccups')
  store.buckets.before = () => undefined
  expect(await grow(house, 1, 3)).toBe(0)
  await keeper.publish()
  expect(book.layout.generation[1]).toBe(0)
  expect([...store.buckets.stored.keys()].sort()).toEqual(['1/0/0', '2/1/0'])
})

test('an old generation is dropped only after every worker has taken the new layout', async () => {
  const house = setUp()
  const { store, keeper, book, turns } = house
  await store.buckets.store(5, 0, [{ bucket: 0, bytes: bucketOfOne, before: null }])
  await grow(house, 5, 4)
  store.workers = [workerRecord({ revision: book.revision })]
  const published = keeper.publish()
  while (turns.length === 0) await new Promise((resolve) => setImmediate(resolve))
  expect(store.buckets.stored.has('5/0/0')).toBe(true)
  store.workers = [workerRecord({ revision: book.revision })]
  turns.pop()?.()
  await published
  expect([...store.buckets.stored.keys()]).toEqual(['5/1/0'])
})

test('what a crash left in the other generation is gone before a shard grows into it', async () => {
  const first = setUp()
  await grow(first, 9, 7)
  await first.store.buckets.store(9, 1, [{ bucket: 6, bytes: bucketOfOne, before: null }])
  // The process ends here: the move was never published.
  const { store } = first
  const book = new PackBook(store.catalog, () => store.buckets.flush())
  await book.load()
  expect(book.layout.generation[9]).toBe(0)
  const watch = new WorkerWatch(
    store.presence,
    () => Promise.resolve(),
    () => 0,
  )
  await new LayoutKeeper(book, store.buckets, watch).otherGenerationFree(9, 2)
  expect(store.buckets.stored.size).toBe(0)
})

test('nobody writes beyond a ceiling that the catalog does not have yet', async () => {
  const { store, book, keeper } = setUp()
  await book.load()
  store.catalog.failure = new Error('the store is away')
  await expect(keeper.otherGenerationFree(3, 9)).rejects.toThrow('away')
  await expect(keeper.otherGenerationFree(3, 9)).rejects.toThrow('away')
  store.catalog.failure = null
  await keeper.otherGenerationFree(3, 9)
  const { entities } = await store.catalog.load()
  const record = JSON.parse(entities[0]?.json ?? '') as LayoutRecord
  expect(record.ceiling).toBe(16)
})
