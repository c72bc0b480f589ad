/** What the told events of one bid count for, in a table. */
import { expect, test } from 'vitest'
import { FeedbackStories } from '../../../test/support/feedback-stories.ts'
import { InvalidReason } from '../../domain/invalid-reason.ts'
import { minuteOf, UserEntry } from '../../domain/user-state.ts'
import { EventKind, type FeedbackEvent, PriceState } from '../event.ts'
import { countersOf, touchesBetween, touchesOf } from './contribution.ts'
import { decodeJourney, encodeJourney, type Journey, merged, newJourney } from './journey.ts'
import { type Counters, noCounters } from './totals.ts'

const startMs = 1_795_305_600_000
const [base] = new FeedbackStories({
  ...{ seed: 3, devices: 2, campaigns: 1 },
  ...{ startMs, stepMs: 1 },
}).next()

interface Told {
  readonly kind: EventKind
  /** Seconds after the decision. */
  readonly at?: number
  /** CPM micros; absent = none was told. */
  readonly price?: number
  readonly flags?: readonly number[]
}

const { Exposure, Click, Conversion, Win, Bill, Loss } = EventKind

function event({ kind, at = 10, price, flags = [] }: Told): FeedbackEvent {
  const eventTimeMs = startMs + at * 1_000
  const told = { ...base!, kind, eventTimeMs, flags, multiplier: 1, bidMicros: 5_000_000 }
  if (price === undefined) return { ...told, priceMicros: 0, priceState: PriceState.None }
  return { ...told, priceMicros: price, priceState: PriceState.Known }
}

function journeyOf(all: readonly Told[]): Journey {
  let journey = newJourney()
  for (const told of all) {
    let bits = 0
    for (const flag of told.flags ?? []) bits |= 1 << flag
    journey = merged(journey, event(told), bits)
  }
  return journey
}

const cases: readonly [about: string, told: readonly Told[], counts: Partial<Counters>][] = [
  ['a win is no money', [{ kind: Win, price: 7 }], { wins: 1 }],
  ['a loss is a loss', [{ kind: Loss }], { losses: 1 }],
  [
    'a bill is an impression and its spend',
    [{ kind: Bill, price: 2_000_000 }],
    { bills: 1, exposures: 1, spendCpmMicros: 2_000_000 },
  ],
  [
    'a bill and a pixel are one impression, at the price of the bill',
    [
      { kind: Exposure, price: 9 },
      { kind: Bill, price: 5 },
      { kind: Exposure, price: 9 },
    ],
    { bills: 1, exposures: 1, spendCpmMicros: 5 },
  ],
  [
    'shown without a price: what was bid stands for it',
    [{ kind: Exposure }],
    { exposures: 1, spendCpmMicros: 5_000_000, estimatedCpmMicros: 5_000_000 },
  ],
  [
    'a click of an exposure counts',
    [
      { kind: Exposure, price: 1, at: 10 },
      { kind: Click, at: 12 },
    ],
    { exposures: 1, spendCpmMicros: 1, clicks: 1 },
  ],
  [
    'a click waits for its exposure',
    [{ kind: Click, at: 12 }],
    { invalidClicks: 1, reasonUnexposed: 1 },
  ],
  [
    'a click four seconds before its exposure is of another clock',
    [
      { kind: Click, at: 6 },
      { kind: Exposure, price: 1, at: 10 },
    ],
    { exposures: 1, spendCpmMicros: 1, clicks: 1 },
  ],
  [
    'a click six seconds before its exposure is none',
    [
      { kind: Click, at: 4 },
      { kind: Exposure, price: 1, at: 10 },
    ],
    { exposures: 1, spendCpmMicros: 1, invalidClicks: 1, reasonBeforeExposure: 1 },
  ],
  [
    'what a crawler was shown is not billed, and its click is none',
    [
      { kind: Exposure, price: 3, flags: [InvalidReason.Crawler] },
      { kind: Click, at: 12, flags: [InvalidReason.Crawler] },
    ],
    { invalidExposures: 1, invalidCpmMicros: 3, invalidClicks: 1, reasonCrawler: 2 },
  ],
  ['a conversion has a value', [{ kind: Conversion }], { conversions: 1 }],
]

test.each(cases)('%s, in whatever order', (_, told, counts) => {
  for (const order of [told, [...told].reverse()]) {
    expect(countersOf(journeyOf(order), base!)).toEqual({ ...noCounters(), ...counts })
  }
})

test('devices are known by what was shown, at its earliest time', () => {
  const later = journeyOf([{ kind: Bill, price: 1, at: 200 }])
  const earlier = merged(later, event({ kind: Exposure, at: 65 }), 0)
  const kinds = [UserEntry.Creative, UserEntry.Campaign, UserEntry.Advertiser]
  const minute = minuteOf(startMs + 65_000)
  expect(touchesOf(earlier, base!).map((touch) => [touch.kind, touch.minute])).toEqual(
    kinds.map((kind) => [kind, minute]),
  )
  const moves = touchesBetween(touchesOf(later, base!), touchesOf(earlier, base!))
  expect(moves.map(({ kind, minute: at, count }) => [kind, at, count])).toEqual([
    ...kinds.map((kind) => [kind, minuteOf(startMs + 200_000), -1]),
    ...kinds.map((kind) => [kind, minute, 1]),
  ])
})

test('a journey comes back from its bytes, and one of another version is refused', () => {
  const journey = journeyOf([
    { kind: Bill, price: 2 ** 40, at: 200 },
    { kind: Click, at: 3, flags: [InvalidReason.DeviceRate] },
  ])
  expect(decodeJourney(encodeJourney(journey))).toEqual(journey)
  expect(() => decodeJourney(Uint8Array.from([9]))).toThrow('journey of version 9')
})
