/** Reads an encoded training set in chunks: a set is larger than the memory, a chunk is not. */
import { closeSync, fstatSync, openSync, readFileSync, readSync } from 'node:fs'
import { join } from 'node:path'
import {
  type ColumnPlan,
  columnPlans,
  type DatasetInfo,
  datasetInfoName,
  datasetVersion,
  firstRows,
  newColumns,
  type ParityFacts,
  parityRowsName,
  type RowColumns,
  type RowRange,
} from './dataset-format.ts'
import { TrainingError } from './training-error.ts'

/** Some rows of a set. Its arrays are filled again by the next chunk: copy what must stay. */
export interface RowChunk extends RowColumns {
  /** Number of its first row in the set. */
  readonly from: number
  readonly rows: number
}

/** Rows of a chunk: 60 columns of 8 bytes make 8 MB. */
export const chunkRows = 16_384

/** Columns that may be read whole: a few bytes a row. */
export type SmallColumn = 'label' | 'weight' | 'at' | 'exchange' | 'truth'

/**
 * Opens a folder made by `sluice dataset`. Throws `TrainingError` (SLUICE_TRAINING_DATASET) on a
 * folder that is none, is not finished, or whose files do not have the rows that it names.
 */
export function openDataset(folder: string): Dataset {
  return new Dataset(folder, readInfo(folder))
}

/** An open set. Reads synchronously: nothing else runs in a trainer. */
export class Dataset {
  readonly info: DatasetInfo
  readonly #folder: string
  readonly #columns: readonly OpenColumn[]

  /** Use `openDataset`. */
  constructor(folder: string, info: DatasetInfo) {
    this.info = info
    this.#folder = folder
    const plans = columnPlans(info, info.hasTruth).filter(({ width }) => width > 0)
    this.#columns = plans.map((plan) => openColumn(folder, plan, info.rows))
  }

  /** Rows of a range in their order, at most `rowsMax` a chunk. */
  *chunks([from, to]: RowRange, rowsMax: number = chunkRows): Generator<RowChunk> {
    const { info } = this
    const room = newColumns(info, info.hasTruth, Math.min(rowsMax, to - from))
    for (let at = from; at < to; at += rowsMax) {
      const rows = Math.min(rowsMax, to - at)
      const columns = firstRows(room, info, rows)
      for (const column of this.#columns) readRows(column, at, columns[column.name])
      yield { from: at, rows, ...columns }
    }
  }

  /** One small column of a range, in an array of its own; `truth` is empty where there is none. */
  column<Name extends SmallColumn>(name: Name, [from, to]: RowRange): RowColumns[Name] {
    const widths = { askWidth: 0, adWidth: 0, pairWidth: 0 }
    const values = newColumns(widths, this.info.hasTruth, to - from)[name]
    const column = this.#columns.find((one) => one.name === name)
    if (column !== undefined) readRows(column, from, values)
    return values
  }

  /** Facts of some rows of the test slice, for golden vectors. */
  parityRows(): ParityFacts[] {
    const text = readFileSync(join(this.#folder, parityRowsName), 'utf8')
    const lines = text.split('\n').filter((line) => line !== '')
    return lines.map((line) => JSON.parse(line) as ParityFacts)
  }

  close(): void {
    for (const { file } of this.#columns) closeSync(file)
  }
}

interface OpenColumn extends Omit<ColumnPlan, 'file'> {
  readonly path: string
  readonly file: number
}

function readInfo(folder: string): DatasetInfo {
  const path = join(folder, datasetInfoName)
  let info: Omit<DatasetInfo, 'datasetVersion'> & { readonly datasetVersion: number }
  try {
    info = JSON.parse(readFileSync(path, 'utf8')) as DatasetInfo
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw unusable(`${folder} is no finished dataset: ${reason}`)
  }
  if (info.datasetVersion !== datasetVersion) {
    throw unusable(`${path} is of version ${info.datasetVersion}, this reads ${datasetVersion}`)
  }
  return { ...info, datasetVersion }
}

function openColumn(folder: string, plan: ColumnPlan, rows: number): OpenColumn {
  const path = join(folder, plan.file)
  const bytes = rows * plan.width * bytesOf[plan.name]
  let file: number
  try {
    file = openSync(path, 'r')
  } catch {
    throw unusable(`${path} cannot be read`)
  }
  const { size } = fstatSync(file)
  if (size !== bytes) {
    closeSync(file)
    throw unusable(`${path} has ${size} bytes, ${rows} rows need ${bytes}`)
  }
  return { ...plan, path, file }
}

/** Bytes of one value. */
const bytesOf: Readonly<Record<keyof RowColumns, number>> = {
  askIndex: 4,
  askValue: 4,
  adIndex: 4,
  adValue: 4,
  pairIndex: 4,
  pairValue: 4,
  label: 1,
  weight: 4,
  at: 8,
  exchange: 2,
  truth: 8,
}

/** Fills `into` with the rows from `from` on. */
function readRows(column: OpenColumn, from: number, into: RowColumns[keyof RowColumns]): void {
  const start = from * column.width * into.BYTES_PER_ELEMENT
  let done = 0
  while (done < into.byteLength) {
    const read = readSync(column.file, into, done, into.byteLength - done, start + done)
    if (read === 0) throw unusable(`${column.path} ends before row ${from}`)
    done += read
  }
}

function unusable(sentence: string): TrainingError {
  return new TrainingError('SLUICE_TRAINING_DATASET', sentence)
}
