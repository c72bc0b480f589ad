import type { Hash } from 'node:crypto'
import { expect, test } from 'vitest'
import { bidRequestBodies } from '../data/bid-requests.ts'
import { openBidBench } from './bid-bench.ts'
import { floorReads } from './floor-reads.ts'
import { digestOf, type Stage, timesOf } from './measure.ts'
import { bidStages } from './stages.ts'

const bodies = bidRequestBodies({ count: 60, knownDevices: 200 })

function stagesOf(creatives: number): Map<string, Stage> {
  return new Map(bidStages(openBidBench(creatives), bodies).map((stage) => [stage.name, stage]))
}

test('every stage comes to the same result twice, and the wires to the same requests', async () => {
  const results = async (): Promise<Record<string, string>> => {
    const all: Record<string, string> = {}
    for (const [name, stage] of stagesOf(1_000)) all[name] = await digestOf(stage)
    return all
  }
  const first = await results()
  expect(await results()).toEqual(first)
  expect(first['decode protobuf']).toBe(first['decode JSON'])
  expect(first['eligibility + recall']).toBe(first['eligibility and recall of a slot'])
})

test('the naive recall keeps the same creatives', async () => {
  const stages = stagesOf(2_000)
  const [naive, ours] = [
    stages.get('naive recall')!,
    stages.get('eligibility and recall of a slot')!,
  ]
  expect(naive.count).toBe(ours.count)
  expect(await digestOf(naive)).toBe(await digestOf(ours))
})

test('the whole road ends in bids and in no-bids', () => {
  const road = stagesOf(1_000).get('whole road, JSON')!
  const lengths: number[] = []
  const hash = {
    update: (data: Uint8Array | string) => {
      lengths.push(data.length)
      return hash
    },
  } as unknown as Hash
  for (let call = 0; call < road.count; call++) {
    road.prepare(call)
    road.run(call)
    road.digest(hash)
  }
  expect(lengths).toHaveLength(60)
  expect(lengths.filter((length) => length === 0).length).toBeGreaterThan(5)
  expect(lengths.filter((length) => length > 300).length).toBeGreaterThan(15)
})

test('times of a stage are ordered and counted', async () => {
  let calls = 0
  const stage: Stage = {
    name: 'counting',
    count: 50,
    prepare: () => undefined,
    run: () => {
      calls++
    },
    digest: () => undefined,
  }
  const times = await timesOf(stage, 3, 'abc')
  expect(calls).toBe(150)
  expect([times.name, times.calls, times.rounds, times.result]).toEqual(['counting', 50, 3, 'abc'])
  expect(times.p50Us).toBeLessThanOrEqual(times.p99Us)
  expect(times.maxUs).toBeLessThanOrEqual(times.longestUs)
})

test('the floor reads as many ids as the requests have', () => {
  const { reads, hitEvery } = floorReads(true, bodies)
  expect(reads).toHaveLength(60)
  // An advertising id, the user's, the buyer's and an extended one; none where it may not be.
  expect(Math.max(...reads)).toBe(4)
  expect(Math.min(...reads)).toBe(0)
  expect(hitEvery).toBeGreaterThan(1)
})
