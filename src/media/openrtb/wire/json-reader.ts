/**
 * Reads OpenRTB JSON into the objects of the schema: one pass over a token tape, keys looked up as
 * bytes, unknown members skipped unread. Exchanges' habits are read leniently (docs/decisions/0007).
 */
import { JsonKind, JsonTape } from '../../../lib/json-tape.ts'
import { freeJsonOf } from './free-json.ts'
import type { JsonPlace } from './json-places.ts'
import { boolOfText, doubleOfText, int32Of, int32OfText, int64OfText } from './json-scalar.ts'
import {
  type OrtbBidRequest,
  type OrtbBidResponse,
  type OrtbEntry,
  type OrtbNativeRequest,
  type OrtbNativeResponse,
  ortbNone,
} from './openrtb.generated.ts'
import {
  FieldKind,
  type OrtbField,
  type OrtbMessage,
  type OrtbObject,
  ortbMessage,
} from './ortb-schema.ts'
import { upgradePlaces } from './upgrade-places.ts'
import { WireText } from './wire-text.ts'

/** A value for another place than its own, kept until the whole request is read. */
interface Stray {
  readonly base: OrtbObject
  readonly baseMessage: OrtbMessage
  readonly to: readonly string[]
  readonly node: number
}

/** Longest key of the schema that may come with escapes; a longer one is unknown. */
const keyBytesMax = 64

/**
 * Times a text may hold another text instead of the object it should be: senders of native
 * requests encode twice.
 */
const nativeWrapsMax = 3

const backslash = 0x5c
const noBytes = new Uint8Array(0)

/**
 * Values and keys of one body. Requests with full block lists (`badv` of some thousand domains,
 * long `eids`) have a few thousand; this is what 16 384 list items (`ortbItemsMax`) can come to,
 * and costs a millisecond at most.
 */
const ortbNodesMax = 49_152

class OrtbJsonReader {
  readonly #tape = new JsonTape(ortbNodesMax)
  readonly #text = new WireText()
  readonly #key = new Uint8Array(keyBytesMax)
  /** Messages being read, outermost first. */
  readonly #open: OrtbObject[] = []
  readonly #openMessages: OrtbMessage[] = []
  #strays: Stray[] = []

  /** The object of a body; null when it is not JSON, or its value is no object. */
  read(bytes: Uint8Array, message: OrtbMessage): OrtbObject | null {
    const tape = this.#tape
    if (!tape.parse(bytes) || tape.kind[0] !== JsonKind.Object) return null
    this.#text.reset(bytes)
    const node = message === nativeRequest || message === nativeResponse ? this.#unwrapped(0) : 0
    return this.#message(node, message)
  }

  /** Puts values where they belong that were found elsewhere; then lets go of the body. */
  finish(): void {
    for (const stray of this.#strays) this.#place(stray)
    if (this.#strays.length > 0) this.#strays = []
    this.#text.release()
    this.#tape.bytes = noBytes
  }

  /** The text of the root value; null when it is no text. */
  rootText(bytes: Uint8Array): string | null {
    const kind = this.#tape.parse(bytes) ? this.#tape.kind[0] : JsonKind.None
    const isText = kind === JsonKind.String || kind === JsonKind.Escaped
    return isText ? this.#tape.text(0) : null
  }

  #message(node: number, message: OrtbMessage): OrtbObject {
    const tape = this.#tape
    const { bytes } = tape
    const object = message.make()
    this.#open.push(object)
    this.#openMessages.push(message)
    const end = tape.after[node] as number
    let at = node + 1
    while (at < end) {
      const value = at + 1
      const member =
        tape.kind[at] === JsonKind.String
          ? message.keys.find(bytes, tape.from[at] as number, tape.to[at] as number)
          : this.#escapedMember(at, message)
      if (member !== null) {
        if (member.field !== null) this.#member(object, member.field, value)
        else if (member.place !== null) this.#stray(member.place, value)
      }
      at = tape.after[value] as number
    }
    this.#open.pop()
    this.#openMessages.pop()
    return object
  }

  /** As a key without escapes would be found; only ASCII can be one of ours. */
  #escapedMember(node: number, message: OrtbMessage): ReturnType<OrtbMessage['keys']['find']> {
    const { from, to, bytes } = this.#tape
    const end = to[node] as number
    let at = from[node] as number
    let length = 0
    while (at < end) {
      if (length === keyBytesMax) return null
      const byte = bytes[at] as number
      if (byte !== backslash) {
        this.#key[length++] = byte
        at++
        continue
      }
      // The tape has checked the grammar of the escape. Only \uXXXX can stand for a letter.
      if (bytes[at + 1] !== 0x75) return null
      const unit = this.#unitAt(at + 2)
      if (unit >= 0x80) return null
      this.#key[length++] = unit
      at += 6
    }
    return message.keys.find(this.#key, 0, length)
  }

  #unitAt(at: number): number {
    return Number.parseInt(this.#text.slice(at, at + 4), 16)
  }

  #stray(place: JsonPlace, value: number): void {
    const node = place.inside === '' ? value : this.#insideOf(value, place.inside)
    const depth = this.#open.length - 1 - place.up
    const base = this.#open[depth]
    const baseMessage = this.#openMessages[depth]
    if (node < 0 || base === undefined || baseMessage === undefined) return
    if (this.#tape.kind[node] === JsonKind.Null) return
    this.#strays.push({ base, baseMessage, to: place.to, node })
  }

  /** The value of the last member `key` of the object at `node`; -1 when there is none. */
  #insideOf(node: number, key: string): number {
    const tape = this.#tape
    if (tape.kind[node] !== JsonKind.Object) return -1
    const end = tape.after[node] as number
    let found = -1
    for (let at = node + 1; at < end; at = tape.after[at + 1] as number) {
      if (tape.isWord(at, wordOf(key))) found = at + 1
    }
    return found
  }

