/**
 * A partial protobuf reader: walks the fields of a message in place and skips what nobody asks for.
 * It never throws: malformed bytes make `ok` false and end the walk (protobuf encoding guide,
 * "Message Structure": tag = field number << 3 | wire type).
 */

/** Wire types of the protobuf encoding. */
export const WireType = {
  Varint: 0,
  Fixed64: 1,
  Bytes: 2,
  Group: 3,
  GroupEnd: 4,
  Fixed32: 5,
} as const

/**
 * Nested groups and messages we follow before we call the bytes hostile; protobufjs stops at 100.
 */
export const protoDepthMax = 100

// A leading U+FEFF is part of the text, not a mark to swallow.
const utf8 = new TextDecoder('utf-8', { ignoreBOM: true })
const float64 = new DataView(new ArrayBuffer(8))
/** Field numbers of the groups being skipped; skipping never waits, so one array serves all. */
const openGroups = new Uint32Array(protoDepthMax + 2)

/**
 * Cursor over one message. Use: `while (reader.next()) switch (reader.field) { … default:
 * reader.skip() }`,
 * then look at `ok`. Values are read by the method of the type that the schema says; a field that
 * comes with another wire type must be skipped as unknown (`is(…)`).
 */
export class ProtoReader {
  bytes: Uint8Array = new Uint8Array(0)
  position = 0
  end = 0
  /** False once the bytes turned out to be no protobuf message. */
  ok = true
  /**
   * Field number and wire type of the current field, and both as on the wire: field << 3 | type.
   */
  field = 0
  wireType = 0
  tag = 0
  /** How many messages this one is nested in. */
  depth = 0
  /** Upper 32 bits of the last varint or fixed64; the lower ones are what the reader returned. */
  high = 0
  /** Start and end of the last length-delimited field. */
  from = 0
  to = 0

  /** Points the reader at `bytes`, from `start` to `end`. */
  reset(bytes: Uint8Array, start = 0, end = bytes.length): this {
    this.bytes = bytes
    this.position = start
    this.end = end
    this.ok = true
    this.depth = 0
    return this
  }

  /** Moves to the next field; false at the end or on malformed bytes. */
  next(): boolean {
    if (!this.ok || this.position >= this.end) return false
    const byte = this.bytes[this.position] as number
    // Fields 1 to 15 have tags of one byte.
    const tag = byte < 0x80 ? byte : this.#shortVarint()
    if (byte < 0x80) this.position++
    this.tag = tag
    this.field = tag >>> 3
    this.wireType = tag & 7
    if (this.field === 0) this.ok = false
    return this.ok
  }

  /** True when the current field has the wire type that its schema type needs. */
  is(wireType: number): boolean {
    return this.wireType === wireType
  }

  /** Lower 32 bits (unsigned) of a varint; the upper ones are in `high`. */
  varint(): number {
    const { bytes, end } = this
    let position = this.position
    let low = 0
    for (let shift = 0; shift < 28; shift += 7) {
      if (position >= end) return this.#fail()
      const byte = bytes[position++] as number
      low |= (byte & 0x7f) << shift
      if (byte < 0x80) {
        this.position = position
        this.high = 0
        return low >>> 0
      }
    }
    return this.#longVarint(position, low)
  }

