/** Strategies ranked by ONNX models in the batcher: the scores are those that the graphs stand for. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { aBanner, aCampaign, compileWorld, unit } from '../../../test/support/bid-world.ts'
import {
  MemoryAudience,
  pushDevice,
  rankingOf,
  settingsOf,
  snapshotOf,
  storedOf,
  strategyOf,
  testRules,
} from '../../../test/support/rta-fixtures.ts'
import {
  decidedAtMs,
  encodedRow,
  logOdds,
  rankFeatures,
  smallRank,
  smallSplit,
  someWeights,
  writeModel,
} from '../../../test/support/small-models.ts'
import type { AdEncoder } from '../../domain/ad-side.ts'
import { RankNote } from '../../domain/bid-decision.ts'
import type { AdFacts, AskFacts } from '../../domain/feature-facts.ts'
import type { Micros } from '../../domain/money.ts'
import { ManualClock } from '../../lib/clock.ts'
import { adEncoderOf } from '../../scoring/ad-encoder.ts'
import { Batcher } from '../../scoring/batcher.ts'
import { ModelRoom } from '../../scoring/model-room.ts'
import { openModel } from '../../scoring/open-model.ts'
import { RankMeter } from '../../telemetry/rank-meter.ts'
import { RtaDecider } from '../decide.ts'
import { Scratch } from '../scratch.ts'
import { newTrace } from '../trace.ts'

/** An encoder that remembers the facts it was given. */
function remembering(encoder: AdEncoder, known: Map<string, AdFacts>): AdEncoder {
  return {
    ...encoder,
    encode: (facts) => {
      for (const one of facts) known.set(one.creativeId, one)
      return encoder.encode(facts)
    },
  }
}

test('coarse and fine rank by ONNX give each strategy the probability of its best candidate', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-strategy-rank-'))
  const coarse = await openModel(await writeModel(folder, smallSplit()))
  const fine = await openModel(await writeModel(folder, smallRank()))
  const clock = new ManualClock(decidedAtMs)
  const ads = new Map<string, AdFacts>()
  const room = new ModelRoom()
  room.add(coarse)
  room.add(fine)
  const world = await compileWorld(
    {
      campaigns: ['a', 'b', 'c'].map((id) =>
        aCampaign({ id, goal: { kind: 'cpc', bidMicros: unit as Micros } }),
      ),
      creatives: Array.from({ length: 60 }, (_, n) =>
        aBanner({ id: `cr${n}`, campaignId: ['a', 'b', 'c'][n % 3] ?? '' }),
      ),
    },
    clock,
    [adEncoderOf(coarse), remembering(adEncoderOf(fine), ads)],
  )
  const over = { coarseModel: 'coarse', fineMax: 12, pcvr: true }
  const strategies = ['a', 'b', 'c'].map((id) => strategyOf(id, { ranking: rankingOf([id], over) }))
  const snapshot = snapshotOf(storedOf(strategies))
  const decider = new RtaDecider({
    catalog: { current: () => snapshot, isStale: () => false },
    audience: new MemoryAudience(),
    clock,
    media: [{ settings: settingsOf('m'), rules: testRules }],
    ranker: new Batcher({
      room,
      clock,
      meter: new RankMeter(),
      later: (run) => setImmediate(run),
      onFailure: (error) => expect(error).toBeNull(),
    }),
    bidSnapshot: () => world.catalog.current(),
  })
  const scratch = new Scratch()
  scratch.request.medium = 'm'
  scratch.request.deadlineMs = 50
  scratch.request.geo.country = 'FR'
  pushDevice(scratch.request.devices, 1)
  const trace = newTrace()
  const { ranking, verdicts } = await decider.decide(scratch.request, scratch, trace)

  expect(ranking).toMatchObject({
    ...{ by: 'fine', note: RankNote.AsPlanned, coarseModel: 'coarse@1', fineModel: 'fine@1' },
    ...{ recalled: 60, coarse: 60, fine: 12 },
  })
  const ask = scratch.ranks?.ask as AskFacts
  for (const [at, { creativeId, ctr, cvr }] of (trace.ranks.ranking?.worths ?? []).entries()) {
    const row = encodedRow(rankFeatures, ask, ads.get(creativeId) as AdFacts)
    for (const [target, score] of [ctr, cvr].entries()) {
      const expected = 1 / (1 + Math.exp(-logOdds(row, someWeights, target)))
      expect(Math.abs(score - expected)).toBeLessThan(1e-6)
    }
    expect(verdicts[at]?.pcvr).toBe(cvr)
  }
  expect(trace.ranks.ranking?.worths).toHaveLength(3)
  room.retire(coarse.key)
  room.retire(fine.key)
  await rm(folder, { recursive: true, force: true })
})
