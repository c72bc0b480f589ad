/** Which caps are reached, and which rules on converts hold, for one device now. */
import { entryKey, type GuardTable, isInWindow } from '../domain/guard.ts'
import { type UserHistory, UserStateCursor } from '../domain/user-state.ts'
import { placeIn } from '../lib/number-index.ts'

/**
 * Rows of a table that hold under any key of the device, each once: the maximum over its keys. One
 * serves many requests; what it found is of the last `find`.
 */
export class GuardHits {
  count = 0
  rows = new Int32Array(64)
  /** By hit: the last minute in which it holds if nothing happens, the latest over the keys. */
  untils = new Float64Array(64)
  readonly #cursor = new UserStateCursor()
  /** By row: the hit it is, plus one. */
  #hitOf = new Int32Array(0)

  /** Walks the entries of every key: what it costs follows them, not the table. */
  find(table: GuardTable, history: UserHistory, nowMinute: number): void {
    this.#begin(table)
    const { bytes, from, count } = history
    for (let key = 0; key < count; key++) {
      const cursor = this.#cursor.reset(bytes, from[key] ?? 0, from[key + 1] ?? 0)
      while (cursor.next()) {
        let row = placeIn(table.keys, entryKey(cursor.kind, cursor.tag))
        for (; row >= 0; row = table.next[row] ?? -1) this.#look(row, table, nowMinute)
      }
    }
  }

  #begin(table: GuardTable): void {
    for (let hit = 0; hit < this.count; hit++) this.#hitOf[this.rows[hit] ?? 0] = 0
    this.count = 0
    const rows = table.things.length
    if (this.#hitOf.length < rows) this.#hitOf = new Int32Array(rows * 2)
  }

  #look(row: number, table: GuardTable, nowMinute: number): void {
    const minutes = table.minutes[row] ?? 0
    const minute = this.#cursor.minuteOfNth(table.nths[row] ?? 1)
    if (!isInWindow(minute, minutes, nowMinute)) return
    const until = minute + minutes
    const known = (this.#hitOf[row] ?? 0) - 1
    if (known >= 0) {
      if (until > (this.untils[known] ?? 0)) this.untils[known] = until
      return
    }
    if (this.count === this.rows.length) this.#grow()
    this.rows[this.count] = row
    this.untils[this.count] = until
    this.count++
    this.#hitOf[row] = this.count
  }

  #grow(): void {
    const rows = new Int32Array(this.rows.length * 2)
    const untils = new Float64Array(rows.length)
    rows.set(this.rows)
    untils.set(this.untils)
    this.rows = rows
    this.untils = untils
  }
}
