/** What an event does where its bid is known. */
import { InvalidReason } from '../../domain/invalid-reason.ts'
import { minuteOf, UserEntry } from '../../domain/user-state.ts'
import type { StateKey } from '../../store/feedback-ports.ts'
import { EventKind, type FeedbackEvent, PriceState } from '../event.ts'
import { anchorMsOf, dayOf, homeDeviceOf, homeShardOf, shardOfDevice } from '../event-home.ts'
import { clickReasons, countersOf, touchesBetween, touchesOf } from './contribution.ts'
import {
  decodeJourney,
  earliestMsOf,
  encodeJourney,
  hasSeen,
  isSought,
  type Journey,
  markSought,
  merged,
} from './journey.ts'
import { MessageKind } from './message.ts'
import { NoteStatus } from './note.ts'
import {
  attributionDays,
  clickShardOf,
  journeyKeysOf,
  journeyNameOf,
  userKey,
} from './state-keys.ts'
import {
  addToTotal,
  bitsOf,
  isOurs,
  ownUserKeys,
  reasonsOf,
  type StepContext,
  seeksClick,
  touchDevices,
} from './step-context.ts'
import { noCounters, totalKey, totalNameOf } from './totals.ts'
import { countBetween } from './user-writer.ts'

const dayMs = 24 * 3_600_000
const minutesAnHour = 60

/** Everything that `eventStep` may look at. */
export function eventKeys(event: FeedbackEvent, context: Pick<StepContext, 'shard'>): StateKey[] {
  if (isTest(event) || isLate(event)) return []
  const home = homeOf(event, context)
  const keys = journeyKeysOf(home, event)
  if (isSeeking(event)) return keys
  keys.push(rowOf(event, home), ...ownUserKeys(context, event.devices))
  return keys
}

/** Projects one event. */
export function eventStep(event: FeedbackEvent, context: StepContext): void {
  if (isTest(event)) {
    context.note(NoteStatus.Test, [])
    return
  }
  if (isLate(event)) {
    context.note(NoteStatus.Invalid, [InvalidReason.Late])
    return
  }
  const home = homeOf(event, context)
  const key = context.view.placeOf(journeyKeysOf(home, event))
  const before = decodeJourney(context.view.get(key))
  if (goesAnotherWay(event, before)) {
    context.note(NoteStatus.Repeat, [])
    return
  }
  const flags = bitsOf(event.flags) | rateFlag(event, before, context)
  const after = merged(before, event, flags)
  if (after === before) {
    context.note(NoteStatus.Repeat, [])
    return
  }
  if (isSeeking(event)) markSought(after)
  context.view.put(key, encodeJourney(after))
  if (isSeeking(event)) {
    context.note(NoteStatus.Parked, [])
    const told = toldOf(event, `s.${after.revision}`)
    context.tell(clickShardOf(event), { kind: MessageKind.Seek, ...told, event })
    return
  }
  count(event, { before, after, home }, context)
  noteFlags(event, after, context)
  if (event.kind === EventKind.Click && event.clickId !== '' && flags === 0) {
    const told = toldOf(event, `k.${after.revision}`)
    context.tell(clickShardOf(event), { kind: MessageKind.Click, ...told, event })
  }
}

/** Counts a change of a journey: the difference of what it counts for. */
function count(
  event: FeedbackEvent,
  { before, after, home }: { before: Journey; after: Journey; home: number },
  context: StepContext,
): void {
  countRows(event, { before, after, shard: home }, context)
  const touches = touchesBetween(touchesOf(before, event), touchesOf(after, event))
  touchDevices(context, event.devices, touches, {
    name: `${journeyNameOf(event)}.${after.revision}`,
    day: dayOf(anchorMsOf(event)),
  })
}

/**
 * Counts a change of a journey in the rows of totals. What no decision dates counts in the hour of
 * its earliest time, so a change may move it from one row to another, which nobody has loaded yet.
 */
