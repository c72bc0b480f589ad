/**
 * Writes `src/media/openrtb/wire/openrtb.generated.ts` from `proto/openrtb.proto` and
 * `proto/openrtb-google.proto`: interfaces, factories and tables. Pure text to text; the test
 * beside the generated file compares, and with `UPDATE_GENERATED=1` rewrites.
 */
import protobuf from 'protobufjs'

const iabPackage = 'com.iabtechlab.openrtb.v2'
const googlePackage = 'com.google.openrtb'

/** One field of the merged schema. */
interface FieldRow {
  readonly name: string
  /** Number in the IAB layout; 0 = it has none there. */
  readonly number: number
  /** A scalar, `json`, `map` or the path of a message. */
  readonly type: string
  readonly isList: boolean
  readonly oneof: string
  /** Number in Google's layout where it differs; 0 = as in the IAB layout. */
  google: number
}

interface MessageRow {
  readonly path: string
  readonly comment: string
  readonly fields: FieldRow[]
}

/** The whole text of the generated file. */
export function generateOpenRtb(iabText: string, googleText: string): string {
  const messages = readIab(iabText)
  mergeGoogle(messages, googleText)
  const rows = [...messages.values()]
  return [header(), ...rows.map(interfaceText), ...rows.map(factoryText), tableText(rows)].join(
    '\n',
  )
}

/** `BidRequest.Imp.Ext` → `OrtbImpExt`: acronyms as words, the two roots only where needed. */
export function typeNameOf(path: string): string {
  const steps = path.split('.')
  const isShort = steps.length > 1 && /^(?:BidRequest|BidResponse)$/.test(steps[0] ?? '')
  const named = isShort && steps[1] !== 'Ext' ? steps.slice(1) : steps
  return `Ortb${named.map(wordOf).join('')}`
}

function wordOf(step: string): string {
  return step
    .replace(/^SKAd/, 'SkAd')
    .replace(/^SKO/, 'SkO')
    .replace(/^EID$/, 'Eid')
    .replace(/^UID$/, 'Uid')
}

function readIab(text: string): Map<string, MessageRow> {
  const { root } = protobuf.parse(text, { keepCase: true, alternateCommentMode: true })
  const messages = new Map<string, MessageRow>()
  const namespace = root.lookup(iabPackage)
  if (!(namespace instanceof protobuf.Namespace)) throw new Error(`no package ${iabPackage}`)
  for (const type of typesIn(namespace)) {
    const path = type.fullName.slice(iabPackage.length + 2)
    const fields = type.fieldsArray.map((field) => rowOf(field, type, iabPackage, ''))
    messages.set(path, { path, comment: type.comment ?? '', fields })
  }
  return messages
}

/**
 * Adds Google's messages, and puts the fields of each extension message into the `Ext` of the
 * message that it extends: in JSON both layouts are the same members of `ext`.
 */
function mergeGoogle(messages: Map<string, MessageRow>, text: string): void {
  const { root } = protobuf.parse(text, { keepCase: true, alternateCommentMode: true })
  const namespace = root.lookup(googlePackage)
  if (!(namespace instanceof protobuf.Namespace)) throw new Error(`no package ${googlePackage}`)
  const holders = new Set<string>()
  for (const extension of namespace.nestedArray) {
    if (!(extension instanceof protobuf.Field) || extension.extend === undefined) continue
    const holder = namespace.lookupType(extension.type)
    holders.add(holder.fullName)
    mergeHolder(messages, { host: extension.extend, holder, number: extension.id })
  }
  for (const type of typesIn(namespace)) {
    // The extended messages themselves are the IAB's.
    if (holders.has(type.fullName) || type.extensions !== undefined) continue
    const path = googlePath(type)
    const fields = type.fieldsArray.map((field) => rowOf(field, type, googlePackage, 'Google.'))
    messages.set(path, { path, comment: type.comment ?? '', fields })
  }
}

interface Extension {
  readonly host: string
  readonly holder: protobuf.Type
  readonly number: number
}

function mergeHolder(messages: Map<string, MessageRow>, extension: Extension): void {
  const host = messages.get(extension.host)
  const ext = messages.get(`${extension.host}.Ext`)
  const place = host?.fields.find((field) => field.name === 'ext')
  if (ext === undefined || place === undefined) throw new Error(`no ext in ${extension.host}`)
  place.google = extension.number
  for (const field of extension.holder.fieldsArray) {
    const row = rowOf(field, extension.holder, googlePackage, 'Google.')
    const twin = ext.fields.find((other) => other.name === row.name)
    if (twin === undefined) ext.fields.push({ ...row, number: 0, google: row.number })
    else if (twin.type === row.type && twin.isList === row.isList) twin.google = row.number
    else throw new Error(`${extension.host}.ext.${row.name} has another type at Google`)
  }
}

function googlePath(type: protobuf.Type): string {
  return `Google.${type.fullName.slice(googlePackage.length + 2)}`
}

function typesIn(namespace: protobuf.NamespaceBase): protobuf.Type[] {
  const types: protobuf.Type[] = []
  for (const nested of namespace.nestedArray) {
    if (nested instanceof protobuf.Type) types.push(nested)
    if (nested instanceof protobuf.Namespace) types.push(...typesIn(nested))
  }
  return types
}

