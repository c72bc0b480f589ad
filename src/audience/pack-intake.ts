/** Turns the lines of an upload into spooled device keys, and counts. */
import type { IdTypeInfo } from '../domain/id-type.ts'
import type { DeviceHasher, KeyHalves } from '../identity/device-hasher.ts'
import { IdDoubt, idDoubtNames } from '../identity/id-doubt.ts'
import { fieldHighOf, fieldLowOf, shardOf } from './address.ts'
import { type LineFault, type LineSink, PackLines } from './pack-lines.ts'
import type { LineError } from './pack-types.ts'
import type { Spool } from './spool.ts'

/** Bad lines that an answer lists; the others are only counted. */
export const firstErrorsMax = 20

/** One upload's reading half. */
export class PackIntake implements LineSink {
  lines = 0
  rejected = 0
  readonly firstErrors: LineError[] = []
  readonly #type: IdTypeInfo
  readonly #scope: string
  readonly #hasher: DeviceHasher
  readonly #spool: Spool
  readonly #cutter = new PackLines(this)
  readonly #key: KeyHalves = { high: 0, low: 0 }

  constructor(type: IdTypeInfo, scope: string, hasher: DeviceHasher, spool: Spool) {
    this.#type = type
    this.#scope = scope
    this.#hasher = hasher
    this.#spool = spool
  }

  /** Reads a chunk of the body. */
  push(chunk: Uint8Array): void {
    this.#cutter.push(chunk)
  }

  /** Reads the last line. */
  end(): void {
    this.#cutter.end()
  }

  // oxlint-disable-next-line max-params
  line(bytes: Uint8Array, start: number, end: number, score: number): void {
    this.lines++
    const key = this.#key
    const doubt = this.#hasher.keyOf(this.#type, bytes, start, end, this.#scope, key)
    if (doubt !== IdDoubt.None) {
      this.#reject(idDoubtNames[doubt] ?? 'doubtful')
      return
    }
    const { high, low } = key
    this.#spool.add(shardOf(high), fieldHighOf(high, low), fieldLowOf(low), score)
  }

  fault(fault: LineFault): void {
    this.lines++
    this.#reject(fault)
  }

  #reject(reason: string): void {
    this.rejected++
    if (this.firstErrors.length < firstErrorsMax)
      this.firstErrors.push({ line: this.#cutter.number, reason })
  }
}
