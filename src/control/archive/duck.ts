/** DuckDB as the house runs it: in memory, with one thread, and kept from what is not its job. */
import type { DuckDBConnection } from '@duckdb/node-api'

/** An opened DuckDB. */
export interface Duck {
  readonly connection: DuckDBConnection
  close(): void
}

/** What one DuckDB may take. */
export interface DuckLimits {
  /** MiB of its buffers; what needs more goes to `folder`, or fails. */
  readonly memoryMiB: number
  /** Where it puts what does not fit into its memory. It is made when it is needed. */
  readonly folder: string
}

/** What it may put into its folder: a day of events at 5 000 a second, being sorted. */
const spillGiBMax = 64

/**
 * Loads the library: 70 MB that a process without an archive never has, and 150 ms in which its
 * loop stands still. Who must not stand still later calls this first.
 */
export function loadDuck() {
  return import('@duckdb/node-api')
}

/** Opens a DuckDB of its own, in memory. Queries run on one thread of libuv's pool. */
export async function openDuck({ memoryMiB, folder }: DuckLimits): Promise<Duck> {
  const { DuckDBInstance } = await loadDuck()
  const instance = await DuckDBInstance.create(':memory:', {
    threads: '1',
    memory_limit: `${memoryMiB}MiB`,
    temp_directory: folder,
    max_temp_directory_size: `${spillGiBMax}GiB`,
    // Only so are row groups cut by bytes. What an ORDER BY has sorted stays sorted.
    preserve_insertion_order: 'false',
    // Parquet and JSON are built in. Nothing is fetched from the network, ever.
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
  })
  const connection = await instance.connect()
  return {
    connection,
    close: () => {
      connection.closeSync()
      instance.closeSync()
    },
  }
}

/** A text as SQL: COPY takes no parameters. */
export function sqlText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}

/** Texts as a list of SQL. */
export function sqlTexts(texts: readonly string[]): string {
  return `[${texts.map(sqlText).join(', ')}]`
}
