import { expect, test } from 'vitest'
import { MemoryStore, workerRecord } from '../../test/support/memory-store.ts'
import { ManualClock } from '../lib/clock.ts'
import { Pacer, readersFeelUs } from './pacer.ts'
import { WorkerWatch } from './worker-watch.ts'

function setUp() {
  const { presence } = new MemoryStore()
  const clock = new ManualClock()
  const state = { workers: [workerRecord({})], looks: 0, slept: 0 }
  presence.list = () => {
    state.looks++
    return Promise.resolve(state.workers)
  }
  let wake = (): void => undefined
  const sleep = (ms: number) => {
    state.slept += ms
    return new Promise<void>((resolve) => {
      wake = resolve
    })
  }
  const watch = new WorkerWatch(presence, sleep, () => clock.monotonicMs())
  return { state, clock, watch, wake: () => wake(), presence }
}

test('a revision is reached when every worker has it, whatever other roles have', async () => {
  const { state, watch, wake } = setUp()
  state.workers = [
    workerRecord({ id: 'a', revision: 5 }),
    workerRecord({ id: 'b', revision: 4 }),
    workerRecord({ id: 'd', revision: 0, usesSnapshot: false }),
    workerRecord({ id: 'c', role: 'control', revision: 0 }),
  ]
  let isReached = false
  const reached = watch.reached(5).then(() => {
    isReached = true
  })
  await new Promise((resolve) => setImmediate(resolve))
  wake()
  await new Promise((resolve) => setImmediate(resolve))
  expect(isReached).toBe(false)
  state.workers = [workerRecord({ id: 'a', revision: 5 }), workerRecord({ id: 'b', revision: 6 })]
  wake()
  await reached
})

test('a worker that has gone holds nobody up', async () => {
  const { state, watch } = setUp()
  state.workers = []
  await watch.reached(99)
})

test('the latency is that of the worst worker, looked up four times a second', async () => {
  const { state, clock, watch } = setUp()
  state.workers = [
    workerRecord({ latencyP99Us: 900, requestsPerSecond: 10 }),
    workerRecord({ latencyP99Us: 700, requestsPerSecond: 10 }),
    workerRecord({ latencyP99Us: 9_000, requestsPerSecond: 0 }),
    workerRecord({ role: 'control', latencyP99Us: 9_000, requestsPerSecond: 1 }),
  ]
  expect(await watch.latencyP99Us()).toBe(900)
  clock.advance(200)
  expect(await watch.latencyP99Us()).toBe(900)
  expect(state.looks).toBe(1)
  clock.advance(100)
  await watch.latencyP99Us()
  expect(state.looks).toBe(2)
})

/** Works in slices of 10 ms and tells how long it rested for each second of work. */
async function restShare(latencyP99Us: number, slices: number): Promise<number> {
  const { state, clock, presence } = setUp()
  state.workers = [workerRecord({ latencyP99Us, requestsPerSecond: 100 })]
  let rested = 0
  const sleep = (ms: number) => {
    rested += ms
    clock.advance(ms)
    return Promise.resolve()
  }
  const nowMs = () => clock.monotonicMs()
  const pacer = new Pacer(new WorkerWatch(presence, sleep, nowMs), sleep, nowMs)
  for (let i = 0; i < slices; i++) {
    clock.advance(10)
    await pacer.step()
  }
  return rested / (slices * 10)
}

test('a writer does not rest while the readers are well', async () => {
  expect(await restShare(readersFeelUs, 50)).toBe(0)
})

test('a writer rests more than it works while the readers suffer, but always gets on', async () => {
  const share = await restShare(readersFeelUs * 4, 200)
  expect(share).toBeGreaterThan(3)
  expect(share).toBeLessThanOrEqual(12)
})
