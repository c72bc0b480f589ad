/** The judge of a model swap must say no: to other rates, to other versions, to another moment. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { BidScratch } from '../../src/decision/bid/bid-scratch.ts'
import type { DecisionRecord } from '../../src/domain/decision-record.ts'
import { type OpenedModel, openModel } from '../../src/scoring/open-model.ts'
import { smallWorld } from '../../src/world/test-worlds.ts'
import { fineName, writeBenchModel } from './bench-models.ts'
import { deciderOf, planOf } from './bidding-world.ts'
import { askOnce } from './funnel-stages.ts'
import { type FunnelWorld, openFunnelWorld } from './funnel-world.ts'
import { randomModels, randomVersion } from './open-models.ts'
import { type Period, RecordJudge, type RecordVerdict } from './record-judge.ts'
import { introduce, worldRequests } from './world-requests.ts'

let workFolder = ''
let funnel: FunnelWorld
let other: OpenedModel
/** By fine, and by coarse alone. */
let fine: DecisionRecord[]
let coarse: DecisionRecord[]

beforeAll(async () => {
  workFolder = mkdtempSync(path.join(tmpdir(), 'sluice-judge-'))
  funnel = await openFunnelWorld(smallWorld, { named: randomModels, workFolder })
  writeBenchModel(workFolder, funnel, { name: fineName, version: 'other', seed: 2 })
  other = await openModel(path.join(workFolder, fineName, 'other'))
  fine = await recordsOf('fine')
  coarse = await recordsOf('coarse')
})

afterAll(() => {
  other.release()
  rmSync(workFolder, { recursive: true, force: true })
})

async function recordsOf(stages: 'fine' | 'coarse'): Promise<DecisionRecord[]> {
  const { bidding, world } = funnel
  const records: DecisionRecord[] = []
  const decider = deciderOf(bidding, planOf(500, 64, stages), (record) => records.push(record))
  const requests = worldRequests(world, 12, 0.8)
  introduce(bidding, requests)
  const scratch = new BidScratch()
  for (const request of requests) {
    scratch.clear()
    await askOnce({ bidding, decider, scratch }, request, () => undefined)
  }
  return records
}

const always = { fromMs: 0, toMs: Number.POSITIVE_INFINITY }

function verdictOf(records: readonly DecisionRecord[], own: Partial<Period> = {}): RecordVerdict {
  const { models, ads } = funnel
  const period = { coarse: randomVersion, fine: randomVersion, ...always, ...own }
  const judge = new RecordJudge([models.coarse, models.fine, other], ads, [period])
  for (const record of records) judge.take(record)
  return judge.verdict
}

test('what was decided by the models of the time is found to be so', () => {
  expect(verdictOf(fine)).toMatchObject({ records: 12, fine: 12, notInForce: 0, otherRates: 0 })
  expect(verdictOf(coarse)).toMatchObject({ coarse: 12, notInForce: 0, otherRates: 0 })
  expect(verdictOf(fine).bidsChecked).toBeGreaterThan(6)
  expect(verdictOf(fine).notes.size).toBe(0)
})

test('rates of another version are told from those of the one that a record names', () => {
  const renamed = fine.map((record) => ({ ...record, ctrModel: `${fineName}@other` }))
  const { otherRates, bidsChecked, notInForce } = verdictOf(renamed)
  expect(otherRates).toBe(bidsChecked)
  expect(notInForce).toBe(renamed.length)
})

test('a rate that is off by a thousandth is found, by fine and by coarse', () => {
  for (const records of [fine, coarse]) {
    const bent = records.map((record) => ({
      ...record,
      bids: record.bids.map((bid) => ({ ...bid, cvr: bid.cvr * 1.001 })),
    }))
    const { otherRates, bidsChecked } = verdictOf(bent)
    expect(otherRates).toBe(bidsChecked)
  }
})

test('versions that were not in force together, or not then, are found', () => {
  expect(verdictOf(fine, { coarse: 'other' }).notInForce).toBe(12)
  expect(verdictOf(coarse, { coarse: 'other' }).notInForce).toBe(12)
  // The coarse exchange does not care which fine model there was.
  expect(verdictOf(coarse, { fine: 'other' }).notInForce).toBe(0)
  expect(verdictOf(fine, { toMs: fine[0]!.atMs }).notInForce).toBe(11)
})
