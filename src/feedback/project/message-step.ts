/**
 * What messages do: user states of other shards' bids, and conversions that look for their click.
 */
import type { StateKey } from '../../store/feedback-ports.ts'
import { EventKind, type FeedbackEvent } from '../event.ts'
import { decodeEvent, encodeEvent } from '../event-codec.ts'
import { anchorMsOf, dayOf } from '../event-home.ts'
import { touchesBetween, touchesOf } from './contribution.ts'
import { countRows, rowOf } from './event-step.ts'
import { decodeJourney, encodeJourney, merged } from './journey.ts'
import { type Message, MessageKind } from './message.ts'
import {
  attributionDays,
  beforeClickMsMax,
  clickKey,
  clickKeysOf,
  clickShardOf,
  foundKeysOf,
  messageKey,
  parkedKey,
  parkedKeysOf,
  userKey,
} from './state-keys.ts'
import { addToTotal, bitsOf, ownUserKeys, type StepContext, touchDevices } from './step-context.ts'
import { touched } from './user-writer.ts'

/**
 * Conversions that wait for one click at most: an advertiser who sends more before the medium has
 * told of the click names something that is no click.
 */
export const parkedMax = 64

const dayMs = 24 * 3_600_000
const doneMark = Uint8Array.from([1])

/** Everything that `messageStep` may look at. */
export function messageKeys(message: Message, context: Pick<StepContext, 'shard'>): StateKey[] {
  switch (message.kind) {
    case MessageKind.Touch:
      return [...doneKeys(message, context), ...message.devices.map(userKey)]
    case MessageKind.Click:
      return [
        ...doneKeys(message, context),
        clickKey(message.event),
        ...parkedKeysOf(message.event),
      ]
    case MessageKind.Seek:
      return [
        ...doneKeys(message, context),
        ...clickKeysOf(message.event),
        parkedKey(message.event),
      ]
    case MessageKind.Found:
      return [
        ...foundKeysOf(message.event),
        rowOf(message.event, clickShardOf(message.event)),
        ...ownUserKeys(context, message.event.devices),
      ]
    case MessageKind.Recount:
      return message.rows.map(({ key }) => key)
  }
}

/** Does one message. One that came through a log is done once, however often it comes. */
export function messageStep(message: Message, context: StepContext): void {
  for (const key of doneKeys(message, context)) {
    if (context.view.get(key) !== null) return
    context.view.put(key, doneMark)
  }
  switch (message.kind) {
    case MessageKind.Touch:
      for (const device of message.devices) {
        const key = userKey(device)
        context.view.put(key, touched(context.view.get(key), message.touches, message.day))
      }
      break
    case MessageKind.Click:
      rememberClick(message.event, context)
      break
    case MessageKind.Seek:
      seek(message.event, context)
      break
    case MessageKind.Found:
      convert(message.event, context)
      break
    case MessageKind.Recount:
      for (const { key, before, after } of message.rows) addToTotal(context, key, before, after)
  }
}

/** Where all shards are ours a message never leaves its commit, and comes once by that. */
function doneKeys(message: Message, { shard }: Pick<StepContext, 'shard'>): StateKey[] {
  const stays = message.kind === MessageKind.Found || message.kind === MessageKind.Recount
  return shard === null || stays ? [] : [messageKey(shard, message)]
}

/** Keeps the earliest click of its id, and lets go what has waited for it. */
function rememberClick(click: FeedbackEvent, context: StepContext): void {
  const { view } = context
  const key = clickKey(click)
  const known = view.get(key)
  const before = known === null ? null : decodeEvent(known)
  const kept = before === null || click.eventTimeMs < before.eventTimeMs ? click : before
  if (kept === click) view.put(key, encodeEvent(click))
  for (const parked of parkedKeysOf(click)) {
    const waiting = unpack(view.get(parked))
    const ready = waiting.filter((event) => isOfClick(event, kept))
    if (ready.length === 0) continue
    for (const event of ready) tellFound(event, kept, context)
    const rest = waiting.filter((event) => !ready.includes(event))
    view.put(parked, rest.length === 0 ? null : pack(rest))
  }
}

/** Finds the click that a conversion names, or lets the conversion wait for it. */
function seek(event: FeedbackEvent, context: StepContext): void {
  const { view } = context
  for (const key of clickKeysOf(event)) {
    const value = view.get(key)
    const click = value === null ? null : decodeEvent(value)
    if (click !== null && isOfClick(event, click)) {
      tellFound(event, click, context)
      return
    }
  }
  const key = parkedKey(event)
  const waiting = unpack(view.get(key))
  if (waiting.length >= parkedMax) {
    throw new RangeError(`${parkedMax} conversions wait for one click already`)
  }
  view.put(key, pack([...waiting, event]))
}

/** A conversion may be told before its click (two clocks), and a window after it at the latest. */
function isOfClick(conversion: FeedbackEvent, click: FeedbackEvent): boolean {
  const afterMs = conversion.eventTimeMs - click.eventTimeMs
  return afterMs >= -beforeClickMsMax && afterMs <= attributionDays * dayMs
}

/** Tells this shard: the conversion as one of the click's campaign and devices. */
function tellFound(conversion: FeedbackEvent, click: FeedbackEvent, context: StepContext): void {
  const { decisionId, bidNumber, decidedAtMs, exchange, strategy, creative, devices } = click
  const event: FeedbackEvent = {
    ...conversion,
    ...{ decisionId, bidNumber, decidedAtMs, exchange, strategy, creative },
    campaign: click.campaign,
    advertiser: conversion.advertiser === 0 ? click.advertiser : conversion.advertiser,
    devices: conversion.devices.length > 0 ? conversion.devices : devices,
  }
  context.tell(clickShardOf(event), {
    kind: MessageKind.Found,
    name: `${event.id}.f`,
    day: dayOf(anchorMsOf(conversion)),
    event,
  })
}

/** Counts a conversion that has found its click: what it tells more than the last time. */
function convert(event: FeedbackEvent, context: StepContext): void {
  const key = context.view.placeOf(foundKeysOf(event))
  const before = decodeJourney(context.view.get(key))
  const after = merged(before, event, bitsOf(event.flags))
  if (after === before) return
  context.view.put(key, encodeJourney(after))
  countRows(event, { before, after, shard: clickShardOf(event) }, context)
  const touches = touchesBetween(touchesOf(before, event), touchesOf(after, event))
  const name = `${event.id}.f.${after.revision}`
  touchDevices(context, event.devices, touches, { name, day: dayOf(anchorMsOf(event)) })
}

/** Events one after another, each behind its length (u32 little endian). */
function pack(events: readonly FeedbackEvent[]): Uint8Array {
  const parts = events.map(encodeEvent)
  const packed = Buffer.alloc(parts.reduce((sum, part) => sum + 4 + part.length, 0))
  let at = 0
  for (const part of parts) {
    at = packed.writeUInt32LE(part.length, at)
    packed.set(part, at)
    at += part.length
  }
  return packed
}

function unpack(value: Uint8Array | null): FeedbackEvent[] {
  const events: FeedbackEvent[] = []
  if (value === null) return events
  const packed = Buffer.from(value.buffer, value.byteOffset, value.byteLength)
  for (let at = 0; at + 4 <= packed.length; ) {
    const end = at + 4 + packed.readUInt32LE(at)
    const event = decodeEvent(packed.subarray(at + 4, end))
    if (event !== null && event.kind === EventKind.Conversion) events.push(event)
    at = end
  }
  return events
}
