/**
 * A map from large whole numbers to the places they stand at, in typed arrays: built once, moved
 * between threads without a copy, read without allocation. Its numbers are hashes already (serials,
 * tags): their lowest 32 bits spread them.
 */

/** The arrays of a built index. */
export interface NumberIndexData {
  /** The numbers, by place; up to 2^53. */
  readonly keys: Float64Array
  /** Open addressing: a place, or -1. A power of two, at most half full. */
  readonly places: Int32Array
}

/** Builds the index over distinct numbers; of two equal ones the first is found. */
export function buildNumberIndex(keys: Float64Array): NumberIndexData {
  const capacity = 2 ** Math.ceil(Math.log2(Math.max(2, keys.length * 2)))
  const places = new Int32Array(capacity).fill(-1)
  const data = { keys, places }
  for (let place = 0; place < keys.length; place++) {
    const at = slotOf(data, keys[place]!)
    if (places[at] === -1) places[at] = place
  }
  return data
}

/** The place of a number, or -1. */
export function placeIn(data: NumberIndexData, key: number): number {
  return data.places[slotOf(data, key)]!
}

/** Where the number stands in the table, or the empty slot that it would take. */
function slotOf({ keys, places }: NumberIndexData, key: number): number {
  const mask = places.length - 1
  let at = (key >>> 0) & mask
  for (;;) {
    const place = places[at]!
    if (place === -1 || keys[place] === key) return at
    at = (at + 1) & mask
  }
}
