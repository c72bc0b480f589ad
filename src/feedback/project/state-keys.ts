/** Names of derived state: docs/storage.md is the table. */
import { createHash } from 'node:crypto'
import { type StateKey, StateTable } from '../../store/feedback-ports.ts'
import { EventKind, type FeedbackEvent } from '../event.ts'
import { anchorMsOf, clickName, dayOf, shardOfDevice, shardOfName } from '../event-home.ts'
import type { DeviceKey } from '../token-body.ts'
import type { Message } from './message.ts'

/**
 * Days for which a bid is remembered: a conversion may come a month after its click, and everything
 * told of it before counts once. What is told later is `Late`.
 */
export const attributionDays = 30

/**
 * Where the journey of an event may be, its own place first. Events of one bid share it; a
 * conversion has its own, by its own time: an order is told with our token and without it. What no
 * decision of ours dates is looked for on the days beside it too: it may be told again with another
 * time, or after midnight without any.
 */
export function journeyKeysOf(shard: number, event: FeedbackEvent): StateKey[] {
  const name = journeyNameOf(event)
  const isOfBid = name.startsWith(bidPrefix)
  const day = dayOf(isOfBid ? anchorMsOf(event) : event.eventTimeMs)
  const days = isOfBid || day < 2 ? [day] : [day, day - 1, day + 1]
  return days.map((one) => ({ table: StateTable.Journey, shard, day: one, name }))
}

/** Where it may be remembered, beside its click, that a conversion was counted for it. */
export function foundKeysOf(event: FeedbackEvent): StateKey[] {
  const keys = journeyKeysOf(clickShardOf(event), event)
  return keys.map((key) => ({ ...key, name: `f.${event.id}` }))
}

const bidPrefix = 'b.'

/** Name of a journey: of a bid, or of one event. */
export function journeyNameOf({ kind, id, decisionId, bidNumber }: FeedbackEvent): string {
  if (kind === EventKind.Conversion || decisionId === '') return `e.${id}`
  return `${bidPrefix}${decisionId}.${bidNumber.toString(36)}`
}

/** Key under which a message that was done is remembered. */
export function messageKey(shard: number, { name, day }: Message): StateKey {
  return { table: StateTable.Journey, shard, day, name: `m.${name}` }
}

/** Key of a device's user state: its 48-bit field in its shard (docs/identity.md). */
export function userKey({ high, low }: DeviceKey): StateKey {
  const upper = ((high << 16) | (low >>> 16)) >>> 0
  const lower = low & 0xffff
  return {
    table: StateTable.User,
    shard: shardOfDevice(high),
    day: 0,
    name: upper.toString(16).padStart(8, '0') + lower.toString(16).padStart(4, '0'),
  }
}

/** The shard that knows a medium's click. */
export function clickShardOf({ medium, clickId }: FeedbackEvent): number {
  return shardOfName(clickName(medium, clickId))
}

/** Key of a click, in the period of its time. */
export function clickKey(event: FeedbackEvent): StateKey {
  return periodKey(StateTable.Click, event, periodOf(event.eventTimeMs))
}

/** A conversion may be told of a time so long before its click: two clocks, or two calendars. */
export const beforeClickMsMax = 24 * 3_600_000

/**
 * Where the click of a conversion may be: clicked in the same period, in the one before, or (two
 * clocks) in one that has just begun.
 */
export function clickKeysOf(event: FeedbackEvent): StateKey[] {
  const period = periodOf(event.eventTimeMs)
  const next = periodOf(event.eventTimeMs + beforeClickMsMax)
  const periods = new Set([period, period - attributionDays, next])
  return [...periods].map((one) => periodKey(StateTable.Click, event, one))
}

/** Where a conversion waits for its click. */
export function parkedKey(event: FeedbackEvent): StateKey {
  return periodKey(StateTable.Parked, event, periodOf(event.eventTimeMs))
}

/** Where conversions of a click may wait: `clickKeysOf` the other way round. */
export function parkedKeysOf(event: FeedbackEvent): StateKey[] {
  const period = periodOf(event.eventTimeMs)
  const last = periodOf(event.eventTimeMs - beforeClickMsMax)
  const periods = new Set([period, period + attributionDays, last])
  return [...periods].map((one) => periodKey(StateTable.Parked, event, one))
}

/** First day of a time's period: periods are as long as the window, so two hold all of it. */
export function periodOf(epochMs: number): number {
  return Math.floor(dayOf(epochMs) / attributionDays) * attributionDays
}

function periodKey(table: StateTable, event: FeedbackEvent, period: number): StateKey {
  const { medium, clickId } = event
  return {
    table,
    shard: clickShardOf(event),
    // Day 0 means "kept for ever"; nothing of ours is from 1970.
    day: Math.max(1, period),
    name: nameHash(clickName(medium, clickId)),
  }
}

/** Click ids are of any length and alphabet; 128 bits of a hash name them. */
function nameHash(name: string): string {
  return createHash('sha256').update(name).digest().toString('base64url', 0, 16)
}
