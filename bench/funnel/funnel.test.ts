/** The benches of the funnel at a tiny size: that they measure what they say, never how long. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { smallWorld } from '../../src/world/test-worlds.ts'
import { digestOf } from '../stage/measure.ts'
import { planOf } from './bidding-world.ts'
import { rankStages, roadOf } from './funnel-stages.ts'
import { type FunnelWorld, openFunnelWorld } from './funnel-world.ts'
import { randomModels } from './open-models.ts'
import { qualityOf } from './quality.ts'
import { introduce, type WorldRequest, worldRequests } from './world-requests.ts'

let workFolder = ''
let funnel: FunnelWorld
let requests: WorldRequest[]

beforeAll(async () => {
  workFolder = mkdtempSync(path.join(tmpdir(), 'sluice-funnel-'))
  funnel = await openFunnelWorld(smallWorld, { named: randomModels, workFolder })
  requests = worldRequests(funnel.world, 32, 0.8)
  introduce(funnel.bidding, requests)
})

afterAll(() => {
  rmSync(workFolder, { recursive: true, force: true })
})

test('every rank stage comes to the same result twice, and tells requests apart', async () => {
  for (const stage of rankStages(funnel.bidding, requests)) {
    expect([stage.name, await digestOf(stage)]).toEqual([stage.name, await digestOf(stage)])
  }
  const other = rankStages(funnel.bidding, requests.toReversed())
  for (const [number, stage] of rankStages(funnel.bidding, requests).entries()) {
    expect(await digestOf(other[number]!)).not.toBe(await digestOf(stage))
  }
})

test('the road runs every stage of its plan, one request at a time and many in one turn', async () => {
  for (const turn of [1, 8]) {
    const setting = { name: 'road', plan: planOf(200, 32), turn }
    const { stage, counts } = roadOf(funnel.bidding, requests, setting)
    await digestOf(stage)
    expect(counts).toMatchObject({ requests: 32, short: 0 })
    expect(counts.bids).toBeGreaterThan(16)
    expect(counts.recalled).toBeGreaterThan(32 * 32)
    expect(counts.coarse).toBe(counts.recalled)
    expect(counts.fine).toBeGreaterThan(32)
    expect(counts.fine).toBeLessThanOrEqual(32 * 32)
  }
})

test('requests of one turn are ranked in fewer runs than there are requests', async () => {
  const { meter } = funnel.bidding
  const runsOf = async (turn: number): Promise<number> => {
    const before = meter.askRuns
    const setting = { name: 'road', plan: planOf(200, 32), turn }
    await digestOf(roadOf(funnel.bidding, requests, setting).stage)
    return meter.askRuns - before
  }
  expect([await runsOf(1), await runsOf(16)]).toEqual([32, 2])
})

test('in prior order no model runs and nothing is waited for', async () => {
  const { meter } = funnel.bidding
  const before = [meter.runs, meter.askRuns]
  const setting = { name: 'road', plan: planOf(200, 32, 'prior'), turn: 1 }
  const { stage, counts } = roadOf(funnel.bidding, requests, setting)
  stage.prepare(0)
  expect(stage.run(0)).toBeUndefined()
  expect([meter.runs, meter.askRuns]).toEqual(before)
  expect([counts.requests, counts.coarse, counts.fine]).toEqual([1, 0, 0])
})

test('a plan that leaves nothing out keeps all of the best; shorter ones keep fewer', async () => {
  const some = requests.slice(0, 12)
  const sizes = [2_000, 15].flatMap((recallMax) =>
    [200, 20].map((fineMax) => ({ recallMax, fineMax })),
  )
  const { eligible, plans, short, fineOverAllWorth, priorWorth } = await qualityOf(
    funnel,
    some,
    sizes,
  )
  const [whole, fewRows, shortRecall, both] = plans
  expect(short).toBe(0)
  // Recall of the small world is whole at 2 000, and none of its formats has 200 of them.
  expect(eligible).toBeLessThan(400)
  expect(whole!.afterRecall.value).toBe(1)
  expect(whole!.afterCoarse.value).toBeGreaterThan(fewRows!.afterCoarse.value)
  expect(shortRecall!.afterRecall.value).toBeLessThan(1)
  expect(both!.afterCoarse.value).toBeLessThanOrEqual(shortRecall!.afterCoarse.value)
  for (const { afterCoarse, afterRecall, worth } of plans) {
    expect(afterCoarse.value).toBeLessThanOrEqual(afterRecall.value)
    expect(worth.value).toBeGreaterThan(0)
    expect(worth.value).toBeLessThanOrEqual(1)
    expect(worth.low).toBeLessThanOrEqual(worth.value)
  }
  expect(fineOverAllWorth.value).toBeLessThanOrEqual(1)
  expect(priorWorth.value).toBeGreaterThan(0)
})
