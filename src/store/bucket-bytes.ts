/**
 * A bucket as bytes: `count u16le`, fields (6 bytes each, big endian, ascending), value lengths
 * (1 byte each), values. LMDB stores it as it is; for Redis it is the form writers work on.
 */

/** Bytes of a device's field inside its bucket: 48 bits of the device key. */
export const fieldBytes = 6

/**
 * Values are at most this long: Redis keeps a listpack while values are ≤ 64 bytes (its default).
 */
export const valueBytesMax = 64

const headerBytes = 2

/** Devices in a bucket. */
export function bucketCount(bytes: Uint8Array): number {
  return (bytes[0] as number) | ((bytes[1] as number) << 8)
}

/** Upper 32 bits of field `index`. */
export function fieldHighAt(bytes: Uint8Array, index: number): number {
  const at = headerBytes + index * fieldBytes
  return (
    (((bytes[at] as number) << 24) |
      ((bytes[at + 1] as number) << 16) |
      ((bytes[at + 2] as number) << 8) |
      (bytes[at + 3] as number)) >>>
    0
  )
}

/** Lower 16 bits of field `index`. */
export function fieldLowAt(bytes: Uint8Array, index: number): number {
  const at = headerBytes + index * fieldBytes + 4
  return ((bytes[at] as number) << 8) | (bytes[at + 1] as number)
}

/** Length of value `index` of a bucket of `count` devices. */
export function valueLengthAt(bytes: Uint8Array, count: number, index: number): number {
  return bytes[headerBytes + count * fieldBytes + index] as number
}

/** Where the values of a bucket of `count` devices start. */
export function valuesStart(count: number): number {
  return headerBytes + count * (fieldBytes + 1)
}

/**
 * Finds a field; answers the start of its value, or -1. The value's length is
 * `valueLengthAt(bytes, count, foundIndex)`; `found.index` carries the index.
 */
export function findValue(
  bytes: Uint8Array,
  fieldHigh: number,
  fieldLow: number,
  found: { index: number },
): number {
  const count = bucketCount(bytes)
  let low = 0
  let high = count - 1
  while (low <= high) {
    const middle = (low + high) >>> 1
    const here = fieldHighAt(bytes, middle)
    const order = here === fieldHigh ? fieldLowAt(bytes, middle) - fieldLow : here - fieldHigh
    if (order === 0) {
      found.index = middle
      return valueStart(bytes, count, middle)
    }
    if (order < 0) low = middle + 1
    else high = middle - 1
  }
  return -1
}

function valueStart(bytes: Uint8Array, count: number, index: number): number {
  let at = valuesStart(count)
  const lengths = headerBytes + count * fieldBytes
  for (let i = 0; i < index; i++) at += bytes[lengths + i] as number
  return at
}

/** Collects devices in ascending field order and makes bucket bytes of them; reused. */
export class BucketBuilder {
  #fields = new Uint8Array(fieldBytes * 256)
  #lengths = new Uint8Array(256)
  #values = new Uint8Array(256 * 16)
  #valuesLength = 0
  count = 0

  /** Starts an empty bucket. */
  reset(): this {
    this.count = 0
    this.#valuesLength = 0
    return this
  }

  /** Appends a device; its field must be above the last one. The value is copied. */
  // Plain numbers, no object a device: the innermost call of a 20 M upload.
  // oxlint-disable-next-line max-params
  push(fieldHigh: number, fieldLow: number, value: Uint8Array, start: number, end: number): void {
    this.#grow(end - start)
    const at = this.count * fieldBytes
    const fields = this.#fields
    fields[at] = fieldHigh >>> 24
    fields[at + 1] = fieldHigh >>> 16
    fields[at + 2] = fieldHigh >>> 8
    fields[at + 3] = fieldHigh
    fields[at + 4] = fieldLow >>> 8
    fields[at + 5] = fieldLow
    this.#lengths[this.count] = end - start
    const values = this.#values
    let to = this.#valuesLength
    for (let from = start; from < end; from++) values[to++] = value[from] as number
    this.#valuesLength = to
    this.count++
  }

  /** The bucket's bytes, as a copy of their own. */
  finish(): Uint8Array {
    const { count } = this
    const bytes = new Uint8Array(valuesStart(count) + this.#valuesLength)
    bytes[0] = count
    bytes[1] = count >>> 8
    bytes.set(this.#fields.subarray(0, count * fieldBytes), headerBytes)
    bytes.set(this.#lengths.subarray(0, count), headerBytes + count * fieldBytes)
    bytes.set(this.#values.subarray(0, this.#valuesLength), valuesStart(count))
    return bytes
  }

  #grow(valueLength: number): void {
    if (this.count === this.#lengths.length) {
      this.#fields = doubled(this.#fields)
      this.#lengths = doubled(this.#lengths)
    }
    if (this.#valuesLength + valueLength > this.#values.length) this.#values = doubled(this.#values)
  }
}

function doubled(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const grown = new Uint8Array(bytes.length * 2)
  grown.set(bytes)
  return grown
}