  #place(stray: Stray): void {
    let object = stray.base
    let message = stray.baseMessage
    for (const [i, name] of stray.to.entries()) {
      const field = message.fields.find((candidate) => candidate.name === name)
      if (field === undefined) return
      const held = object[name]
      if (i === stray.to.length - 1) {
        if (held === null || held === ortbNone) this.#member(object, field, stray.node)
        return
      }
      if (field.message === null) return
      if (held === null) object[name] = field.message.make()
      object = object[name] as OrtbObject
      message = field.message
    }
  }

  #member(object: OrtbObject, field: OrtbField, node: number): void {
    if (field.isList) object[field.name] = this.#list(field, node)
    else if (field.objectForm !== null) this.#eitherForm(object, field, field.objectForm, node)
    else object[field.name] = this.#value(field, node)
  }

  /** A text that may come as the object it stands for. */
  #eitherForm(object: OrtbObject, field: OrtbField, form: OrtbField, node: number): void {
    const isObject = this.#tape.kind[node] === JsonKind.Object
    object[field.name] = isObject ? null : this.#value(field, node)
    object[form.name] = isObject ? this.#value(form, this.#unwrapped(node)) : null
  }

  /** Before 1.1 a native request or response stood in an object under `native`. */
  #unwrapped(node: number): number {
    const inner = this.#insideOf(node, 'native')
    return inner >= 0 && this.#tape.kind[inner] === JsonKind.Object ? inner : node
  }

  #list(field: OrtbField, node: number): readonly unknown[] {
    if (field.kind === FieldKind.Map) return this.#entries(node)
    const tape = this.#tape
    const list: unknown[] = []
    if (tape.kind[node] === JsonKind.Array) {
      const end = tape.after[node] as number
      for (let at = node + 1; at < end; at = tape.after[at] as number) {
        const value = this.#value(field, at)
        if (value !== null) list.push(value)
      }
    } else {
      // One value where a list belongs is a list of it; an empty text says nothing.
      const value = this.#value(field, node)
      if (value !== null && value !== '') list.push(value)
    }
    return list.length === 0 ? ortbNone : list
  }

  #entries(node: number): readonly OrtbEntry[] {
    const tape = this.#tape
    if (tape.kind[node] !== JsonKind.Object) return ortbNone
    const values = new Map<string, number>()
    const end = tape.after[node] as number
    for (let at = node + 1; at < end; at = tape.after[at + 1] as number) {
      const value = this.#double(at + 1)
      if (value !== null) values.set(this.#string(at) ?? '', value)
    }
    const entries = Array.from(values, ([key, value]) => ({ key, value }))
    return entries.length === 0 ? ortbNone : entries
  }

  /** One value of the field's kind; null when it is none. */
  #value(field: OrtbField, node: number): unknown {
    switch (field.kind) {
      case FieldKind.String:
        return this.#string(node)
      case FieldKind.Int32:
        return this.#int32(node)
      case FieldKind.Double:
        return this.#double(node)
      case FieldKind.Bool:
        return this.#bool(node)
      case FieldKind.Message:
        if (this.#tape.kind[node] !== JsonKind.Object || field.message === null) return null
        return this.#message(node, field.message)
      case FieldKind.Int64:
        return this.#int64(node)
      default:
        return this.#json(node)
    }
  }

  #string(node: number): string | null {
    const tape = this.#tape
    switch (tape.kind[node]) {
      case JsonKind.String:
      case JsonKind.Number:
        return this.#text.slice(tape.from[node] as number, tape.to[node] as number)
      case JsonKind.Escaped:
        return wellFormed(tape.text(node))
      case JsonKind.True:
        return 'true'
      case JsonKind.False:
        return 'false'
      default:
        return null
    }
  }

  #int32(node: number): number | null {
    const tape = this.#tape
    if (tape.kind[node] === JsonKind.Number) {
      const from = tape.from[node] as number
      const to = tape.to[node] as number
      const plain = plainDigits(tape.bytes, from, to)
      return plain >= 0 ? plain : int32Of(Number(this.#text.slice(from, to)))
    }
    const text = this.#numericText(node)
    return text === null ? null : int32OfText(text)
  }

  #double(node: number): number | null {
    const tape = this.#tape
    if (tape.kind[node] === JsonKind.Number) {
      const value = Number(this.#text.slice(tape.from[node] as number, tape.to[node] as number))
      return Number.isFinite(value) ? value + 0 : null
    }
    const text = this.#numericText(node)
    return text === null ? null : doubleOfText(text)
  }

  #bool(node: number): boolean | null {
    const tape = this.#tape
    switch (tape.kind[node]) {
      case JsonKind.True:
        return true
      case JsonKind.False:
        return false
      case JsonKind.Number: {
        const from = tape.from[node] as number
        const to = tape.to[node] as number
        if (to - from === 1) return tape.bytes[from] !== 0x30
        return Number(this.#text.slice(from, to)) !== 0
      }
      default: {
        const text = this.#numericText(node)
        return text === null ? null : boolOfText(text)
      }
    }
  }

  #int64(node: number): string | null {
    const isNumber = this.#tape.kind[node] === JsonKind.Number
    const text = isNumber ? this.#string(node) : this.#numericText(node)
    return text === null ? null : int64OfText(text)
  }

  /** The text of a string that may hold a number; null for anything else. */
  #numericText(node: number): string | null {
    const kind = this.#tape.kind[node]
    return kind === JsonKind.String || kind === JsonKind.Escaped ? this.#string(node) : null
  }

  /** Compact text of a free value: the same for the same value, however it was spelled. */
  #json(node: number): string | null {
    const tape = this.#tape
    const kind = tape.kind[node]
    const isText = kind === JsonKind.String || kind === JsonKind.Escaped
    const widen = isText ? 1 : 0
    const from = (tape.from[node] as number) - widen
    const value: unknown = JSON.parse(this.#text.slice(from, (tape.to[node] as number) + widen))
    return freeJsonOf(value)
  }
}

