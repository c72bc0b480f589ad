/** Races and crashes of the pack service, on a store in memory that halts or fails on command. */
import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { MemoryStore } from '../../test/support/memory-store.ts'
import { DeviceKeys } from '../domain/device-keys.ts'
import { idTypeNamed } from '../domain/id-type.ts'
import {
  indexPacks,
  type LayoutRecord,
  layoutFrom,
  layoutKind,
  type Pack,
  packKind,
  slotsKind,
} from '../domain/pack.ts'
import { Profile } from '../domain/profile.ts'
import { DeviceHasher } from '../identity/device-hasher.ts'
import { ManualClock } from '../lib/clock.ts'
import type { EntityWrite, Store } from '../store/ports.ts'
import { shardOf } from './address.ts'
import { type LivePackService, openPackService } from './pack-service.ts'
import type { UploadInput } from './pack-types.ts'
import { createProfileReader } from './profile-reader.ts'

const hasher = new DeviceHasher(new Uint8Array(16).fill(3))
const md5Type = idTypeNamed('oaid_md5')?.code ?? 0

function idOf(n: number): string {
  return createHash('md5').update(`device ${n}`).digest('hex')
}

function keysOf(n: number): DeviceKeys {
  const keys = new DeviceKeys()
  hasher.addText(keys, md5Type, idOf(n))
  return keys
}

async function* bodyOf(ids: readonly number[]) {
  yield Buffer.from(ids.map((n) => `${idOf(n)}\n`).join(''))
}

function inputOf(packId: string, ids: readonly number[], changes: Partial<UploadInput> = {}) {
  return {
    packId,
    idType: 'oaid_md5',
    scope: '',
    mode: 'replace' as const,
    body: bodyOf(ids),
    force: true,
    ttlSeconds: null,
    rejectShareMax: 0,
    ...changes,
  }
}

async function open(store: MemoryStore, clock = new ManualClock(1_000_000)) {
  const sleep = () => new Promise<void>((resolve) => setImmediate(resolve))
  return openPackService({ store, hasher, clock, sleep, spoolFolder: '/tmp' })
}

/** Packs of each device as a worker reads them now. */
async function packsOf(store: Store, ids: readonly number[], nowMs = 0): Promise<string[]> {
  const { entities } = await store.catalog.load()
  const json = (kind: string) => entities.filter((entity) => entity.kind === kind)
  const packs = indexPacks(
    json(packKind).map((entity) => JSON.parse(entity.json) as Pack),
    nowMs,
  )
  const [layout] = json(layoutKind).map((entity) => JSON.parse(entity.json) as LayoutRecord)
  const view = { packs, layout: layoutFrom(layout ?? null) }
  const reader = createProfileReader(store.buckets.reader)
  const rows: string[] = []
  for (const id of ids) {
    const profile = new Profile()
    await reader.read(keysOf(id), view, 1e12, profile)
    rows.push(packs.ids.filter((_, n) => profile.has(n)).join(' '))
  }
  return rows
}

async function dirtySlots(store: MemoryStore): Promise<readonly number[]> {
  const { entities } = await store.catalog.load()
  const stored = entities.find(({ kind }) => kind === slotsKind)
  return stored === undefined ? [] : (JSON.parse(stored.json) as { dirty: number[] }).dirty
}

/** A step that waits until a test lets it go. */
function gate() {
  let release = (): void => undefined
  let enter = (): void => undefined
  const entered = new Promise<void>((resolve) => {
    enter = resolve
  })
  const released = new Promise<void>((resolve) => {
    release = resolve
  })
  const pass = (): Promise<void> => {
    enter()
    return released
  }
  return { entered, release: () => release(), pass }
}

/** Holds the next `presence.list` up: an upload or a sweep that waits for the workers. */
function holdWorkers(store: MemoryStore) {
  const held = gate()
  const list = store.presence.list
  store.presence.list = async () => {
    store.presence.list = list
    await held.pass()
    return []
  }
  return held
}

function holdCatalog(store: MemoryStore) {
  const held = gate()
  const write = store.catalog.write.bind(store.catalog)
  store.catalog.write = async (batch: readonly EntityWrite[]) => {
    store.catalog.write = write
    await held.pass()
    return await write(batch)
  }
  return held
}

