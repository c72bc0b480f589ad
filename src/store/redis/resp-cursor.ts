/** Walks a reply whose arrays stand in arrays (`ReplyKind.Tree`): streams and scans answer such. */
import type { RespReply } from './resp-parser.ts'

/** Reads one element after the other; the parser has found all of them whole. */
export class RespCursor {
  readonly #bytes: Uint8Array
  #at: number

  constructor(reply: RespReply) {
    this.#bytes = reply.bytes
    this.#at = reply.start
  }

  /** Elements of the array that begins here; a RangeError when none does. */
  array(): number {
    return this.#count(0x2a)
  }

  /** A copy of the bulk string that begins here; a RangeError when none does. */
  bulk(): Uint8Array {
    const length = this.#count(0x24)
    const start = this.#at
    this.#at = start + length + 2
    return copyOf(this.#bytes, start, start + length)
  }

  /** The same as ASCII text. */
  text(): string {
    const bytes = this.bulk()
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1')
  }

  #count(type: number): number {
    const bytes = this.#bytes
    if (bytes[this.#at] !== type) throw new RangeError('the reply has another shape')
    let count = 0
    let at = this.#at + 1
    for (let byte = bytes[at] ?? 13; byte !== 13; byte = bytes[++at] ?? 13) {
      if (byte < 48 || byte > 57) throw new RangeError('the reply has a null where a value belongs')
      count = count * 10 + byte - 48
    }
    this.#at = at + 2
    return count
  }
}

/** Bytes of its own: the reply's are the socket's. No Buffer, whose `slice` would be a view. */
export function copyOf(bytes: Uint8Array, start: number, end: number): Uint8Array {
  const copy = new Uint8Array(end - start)
  copy.set(bytes.subarray(start, end))
  return copy
}
