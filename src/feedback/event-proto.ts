/** The protobuf form of `POST /events`: proto/events.proto. */
import { ProtoReader, WireType } from '../lib/proto-reader.ts'
import { ProtoWriter } from '../lib/proto-writer.ts'
import {
  deviceCharsMax,
  devicesMax,
  type EventFault,
  emptyOutsideEvent,
  fault,
  type OutsideDevice,
  type OutsideEvent,
  type TextField,
  textCharsMax,
  textFault,
} from './outside-event.ts'

/** One result, as it goes into the answer of either form. */
export type EventResult =
  | { readonly status: 'accepted'; readonly id: string }
  | { readonly status: 'rejected'; readonly code: string; readonly message: string }
  | { readonly status: 'unavailable' }

/** By the number of `EventType`. */
const types = ['', 'impression', 'click', 'conversion', 'win', 'bill', 'loss'] as const

const statuses = { accepted: 1, rejected: 2, unavailable: 3 } as const

const textFields: ReadonlyMap<number, TextField> = new Map([
  [2, 'eventId'],
  [4, 'advertiserId'],
  [5, 'campaignId'],
  [6, 'creativeId'],
  [7, 'strategyId'],
  [8, 'medium'],
  [9, 'token'],
  [10, 'clickId'],
  [11, 'orderId'],
  [12, 'action'],
  [13, 'value'],
  [14, 'currency'],
  [15, 'price'],
  [17, 'userAgent'],
  [18, 'ip'],
])
const typeField = 1
const timeField = 3
const lossField = 16
const testField = 19
const devicesField = 20
const eventsField = 1
const deviceFields = ['type', 'value', 'scope'] as const

/** A thousand results with the longest messages stay below a megabyte. */
const writer = new ProtoWriter(4_096)

/** The bytes of each event of a batch; null = the body is no protobuf message. */
export function eventsOfProto(body: Uint8Array): readonly Uint8Array[] | null {
  const reader = new ProtoReader().reset(body)
  const events: Uint8Array[] = []
  while (reader.next()) {
    if (reader.field !== eventsField || !reader.is(WireType.Bytes)) reader.skip()
    else if (reader.span()) events.push(body.subarray(reader.from, reader.to))
  }
  return reader.ok ? events : null
}

/** One event; unknown fields are skipped, as protobuf wants. */
export function eventOfProto(bytes: Uint8Array): OutsideEvent | EventFault {
  const reader = new ProtoReader().reset(bytes)
  const event = emptyOutsideEvent()
  while (reader.next()) {
    const wrong = readField(reader, event)
    if (wrong !== null) return wrong
  }
  return reader.ok ? event : fault('SLUICE_EVENT_FIELD', 'the event is no protobuf message')
}

/** The answer as `EventResults`. */
export function resultsAsProto(results: readonly EventResult[]): Uint8Array {
  writer.reset()
  for (const [index, result] of results.entries()) {
    const start = writer.open(eventsField)
    if (index > 0) writer.uint32(1, index)
    writer.uint32(2, statuses[result.status])
    if (result.status === 'accepted') writer.text(3, result.id)
    if (result.status === 'rejected') writer.text(4, result.code).text(5, result.message)
    writer.close(start)
  }
  return writer.finish()
}

function readField(reader: ProtoReader, event: OutsideEvent): EventFault | null {
  const name = textFields.get(reader.field)
  if (name !== undefined && reader.is(WireType.Bytes)) {
    event[name] = reader.text()
    return textFault(name, event[name], textCharsMax[name])
  }
  if (reader.field === devicesField && reader.is(WireType.Bytes)) return readDevice(reader, event)
  if (reader.is(WireType.Varint)) readNumber(reader, event)
  else reader.skip()
  return null
}

function readNumber(reader: ProtoReader, event: OutsideEvent): void {
  switch (reader.field) {
    case typeField:
      event.type = types[reader.int32()] ?? 'unknown'
      break
    case timeField:
      event.eventTimeMs = reader.varint() + reader.high * 2 ** 32
      break
    case lossField:
      event.lossReason = reader.varint()
      break
    case testField:
      event.isTest = reader.bool()
      break
    default:
      reader.skip()
  }
}

function readDevice(reader: ProtoReader, event: OutsideEvent): EventFault | null {
  const inner = new ProtoReader()
  const device: Record<keyof OutsideDevice, string> = { type: '', value: '', scope: '' }
  if (!reader.message(inner)) return null
  while (inner.next()) {
    const name = deviceFields[inner.field - 1]
    if (name === undefined || !inner.is(WireType.Bytes)) inner.skip()
    else device[name] = inner.text()
  }
  reader.ok &&= inner.ok
  event.devices.push(device)
  const fits = deviceFields.every((name) => device[name].length <= deviceCharsMax[name])
  return fits && event.devices.length <= devicesMax
    ? null
    : fault('SLUICE_EVENT_DEVICE', `at most ${devicesMax} devices, each with short texts`)
}