function holdBuckets(store: MemoryStore, kind: string) {
  const held = gate()
  store.buckets.before = (step) => {
    if (step.kind !== kind) return
    store.buckets.before = () => undefined
    return held.pass()
  }
  return held
}

async function turns(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await new Promise((resolve) => setImmediate(resolve))
}

test('an expiry that waited behind an upload spares the version it made', async () => {
  const store = new MemoryStore()
  const clock = new ManualClock(1_000_000)
  const service = await open(store, clock)
  await service.upload(inputOf('p', [1], { ttlSeconds: 10 }))
  const held = holdBuckets(store, 'store')
  const upload = service.upload(inputOf('p', [2], { ttlSeconds: 100 }))
  await held.entered
  clock.advance(11_000)
  const expiry = service.expire()
  await turns(2)
  held.release()
  await upload
  await expiry
  expect(service.get('p')).toMatchObject({ version: 2, devices: 1 })
  expect(await packsOf(store, [1, 2], clock.wallMs())).toEqual(['', 'p'])
})

test('a pack uploaded after its end begins anew: no old end, no old devices', async () => {
  const store = new MemoryStore()
  const clock = new ManualClock(1_000_000)
  const service = await open(store, clock)
  await service.upload(inputOf('p', [1], { ttlSeconds: 10 }))
  clock.advance(11_000)
  expect(await service.upload(inputOf('p', [2], { mode: 'add' }))).toMatchObject({ devices: 1 })
  expect(service.get('p')).toMatchObject({ expiresAtMs: null })
  expect(await packsOf(store, [1, 2], clock.wallMs())).toEqual(['', 'p'])
})

test('an upload without a time to live keeps the end that the pack has', async () => {
  const service = await open(new MemoryStore())
  await service.upload(inputOf('p', [1], { ttlSeconds: 10 }))
  await service.upload(inputOf('p', [2], { mode: 'add' }))
  expect(service.get('p')).toMatchObject({ expiresAtMs: 1_010_000 })
})

test('an upload that failed writes nothing more, so that its slot can be swept', async () => {
  const store = new MemoryStore()
  const service = await open(store)
  let steps = 0
  store.buckets.before = async ({ kind }) => {
    if (kind !== 'store') return
    if (steps++ === 0) throw new Error('one server of many is lost')
    await turns(1)
  }
  const ids = Array.from({ length: 500 }, (_, n) => n)
  await expect(service.upload(inputOf('p', ids))).rejects.toThrow('lost')
  const atFailure = steps
  await turns(100)
  expect(steps).toBe(atFailure)
  expect(await service.sweep()).toBe(1)
  expect(store.buckets.stored.size).toBe(0)
})

test('an upload that meets the end of a sweep spares the next owner of a slot', async () => {
  const store = new MemoryStore()
  const service = await open(store)
  await service.upload(inputOf('a', [1]))
  await service.remove('a')
  const flush = holdBuckets(store, 'flush')
  const sweep = service.sweep()
  await flush.entered
  const reserve = holdCatalog(store)
  const first = service.upload(inputOf('b', [1]))
  await reserve.entered
  flush.release()
  await turns(3)
  const workers = holdWorkers(store)
  reserve.release()
  await turns(5)
  expect(await sweep).toBe(1)
  await service.upload(inputOf('c', [1]))
  workers.release()
  await first
  expect(await packsOf(store, [1])).toEqual(['b c'])
})

test('a sweep that another one overtakes spares a slot with a new owner', async () => {
  const store = new MemoryStore()
  const service = await open(store)
  await service.upload(inputOf('a', [1]))
  await service.remove('a')
  const workers = holdWorkers(store)
  const slow = service.sweep()
  await workers.entered
  await service.sweep()
  await service.upload(inputOf('c', [1]))
  workers.release()
  await slow
  expect(await packsOf(store, [1])).toEqual(['c'])
  await service.sweep()
  expect(await dirtySlots(store)).toEqual([])
})

