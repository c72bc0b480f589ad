/** Features of records under real graphs: the model answers to them what it answered to the bid. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  aBanner,
  aCampaign,
  anExchange,
  aVideo,
  type CompiledWorld,
  compileWorld,
  unit,
} from '../../../test/support/bid-world.ts'
import { bannerSlot, impWith, videoSlot } from '../../../test/support/plain-imps.ts'
import { scoreFeatures } from '../../../test/support/score-features.ts'
import {
  decidedAtMs,
  smallRank,
  smallSplit,
  writeModel,
} from '../../../test/support/small-models.ts'
import { DecisionIds } from '../../domain/decision-id.ts'
import type { DecisionRecord } from '../../domain/decision-record.ts'
import { readFeatures } from '../../domain/feature-bytes.ts'
import { noGeo } from '../../domain/geo-port.ts'
import type { Micros } from '../../domain/money.ts'
import { decodeRecord, encodeRecord } from '../../feedback/record-codec.ts'
import { ManualClock } from '../../lib/clock.ts'
import { adEncoderOf } from '../../scoring/ad-encoder.ts'
import { Batcher } from '../../scoring/batcher.ts'
import { calibrate, calibrationOf } from '../../scoring/calibration.ts'
import { ModelRoom } from '../../scoring/model-room.ts'
import { type OpenedModel, openModel } from '../../scoring/open-model.ts'
import { RankMeter } from '../../telemetry/rank-meter.ts'
import { BidDecider } from './bid-decide.ts'
import { BidScratch } from './bid-scratch.ts'

const platt = { kind: 'platt', slope: 0.7, shift: -1 } as const
const nothing = { rawCtr: Number.NaN, rawCvr: Number.NaN }
const clock = new ManualClock(decidedAtMs)

let folder: string
let fine: OpenedModel
let coarse: OpenedModel
let world: CompiledWorld

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sluice-record-onnx-'))
  const small = smallRank()
  const calibration = { fallback: { ctr: platt, cvr: platt }, exchanges: {} }
  const calibrated = { ...small, manifest: { ...small.manifest, calibration } }
  fine = await openModel(await writeModel(folder, calibrated))
  coarse = await openModel(await writeModel(folder, smallSplit()))
  world = await compileWorld(
    {
      campaigns: ['a', 'b', 'c'].map((id, n) =>
        aCampaign({
          ...{ id, goal: { kind: 'cpc', bidMicros: unit as Micros } },
          // Recency counts from it: a feature of the pair.
          startMs: n === 0 ? null : decidedAtMs - n * 5 * 3_600_000,
        }),
      ),
      creatives: Array.from({ length: 60 }, (_, n) => {
        const own = { id: `cr${n}`, campaignId: ['a', 'b', 'c'][n % 3] ?? '' }
        return n < 50 ? aBanner(own) : aVideo(own)
      }),
      exchanges: [
        anExchange({
          plan: { recallMax: 2_000, coarseModel: 'coarse', fineModel: 'fine', fineMax: 24 },
        }),
      ],
    },
    clock,
    [adEncoderOf(coarse), adEncoderOf(fine)],
  )
})

afterAll(async () => {
  for (const model of [coarse, fine]) model.release()
  await rm(folder, { recursive: true, force: true })
})

/** Records of requests from `countries`, decided in one turn of the loop. */
async function recordsOf(countries: readonly string[]): Promise<DecisionRecord[]> {
  const records: DecisionRecord[] = []
  const room = new ModelRoom()
  for (const model of [coarse, fine]) room.add(model)
  let draw = 0
  const decider = new BidDecider({
    catalog: world.catalog,
    audienceView: { current: () => null },
    audience: { read: () => undefined },
    geo: noGeo,
    clock,
    random: () => (draw += 0.37) % 1,
    ids: new DecisionIds(() => 1),
    ranker: new Batcher({
      ...{ room, clock, meter: new RankMeter() },
      later: (run) => setImmediate(run),
      onFailure: (error) => expect(error).toBeNull(),
    }),
    linksAreSecure: true,
    record: (record) => records.push(record),
  })
  const clip = { ...impWith({ video: videoSlot }), id: '2', index: 1 }
  await Promise.all(
    countries.map(async (country, n) => {
      const scratch = new BidScratch()
      const { request } = scratch
      Object.assign(request, { exchange: 'x', id: `r${n}`, priceUnit: 'cpm' })
      request.deadlineMs = clock.monotonicMs() + 50
      request.geo.country = country
      request.inventory.domain = `site${n}.example`
      request.imps = [impWith({ banner: bannerSlot }), clip]
      await decider.decide(request, scratch)
    }),
  )
  return records.map((record) => {
    const read = decodeRecord(encodeRecord(record))
    if (read === null) throw new Error('the line cannot be read')
    return read
  })
}

test('the fine model answers to recorded features as it did to the candidate, to 1e-6', async () => {
  const records = await recordsOf(['DE', 'FR', '', 'US', 'DE'])
  const rows = records.flatMap(({ bids, losers }) => [...bids, ...losers])
  expect(records.map(({ rankedBy, bids }) => [rankedBy, bids.length])).toEqual(
    records.map(() => ['fine', 2]),
  )
  expect(rows.length).toBeGreaterThan(20)
  const calibration = calibrationOf(fine.manifest, 'x', 'ctr')
  for (const { features, scores, ctr } of rows) {
    const own = scoreFeatures(fine, features)
    const { rawCtr, rawCvr } = scores ?? nothing
    expect(Math.abs(own.ctr - rawCtr)).toBeLessThanOrEqual(1e-6)
    expect(Math.abs(own.cvr - rawCvr)).toBeLessThanOrEqual(1e-6)
    expect(ctr).toBeCloseTo(calibrate(calibration, rawCtr), 12)
    expect(Math.abs(ctr - rawCtr)).toBeGreaterThan(0.01)
  }
  // Requests and creatives are told apart by what is recorded of them.
  const texts = new Set(rows.map(({ features }) => Buffer.from(features ?? []).toString('hex')))
  expect(texts.size).toBeGreaterThan(15)
  expect(new Set(rows.map(({ scores }) => scores?.rawCtr)).size).toBeGreaterThan(15)
})

test('features name the layout that they were encoded by', async () => {
  const [record] = await recordsOf(['DE'])
  const features = readFeatures(record?.bids[0]?.features ?? new Uint8Array(0))
  expect(fine.manifest.featuresHash.startsWith(features?.layout ?? 'none')).toBe(true)
  expect(features?.pair.index.length).toBe(fine.encoder.layout.pairWidth)
  expect(() => scoreFeatures(coarse, record?.bids[0]?.features ?? null)).toThrow(/another layout/)
})
