/**
 * The text format of protobuf for objects of the schema, and the .proto text with which `protoc`
 * understands Google's layout: for fixtures made by an encoder that is not ours.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { OrtbEntry } from '../../src/media/openrtb/wire/openrtb.generated.ts'
import {
  FieldKind,
  type OrtbField,
  type OrtbLayout,
  type OrtbMessage,
  type OrtbObject,
} from '../../src/media/openrtb/wire/ortb-schema.ts'
import { protoFolder } from '../../src/media/proto-root.ts'

/** One file for both layouts: messages that Google's extensions may stand on, and those. */
export function bothLayoutsProto(): string {
  const iab = readFileSync(join(protoFolder(), 'openrtb.proto'), 'utf8')
  const google = readFileSync(join(protoFolder(), 'openrtb-google.proto'), 'utf8')
  const hosts = iab.replace(/^( *message (?!Ext )\w+ \{)$/gm, '$1\n  extensions 100 to 9999;')
  const holders = google.slice(google.indexOf('message BidRequestExt'))
  const own = holders.replaceAll('com.iabtechlab.openrtb.v2.', '')
  return `${hosts}\n${own}`
}

/** The object in the text format, extensions by the layout. */
export function textFormat(object: OrtbObject, message: OrtbMessage, layout: OrtbLayout): string {
  return message.fields
    .filter((field) => isSet(object[field.name]))
    .map((field) => {
      const value = object[field.name]
      if (field.name !== 'ext') return fieldText(field, value, layout)
      return extText(value as OrtbObject, field, { owner: message, layout })
    })
    .join('')
}

function extText(
  ext: OrtbObject,
  field: OrtbField,
  where: { owner: OrtbMessage; layout: OrtbLayout },
): string {
  const message = field.message as OrtbMessage
  if (where.layout === 'iab' || where.owner.googleExtension === 0) {
    return `ext { ${textFormat(ext, message, 'iab')} }\n`
  }
  const part = (isGoogle: boolean): string =>
    message.fields
      .filter((member) => member.googleNumber > 0 === isGoogle && isSet(ext[member.name]))
      .map((member) => fieldText(member, ext[member.name], isGoogle ? 'google' : 'iab'))
      .join('')
  const name = where.owner.path.split('.').at(-1) ?? ''
  const extension = `${name.replace(/(?<=[a-z])(?=[A-Z])/g, '_').toLowerCase()}_ext`
  return `[com.iabtechlab.openrtb.v2.${extension}] { ${part(true)} }\next { ${part(false)} }\n`
}

function isSet(value: unknown): boolean {
  return value !== null && !(Array.isArray(value) && value.length === 0)
}

function fieldText(field: OrtbField, value: unknown, layout: OrtbLayout): string {
  const values = field.isList ? (value as readonly unknown[]) : [value]
  return values.map((one) => `${field.name}${valueText(field, one, layout)}\n`).join('')
}

function valueText(field: OrtbField, value: unknown, layout: OrtbLayout): string {
  switch (field.kind) {
    case FieldKind.Message:
      return ` { ${textFormat(value as OrtbObject, field.message as OrtbMessage, layout)} }`
    case FieldKind.String:
      return `: ${JSON.stringify(value)}`
    case FieldKind.Map: {
      const { key, value: number } = value as OrtbEntry
      return ` { key: ${JSON.stringify(key)} value: ${number} }`
    }
    case FieldKind.Json:
      return ` { ${freeText(JSON.parse(value as string))} }`
    default:
      return `: ${String(value)}`
  }
}

function freeText(value: unknown): string {
  if (value === null) return 'null_value: NULL_VALUE'
  if (typeof value === 'number') return `number_value: ${value}`
  if (typeof value === 'string') return `string_value: ${JSON.stringify(value)}`
  if (typeof value === 'boolean') return `bool_value: ${value}`
  if (Array.isArray(value)) {
    return `list_value { ${value.map((item) => `values { ${freeText(item)} }`).join(' ')} }`
  }
  const fields = Object.entries(value as object).map(
    ([key, item]) => `fields { key: ${JSON.stringify(key)} value { ${freeText(item)} } }`,
  )
  return `struct_value { ${fields.join(' ')} }`
}
