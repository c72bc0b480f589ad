/** A snapshot is in force with the models that are open in this process, and with no others. */
import { beforeEach, expect, test } from 'vitest'
import { compileWorld } from '../../test/support/bid-world.ts'
import { BidCatalog } from '../catalog/bid/bid-catalog.ts'
import type { BidData } from '../catalog/bid/bid-data.ts'
import type { AdSide, ModelKey } from '../domain/ad-side.ts'
import { ManualClock } from '../lib/clock.ts'
import { ModelMeter } from '../telemetry/model-meter.ts'
import { ModelFollower, openMsMax, retireMs } from './model-follower.ts'
import type { WatchedModel } from './model-watch.ts'

const first: ModelKey = { name: 'fine', version: '1', hash: 'h1' }
const second: ModelKey = { name: 'fine', version: '2', hash: 'h2' }

/** What is being opened, by folder. */
interface Opening {
  resolve(hash?: string): Promise<void>
  reject(text: string): Promise<void>
}

let clock: ManualClock
let catalog: BidCatalog
let meter: ModelMeter
let openings: Map<string, Opening>
let room: string[]
let released: string[]
let timers: { atMs: number; run: () => void }[]
let follower: ModelFollower<WatchedModel>
let revision: number

beforeEach(() => {
  clock = new ManualClock(1_000)
  catalog = new BidCatalog(clock)
  meter = new ModelMeter()
  openings = new Map()
  room = []
  released = []
  timers = []
  revision = 0
  follower = new ModelFollower({
    catalog,
    room: {
      add: (model) => room.push(model.key.hash),
      retire: ({ hash }) => {
        room = room.filter((one) => one !== hash)
      },
    },
    open: (folder) =>
      new Promise((resolve, reject) => openings.set(folder, promised(resolve, reject))),
    meter,
    log: { info: () => undefined, warn: () => undefined },
    later: (ms, run) => {
      const timer = { atMs: clock.monotonicMs() + ms, run }
      timers.push(timer)
      return () => {
        timers = timers.filter((one) => one !== timer)
      }
    },
  })
})

function promised(resolve: (model: WatchedModel) => void, reject: (error: Error) => void): Opening {
  const turn = () => new Promise<void>((done) => setImmediate(done))
  return {
    resolve: (hash = '') => {
      resolve({
        key: { name: 'fine', version: '', hash },
        release: () => released.push(hash),
      })
      return turn()
    },
    reject: (text) => {
      reject(new Error(text))
      return turn()
    },
  }
}

function opening(folder: string): Opening {
  const found = openings.get(folder)
  if (found === undefined) throw new Error(`${folder} is not being opened`)
  return found
}

function pass(ms: number): void {
  clock.advance(ms)
  for (const timer of timers.filter(({ atMs }) => atMs <= clock.monotonicMs())) {
    timers = timers.filter((one) => one !== timer)
    timer.run()
  }
}

function sideOf(model: ModelKey): AdSide {
  return {
    model,
    width: 0,
    index: new Int32Array(0),
    value: new Float32Array(0),
    momentWidth: 0,
    moments: new Float64Array(0),
    vectorWidth: 0,
    vectors: new Float32Array(0),
  }
}

/** A snapshot of another revision with rows of these models. */
async function snapshotWith(...models: ModelKey[]): Promise<void> {
  const world = await compileWorld({}, clock)
  const data = world.catalog.current()?.data as BidData
  const plan = { recallMax: 10, coarseModel: '', fineModel: 'fine', fineMax: 5 }
  const exchanges = data.exchanges.map((exchange) => ({ ...exchange, plan }))
  follower.take({
    kind: 'snapshot',
    data: { ...data, exchanges, revision: ++revision, adSides: models.map(sideOf) },
  })
}

function load(key: ModelKey): void {
  follower.take({ kind: 'model', state: 'loaded', key, folder: key.version })
}

function inForce(): readonly [revision: number, versions: readonly string[]] {
  const snapshot = catalog.current()
  const sides = snapshot?.data.adSides ?? []
  return [snapshot?.revision ?? 0, sides.map(({ model }) => model.version)]
}

test('a snapshot waits for its model, and what came after it waits behind it', async () => {
  load(first)
  await snapshotWith(first)
  await snapshotWith()
  expect(inForce()).toEqual([0, []])
  await opening('1').resolve('h1')
  expect(room).toEqual(['h1'])
  expect(inForce()).toEqual([2, []])
})

test('a snapshot without a model that is being opened does not wait', async () => {
  load(first)
  await snapshotWith()
  expect(inForce()).toEqual([1, []])
  clock.advance(5_000)
  follower.take({ kind: 'confirmed' })
  expect(catalog.ageMs()).toBe(0)
})

