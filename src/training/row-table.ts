/** What a maker of datasets keeps of every logged bid: numbers only, some 75 bytes a row. */
import { mix64, seedOf } from '../lib/mix.ts'
import { TrainingError } from './training-error.ts'

/** A logged bid as it is taken in. */
export interface NewRow {
  /** 16 hex digits as a rule; with the bid's number its name in events. */
  readonly decisionId: string
  readonly bidNumber: number
  /** Epoch milliseconds of the decision. */
  readonly atMs: number
  /** Line of the log, from 0. */
  readonly line: number
  /** Number of its creative among those of the log, and of its exchange. */
  readonly ad: number
  readonly exchange: number
  readonly weight: number
  /** Where the spool has its facts. */
  readonly factsAt: number
}

/** 2.6 GB of memory: beyond it the log must be cut or thinned out. */
export const datasetRowsMax = 2 ** 25

/** Bits of `seen`. */
export const SeenBit = { Shown: 1, Click: 2 } as const

/** Rows before the first growth. */
const rowsAtFirst = 65_536

/**
 * Rows in the order of the log, found by decision and bid number. Events may come in any order:
 * they are looked up, not merged.
 */
export class RowTable {
  readonly #rowsMax: number
  #count = 0
  at = new Float64Array(rowsAtFirst)
  factsAt = new Float64Array(rowsAtFirst)
  line = new Float64Array(rowsAtFirst)
  ad = new Int32Array(rowsAtFirst)
  exchange = new Uint16Array(rowsAtFirst)
  weight = new Float32Array(rowsAtFirst)
  /** `SeenBit`s. */
  seen = new Uint8Array(rowsAtFirst)
  /** Epoch milliseconds of the first click and conversion; NaN = none. */
  clickAt = new Float64Array(rowsAtFirst).fill(Number.NaN)
  conversionAt = new Float64Array(rowsAtFirst).fill(Number.NaN)
  #high = new Uint32Array(rowsAtFirst)
  #low = new Uint32Array(rowsAtFirst)
  #bid = new Uint32Array(rowsAtFirst)
  /** Row + 1 by hash, 0 = free; never more than half full. */
  #places = new Int32Array(2 * rowsAtFirst)

  constructor(rowsMax: number = datasetRowsMax) {
    this.#rowsMax = rowsMax
  }

  get count(): number {
    return this.#count
  }

  /** Takes a row in; false when the log had it before. Throws `TrainingError` when it is full. */
  add(row: NewRow): boolean {
    if (this.#count === this.#rowsMax) {
      const sentence = `the log has more than ${this.#rowsMax} bids: give a part of it`
      throw new TrainingError('SLUICE_TRAINING_LOG', sentence)
    }
    if (this.#count === this.at.length) this.#grow()
    const place = this.#placeOf(row.decisionId, row.bidNumber)
    if (this.#places[place] !== 0) return false
    const at = this.#count++
    this.#places[place] = at + 1
    this.#high[at] = this.#keyHigh
    this.#low[at] = this.#keyLow
    this.#bid[at] = row.bidNumber
    this.at[at] = row.atMs
    this.factsAt[at] = row.factsAt
    this.line[at] = row.line
    this.ad[at] = row.ad
    this.exchange[at] = row.exchange
    this.weight[at] = row.weight
    return true
  }

  /** The row of a bid, or -1. */
  find(decisionId: string, bidNumber: number): number {
    return (this.#places[this.#placeOf(decisionId, bidNumber)] ?? 0) - 1
  }

  /** Words of the key asked for last. */
  #keyHigh = 0
  #keyLow = 0

  /** The place that has this key, or the free one where it would be. */
  #placeOf(decisionId: string, bidNumber: number): number {
    this.#setKey(decisionId)
    const mask = this.#places.length - 1
    let place = mix64(this.#keyHigh, this.#keyLow, bidNumber) & mask
    for (;;) {
      const row = (this.#places[place] ?? 0) - 1
      if (row === -1 || this.#isAt(row, bidNumber)) return place
      place = (place + 1) & mask
    }
  }

  #isAt(row: number, bidNumber: number): boolean {
    return (
      this.#high[row] === this.#keyHigh &&
      this.#low[row] === this.#keyLow &&
      this.#bid[row] === bidNumber
    )
  }

  /** An id of ours is its own key; of any other a hash: 10^7 of them meet with 3 in 10^6. */
  #setKey(decisionId: string): void {
    if (ownId.test(decisionId)) {
      this.#keyHigh = Number.parseInt(decisionId.slice(0, 8), 16)
      this.#keyLow = Number.parseInt(decisionId.slice(8), 16)
    } else {
      this.#keyHigh = seedOf(decisionId)
      this.#keyLow = seedOf(`${decisionId}/`)
    }
  }

  #grow(): void {
    const rows = this.at.length * 2
    this.at = grown(this.at, new Float64Array(rows))
    this.factsAt = grown(this.factsAt, new Float64Array(rows))
    this.line = grown(this.line, new Float64Array(rows))
    this.ad = grown(this.ad, new Int32Array(rows))
    this.exchange = grown(this.exchange, new Uint16Array(rows))
    this.weight = grown(this.weight, new Float32Array(rows))
    this.seen = grown(this.seen, new Uint8Array(rows))
    this.clickAt = grown(this.clickAt, new Float64Array(rows).fill(Number.NaN))
    this.conversionAt = grown(this.conversionAt, new Float64Array(rows).fill(Number.NaN))
    this.#high = grown(this.#high, new Uint32Array(rows))
    this.#low = grown(this.#low, new Uint32Array(rows))
    this.#bid = grown(this.#bid, new Uint32Array(rows))
    this.#places = new Int32Array(2 * rows)
    for (let row = 0; row < this.#count; row++) this.#place(row)
  }

  #place(row: number): void {
    const mask = this.#places.length - 1
    let place = mix64(this.#high[row] ?? 0, this.#low[row] ?? 0, this.#bid[row] ?? 0) & mask
    while (this.#places[place] !== 0) place = (place + 1) & mask
    this.#places[place] = row + 1
  }
}

const ownId = /^[0-9a-f]{16}$/

function grown<
  T extends Float64Array | Float32Array | Int32Array | Uint32Array | Uint16Array | Uint8Array,
>(from: T, into: T): T {
  into.set(from)
  return into
}
