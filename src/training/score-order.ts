/** Row numbers by ascending score: a radix sort, since a comparator takes seconds on millions. */

const digitBits = 16
const digitCount = 1 << digitBits
const digits = 4

/**
 * Numbers of the rows by ascending score, rows of equal score in their order. Scores are finite and
 * not negative: then the bits of a double sort as the double does.
 */
export function orderByScore(score: Float64Array): Uint32Array {
  // A copy of its own: -0 becomes 0, and a view on a shared buffer may not be aligned.
  const keys = new Uint16Array(Float64Array.from(score, (value) => value + 0).buffer)
  let order = Uint32Array.from(score, (_, row) => row)
  let next = new Uint32Array(score.length)
  for (let digit = 0; digit < digits; digit++) {
    if (!sortByDigit({ keys, digit, order, next })) continue
    const swap = order
    order = next
    next = swap
  }
  return order
}

interface Pass {
  readonly keys: Uint16Array
  readonly digit: number
  readonly order: Uint32Array
  readonly next: Uint32Array
}

/** One stable pass by 16 bits of the key; false = all rows share them, nothing to be done. */
function sortByDigit({ keys, digit, order, next }: Pass): boolean {
  const starts = new Uint32Array(digitCount)
  for (let i = digit; i < keys.length; i += digits) {
    const key = keys[i] as number
    starts[key] = (starts[key] as number) + 1
  }
  if (starts.includes(order.length)) return false
  let before = 0
  for (let key = 0; key < digitCount; key++) {
    const count = starts[key] as number
    starts[key] = before
    before += count
  }
  for (const row of order) {
    const key = keys[row * digits + digit] as number
    const place = starts[key] as number
    next[place] = row
    starts[key] = place + 1
  }
  return true
}
