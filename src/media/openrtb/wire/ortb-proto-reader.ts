/**
 * Reads OpenRTB protobuf into the objects of the schema by the rules of protobuf: unknown fields
 * and other wire types are skipped, repeated numbers come packed or not, a singular message that
 * comes twice is merged, the last member of a oneof stays.
 */
import { ProtoReader, WireType } from '../../../lib/proto-reader.ts'
import { readFreeJson } from './free-json.ts'
import {
  type OrtbBidRequest,
  type OrtbBidResponse,
  type OrtbEntry,
  ortbNone,
} from './openrtb.generated.ts'
import {
  carriedNumber,
  FieldKind,
  type OrtbField,
  type OrtbLayout,
  type OrtbMessage,
  type OrtbObject,
  ortbMessage,
} from './ortb-schema.ts'
import { upgradePlaces } from './upgrade-places.ts'
import { WireText } from './wire-text.ts'

/**
 * Messages and list items of one body; more is malformed. An item takes two bytes on the wire and
 * up to 400 in memory, so this bounds our memory and time as `jsonNodesMax` does for JSON. Real
 * requests have under 1 000.
 */
export const ortbItemsMax = 16_384

/** Depth of the schema with room: readers made at start, one for each level. */
const depthMax = 16

const extNumber = 99

class OrtbProtoReader {
  readonly #readers = Array.from({ length: depthMax }, () => new ProtoReader())
  readonly #text = new WireText()
  #itemsLeft = 0

  /** The object of a body; null when it is malformed. */
  read(bytes: Uint8Array, message: OrtbMessage, layout: OrtbLayout): OrtbObject | null {
    this.#itemsLeft = ortbItemsMax
    this.#text.reset(bytes)
    const root = (this.#readers[0] as ProtoReader).reset(bytes)
    const object = message.make()
    this.#fill(root, object, message, layout)
    root.bytes = noBytes
    this.#text.release()
    return root.ok ? object : null
  }

  #fill(reader: ProtoReader, object: OrtbObject, message: OrtbMessage, layout: OrtbLayout): void {
    const isGoogle = layout === 'google'
    const byNumber = isGoogle ? message.byGoogleNumber : message.byNumber
    while (reader.next()) {
      const number = reader.field
      if (number > extNumber) {
        if (isGoogle) this.#extension(reader, object, message)
        else if (number === carriedNumber) this.#carried(reader, object, message)
        else reader.skip()
      } else {
        const field = byNumber[number]
        if (field === undefined) reader.skip()
        else if (number === extNumber) this.#ext(reader, object, field, 'iab')
        else if (field.isList) this.#listItem(reader, object, field, layout)
        else this.#single(reader, object, field, layout)
      }
    }
  }

