/**
 * Strings of a body without a native call each: the body becomes one string of its bytes, and a
 * part of it that is ASCII is a slice of that. A slice of 13 characters or more keeps the body's
 * string alive; what outlives a request by long should be copied.
 */
import { Buffer, isAscii } from 'node:buffer'
import { textOf } from '../../../lib/proto-reader.ts'

const noBytes = new Uint8Array(0)

/** The texts of one body at a time. */
export class WireText {
  #bytes: Uint8Array = noBytes
  #latin = ''
  #isAscii = false

  /** Takes a body. */
  reset(bytes: Uint8Array): void {
    this.#bytes = bytes
    this.#latin = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')
    this.#isAscii = isAscii(bytes)
  }

  /** Lets go of the body. */
  release(): void {
    this.#bytes = noBytes
    this.#latin = ''
    this.#isAscii = false
  }

  /** The text of bytes [from, to); malformed UTF-8 becomes U+FFFD. */
  slice(from: number, to: number): string {
    if (this.#isAscii || this.#isAsciiIn(from, to)) return this.#latin.slice(from, to)
    return textOf(this.#bytes, from, to)
  }

  #isAsciiIn(from: number, to: number): boolean {
    const bytes = this.#bytes
    for (let i = from; i < to; i++) if ((bytes[i] as number) >= 0x80) return false
    return true
  }
}
