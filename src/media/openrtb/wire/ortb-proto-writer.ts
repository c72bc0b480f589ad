/**
 * Writes OpenRTB protobuf in one pass over an object of the schema. What is absent is left out;
 * of a oneof only the member that a reader would keep is written.
 */
import { ProtoWriter } from '../../../lib/proto-writer.ts'
import { writeFreeJson } from './free-json.ts'
import type { OrtbBidRequest, OrtbBidResponse, OrtbEntry } from './openrtb.generated.ts'
import {
  carriedNumber,
  FieldKind,
  type OrtbField,
  type OrtbLayout,
  type OrtbMessage,
  type OrtbObject,
  ortbMessage,
} from './ortb-schema.ts'

const bidRequest = ortbMessage('BidRequest')
const bidResponse = ortbMessage('BidResponse')

// Writing never waits, so one buffer serves all.
const writer = new ProtoWriter(8_192)

/**
 * The bid request as protobuf; for tools, benches and tests. Throws RangeError over 1 MiB.
 */
export function writeBidRequestProto(request: OrtbBidRequest, layout: OrtbLayout): Uint8Array {
  writer.reset()
  writeMessage(request as unknown as OrtbObject, bidRequest, layout)
  return writer.finish()
}

/** The bid response as protobuf; see `writeBidRequestProto`. */
export function writeBidResponseProto(response: OrtbBidResponse, layout: OrtbLayout): Uint8Array {
  writer.reset()
  writeMessage(response as unknown as OrtbObject, bidResponse, layout)
  return writer.finish()
}

function writeMessage(object: OrtbObject, message: OrtbMessage, layout: OrtbLayout): void {
  for (const field of message.fields) {
    const value = object[field.name]
    if (value === null) continue
    if (field === message.ext) {
      writeExt(value as OrtbObject, field, message, layout)
      continue
    }
    const number = layout === 'google' ? field.googleNumber : field.number
    if (number === 0 || hasLater(object, field)) continue
    if (field.isList) writeList(value as readonly unknown[], field, number, layout)
    else writeValue(value, field, number, layout)
  }
}

/**
 * `ext` in Google's layout is up to two messages: what Google has a number for stands on the
 * message itself, the rest is in the IAB's 99, which Google's readers skip as unknown.
 */
function writeExt(ext: OrtbObject, field: OrtbField, owner: OrtbMessage, layout: OrtbLayout): void {
  const message = field.message as OrtbMessage
  if (layout === 'iab' || owner.googleExtension === 0) {
    const start = writer.open(field.number)
    writeMessage(ext, message, 'iab')
    writeCarried(ext, message)
    writer.close(start)
    return
  }
  const inGoogle = message.fields.some((member) => isIn(ext, member) && member.googleNumber > 0)
  const inIab = message.fields.some((member) => isIn(ext, member) && member.googleNumber === 0)
  if (inGoogle) {
    const start = writer.open(owner.googleExtension)
    writeMessage(ext, message, 'google')
    writer.close(start)
  }
  // An `ext` without members is kept, too.
  if (inIab || !inGoogle) {
    const start = writer.open(field.number)
    for (const member of message.fields) {
      if (member.googleNumber === 0 && isIn(ext, member)) writeMember(ext, member, 'iab')
    }
    writer.close(start)
  }
}

/** Members that only Google has a number for, in the IAB layout. */
function writeCarried(ext: OrtbObject, message: OrtbMessage): void {
  if (!message.googleOnly.some((member) => isIn(ext, member))) return
  const start = writer.open(carriedNumber)
  for (const member of message.googleOnly) {
    if (isIn(ext, member)) writeMember(ext, member, 'google')
  }
  writer.close(start)
}

/** A member of `ext` by the layout's number. */
function writeMember(ext: OrtbObject, member: OrtbField, layout: OrtbLayout): void {
  const value = ext[member.name]
  const number = layout === 'google' ? member.googleNumber : member.number
  if (member.isList) writeList(value as readonly unknown[], member, number, layout)
  else writeValue(value, member, number, layout)
}

function isIn(object: OrtbObject, field: OrtbField): boolean {
  const value = object[field.name]
  return field.isList ? (value as readonly unknown[]).length > 0 : value !== null
}

function hasLater(object: OrtbObject, field: OrtbField): boolean {
  for (const name of field.oneofLater) if (object[name] !== null) return true
  return false
}

function writeList(
  list: readonly unknown[],
  field: OrtbField,
  number: number,
  layout: OrtbLayout,
): void {
  if (list.length === 0) return
  if (field.kind === FieldKind.Int32 || field.kind === FieldKind.Int64) {
    const start = writer.open(number)
    for (const value of list) writer.wideValue(value === '' ? '0' : String(value))
    writer.close(start)
    return
  }
  for (const value of list) writeValue(value, field, number, layout)
}

function writeValue(value: unknown, field: OrtbField, number: number, layout: OrtbLayout): void {
  switch (field.kind) {
    case FieldKind.String:
      writer.text(number, value as string)
      return
    case FieldKind.Int32:
      writer.int32(number, value as number)
      return
    case FieldKind.Double:
      writer.double(number, value as number)
      return
    case FieldKind.Bool:
      writer.uint32(number, value === true ? 1 : 0)
      return
    case FieldKind.Int64:
      writer.wide(number, value as string)
      return
    case FieldKind.Message: {
      const start = writer.open(number)
      writeMessage(value as OrtbObject, field.message as OrtbMessage, layout)
      writer.close(start)
      return
    }
    case FieldKind.Json:
      writeFreeJson(writer, number, value as string)
      return
    case FieldKind.Map:
      writeEntry(value as OrtbEntry, number)
  }
}

function writeEntry(entry: OrtbEntry, number: number): void {
  const start = writer.open(number)
  writer.text(1, entry.key)
  writer.double(2, entry.value)
  writer.close(start)
}
