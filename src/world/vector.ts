/** Tables of numbers. */

/** Entry of a table; an index outside of it is a fault of ours and counts as 0. */
export function at(table: ArrayLike<number>, index: number): number {
  return table[index] ?? 0
}

/** Adds `scale` × row `row` of a table of `target.length` columns to `target`. */
export function addRow(
  target: Float64Array,
  table: Float64Array,
  row: number,
  scale: number,
): void {
  const width = target.length
  for (let i = 0; i < width; i++) {
    target[i] = (target[i] ?? 0) + scale * (table[row * width + i] ?? 0)
  }
}
