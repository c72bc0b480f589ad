/** JSON texts of entities in shared memory: written by the compiling thread, read by the other. */

/** Where a text stands. */
export interface TextPlace {
  readonly segment: number
  readonly from: number
  readonly to: number
}

/**
 * Bytes of one segment: 100 000 creatives of 1 KiB fill a dozen, and a change of one appends to the
 * last. A text that is longer gets a segment of its own.
 */
export const segmentBytes = 8 * 1024 * 1024

/** Texts that nothing points to any more are let go when they are more than half of all. */
const deadShareMax = 0.5

/** Append-only segments, packed anew when most of them is dead. */
export class TextStore {
  #segments: SharedArrayBuffer[] = []
  #tail: Buffer = Buffer.alloc(0)
  #used = 0
  #live = 0
  #bytes = 0

  /** The segments now; a later `add` never changes what stands in them. */
  get segments(): readonly SharedArrayBuffer[] {
    return this.#segments
  }

  /** Appends a text. */
  add(text: string): TextPlace {
    const length = Buffer.byteLength(text)
    const to = this.#room(length)
    this.#tail.write(text, to - length)
    return { segment: this.#segments.length - 1, from: to - length, to }
  }

  /** The text that stands there. */
  read({ segment, from, to }: TextPlace): string {
    const bytes = this.#segments[segment]
    if (bytes === undefined) throw new RangeError(`no segment ${segment}`)
    return Buffer.from(bytes, from, to - from).toString('utf8')
  }

  /** Says that nothing points to this text any more. */
  drop(place: TextPlace): void {
    this.#live -= place.to - place.from
  }

  /** True when packing would halve it at least. */
  get isWasteful(): boolean {
    return this.#bytes > segmentBytes && this.#live < this.#bytes * (1 - deadShareMax)
  }

  /** Begins anew; `copy` brings a text over from the old segments. */
  repack(): (place: TextPlace) => TextPlace {
    const old = this.#segments
    this.#segments = []
    this.#tail = Buffer.alloc(0)
    this.#used = 0
    this.#live = 0
    this.#bytes = 0
    return ({ segment, from, to }) => {
      const end = this.#room(to - from)
      const source = old[segment]
      if (source !== undefined)
        this.#tail.set(new Uint8Array(source, from, to - from), end - (to - from))
      return { segment: this.#segments.length - 1, from: end - (to - from), to: end }
    }
  }

  /** Makes room for `length` bytes at the tail; answers where they end. */
  #room(length: number): number {
    if (this.#used + length > this.#tail.length) {
      const segment = new SharedArrayBuffer(Math.max(segmentBytes, length))
      this.#segments = [...this.#segments, segment]
      this.#tail = Buffer.from(segment)
      this.#used = 0
    }
    this.#used += length
    this.#live += length
    this.#bytes += length
    return this.#used
  }
}
