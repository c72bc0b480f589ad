/** Rows of models follow their creatives through changes of the catalog and of the models. */
import { beforeEach, expect, test } from 'vitest'
import { aBanner, aCampaign, anAdvertiser, writeWorld } from '../../../test/support/bid-world.ts'
import { MemoryCatalogStore } from '../../../test/support/memory-catalog.ts'
import type { AdEncoder, AdRows } from '../../domain/ad-side.ts'
import type { AdFacts } from '../../domain/feature-facts.ts'
import { ManualClock } from '../../lib/clock.ts'
import { BidCatalog } from './bid-catalog.ts'
import { BidCompiler } from './bid-compiler.ts'
import type { CompileMessage } from './bid-data.ts'
import type { BidSnapshot } from './bid-snapshot.ts'

/** One column: the campaign's prior CTR in thousandths; vector = history. Counts what it encodes. */
class TestEncoder implements AdEncoder {
  readonly key
  readonly width = 1
  readonly momentWidth = 1
  readonly vectorWidth = 2
  readonly encoded: string[] = []
  failure: string | null = null

  constructor(name: string, version: string) {
    this.key = { name, version, hash: `${name}@${version}` }
  }

  async encode(facts: readonly AdFacts[]): Promise<AdRows> {
    if (this.failure !== null) throw new Error(this.failure)
    this.encoded.push(...facts.map(({ creativeId }) => creativeId))
    return {
      index: Int32Array.from(facts, ({ priorCtr }) => Math.round(priorCtr * 1_000)),
      value: Float32Array.from(facts, () => Number(this.key.version)),
      moments: Float64Array.from(facts, ({ flightStartMs }) => flightStartMs ?? Number.NaN),
      vectors: Float32Array.from(
        facts.flatMap(({ impressions, creativeId }) => [impressions, creativeId.length]),
      ),
    }
  }
}

let store: MemoryCatalogStore
let catalog: BidCatalog
let compiler: BidCompiler
let messages: CompileMessage[]

beforeEach(async () => {
  store = new MemoryCatalogStore()
  await writeWorld(store, { creatives: ['a', 'bb', 'ccc'].map((id) => aBanner({ id })) })
  catalog = new BidCatalog(new ManualClock(1_000_000))
  messages = []
  compiler = newCompiler()
})

function newCompiler(readerHasSnapshot = false): BidCompiler {
  return new BidCompiler({
    store,
    readerHasSnapshot,
    post: (message, move) => {
      messages.push(message)
      // As the thread does it: what is moved is lost to the sender.
      catalog.receive(structuredClone(message, { transfer: [...move] }))
    },
  })
}

async function put(kind: string, value: { readonly id: string }): Promise<void> {
  const json = JSON.stringify(value)
  await store.write([{ kind, id: value.id, json, expectedVersion: null }])
}

function current(): BidSnapshot {
  const snapshot = catalog.current()
  if (snapshot === null) throw new Error('no snapshot')
  return snapshot
}

/** Length of the id by its row, which must be the creative's. */
function expectRowsInOrder(name: string): void {
  const snapshot = current()
  const side = snapshot.adSide(name)
  expect(side).not.toBeNull()
  for (let slot = 0; slot < snapshot.data.creativeCount; slot++) {
    expect(side?.vectors[slot * 2 + 1]).toBe(snapshot.creative(slot).id.length)
  }
}

test('the first snapshot has the rows of every model, in the order of its creatives', async () => {
  compiler.useModels([new TestEncoder('coarse', '1'), new TestEncoder('fine', '2')])
  await compiler.look()
  expect(messages.filter(({ kind }) => kind === 'snapshot')).toHaveLength(1)
  expect(current().data.adSides.map(({ model }) => model.name)).toEqual(['coarse', 'fine'])
  expectRowsInOrder('coarse')
  expectRowsInOrder('fine')
  expect(current().adSide('fine')?.value).toEqual(Float32Array.of(2, 2, 2))
  expect(current().adSide('other')).toBeNull()
})

test('only what changed is encoded again: a creative, a campaign, an advertiser', async () => {
  const encoder = new TestEncoder('fine', '1')
  compiler.useModels([encoder])
  await compiler.look()
  encoder.encoded.length = 0
  await put('creative', aBanner({ id: 'bb', history: historyOf(7) }))
  await compiler.look()
  expect(encoder.encoded).toEqual(['bb'])
  expectRowsInOrder('fine')

  encoder.encoded.length = 0
  await put('campaign', aCampaign({ prior: { ctr: 0.009, cvr: 0.1 } }))
  await compiler.look()
  expect(encoder.encoded.toSorted()).toEqual(['a', 'bb', 'ccc'])
  expect(current().adSide('fine')?.index).toEqual(Int32Array.of(9, 9, 9))

  encoder.encoded.length = 0
  await put('advertiser', anAdvertiser({ name: 'Other' }))
  await compiler.look()
  expect(encoder.encoded.toSorted()).toEqual(['a', 'bb', 'ccc'])

  encoder.encoded.length = 0
  await put('creative', aBanner({ id: 'dddd' }))
  await store.write([{ kind: 'creative', id: 'a', json: null, expectedVersion: null }])
  await compiler.look()
  expect(encoder.encoded).toEqual(['dddd'])
  expectRowsInOrder('fine')
})