  #longVarint(start: number, lowBits: number): number {
    const { bytes, end } = this
    let position = start
    if (position >= end) return this.#fail()
    let byte = bytes[position++] as number
    const low = (lowBits | (byte << 28)) >>> 0
    let high = (byte & 0x7f) >>> 4
    let shift = 3
    while (byte >= 0x80) {
      // Ten bytes at most: shift 3, 10, 17, 24, 31.
      if (position >= end || shift > 31) return this.#fail()
      byte = bytes[position++] as number
      high |= (byte & 0x7f) << shift
      shift += 7
    }
    this.position = position
    this.high = high >>> 0
    return low
  }

  #fail(): number {
    this.ok = false
    this.high = 0
    return 0
  }

  #length(): number {
    const { position } = this
    const byte = position < this.end ? (this.bytes[position] as number) : 0x80
    if (byte >= 0x80) return this.#shortVarint()
    this.position = position + 1
    return byte
  }

  /** A varint of a tag or a length: 32 bits in five bytes at most, as decoders demand of them. */
  #shortVarint(): number {
    const start = this.position
    const value = this.varint()
    return this.high === 0 && this.position - start <= 5 ? value : this.#fail()
  }

  /** A bool, as protobuf reads it: any bit set in a varint of ten bytes is true. */
  bool(): boolean {
    const start = this.position
    const low = this.varint()
    if (low !== 0 || this.high !== 0) return true
    // The tenth byte has bits beyond 64; they make a bool true all the same.
    return (
      this.ok && this.position - start === 10 && ((this.bytes[start + 9] as number) & 0x7f) !== 0
    )
  }

  /** An int32 or enum: the lower 32 bits, signed. */
  int32(): number {
    return this.varint() | 0
  }

  /** A uint64 as decimal text. */
  uint64Text(): string {
    const low = this.varint()
    return wideText(this.high, low)
  }

  /** An int64 as decimal text. */
  int64Text(): string {
    const low = this.varint()
    if (this.high < 0x8000_0000) return wideText(this.high, low)
    return BigInt.asIntN(64, (BigInt(this.high) << 32n) | BigInt(low)).toString()
  }

  /** A fixed32 as a float. */
  float(): number {
    const at = this.#take(4)
    if (at < 0) return 0
    for (let i = 0; i < 4; i++) float64.setUint8(i, this.bytes[at + i] as number)
    return float64.getFloat32(0, true)
  }

  /** A fixed64 as a double. */
  double(): number {
    const at = this.#take(8)
    if (at < 0) return 0
    for (let i = 0; i < 8; i++) float64.setUint8(i, this.bytes[at + i] as number)
    return float64.getFloat64(0, true)
  }

  /**
   * Reads a length and sets `from` and `to` around the contents; false when it runs over the end.
   */
  span(): boolean {
    const length = this.#length()
    if (!this.ok || length > this.end - this.position) {
      this.ok = false
      this.from = this.position
      this.to = this.position
      return false
    }
    this.from = this.position
    this.to = this.position + length
    this.position = this.to
    return true
  }

  /** A string; malformed UTF-8 becomes U+FFFD. */
  text(): string {
    return this.span() ? textOf(this.bytes, this.from, this.to) : ''
  }

  /** Points `inner` at the sub-message of the current field; false when it runs over the end. */
  message(inner: ProtoReader): boolean {
    if (!this.span()) return false
    inner.reset(this.bytes, this.from, this.to)
    inner.depth = this.depth + 1
    return true
  }

  /** Skips the value of the current field, whatever its type. */
  skip(): void {
    switch (this.wireType) {
      case WireType.Varint:
        this.varint()
        return
      case WireType.Fixed64:
        this.#take(8)
        return
      case WireType.Bytes:
        this.span()
        return
      case WireType.Group:
        this.#skipGroup()
        return
      case WireType.Fixed32:
        this.#take(4)
        return
      default:
        this.ok = false
    }
  }

  #skipGroup(): void {
    const openMax = protoDepthMax - this.depth
    let open = 1
    openGroups[1] = this.field
    while (open > 0) {
      if (!this.next()) {
        this.ok = false
        return
      }
      if (this.wireType === WireType.GroupEnd) {
        if (openGroups[open--] !== this.field) this.ok = false
      } else if (open > openMax) {
        this.ok = false
      } else if (this.wireType === WireType.Group) {
        openGroups[++open] = this.field
      } else {
        this.skip()
      }
    }
  }

  #take(length: number): number {
    const at = this.position
    if (this.end - at < length) {
      this.ok = false
      return -1
    }
    this.position = at + length
    return at
  }
}

/** Text of bytes [from, to): short ASCII without a native call, everything else as UTF-8. */
export function textOf(bytes: Uint8Array, from: number, to: number): string {
  if (to - from > 48) return utf8.decode(bytes.subarray(from, to))
  let text = ''
  for (let i = from; i < to; i++) {
    const byte = bytes[i] as number
    if (byte >= 0x80) return utf8.decode(bytes.subarray(from, to))
    text += String.fromCharCode(byte)
  }
  return text
}

/** Decimal text of an unsigned 64-bit number given as two halves. */
export function wideText(high: number, low: number): string {
  // Below 2^53 a double holds it exactly.
  if (high < 0x20_0000) return String(high * 4_294_967_296 + low)
  // Beyond it, in two parts of base 10^9, each exact in a double: 2^48 = 281474·10^9 + 976710656.
  const top = high >>> 16
  const lower = top * 976_710_656 + (high & 0xffff) * 4_294_967_296 + low
  const upper = top * 281_474 + Math.floor(lower / 1e9)
  return String(upper) + String(lower % 1e9).padStart(9, '0')
}
