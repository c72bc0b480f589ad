/** Events that are told again in other words: later, earlier, by somebody else. */
import { expect, test } from 'vitest'
import { MemoryFeedback } from '../../../test/support/memory-feedback.ts'
import { IdType } from '../../domain/id-type.ts'
import { InvalidReason } from '../../domain/invalid-reason.ts'
import { serialOf } from '../../domain/serial.ts'
import { systemClock } from '../../lib/clock.ts'
import { StateTable } from '../../store/feedback-ports.ts'
import { EventKind, eventOfNoBid, type FeedbackEvent, outsideEventId } from '../event.ts'
import { homeShardOf } from '../event-home.ts'
import { eventRecord } from '../log-record.ts'
import { Projector } from './projector.ts'
import { type Counters, counterNames, decodeCounters, noCounters } from './totals.ts'

const dayMs = 24 * 3_600_000
const noonMs = 20_500 * dayMs + dayMs / 2
const campaign = serialOf('campaign', 'shoes')
const advertiser = serialOf('advertiser', 'maker')
const device = { type: IdType.Gaid, high: 0x9000_0001, low: 7 }

/** Rows of all shards after these events, projected one after another. */
async function rowsOf(events: readonly FeedbackEvent[], seesAllShards: boolean) {
  const store = new MemoryFeedback(seesAllShards)
  const projector = new Projector({
    log: store.log,
    state: store.state,
    settings: { clicksADeviceHourMax: 1_000 },
    clock: systemClock,
    meter: { committed: () => undefined, noted: () => undefined, refused: () => undefined },
    onFailed: (error) => {
      throw error
    },
  })
  for (const event of events) {
    await store.append(homeShardOf(event), eventRecord(event))
    for (let idle = 0; idle < 3; ) {
      projector.own(await store.parts())
      idle = (await projector.round()) === 0 ? idle + 1 : 0
    }
  }
  const rows: Record<string, Counters> = {}
  await store.scan(StateTable.Total, null, ({ day, name }, value) => {
    const part = decodeCounters(value)
    const row = (rows[`${day}/${name}`] ??= noCounters())
    for (const counter of counterNames) row[counter] += part[counter]
  })
  return rows
}

/** Counters of all rows together. */
async function countersOf(events: readonly FeedbackEvent[], seesAllShards: boolean) {
  const sums: Counters = noCounters()
  for (const row of Object.values(await rowsOf(events, seesAllShards))) {
    for (const name of counterNames) sums[name] += row[name]
  }
  return sums
}

function click(atMs: number): FeedbackEvent {
  const known = { campaign, advertiser, devices: [device], medium: 'acme', clickId: 'c1' }
  const id = outsideEventId(EventKind.Click, 'acme', 'own/c1')
  return { ...eventOfNoBid(EventKind.Click, atMs), ...known, id }
}

function conversion(atMs: number, valueMicros: number): FeedbackEvent {
  const value = { valueMicros, valueCurrency: 'CNY', action: 'purchase' }
  const id = outsideEventId(EventKind.Conversion, 'maker', 'order-1')
  return { ...eventOfNoBid(EventKind.Conversion, atMs), ...value, id, orderId: 'order-1' }
}

/** Knows nothing but the medium's click. */
function seeking(atMs: number, valueMicros = 5_000_000): FeedbackEvent {
  return { ...conversion(atMs, valueMicros), medium: 'acme', clickId: 'c1' }
}

function complete(atMs: number, valueMicros = 5_000_000): FeedbackEvent {
  return { ...conversion(atMs, valueMicros), campaign, advertiser, devices: [device] }
}

const stores = [true, false]

test.each(stores)(
  'a conversion that seeks its click counts once, told earlier or worth more (all shards: %s)',
  async (all) => {
    const early = seeking(noonMs - 1_000)
    const more = seeking(noonMs, 7_000_000)
    const about = click(noonMs - 60_000)
    for (const events of [
      [about, seeking(noonMs), early, more],
      [about, more, early, seeking(noonMs)],
      [seeking(noonMs), early, more, about],
      [early, about, more, seeking(noonMs)],
    ]) {
      const { conversions, valueMicros } = await countersOf(events, all)
      expect({ conversions, valueMicros }).toEqual({ conversions: 1, valueMicros: 7_000_000 })
    }
  },
)

test.each(stores)(
  'an order counts once, told with its click alone and with everything (all shards: %s)',
  async (all) => {
    const about = click(noonMs - 60_000)
    for (const events of [
      [about, complete(noonMs), seeking(noonMs - 1_000)],
      [about, seeking(noonMs), complete(noonMs - 1_000)],
      [about, seeking(noonMs), complete(noonMs, 6_000_000)],
      [complete(noonMs), seeking(noonMs, 6_000_000), about],
    ]) {
      const { conversions } = await countersOf(events, all)
      expect(conversions).toBe(1)
    }
  },
)

