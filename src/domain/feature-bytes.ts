/** What a model saw of a candidate, as bytes: `features` of records (docs/records.md). */

/** Version of the form; stands first. */
const featureBytesVersion = 1

/** Columns of one side: slots and their values. */
export interface FeatureColumns {
  readonly index: Int32Array
  readonly value: Float32Array
}

/** The encoded rows of one ask, one ad, and of the pair that they are. */
export interface CandidateFeatures {
  /** First 16 hex digits of `FeatureLayout.hash`: which feature each column and slot is. */
  readonly layout: string
  readonly ask: FeatureColumns
  readonly ad: FeatureColumns
  readonly pair: FeatureColumns
}

/** Digits of a layout's hash that a record has: 64 bits tell all layouts of a house apart. */
export const layoutDigits = 16

/** Version and layout. */
const headBytes = 9
/** 28 bits of a varint and a value. */
const columnBytesMax = 8
const widthBytesMax = 3
/** No layout of ours is wider on any side; what says so is none of our bytes. */
const widthMax = 2 ** 14 - 1

/** What stands in the two low bits of a column's varint; the rest of it is the slot. */
const Form = {
  /** The value is 0, or 1. */
  Zero: 0,
  One: 1,
  /** The value follows. */
  Value: 2,
  /** No slot but a number of columns with nothing in them: slot 0 and value 0. */
  Nothing: 3,
} as const

/** Columns of the sides that candidates of one ask differ by. */
interface AdWidths {
  readonly ad: number
  readonly pair: number
}

/** Writes the features of candidates of one ask: what they share is encoded once. */
export class FeatureWriter {
  readonly #bytes: Uint8Array
  readonly #view: DataView
  readonly #shared: number

  /** `layout` has `layoutDigits` hex digits; slots are below 2^26. */
  constructor(layout: string, ask: FeatureColumns, { ad, pair }: AdWidths) {
    const widths = [ask.index.length, ad, pair]
    let room = headBytes
    for (const width of widths) room += widthBytesMax + width * columnBytesMax
    this.#bytes = new Uint8Array(room)
    this.#view = new DataView(this.#bytes.buffer)
    this.#bytes[0] = featureBytesVersion
    this.#view.setUint32(1, Number.parseInt(layout.slice(0, 8), 16))
    this.#view.setUint32(5, Number.parseInt(layout.slice(8, layoutDigits), 16))
    let end = headBytes
    for (const width of widths) end = writeVarint(this.#bytes, end, width)
    this.#shared = this.#write(end, ask)
  }

  /** The bytes of one candidate, its own: `ad` and `pair` have the widths that were said. */
  bytesOf(ad: FeatureColumns, pair: FeatureColumns): Uint8Array {
    const end = this.#write(this.#write(this.#shared, ad), pair)
    return this.#bytes.slice(0, end)
  }

  /** Writes columns from `start` on; answers where they end. */
  #write(start: number, { index, value }: FeatureColumns): number {
    const bytes = this.#bytes
    let end = start
    let nothing = 0
    for (let column = 0; column < index.length; column++) {
      const slot = index[column] ?? 0
      const weight = value[column] ?? 0
      if (slot === 0 && Object.is(weight, 0)) {
        nothing++
        continue
      }
      if (nothing > 0) end = writeVarint(bytes, end, nothing * 4 + Form.Nothing)
      nothing = 0
      const form = formOf(weight)
      end = writeVarint(bytes, end, slot * 4 + form)
      if (form !== Form.Value) continue
      this.#view.setFloat32(end, weight, true)
      end += 4
    }
    return nothing === 0 ? end : writeVarint(bytes, end, nothing * 4 + Form.Nothing)
  }
}

function formOf(weight: number): number {
  if (weight === 1) return Form.One
  return Object.is(weight, 0) ? Form.Zero : Form.Value
}

function writeVarint(bytes: Uint8Array, start: number, value: number): number {
  let end = start
  let rest = value
  while (rest > 0x7f) {
    bytes[end++] = (rest & 0x7f) | 0x80
    rest >>>= 7
  }
  bytes[end++] = rest
  return end
}

/** The features of bytes, whole; null for another version, and for what is none of ours. */
export function readFeatures(bytes: Uint8Array): CandidateFeatures | null {
  if (bytes.length < headBytes || bytes[0] !== featureBytesVersion) return null
  const reader = new ColumnReader(bytes)
  const widths = [reader.varint(), reader.varint(), reader.varint()]
  if (!widths.every((width) => width <= widthMax)) return null
  const [ask, ad, pair] = widths.map((width) => reader.columns(width))
  if (!ask || !ad || !pair || !reader.isAtEnd) return null
  return { layout: hexOf(bytes.subarray(1, headBytes)), ask, ad, pair }
}

function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

/** Reads numbers one after another; what is not there is NaN or null. */
class ColumnReader {
  readonly #bytes: Uint8Array
  readonly #view: DataView
  #at = headBytes

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  /** True when exactly everything was read. */
  get isAtEnd(): boolean {
    return this.#at === this.#bytes.length
  }

  /** At most 28 bits. */
  varint(): number {
    let value = 0
    for (let shift = 0; shift < 28; shift += 7) {
      const byte = this.#bytes[this.#at++]
      if (byte === undefined) return Number.NaN
      value |= (byte & 0x7f) << shift
      if (byte < 0x80) return value
    }
    return Number.NaN
  }

  columns(width: number): FeatureColumns | null {
    const index = new Int32Array(width)
    const value = new Float32Array(width)
    let column = 0
    while (column < width) {
      const word = this.varint()
      if (Number.isNaN(word)) return null
      const form = word & 3
      if (form === Form.Nothing) {
        column += word >>> 2
        continue
      }
      index[column] = word >>> 2
      value[column++] = form === Form.Value ? this.#float() : form
    }
    return column === width ? { index, value } : null
  }

  #float(): number {
    const at = this.#at
    this.#at += 4
    return this.#at <= this.#bytes.length ? this.#view.getFloat32(at, true) : Number.NaN
  }
}
