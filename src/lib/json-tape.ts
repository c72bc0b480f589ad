/**
 * A strict JSON reader (RFC 8259) that builds no objects: it writes where each value lies onto a
 * tape. Nothing it reads can reach a prototype, numbers keep every digit they were written with
 * (64-bit ids survive), and its cost is one pass over the bytes whatever they say. The same
 * bodies made `JSON.parse` cost up to several milliseconds (thousands of distinct keys).
 */
import { textOf } from './proto-reader.ts'

/** What a node of the tape is. `Escaped` is a string with at least one backslash. */
export const JsonKind = {
  None: 0,
  Object: 1,
  Array: 2,
  String: 3,
  Escaped: 4,
  Number: 5,
  True: 6,
  False: 7,
  Null: 8,
} as const
export type JsonKind = (typeof JsonKind)[keyof typeof JsonKind]

/** Nesting we follow; real requests have 4. Deeper is malformed, like a group bomb of protobuf. */
export const jsonDepthMax = 64

/**
 * Values and keys of one text; more is malformed. Real requests under 24 KiB have fewer than
 * 2 000; at 64 KiB this is one in eight bytes. It bounds our time (about 30 ns a node) and memory.
 */
export const jsonNodesMax = 8_192

const quote = 0x22
const comma = 0x2c
const backslash = 0x5c
const objectEnd = 0x7d
const arrayEnd = 0x5d

/**
 * The tape. Node 0 is the root; a container is followed by its contents, an object's as key,
 * value, key, value. `from` and `to` are byte positions: a string's without its quotes.
 */
export class JsonTape {
  bytes: Uint8Array = new Uint8Array(0)
  count = 0
  readonly kind: Uint8Array
  readonly from: Int32Array
  readonly to: Int32Array
  /** Index of the node behind the whole value. */
  readonly after: Int32Array
  readonly #nodesMax: number
  #position = 0
  readonly #open = new Int32Array(jsonDepthMax)

  /** Room for `nodesMax` values and keys; texts with more are malformed. */
  constructor(nodesMax = jsonNodesMax) {
    this.#nodesMax = nodesMax
    this.kind = new Uint8Array(nodesMax)
    this.from = new Int32Array(nodesMax)
    this.to = new Int32Array(nodesMax)
    this.after = new Int32Array(nodesMax)
  }

  /** Reads a whole text; false when it is not JSON or is nested too deep. Never throws. */
  parse(bytes: Uint8Array): boolean {
    this.#start(bytes)
    let depth = 0
    for (;;) {
      const kind = this.#value()
      if (kind === JsonKind.None) return false
      if (kind === JsonKind.Object || kind === JsonKind.Array) {
        if (depth === jsonDepthMax) return false
        this.#open[depth] = this.count - 1
        const enters = this.#enter(kind)
        if (enters < 0) return false
        if (enters > 0) {
          depth++
          continue
        }
        this.#close(depth)
      }
      depth = this.#leave(depth)
      if (depth <= 0) return depth === 0 && this.#isAtEnd()
    }
  }

  /** Steps into a container up to its first value: 1, 0 when it is empty, -1 malformed. */
  #enter(kind: JsonKind): number {
    const isObject = kind === JsonKind.Object
    if (this.#isNext(isObject ? objectEnd : arrayEnd)) return 0
    return !isObject || this.#key() ? 1 : -1
  }

  /** Text of a string, digits of a number as written, `true` or `false`; '' for anything else. */
  text(node: number): string {
    const from = this.from[node]!
    const to = this.to[node]!
    switch (this.kind[node]) {
      case JsonKind.String:
      case JsonKind.Number:
        return textOf(this.bytes, from, to)
      case JsonKind.Escaped:
        // The tape has checked its grammar, so this cannot throw.
        return JSON.parse(`"${textOf(this.bytes, from, to)}"`) as string
      case JsonKind.True:
        return 'true'
      case JsonKind.False:
        return 'false'
      default:
        return ''
    }
  }

