/** The graph of a rank model: asks, ads and pairs in, probabilities out, in memory of its own. */
import type { FeatureLayout } from './feature-spec.ts'
import { type OnnxSession, type Tensors, tensorOf } from './onnx-session.ts'
import { askBuckets, rowBuckets, runAsksMax, runRowsMax } from './row-buckets.ts'

/** Rows to be scored by a `rank` model. */
export interface RankRows {
  /** `[asks, askWidth]`. */
  readonly asks: number
  readonly askIndex: Int32Array
  readonly askValue: Float32Array
  /** `[rows, adWidth]`. */
  readonly rows: number
  readonly adIndex: Int32Array
  readonly adValue: Float32Array
  /** `[rows]`: the ask of each. */
  readonly askOf: Int32Array
  /** `[rows, pairWidth]`. */
  readonly pairIndex: Int32Array
  readonly pairValue: Float32Array
}

/** Probabilities before calibration, one a row. */
export interface RawScores {
  readonly ctr: Float32Array
  /** Null: the model has no such target. */
  readonly cvr: Float32Array | null
}

/**
 * Fill the inputs, `run`, read `ctr` and `cvr`: all of them are overwritten by the next run.
 * Nothing is copied on the way to onnxruntime and back.
 */
export class RankGraph {
  /** `[runAsksMax, askWidth]`. */
  readonly askIndex: Int32Array
  readonly askValue: Float32Array
  /** `[runRowsMax, adWidth]`. */
  readonly adIndex: Int32Array
  readonly adValue: Float32Array
  /** `[runRowsMax]`. */
  readonly askOf = new Int32Array(runRowsMax)
  /** `[runRowsMax, pairWidth]`. */
  readonly pairIndex: Int32Array
  readonly pairValue: Float32Array
  /** `[runRowsMax]`, before calibration. */
  readonly ctr = new Float32Array(runRowsMax)
  /** Null: the model has no such target. */
  readonly cvr: Float32Array | null
  readonly #session: OnnxSession
  readonly #layout: FeatureLayout
  /** By ask bucket, then row bucket: each pair is one shape of the graph. */
  readonly #inputs: readonly (readonly Tensors[])[]
  readonly #outputs: readonly Tensors[]

  constructor(session: OnnxSession, layout: FeatureLayout, hasCvr: boolean) {
    const { askWidth, adWidth, pairWidth } = layout
    this.#session = session
    this.#layout = layout
    this.askIndex = new Int32Array(runAsksMax * askWidth)
    this.askValue = new Float32Array(runAsksMax * askWidth)
    this.adIndex = new Int32Array(runRowsMax * adWidth)
    this.adValue = new Float32Array(runRowsMax * adWidth)
    this.pairIndex = new Int32Array(runRowsMax * pairWidth)
    this.pairValue = new Float32Array(runRowsMax * pairWidth)
    this.cvr = hasCvr ? new Float32Array(runRowsMax) : null
    this.#inputs = this.#allInputs()
    this.#outputs = rowBuckets.steps.map((rows) => this.#outputsOf(rows))
  }

  /**
   * Runs the first `rows` rows (1 to `runRowsMax`) of the first `asks` asks (1 to `runAsksMax`).
   * Throws what onnxruntime throws.
   */
  run(asks: number, rows: number): void {
    const askStep = askBuckets.stepOf(asks)
    const rowStep = rowBuckets.stepOf(rows)
    this.#clearPadding(asks, askBuckets.steps[askStep]!, rows, rowBuckets.steps[rowStep]!)
    this.#session.run(this.#inputs[askStep]![rowStep]!, this.#outputs[rowStep]!)
  }

  /** Any number of rows, into arrays of their own. */
  runAll(from: RankRows): RawScores {
    const ctr = new Float32Array(from.rows)
    const cvr = this.cvr === null ? null : new Float32Array(from.rows)
    let row = 0
    while (row < from.rows) {
      const count = this.#fill(from, row)
      ctr.set(this.ctr.subarray(0, count), row)
      if (cvr !== null && this.cvr !== null) cvr.set(this.cvr.subarray(0, count), row)
      row += count
    }
    return { ctr, cvr }
  }