function rowOf(
  field: protobuf.Field,
  owner: protobuf.Type,
  packageName: string,
  prefix: string,
): FieldRow {
  return {
    name: field.name,
    number: field.id,
    type: typeOf(field, owner, packageName, prefix),
    isList: field.repeated || field.map,
    oneof: field.partOf?.name ?? '',
    google: 0,
  }
}

function typeOf(
  field: protobuf.Field,
  owner: protobuf.Type,
  packageName: string,
  prefix: string,
): string {
  if (field.map) return 'map'
  if (field.type === 'google.protobuf.Value') return 'json'
  if (/^(?:string|bool|int32|int64|double)$/.test(field.type)) return field.type
  const iabPath = /^\.?com\.iabtechlab\.openrtb\.v2\.(.+)$/.exec(field.type)?.[1]
  if (iabPath !== undefined) return iabPath
  const target = owner.lookupTypeOrEnum(field.type)
  if (target instanceof protobuf.Enum) return 'int32'
  return prefix + target.fullName.slice(packageName.length + 2)
}

function header(): string {
  return `/**
 * OpenRTB 2.6: shapes, factories and tables. Generated from proto/openrtb.proto and
 * proto/openrtb-google.proto (\`npm run generate:openrtb\`); do not edit.
 *
 * Every object has all its fields, in the order of the schema. \`null\` is an absent scalar or
 * message, an empty list an absent list; flags are booleans, 64-bit numbers decimal text, free
 * JSON values compact JSON text. Prices and floors are in units of their currency per thousand.
 */

/** The one empty list of all objects; frozen. */
export const ortbNone: readonly never[] = Object.freeze([])

/** One entry of a map. */
export interface OrtbEntry {
  key: string
  value: number
}
`
}

function interfaceText(message: MessageRow): string {
  const name = typeNameOf(message.path)
  const about = message.comment.replaceAll('\n', ' ').trim()
  const doc = `/** \`${message.path}\`${about === '' ? '' : `: ${about}`} */`
  const lines = message.fields.map((field) => `  ${field.name}: ${memberType(field)}\n`)
  const body = lines.length === 0 ? '  readonly [none: string]: never\n' : lines.join('')
  return `${wrapped(doc)}\nexport interface ${name} {\n${body}}\n`
}

function wrapped(doc: string): string {
  if (doc.length <= 100) return doc
  const words = doc.slice(4, -3).split(' ')
  const lines: string[] = []
  let line = ' *'
  for (const word of words) {
    if (line.length + word.length + 1 > 100) {
      lines.push(line)
      line = ' *'
    }
    line += ` ${word}`
  }
  return ['/**', ...lines, line, ' */'].join('\n')
}

function memberType(field: FieldRow): string {
  const element = elementType(field.type)
  return field.isList ? `readonly ${element}[]` : `${element} | null`
}

function elementType(type: string): string {
  switch (type) {
    case 'string':
    case 'json':
    case 'int64':
      return 'string'
    case 'int32':
    case 'double':
      return 'number'
    case 'bool':
      return 'boolean'
    case 'map':
      return 'OrtbEntry'
    default:
      return typeNameOf(type)
  }
}

function factoryName(path: string): string {
  return `new${typeNameOf(path)}`
}

function factoryText(message: MessageRow): string {
  const name = typeNameOf(message.path)
  const head = `/** An \`${name}\` with every field absent. */\nexport function ${factoryName(message.path)}(): ${name} {\n`
  const members = message.fields.map(
    (field) => `    ${field.name}: ${field.isList ? 'ortbNone' : 'null'},\n`,
  )
  const body = members.length === 0 ? '  return {}\n' : `  return {\n${members.join('')}  }\n`
  return `${head}${body}}\n`
}

function tableText(messages: readonly MessageRow[]): string {
  const entries = messages.map((message) => {
    const fields = message.fields.map((field) => `      '${fieldText(field)}',\n`).join('')
    const list = fields === '' ? '[]' : `[\n${fields}    ]`
    return `  {\n    path: '${message.path}',\n    make: ${factoryName(message.path)},\n    fields: ${list},\n  },\n`
  })
  return `/** One message: its path, factory, and a line for each field. */
export interface OrtbMessageRow {
  readonly path: string
  readonly make: () => object
  /**
   * \`name number type\`, then what applies of \`list\`, \`oneof:<group>\` and \`google:<number>\`.
   * Number 0: the field has no place in the IAB layout. The Google number of \`ext\` is that of the
   * extension on the message itself, of its members the number inside of it.
   */
  readonly fields: readonly string[]
}

/** The whole schema; what refers to a message names its path. */
export const ortbSchema: readonly OrtbMessageRow[] = [
${entries.join('')}]
`
}

function fieldText(field: FieldRow): string {
  const words = [field.name, String(field.number), field.type]
  if (field.isList) words.push('list')
  if (field.oneof !== '') words.push(`oneof:${field.oneof}`)
  if (field.google !== 0) words.push(`google:${field.google}`)
  return words.join(' ')
}
