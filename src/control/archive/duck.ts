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
 * Opens a DuckDB of its own, in memory. The library is loaded here and not before: a process
 * without
 * an archive never has its 70 MB. Queries run on a thread of libuv's pool, one at a time.
 */
export async function openDuck({ memoryMiB, folder }: DuckLimits): Promise<Duck> {
  const { DuckDBInstance } = await import('@duckdb/node-api')
  const instance = await DuckDBInstance.create(':memory:', {
    threads: '1',
    memory_limit: `${memoryMiB}MiB`,
    temp_directory: folder,
    max_temp_directory_size: `${spillGiBMax}GiB`,
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