  /** True for strings, numbers and booleans: values with a text. */
  isScalar(node: number): boolean {
    const kind = this.kind[node]!
    return kind >= JsonKind.String && kind <= JsonKind.False
  }

  /**
   * True when the string node is this UTF-8 word. Allocates nothing: 10 000 escaped keys cost as
   * much as plain ones. Characters beyond U+FFFF written as two escapes are not recognised.
   */
  isWord(node: number, word: Uint8Array): boolean {
    if (this.kind[node] === JsonKind.Escaped) return this.#isEscapedWord(node, word)
    const from = this.from[node]!
    const length = word.length
    if (this.to[node]! - from !== length) return false
    for (let i = 0; i < length; i++) if (this.bytes[from + i] !== word[i]) return false
    return true
  }

  #isEscapedWord(node: number, word: Uint8Array): boolean {
    const end = this.to[node]!
    let at = this.from[node]!
    let matched = 0
    while (at < end) {
      const byte = this.bytes[at]!
      if (byte !== backslash) {
        if (word[matched++] !== byte) return false
        at++
        continue
      }
      const isUnit = this.bytes[at + 1] === 0x75
      const unit = isUnit ? this.#unit(at + 2) : plainEscape(this.bytes[at + 1]!)
      const length = matchUnit(word, matched, unit)
      if (length === 0) return false
      matched += length
      at += isUnit ? 6 : 2
    }
    return matched === word.length
  }

  /** The four hex digits at `at`. */
  #unit(at: number): number {
    let unit = 0
    for (let i = 0; i < 4; i++) unit = unit * 16 + hexValue(this.bytes[at + i]!)
    return unit
  }

  #start(bytes: Uint8Array): void {
    this.bytes = bytes
    this.count = 0
    const hasMark = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf
    this.#position = hasMark ? 3 : 0
  }

  /**
   * Closes what ends here; the depth at which the next value starts, 0 at the end, -1 malformed.
   */
  #leave(depthNow: number): number {
    let depth = depthNow
    while (depth > 0) {
      const isObject = this.kind[this.#open[depth - 1]!] === JsonKind.Object
      const byte = this.#peek()
      this.#position++
      if (byte === comma) return !isObject || this.#key() ? depth : -1
      if (byte !== (isObject ? objectEnd : arrayEnd)) return -1
      this.#close(--depth)
    }
    return 0
  }

  #close(depth: number): void {
    const node = this.#open[depth]!
    this.after[node] = this.count
    this.to[node] = this.#position
  }

  /** Reads a value's start or whole scalar; its kind, or None when there is none. */
  #value(): JsonKind {
    const byte = this.#peek()
    switch (byte) {
      case 0x7b:
        return this.#container(JsonKind.Object)
      case 0x5b:
        return this.#container(JsonKind.Array)
      case quote:
        return this.#string()
      case 0x74:
        return this.#literal(JsonKind.True, 'true')
      case 0x66:
        return this.#literal(JsonKind.False, 'false')
      case 0x6e:
        return this.#literal(JsonKind.Null, 'null')
      default:
        return this.#number()
    }
  }

  #container(kind: JsonKind): JsonKind {
    return this.#put(kind, this.#position, this.#position++)
  }

  #literal(kind: JsonKind, word: string): JsonKind {
    const from = this.#position
    for (let i = 0; i < word.length; i++) {
      if (this.bytes[from + i] !== word.charCodeAt(i)) return JsonKind.None
    }
    this.#position = from + word.length
    return this.#put(kind, from, this.#position)
  }

  #key(): boolean {
    if (this.#peek() !== quote || this.#string() === JsonKind.None) return false
    return this.#isNext(0x3a)
  }

  #string(): JsonKind {
    const { bytes } = this
    const end = bytes.length
    const from = this.#position + 1
    let kind: JsonKind = JsonKind.String
    let at = from
    for (; at < end; at++) {
      const byte = bytes[at]!
      if (byte === quote) break
      if (byte < 0x20) return JsonKind.None
      if (byte !== backslash) continue
      kind = JsonKind.Escaped
      const length = this.#escapeLength(at + 1)
      if (length === 0) return JsonKind.None
      at += length
    }
    if (at >= end) return JsonKind.None
    this.#position = at + 1
    return this.#put(kind, from, at)
  }

  /** Bytes behind the backslash that belong to the escape at `at`; 0 when it is none. */
  #escapeLength(at: number): number {
    switch (this.bytes[at]) {
      case quote:
      case backslash:
      case 0x2f:
      case 0x62:
      case 0x66:
      case 0x6e:
      case 0x72:
      case 0x74:
        return 1
      case 0x75: {
        for (let i = 1; i <= 4; i++) if (!isHex(this.bytes[at + i])) return 0
        return 5
      }
      default:
        return 0
    }
  }

  #number(): JsonKind {
    const from = this.#position
    const { bytes } = this
    let at = bytes[from] === 0x2d ? from + 1 : from
    if (!isDigit(bytes[at])) return JsonKind.None
    // A leading zero stands alone.
    at = bytes[at] === 0x30 ? at + 1 : this.#digits(at)
    if (bytes[at] === 0x2e) {
      const fraction = this.#digits(at + 1)
      if (fraction === at + 1) return JsonKind.None
      at = fraction
    }
    if (bytes[at] === 0x65 || bytes[at] === 0x45) {
      const sign = bytes[at + 1]
      const first = sign === 0x2b || sign === 0x2d ? at + 2 : at + 1
      at = this.#digits(first)
      if (at === first) return JsonKind.None
    }
    this.#position = at
    return this.#put(JsonKind.Number, from, at)
  }

  #digits(start: number): number {
    let at = start
    while (isDigit(this.bytes[at])) at++
    return at
  }

  /** Notes a node; None when the tape is full, which every caller takes as malformed. */
  #put(kind: JsonKind, from: number, to: number): JsonKind {
    if (this.count === this.#nodesMax) return JsonKind.None
    const node = this.count++
    this.kind[node] = kind
    this.from[node] = from
    this.to[node] = to
    this.after[node] = node + 1
    return kind
  }

  /** Skips white space; the byte there, or -1 at the end. */
  #peek(): number {
    const { bytes } = this
    const end = bytes.length
    let at = this.#position
    if (at < end && bytes[at]! > 0x20) return bytes[at]!
    while (at < end) {
      const byte = bytes[at]!
      if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) break
      at++
    }
    this.#position = at
    return at < end ? bytes[at]! : -1
  }

  #isNext(byte: number): boolean {
    if (this.#peek() !== byte) return false
    this.#position++
    return true
  }

  #isAtEnd(): boolean {
    return this.#peek() === -1
  }
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x30 && byte <= 0x39
}

