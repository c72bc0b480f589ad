/**
 * The generated schema compiled for the readers and writers: fields by number, JSON keys by a hash
 * of their bytes, and what a writer puts before a value. Done once, when the module loads.
 */
import { type JsonPlace, jsonPlaces } from './json-places.ts'
import { KeyTable } from './key-table.ts'
import { ortbSchema } from './openrtb.generated.ts'

/** Any message of the schema, seen by its field names; every field is an own property. */
export type OrtbObject = Record<string, unknown>

/** Which numbers a protobuf message uses for its extensions. */
export type OrtbLayout = 'iab' | 'google'

/** How a value is held and what it is on either wire. */
export const FieldKind = {
  /** Text. */
  String: 0,
  /** A number of 32 bits with sign. */
  Int32: 1,
  /** A finite number. */
  Double: 2,
  /** true or false; 0 or 1 in JSON. */
  Bool: 3,
  /** A number of 64 bits with sign, held as decimal text. */
  Int64: 4,
  /** Another message. */
  Message: 5,
  /** A free JSON value, held as compact JSON text (google.protobuf.Value). */
  Json: 6,
  /** Entries of a map from text to number. */
  Map: 7,
} as const
export type FieldKind = (typeof FieldKind)[keyof typeof FieldKind]

export interface OrtbField {
  readonly name: string
  readonly kind: FieldKind
  readonly isList: boolean
  /** Field number by layout; 0 = none there. For `ext` it is 99 in both. */
  readonly number: number
  readonly googleNumber: number
  /** The message of a field of kind `Message`, else null. */
  message: OrtbMessage | null
  /** Names of the other members of its oneof; at most one is set on the protobuf wire. */
  oneof: readonly string[]
  /** Those of them that the schema lists later: they win when JSON gave several. */
  oneofLater: readonly string[]
  /** Of a text field whose JSON may also be an object: the field that takes the object. */
  objectForm: OrtbField | null
  /** Of the object form: the name of the text field. */
  textForm: string | null
  /** `"key":` as JSON writes it. */
  readonly jsonPrefix: string
}

/** What a JSON key of a message means: one of its fields, or a value for another place. */
export interface JsonMember {
  readonly field: OrtbField | null
  readonly place: JsonPlace | null
}

export interface OrtbMessage {
  readonly path: string
  readonly make: () => OrtbObject
  readonly fields: readonly OrtbField[]
  readonly keys: KeyTable<JsonMember>
  /** Fields by number, sparse; numbers are below 100. */
  readonly byNumber: readonly (OrtbField | undefined)[]
  readonly byGoogleNumber: readonly (OrtbField | undefined)[]
  /** The extension place, if the message has one. */
  ext: OrtbField | null
  /** Number of Google's extension of this message; 0 = none. */
  readonly googleExtension: number
  /** Of an `Ext`: members that only Google has a number for; see `carriedNumber`. */
  readonly googleOnly: readonly OrtbField[]
}

const scalarKinds: Readonly<Record<string, FieldKind>> = {
  string: FieldKind.String,
  int32: FieldKind.Int32,
  double: FieldKind.Double,
  bool: FieldKind.Bool,
  int64: FieldKind.Int64,
  json: FieldKind.Json,
  map: FieldKind.Map,
}

/**
 * Field of an `Ext` in the IAB layout where we keep the members that only Google defines, as a
 * message with Google's numbers: what came by JSON survives protobuf of either layout. It is the
 * last number of the range that the IAB leaves for prototypes (500 to 999); others skip it.
 */
export const carriedNumber = 999

/** Every message by its path. */
export const ortbMessages: ReadonlyMap<string, OrtbMessage> = compile()

/** The message of a path such as `BidRequest.Imp`; throws on a path that the schema lacks. */
export function ortbMessage(path: string): OrtbMessage {
  const message = ortbMessages.get(path)
  if (message === undefined) throw new Error(`OpenRTB has no message ${path}`)
  return message
}

/** One line of the generated table, taken apart. */
interface FieldLine {
  readonly name: string
  readonly number: number
  readonly type: string
  readonly isList: boolean
  readonly oneof: string
  readonly google: number
}

