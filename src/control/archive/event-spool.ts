/** Rows on their way into a file of the archive: lines in a temporary file, whatever their hour. */
import { type FileHandle, mkdir, open, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { ownFolders } from './archive-disk.ts'
import { hourOf } from './archive-folder.ts'
import type { ArchivedEvent } from './archived-event.ts'
import { lineOfRow } from './event-columns.ts'

/** A spool. It needs not survive anything: whoever finds its file knows nothing of it. */
export class EventSpool {
  readonly path: string
  readonly #file: FileHandle
  readonly #rowsByHour = new Map<number, number>()
  #rows = 0
  #bytes = 0

  private constructor(path: string, file: FileHandle) {
    this.path = path
    this.#file = file
  }

  /** Makes an empty one, in place of what is there. */
  static async create(path: string): Promise<EventSpool> {
    await mkdir(dirname(path), ownFolders)
    return new EventSpool(path, await open(path, 'w', 0o600))
  }

  /** Rows in all. */
  get rows(): number {
    return this.#rows
  }

  /** Bytes of the file. */
  get bytes(): number {
    return this.#bytes
  }

  /** Rows by the beginning of the hour at which they reached us. */
  get rowsByHour(): ReadonlyMap<number, number> {
    return this.#rowsByHour
  }

  /** Beginning of the first hour that has a row; Infinity without one. */
  get firstHourMs(): number {
    return Math.min(...this.#rowsByHour.keys())
  }

  /** Adds rows behind the others. */
  async add(rows: readonly ArchivedEvent[]): Promise<void> {
    if (rows.length === 0) return
    const { bytesWritten } = await this.#file.write(
      rows.map((row) => `${lineOfRow(row)}\n`).join(''),
    )
    for (const { event } of rows) {
      const hour = hourOf(event.receivedAtMs)
      this.#rowsByHour.set(hour, (this.#rowsByHour.get(hour) ?? 0) + 1)
    }
    this.#bytes += bytesWritten
    this.#rows += rows.length
  }

  /** Takes it away. */
  async remove(): Promise<void> {
    await this.#file.close()
    await rm(this.path, { force: true })
  }
}