test('while a version is opened the one before decides; after the swap it is retired', async () => {
  load(first)
  await opening('1').resolve('h1')
  await snapshotWith(first)
  expect(inForce()).toEqual([1, ['1']])
  load(second)
  await snapshotWith(second)
  expect(inForce()).toEqual([1, ['1']])
  follower.take({ kind: 'model', state: 'gone', key: first })
  await opening('2').resolve('h2')
  expect(inForce()).toEqual([2, ['2']])
  expect(room).toEqual(['h1', 'h2'])
  pass(retireMs)
  expect(room).toEqual(['h2'])
  expect(meter.states()).toEqual([{ name: 'fine', version: '2', problem: null }])
})

test('a version that comes back before it was retired stays open', async () => {
  load(first)
  await opening('1').resolve('h1')
  follower.take({ kind: 'model', state: 'gone', key: first })
  openings.clear()
  load(first)
  expect(openings.size).toBe(0)
  pass(retireMs)
  expect(room).toEqual(['h1'])
})

test('a version that comes back while its end still waits behind a snapshot stays open', async () => {
  load(first)
  await opening('1').resolve('h1')
  load(second)
  await snapshotWith(second)
  follower.take({ kind: 'model', state: 'gone', key: first })
  load(first)
  await opening('2').resolve('h2')
  await snapshotWith(first)
  pass(retireMs)
  expect(inForce()).toEqual([2, ['1']])
  expect(room).toContain('h1')
})

test('the end of a model that did not open is none of the one that opens after it', async () => {
  load(first)
  await opening('1').reject('no memory')
  follower.take({ kind: 'model', state: 'gone', key: first })
  load(first)
  await opening('1').resolve('h1')
  pass(retireMs)
  await snapshotWith(first)
  expect(inForce()).toEqual([1, ['1']])
})

test('a model that does not open here leaves its rows out, and says so', async () => {
  load(first)
  await snapshotWith(first)
  await opening('1').reject('no memory')
  expect(inForce()).toEqual([1, []])
  expect(meter.states()).toEqual([{ name: 'fine', version: '', problem: 'version 1: no memory' }])
})

test('files that are others than the compiling thread saw are not served', async () => {
  load(first)
  await snapshotWith(first)
  await opening('1').resolve('other')
  expect(inForce()).toEqual([1, []])
  expect([room, released]).toEqual([[], ['other']])
})

test('a disk that does not answer holds a snapshot back for a while only', async () => {
  load(first)
  await snapshotWith(first)
  pass(openMsMax)
  expect(inForce()).toEqual([1, []])
  await opening('1').resolve('h1')
  expect([room, released]).toEqual([[], ['h1']])
})

test('another compiling thread keeps what it names too, and retires the rest', async () => {
  load(first)
  load(second)
  await opening('1').resolve('h1')
  await opening('2').resolve('h2')
  await snapshotWith(first)
  await snapshotWith(second)
  follower.startOver()
  openings.clear()
  load(second)
  expect(openings.size).toBe(0)
  expect(inForce()).toEqual([2, ['2']])
  await snapshotWith(second)
  pass(retireMs)
  expect(room).toEqual(['h2'])
})

test('a snapshot that waited when its thread died is void', async () => {
  load(first)
  await snapshotWith(first)
  follower.startOver()
  await opening('1').resolve('h1')
  expect(inForce()).toEqual([0, []])
})

test('stopping retires everything, also what is still being opened', async () => {
  load(first)
  await opening('1').resolve('h1')
  load(second)
  follower.stop()
  expect(room).toEqual([])
  await opening('2').resolve('h2')
  expect([room, released]).toEqual([[], ['h2']])
})

test('what was refused is shown until it is cleared, and counted for ever', async () => {
  await snapshotWith()
  follower.take({
    kind: 'model',
    state: 'refused',
    name: 'fine',
    version: '3',
    text: 'wrong opset',
  })
  expect(meter.states()).toEqual([{ name: 'fine', version: '', problem: 'version 3: wrong opset' }])
  follower.take({ kind: 'model', state: 'cleared', name: 'fine' })
  expect(meter.states()).toEqual([{ name: 'fine', version: '', problem: 'no version is active' }])
  expect(meter.snapshot(3)).toMatchObject([
    {
      name: 'sluice_model_active',
      type: 'gauge',
      values: [{ labels: { worker: 3, model: 'fine', version: '' }, value: 0 }],
    },
    {
      name: 'sluice_model_refused_total',
      values: [{ labels: { worker: 3, model: 'fine' }, value: 1 }],
    },
  ])
})
