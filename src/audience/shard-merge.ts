/** Merges changes into the buckets of one shard: pure, in field order, one pass. */
import {
  BucketBuilder,
  bucketCount,
  fieldHighAt,
  fieldLowAt,
  valueBytesMax,
  valueLengthAt,
  valuesStart,
} from '../store/bucket-bytes.ts'
import type { BucketBytes, BucketWrite } from '../store/ports.ts'
import { bucketOf } from './address.ts'
import type { MembershipWriter } from './membership.ts'
import type { SpoolShard } from './spool.ts'

/**
 * What happens to a device. `revise` writes the new value and answers true, or false to keep the
 * old
 * one. `entry` is the index of the shard's (first) entry for this device, or -1; a device without
 * a value is new. An empty new value removes the device.
 */
export interface Revision {
  /** False when it never makes a device of an id that the store does not know. */
  readonly creates: boolean
  // Plain numbers, no object a device.
  // oxlint-disable-next-line max-params
  revise(
    value: Uint8Array,
    start: number,
    end: number,
    entry: number,
    to: MembershipWriter,
  ): boolean
  /** The merge starts again from the first device: counts made so far are void. */
  restart(): void
  /** The new value did not fit into `valueBytesMax`; the old one stays. */
  full(entry: number): void
}

/** Buckets of the shard that are loaded, in ascending order; `null` bytes = no such bucket. */
export interface LoadedBucket {
  readonly bucket: number
  readonly bytes: BucketBytes | null
}

/** What a merge made. */
export interface Merged {
  readonly writes: BucketWrite[]
  /** Devices in the loaded buckets afterwards, and in the fullest of them. */
  readonly devices: number
  readonly fullest: number
}

/**
 * Merges `entries` into `loaded`. With `buckets` equal to the number they were loaded under, only
 * changed buckets are written; otherwise (`regrow`) every device is written into the new ones.
 */
export function mergeShard(
  loaded: readonly LoadedBucket[],
  entries: SpoolShard | null,
  revision: Revision,
  shape: { readonly buckets: number; readonly regrow: boolean; readonly writer: MembershipWriter },
): Merged {
  const output = new Output(shape.buckets, shape.regrow ? null : loaded)
  const merge = new Merge(entries, revision, shape.writer, output)
  for (const { bucket, bytes } of loaded) {
    if (!shape.regrow) output.open(bucket)
    if (bytes !== null) merge.bucket(bytes)
    if (!shape.regrow) merge.newBelow(limitOf(bucket, shape.buckets))
  }
  merge.newBelow(Number.POSITIVE_INFINITY)
  return output.finish()
}

/** The first upper half of a field that lies beyond `bucket`. */
function limitOf(bucket: number, buckets: number): number {
  return Math.ceil(((bucket + 1) * 4_294_967_296) / buckets)
}

/** Walks old devices and entries in step. */
class Merge {
  readonly #entries: SpoolShard | null
  readonly #revision: Revision
  readonly #writer: MembershipWriter
  readonly #output: Output
  readonly #count: number
  #next = 0

  constructor(
    entries: SpoolShard | null,
    revision: Revision,
    writer: MembershipWriter,
    output: Output,
  ) {
    this.#entries = entries
    this.#revision = revision
    this.#writer = writer
    this.#output = output
    this.#count = entries?.count ?? 0
  }

  /** One old bucket: its devices, and the new ones that come before each. */
  bucket(bytes: BucketBytes): void {
    const count = bucketCount(bytes)
    let start = valuesStart(count)
    for (let i = 0; i < count; i++) {
      const high = fieldHighAt(bytes, i)
      const low = fieldLowAt(bytes, i)
      const end = start + valueLengthAt(bytes, count, i)
      this.#newBefore(high, low)
      const entry = this.#take(high, low)
      this.#device(high, low, { bytes, start, end }, entry)
      start = end
    }
  }

  /** New devices whose field's upper half is below `limit`. */
  newBelow(limit: number): void {
    const entries = this.#entries
    while (entries !== null && this.#next < this.#count && entries.fieldHigh(this.#next) < limit) {
      this.#newDevice(entries)
    }
  }

  #newBefore(high: number, low: number): void {
    const entries = this.#entries
    while (entries !== null && this.#next < this.#count) {
      const entryHigh = entries.fieldHigh(this.#next)
      if (entryHigh > high || (entryHigh === high && entries.fieldLow(this.#next) >= low)) return
      this.#newDevice(entries)
    }
  }

  #newDevice(entries: SpoolShard): void {
    const high = entries.fieldHigh(this.#next)
    const low = entries.fieldLow(this.#next)
    this.#device(high, low, nothing, this.#take(high, low))
  }

  /** The last entry of a field (the highest score wins), skipping its duplicates; -1 = no entry. */
  #take(high: number, low: number): number {
    const entries = this.#entries
    let taken = -1
    while (
      entries !== null &&
      this.#next < this.#count &&
      entries.fieldHigh(this.#next) === high &&
      entries.fieldLow(this.#next) === low
    ) {
      taken = this.#next++
    }
    return taken
  }

  #device(
    high: number,
    low: number,
    value: { readonly bytes: Uint8Array; readonly start: number; readonly end: number },
    entry: number,
  ): void {
    const writer = this.#writer.reset()
    const revised = this.#revision.revise(value.bytes, value.start, value.end, entry, writer)
    if (!revised) {
      if (value.start < value.end) this.#output.push(high, low, value)
    } else if (writer.length > valueBytesMax) {
      this.#revision.full(entry)
      if (value.start < value.end) this.#output.push(high, low, value)
    } else {
      this.#output.changed()
      if (writer.length === 0) return
      this.#output.push(high, low, { bytes: writer.bytes, start: 0, end: writer.length })
    }
  }
}

const nothing = { bytes: new Uint8Array(0), start: 0, end: 0 }

/** Fills buckets and notes which of them changed. */
class Output {
  readonly #buckets: number
  readonly #before: Map<number, BucketBytes | null> | null
  readonly #builder = new BucketBuilder()
  readonly #writes: BucketWrite[] = []
  #bucket = -1
  #changed = false
  #devices = 0
  #fullest = 0

  /** `loaded` null: a new generation, in which everything is written. */
  constructor(buckets: number, loaded: readonly LoadedBucket[] | null) {
    this.#buckets = buckets
    this.#before =
      loaded === null ? null : new Map(loaded.map(({ bucket, bytes }) => [bucket, bytes]))
  }

  /** Goes on to a bucket, in ascending order. */
  open(bucket: number): void {
    if (bucket === this.#bucket) return
    this.#close()
    this.#bucket = bucket
  }

  changed(): void {
    this.#changed = true
  }

  push(
    high: number,
    low: number,
    value: { readonly bytes: Uint8Array; readonly start: number; readonly end: number },
  ): void {
    // In a new generation the device itself says where it lies.
    if (this.#before === null) this.open(bucketOf(high, this.#buckets))
    this.#builder.push(high, low, value.bytes, value.start, value.end)
  }

  finish(): Merged {
    this.#close()
    return { writes: this.#writes, devices: this.#devices, fullest: this.#fullest }
  }

  #close(): void {
    const count = this.#builder.count
    this.#devices += count
    if (count > this.#fullest) this.#fullest = count
    if (this.#bucket >= 0 && (this.#before === null ? count > 0 : this.#changed)) {
      this.#writes.push({
        bucket: this.#bucket,
        bytes: this.#builder.finish(),
        before: this.#before?.get(this.#bucket) ?? null,
      })
    }
    this.#builder.reset()
    this.#changed = false
  }
}
