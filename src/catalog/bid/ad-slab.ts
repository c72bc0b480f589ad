/** The rows that one model has of all creatives, kept between two snapshots. */
import type { AdEncoder, AdRows, AdSide } from '../../domain/ad-side.ts'
import type { CreativeRow } from './bid-rows.ts'

/** Rows of a new slab; it doubles when it is full. */
const rowsMin = 1_024

/** Row `adRow` belongs to a creative; it is of its facts when it carries the stamp of them. */
export class AdSlab {
  readonly encoder: AdEncoder
  readonly #index: Table<Int32Array>
  readonly #value: Table<Float32Array>
  readonly #moments: Table<Float64Array>
  readonly #vectors: Table<Float32Array>
  #stamps = new Float64Array(0)

  constructor(encoder: AdEncoder) {
    this.encoder = encoder
    const { width, momentWidth, vectorWidth } = encoder
    this.#index = new Table(width, (length) => new Int32Array(length))
    this.#value = new Table(width, (length) => new Float32Array(length))
    this.#moments = new Table(momentWidth, (length) => new Float64Array(length))
    this.#vectors = new Table(vectorWidth, (length) => new Float32Array(length))
  }

  /** True when the creative's row is of older facts, or of another creative, or not there. */
  lacks(row: CreativeRow): boolean {
    return this.#stamps[row.adRow] !== row.adStamp
  }

  /** Takes the rows of these creatives, in their order. Throws when there is not one of each. */
  put(creatives: readonly CreativeRow[], rows: AdRows): void {
    let highest = -1
    for (const { adRow } of creatives) highest = Math.max(highest, adRow)
    if (highest >= this.#stamps.length) this.#grow(highest + 1)
    this.#index.put(creatives, rows.index)
    this.#value.put(creatives, rows.value)
    this.#moments.put(creatives, rows.moments)
    this.#vectors.put(creatives, rows.vectors)
    for (const { adRow, adStamp } of creatives) this.#stamps[adRow] = adStamp
  }

  /** The rows of these creatives in their order, in buffers of their own. */
  side(creatives: readonly CreativeRow[]): AdSide {
    const { key, width, momentWidth, vectorWidth } = this.encoder
    return {
      model: key,
      width,
      index: this.#index.inOrder(creatives),
      value: this.#value.inOrder(creatives),
      momentWidth,
      moments: this.#moments.inOrder(creatives),
      vectorWidth,
      vectors: this.#vectors.inOrder(creatives),
    }
  }

  #grow(rows: number): void {
    const room = Math.max(rowsMin, rows, 2 * this.#stamps.length)
    for (const table of [this.#index, this.#value, this.#moments, this.#vectors]) table.grow(room)
    const stamps = new Float64Array(room)
    stamps.set(this.#stamps)
    this.#stamps = stamps
  }
}

/** Rows of one width. */
class Table<T extends Int32Array | Float32Array | Float64Array> {
  readonly #width: number
  readonly #make: (length: number) => T
  #data: T

  constructor(width: number, make: (length: number) => T) {
    this.#width = width
    this.#make = make
    this.#data = make(0)
  }

  grow(rows: number): void {
    const larger = this.#make(rows * this.#width)
    larger.set(this.#data)
    this.#data = larger
  }

  put(creatives: readonly CreativeRow[], source: T): void {
    const width = this.#width
    if (source.length !== creatives.length * width) {
      throw new RangeError(`${source.length} numbers for ${creatives.length} rows of ${width}`)
    }
    const data = this.#data
    let at = 0
    for (const { adRow } of creatives) {
      const to = adRow * width
      for (let i = 0; i < width; i++) data[to + i] = source[at++] ?? 0
    }
  }

  /** Rows that stand one after another are copied in one go: that is nearly all of them. */
  inOrder(creatives: readonly CreativeRow[]): T {
    const width = this.#width
    const ordered = this.#make(creatives.length * width)
    if (width === 0) return ordered
    let slot = 0
    while (slot < creatives.length) {
      const row = rowAt(creatives, slot)
      let end = slot + 1
      while (end < creatives.length && rowAt(creatives, end) === row + end - slot) end++
      ordered.set(this.#data.subarray(row * width, (row + end - slot) * width), slot * width)
      slot = end
    }
    return ordered
  }
}

function rowAt(creatives: readonly CreativeRow[], slot: number): number {
  return creatives[slot]?.adRow ?? 0
}
