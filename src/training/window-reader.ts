/** Reads pieces of a large file, mostly one after the other, through one window of it. */
import { closeSync, openSync, readSync } from 'node:fs'

/** Bytes that are read at once. */
const windowBytes = 1024 * 1024

/** An open file. Pieces may be asked for in any order; those that follow each other are cheap. */
export class WindowReader {
  readonly #file: number
  #window: Buffer = Buffer.alloc(windowBytes)
  /** Place of the window in the file, and how much of it is filled. */
  #start = 0
  #filled = 0

  constructor(path: string) {
    this.#file = openSync(path, 'r')
  }

  /** Bytes [from, from + length): a view that the next call may overwrite. Null past the end. */
  read(from: number, length: number): Buffer | null {
    const isInside = from >= this.#start && from + length <= this.#start + this.#filled
    if (!isInside) this.#move(from, length)
    const at = from - this.#start
    return at + length <= this.#filled ? this.#window.subarray(at, at + length) : null
  }

  close(): void {
    closeSync(this.#file)
  }

  #move(from: number, length: number): void {
    if (length > this.#window.length) this.#window = Buffer.alloc(length)
    this.#start = from
    this.#filled = 0
    while (this.#filled < this.#window.length) {
      const room = this.#window.length - this.#filled
      const read = readSync(this.#file, this.#window, this.#filled, room, from + this.#filled)
      if (read === 0) return
      this.#filled += read
    }
  }
}
