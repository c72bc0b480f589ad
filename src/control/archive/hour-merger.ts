/** Makes one file of the many of an hour that is over, so that readers open few. */
import { createHash } from 'node:crypto'
import { basename, join } from 'node:path'
import type { ArchiveDisk } from './archive-disk.ts'
import {
  type ArchiveFile,
  type ArchiveHour,
  fileName,
  filesOf,
  mergeFile,
  namesIn,
  readMerge,
  workFolder,
} from './archive-folder.ts'
import { type Duck, openDuck, sqlTexts } from './duck.ts'
import { writeRows } from './rows-file.ts'

/** Where and as whom a merger works. */
export interface HourMergerDeps {
  readonly disk: ArchiveDisk
  readonly folder: string
  readonly writer: string
}

/** A file that is as large is left alone: to write it again costs more than opening it. */
const mergedBytesMax = 256 * 1024 * 1024

/** MiB that DuckDB may take while it merges: it reads row groups of one file after another. */
const memoryMiB = 256

/** Merges a writer's own files: two processes never touch the same ones. */
export class HourMerger {
  readonly #deps: HourMergerDeps

  constructor(deps: HourMergerDeps) {
    this.#deps = deps
  }

  /**
   * Makes one file of this writer's small ones in an hour; answers how many it took the place of.
   * A crash leaves either the old files or the new one for readers, and the next call cleans up.
   */
  async merge(hour: ArchiveHour): Promise<number> {
    await this.#finish(hour)
    let count = 0
    for (const files of groupsOf(await filesOf(hour), this.#deps.writer)) {
      await this.#mergeFiles(hour, files)
      count += files.length
    }
    return count
  }

  async #mergeFiles({ folder }: ArchiveHour, files: readonly ArchiveFile[]): Promise<void> {
    const { disk, writer } = this.#deps
    const inputs = files.map(({ path }) => basename(path))
    const output = fileName(writer, `hour-${hashOf(inputs)}`)
    const temporary = join(workFolder(this.#deps.folder, writer), output)
    const duck = await this.#openDuck()
    try {
      const paths = sqlTexts(files.map(({ path }) => path))
      const query = `FROM read_parquet(${paths}, union_by_name = true, hive_partitioning = false)`
      await writeRows(duck, query, temporary)
    } finally {
      duck.close()
    }
    const note = mergeFile(folder, writer)
    await disk.keep(note, JSON.stringify({ inputs, output }))
    // From this moment on the inputs are nobody's rows any more.
    await disk.place(temporary, join(folder, output))
    await this.#drop(folder, inputs)
    await disk.remove(note)
  }

  /** Ends what a crash interrupted. */
  async #finish({ folder }: ArchiveHour): Promise<void> {
    const path = mergeFile(folder, this.#deps.writer)
    const note = await readMerge(path)
    if (note === null) return
    if ((await namesIn(folder)).includes(note.output)) await this.#drop(folder, note.inputs)
    await this.#deps.disk.remove(path)
  }

  async #drop(folder: string, names: readonly string[]): Promise<void> {
    for (const name of names) await this.#deps.disk.remove(join(folder, name))
  }

  #openDuck(): Promise<Duck> {
    const spill = join(workFolder(this.#deps.folder, this.#deps.writer), 'spill')
    return openDuck({ memoryMiB, folder: spill })
  }
}

/** Small files of a writer in groups that make a file of the wanted size; single ones stay. */
function groupsOf(files: readonly ArchiveFile[], writer: string): ArchiveFile[][] {
  const groups: ArchiveFile[][] = []
  let bytes = Infinity
  for (const file of files) {
    if (file.writer !== writer || file.bytes >= mergedBytesMax) continue
    bytes += file.bytes
    if (bytes > mergedBytesMax) {
      groups.push([])
      bytes = file.bytes
    }
    groups.at(-1)?.push(file)
  }
  return groups.filter(({ length }) => length > 1)
}

function hashOf(names: readonly string[]): string {
  return createHash('sha256').update(names.join('\n')).digest('hex').slice(0, 16)
}