  /** Google's extension of this message: members of `ext` with Google's numbers. */
  #extension(reader: ProtoReader, object: OrtbObject, message: OrtbMessage): void {
    const { ext } = message
    if (ext === null || reader.field !== message.googleExtension) reader.skip()
    else this.#ext(reader, object, ext, 'google')
  }

  /**
   * Members of an `Ext` that only Google has, as our writer puts them into the IAB layout. The
   * number is not ours alone: what cannot be read there is an unknown field and no fault.
   */
  #carried(outer: ProtoReader, object: OrtbObject, message: OrtbMessage): void {
    const reader = this.#readers[outer.depth + 1]
    const isOurs = message.googleOnly.length > 0 && outer.is(WireType.Bytes)
    if (!isOurs || reader === undefined) outer.skip()
    else if (outer.message(reader)) this.#fill(reader, object, message, 'google')
  }

  #ext(reader: ProtoReader, object: OrtbObject, field: OrtbField, layout: OrtbLayout): void {
    if (!reader.is(WireType.Bytes)) reader.skip()
    else this.#merge(reader, object, field, layout)
  }

  #single(reader: ProtoReader, object: OrtbObject, field: OrtbField, layout: OrtbLayout): void {
    if (!reader.is(wireTypeOf(field.kind))) {
      reader.skip()
      return
    }
    if (field.kind === FieldKind.Message) this.#merge(reader, object, field, layout)
    else object[field.name] = this.#scalar(reader, field.kind)
    for (const other of field.oneof) object[other] = null
  }

  #merge(reader: ProtoReader, object: OrtbObject, field: OrtbField, layout: OrtbLayout): void {
    const held = object[field.name] as OrtbObject | null
    const inner = this.#message(reader, field, held, layout)
    if (inner !== null) object[field.name] = inner
  }

  /** Reads the sub-message at the current field into `held` or a new object. */
  #message(
    outer: ProtoReader,
    field: OrtbField,
    held: OrtbObject | null,
    layout: OrtbLayout,
  ): OrtbObject | null {
    const { message } = field
    const reader = this.#readers[outer.depth + 1]
    if (message === null || reader === undefined || this.#itemsLeft-- <= 0) {
      outer.ok = false
      return null
    }
    if (!outer.message(reader)) return null
    const object = held ?? message.make()
    this.#fill(reader, object, message, layout)
    if (!reader.ok) outer.ok = false
    return object
  }

  #listItem(reader: ProtoReader, object: OrtbObject, field: OrtbField, layout: OrtbLayout): void {
    const isPacked = reader.is(WireType.Bytes) && isPackable(field.kind)
    if (!isPacked && !reader.is(wireTypeOf(field.kind))) {
      reader.skip()
      return
    }
    let list = object[field.name] as unknown[]
    if ((list as readonly unknown[]) === ortbNone) list = []
    if (isPacked) this.#packed(reader, list, field.kind)
    else if (field.kind === FieldKind.Message) {
      const inner = this.#message(reader, field, null, layout)
      if (inner !== null) list.push(inner)
    } else if (field.kind === FieldKind.Map) this.#entry(reader, list as OrtbEntry[])
    else this.#push(reader, list, field.kind)
    // A packed field without elements says nothing.
    if (list.length > 0) object[field.name] = list
  }

  #packed(outer: ProtoReader, list: unknown[], kind: FieldKind): void {
    const reader = this.#readers[outer.depth + 1]
    if (reader === undefined || !outer.message(reader)) {
      outer.ok = false
      return
    }
    while (reader.ok && reader.position < reader.end) this.#push(reader, list, kind)
    if (!reader.ok) outer.ok = false
  }

  #push(reader: ProtoReader, list: unknown[], kind: FieldKind): void {
    const value = this.#scalar(reader, kind)
    if (this.#itemsLeft-- <= 0) reader.ok = false
    if (reader.ok && value !== null) list.push(value)
  }

  #entry(outer: ProtoReader, list: OrtbEntry[]): void {
    const reader = this.#readers[outer.depth + 1]
    if (reader === undefined || this.#itemsLeft-- <= 0 || !outer.message(reader)) {
      outer.ok = false
      return
    }
    let key = ''
    let value = 0
    while (reader.next()) {
      if (reader.field === 1 && reader.is(WireType.Bytes)) key = this.#string(reader)
      else if (reader.field === 2 && reader.is(WireType.Fixed64)) value = reader.double() + 0
      else reader.skip()
    }
    if (!reader.ok) outer.ok = false
    const same = list.find((entry) => entry.key === key)
    if (!Number.isFinite(value)) return
    if (same === undefined) list.push({ key, value })
    else same.value = value
  }

  #scalar(reader: ProtoReader, kind: FieldKind): unknown {
    switch (kind) {
      case FieldKind.String:
        return this.#string(reader)
      case FieldKind.Int32:
        return reader.int32()
      case FieldKind.Bool:
        return reader.bool()
      case FieldKind.Double: {
        // JSON knows no infinities, and no price is one.
        const value = reader.double()
        return Number.isFinite(value) ? value + 0 : null
      }
      case FieldKind.Int64:
        return reader.int64Text()
      default:
        return readFreeJson(reader)
    }
  }

  #string(reader: ProtoReader): string {
    return reader.span() ? this.#text.slice(reader.from, reader.to) : ''
  }
}

const noBytes = new Uint8Array(0)
const bidRequest = ortbMessage('BidRequest')
const bidResponse = ortbMessage('BidResponse')

// Reading never waits, so one reader serves all.
const protoReader = new OrtbProtoReader()

/**
 * The bid request of a protobuf body with all values at their places of 2.6; null only when the
 * bytes are no protobuf message. Never throws. `google` also reads Google's extensions.
 */
export function readBidRequestProto(bytes: Uint8Array, layout: OrtbLayout): OrtbBidRequest | null {
  const request = protoReader.read(bytes, bidRequest, layout) as OrtbBidRequest | null
  if (request !== null) upgradePlaces(request)
  return request
}

/** The bid response of a protobuf body; null when it is malformed. For tools and tests. */
export function readBidResponseProto(
  bytes: Uint8Array,
  layout: OrtbLayout,
): OrtbBidResponse | null {
  return protoReader.read(bytes, bidResponse, layout) as OrtbBidResponse | null
}

function isPackable(kind: FieldKind): boolean {
  return (
    kind === FieldKind.Int32 ||
    kind === FieldKind.Int64 ||
    kind === FieldKind.Bool ||
    kind === FieldKind.Double
  )
}

function wireTypeOf(kind: FieldKind): number {
  switch (kind) {
    case FieldKind.Int32:
    case FieldKind.Int64:
    case FieldKind.Bool:
      return WireType.Varint
    case FieldKind.Double:
      return WireType.Fixed64
    default:
      return WireType.Bytes
  }
}
