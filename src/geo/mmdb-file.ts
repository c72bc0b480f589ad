/** One MaxMind DB file in memory, read and checked before anything is asked of it. */
import { readFile, stat } from 'node:fs/promises'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { type CityResponse, Reader } from 'mmdb-lib'
import { countryAlpha3 } from '../domain/countries.ts'
import { type GeoAnswer, newGeoAnswer } from '../domain/geo-port.ts'
import { IpAddress } from '../lib/ip-address.ts'
import { mix64 } from '../lib/mix.ts'
import { SearchTree } from './search-tree.ts'
import { SlotCache } from './slot-cache.ts'

/** The file cannot be used; the sentence names it and says why. The operator must act. */
export class GeoFileError extends Error {
  readonly code = 'SLUICE_GEO_FILE'

  constructor(path: string, reason: string) {
    super(`${path}: ${reason}`)
    this.name = 'GeoFileError'
  }
}

/**
 * Largest file that is loaded. City files with every network are 60 to 130 MB; each deciding
 * process holds one copy, and two while it changes over.
 */
const fileBytesMax = 1024 ** 3

/** Metadata stand in the last 128 KiB (format description 2.0, "Database Metadata"). */
const metadataBytesMax = 128 * 1024
const metadataMarker = Buffer.concat([Buffer.from('abcdef', 'hex'), Buffer.from('MaxMind.com')])

/** Zero bytes between search tree and data section. */
const separatorBytes = 16

/** Nodes checked in one turn of the loop: 0.1 ms, 1 ms before the code is compiled. */
const nodesPerTurn = 4_096

/** Ways down the tree that are followed to a record, and how many in one turn: 0.1 ms. */
const descentsMax = 512
const descentsPerTurn = 4

/**
 * Records kept decoded, 2 to this power: one country's traffic comes from some thousand of them.
 * About 250 bytes each, 16 MB at most. Measured in docs/decisions/0008-geo-mmdb.md.
 */
const placeSlotBits = 16

/** The stamp of the file as it is on disk now; rejects when there is none. */
export async function stampOf(path: string): Promise<string> {
  const { mtimeMs, size, ino } = await stat(path)
  return `${ino}:${size}:${mtimeMs}`
}

/**
 * Reads and checks a city or country database. The search tree is checked whole, records by a
 * sample of 512, and decisions go on meanwhile. Rejects with `GeoFileError`.
 */
export async function readMmdb(path: string): Promise<MmdbFile> {
  const stamp = await attempt(path, () => stampOf(path))
  const { size } = await attempt(path, () => stat(path))
  if (size > fileBytesMax) throw new GeoFileError(path, `larger than ${fileBytesMax} bytes`)
  const bytes = await attempt(path, () => readFile(path))
  const reader = openReader(path, bytes)
  const tree = await checkedTree(path, bytes, reader)
  const file = new MmdbFile(stamp, tree, reader)
  await checkRecords(path, file)
  if (stamp !== (await attempt(path, () => stampOf(path)))) {
    throw new GeoFileError(path, 'it changed while it was read')
  }
  return file
}

/** A checked database. */
export class MmdbFile {
  /** Changes whenever the file on disk does. */
  readonly stamp: string
  readonly tree: SearchTree
  readonly #reader: Reader<CityResponse>
  readonly #places = new SlotCache<Readonly<GeoAnswer>>(placeSlotBits)

  constructor(stamp: string, tree: SearchTree, reader: Reader<CityResponse>) {
    this.stamp = stamp
    this.tree = tree
    this.#reader = reader
  }

  /** As the file says: `GeoLite2-City`, `DBIP-City-Lite`. */
  get databaseType(): string {
    return this.#reader.metadata.databaseType
  }

  /** Epoch milliseconds. */
  get builtAtMs(): number {
    return this.#reader.metadata.buildEpoch.getTime()
  }

  /** Where an address is, or null; throws for a record that does not decode. */
  placeOf(address: IpAddress): Readonly<GeoAnswer> | null {
    const record = this.tree.find(address)
    if (record === 0) return null
    const known = this.#places.get(record)
    if (known !== undefined) return known
    const place = placeFrom(this.#reader.get(address.toString()))
    this.#places.set(record, place)
    return place
  }
}

async function attempt<T>(path: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act()
  } catch (error) {
    throw new GeoFileError(path, error instanceof Error ? error.message : String(error))
  }
}

function openReader(path: string, bytes: Buffer): Reader<CityResponse> {
  const tail = bytes.subarray(-metadataBytesMax - metadataMarker.length)
  if (!tail.includes(metadataMarker)) {
    throw new GeoFileError(path, 'no MaxMind DB: metadata are missing (cut short?)')
  }
  try {
    return new Reader<CityResponse>(bytes)
  } catch (error) {
    throw new GeoFileError(path, `its metadata or root do not decode: ${String(error)}`)
  }
}

