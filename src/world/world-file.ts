/** One file of a world: bytes in order, gzip or plain, with the hash of what was put in. */
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Writable } from 'node:stream'
import { finished } from 'node:stream/promises'
import { createGzip } from 'node:zlib'

/** What a file came to be. The hash is of the bytes before gzip, which no zlib can change. */
export interface FileFacts {
  readonly name: string
  /** Lines, or rows of a binary file. */
  readonly entries: number
  readonly bytes: number
  readonly sha256: string
}

/** Bytes that are collected before they are hashed and handed on. */
const chunkBytes = 256 * 1024

/** What a chunk is packed to, and a little more: gzip then writes it at once. */
const packedBytes = 64 * 1024

/** Takes entries as fast as the disk does; memory stays at a chunk. */
export class WorldFile {
  readonly #name: string
  readonly #hash = createHash('sha256')
  /** What is written to, and what must be finished at the end. */
  readonly #target: Writable
  readonly #disk: Writable
  #waiting: Buffer[] = []
  #text = ''
  #waitingBytes = 0
  #entries = 0
  #bytes = 0

  private constructor(folder: string, name: string) {
    this.#name = name
    this.#disk = createWriteStream(join(folder, name))
    if (name.endsWith('.gz')) {
      // Level 1: gzip is half of a row's time already, and the next level is no smaller by a tenth.
      const gzip = createGzip({ level: 1, chunkSize: packedBytes })
      gzip.pipe(this.#disk)
      this.#target = gzip
      // A full disk is an error of the file behind: it ends the writing.
      this.#disk.on('error', (error) => gzip.destroy(error))
    } else this.#target = this.#disk
  }

  /** Opens a file below a folder; names that end in `.gz` are compressed. */
  static async open(folder: string, name: string): Promise<WorldFile> {
    await mkdir(dirname(join(folder, name)), { recursive: true })
    return new WorldFile(folder, name)
  }

  /** Adds text of one entry, ASCII; answers whether `flush` is due. */
  add(text: string): boolean {
    this.#text += text
    this.#entries++
    return this.#text.length + this.#waitingBytes >= chunkBytes
  }

  /** Adds the bytes of one entry. */
  addBytes(bytes: Buffer): boolean {
    this.#waiting.push(bytes)
    this.#waitingBytes += bytes.length
    this.#entries++
    return this.#waitingBytes >= chunkBytes
  }

  /** Hands on what was collected; waits for the disk when it is behind. */
  async flush(): Promise<void> {
    const chunk = Buffer.concat([...this.#waiting, Buffer.from(this.#text, 'latin1')])
    this.#waiting = []
    this.#waitingBytes = 0
    this.#text = ''
    if (chunk.length === 0) return
    this.#hash.update(chunk)
    this.#bytes += chunk.length
    if (!this.#target.write(chunk)) await once(this.#target, 'drain')
  }

  /** Writes the rest, and waits until it is on the disk. */
  async close(): Promise<FileFacts> {
    await this.flush()
    this.#target.end()
    await finished(this.#disk)
    const sha256 = this.#hash.digest('hex')
    return { name: this.#name, entries: this.#entries, bytes: this.#bytes, sha256 }
  }
}
