/** Cuts an upload into lines in place: `id` or `id,score`, LF or CRLF, in chunks of any size. */

/** A line longer than this is no id; the longest (openid, CAID with a raw form) are below 128. */
export const lineBytesMax = 1_024

/** Why a line was refused. Names are part of the API answer. */
export type LineFault = 'line too long' | 'score is not a whole number from 0 to 255'

/** Takes one line: the id is bytes [start, end); `score` is -1 when there was none. */
export interface LineSink {
  // Plain numbers, no object a line.
  // oxlint-disable-next-line max-params
  line(bytes: Uint8Array, start: number, end: number, score: number): void
  fault(fault: LineFault): void
}

const lineFeed = 10
const carriageReturn = 13
const comma = 44
const space = 32
const tab = 9
const byteOrderMark = Uint8Array.of(0xef, 0xbb, 0xbf)

/** A cutter that keeps the rest of the last chunk. */
export class PackLines {
  readonly #sink: LineSink
  #rest = new Uint8Array(lineBytesMax * 2)
  #restLength = 0
  #skipping = false
  /** Bytes of a byte order mark seen at the start; -1 once the start is behind. */
  #mark = 0

  constructor(sink: LineSink) {
    this.#sink = sink
  }

  /** Line of the file that is being cut, from 1; blank lines count. */
  number = 0

  /** Cuts a chunk. */
  push(chunk: Uint8Array): void {
    let start = this.#mark < 0 ? 0 : this.#afterMark(chunk)
    let feed = chunk.indexOf(lineFeed, start)
    if (feed >= 0 && (this.#restLength > 0 || this.#skipping)) {
      this.#finishRest(chunk, start, feed)
      start = feed + 1
      feed = chunk.indexOf(lineFeed, start)
    }
    while (feed >= 0) {
      this.#line(chunk, start, feed)
      start = feed + 1
      feed = chunk.indexOf(lineFeed, start)
    }
    this.#keep(chunk, start)
  }

  /** The last line may have no line feed. */
  end(): void {
    this.#keepMark()
    if (this.#skipping) this.#tooLong()
    else if (this.#restLength > 0) this.#line(this.#rest, 0, this.#restLength)
    this.#restLength = 0
    this.#skipping = false
  }

  /** Skips the mark, which may come in several chunks. */
  #afterMark(chunk: Uint8Array): number {
    let at = 0
    while (at < chunk.length && this.#mark >= 0) {
      if (chunk[at] !== byteOrderMark[this.#mark]) {
        this.#keepMark()
        return at
      }
      at++
      this.#mark = this.#mark + 1 === byteOrderMark.length ? -1 : this.#mark + 1
    }
    return at
  }

  /** What began like a mark was part of the first line. */
  #keepMark(): void {
    const seen = this.#mark
    this.#mark = -1
    if (seen > 0) this.#keep(byteOrderMark.subarray(0, seen), 0)
  }

  #finishRest(chunk: Uint8Array, start: number, feed: number): void {
    if (!this.#skipping) this.#keep(chunk.subarray(0, feed), start)
    if (this.#skipping) this.#tooLong()
    else this.#line(this.#rest, 0, this.#restLength)
    this.#restLength = 0
    this.#skipping = false
  }

  #keep(chunk: Uint8Array, start: number): void {
    const length = chunk.length - start
    if (this.#skipping || length <= 0) return
    if (this.#restLength + length > this.#rest.length) {
      this.#skipping = true
      this.#restLength = 0
      return
    }
    this.#rest.set(chunk.subarray(start), this.#restLength)
    this.#restLength += length
  }

  #tooLong(): void {
    this.number++
    this.#sink.fault('line too long')
  }

  #line(bytes: Uint8Array, from: number, to: number): void {
    let start = from
    let end = to
    // Before blanks are cut, so that it does not matter how the body was chunked.
    if (to - from > lineBytesMax) {
      this.#tooLong()
      return
    }
    this.number++
    if (end > start && bytes[end - 1] === carriageReturn) end--
    while (start < end && isBlank(bytes[start] as number)) start++
    while (end > start && isBlank(bytes[end - 1] as number)) end--
    if (start === end) return
    // A score is at most three digits: look for the comma only there.
    for (let i = end - 1; i >= start && i >= end - 6; i--) {
      if (bytes[i] === comma) {
        this.#scored(bytes, start, i, end)
        return
      }
    }
    this.#sink.line(bytes, start, end, -1)
  }

  // oxlint-disable-next-line max-params
  #scored(bytes: Uint8Array, start: number, at: number, end: number): void {
    const score = scoreOf(bytes, at + 1, end)
    if (score < 0) {
      this.#sink.fault('score is not a whole number from 0 to 255')
      return
    }
    let idEnd = at
    while (idEnd > start && isBlank(bytes[idEnd - 1] as number)) idEnd--
    this.#sink.line(bytes, start, idEnd, score)
  }
}

function isBlank(byte: number): boolean {
  return byte === space || byte === tab
}

function scoreOf(bytes: Uint8Array, from: number, to: number): number {
  let start = from
  while (start < to && isBlank(bytes[start] as number)) start++
  if (start === to || to - start > 3) return -1
  let score = 0
  for (let i = start; i < to; i++) {
    const digit = (bytes[i] as number) - 48
    if (digit < 0 || digit > 9) return -1
    score = score * 10 + digit
  }
  return score <= 255 ? score : -1
}
