/** Events as bytes: `FeedbackEvent` of proto/feedback.proto, as the event log keeps them. */
import { type EventKind, eventVersion, type FeedbackEvent } from './event.ts'
import { type FieldTable, messageCodec } from './message-codec.ts'
import type { DeviceKey } from './token-body.ts'

/** The event as it is written: device keys in one field, nine bytes each. */
type WireEvent = Omit<FeedbackEvent, 'devices'> & { readonly devices: Uint8Array }

/** Bytes of a device key: type, then the 64-bit key, big endian. */
const deviceBytes = 9

/** Numbers of proto/feedback.proto: never changed, never used again. */
const table: FieldTable<WireEvent> = {
  version: [1, 'uint'],
  id: [2, 'text'],
  kind: [3, 'uint'],
  source: [4, 'uint'],
  eventTimeMs: [5, 'uint'],
  receivedAtMs: [6, 'uint'],
  isTest: [7, 'bool'],
  flags: [8, 'uints'],
  decisionId: [9, 'text'],
  bidNumber: [10, 'uint'],
  decidedAtMs: [11, 'uint'],
  impIndex: [12, 'uint'],
  medium: [13, 'text'],
  exchange: [14, 'uint'],
  advertiser: [15, 'uint'],
  campaign: [16, 'uint'],
  creative: [17, 'uint'],
  strategy: [18, 'uint'],
  devices: [19, 'bytes'],
  priceMicros: [20, 'uint'],
  priceState: [21, 'uint'],
  bidMicros: [22, 'uint'],
  minToWinMicros: [23, 'uint'],
  currency: [24, 'text'],
  multiplier: [25, 'double'],
  lossReason: [26, 'uint'],
  auctionType: [27, 'uint'],
  hasDeal: [28, 'bool'],
  ctr: [29, 'double'],
  cvr: [30, 'double'],
  ctrModel: [31, 'uint'],
  cvrModel: [32, 'uint'],
  arms: [33, 'uints'],
  action: [34, 'text'],
  orderId: [35, 'text'],
  valueMicros: [36, 'uint'],
  valueCurrency: [37, 'text'],
  clickId: [38, 'text'],
  network: [39, 'text'],
  agent: [40, 'uint'],
}

const codec = messageCodec(table)

/** Kinds this version has; a reader refuses others, because it could only miscount them. */
const kindMax: EventKind = 6

/** The event's bytes, usually 200 to 300. */
export function encodeEvent(event: FeedbackEvent): Uint8Array {
  return codec.encode({ ...event, devices: packDevices(event.devices) })
}

/** An event of these bytes; null on bytes that are none, or of a version or kind not known here. */
export function decodeEvent(bytes: Uint8Array): FeedbackEvent | null {
  const wire = codec.decode(bytes)
  if (wire === null || wire.version !== eventVersion) return null
  if (wire.kind < 1 || wire.kind > kindMax || wire.id === '') return null
  if (wire.devices.length % deviceBytes !== 0) return null
  return { ...wire, devices: unpackDevices(wire.devices) }
}

function packDevices(devices: readonly DeviceKey[]): Uint8Array {
  const bytes = Buffer.alloc(devices.length * deviceBytes)
  for (const [i, { type, high, low }] of devices.entries()) {
    bytes.writeUInt8(type, i * deviceBytes)
    bytes.writeUInt32BE(high, i * deviceBytes + 1)
    bytes.writeUInt32BE(low, i * deviceBytes + 5)
  }
  return bytes
}

function unpackDevices(bytes: Uint8Array): DeviceKey[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return Array.from({ length: bytes.length / deviceBytes }, (_, i) => ({
    type: view.getUint8(i * deviceBytes),
    high: view.getUint32(i * deviceBytes + 1),
    low: view.getUint32(i * deviceBytes + 5),
  }))
}
