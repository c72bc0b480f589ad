/** A world's truth.bin (docs/world.md): true rates by line of its log. Never for fitting. */
import { statSync } from 'node:fs'
import { TrainingError } from './training-error.ts'
import { WindowReader } from './window-reader.ts'

/** `ctr` and `cvr` as doubles, then flags and delay. */
const rowBytes = 24

/** An open truth; rows are asked for mostly in their order. */
export class TruthFile {
  readonly #reader: WindowReader

  /** Throws `TrainingError` when it has not a row for each of `lines`: it is of another log. */
  constructor(path: string, lines: number) {
    const { size } = statSync(path)
    if (size !== lines * rowBytes) {
      const sentence = `${path} has ${size / rowBytes} rows, the log ${lines} lines`
      throw new TrainingError('SLUICE_TRAINING_LOG', sentence)
    }
    this.#reader = new WindowReader(path)
  }

  /** Writes true CTR and CVR of a line into two places from `from` on. */
  read(line: number, into: Float64Array, from: number): void {
    const bytes = this.#reader.read(line * rowBytes, rowBytes)
    into[from] = bytes?.readDoubleLE(0) ?? Number.NaN
    into[from + 1] = bytes?.readDoubleLE(8) ?? Number.NaN
  }

  close(): void {
    this.#reader.close()
  }
}
