/** What the compiling thread holds open follows the folder, and what is refused changes nothing. */
import { join } from 'node:path'
import { beforeEach, expect, test } from 'vitest'
import type { ModelMessage } from '../catalog/bid/bid-data.ts'
import { ManualClock } from '../lib/clock.ts'
import { ModelWatch, retryMs, type WatchedModel } from './model-watch.ts'

let clock: ManualClock
let active: Map<string, string>
/** Sentences of versions that are refused, by `name/version`. */
let refusals: Map<string, string>
let folderFailure: string | null
let opened: string[]
let released: string[]
let messages: ModelMessage[]
let watch: ModelWatch<WatchedModel>

beforeEach(() => {
  clock = new ManualClock(0)
  active = new Map([['fine', '1']])
  refusals = new Map()
  folderFailure = null
  opened = []
  released = []
  messages = []
  watch = new ModelWatch({
    folder: 'models',
    versionsOf: async () => {
      if (folderFailure !== null) throw new Error(folderFailure)
      return new Map(active)
    },
    open: async (folder) => {
      const id = folder.slice(join('models', '/').length)
      opened.push(id)
      const refusal = refusals.get(id)
      if (refusal !== undefined) throw new Error(refusal)
      const [name = '', version = ''] = id.split('/')
      return { key: { name, version, hash: id }, release: () => void released.push(id) }
    },
    post: (message) => messages.push(message),
    monotonicMs: () => clock.monotonicMs(),
  })
})

function told(): string[] {
  return messages.splice(0).map((message) => {
    const { state } = message
    if (state === 'loaded' || state === 'gone') return `${state} ${message.key.hash}`
    return state === 'refused'
      ? `refused ${message.name}/${message.version}: ${message.text}`
      : `cleared ${message.name}`
  })
}

function inForce(): string[] {
  return watch.models.map(({ key }) => key.hash)
}

test('an active version is opened once and told with its folder', async () => {
  expect(await watch.look()).toBe(true)
  expect(messages).toEqual([
    {
      kind: 'model',
      state: 'loaded',
      key: { name: 'fine', version: '1', hash: 'fine/1' },
      folder: join('models', 'fine', '1'),
    },
  ])
  expect(await watch.look()).toBe(false)
  expect(opened).toEqual(['fine/1'])
})

test('a new version replaces the old one, which is released when nobody uses it', async () => {
  await watch.look()
  active.set('fine', '2')
  expect(await watch.look()).toBe(true)
  expect(inForce()).toEqual(['fine/2'])
  told()
  watch.release(() => true)
  expect(released).toEqual([])
  watch.release(({ hash }) => hash !== 'fine/1')
  expect([released, told()]).toEqual([['fine/1'], ['gone fine/1']])
  watch.release(() => false)
  expect(released).toEqual(['fine/1'])
})

test('a refused version leaves the old one, is told once, and is tried again after a while', async () => {
  await watch.look()
  told()
  active.set('fine', '2')
  refusals.set('fine/2', 'wrong opset')
  expect(await watch.look()).toBe(false)
  expect(inForce()).toEqual(['fine/1'])
  expect(told()).toEqual(['refused fine/2: wrong opset'])
  await watch.look()
  expect(opened).toEqual(['fine/1', 'fine/2'])
  clock.advance(retryMs)
  await watch.look()
  expect(opened).toHaveLength(3)
  expect(told()).toEqual([])
  refusals.clear()
  clock.advance(retryMs)
  expect(await watch.look()).toBe(true)
  expect(inForce()).toEqual(['fine/2'])
  expect(told()).toEqual(['loaded fine/2'])
})

test('a pointer that names no version leaves the old one, and is told when it stays so', async () => {
  await watch.look()
  told()
  active.set('fine', '')
  expect([await watch.look(), inForce(), told()]).toEqual([false, ['fine/1'], []])
  expect([await watch.look(), inForce()]).toEqual([false, ['fine/1']])
  expect(told()).toEqual(['refused fine/: its pointer names no version'])
  await watch.look()
  expect(told()).toEqual([])
  active.set('fine', '2')
  expect([await watch.look(), inForce()]).toEqual([true, ['fine/2']])
})

test('another version after a refused one is tried at once', async () => {
  refusals.set('fine/1', 'truncated')
  await watch.look()
  active.set('fine', '2')
  expect(await watch.look()).toBe(true)
  expect(told()).toEqual(['refused fine/1: truncated', 'loaded fine/2'])
})

test('a pointer that comes back to what is open clears the refusal', async () => {
  await watch.look()
  active.set('fine', '2')
  refusals.set('fine/2', 'truncated')
  await watch.look()
  active.set('fine', '1')
  told()
  expect(await watch.look()).toBe(false)
  expect(told()).toEqual(['cleared fine'])
})

test('a model whose pointer is gone is no longer in force, refused or not', async () => {
  active.set('coarse', '1')
  refusals.set('coarse/1', 'truncated')
  await watch.look()
  told()
  active.clear()
  expect(await watch.look()).toBe(true)
  expect(inForce()).toEqual([])
  watch.release(() => false)
  expect(told()).toEqual(['cleared coarse', 'gone fine/1'])
})

test('a folder that cannot be read changes nothing and is told once', async () => {
  await watch.look()
  told()
  folderFailure = 'EACCES'
  expect(await watch.look()).toBe(false)
  expect(await watch.look()).toBe(false)
  expect(inForce()).toEqual(['fine/1'])
  expect(told()).toEqual(['refused */: EACCES'])
  folderFailure = null
  await watch.look()
  expect(told()).toEqual(['cleared *'])
})
