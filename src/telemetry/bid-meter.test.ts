import { AggregatorRegistry } from 'prom-client'
import { expect, test } from 'vitest'
import { Drop, dropRow } from '../domain/drop-reason.ts'
import { Format } from '../domain/format.ts'
import { PrivacyLimit } from '../domain/privacy.ts'
import { Refusal } from '../domain/refusal.ts'
import { BidStep } from '../domain/step.ts'
import { BidMeter, exchangeLabelsMax } from './bid-meter.ts'

async function textOf(meter: BidMeter): Promise<string> {
  const sent = JSON.parse(JSON.stringify(meter.snapshot(3))) as object[]
  return AggregatorRegistry.aggregate([sent]).metrics()
}

test('its snapshot is what prom-client aggregates and prints', async () => {
  const meter = new BidMeter()
  const acme = meter.numberOf('acme')
  meter.answer(acme, Refusal.None, 300)
  meter.answer(acme, Refusal.NothingEligible, 1)
  meter.answer(acme, Refusal.Malformed, 1)
  meter.answer(acme, Refusal.Overload, 1)
  meter.answer(meter.unknown, Refusal.UnknownExchange, 0.01)
  meter.imps(acme, 3, 1)
  meter.bid(acme, Format.Video)
  meter.step(BidStep.Inflate, 0.01)
  meter.step(BidStep.Audience, Number.NaN)
  meter.test(acme)
  const drops = new Uint32Array(dropRow)
  drops[Drop.BelowFloor] = 4
  meter.funnel({ drops, eligible: 9, recalled: 7, coarse: 0, fine: 0, priced: 3 })
  meter.funnel({ drops, eligible: 1, recalled: 1, coarse: 0, fine: 0, priced: 1 })
  meter.impersonal(PrivacyLimit.Coppa)
  meter.impersonal(PrivacyLimit.None)
  const text = await textOf(meter)
  for (const line of [
    'sluice_bid_requests_total{worker="3",exchange="acme",outcome="bid",reason="none"} 1',
    'sluice_bid_requests_total{worker="3",exchange="acme",outcome="no-bid",reason="nothing-eligible"} 1',
    'sluice_bid_requests_total{worker="3",exchange="acme",outcome="rejected",reason="malformed"} 1',
    'sluice_bid_requests_total{worker="3",exchange="acme",outcome="failed",reason="overload"} 1',
    'sluice_bid_requests_total{worker="3",exchange="unknown",outcome="rejected",reason="unknown-exchange"} 1',
    'sluice_bid_latency_seconds_bucket{worker="3",exchange="acme",le="0.524288"} 4',
    'sluice_bid_latency_seconds_count{worker="3",exchange="acme"} 4',
    'sluice_bid_step_seconds_count{worker="3",step="inflate"} 1',
    'sluice_bid_imps_total{worker="3",exchange="acme"} 3',
    'sluice_bid_imps_dropped_total{worker="3",exchange="acme"} 1',
    'sluice_bid_bids_total{worker="3",exchange="acme",format="video"} 1',
    'sluice_bid_test_requests_total{worker="3",exchange="acme"} 1',
    'sluice_bid_drops_total{worker="3",reason="below-floor"} 8',
    'sluice_bid_candidates_total{worker="3",stage="recalled"} 8',
    'sluice_bid_impersonal_total{worker="3",limit="coppa"} 1',
    'sluice_bid_in_flight{worker="3"} 0',
  ]) {
    expect(text).toContain(`${line}\n`)
  }
  expect(text).not.toContain('audience')
  expect(text).not.toContain('limit="none"')
})

test('exchanges without end share one label in the end, and known ones keep theirs', () => {
  const meter = new BidMeter()
  for (let i = 0; i < exchangeLabelsMax + 50; i++) {
    meter.answer(meter.numberOf(`x${i}`), Refusal.None, 1)
  }
  meter.answer(meter.numberOf('x7'), Refusal.None, 1)
  const requests = meter.snapshot(0).find((one) => one.name === 'sluice_bid_requests_total')
  const counts = new Map(requests?.values.map((one) => [one.labels['exchange'], one.value]))
  expect(counts.size).toBe(exchangeLabelsMax + 1)
  expect(counts.get('other')).toBe(50)
  expect(counts.get('x7')).toBe(2)
})
