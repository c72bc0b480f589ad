/** The rows of the archive as SQL: each event once, whoever wrote it. */
import { filesOf, hoursBetween } from './archive-folder.ts'
import { sqlTexts } from './duck.ts'

/**
 * A query of all rows of events that reached us in [fromMs, toMs); null when no file has any. The
 * files may be merged while it is read: it then fails, and a new query will not.
 */
export async function archiveRows(
  archive: string,
  fromMs: number,
  toMs: number,
): Promise<string | null> {
  const plain: string[] = []
  const doubtful: string[][] = []
  for (const hour of await hoursBetween(archive, fromMs, toMs)) {
    const files = await filesOf(hour)
    const paths = files.map(({ path }) => path)
    // Two processes that took a part from each other may both have written some records of it.
    if (new Set(files.map(({ writer }) => writer)).size > 1) doubtful.push(paths)
    else plain.push(...paths)
  }
  const queries = doubtful.map(
    (paths) => `${rowsIn(paths)} QUALIFY row_number() OVER (PARTITION BY log_part, log_at) = 1`,
  )
  if (plain.length > 0) queries.push(rowsIn(plain))
  if (queries.length === 0) return null
  const all = queries.map((query) => `(${query})`).join(' UNION ALL BY NAME ')
  return `FROM (${all}) WHERE received_at_ms >= ${fromMs} AND received_at_ms < ${toMs}`
}

function rowsIn(paths: readonly string[]): string {
  return `FROM read_parquet(${sqlTexts(paths)}, union_by_name = true, hive_partitioning = false)`
}