const bidRequest = ortbMessage('BidRequest')
const bidResponse = ortbMessage('BidResponse')
const nativeRequest = ortbMessage('NativeRequest')
const nativeResponse = ortbMessage('NativeResponse')

// Reading never waits, so one reader and its tape serve all.
const reader = new OrtbJsonReader()
const utf8 = new TextEncoder()
const words = new Map<string, Uint8Array>()

/**
 * The bid request of a JSON body with all values at their places of 2.6; null only when the bytes
 * are not JSON or no object. Never throws. What the body holds wrongly typed is absent.
 */
export function readBidRequestJson(bytes: Uint8Array): OrtbBidRequest | null {
  const request = reader.read(bytes, bidRequest) as OrtbBidRequest | null
  if (request !== null) upgradePlaces(request)
  reader.finish()
  return request
}

/** The bid response of a JSON body; null when it is not JSON or no object. For tools and tests. */
export function readBidResponseJson(bytes: Uint8Array): OrtbBidResponse | null {
  const response = reader.read(bytes, bidResponse) as OrtbBidResponse | null
  reader.finish()
  return response
}

/**
 * The native request in the text of `imp.native.request`: the object itself, inside of
 * `{"native": …}` as before 1.1, or encoded more than once; null when it is none of these.
 */
export function readNativeRequestJson(text: string): OrtbNativeRequest | null {
  return readNative(text, nativeRequest) as OrtbNativeRequest | null
}

/** As `readNativeRequestJson` for the text of `bid.adm`. */
export function readNativeResponseJson(text: string): OrtbNativeResponse | null {
  return readNative(text, nativeResponse) as OrtbNativeResponse | null
}

function readNative(text: string, message: OrtbMessage): unknown {
  let rest: string | null = text
  for (let i = 0; i < nativeWrapsMax && rest !== null; i++) {
    const bytes = utf8.encode(rest)
    const object = reader.read(bytes, message)
    reader.finish()
    if (object !== null) return object
    rest = reader.rootText(bytes)
  }
  return null
}

/** The number of up to nine plain digits, which cannot leave 32 bits; -1 for anything else. */
function plainDigits(bytes: Uint8Array, from: number, to: number): number {
  if (to - from > 9) return -1
  let value = 0
  for (let at = from; at < to; at++) {
    const digit = (bytes[at] as number) - 0x30
    if (digit < 0 || digit > 9) return -1
    value = value * 10 + digit
  }
  return value
}

/** Half of a surrogate pair cannot be written as UTF-8, so it becomes U+FFFD at once. */
function wellFormed(text: string): string {
  return text.replace(/\p{Surrogate}/gu, '\ufffd')
}

function wordOf(key: string): Uint8Array {
  const known = words.get(key)
  if (known !== undefined) return known
  const word = utf8.encode(key)
  words.set(key, word)
  return word
}
