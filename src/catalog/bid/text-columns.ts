/** Columns of the places where texts stand. */
import type { TextColumns } from './bid-data.ts'
import type { TextPlace } from './text-store.ts'

/** The columns of these places. */
export function textColumns(places: readonly TextPlace[]): TextColumns {
  const columns = emptyText(places.length)
  for (const [index, place] of places.entries()) putText(columns, index, place)
  return columns
}

/** Room for `count` places. */
export function emptyText(count: number): TextColumns {
  return {
    segment: new Uint16Array(count),
    from: new Uint32Array(count),
    to: new Uint32Array(count),
  }
}

/** Notes a place. */
export function putText(
  columns: TextColumns,
  index: number,
  { segment, from, to }: TextPlace,
): void {
  columns.segment[index] = segment
  columns.from[index] = from
  columns.to[index] = to
}
