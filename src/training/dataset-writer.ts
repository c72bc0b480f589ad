/** Writes the columns of an encoded training set, a chunk at a time. */
import { closeSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import {
  columnPlans,
  datasetInfoName,
  firstRows,
  newColumns,
  type RowColumns,
  type SideWidths,
} from './dataset-format.ts'

/** Rows that are collected: with 500 columns 33 MB. */
const chunkRows = 8_192

/** Takes rows in their order. A folder that had a set loses it with the first row. */
export class DatasetWriter {
  /** Where the next row is filled in: row `at` of these columns. */
  readonly room: RowColumns
  readonly #widths: SideWidths
  readonly #files: readonly { readonly name: keyof RowColumns; readonly file: number }[]
  #rows = 0

  constructor(folder: string, widths: SideWidths, hasTruth: boolean) {
    mkdirSync(folder, { recursive: true })
    // Written last: while it is missing, the folder is no set.
    rmSync(join(folder, datasetInfoName), { force: true })
    this.#widths = widths
    this.room = newColumns(widths, hasTruth, chunkRows)
    this.#files = columnPlans(widths, hasTruth).map(({ name, file }) => ({
      name,
      file: openSync(join(folder, file), 'w'),
    }))
  }

  /** Row of `room` that is filled next. */
  get at(): number {
    return this.#rows
  }

  /** The row is filled. */
  next(): void {
    this.#rows++
    if (this.#rows === chunkRows) this.#flush()
  }

  /** Writes the rest and closes the files. */
  close(): void {
    this.#flush()
    for (const { file } of this.#files) closeSync(file)
  }

  #flush(): void {
    const columns = firstRows(this.room, this.#widths, this.#rows)
    for (const { name, file } of this.#files) writeAll(file, columns[name])
    this.#rows = 0
  }
}

function writeAll(file: number, values: RowColumns[keyof RowColumns]): void {
  let done = 0
  while (done < values.byteLength) done += writeSync(file, values, done, values.byteLength - done)
}
