/** Writes rows through DuckDB into files of the forms that people read. */
import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import { ownFolders } from './archive-disk.ts'
import { type Duck, sqlText } from './duck.ts'
import { archiveVersion } from './event-columns.ts'

/** Forms of a file of rows. */
export type RowsForm = 'parquet' | 'csv' | 'csv.gz' | 'ndjson' | 'ndjson.gz'

/** Rows of a row group, of which DuckDB holds two while it writes: 30 MB at the usual length. */
const rowGroupRows = 32_768

/** The same in bytes: rows may be fifty times as long, and a group of such would not fit. */
const rowGroupBytes = 16 * 1024 * 1024

const formOptions: Readonly<Record<RowsForm, string>> = {
  parquet: `FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE ${rowGroupRows},
    ROW_GROUP_SIZE_BYTES ${rowGroupBytes},
    KV_METADATA {sluice_archive_version: '${archiveVersion}'}`,
  csv: 'FORMAT csv, HEADER true',
  'csv.gz': 'FORMAT csv, HEADER true, COMPRESSION gzip',
  ndjson: 'FORMAT json',
  'ndjson.gz': 'FORMAT json, COMPRESSION gzip',
}

/** Writes the rows of a query into a new file, in its order; answers how many there were. */
export async function writeRows(
  { connection }: Duck,
  query: string,
  path: string,
  form: RowsForm = 'parquet',
): Promise<number> {
  await mkdir(dirname(path), ownFolders)
  const copy = `COPY (${query}) TO ${sqlText(path)} (${formOptions[form]})`
  const [row] = await (await connection.run(copy)).getRows()
  return Number(row?.[0] ?? 0)
}
