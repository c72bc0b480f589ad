/** Messages of one shard's projector to another, and to itself: what an event means elsewhere. */

import type { StateKey } from '../../store/feedback-ports.ts'
import type { FeedbackEvent } from '../event.ts'
import { decodeEvent, encodeEvent } from '../event-codec.ts'
import { RecordType } from '../log-record.ts'
import { type FieldTable, messageCodec } from '../message-codec.ts'
import type { DeviceKey } from '../token-body.ts'
import type { Counters } from './totals.ts'
import type { Touch } from './user-writer.ts'

/** Kinds of messages; numbers are in the log. */
export const MessageKind = {
  /** Changes of the user states of devices. */
  Touch: 1,
  /** A click that conversions may name. */
  Click: 2,
  /** A conversion that looks for the click it names. */
  Seek: 3,
  /** A conversion that has found its click; never leaves its shard. */
  Found: 4,
  /** Rows of totals that an event moves a count between; never leaves its shard. */
  Recount: 5,
} as const
export type MessageKind = (typeof MessageKind)[keyof typeof MessageKind]

/** One message. `name` and `day` are its own for ever: one that comes again does nothing. */
export type Message =
  | {
      readonly kind: typeof MessageKind.Touch
      readonly name: string
      readonly day: number
      readonly devices: readonly DeviceKey[]
      readonly touches: readonly Touch[]
    }
  | {
      readonly kind: typeof MessageKind.Click | typeof MessageKind.Seek | typeof MessageKind.Found
      readonly name: string
      readonly day: number
      readonly event: FeedbackEvent
    }
  | {
      readonly kind: typeof MessageKind.Recount
      readonly name: string
      readonly day: number
      readonly rows: readonly RowChange[]
    }

/** What a row of totals counted for something, and what it counts for it now. */
interface RowChange {
  readonly key: StateKey
  readonly before: Counters
  readonly after: Counters
}

interface WireMessage {
  readonly kind: number
  readonly name: string
  readonly day: number
  /** Type, high, low of each device. */
  readonly devices: readonly number[]
  /** Kind, tag, minute, count + 128 of each touch. */
  readonly touches: readonly number[]
  readonly event: Uint8Array
}

/** Numbers are in the log: never changed, never used again. */
const table: FieldTable<WireMessage> = {
  kind: [1, 'uint'],
  name: [2, 'text'],
  day: [3, 'uint'],
  devices: [4, 'uints'],
  touches: [5, 'uints'],
  event: [6, 'bytes'],
}

const codec = messageCodec(table)
const noBytes = new Uint8Array(0)
/** Counts may be negative, numbers on the wire are not. */
const countBase = 128

/** The message as a record of a log. */
export function messageRecord(message: Message): Uint8Array {
  const { kind, name, day } = message
  const isTouch = message.kind === MessageKind.Touch
  const bytes = codec.encode({
    kind,
    name,
    day,
    devices: isTouch ? message.devices.flatMap(({ type, high, low }) => [type, high, low]) : [],
    touches: isTouch
      ? message.touches.flatMap(({ kind: of, tag, minute, count }) => [
          ...[of, tag, minute],
          count + countBase,
        ])
      : [],
    event: 'event' in message ? encodeEvent(message.event) : noBytes,
  })
  const record = new Uint8Array(bytes.length + 1)
  record[0] = RecordType.Message
  record.set(bytes, 1)
  return record
}

/** The message of a record; null when it is none that this build reads. */
export function messageOfRecord(record: Uint8Array): Message | null {
  const wire = record[0] === RecordType.Message ? codec.decode(record.subarray(1)) : null
  if (wire === null || wire.name === '') return null
  const { kind, name, day } = wire
  if (kind === MessageKind.Touch) {
    return { kind, name, day, devices: devicesOf(wire), touches: touchesOf(wire) }
  }
  const isOfEvent = kind === MessageKind.Click || kind === MessageKind.Seek
  const event = isOfEvent ? decodeEvent(wire.event) : null
  return isOfEvent && event !== null ? { kind, name, day, event } : null
}

function devicesOf({ devices }: WireMessage): DeviceKey[] {
  return inGroups(devices, 3).map(([type = 0, high = 0, low = 0]) => ({ type, high, low }))
}

function touchesOf({ touches }: WireMessage): Touch[] {
  return inGroups(touches, 4).map(([kind = 0, tag = 0, minute = 0, count = 0]) => ({
    kind: kind as Touch['kind'],
    tag,
    minute,
    count: count - countBase,
  }))
}

function inGroups(numbers: readonly number[], size: number): number[][] {
  return Array.from({ length: Math.floor(numbers.length / size) }, (_, i) =>
    numbers.slice(i * size, (i + 1) * size),
  )
}
