/**
 * A small protobuf writer into one buffer it owns. Nested messages are written in place: open a
 * message, write its fields, close it; the length is filled in afterwards (one byte is kept for it,
 * longer contents are moved up).
 */

const float32 = new DataView(new ArrayBuffer(8))
const utf8 = new TextEncoder()
/** Decimals beyond a double's exactness that surely fit 64 bits. */
const longDecimal = /^[0-9]{16,19}$/

/** Grows by doubling up to `bytesMax`, then throws: an answer that large is broken code. */
export class ProtoWriter {
  #bytes: Uint8Array
  #length = 0
  readonly #bytesMax: number

  constructor(bytesInitial = 1_024, bytesMax = 1 << 20) {
    this.#bytes = new Uint8Array(bytesInitial)
    this.#bytesMax = bytesMax
  }

  /** Starts an empty message. */
  reset(): this {
    this.#length = 0
    return this
  }

  /** The message so far, as a copy of its own. */
  finish(): Uint8Array {
    return this.#bytes.slice(0, this.#length)
  }

  /** An unsigned 32-bit varint, or a bool as 0 / 1. */
  uint32(field: number, value: number): this {
    this.#varint((field << 3) >>> 0)
    this.#varint(value >>> 0)
    return this
  }

  /** A varint of a whole number from 0 to 2^53 − 1. */
  whole(field: number, value: number): this {
    this.#varint((field << 3) >>> 0)
    this.#varint(value)
    return this
  }

  /** The same as the bare varint of a packed element. */
  wholeValue(value: number): this {
    this.#varint(value)
    return this
  }

  /** A 64-bit varint given as decimal text or bigint; negative numbers in two's complement. */
  wide(field: number, value: string | bigint): this {
    this.#varint((field << 3) >>> 0)
    this.wideValue(value)
    return this
  }

  /** An int32: negative ones take ten bytes, as the encoding demands. */
  int32(field: number, value: number): this {
    return value < 0 ? this.wide(field, BigInt(value)) : this.uint32(field, value)
  }

  /** The bare varint of a packed element. Throws SyntaxError on text that is no integer. */
  wideValue(value: string | bigint): this {
    const small = typeof value === 'string' && value.length <= 15 ? Number(value) : Number.NaN
    // Up to 15 digits a double is exact; `Number` also reads '' and '1.5', which BigInt refuses.
    if (small >= 0 && Number.isInteger(small) && value !== '') {
      this.#varint(small)
      return this
    }
    if (typeof value === 'string' && longDecimal.test(value)) return this.#longDecimal(value)
    const wide = BigInt.asUintN(64, BigInt(value))
    return this.#wideHalves(Number(wide >> 32n), Number(wide & 0xffff_ffffn))
  }

  /** 16 to 19 digits without BigInt, in parts that stay exact in a double. */
  #longDecimal(text: string): this {
    const upper = Number(text.slice(0, -9))
    const lower = (upper % 65_536) * 1e9 + Number(text.slice(-9))
    const shifted = Math.floor(upper / 65_536) * 1e9 + Math.floor(lower / 65_536)
    const low = (shifted % 65_536) * 65_536 + (lower % 65_536)
    return this.#wideHalves(Math.floor(shifted / 65_536), low)
  }

  #wideHalves(high: number, low: number): this {
    this.#reserve(10)
    let highRest = high >>> 0
    let lowRest = low >>> 0
    while (highRest > 0 || lowRest > 0x7f) {
      this.#bytes[this.#length++] = (lowRest & 0x7f) | 0x80
      lowRest = ((lowRest >>> 7) | (highRest << 25)) >>> 0
      highRest >>>= 7
    }
    this.#bytes[this.#length++] = lowRest
    return this
  }

  float(field: number, value: number): this {
    this.#varint(((field << 3) | 5) >>> 0)
    float32.setFloat32(0, value, true)
    this.#raw(4)
    return this
  }

  double(field: number, value: number): this {
    this.#varint(((field << 3) | 1) >>> 0)
    float32.setFloat64(0, value, true)
    this.#raw(8)
    return this
  }

  text(field: number, value: string): this {
    this.#varint(((field << 3) | 2) >>> 0)
    const asciiMax = 127
    if (value.length <= asciiMax) {
      this.#reserve(value.length + 1)
      const start = this.#length
      this.#bytes[start] = value.length
      let i = 0
      for (; i < value.length; i++) {
        const code = value.charCodeAt(i)
        if (code >= 0x80) break
        this.#bytes[start + 1 + i] = code
      }
      if (i === value.length) {
        this.#length = start + 1 + i
        return this
      }
    }
    return this.#bytesValue(utf8.encode(value))
  }

  /** A length-delimited field of ready bytes. */
  bytes(field: number, value: Uint8Array): this {
    this.#varint(((field << 3) | 2) >>> 0)
    return this.#bytesValue(value)
  }

  /** Opens a nested message (or packed field); give the answer to `close`. */
  open(field: number): number {
    this.#varint(((field << 3) | 2) >>> 0)
    this.#reserve(1)
    this.#length++
    return this.#length
  }

  /** Closes what `open` opened: writes its length before it. */
  close(start: number): this {
    const size = this.#length - start
    if (size < 0x80) {
      this.#bytes[start - 1] = size
      return this
    }
    const lengthBytes = size < 0x4000 ? 2 : 3
    if (size >= 0x20_0000) throw new RangeError(`nested message of ${size} bytes`)
    this.#reserve(lengthBytes - 1)
    this.#bytes.copyWithin(start + lengthBytes - 1, start, this.#length)
    this.#length += lengthBytes - 1
    this.#bytes[start - 1] = (size & 0x7f) | 0x80
    this.#bytes[start] = lengthBytes === 2 ? size >>> 7 : ((size >>> 7) & 0x7f) | 0x80
    if (lengthBytes === 3) this.#bytes[start + 1] = size >>> 14
    return this
  }

  #bytesValue(value: Uint8Array): this {
    this.#varint(value.length)
    this.#reserve(value.length)
    this.#bytes.set(value, this.#length)
    this.#length += value.length
    return this
  }

  #varint(value: number): void {
    this.#reserve(10)
    let rest = value
    while (rest > 0x7f) {
      this.#bytes[this.#length++] = (rest & 0x7f) | 0x80
      rest = Math.floor(rest / 128)
    }
    this.#bytes[this.#length++] = rest
  }

  #raw(count: number): void {
    this.#reserve(count)
    for (let i = 0; i < count; i++) this.#bytes[this.#length++] = float32.getUint8(i)
  }

  #reserve(count: number): void {
    const needed = this.#length + count
    if (needed <= this.#bytes.length) return
    if (needed > this.#bytesMax) throw new RangeError(`message of over ${this.#bytesMax} bytes`)
    const grown = new Uint8Array(Math.min(this.#bytesMax, Math.max(needed, this.#bytes.length * 2)))
    grown.set(this.#bytes)
    this.#bytes = grown
  }
}
