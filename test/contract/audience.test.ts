/** Packs from upload to profile, on every store, against a model that is a plain Map. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type LivePackService, openPackService } from '../../src/audience/pack-service.ts'
import { createProfileReader } from '../../src/audience/profile-reader.ts'
import { DeviceKeys } from '../../src/domain/device-keys.ts'
import { idTypeNamed } from '../../src/domain/id-type.ts'
import {
  indexPacks,
  type LayoutRecord,
  layoutFrom,
  layoutKind,
  type Pack,
  packKind,
} from '../../src/domain/pack.ts'
import { Profile, ProfileState } from '../../src/domain/profile.ts'
import { DeviceHasher } from '../../src/identity/device-hasher.ts'
import { systemClock } from '../../src/lib/clock.ts'
import type { Store } from '../../src/store/ports.ts'
import { type TestStore, testStores } from '../support/stores.ts'

const hasher = new DeviceHasher(new Uint8Array(16).fill(7))
const md5Type = idTypeNamed('oaid_md5')?.code ?? 0

/** The id of device `n`: 32 hex digits that are no placeholder. */
function idOf(n: number): string {
  let x = (n * 2_654_435_761 + 12_345) >>> 0
  let text = ''
  for (let i = 0; i < 4; i++) {
    x = (Math.imul(x ^ (x >>> 15), 2_246_822_519) + i + 1) >>> 0
    text += x.toString(16).padStart(8, '0')
  }
  return text
}

async function* body(lines: Iterable<string>): AsyncIterable<Uint8Array> {
  let text = ''
  for (const line of lines) {
    text += `${line}\n`
    if (text.length > 60_000) {
      yield Buffer.from(text)
      text = ''
    }
  }
  yield Buffer.from(text)
}

function upload(
  service: LivePackService,
  packId: string,
  mode: 'replace' | 'add' | 'remove',
  lines: Iterable<string>,
  force = true,
) {
  return service.upload({
    packId,
    idType: 'oaid_md5',
    scope: '',
    mode,
    body: body(lines),
    force,
    ttlSeconds: null,
    rejectShareMax: 0,
  })
}

/** Reads profiles as a worker does: catalog, index, one read for each device. */
async function viewOf(store: Store) {
  const { entities } = await store.catalog.load()
  const packs = entities
    .filter(({ kind }) => kind === packKind)
    .map(({ json }) => JSON.parse(json) as Pack)
  const layout = entities.find(({ kind }) => kind === layoutKind)
  const record = layout === undefined ? null : (JSON.parse(layout.json) as LayoutRecord)
  return { packs: indexPacks(packs, 0), layout: layoutFrom(record) }
}

async function packsOf(store: Store, devices: readonly number[][]): Promise<string[]> {
  const view = await viewOf(store)
  const reader = createProfileReader(store.buckets.reader)
  const rows: string[] = []
  for (const ids of devices) {
    const keys = new DeviceKeys()
    for (const id of ids) hasher.addText(keys, md5Type, idOf(id))
    const profile = new Profile()
    await reader.read(keys, view, performance.now() + 5_000, profile)
    expect(profile.state).toBe(ProfileState.Known)
    const held = view.packs.ids
      .map((id, n) => (profile.has(n) ? `${id}:${profile.scores[n]}` : ''))
      .filter((text) => text !== '')
    rows.push(held.sort().join(' '))
  }
  return rows
}

/** A seeded generator: the same operations on every store. */
function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 4_294_967_296
  }
}

type Model = Map<string, Map<number, number>>

function modelRow(model: Model, ids: readonly number[]): string {
  const held: string[] = []
  for (const [pack, members] of model) {
    const scores = ids.map((id) => members.get(id)).filter((score) => score !== undefined)
    if (scores.length > 0) held.push(`${pack}:${Math.max(...scores)}`)
  }
  return held.sort().join(' ')
}

