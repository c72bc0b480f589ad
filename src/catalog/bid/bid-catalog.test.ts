/** What the reader makes of compilers that die and messages that are lost. */
import { expect, test } from 'vitest'
import { aBanner, aCampaign, aVideo, compileWorld } from '../../../test/support/bid-world.ts'
import { Format } from '../../domain/format.ts'
import { ManualClock } from '../../lib/clock.ts'
import type { BidCatalog } from './bid-catalog.ts'
import { BidCompiler } from './bid-compiler.ts'
import type { CompileMessage } from './bid-data.ts'

const clock = new ManualClock(1_000_000)

async function put(
  store: Awaited<ReturnType<typeof compileWorld>>['store'],
  kind: string,
  value: { readonly id: string },
): Promise<void> {
  const json = JSON.stringify(value)
  await store.write([{ kind, id: value.id, json, expectedVersion: null }])
}

function formatsById(catalog: BidCatalog): Record<string, number | undefined> {
  const snapshot = catalog.current()
  if (snapshot === null) throw new Error('no snapshot')
  const formats: Record<string, number | undefined> = {}
  for (let slot = 0; slot < snapshot.data.creativeCount; slot++) {
    const shape = snapshot.tables.shape[snapshot.data.creatives.shape[slot] ?? -1]
    formats[snapshot.creative(slot).id] = shape?.format
  }
  return formats
}

test('a second compiler counts from the first epoch again, and its tables are its own', async () => {
  const creatives = [aBanner(), aVideo()]
  const world = await compileWorld({ creatives }, clock)
  const { catalog, store } = world
  // The second compiler meets the creatives in another order than the first.
  await store.write([{ kind: 'creative', id: 'banner', json: null, expectedVersion: null }])
  await world.look()
  await put(store, 'creative', aBanner({ id: 'zebra' }, { w: 728, h: 90 }))
  const before = catalog.current()
  catalog.startOver()
  const second = new BidCompiler({ store, post: (message) => catalog.receive(message) })
  await second.look()
  expect(catalog.current()?.data.epoch).toBe(before?.data.epoch)
  expect(formatsById(catalog)).toEqual({ video: Format.Video, zebra: Format.Banner })
  expect(catalog.current()?.tables.shape).toHaveLength(2)
})

test('a snapshot that could not be sent is sent with the next look, and not confirmed before', async () => {
  const { catalog, store } = await compileWorld({ creatives: [aBanner()] }, clock)
  let failsAt = Number.POSITIVE_INFINITY
  const kinds: string[] = []
  const compiler = new BidCompiler({
    store,
    post: (message: CompileMessage) => {
      if (message.kind === 'snapshot' && kinds.length >= failsAt) {
        failsAt = Number.POSITIVE_INFINITY
        throw new Error('no memory for it')
      }
      kinds.push(message.kind)
      catalog.receive(message)
    },
  })
  catalog.startOver()
  await compiler.look()
  failsAt = 0
  await put(store, 'creative', aVideo())
  await compiler.look()
  expect(catalog.problem()).toBe('no memory for it')
  expect(formatsById(catalog)).toEqual({ banner: Format.Banner })
  await compiler.look()
  expect(kinds.at(-1)).toBe('snapshot')
  expect(catalog.problem()).toBeNull()
  expect(formatsById(catalog)).toEqual({ banner: Format.Banner, video: Format.Video })
})

test('rules that no campaign has any more do not pile up for ever', async () => {
  const world = await compileWorld({}, clock)
  const { catalog, store } = world
  const first = catalog.current()?.data.epoch ?? 0
  for (let round = 0; round < 12_000; round += 600) {
    const os = Array.from({ length: 600 }, (_, n) => ({
      os: 'android',
      minVersion: `${round + n}`,
      maxVersion: '',
    }))
    await put(store, 'campaign', aCampaign({}, { os }))
    await world.look()
  }
  expect(catalog.current()?.data.epoch).toBe(first + 1)
  expect(catalog.current()?.tables.os.length).toBeLessThan(10_000)
})
