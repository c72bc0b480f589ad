/**
 * Writes small MaxMind DB files for tests, from the public format description (version 2.0): a
 * binary search tree over address bits, a data section with pointers, and metadata at the end.
 */
import { IpAddress } from '../../src/lib/ip-address.ts'

/** A number that is written as a double even where it is whole: coordinates. */
export class Double {
  readonly value: number

  constructor(value: number) {
    this.value = value
  }
}

/**
 * What a record may hold. Whole numbers become uint32 (negative: int32), others doubles, bigints
 * uint64.
 */
export type MmdbValue =
  | string
  | number
  | bigint
  | boolean
  | Double
  | Uint8Array
  | readonly MmdbValue[]
  | { readonly [key: string]: MmdbValue }

/** A network in CIDR form and what the file says of it; a later narrower one splits a wider one. */
export interface MmdbNetwork {
  readonly cidr: string
  readonly record: MmdbValue
}

/** The file as a whole; defaults: IPv6 tree, 28-bit records, a city database. */
export interface MmdbOptions {
  readonly ipVersion?: 4 | 6
  readonly recordSize?: 24 | 28 | 32
  readonly databaseType?: string
  readonly majorVersion?: number
  readonly buildEpochSec?: number
}

/** A record of the city layout from its parts; what is left out is absent in the file. */
export function cityRecord(parts: {
  readonly country?: string
  readonly region?: string
  readonly city?: string
  readonly metro?: number
  readonly at?: readonly [latitude: number, longitude: number]
  readonly timeZone?: string
}): MmdbValue {
  const record: Record<string, MmdbValue> = {}
  const location: Record<string, MmdbValue> = {}
  if (parts.country !== undefined) record['country'] = { iso_code: parts.country }
  if (parts.region !== undefined) record['subdivisions'] = [{ iso_code: parts.region }]
  if (parts.city !== undefined) record['city'] = { names: { de: 'Stadt', en: parts.city } }
  if (parts.at !== undefined) {
    location['latitude'] = new Double(parts.at[0])
    location['longitude'] = new Double(parts.at[1])
  }
  if (parts.metro !== undefined) location['metro_code'] = parts.metro
  if (parts.timeZone !== undefined) location['time_zone'] = parts.timeZone
  if (Object.keys(location).length > 0) record['location'] = location
  return record
}

/** The bytes of a database. IPv4 networks of an IPv6 tree stand under `::/96`, as they must. */
export function writeMmdb(networks: readonly MmdbNetwork[], options: MmdbOptions = {}): Buffer {
  const { ipVersion = 6, recordSize = 28, databaseType = 'Sluice-Test-City' } = options
  const tree = new Tree()
  const data = new DataSection()
  const parsed = networks.map((network) => ({ ...pathOf(network.cidr, ipVersion), network }))
  // Wide before narrow: the narrow one then splits what it meets.
  parsed.sort((a, b) => a.bits - b.bits)
  for (const { path, bits, network } of parsed) tree.put(path, bits, data.add(network.record))
  const metadata = new DataSection()
  metadata.add({
    binary_format_major_version: options.majorVersion ?? 2,
    binary_format_minor_version: 0,
    build_epoch: BigInt(options.buildEpochSec ?? 1_760_000_000),
    database_type: databaseType,
    description: { en: 'made by a test' },
    ip_version: ipVersion,
    languages: ['en'],
    node_count: tree.nodes.length,
    record_size: recordSize,
  })
  const marker = Buffer.concat([Buffer.from('abcdef', 'hex'), Buffer.from('MaxMind.com')])
  const bytes = [tree.write(recordSize), new Uint8Array(16), data.bytes(), marker, metadata.bytes()]
  return Buffer.concat(bytes)
}

/** What one side of a node leads to: null = nothing known. */
type Side = { readonly node: number } | { readonly data: number } | null

class Tree {
  readonly nodes: [Side, Side][] = [[null, null]]

  /** Lets the first `bits` bits of `path` lead to the record at `data`. */
  put(path: readonly number[], bits: number, data: number): void {
    let node = 0
    for (let depth = 0; depth < bits - 1; depth++) {
      const side = this.nodes[node]![path[depth]!]!
      node = side !== null && 'node' in side ? side.node : this.#grow(node, path[depth]!, side)
    }
    this.nodes[node]![path[bits - 1]!] = { data }
  }

  write(recordSize: 24 | 28 | 32): Buffer {
    const count = this.nodes.length
    const valueOf = (side: Side): number => {
      if (side === null) return count
      return 'node' in side ? side.node : count + 16 + side.data
    }
    const bytes = Buffer.alloc((count * recordSize) / 4)
    for (const [index, [left, right]] of this.nodes.entries()) {
      writeNode(bytes, recordSize, { index, left: valueOf(left), right: valueOf(right) })
    }
    return bytes
  }

  /** A node in place of a leaf; both its sides say what the leaf said. */
  #grow(node: number, bit: number, leaf: Side): number {
    const made = this.nodes.push([leaf, leaf]) - 1
    this.nodes[node]![bit] = { node: made }
    return made
  }
}

interface WrittenNode {
  readonly index: number
  readonly left: number
  readonly right: number
}

function writeNode(bytes: Buffer, recordSize: 24 | 28 | 32, node: WrittenNode): void {
  const { index, left, right } = node
  const at = (index * recordSize) / 4
  if (recordSize === 32) {
    bytes.writeUInt32BE(left, at)
    bytes.writeUInt32BE(right, at + 4)
    return
  }
  bytes.writeUIntBE(left & 0xffffff, at, 3)
  if (recordSize === 28) bytes.writeUInt8(((left >>> 24) << 4) | (right >>> 24), at + 3)
  bytes.writeUIntBE(right & 0xffffff, at + (recordSize === 28 ? 4 : 3), 3)
}

