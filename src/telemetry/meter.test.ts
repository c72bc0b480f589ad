import { AggregatorRegistry } from 'prom-client'
import { expect, test } from 'vitest'
import { Refusal } from '../domain/refusal.ts'
import { Step } from '../domain/step.ts'
import { Meter } from './meter.ts'

test('its snapshot is what prom-client aggregates and prints', async () => {
  const meter = new Meter(['tencent', 'oceanengine'])
  meter.answer(0, Refusal.None, 1.5)
  meter.answer(0, Refusal.Overload, 0.01)
  meter.answer(1, Refusal.AudienceMismatch, 0.4)
  meter.step(Step.Decode, 0.02)
  meter.idsDropped(1, 2, 1)
  meter.read(0.3, false)
  meter.error('timeout')
  const stages = { recalled: 40, coarse: 40, fine: 16 }
  const ranked = { by: 'fine', note: 2, coarseModel: 'c@1', fineModel: 'f@1', ...stages } as const
  meter.ranked(0, { ...ranked, strategies: 3, belowValue: 1, unranked: 0 })
  meter.ranked(0, { ...ranked, by: 'prior', strategies: 2, belowValue: 0, unranked: 2 })
  meter.snapshotConfirmedAtMs = 1_000
  const sent = JSON.parse(JSON.stringify(meter.snapshot(3, 6_000))) as object[]
  const text = await AggregatorRegistry.aggregate([sent]).metrics()
  meter.close()
  for (const line of [
    'sluice_rta_requests_total{worker="3",medium="tencent",outcome="accept",reason="none"} 1',
    'sluice_rta_requests_total{worker="3",medium="tencent",outcome="failed",reason="overload"} 1',
    'sluice_rta_requests_total{worker="3",medium="oceanengine",outcome="refuse",reason="audience-mismatch"} 1',
    'sluice_rta_ids_dropped_total{worker="3",medium="oceanengine",why="doubtful"} 2',
    'sluice_rta_latency_seconds_bucket{worker="3",medium="tencent",le="0.000016"} 1',
    'sluice_rta_latency_seconds_bucket{worker="3",medium="tencent",le="+Inf"} 2',
    'sluice_rta_latency_seconds_count{worker="3",medium="tencent"} 2',
    'sluice_rta_step_seconds_count{worker="3",step="decode"} 1',
    'sluice_rta_rankings_total{worker="3",medium="tencent",by="fine",note="shortened"} 1',
    'sluice_rta_rankings_total{worker="3",medium="tencent",by="prior",note="shortened"} 1',
    'sluice_rta_candidates_total{worker="3",medium="tencent",stage="fine"} 32',
    'sluice_rta_candidates_total{worker="3",medium="oceanengine",stage="recalled"} 0',
    'sluice_rta_ranked_strategies_total{worker="3",medium="tencent",outcome="asked"} 5',
    'sluice_rta_ranked_strategies_total{worker="3",medium="tencent",outcome="below-value"} 1',
    'sluice_rta_ranked_strategies_total{worker="3",medium="tencent",outcome="unranked"} 2',
    'sluice_store_reads_missed_total{worker="3"} 1',
    'sluice_store_errors_total{worker="3",kind="timeout"} 1',
    'sluice_snapshot_age_seconds{worker="3"} 5',
  ]) {
    expect(text).toContain(line)
  }
})

test('a report covers the time since the last one', () => {
  const meter = new Meter(['tencent'])
  expect(meter.report(0)).toEqual({ latencyP99Us: 0, requestsPerSecond: 0 })
  for (let i = 0; i < 50; i++) {
    meter.answer(0, Refusal.None, 2)
    meter.decided(2)
  }
  const report = meter.report(500)
  expect(report.requestsPerSecond).toBe(100)
  expect(report.latencyP99Us).toBeGreaterThanOrEqual(2_000)
  expect(report.latencyP99Us).toBeLessThanOrEqual(2_560)
  expect(meter.report(1_000)).toEqual({ latencyP99Us: 0, requestsPerSecond: 0 })
  meter.close()
})

test('unlimited kinds of store error cannot grow the counters without end', () => {
  const meter = new Meter([])
  for (let i = 0; i < 1_000; i++) meter.error(`kind-${i}`)
  const errors = meter.snapshot(0, 0).find((one) => one.name === 'sluice_store_errors_total')
  meter.close()
  expect(errors?.values.length).toBeLessThanOrEqual(33)
  expect(errors?.values.reduce((sum, one) => sum + one.value, 0)).toBe(1_000)
})