function isHex(byte: number | undefined): boolean {
  if (byte === undefined) return false
  const lower = byte | 0x20
  return isDigit(byte) || (lower >= 0x61 && lower <= 0x66)
}

function hexValue(digit: number): number {
  return digit <= 0x39 ? digit - 0x30 : (digit | 0x20) - 0x57
}

/** The character of a one-letter escape; quote, backslash and slash stand for themselves. */
function plainEscape(letter: number): number {
  switch (letter) {
    case 0x62:
      return 0x08
    case 0x66:
      return 0x0c
    case 0x6e:
      return 0x0a
    case 0x72:
      return 0x0d
    case 0x74:
      return 0x09
    default:
      return letter
  }
}

/** Bytes of `word` at `at` that are the UTF-8 form of the code unit; 0 when they are not. */
function matchUnit(word: Uint8Array, at: number, unit: number): number {
  const last = 0x80 | (unit & 0x3f)
  if (unit < 0x80) return word[at] === unit ? 1 : 0
  if (unit < 0x800) return word[at] === (0xc0 | (unit >> 6)) && word[at + 1] === last ? 2 : 0
  const middle = 0x80 | ((unit >> 6) & 0x3f)
  const isSame = word[at] === (0xe0 | (unit >> 12)) && word[at + 1] === middle
  return isSame && word[at + 2] === last ? 3 : 0
}