/** Types by number; above 7 they take a second byte. */
const Type = {
  pointer: 1,
  text: 2,
  double: 3,
  bytes: 4,
  uint32: 6,
  map: 7,
  int32: 8,
  uint64: 9,
  array: 11,
  boolean: 14,
} as const

class DataSection {
  #bytes: number[] = []
  /** Where a text or map was written before: the second time a pointer stands for it. */
  readonly #written = new Map<string, number>()

  /** Writes a record and returns its offset in the section. */
  add(record: MmdbValue): number {
    const known = this.#written.get(keyOf(record))
    if (known !== undefined) return known
    const at = this.#bytes.length
    this.#value(record)
    return at
  }

  bytes(): Uint8Array {
    return Uint8Array.from(this.#bytes)
  }

  #value(value: MmdbValue): void {
    const isShared = typeof value === 'string' ? value.length > 2 : isMap(value)
    if (isShared) {
      const key = keyOf(value)
      const known = this.#written.get(key)
      if (known !== undefined) {
        this.#pointer(known)
        return
      }
      this.#written.set(key, this.#bytes.length)
    }
    this.#plain(value)
  }

  #plain(value: MmdbValue): void {
    if (typeof value === 'string') this.#sized(Type.text, Buffer.from(value))
    else if (typeof value === 'number') this.#number(value)
    else if (typeof value === 'bigint') this.#sized(Type.uint64, bigEndian(value))
    else if (typeof value === 'boolean') this.#control(Type.boolean, value ? 1 : 0)
    else if (value instanceof Double) this.#double(value.value)
    else if (value instanceof Uint8Array) this.#sized(Type.bytes, value)
    else if (Array.isArray(value)) {
      this.#control(Type.array, value.length)
      for (const item of value as readonly MmdbValue[]) this.#value(item)
    } else {
      const entries = Object.entries(value)
      this.#control(Type.map, entries.length)
      for (const [key, item] of entries) {
        this.#value(key)
        this.#value(item)
      }
    }
  }

  #number(value: number): void {
    if (!Number.isInteger(value)) {
      this.#double(value)
    } else if (value < 0) {
      const bytes = Buffer.alloc(4)
      bytes.writeInt32BE(value)
      this.#sized(Type.int32, bytes)
    } else {
      this.#sized(Type.uint32, bigEndian(BigInt(value)))
    }
  }

  #double(value: number): void {
    const bytes = Buffer.alloc(8)
    bytes.writeDoubleBE(value)
    this.#sized(Type.double, bytes)
  }

  #sized(type: number, bytes: Uint8Array): void {
    this.#control(type, bytes.length)
    for (const byte of bytes) this.#bytes.push(byte)
  }

  /** Type and size; sizes from 29 on continue in one to three more bytes. */
  #control(type: number, size: number): void {
    const [short, extra, base] =
      size < 29
        ? [size, 0, 0]
        : size < 285
          ? [29, 1, 29]
          : size < 65_821
            ? [30, 2, 285]
            : [31, 3, 65_821]
    this.#bytes.push(((type > 7 ? 0 : type) << 5) | short)
    if (type > 7) this.#bytes.push(type - 7)
    for (let i = extra - 1; i >= 0; i--) this.#bytes.push(((size - base) >>> (8 * i)) & 255)
  }

  #pointer(to: number): void {
    const [size, base] = to < 2_048 ? [0, 0] : to < 526_336 ? [1, 2_048] : [2, 526_336]
    const rest = to - base
    this.#bytes.push((Type.pointer << 5) | (size << 3) | (rest >>> (8 * (size + 1))))
    for (let i = size; i >= 0; i--) this.#bytes.push((rest >>> (8 * i)) & 255)
  }
}

function isMap(value: MmdbValue): boolean {
  return (
    typeof value === 'object' &&
    !Array.isArray(value) &&
    !(value instanceof Double) &&
    !(value instanceof Uint8Array)
  )
}

function keyOf(value: MmdbValue): string {
  return JSON.stringify(value, (_key, part: unknown) =>
    part instanceof Double ? { double: part.value } : typeof part === 'bigint' ? `${part}n` : part,
  )
}

/** An unsigned number in as few bytes as it needs; 0 in none. */
function bigEndian(value: bigint): Uint8Array {
  const bytes: number[] = []
  for (let rest = value; rest > 0n; rest >>= 8n) bytes.unshift(Number(rest & 255n))
  return Uint8Array.from(bytes)
}

/** A network as bits of the tree, and how many of them count. */
function pathOf(cidr: string, ipVersion: 4 | 6): { path: number[]; bits: number } {
  const [text = '', length = ''] = cidr.split('/')
  const address = new IpAddress()
  if (!address.parse(text)) throw new Error(`no network: ${cidr}`)
  if (ipVersion === 4 && address.version === 6) throw new Error(`${cidr} in an IPv4 tree`)
  const words = address.version === 4 ? address.words.subarray(0, 1) : address.words
  const path = [...words].flatMap((word) =>
    Array.from({ length: 32 }, (_, i) => (word >>> (31 - i)) & 1),
  )
  const padding = ipVersion === 6 && address.version === 4 ? 96 : 0
  return { path: [...new Array<number>(padding).fill(0), ...path], bits: padding + Number(length) }
}
