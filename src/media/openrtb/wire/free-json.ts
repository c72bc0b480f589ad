/**
 * google.protobuf.Value on the protobuf wire, held by us as compact JSON text. Only answers carry
 * such fields (signals of auctions on the device), so this is for tools and not for the hot path.
 * Numbers: null_value 1, number_value 2, string_value 3, bool_value 4, struct_value 5,
 * list_value 6; Struct.fields 1 with key 1 and value 2; ListValue.values 1 (struct.proto).
 */
import { ProtoReader, protoDepthMax, WireType } from '../../../lib/proto-reader.ts'
import type { ProtoWriter } from '../../../lib/proto-writer.ts'

/** A value of JSON as objects without a prototype, so that no key means anything. */
type FreeValue = null | number | string | boolean | FreeValue[] | { [key: string]: FreeValue }

/** Compact text of a free value; null for nothing and for what JSON cannot say. */
export function freeJsonOf(value: unknown): string | null {
  const text = JSON.stringify(value)
  return text === undefined || text === 'null' ? null : text
}

/**
 * The Value message at the current field of `outer` as JSON text; null for an absent value.
 * Malformed bytes make `outer.ok` false.
 */
export function readFreeJson(outer: ProtoReader): string | null {
  const reader = new ProtoReader()
  if (!outer.message(reader)) return null
  const value = readValue(reader)
  if (!reader.ok) outer.ok = false
  return freeJsonOf(value)
}

/** Writes JSON text as a field of type Value. Text that is not JSON throws SyntaxError. */
export function writeFreeJson(writer: ProtoWriter, field: number, text: string): void {
  const start = writer.open(field)
  writeValue(writer, JSON.parse(text) as FreeValue)
  writer.close(start)
}

/** Tags of the fields of a Value: number << 3 | wire type. */
const ValueTag = { Null: 8, Number: 17, String: 26, Bool: 32, Struct: 42, List: 50 } as const

function readValue(reader: ProtoReader): FreeValue {
  let value: FreeValue = null
  while (reader.next()) {
    switch (reader.tag) {
      case ValueTag.Null:
        reader.varint()
        value = null
        break
      case ValueTag.Number:
        value = finiteOf(reader.double())
        break
      case ValueTag.String:
        value = reader.text()
        break
      case ValueTag.Bool:
        value = reader.bool()
        break
      case ValueTag.Struct:
        value = readStruct(reader)
        break
      case ValueTag.List:
        value = readList(reader)
        break
      default:
        reader.skip()
    }
  }
  return value
}

function finiteOf(value: number): number | null {
  return Number.isFinite(value) ? value + 0 : null
}

/** A reader of the sub-message at the current field; null when it is nested too deep. */
function innerOf(outer: ProtoReader): ProtoReader | null {
  const inner = new ProtoReader()
  if (outer.depth < protoDepthMax && outer.message(inner)) return inner
  outer.ok = false
  return null
}

function readStruct(outer: ProtoReader): FreeValue {
  const struct: { [key: string]: FreeValue } = Object.create(null) as { [key: string]: FreeValue }
  const reader = innerOf(outer)
  if (reader === null) return null
  while (reader.next()) {
    if (reader.field === 1 && reader.is(WireType.Bytes)) readEntry(reader, struct)
    else reader.skip()
  }
  if (!reader.ok) outer.ok = false
  return struct
}

function readEntry(outer: ProtoReader, struct: { [key: string]: FreeValue }): void {
  const reader = innerOf(outer)
  if (reader === null) return
  let key = ''
  let value: FreeValue = null
  while (reader.next()) {
    if (reader.field === 1 && reader.is(WireType.Bytes)) key = reader.text()
    else if (reader.field === 2 && reader.is(WireType.Bytes)) value = readInner(reader)
    else reader.skip()
  }
  if (!reader.ok) outer.ok = false
  struct[key] = value
}

function readList(outer: ProtoReader): FreeValue {
  const list: FreeValue[] = []
  const reader = innerOf(outer)
  if (reader === null) return null
  while (reader.next()) {
    if (reader.field === 1 && reader.is(WireType.Bytes)) list.push(readInner(reader))
    else reader.skip()
  }
  if (!reader.ok) outer.ok = false
  return list
}

function readInner(outer: ProtoReader): FreeValue {
  const reader = innerOf(outer)
  if (reader === null) return null
  const value = readValue(reader)
  if (!reader.ok) outer.ok = false
  return value
}

function writeValue(writer: ProtoWriter, value: FreeValue): void {
  if (value === null) writer.uint32(1, 0)
  else if (typeof value === 'number') writer.double(2, value)
  else if (typeof value === 'string') writer.text(3, value)
  else if (typeof value === 'boolean') writer.uint32(4, value ? 1 : 0)
  else if (Array.isArray(value)) writeList(writer, value)
  else writeStruct(writer, value)
}

function writeList(writer: ProtoWriter, list: readonly FreeValue[]): void {
  const start = writer.open(6)
  for (const value of list) {
    const inner = writer.open(1)
    writeValue(writer, value)
    writer.close(inner)
  }
  writer.close(start)
}

function writeStruct(writer: ProtoWriter, struct: { readonly [key: string]: FreeValue }): void {
  const start = writer.open(5)
  for (const [key, value] of Object.entries(struct)) {
    const entry = writer.open(1)
    writer.text(1, key)
    const inner = writer.open(2)
    writeValue(writer, value)
    writer.close(inner)
    writer.close(entry)
  }
  writer.close(start)
}
