/** Builds RESP commands byte by byte into one growing buffer: no strings, no array a command. */

const carriageReturn = 13
const lineFeed = 10
const bytesInitial = 64 * 1_024

/** A buffer of commands waiting for the end of the loop's turn. */
export class CommandBuffer {
  #bytes = Buffer.allocUnsafe(bytesInitial)
  #length = 0

  get length(): number {
    return this.#length
  }

  /** Starts a command of `count` arguments (its name is one of them). */
  command(count: number): this {
    this.#reserve(16)
    this.#header(0x2a, count)
    return this
  }

  /** An argument that is already in RESP form (`$4\r\nHGET\r\n`). */
  ready(bytes: Uint8Array): this {
    this.#reserve(bytes.length)
    const to = this.#bytes
    let at = this.#length
    for (let i = 0; i < bytes.length; i++) to[at++] = bytes[i] as number
    this.#length = at
    return this
  }

  /** An argument that is a stretch of bytes. */
  bytes(from: Uint8Array, start: number, end: number): this {
    this.#reserve(end - start + 16)
    this.#header(0x24, end - start)
    const to = this.#bytes
    let at = this.#length
    for (let i = start; i < end; i++) to[at++] = from[i] as number
    this.#length = at
    this.#newline()
    return this
  }

  /** An argument that is ASCII text. */
  text(words: string): this {
    this.#reserve(words.length + 16)
    this.#header(0x24, words.length)
    const to = this.#bytes
    let at = this.#length
    for (let i = 0; i < words.length; i++) to[at++] = words.charCodeAt(i)
    this.#length = at
    this.#newline()
    return this
  }

  /** The 6-byte field of a device. */
  field(high: number, low: number): this {
    this.#reserve(16)
    const to = this.#bytes
    let at = this.#length
    to[at++] = 0x24
    to[at++] = 0x36
    to[at++] = carriageReturn
    to[at++] = lineFeed
    to[at++] = high >>> 24
    to[at++] = high >>> 16
    to[at++] = high >>> 8
    to[at++] = high
    to[at++] = low >>> 8
    to[at++] = low
    this.#length = at
    this.#newline()
    return this
  }

  /** A bucket key: a ready prefix such as `{12}a` and the bucket number in base 36. */
  key(prefix: Uint8Array, bucket: number): this {
    this.#reserve(prefix.length + 32)
    let digits = 1
    for (let rest = bucket; rest >= 36; rest = Math.floor(rest / 36)) digits++
    this.#header(0x24, prefix.length + digits)
    const to = this.#bytes
    let at = this.#length
    for (let i = 0; i < prefix.length; i++) to[at++] = prefix[i] as number
    let rest = bucket
    for (let i = digits - 1; i >= 0; i--) {
      const digit = rest % 36
      to[at + i] = digit < 10 ? 48 + digit : 87 + digit
      rest = Math.floor(rest / 36)
    }
    this.#length = at + digits
    this.#newline()
    return this
  }

  /** Takes the commands as a buffer of their own and starts anew. */
  take(): Buffer {
    const taken = Buffer.from(this.#bytes.subarray(0, this.#length))
    this.#length = 0
    return taken
  }

  #header(kind: number, value: number): void {
    const to = this.#bytes
    let at = this.#length
    to[at++] = kind
    if (value < 10) to[at++] = 48 + value
    else {
      let divisor = 10
      while (value >= divisor * 10) divisor *= 10
      for (; divisor >= 1; divisor = Math.floor(divisor / 10)) {
        to[at++] = 48 + (Math.floor(value / divisor) % 10)
      }
    }
    this.#length = at
    this.#newline()
  }

  #newline(): void {
    const to = this.#bytes
    to[this.#length++] = carriageReturn
    to[this.#length++] = lineFeed
  }

  #reserve(count: number): void {
    const needed = this.#length + count
    if (needed <= this.#bytes.length) return
    const grown = Buffer.allocUnsafe(Math.max(needed, this.#bytes.length * 2))
    this.#bytes.copy(grown, 0, 0, this.#length)
    this.#bytes = grown
  }
}