/** The tree, when every node of it points into the file. */
async function checkedTree(
  path: string,
  bytes: Buffer,
  reader: Reader<CityResponse>,
): Promise<SearchTree> {
  const { binaryFormatMajorVersion, ipVersion, nodeCount, recordSize, searchTreeSize } =
    reader.metadata
  const dataBytes = bytes.lastIndexOf(metadataMarker) - searchTreeSize - separatorBytes
  if (binaryFormatMajorVersion !== 2 || (ipVersion !== 4 && ipVersion !== 6)) {
    const found = `${binaryFormatMajorVersion}, IP version ${ipVersion}`
    throw new GeoFileError(path, `format version ${found}; 2, with 4 or 6, is wanted`)
  }
  if (recordSize !== 24 && recordSize !== 28 && recordSize !== 32) {
    throw new GeoFileError(path, `records of ${recordSize} bits; 24, 28 or 32 are wanted`)
  }
  if (!Number.isSafeInteger(nodeCount) || nodeCount < 1 || dataBytes < 1) {
    throw new GeoFileError(path, `${nodeCount} nodes do not fit its ${bytes.length} bytes`)
  }
  const addressBits = ipVersion === 4 ? 32 : 128
  const tree = new SearchTree(bytes, { nodeCount, recordSize, addressBits })
  await checkNodes(path, tree, nodeCount + separatorBytes + dataBytes - 1)
  return tree
}

/** `valueMax` is the largest side that points into the data section. */
async function checkNodes(path: string, tree: SearchTree, valueMax: number): Promise<void> {
  const { nodeCount } = tree.shape
  const isWrong = (side: number): boolean =>
    side > nodeCount && (side < nodeCount + separatorBytes || side > valueMax)
  for (let node = 0; node < nodeCount; node++) {
    if (node % nodesPerTurn === 0) await nextTurn()
    if (isWrong(tree.side(node, 0)) || isWrong(tree.side(node, 1))) {
      throw new GeoFileError(path, `node ${node} of ${nodeCount} points out of its data`)
    }
  }
}

/** Follows ways down the tree; what they end in must decode, and some of it must say a country. */
async function checkRecords(path: string, file: MmdbFile): Promise<void> {
  let countries = 0
  for (let descent = 0; descent < descentsMax; descent++) {
    if (descent % descentsPerTurn === 0) await nextTurn()
    const address = new IpAddress()
    if (!descend(path, file.tree, { seed: descent, address })) continue
    try {
      if (file.placeOf(address)?.country !== '') countries++
    } catch (error) {
      throw new GeoFileError(
        path,
        `the record of ${address.toString()} does not decode: ${String(error)}`,
      )
    }
  }
  if (countries > 0) return
  throw new GeoFileError(path, `no city or country database: it is of type ${file.databaseType}`)
}

/** Fills an address that has a record, chosen by `seed`; false when that way ends in nothing. */
function descend(
  path: string,
  tree: SearchTree,
  { seed, address }: { readonly seed: number; readonly address: IpAddress },
): boolean {
  const { nodeCount, addressBits } = tree.shape
  address.version = addressBits === 32 ? 4 : 6
  let node = 0
  for (let depth = 0; depth < addressBits; depth++) {
    const wanted = mix64(seed, depth, 0) & 1
    const bit = tree.side(node, wanted) === nodeCount ? 1 - wanted : wanted
    const word = depth >>> 5
    address.words[word] = (address.words[word] ?? 0) | (bit << (31 - (depth & 31)))
    node = tree.side(node, bit)
    if (node >= nodeCount) return node > nodeCount
  }
  throw new GeoFileError(path, `its tree is deeper than an address of ${addressBits} bits`)
}

/** Files leave out what they do not know, and no type of theirs is to be trusted. */
function placeFrom(record: CityResponse | null): Readonly<GeoAnswer> {
  const place = newGeoAnswer()
  if (record === null) return place
  place.country = countryAlpha3(text(record.country?.iso_code))
  place.region = text(record.subdivisions?.[0]?.iso_code).toUpperCase()
  place.city = text(record.city?.names?.en)
  const { location } = record
  if (location === undefined) return place
  const metro = number(location.metro_code)
  place.metro = metro > 0 ? String(metro) : ''
  place.latitude = number(location.latitude)
  place.longitude = number(location.longitude)
  place.timeZone = text(location.time_zone)
  return place
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

function number(value: unknown): number {
  return typeof value === 'number' ? value : Number.NaN
}
