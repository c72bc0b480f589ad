/** Labels of joined rows, and the order and slices they make by time. */
import { LabelBit, type RowRange, type RowsAre } from './dataset-format.ts'
import { type RowTable, SeenBit } from './row-table.ts'

/** Share of the observed delays that a watermark covers. */
const watermarkQuantile = 0.95

/** Rows of the set, in its order, and their slices. */
export interface RowPlan {
  /** Numbers of rows of the table, by time; of one moment, in the order of the log. */
  readonly order: Int32Array
  readonly slices: {
    readonly train: RowRange
    readonly calibrate: RowRange
    readonly test: RowRange
  }
}

/**
 * Milliseconds within which 95 % of the conversions of this log came after their clicks; 0 where it
 * has none. Delays of the last days are cut by the end of the log, so it is rather short than long.
 */
export function watermarkOf(table: RowTable): number {
  const delays: number[] = []
  for (let row = 0; row < table.count; row++) {
    const delayMs = (table.conversionAt[row] ?? Number.NaN) - (table.clickAt[row] ?? Number.NaN)
    if (!Number.isNaN(delayMs)) delays.push(Math.max(0, delayMs))
  }
  delays.sort((a, b) => a - b)
  return delays[Math.ceil(delays.length * watermarkQuantile) - 1] ?? 0
}

/**
 * `LabelBit`s of a row. A conversion counts only after a click: the model of it is one of clicks.
 * A click without one is final when it is as old as the watermark at `endMs`.
 */
export function labelOf(table: RowTable, row: number, endMs: number, watermarkMs: number): number {
  if (((table.seen[row] ?? 0) & SeenBit.Click) === 0) return LabelBit.Final
  if (!Number.isNaN(table.conversionAt[row] ?? Number.NaN)) {
    return LabelBit.Click | LabelBit.Conversion | LabelBit.Final
  }
  const ageMs = endMs - (table.clickAt[row] ?? endMs)
  return ageMs >= watermarkMs ? LabelBit.Click | LabelBit.Final : LabelBit.Click
}

/**
 * Rows that were shown (or clicked) by time, cut at two shares of them. Rows of one moment stay in
 * one slice: what happened at once cannot tell of what came after.
 */
export function planRows(
  table: RowTable,
  rowsAre: RowsAre,
  shares: { readonly train: number; readonly calibrate: number },
): RowPlan {
  const order = keptRows(table, rowsAre === 'clicks' ? SeenBit.Click : SeenBit.Shown)
  if (!isInTime(order, table.at)) {
    order.sort((a, b) => (table.at[a] ?? 0) - (table.at[b] ?? 0) || a - b)
  }
  const train = cutAt(order, table.at, shares.train)
  const calibrate = Math.max(train, cutAt(order, table.at, shares.train + shares.calibrate))
  return {
    order,
    slices: { train: [0, train], calibrate: [train, calibrate], test: [calibrate, order.length] },
  }
}

function keptRows(table: RowTable, bit: number): Int32Array {
  const rows = new Int32Array(table.count)
  let kept = 0
  for (let row = 0; row < table.count; row++) {
    if (((table.seen[row] ?? 0) & bit) !== 0) rows[kept++] = row
  }
  return rows.slice(0, kept)
}

function isInTime(order: Int32Array, at: Float64Array): boolean {
  for (let i = 1; i < order.length; i++)
    if (atOf(order, at, i) < atOf(order, at, i - 1)) return false
  return true
}

function cutAt(order: Int32Array, at: Float64Array, share: number): number {
  let cut = Math.min(order.length, Math.round(order.length * share))
  while (cut > 0 && cut < order.length && atOf(order, at, cut) === atOf(order, at, cut - 1)) cut++
  return cut
}

function atOf(order: Int32Array, at: Float64Array, i: number): number {
  return at[order[i] ?? 0] ?? 0
}