test.each(stores)(
  'an order counts once, told with a token days after the bid and without one (all shards: %s)',
  async (all) => {
    const bid = { decisionId: '00000000000000ab', bidNumber: 1, decidedAtMs: noonMs - 5 * dayMs }
    const byToken = { ...complete(noonMs), ...bid }
    for (const events of [
      [byToken, complete(noonMs)],
      [complete(noonMs), byToken],
    ]) {
      expect((await countersOf(events, all)).conversions).toBe(1)
    }
  },
)

test.each(stores)(
  'what comes again after midnight without a time of its own counts once (all shards: %s)',
  async (all) => {
    const midnightMs = 20_500 * dayMs
    for (const [first, second] of [
      [-1_000, 1_000],
      [1_000, -1_000],
    ] as const) {
      const events = [click(midnightMs + first), click(midnightMs + second)]
      expect((await countersOf(events, all)).clicks).toBe(1)
    }
  },
)

test.each(stores)(
  'the earliest copy of a click is what conversions are measured from (all shards: %s)',
  async (all) => {
    // Thirty days and a bit after the late copy would be too late after the early one, and the
    // other way round.
    const windowMs = 30 * dayMs
    const late = click(noonMs)
    const early = click(noonMs - 3_600_000)
    const after = seeking(noonMs - 3_600_000 + windowMs - 60_000)
    const tooLate = seeking(noonMs + windowMs - 60_000)
    for (const clicks of [
      [early, late],
      [late, early],
    ]) {
      expect((await countersOf([...clicks, after], all)).conversions).toBe(1)
      expect((await countersOf([...clicks, tooLate], all)).conversions).toBe(0)
    }
  },
)

test.each(stores)(
  'a click that a repeat in another hour clears is moved, not counted again (all shards: %s)',
  async (all) => {
    const hourMs = noonMs
    const valid = click(hourMs - 1_000)
    const flagged = { ...click(hourMs + 1_000), flags: [InvalidReason.NetworkRate] }
    for (const events of [
      [valid, flagged],
      [flagged, valid],
    ]) {
      const { clicks, invalidClicks, reasonNetworkRate } = await countersOf(events, all)
      expect({ clicks, invalidClicks, reasonNetworkRate }).toEqual({
        clicks: 1,
        invalidClicks: 0,
        reasonNetworkRate: 0,
      })
    }
  },
)

test.each(stores)(
  'what is told again counts in the hour of its earliest time, in any order (all shards: %s)',
  async (all) => {
    const early = click(noonMs - 1_000)
    const late = click(noonMs + 1_000)
    expect(await rowsOf([early, late], all)).toEqual(await rowsOf([late, early], all))
    const about = click(noonMs - 60_000)
    const earlier = seeking(noonMs - 1_000, 7_000_000)
    const later = seeking(noonMs + 1_000)
    const rows = await rowsOf([about, earlier, later], all)
    expect(await rowsOf([about, later, earlier], all)).toEqual(rows)
    expect(await rowsOf([later, earlier, about], all)).toEqual(rows)
  },
)

test.each(stores)(
  'a conversion told before its click finds it beyond the end of a period (all shards: %s)',
  async (all) => {
    // Day 20 520 begins a period of thirty days.
    const about = click(20_520 * dayMs + 3_600_000)
    const before = seeking(20_520 * dayMs - 3_600_000)
    expect((await countersOf([about, before], all)).conversions).toBe(1)
    expect((await countersOf([before, about], all)).conversions).toBe(1)
  },
)

test('nobody takes an impression out of spend and caps by calling its pixel again as a program', async () => {
  const bid = { decisionId: '00000000000000ab', bidNumber: 1, decidedAtMs: noonMs - 5_000 }
  const told = { ...bid, campaign, devices: [device], bidMicros: 3_000_000, currency: 'USD' }
  const pixel = { ...eventOfNoBid(EventKind.Exposure, noonMs), ...told, id: 'pixel' }
  const bill = { ...eventOfNoBid(EventKind.Bill, noonMs), ...told, id: 'bill' }
  const again = { ...pixel, flags: [InvalidReason.DataCentreAgent] }
  for (const events of [
    [pixel, again],
    [again, pixel],
    [bill, pixel, again],
    [again, bill, pixel],
  ]) {
    const { exposures, invalidExposures, spendCpmMicros } = await countersOf(events, true)
    expect([exposures, invalidExposures, spendCpmMicros]).toEqual([1, 0, 3_000_000])
  }
  const { invalidExposures } = await countersOf([bill, again], true)
  expect(invalidExposures).toBe(1)
})