export function countRows(
  event: FeedbackEvent,
  { before, after, shard }: { before: Journey; after: Journey; shard: number },
  context: StepContext,
): void {
  const counted = { before: countersOf(before, event), after: countersOf(after, event) }
  if (event.decidedAtMs > 0 || before.seen === 0) {
    addToTotal(context, rowOf(event, shard), counted.before, counted.after)
    return
  }
  const from = rowOfJourney(event, before, shard)
  const to = rowOfJourney(event, after, shard)
  const rows = [
    { key: from, before: counted.before, after: noCounters() },
    { key: to, before: noCounters(), after: counted.after },
  ]
  context.tell(shard, { kind: MessageKind.Recount, name: event.id, day: to.day, rows })
}

function rowOfJourney(event: FeedbackEvent, journey: Journey, shard: number): StateKey {
  const eventTimeMs = earliestMsOf(journey, event.kind) || event.eventTimeMs
  return rowOf({ ...event, eventTimeMs }, shard)
}

/** The row of totals that an event counts in: of its spend, or of a conversion's value. */
export function rowOf(event: FeedbackEvent, shard: number): StateKey {
  const isConversion = event.kind === EventKind.Conversion
  return totalKey(shard, totalNameOf(event, isConversion ? event.valueCurrency : event.currency))
}

function toldOf(event: FeedbackEvent, hop: string) {
  return { name: `${event.id}.${hop}`, day: dayOf(anchorMsOf(event)) }
}

function homeOf(event: FeedbackEvent, { shard }: Pick<StepContext, 'shard'>): number {
  return shard ?? homeShardOf(event)
}

function isSeeking(event: FeedbackEvent): boolean {
  return event.kind === EventKind.Conversion && seeksClick(event)
}

/**
 * A conversion counts at home, or beside the click that it seeks, as it was told first: one that is
 * told both ways (an order by its medium and by its shop) would count twice.
 */
function goesAnotherWay(event: FeedbackEvent, before: Journey): boolean {
  if (event.kind !== EventKind.Conversion || !hasSeen(before, EventKind.Conversion)) return false
  return isSought(before) !== isSeeking(event)
}

/** A test leaves no trace, nor does markup that an exchange rendered for a check. */
function isTest(event: FeedbackEvent): boolean {
  return event.isTest || event.priceState === PriceState.Audit
}

/** Its bid may be forgotten by now: nothing could be said of repeats. */
function isLate(event: FeedbackEvent): boolean {
  const isConversion = event.kind === EventKind.Conversion
  const anchorMs = anchorMsOf(event)
  // By the time that its journey lies under as well (state-keys.ts).
  const fromMs = isConversion ? Math.min(anchorMs, event.eventTimeMs) : anchorMs
  return event.receivedAtMs - fromMs > attributionDays * dayMs
}

/** Bit of `DeviceRate` when the device clicks more than people do. Stays with the click. */
function rateFlag(event: FeedbackEvent, before: Journey, context: StepContext): number {
  const device = homeDeviceOf(event)
  const known = before.clickFlags & (1 << InvalidReason.DeviceRate)
  if (event.kind !== EventKind.Click || device === null) return 0
  if (before.clickedAtMs > 0) return known
  if (!isOurs(context, shardOfDevice(device.high))) return 0
  const minute = minuteOf(event.eventTimeMs)
  const from = minute - (minute % minutesAnHour)
  const clicks = countBetween(
    context.view.get(userKey(device)),
    { kind: UserEntry.Clicks, tag: 0 },
    [from, from + minutesAnHour],
  )
  const isTooMany = clicks >= context.settings.clicksADeviceHourMax
  return isTooMany ? 1 << InvalidReason.DeviceRate : 0
}

/** What the archive should know; that an exposure is not told yet is no news of the click. */
function noteFlags(event: FeedbackEvent, journey: Journey, context: StepContext): void {
  const told = bitsOf(event.flags)
  const found = event.kind === EventKind.Click ? clickReasons(journey, event) & ~unexposed : told
  if (found !== 0) context.note(NoteStatus.Invalid, reasonsOf(found & ~told))
}

const unexposed = 1 << InvalidReason.Unexposed