test('a row that a deleted creative had is never taken for that of a new one', async () => {
  const encoder = new TestEncoder('fine', '1')
  compiler.useModels([encoder])
  await compiler.look()
  for (let round = 0; round < 5; round++) {
    const gone = 'x'.repeat(10 + round)
    await put('creative', aBanner({ id: gone }))
    await compiler.look()
    await store.write([{ kind: 'creative', id: gone, json: null, expectedVersion: null }])
    await compiler.look()
    expectRowsInOrder('fine')
  }
})

test('a new version is filled while the old one serves, then replaces it whole', async () => {
  const old = new TestEncoder('fine', '1')
  const next = new TestEncoder('fine', '2')
  compiler.useModels([old])
  await compiler.look()
  compiler.useModels([next])
  expect(compiler.isBehind).toBe(true)
  await put('creative', aBanner({ id: 'dddd' }))
  await compiler.look()
  expect(current().adSide('fine')?.model.version).toBe('1')
  expect(old.encoded).toContain('dddd')
  expectRowsInOrder('fine')
  expect(compiler.usesModel(next.key)).toBe(true)
  await compiler.look()
  expect(current().adSide('fine')?.model.version).toBe('2')
  expect(current().adSide('fine')?.value).toEqual(Float32Array.of(2, 2, 2, 2))
  expectRowsInOrder('fine')
  expect(compiler.usesModel(old.key)).toBe(false)
  expect(compiler.isBehind).toBe(false)
})

test('a reader that has a snapshot gets the next one at once, and the models after it', async () => {
  compiler = newCompiler(true)
  compiler.useModels([new TestEncoder('fine', '1')])
  await compiler.look()
  expect(current().adSide('fine')).toBeNull()
  await compiler.look()
  expectRowsInOrder('fine')
})

test('a model that is taken away leaves the next snapshot without its rows', async () => {
  const fine = new TestEncoder('fine', '1')
  compiler.useModels([fine, new TestEncoder('coarse', '1')])
  await compiler.look()
  compiler.useModels([fine])
  await compiler.look()
  expect(current().data.adSides.map(({ model }) => model.name)).toEqual(['fine'])
})

test('an encoder that rejects leaves its rows out, says why, and the rest compiles', async () => {
  const broken = new TestEncoder('coarse', '1')
  broken.failure = 'the graph broke'
  compiler.useModels([broken, new TestEncoder('fine', '1')])
  await compiler.look()
  expect(current().adSide('coarse')).toBeNull()
  expectRowsInOrder('fine')
  expect(current().data.problems).toEqual([
    {
      kind: 'model',
      id: 'coarse',
      reason: 'version 1 cannot encode the creatives: the graph broke',
    },
  ])
  expect(messages.find(({ kind }) => kind === 'model')).toMatchObject({
    state: 'refused',
    name: 'coarse',
    version: '1',
  })
  compiler.useModels([new TestEncoder('coarse', '2'), new TestEncoder('fine', '1')])
  await compiler.look()
  await compiler.look()
  expectRowsInOrder('coarse')
  expect(current().data.problems).toEqual([])
})

test('a new version that cannot encode leaves the old one serving', async () => {
  compiler.useModels([new TestEncoder('fine', '1')])
  await compiler.look()
  const broken = new TestEncoder('fine', '2')
  broken.failure = 'no'
  compiler.useModels([broken])
  await compiler.look()
  await compiler.look()
  expect(current().adSide('fine')?.model.version).toBe('1')
  expect(current().data.problems).toHaveLength(1)
})

test('an encoder that fails at a change takes its model out of that very snapshot', async () => {
  const encoder = new TestEncoder('fine', '1')
  compiler.useModels([encoder])
  await compiler.look()
  encoder.failure = 'no memory'
  await put('creative', aBanner({ id: 'dddd' }))
  await compiler.look()
  expect(current().data.creativeCount).toBe(4)
  expect(current().adSide('fine')).toBeNull()
})

test('rows of too few creatives are a failure, not rows of others', async () => {
  const encoder = new TestEncoder('fine', '1')
  encoder.encode = async () => ({
    index: new Int32Array(2),
    value: new Float32Array(2),
    moments: new Float64Array(2),
    vectors: new Float32Array(4),
  })
  compiler.useModels([encoder])
  await compiler.look()
  expect(current().adSide('fine')).toBeNull()
})

function historyOf(impressions: number) {
  return { impressions, clicks: 0, conversions: 0 }
}