  /** Runs every shape once, over rows of nothing. */
  warmUp(): void {
    for (const asks of askBuckets.steps) {
      for (const rows of rowBuckets.steps) this.run(asks, rows)
    }
  }

  /** Fills in and runs as many rows from `start` on as one run takes; answers how many. */
  #fill(from: RankRows, start: number): number {
    const { askWidth, adWidth, pairWidth } = this.#layout
    const places = new Map<number, number>()
    let rows = 0
    while (rows < runRowsMax && start + rows < from.rows) {
      const ask = from.askOf[start + rows]!
      let place = places.get(ask)
      if (place === undefined) {
        if (places.size === runAsksMax) break
        place = places.size
        places.set(ask, place)
        const rowOf = { fromRow: ask, row: place }
        copyRow({ from: from.askIndex, into: this.askIndex, ...rowOf }, askWidth)
        copyRow({ from: from.askValue, into: this.askValue, ...rowOf }, askWidth)
      }
      this.askOf[rows++] = place
    }
    const end = start + rows
    this.adIndex.set(from.adIndex.subarray(start * adWidth, end * adWidth))
    this.adValue.set(from.adValue.subarray(start * adWidth, end * adWidth))
    this.pairIndex.set(from.pairIndex.subarray(start * pairWidth, end * pairWidth))
    this.pairValue.set(from.pairValue.subarray(start * pairWidth, end * pairWidth))
    this.run(places.size, rows)
    return rows
  }

  #clearPadding(asks: number, asksEnd: number, rows: number, rowsEnd: number): void {
    const { askWidth, adWidth, pairWidth } = this.#layout
    // What an earlier run left behind would be harmless but for a slot that made the graph throw.
    this.askIndex.fill(0, asks * askWidth, asksEnd * askWidth)
    this.askValue.fill(0, asks * askWidth, asksEnd * askWidth)
    this.adIndex.fill(0, rows * adWidth, rowsEnd * adWidth)
    this.adValue.fill(0, rows * adWidth, rowsEnd * adWidth)
    this.pairIndex.fill(0, rows * pairWidth, rowsEnd * pairWidth)
    this.pairValue.fill(0, rows * pairWidth, rowsEnd * pairWidth)
    this.askOf.fill(0, rows, rowsEnd)
  }

  #allInputs(): Tensors[][] {
    const { askWidth, adWidth, pairWidth } = this.#layout
    const asks = askBuckets.steps.map((count) => ({
      ask_index: tensorOf(this.askIndex.subarray(0, count * askWidth), [count, askWidth]),
      ask_value: tensorOf(this.askValue.subarray(0, count * askWidth), [count, askWidth]),
    }))
    const rows = rowBuckets.steps.map((count) => ({
      ad_index: tensorOf(this.adIndex.subarray(0, count * adWidth), [count, adWidth]),
      ad_value: tensorOf(this.adValue.subarray(0, count * adWidth), [count, adWidth]),
      ask_of: tensorOf(this.askOf.subarray(0, count), [count]),
      ...(pairWidth > 0 && {
        pair_index: tensorOf(this.pairIndex.subarray(0, count * pairWidth), [count, pairWidth]),
        pair_value: tensorOf(this.pairValue.subarray(0, count * pairWidth), [count, pairWidth]),
      }),
    }))
    return asks.map((ask) => rows.map((row) => ({ ...ask, ...row })))
  }

  #outputsOf(rows: number): Tensors {
    const ctr = tensorOf(this.ctr.subarray(0, rows), [rows])
    return this.cvr === null ? { ctr } : { ctr, cvr: tensorOf(this.cvr.subarray(0, rows), [rows]) }
  }
}

/** Rows of one width in two arrays. */
interface RowCopy<Row> {
  readonly from: Row
  readonly fromRow: number
  readonly into: Row
  readonly row: number
}

function copyRow<Row extends Int32Array | Float32Array>(copy: RowCopy<Row>, width: number): void {
  const { from, fromRow, into, row } = copy
  into.set(from.subarray(fromRow * width, (fromRow + 1) * width), row * width)
}
