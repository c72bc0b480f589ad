/** Where things lie in the folder of the archive, and which files are its rows at a moment. */
import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'

/** Milliseconds of an hour: a folder of the archive. */
export const hourMs = 3_600_000

/** One hour of the archive: events by the time at which they reached us. */
export interface ArchiveHour {
  /** Epoch milliseconds of its beginning. */
  readonly startMs: number
  readonly folder: string
}

/** A file of rows. */
export interface ArchiveFile {
  readonly path: string
  readonly bytes: number
  /** Who wrote it. */
  readonly writer: string
}

/** Swaps files of an hour for the one that has all their rows. `inputs` and `output` are names. */
export interface MergeNote {
  readonly inputs: readonly string[]
  readonly output: string
}

/** The last time that has a folder: the end of the year 9999. */
export const lastFolderMs = 253_402_300_799_999

/** Beginning of the hour of a time; what is no time of ours lies in the last one. */
export function hourOf(epochMs: number): number {
  return Math.floor(Math.min(epochMs, lastFolderMs) / hourMs) * hourMs
}

/** Folder of an hour, as tools that know Hive partitions want it. */
export function hourFolder(archive: string, startMs: number): string {
  const [date = '', time = ''] = new Date(startMs).toISOString().split('T')
  return join(archive, 'events', `date=${date}`, `hour=${time.slice(0, 2)}`)
}

/** Where a writer notes what it is about to write. */
export function planFile(archive: string, writer: string): string {
  return join(archive, 'plans', `${writer}.json`)
}

/** Where files are made before they are put in their place; of one writer. */
export function workFolder(archive: string, writer: string): string {
  return join(archive, 'work', writer)
}

/** Name of a file of rows. */
export function fileName(writer: string, name: string): string {
  return `${writer}.${name}.parquet`
}

/** Where a writer notes, in the folder of an hour, that a file takes the place of others. */
export function mergeFile(folder: string, writer: string): string {
  return join(folder, `_merge.${writer}.json`)
}

/** Hours that have a folder and overlap [fromMs, toMs), oldest first. */
export async function hoursBetween(
  archive: string,
  fromMs: number,
  toMs: number,
): Promise<ArchiveHour[]> {
  const root = join(archive, 'events')
  const hours: ArchiveHour[] = []
  for (const date of await namesIn(root)) {
    const dayMs = Date.parse(date.replace(/^date=/, ''))
    if (!(dayMs < toMs && dayMs + 24 * hourMs > fromMs)) continue
    for (const hour of await namesIn(join(root, date))) {
      const startMs = dayMs + Number(hour.replace(/^hour=/, '')) * hourMs
      if (startMs < toMs && startMs + hourMs > fromMs) {
        hours.push({ startMs, folder: join(root, date, hour) })
      }
    }
  }
  return hours.toSorted((a, b) => a.startMs - b.startMs)
}

/** The files whose rows are those of the hour now: none that another one has taken the place of. */
export async function filesOf({ folder }: Pick<ArchiveHour, 'folder'>): Promise<ArchiveFile[]> {
  const names = await namesIn(folder)
  const gone = new Set<string>()
  for (const name of names) {
    const note = name.startsWith('_merge.') ? await readMerge(join(folder, name)) : null
    if (note !== null && names.includes(note.output)) for (const one of note.inputs) gone.add(one)
  }
  const files: ArchiveFile[] = []
  for (const name of names) {
    const isRows = name.endsWith('.parquet') && !gone.has(name)
    const path = join(folder, name)
    const found = isRows ? await orNull(stat(path)) : null
    if (found !== null) {
      files.push({ path, bytes: found.size, writer: name.split('.', 1)[0] ?? '' })
    }
  }
  return files
}

/** A merge note; null when there is none (any more). */
export async function readMerge(path: string): Promise<MergeNote | null> {
  const text = await orNull(readFile(path, 'utf8'))
  return text === null ? null : (JSON.parse(text) as MergeNote)
}

/** Names in a folder, sorted; none when there is no folder. */
export async function namesIn(folder: string): Promise<string[]> {
  const names = await orNull(readdir(folder))
  return (names ?? []).toSorted()
}

/** Null for what is not there; other failures are told. */
export async function orNull<T>(work: Promise<T>): Promise<T | null> {
  try {
    return await work
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}
