/**
 * The value of a device: the pack slots it holds, ascending, each as a varint of
 * `gap to the slot before << 1 | scored`, followed by one score byte when scored. Five packs are
 * five or six bytes while fewer than 64 slots lie between neighbours.
 */

/** Walks a value; one per reader, reused. */
export class MembershipCursor {
  #bytes: Uint8Array = new Uint8Array(0)
  #position = 0
  #end = 0
  slot = -1
  /** 0-255, or -1 for a membership without a score. */
  score = -1

  /** Points the cursor at a value. */
  reset(bytes: Uint8Array, start: number, end: number): this {
    this.#bytes = bytes
    this.#position = start
    this.#end = end
    this.slot = -1
    return this
  }

  /** Moves to the next slot; false at the end. */
  next(): boolean {
    if (this.#position >= this.#end) return false
    const bytes = this.#bytes
    let byte = bytes[this.#position++] as number
    let word = byte & 0x7f
    for (let shift = 7; byte >= 0x80 && this.#position < this.#end; shift += 7) {
      byte = bytes[this.#position++] as number
      word |= (byte & 0x7f) << shift
    }
    this.slot += (word >>> 1) + 1
    this.score = (word & 1) === 0 ? -1 : (bytes[this.#position++] as number)
    return true
  }
}

/** Writes a value, slots ascending, into a buffer of its own; reused. */
export class MembershipWriter {
  /** Larger than any value: the caller looks at `length` before it keeps one. */
  readonly bytes = new Uint8Array(8 * 1_024)
  length = 0
  #last = -1

  /** Starts an empty value. */
  reset(): this {
    this.length = 0
    this.#last = -1
    return this
  }

  /** Appends a slot above the last one. */
  push(slot: number, score: number): void {
    let word = ((slot - this.#last - 1) << 1) | (score < 0 ? 0 : 1)
    this.#last = slot
    while (word > 0x7f) {
      this.bytes[this.length++] = (word & 0x7f) | 0x80
      word >>>= 7
    }
    this.bytes[this.length++] = word
    if (score >= 0) this.bytes[this.length++] = score
  }
}

/** Which slots decide a pack's version, for writers: by slot, 0 = none, else order and sign. */
export interface LayerTable {
  readonly order: Uint8Array
  readonly sign: Int8Array
}

/** Membership of one value in one version: the last layer held decides. */
export interface Membership {
  member: boolean
  score: number
}

/** Evaluates a value under a version's layers. */
export function evaluate(cursor: MembershipCursor, layers: LayerTable, into: Membership): void {
  let best = 0
  into.member = false
  into.score = -1
  while (cursor.next()) {
    const order = layers.order[cursor.slot] as number
    if (order <= best) continue
    best = order
    into.member = layers.sign[cursor.slot] === 1
    into.score = cursor.score
  }
}
