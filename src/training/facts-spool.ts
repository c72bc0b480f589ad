/**
 * The facts of a log's rows, on the disk between two passes: the log itself is read once, because
 * unpacking and parsing it costs ten times what a spooled row does.
 */
import { closeSync, openSync, rmSync, writeSync } from 'node:fs'
import type { AskFacts } from '../domain/feature-facts.ts'
import { WindowReader } from './window-reader.ts'

/** Bytes that are collected before they are written. */
const blockBytes = 1024 * 1024

/** Bytes in front of each row: its length. */
const headBytes = 4

/** A file of its own, which `remove` takes away: first all rows are added, then they are read. */
export class FactsSpool {
  readonly #path: string
  readonly #file: number
  #block: Buffer = Buffer.alloc(blockBytes)
  /** Bytes of the block that are used, and bytes of the file before it. */
  #used = 0
  #written = 0
  #reader: WindowReader | null = null

  constructor(path: string) {
    this.#path = path
    this.#file = openSync(path, 'w', 0o600)
  }

  /** Adds a row; answers where it is. */
  add(facts: AskFacts): number {
    const text = JSON.stringify(facts)
    // UTF-8 has at most three bytes for each unit of UTF-16.
    const bytesMax = headBytes + text.length * 3
    if (this.#used + bytesMax > this.#block.length) this.#flush(bytesMax)
    const at = this.#written + this.#used
    const length = this.#block.write(text, this.#used + headBytes)
    this.#block.writeUInt32LE(length, this.#used)
    this.#used += headBytes + length
    return at
  }

  /** The facts at a place that `add` answered; nothing may be added after the first call. */
  read(at: number): AskFacts {
    const reader = this.#open()
    const length = reader.read(at, headBytes)?.readUInt32LE(0) ?? 0
    const bytes = reader.read(at + headBytes, length)
    return JSON.parse(bytes?.toString('utf8') ?? '') as AskFacts
  }

  /** Closes the file and takes it away. */
  remove(): void {
    this.#reader?.close()
    closeSync(this.#file)
    rmSync(this.#path, { force: true })
  }

  #open(): WindowReader {
    if (this.#reader === null) {
      this.#flush(0)
      this.#reader = new WindowReader(this.#path)
    }
    return this.#reader
  }

  #flush(bytesNext: number): void {
    let done = 0
    while (done < this.#used) done += writeSync(this.#file, this.#block, done, this.#used - done)
    this.#written += this.#used
    this.#used = 0
    if (bytesNext > this.#block.length) this.#block = Buffer.alloc(bytesNext)
  }
}
