/**
 * An append-only text file that is renamed when full; the oldest of the renamed ones is deleted.
 */
import { type FileHandle, mkdir, open, readdir, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'

/** Limits of a rotating file. */
export interface RotationLimits {
  /** A file that would grow beyond this is renamed first. */
  readonly bytesMax: number
  /** Renamed files kept: `<path>.1` (newest) to `<path>.<filesMax>`. */
  readonly filesMax: number
}

/** 64 MiB × (7 + 1) = 512 MiB a worker: about 250 000 exchanges of 2 KiB. */
export const exchangeLogLimits: RotationLimits = { bytesMax: 64 * 1024 * 1024, filesMax: 7 }

/** One file, written by one process. A failing disk is reported by `append`, never thrown. */
export class RotatingFile {
  readonly #path: string
  readonly #limits: RotationLimits
  #handle: FileHandle | null = null
  #bytes = 0

  constructor(path: string, limits: RotationLimits = exchangeLogLimits) {
    this.#path = path
    this.#limits = limits
  }

  /** Appends text; false when it could not be written. Calls must not overlap. */
  async append(text: string): Promise<boolean> {
    try {
      const bytes = Buffer.byteLength(text)
      this.#handle ??= await this.#open()
      if (this.#bytes > 0 && this.#bytes + bytes > this.#limits.bytesMax) await this.#rotate()
      await this.#handle.appendFile(text)
      this.#bytes += bytes
      return true
    } catch {
      // A handle that failed is opened anew by the next append: the disk may have come back.
      await this.close()
      return false
    }
  }

  /** Closes the file; a later append opens it again. */
  async close(): Promise<void> {
    const handle = this.#handle
    this.#handle = null
    await handle?.close().catch(() => undefined)
  }

  async #open(): Promise<FileHandle> {
    await mkdir(dirname(this.#path), { recursive: true })
    const handle = await open(this.#path, 'a', 0o600)
    this.#bytes = (await handle.stat()).size
    return handle
  }

  async #rotate(): Promise<void> {
    await this.close()
    const { filesMax } = this.#limits
    await rm(`${this.#path}.${filesMax}`, { force: true })
    for (let n = filesMax - 1; n >= 1; n--) {
      await rename(`${this.#path}.${n}`, `${this.#path}.${n + 1}`).catch(ignoreMissing)
    }
    await rename(this.#path, `${this.#path}.1`)
    this.#handle = await this.#open()
  }
}

/**
 * Every file of a folder of rotated files whose name begins with `prefix`, newest first by worker.
 */
export async function rotatedFiles(folder: string, prefix: string): Promise<string[]> {
  const names = (await readdir(folder).catch(() => [])).filter((name) => name.startsWith(prefix))
  return names
    .toSorted((a, b) => rotation(a) - rotation(b) || a.localeCompare(b))
    .map((name) => join(folder, name))
}

/** `x.ndjson` is 0, `x.ndjson.3` is 3. */
function rotation(name: string): number {
  return Number(/\.(\d+)$/.exec(name)?.[1] ?? 0)
}

function ignoreMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error
}