test('a sweep after an activation with a lost reply spares the version', async () => {
  const store = new MemoryStore()
  const service = await open(store)
  const write = store.catalog.write.bind(store.catalog)
  store.catalog.write = async (batch) => {
    const result = await write(batch)
    if (batch.some(({ kind }) => kind === packKind)) {
      store.catalog.write = write
      throw new Error('Command timed out')
    }
    return result
  }
  await expect(service.upload(inputOf('p', [1]))).rejects.toThrow('timed out')
  expect(await packsOf(store, [1])).toEqual(['p'])
  await service.sweep()
  expect(await packsOf(store, [1])).toEqual(['p'])
  expect(service.get('p')).toMatchObject({ version: 1, devices: 1 })
})

test('a removal waits for the upload of its pack, and removes what that made', async () => {
  const store = new MemoryStore()
  const service = await open(store)
  const held = holdBuckets(store, 'store')
  const upload = service.upload(inputOf('p', [1]))
  await held.entered
  const removal = service.remove('p')
  await turns(3)
  held.release()
  expect(await upload).toMatchObject({ ok: true })
  expect(await removal).toMatchObject({ ok: true })
  expect(service.list()).toEqual([])
  expect(await service.sweep()).toBe(1)
  expect(store.buckets.stored.size).toBe(0)
})

test('after a fold a rollback gives the version before, and everything else is swept', async () => {
  const store = new MemoryStore()
  const service = await open(store)
  await service.upload(inputOf('p', [1, 2]))
  await service.upload(inputOf('p', [3], { mode: 'add' }))
  expect(await service.fold(2)).toBe(1)
  expect(service.get('p')).toMatchObject({ layers: 1, devices: 3, previousVersion: 1 })
  expect(await service.rollback('p')).toMatchObject({ ok: true, devices: 2 })
  await service.sweep()
  expect(await packsOf(store, [1, 2, 3])).toEqual(['p', 'p', ''])
  expect(await dirtySlots(store)).toEqual([])
})

/** Devices of one shard, so that a few hundred make it grow. */
function devicesOfOneShard(count: number): number[] {
  const found: number[] = []
  for (let n = 0; found.length < count; n++) {
    if (shardOf(keysOf(n).high[0] as number) === 5) found.push(n)
  }
  return found
}

/** Ends the process at its `k`-th step: that step and all later ones fail. `k` counts from 0. */
function dieAt(store: MemoryStore, k: number, isLastWriteDone: boolean) {
  let step = 0
  const die = (): never => {
    throw new Error('the process ended')
  }
  store.buckets.before = () => {
    if (step++ >= k) die()
  }
  const write = store.catalog.write.bind(store.catalog)
  store.catalog.write = async (batch) => {
    const mine = step++
    if (mine > k || (mine === k && !isLastWriteDone)) die()
    const result = await write(batch)
    return mine === k ? die() : result
  }
  return () => {
    store.buckets.before = () => undefined
    store.catalog.write = write
    return step
  }
}

async function startOver(): Promise<{ store: MemoryStore; service: LivePackService }> {
  const store = new MemoryStore()
  const service = await open(store)
  return { store, service }
}

test('wherever a process ends, the next one is right and gets every slot back', async () => {
  const devices = devicesOfOneShard(400)
  const old = devices.slice(0, 100)
  const probes = devices.filter((_, k) => k % 7 === 0)
  const rows = (members: readonly number[], more: string) =>
    probes.map((id) => [members.includes(id) ? 'p' : '', more].filter((part) => part).join(' '))
  let deaths = 0
  for (let isOver = false, k = 0; !isOver; k++) {
    for (const isLastWriteDone of [false, true]) {
      const { store, service } = await startOver()
      await service.upload(inputOf('p', old))
      const live = dieAt(store, k, isLastWriteDone)
      await service.upload(inputOf('p', devices)).catch(() => undefined)
      isOver = live() <= k
      deaths += isOver ? 0 : 1
      const next = await open(store)
      const isNew = next.get('p')?.version === 2
      expect(await packsOf(store, probes)).toEqual(rows(isNew ? devices : old, ''))
      await next.upload(inputOf('q', devices))
      expect(await packsOf(store, probes)).toEqual(rows(isNew ? devices : old, 'q'))
      await next.remove('p')
      await next.sweep()
      expect(await packsOf(store, probes)).toEqual(rows([], 'q'))
      expect(await dirtySlots(store)).toEqual([])
    }
  }
  expect(deaths).toBeGreaterThan(20)
}, 60_000)