const lineOf = (id: number, score: number): string =>
  score < 0 ? idOf(id) : `${idOf(id)},${score}`

describe.each(Object.keys(testStores))('packs on %s', (kind) => {
  let home: TestStore
  let store: Store
  let service: LivePackService

  beforeAll(async () => {
    home = await (testStores[kind] as () => Promise<TestStore>)()
    store = await home.open()
    service = await open(store)
  })

  afterAll(async () => {
    await service.settled()
    await store.close()
    await home.end()
  })

  function open(on: Store) {
    const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms))
    return openPackService({ store: on, hasher, clock: systemClock, sleep, spoolFolder: '/tmp' })
  }

  test('counts accepted, duplicate and rejected lines exactly and names the first errors', async () => {
    const lines = [
      idOf(1),
      idOf(2),
      idOf(1).toUpperCase(),
      '',
      'nonsense',
      `${idOf(3)},77`,
      '0'.repeat(32),
    ]
    const strict = await upload(service, 'counted', 'replace', lines)
    expect(strict).toMatchObject({ ok: false, code: 'SLUICE_AUDIENCE_REJECT_SHARE', rejected: 2 })
    expect(service.get('counted')).toBeNull()
    const lenient = await service.upload({
      packId: 'counted',
      idType: 'oaid_md5',
      scope: '',
      mode: 'replace',
      body: body(lines),
      force: false,
      ttlSeconds: null,
      rejectShareMax: 0.5,
    })
    expect(lenient).toMatchObject({
      ok: true,
      version: 1,
      accepted: 3,
      duplicates: 1,
      rejected: 2,
      devices: 3,
    })
    expect(lenient.firstErrors?.map(({ line }) => line)).toEqual([5, 7])
    expect(await packsOf(store, [[1], [3], [4]])).toEqual(['counted:-1', 'counted:77', ''])
    await service.remove('counted')
  })

  test('behaves like a map of sets under random uploads, rollbacks, folds and sweeps', async () => {
    const random = seeded(42)
    const pick = (n: number): number => Math.floor(random() * n)
    const model: Model = new Map()
    const previous = new Map<string, Map<number, number> | null>()
    const universe = 3_000
    for (let step = 0; step < 40; step++) {
      const pack = `p${pick(4)}`
      const members = model.get(pack) ?? new Map<number, number>()
      const ids = Array.from({ length: 1 + pick(800) }, () => pick(universe))
      const score = random() < 0.5 ? -1 : pick(256)
      const kindOfStep = pick(10)
      if (kindOfStep < 3) {
        const next = new Map(ids.map((id) => [id, score] as const))
        expect(
          await upload(
            service,
            pack,
            'replace',
            ids.map((id) => lineOf(id, score)),
          ),
        ).toMatchObject({
          ok: true,
          accepted: next.size,
          duplicates: ids.length - next.size,
          devices: next.size,
        })
        previous.set(pack, model.get(pack) ?? null)
        model.set(pack, next)
      } else if (kindOfStep < 6) {
        const next = new Map(members)
        for (const id of ids) next.set(id, score)
        expect(
          await upload(
            service,
            pack,
            'add',
            ids.map((id) => lineOf(id, score)),
          ),
        ).toMatchObject({
          ok: true,
          devices: next.size,
        })
        previous.set(pack, model.get(pack) ?? null)
        model.set(pack, next)
      } else if (kindOfStep < 8 && model.has(pack)) {
        const next = new Map(members)
        for (const id of ids) next.delete(id)
        expect(await upload(service, pack, 'remove', ids.map(idOf))).toMatchObject({
          ok: true,
          devices: next.size,
        })
        previous.set(pack, members)
        model.set(pack, next)
      } else if (kindOfStep === 8 && previous.get(pack)) {
        expect(await service.rollback(pack)).toMatchObject({ ok: true })
        model.set(pack, previous.get(pack) as Map<number, number>)
        previous.set(pack, null)
      } else if (kindOfStep === 9) {
        await service.fold(2)
        await service.sweep()
      }
      const probes = Array.from({ length: 60 }, () => [pick(universe), pick(universe)])
      expect(await packsOf(store, probes)).toEqual(probes.map((ids) => modelRow(model, ids)))
    }
    for (const [pack, members] of model) expect(service.get(pack)?.devices).toBe(members.size)
  })

  test('keeps everything when it is opened again, and takes no other salt for its own', async () => {
    const before = await packsOf(store, [[1], [2], [3], [4], [5]])
    const statuses = service.list()
    await service.settled()
    if (kind === 'lmdb') await store.close()
    const again = await home.open()
    const reopened = await open(again)
    expect(reopened.list()).toEqual(statuses)
    expect(await packsOf(again, [[1], [2], [3], [4], [5]])).toEqual(before)
    if (kind === 'lmdb') store = again
    else await again.close()
    service = await open(store)
  })

  test('refuses a replace that loses more than half, unless it is forced', async () => {
    const all = Array.from({ length: 100 }, (_, n) => idOf(n))
    await upload(service, 'shrinks', 'replace', all)
    const refusal = await upload(service, 'shrinks', 'replace', all.slice(0, 49), false)
    expect(refusal).toMatchObject({ ok: false, code: 'SLUICE_AUDIENCE_SHRINK' })
    expect(service.get('shrinks')).toMatchObject({ version: 1, devices: 100 })
    // Repeated lines do not hide the loss.
    const padded = [...all.slice(0, 49), ...all.slice(0, 49)]
    expect(await upload(service, 'shrinks', 'replace', padded, false)).toMatchObject({ ok: false })
    expect(await packsOf(store, [[10], [60]])).toEqual(
      (await packsOf(store, [[10], [60]])).map((row) => expect.stringContaining(row) && row),
    )
    expect((await packsOf(store, [[60]]))[0]).toContain('shrinks:-1')
    expect(await upload(service, 'shrinks', 'replace', all.slice(0, 50), false)).toMatchObject({
      ok: true,
    })
    expect((await packsOf(store, [[60]]))[0]).not.toContain('shrinks')
  })

  test('an upload whose body breaks off changes nothing', async () => {
    const before = service.get('shrinks')
    async function* broken(): AsyncIterable<Uint8Array> {
      yield Buffer.from(`${idOf(1)}\n`)
      throw new Error('the client went away')
    }
    const input = {
      packId: 'shrinks',
      idType: 'oaid_md5',
      scope: '',
      mode: 'replace' as const,
      body: broken(),
      force: true,
      ttlSeconds: null,
      rejectShareMax: 0,
    }
    await expect(service.upload(input)).rejects.toThrow('the client went away')
    expect(service.get('shrinks')).toEqual(before)
    expect(service.progress().at(-1)).toMatchObject({ stage: 'failed' })
  })

  test('grows shards without losing a device, whatever was there before', async () => {
    const many = 250_000
    const lines = Array.from({ length: many }, (_, n) => idOf(n))
    expect(await upload(service, 'many', 'replace', lines)).toMatchObject({
      ok: true,
      accepted: many,
    })
    const more = Array.from({ length: many }, (_, n) => idOf(n + many))
    expect(await upload(service, 'more', 'replace', more)).toMatchObject({
      ok: true,
      accepted: many,
    })
    const { layout } = await viewOf(store)
    expect(Math.min(...layout.buckets)).toBeGreaterThan(4)
    const probes = Array.from({ length: 300 }, (_, n) => [n * 1_601])
    const rows = await packsOf(store, probes)
    for (const [k, row] of rows.entries()) {
      const id = k * 1_601
      expect(row.includes('many:-1')).toBe(id < many)
      expect(row.includes('more:-1')).toBe(id >= many && id < 2 * many)
    }
    await service.sweep()
    expect(await packsOf(store, probes)).toEqual(rows)
  }, 60_000)
})
