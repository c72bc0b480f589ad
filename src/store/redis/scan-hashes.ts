/** Reads every value of a table, in portions: neither this process nor the server stands still. */
import { shardCount } from '../../lib/shard-count.ts'
import type { StateKey, StateTable } from '../feedback-ports.ts'
import { hashKeysOf, nameOf } from './feedback-keys.ts'
import { type RedisCommands, valuesOf } from './redis-commands.ts'
import { RespCursor } from './resp-cursor.ts'
import type { RespReply } from './resp-parser.ts'
import { slotOfShard } from './shard-keys.ts'

/** Hashes that are read at once, and fields of each: a listpack comes whole, and is not larger. */
const hashesMax = 256
const fieldsMax = '200'

/** A hash that is being read. */
interface Reading {
  readonly shard: number
  readonly day: number
  readonly key: string
  cursor: string
  /**
   * Fields seen: HSCAN may tell one twice while a hash grows. Null while there was one page only.
   */
  seen: Set<string> | null
}

interface Page {
  readonly cursor: string
  readonly fields: readonly { readonly field: Uint8Array; readonly value: Uint8Array }[]
}

/** Calls `visit` with each value that was there the whole time, once. */
export async function scanHashes(
  commands: RedisCommands,
  table: StateTable,
  days: readonly number[],
  visit: (key: StateKey, value: Uint8Array) => void,
): Promise<void> {
  const coming = readings(table, days)
  let open: Reading[] = []
  while (true) {
    while (open.length < hashesMax) {
      const next = coming.next()
      if (next.done === true) break
      open.push(next.value)
    }
    if (open.length === 0) return
    const pages = await commands.askAll(
      open.map(({ shard, key, cursor }) => [
        slotOfShard(shard),
        ['HSCAN', key, cursor, 'COUNT', fieldsMax],
      ]),
      pageFrom,
    )
    for (const [i, page] of valuesOf(pages).entries()) {
      const reading = open[i]
      if (reading !== undefined) visitPage(table, reading, page, visit)
    }
    open = open.filter(({ cursor }) => cursor !== '0')
  }
}

function* readings(table: StateTable, days: readonly number[]): Generator<Reading, void> {
  for (const day of days) {
    for (let shard = 0; shard < shardCount; shard++) {
      for (const key of hashKeysOf(table, shard, day)) {
        yield { shard, day, key, cursor: '0', seen: null }
      }
    }
  }
}

function visitPage(
  table: StateTable,
  reading: Reading,
  page: Page,
  visit: (key: StateKey, value: Uint8Array) => void,
): void {
  const { shard, day } = reading
  reading.cursor = page.cursor
  if (page.cursor !== '0') reading.seen ??= new Set()
  for (const { field, value } of page.fields) {
    const name = nameOf(table, field)
    if (reading.seen?.has(name) === true) continue
    reading.seen?.add(name)
    visit({ table, shard, day, name }, value)
  }
}

/** HSCAN answers `[cursor, [field, value, …]]`. */
function pageFrom(reply: RespReply): Page {
  const walk = new RespCursor(reply)
  walk.array()
  const cursor = walk.text()
  const fields: { field: Uint8Array; value: Uint8Array }[] = []
  for (let left = walk.array(); left > 0; left -= 2) {
    fields.push({ field: walk.bulk(), value: walk.bulk() })
  }
  return { cursor, fields }
}
