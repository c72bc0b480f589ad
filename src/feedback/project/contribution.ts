/** What a journey counts for: totals, and what its devices are known by. A function of it alone. */
import { InvalidReason } from '../../domain/invalid-reason.ts'
import { noSerial, type Serial } from '../../domain/serial.ts'
import { convertedTag, minuteOf, tagOf, UserEntry } from '../../domain/user-state.ts'
import { EventKind, type FeedbackEvent } from '../event.ts'
import { hasSeen, type Journey, SpendKind, wasShown } from './journey.ts'
import { type CounterName, type Counters, noCounters } from './totals.ts'
import type { Touch } from './user-writer.ts'

/** The parts of an event that all events of one bid share. */
export type BidFacts = Pick<
  FeedbackEvent,
  'advertiser' | 'campaign' | 'creative' | 'strategy' | 'decisionId' | 'action'
>

/**
 * A click that came before its exposure by less than this is taken as after it: two clocks, and two
 * requests that a browser sends at once.
 */
export const clickToleranceMs = 5_000

/** The counters of a row that this journey makes. */
export function countersOf(journey: Journey, facts: BidFacts): Counters {
  const counters = noCounters()
  if (hasSeen(journey, EventKind.Win)) counters.wins = 1
  if (hasSeen(journey, EventKind.Bill)) counters.bills = 1
  if (hasSeen(journey, EventKind.Loss)) counters.losses = 1
  if (wasShown(journey)) countExposure(counters, journey)
  if (hasSeen(journey, EventKind.Click)) countClick(counters, journey, facts)
  if (hasSeen(journey, EventKind.Conversion)) countConversion(counters, journey)
  return counters
}

function countExposure(counters: Counters, journey: Journey): void {
  const { exposureFlags, spendCpmMicros, spendKind } = journey
  if (exposureFlags !== 0) {
    counters.invalidExposures = 1
    counters.invalidCpmMicros = spendCpmMicros
    countReasons(counters, exposureFlags)
    return
  }
  counters.exposures = 1
  counters.spendCpmMicros = spendCpmMicros
  if (spendKind === SpendKind.Estimated) counters.estimatedCpmMicros = spendCpmMicros
}

function countClick(counters: Counters, journey: Journey, facts: BidFacts): void {
  const reasons = clickReasons(journey, facts)
  if (reasons === 0) counters.clicks = 1
  else counters.invalidClicks = 1
  countReasons(counters, reasons)
}

function countConversion(counters: Counters, journey: Journey): void {
  if (journey.conversionFlags === 0) {
    counters.conversions = 1
    counters.valueMicros = journey.valueMicros
  } else counters.invalidConversions = 1
  countReasons(counters, journey.conversionFlags)
}

/**
 * Why the click of a journey counts for nothing, by bit: what it was flagged with, and what its
 * exposure says. A click that is not of a decision of ours has no exposure to be compared with.
 */
export function clickReasons(journey: Journey, { decisionId }: BidFacts): number {
  const { clickFlags, clickedAtMs, exposedAtMs } = journey
  if (decisionId === '') return clickFlags
  if (!wasShown(journey)) return clickFlags | (1 << InvalidReason.Unexposed)
  const isBefore = clickedAtMs < exposedAtMs - clickToleranceMs
  return isBefore ? clickFlags | (1 << InvalidReason.BeforeExposure) : clickFlags
}

const reasonCounters: readonly (readonly [number, CounterName])[] = [
  [InvalidReason.Crawler, 'reasonCrawler'],
  [InvalidReason.DataCentreAgent, 'reasonDataCentreAgent'],
  [InvalidReason.NetworkRate, 'reasonNetworkRate'],
  [InvalidReason.FutureTime, 'reasonFutureTime'],
  [InvalidReason.Unexposed, 'reasonUnexposed'],
  [InvalidReason.BeforeExposure, 'reasonBeforeExposure'],
  [InvalidReason.DeviceRate, 'reasonDeviceRate'],
]

function countReasons(counters: Counters, reasons: number): void {
  if (reasons === 0) return
  for (const [reason, name] of reasonCounters) {
    if (((reasons >>> reason) & 1) === 1) counters[name]++
  }
}

/** What every device of the bid is known by through this journey. */
export function touchesOf(journey: Journey, facts: BidFacts): Touch[] {
  const touches: Touch[] = []
  if (wasShown(journey) && journey.exposureFlags === 0) {
    const minute = minuteOf(journey.exposedAtMs)
    add(touches, UserEntry.Creative, facts.creative, minute)
    add(touches, UserEntry.Campaign, facts.campaign, minute)
    add(touches, UserEntry.Advertiser, facts.advertiser, minute)
    add(touches, UserEntry.Strategy, facts.strategy, minute)
  }
  if (hasSeen(journey, EventKind.Click)) {
    const minute = minuteOf(journey.clickedAtMs)
    touches.push({ kind: UserEntry.Clicks, tag: 0, minute, count: 1 })
    if (clickReasons(journey, facts) === 0) {
      add(touches, UserEntry.Clicked, facts.advertiser, minute)
    }
  }
  if (hasSeen(journey, EventKind.Conversion) && journey.conversionFlags === 0) {
    convert(touches, facts, minuteOf(journey.convertedAtMs))
  }
  return touches
}

function add(touches: Touch[], kind: UserEntry, serial: Serial, minute: number): void {
  if (serial !== noSerial) touches.push({ kind, tag: tagOf(serial), minute, count: 1 })
}

function convert(touches: Touch[], { advertiser, action }: BidFacts, minute: number): void {
  if (advertiser === noSerial) return
  const kind = UserEntry.Converted
  touches.push({ kind, tag: convertedTag(advertiser, ''), minute, count: 1 })
  if (action !== '') {
    touches.push({ kind, tag: convertedTag(advertiser, action), minute, count: 1 })
  }
}

/** What has to be done to come from the touches before to those after. */
export function touchesBetween(before: readonly Touch[], after: readonly Touch[]): Touch[] {
  const isIn = (touches: readonly Touch[], one: Touch) =>
    touches.some(
      ({ kind, tag, minute }) => kind === one.kind && tag === one.tag && minute === one.minute,
    )
  const gone = before.filter((touch) => !isIn(after, touch))
  const come = after.filter((touch) => !isIn(before, touch))
  return [...gone.map((touch) => ({ ...touch, count: -touch.count })), ...come]
}
