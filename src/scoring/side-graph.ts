/** One side of a split model: rows of slots in, vectors out, in memory of its own. */
import { type OnnxSession, type Tensors, tensorOf } from './onnx-session.ts'
import { rowBuckets, runRowsMax } from './row-buckets.ts'

/** Which side, and its widths. */
export interface SideShape {
  readonly side: 'ask' | 'ad'
  readonly width: number
  readonly vectorWidth: number
}

interface Feed {
  readonly rows: number
  readonly inputs: Tensors
  readonly outputs: Tensors
}

/** Fill `index` and `value`, `run`, read `vectors`: all of them are overwritten by the next run. */
export class SideGraph {
  /** `[runRowsMax, width]`. */
  readonly index: Int32Array
  readonly value: Float32Array
  /** `[runRowsMax, vectorWidth]`. */
  readonly vectors: Float32Array
  readonly #session: OnnxSession
  readonly #shape: SideShape
  readonly #feeds: readonly Feed[]

  constructor(session: OnnxSession, shape: SideShape) {
    const { width, vectorWidth } = shape
    this.#session = session
    this.#shape = shape
    this.index = new Int32Array(runRowsMax * width)
    this.value = new Float32Array(runRowsMax * width)
    this.vectors = new Float32Array(runRowsMax * vectorWidth)
    this.#feeds = rowBuckets.steps.map((rows) => this.#feedOf(rows))
  }

  /** Runs the first `rows` rows (1 to `runRowsMax`). Throws what onnxruntime throws. */
  run(rows: number): void {
    const feed = this.#feeds[rowBuckets.stepOf(rows)]!
    const { width } = this.#shape
    // What an earlier run left behind would be harmless but for a slot that made the graph throw.
    this.index.fill(0, rows * width, feed.rows * width)
    this.value.fill(0, rows * width, feed.rows * width)
    this.#session.run(feed.inputs, feed.outputs)
  }

  /** Any number of rows: `[rows, vectorWidth]`, an array of its own. */
  runAll(index: Int32Array, value: Float32Array, rows: number): Float32Array {
    const { width, vectorWidth } = this.#shape
    const vectors = new Float32Array(rows * vectorWidth)
    for (let from = 0; from < rows; from += runRowsMax) {
      const count = Math.min(runRowsMax, rows - from)
      this.index.set(index.subarray(from * width, (from + count) * width))
      this.value.set(value.subarray(from * width, (from + count) * width))
      this.run(count)
      vectors.set(this.vectors.subarray(0, count * vectorWidth), from * vectorWidth)
    }
    return vectors
  }

  /** Runs every bucket once, over rows of nothing. */
  warmUp(): void {
    for (const rows of rowBuckets.steps) this.run(rows)
  }

  #feedOf(rows: number): Feed {
    const { side, width, vectorWidth } = this.#shape
    return {
      rows,
      inputs: {
        [`${side}_index`]: tensorOf(this.index.subarray(0, rows * width), [rows, width]),
        [`${side}_value`]: tensorOf(this.value.subarray(0, rows * width), [rows, width]),
      },
      outputs: {
        [`${side}_vector`]: tensorOf(this.vectors.subarray(0, rows * vectorWidth), [
          rows,
          vectorWidth,
        ]),
      },
    }
  }
}
