/** What an event does where its bid is known. */
import { InvalidReason } from '../../domain/invalid-reason.ts'
import { minuteOf, UserEntry } from '../../domain/user-state.ts'
import type { StateKey } from '../../store/feedback-ports.ts'
import { EventKind, type FeedbackEvent, PriceState } from '../event.ts'
import { anchorMsOf, dayOf, homeShardOf, shardOfDevice } from '../event-home.ts'
import { clickReasons, countersOf, touchesBetween, touchesOf } from './contribution.ts'
import { decodeJourney, encodeJourney, type Journey, merged } from './journey.ts'
import { MessageKind } from './message.ts'
import { NoteStatus } from './note.ts'
import { attributionDays, clickShardOf, journeyKey, journeyNameOf, userKey } from './state-keys.ts'
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
import { totalKey, totalNameOf } from './totals.ts'
import { countBetween } from './user-writer.ts'

const dayMs = 24 * 3_600_000
const minutesAnHour = 60

/** Everything that `eventStep` may look at. */
export function eventKeys(event: FeedbackEvent, context: Pick<StepContext, 'shard'>): StateKey[] {
  if (isTest(event) || isLate(event)) return []
  const home = homeOf(event, context)
  const keys = [journeyKey(home, event)]
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
  const key = journeyKey(home, event)
  const before = decodeJourney(context.view.get(key))
  const flags = bitsOf(event.flags) | rateFlag(event, before, context)
  const after = merged(before, event, flags)
  if (after === before) {
    context.note(NoteStatus.Repeat, [])
    return
  }
  context.view.put(key, encodeJourney(after))
  if (isSeeking(event)) {
    context.note(NoteStatus.Parked, [])
    context.tell(clickShardOf(event), { kind: MessageKind.Seek, ...toldOf(event, 's'), event })
    return
  }
  count(event, { before, after, home }, context)
  noteFlags(event, after, context)
  if (event.kind === EventKind.Click && event.clickId !== '' && flags === 0) {
    context.tell(clickShardOf(event), { kind: MessageKind.Click, ...toldOf(event, 'k'), event })
  }
}

/** Counts a change of a journey: the difference of what it counts for. */
function count(
  event: FeedbackEvent,
  { before, after, home }: { before: Journey; after: Journey; home: number },
  context: StepContext,
): void {
  addToTotal(context, rowOf(event, home), countersOf(before, event), countersOf(after, event))
  const touches = touchesBetween(touchesOf(before, event), touchesOf(after, event))
  touchDevices(context, event.devices, touches, {
    name: `${journeyNameOf(event)}.${after.revision}`,
    day: dayOf(anchorMsOf(event)),
  })
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

/** A test leaves no trace, nor does markup that an exchange rendered for a check. */
function isTest(event: FeedbackEvent): boolean {
  return event.isTest || event.priceState === PriceState.Audit
}

/** Its bid may be forgotten by now: nothing could be said of repeats. */
function isLate(event: FeedbackEvent): boolean {
  return event.receivedAtMs - anchorMsOf(event) > attributionDays * dayMs
}

/** Bit of `DeviceRate` when the device clicks more than people do. Stays with the click. */
function rateFlag(event: FeedbackEvent, before: Journey, context: StepContext): number {
  const [device] = event.devices
  if (event.kind !== EventKind.Click || device === undefined || before.clickedAtMs > 0) return 0
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
