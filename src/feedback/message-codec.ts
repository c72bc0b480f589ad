/**
 * Protobuf messages from a table of fields: one table writes and reads, so the two cannot differ.
 * Defaults (0, '', false, empty) are left out, as proto3 does; NaN is "not there" of a double.
 */
import { ProtoReader, WireType } from '../lib/proto-reader.ts'
import { ProtoWriter } from '../lib/proto-writer.ts'

/** Kinds of fields, by what the value is in TypeScript. */
export type FieldKind = 'uint' | 'bool' | 'double' | 'text' | 'bytes' | 'uints'

/** One field: its number on the wire, for ever, and its kind. */
export type FieldTable<T> = Readonly<Record<keyof T, readonly [number: number, kind: FieldKind]>>

/** Writes and reads messages of one type. */
export interface MessageCodec<T> {
  /** A copy of its own. */
  encode(message: T): Uint8Array
  /** The message, fields that are not there at their defaults; null on bytes that are none. */
  decode(bytes: Uint8Array): T | null
}

type Value = number | boolean | string | Uint8Array | readonly number[]

interface Row {
  readonly name: string
  readonly number: number
  readonly kind: FieldKind
}

/** Builds the codec of a table. */
export function messageCodec<T extends object>(table: FieldTable<T>): MessageCodec<T> {
  const rows: Row[] = Object.entries<readonly [number, FieldKind]>(table).map(
    ([name, [number, kind]]) => ({ name, number, kind }),
  )
  const byNumber = new Map(rows.map((row) => [row.number, row]))
  const writer = new ProtoWriter()
  return {
    encode(message) {
      const values = message as Readonly<Record<string, Value>>
      writer.reset()
      for (const row of rows) writeField(writer, row, values[row.name])
      return writer.finish()
    },
    decode(bytes) {
      const reader = new ProtoReader().reset(bytes)
      const values: Record<string, Value> = {}
      // Every field in one order: one hidden class whatever was sent.
      for (const { name, kind } of rows) values[name] = defaultOf(kind)
      while (reader.next()) {
        const row = byNumber.get(reader.field)
        if (row === undefined || !readField(reader, row, values)) reader.skip()
      }
      return reader.ok ? (values as T) : null
    },
  }
}

function defaultOf(kind: FieldKind): Value {
  switch (kind) {
    case 'uint':
      return 0
    case 'bool':
      return false
    case 'double':
      return Number.NaN
    case 'text':
      return ''
    case 'bytes':
      return new Uint8Array(0)
    case 'uints':
      return []
  }
}

function writeField(writer: ProtoWriter, row: Row, value: Value | undefined): void {
  if (typeof value === 'number') writeNumber(writer, row, value)
  else if (typeof value === 'string') {
    if (value !== '') writer.text(row.number, value)
  } else if (value === true) writer.uint32(row.number, 1)
  else if (value instanceof Uint8Array) {
    if (value.length > 0) writer.bytes(row.number, value)
  } else if (Array.isArray(value)) writePacked(writer, row.number, value as readonly number[])
}

function writeNumber(writer: ProtoWriter, row: Row, value: number): void {
  if (row.kind === 'double') {
    if (!Number.isNaN(value)) writer.double(row.number, value)
  } else if (value === 0) return
  else if (isWhole(value)) writer.whole(row.number, value)
  else writer.wide(row.number, String(value))
}

/** Nearly every number: written without a text in between. */
function isWhole(value: number): boolean {
  return value >= 0 && Number.isSafeInteger(value)
}

function writePacked(writer: ProtoWriter, field: number, values: readonly number[]): void {
  if (values.length === 0) return
  const start = writer.open(field)
  for (const value of values) {
    if (isWhole(value)) writer.wholeValue(value)
    else writer.wideValue(String(value))
  }
  writer.close(start)
}

/** False when the field came in another wire type than its kind has: then it is unknown. */
function readField(reader: ProtoReader, row: Row, values: Record<string, Value>): boolean {
  if (row.kind === 'uints') return readUints(reader, values[row.name] as number[])
  if (!reader.is(wireTypeOf(row.kind))) return false
  values[row.name] = readValue(reader, row.kind)
  return true
}

function wireTypeOf(kind: Exclude<FieldKind, 'uints'>): number {
  if (kind === 'uint' || kind === 'bool') return WireType.Varint
  return kind === 'double' ? WireType.Fixed64 : WireType.Bytes
}

function readValue(reader: ProtoReader, kind: Exclude<FieldKind, 'uints'>): Value {
  switch (kind) {
    case 'uint':
      return wholeNumber(reader)
    case 'bool':
      return reader.bool()
    case 'double':
      return reader.double()
    case 'text':
      return reader.text()
    case 'bytes':
      return reader.span() ? reader.bytes.slice(reader.from, reader.to) : new Uint8Array(0)
  }
}

/** Packed, as proto3 writes it, and one by one, as proto2 senders do. */
function readUints(reader: ProtoReader, values: number[]): boolean {
  if (reader.is(WireType.Varint)) {
    values.push(wholeNumber(reader))
    return true
  }
  if (!reader.is(WireType.Bytes)) return false
  if (!reader.span()) return true
  const packed = new ProtoReader().reset(reader.bytes, reader.from, reader.to)
  while (packed.ok && packed.position < packed.end) values.push(wholeNumber(packed))
  if (!packed.ok) reader.ok = false
  return true
}

/** A varint as a double: exact to 2^53, and nothing of ours is larger. */
function wholeNumber(reader: ProtoReader): number {
  const low = reader.varint()
  return reader.high * 0x1_0000_0000 + low
}
