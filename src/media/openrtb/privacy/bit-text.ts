/**
 * Bits straight from base64url characters: a cursor that decodes only what is asked for. Consent
 * strings (TCF, GPP) pack fields of odd widths, most significant bit first, six to a character.
 */

/**
 * Longest consent string we look at. Real TCF strings end below 2 KiB, those with many publisher
 * restrictions near 8; walking 16 KiB of the worst entries stays near 0.1 ms.
 */
export const consentCharsMax = 16 * 1024

/** Widest single read: 25 bits touch at most five characters, 30 bits, so int32 arithmetic holds. */
const readBitsMax = 25
/** A Fibonacci code of 24 bits already means 75 024; no id we read is near it. */
const fibonacciBitsMax = 24

const foreign = -1
/** Six bits by ASCII code; the plain alphabet's `+` and `/` can only mean one thing, so they do. */
const sextets = new Int8Array(128).fill(foreign)
const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
for (let value = 0; value < alphabet.length; value++) sextets[alphabet.charCodeAt(value)] = value
sextets['+'.charCodeAt(0)] = 62
sextets['/'.charCodeAt(0)] = 63

/**
 * Cursor over the bits of `text` from character `start` to `end`. It never throws: a read past the
 * end or over a foreign character gives 0 and makes `ok` false for good.
 */
export class BitText {
  /** False once a read or skip left the text or met a character outside the alphabet. */
  ok = true
  readonly #text: string
  readonly #start: number
  readonly #bits: number
  #bit = 0

  constructor(text: string, start = 0, end: number = text.length) {
    this.#text = text
    this.#start = start
    // Padding is not part of the alphabet, but some encoders leave it on.
    let last = end
    while (last > start && text.charCodeAt(last - 1) === 0x3d) last--
    this.#bits = (last - start) * 6
  }

  /** All bits of the text, those of the encoder's padding included. */
  get bits(): number {
    return this.#bits
  }

  /** Bits not yet read. */
  get left(): number {
    return this.#bits - this.#bit
  }

  /** The next `width` bits (1-25) as an unsigned number. */
  read(width: number): number {
    const to = this.#bit + width
    if (to > this.#bits || width > readBitsMax) return this.fail()
    let value = 0
    let bad = 0
    let at = Math.trunc(this.#bit / 6)
    const end = Math.trunc((to + 5) / 6)
    for (const text = this.#text; at < end; at++) {
      const code = text.charCodeAt(this.#start + at)
      const sextet = code < 128 ? (sextets[code] ?? foreign) : foreign
      bad |= sextet
      value = (value << 6) | (sextet & 63)
    }
    this.#bit = to
    if (bad < 0) return this.fail()
    return (value >>> (end * 6 - to)) & ((1 << width) - 1)
  }

  /** Passes over `width` bits without looking at them. */
  skip(width: number): void {
    this.#bit += width
    if (this.#bit > this.#bits) this.fail()
  }

  /**
   * The next Fibonacci code: bit i stands for the i-th of 1, 2, 3, 5, 8 …, and a second 1 in a row
   * ends it (GPP, "About Fibonacci Encoding"). At least 1, or 0 when the bits hold none.
   */
  readFibonacci(): number {
    let sum = 0
    let previous = 1
    let current = 1
    let before = 0
    for (let width = 0; width < fibonacciBitsMax && this.ok; width++) {
      const bit = this.read(1)
      if (bit === 1 && before === 1) return sum
      if (bit === 1) sum += current
      before = bit
      const next = previous + current
      previous = current
      current = next
    }
    return this.fail()
  }

  /** Says that what was read makes no sense: `ok` is false from now on. Returns 0. */
  fail(): 0 {
    this.ok = false
    return 0
  }
}
