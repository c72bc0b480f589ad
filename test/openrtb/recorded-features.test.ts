/** The model that ships, over a small world: features of records against the answers it gave. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { deciderOf, planOf } from '../../bench/funnel/bidding-world.ts'
import { askOnce } from '../../bench/funnel/funnel-stages.ts'
import { type FunnelWorld, openFunnelWorld } from '../../bench/funnel/funnel-world.ts'
import { introduce, worldRequests } from '../../bench/funnel/world-requests.ts'
import { BidScratch } from '../../src/decision/bid/bid-scratch.ts'
import type { DecisionRecord } from '../../src/domain/decision-record.ts'
import { decodeRecord, encodeRecord } from '../../src/feedback/record-codec.ts'
import { smallWorld } from '../../src/world/test-worlds.ts'
import { scoreFeatures } from '../support/score-features.ts'

let workFolder: string
let funnel: FunnelWorld

beforeAll(async () => {
  workFolder = await mkdtemp(path.join(tmpdir(), 'sluice-recorded-'))
  funnel = await openFunnelWorld(smallWorld, { named: null, workFolder })
})
afterAll(() => rm(workFolder, { recursive: true, force: true }))

test('the shipped fine model answers to what was recorded as it did when it ranked, to 1e-6', async () => {
  const { bidding, world } = funnel
  expect(funnel.found.areTrained).toBe(true)
  const requests = worldRequests(world, 60, 0.5)
  introduce(bidding, requests)
  const records: DecisionRecord[] = []
  const decider = deciderOf(bidding, planOf(200, 32), (record) => records.push(record))
  for (const request of requests) {
    const scratch = new BidScratch()
    await askOnce({ bidding, decider, scratch }, request, () => undefined)
  }
  const read = records.map((record) => decodeRecord(encodeRecord(record)))
  const ranked = read.flatMap((record) => (record?.rankedBy === 'fine' ? [record] : []))
  const rows = ranked.flatMap(({ bids, losers }) => [...bids, ...losers])
  expect(ranked.length).toBeGreaterThan(20)
  expect(rows.length).toBeGreaterThan(50)
  let most = 0
  for (const { features, scores } of rows) {
    const { ctr, cvr } = scoreFeatures(bidding.models.fine, features)
    const { rawCtr = Number.NaN, rawCvr = Number.NaN } = scores ?? {}
    most = Math.max(most, Math.abs(ctr - rawCtr), Math.abs(cvr - rawCvr))
  }
  expect(most).toBeLessThanOrEqual(1e-6)
  const bytes = rows.map(({ features }) => features?.length ?? 0)
  // Some 70 columns: a candidate costs a line less than 300 characters.
  expect(Math.max(...bytes)).toBeLessThan(220)
})
