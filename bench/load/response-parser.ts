/** Reads HTTP/1.1 answers with a Content-Length off one connection, in any number of chunks. */

/**
 * Largest answer body the generator keeps: RTA answers are a few hundred bytes, 32 bids with their
 * markup some 100 KB.
 */
export const answerBytesMax = 512 * 1024

const lengthName = new TextEncoder().encode('content-length:')
const closeName = new TextEncoder().encode('connection: close')
const lineFeed = 10
const carriageReturn = 13

/**
 * One connection's parser. `feed` until `done`; then `status`, and `body` from `from` to `to`, are
 * the answer (valid until the next `feed`). Call `reset` before the next answer.
 */
export class ResponseParser {
  /** The whole answer has been read. */
  done = false
  /**
   * False: the bytes are no answer this parser knows (no Content-Length, too long, not HTTP/1.1).
   */
  ok = true
  status = 0
  /** The server said that it closes the connection after this answer. */
  willClose = false
  body: Uint8Array = new Uint8Array(0)
  from = 0
  to = 0
  #inBody = false
  #line = 0
  #column = 0
  #lengthMatched = 0
  #closeMatched = 0
  #length = -1
  #kept: Uint8Array | null = null
  #keptLength = 0

  /** Prepares for the next answer. */
  reset(): void {
    this.done = false
    this.ok = true
    this.status = 0
    this.willClose = false
    this.#inBody = false
    this.#line = 0
    this.#column = 0
    this.#lengthMatched = 0
    this.#closeMatched = 0
    this.#length = -1
    this.#keptLength = 0
  }

  /**
   * Takes bytes [from, to) of `bytes`. Answers the position behind what it used: less than `to`
   * means bytes of another answer follow, which without pipelining is the server's mistake.
   */
  feed(bytes: Uint8Array, from: number, to: number): number {
    let at = from
    if (!this.#inBody) at = this.#head(bytes, from, to)
    if (!this.ok || !this.#inBody) return at
    return this.#takeBody(bytes, at, to)
  }

  #head(bytes: Uint8Array, from: number, to: number): number {
    for (let at = from; at < to; at++) {
      const byte = bytes[at] as number
      if (byte === lineFeed) {
        if (this.#endLine()) return at + 1
      } else if (byte !== carriageReturn) {
        if (this.#line === 0) this.#statusByte(byte)
        else this.#headerByte(byte)
        this.#column++
      }
    }
    return to
  }

  /** True when the line was the empty one that ends the head. */
  #endLine(): boolean {
    if (this.#closeMatched === closeName.length) this.willClose = true
    if (this.#column === 0 && this.#line > 0) {
      // 204 and 304 have no body and need no length (RFC 9110, 8.6).
      if (this.status === 204 || this.status === 304) this.#length = 0
      this.ok = this.#length >= 0 && this.#length <= answerBytesMax && this.status >= 200
      this.#inBody = true
      return true
    }
    this.#line++
    this.#column = 0
    this.#lengthMatched = 0
    this.#closeMatched = 0
    return false
  }

  /** `HTTP/1.1 200 OK`: the digits are in columns 9 to 11. */
  #statusByte(byte: number): void {
    if (this.#column >= 9 && this.#column <= 11) this.status = this.status * 10 + (byte - 48)
  }

  #headerByte(byte: number): void {
    const column = this.#column
    // Setting bit 5 lowers ASCII letters and leaves '-', ':' and digits as they are.
    if (this.#lengthMatched === lengthName.length) {
      if (byte >= 48 && byte <= 57) this.#length = Math.max(0, this.#length) * 10 + (byte - 48)
    } else if (this.#lengthMatched === column && (byte | 32) === lengthName[column]) {
      this.#lengthMatched++
    }
    if (this.#closeMatched === column && (byte | 32) === closeName[column]) this.#closeMatched++
  }

  #takeBody(bytes: Uint8Array, from: number, to: number): number {
    const missing = this.#length - this.#keptLength
    const end = Math.min(to, from + missing)
    if (this.#keptLength === 0 && end - from === missing) {
      this.body = bytes
      this.from = from
      this.to = end
      this.done = true
      return end
    }
    this.#kept ??= new Uint8Array(answerBytesMax)
    this.#kept.set(bytes.subarray(from, end), this.#keptLength)
    this.#keptLength += end - from
    if (this.#keptLength === this.#length) {
      this.body = this.#kept
      this.from = 0
      this.to = this.#length
      this.done = true
    }
    return end
  }
}
