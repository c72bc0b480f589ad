/** Cuts a stream of bytes into numbered lines of text. */

/** A line, or why it is none. */
export interface TextLine {
  /** From 1; blank lines count, but are not given out. */
  readonly number: number
  readonly text: string
  readonly bytes: number
  readonly fault: 'line too long' | 'not UTF-8' | null
}

const lineFeed = 10

/** Holds at most one line of the text; `push` and `end` give the lines that became whole. */
export class TextLines {
  readonly #bytesMax: number
  readonly #decoder = new TextDecoder('utf-8', { fatal: true })
  #pieces: Uint8Array[] = []
  #bytes = 0
  #isTooLong = false
  #number = 0

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax
  }

  /** Lines seen so far. */
  get count(): number {
    return this.#number
  }

  /** Lines that end in this chunk; LF or CRLF. */
  *push(chunk: Uint8Array): Generator<TextLine> {
    let start = 0
    for (let feed = chunk.indexOf(lineFeed); feed !== -1; feed = chunk.indexOf(lineFeed, start)) {
      this.#keep(chunk.subarray(start, feed))
      start = feed + 1
      const line = this.#finish()
      if (line !== null) yield line
    }
    // A copy: the chunk may be a buffer that is filled again.
    if (start < chunk.length) this.#keep(chunk.slice(start))
  }

  /** The last line, where it has no line feed. */
  *end(): Generator<TextLine> {
    if (this.#bytes === 0 && !this.#isTooLong) return
    const line = this.#finish()
    if (line !== null) yield line
  }

  #keep(piece: Uint8Array): void {
    this.#bytes += piece.length
    if (this.#bytes > this.#bytesMax) {
      this.#isTooLong = true
      this.#pieces = []
    } else if (piece.length > 0) {
      this.#pieces.push(piece)
    }
  }

  /** The line that is complete now; null for a blank one. */
  #finish(): TextLine | null {
    const [pieces, bytes, isTooLong] = [this.#pieces, this.#bytes, this.#isTooLong]
    this.#pieces = []
    this.#bytes = 0
    this.#isTooLong = false
    this.#number++
    const number = this.#number
    if (isTooLong) return { number, text: '', bytes, fault: 'line too long' }
    const [first = new Uint8Array(0)] = pieces
    try {
      const text = this.#decoder.decode(pieces.length < 2 ? first : Buffer.concat(pieces)).trim()
      return text === '' ? null : { number, text, bytes, fault: null }
    } catch {
      return { number, text: '', bytes, fault: 'not UTF-8' }
    }
  }
}