function compile(): Map<string, OrtbMessage> {
  const messages = new Map<string, OrtbMessage>()
  const lines = new Map<OrtbField, FieldLine>()
  for (const row of ortbSchema) {
    const parsed = row.fields.map(parseLine)
    // Only members of an `Ext` have other numbers at Google.
    const isExt = row.path.endsWith('.Ext')
    const fields = parsed.map((line) => fieldOf(line, isExt))
    for (const [i, field] of fields.entries()) lines.set(field, parsed[i] as FieldLine)
    linkOneofs(fields, parsed)
    messages.set(row.path, messageOf(row.path, row.make as () => OrtbObject, fields, parsed))
  }
  for (const [field, line] of lines) {
    if (field.kind !== FieldKind.Message) continue
    const target = messages.get(line.type)
    if (target === undefined) throw new Error(`OpenRTB has no message ${line.type}`)
    field.message = target
  }
  return messages
}

function parseLine(text: string): FieldLine {
  const [name = '', number = '', type = '', ...rest] = text.split(' ')
  const after = (prefix: string): string =>
    rest.find((word) => word.startsWith(prefix))?.slice(prefix.length) ?? ''
  return {
    name,
    number: Number(number),
    type,
    isList: rest.includes('list'),
    oneof: after('oneof:'),
    google: Number(after('google:')),
  }
}

function fieldOf(line: FieldLine, isExt: boolean): OrtbField {
  // `request_native` and `adm_native` are names of the protobuf wire only.
  const key = line.name.replace(/_native$/, '')
  return {
    name: line.name,
    kind: scalarKinds[line.type] ?? FieldKind.Message,
    isList: line.isList,
    number: line.number,
    googleNumber: isExt ? line.google : line.number,
    message: null,
    oneof: [],
    oneofLater: [],
    objectForm: null,
    textForm: null,
    jsonPrefix: `"${key}":`,
  }
}

function linkOneofs(fields: readonly OrtbField[], lines: readonly FieldLine[]): void {
  for (const [i, field] of fields.entries()) {
    const group = lines[i]?.oneof ?? ''
    if (group === '') continue
    const others = fields.filter((other, j) => other !== field && lines[j]?.oneof === group)
    field.oneof = others.map((other) => other.name)
    field.oneofLater = others
      .filter((other) => fields.indexOf(other) > i)
      .map((other) => other.name)
    field.objectForm = others.find((other) => other.name === `${field.name}_native`) ?? null
    field.textForm = others.find((other) => field.name === `${other.name}_native`)?.name ?? null
  }
}

function messageOf(
  path: string,
  make: () => OrtbObject,
  fields: readonly OrtbField[],
  lines: readonly FieldLine[],
): OrtbMessage {
  const byNumber: (OrtbField | undefined)[] = []
  const byGoogleNumber: (OrtbField | undefined)[] = []
  // Dense arrays: a hole would make every read of it look at the prototype.
  for (let number = 0; number < 100; number++) {
    byNumber.push(fields.find((field) => field.number === number && number > 0))
    byGoogleNumber.push(fields.find((field) => field.googleNumber === number && number > 0))
  }
  return {
    path,
    make,
    fields,
    keys: keysOf(path, fields),
    byNumber,
    byGoogleNumber,
    ext: fields.find((field) => field.name === 'ext') ?? null,
    googleExtension: lines.find((line) => line.name === 'ext')?.google ?? 0,
    googleOnly: fields.filter((field) => field.number === 0),
  }
}

function keysOf(path: string, fields: readonly OrtbField[]): KeyTable<JsonMember> {
  const members = new Map<string, JsonMember>()
  for (const field of fields) {
    if (!field.name.endsWith('_native')) members.set(field.name, { field, place: null })
  }
  for (const place of jsonPlaces) {
    if (place.message !== path) continue
    if (members.has(place.key)) throw new Error(`${path}.${place.key} is a field of its own`)
    members.set(place.key, { field: null, place })
  }
  return new KeyTable(members)
}
