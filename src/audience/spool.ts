/**
 * Device keys of one upload on disk, by shard: what does not fit in memory is sorted a shard at a
 * time. 8 bytes an id, in an unlinked temporary file; only keys, never ids.
 */
import { closeSync, mkdirSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { shardCount } from '../lib/shard-count.ts'
import { AudienceError } from './audience-error.ts'

/** Entries buffered for each shard: 1 024 × 8 B × 1 024 shards = 8 MiB, written 8 KiB at a time. */
const bufferEntries = 1_024

/** Set in an entry's lower half when it carries a score; bits 0-7 are the score then. */
const scoredFlag = 0x100

/** Sorted entries of one shard; several may have the same field. */
export interface SpoolShard {
  readonly count: number
  fieldHigh(index: number): number
  fieldLow(index: number): number
  /** 0-255, or -1 for none. */
  score(index: number): number
}

/** Takes keys in any order, gives them back by shard, sorted by field, then by score. */
export class Spool {
  readonly #file: number
  readonly #buffer = new Uint32Array(shardCount * bufferEntries * 2)
  readonly #filled = new Uint16Array(shardCount)
  /** Extents of each shard: file offsets, in entries; each is `bufferEntries` long but the last. */
  readonly #extents: number[][] = Array.from({ length: shardCount }, () => [])
  readonly #counts = new Uint32Array(shardCount)
  #written = 0
  count = 0

  constructor(folder = tmpdir()) {
    mkdirSync(folder, { recursive: true })
    const own = mkdtempSync(join(folder, 'sluice-spool-'))
    this.#file = openSync(join(own, 'keys'), 'wx+', 0o600)
    // Unlinked at once: whatever ends the process, the disk comes back.
    rmSync(own, { recursive: true, force: true })
  }

  /** Adds a key; `score` -1 for none. */
  // Plain numbers, no object an id: called once for each of 20 M lines.
  // oxlint-disable-next-line max-params
  add(shard: number, fieldHigh: number, fieldLow: number, score: number): void {
    const filled = this.#filled[shard] as number
    const at = (shard * bufferEntries + filled) * 2
    // Little endian: the pair is one u64 whose order is field, then score.
    this.#buffer[at] = (fieldLow << 16) | (score < 0 ? 0 : scoredFlag | score)
    this.#buffer[at + 1] = fieldHigh
    this.#counts[shard] = (this.#counts[shard] as number) + 1
    this.count++
    if (filled + 1 === bufferEntries) this.#flush(shard)
    else this.#filled[shard] = filled + 1
  }

  /** Entries of a shard, duplicates included. */
  countOf(shard: number): number {
    return this.#counts[shard] as number
  }

  /** Reads and sorts a shard. */
  shard(shard: number): SpoolShard {
    const count = this.countOf(shard)
    const words = new BigUint64Array(count)
    const bytes = new Uint8Array(words.buffer)
    let at = 0
    for (const extent of this.#extents[shard] ?? []) {
      const length = bufferEntries * 8
      complete(readSync(this.#file, bytes, at, length, extent * 8), length)
      at += length
    }
    const rest = (this.#filled[shard] as number) * 8
    const start = shard * bufferEntries * 8
    bytes.set(new Uint8Array(this.#buffer.buffer, start, rest), at)
    words.sort()
    return new SortedShard(new Uint32Array(words.buffer), count)
  }

  /** Gives the disk back. */
  close(): void {
    closeSync(this.#file)
  }

  #flush(shard: number): void {
    const bytes = new Uint8Array(this.#buffer.buffer, shard * bufferEntries * 8, bufferEntries * 8)
    complete(writeSync(this.#file, bytes, 0, bytes.length, this.#written * 8), bytes.length)
    this.#extents[shard]?.push(this.#written)
    this.#written += bufferEntries
    this.#filled[shard] = 0
  }
}

/** A full disk may take a part without an error: ids would be lost silently. */
function complete(done: number, asked: number): void {
  if (done === asked) return
  throw new AudienceError('SLUICE_AUDIENCE_SPOOL', `the spool took ${done} of ${asked} bytes`)
}

class SortedShard implements SpoolShard {
  readonly count: number
  readonly #words: Uint32Array

  constructor(words: Uint32Array, count: number) {
    this.#words = words
    this.count = count
  }

  fieldHigh(index: number): number {
    return this.#words[index * 2 + 1] as number
  }

  fieldLow(index: number): number {
    return (this.#words[index * 2] as number) >>> 16
  }

  score(index: number): number {
    const word = this.#words[index * 2] as number
    return (word & scoredFlag) === 0 ? -1 : word & 0xff
  }
}
