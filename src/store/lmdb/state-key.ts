/** Keys of derived state: a day of a table is one range, and a device is found without a string. */
import { type StateKey, StateTable, stateNameMax } from '../feedback-ports.ts'

/** `table u8 · day u16 · shard u16`, big endian; the name follows. */
const headBytes = 5

/** The longest key of any table. */
export const stateKeyBytesMax = headBytes + stateNameMax

/** `shard u16 · field u48`, big endian. */
export const userKeyBytes = 8

const fieldName = /^[0-9a-f]{12}$/

/** Writes the key of a device's user state: two parts of its field as in `ValueAddress`. */
export function writeUserKey(into: Uint8Array, shard: number, high: number, low: number): void {
  into[0] = shard >>> 8
  into[1] = shard
  into[2] = high >>> 24
  into[3] = high >>> 16
  into[4] = high >>> 8
  into[5] = high
  into[6] = low >>> 8
  into[7] = low
}

/** Writes the key of a user state whose name is a field's 12 hex digits; answers its bytes. */
export function writeNamedUserKey(into: Uint8Array, { shard, name }: StateKey): Uint8Array {
  if (!fieldName.test(name)) throw badKey(StateTable.User, name)
  const high = Number.parseInt(name.slice(0, 8), 16)
  writeUserKey(into, shard, high, Number.parseInt(name.slice(8), 16))
  return into.subarray(0, userKeyBytes)
}

/** Shard and name of a user state. */
export function readUserKey(key: Uint8Array): StateKey {
  return { table: StateTable.User, shard: u16At(key, 0), day: 0, name: textAt(key, 2, 'hex') }
}

/** Writes the key of any other table; answers its bytes, a view of `into`. */
export function writeStateKey(into: Uint8Array, { table, shard, day, name }: StateKey): Uint8Array {
  if (name.length === 0 || name.length > stateNameMax) throw badKey(table, name)
  writeDay(into, table, day)
  into[3] = shard >>> 8
  into[4] = shard
  for (let i = 0; i < name.length; i++) into[headBytes + i] = name.charCodeAt(i)
  return into.subarray(0, headBytes + name.length)
}

/** What a key says. */
export function readStateKey(key: Uint8Array): StateKey {
  return {
    table: String.fromCharCode(key[0] ?? 0) as StateTable,
    shard: u16At(key, 3),
    day: u16At(key, 1),
    name: textAt(key, headBytes, 'latin1'),
  }
}

/** The key before the first one of a table's day. Day 65 536 is the end of the table. */
export function dayStart(table: StateTable, day: number): Uint8Array {
  const key = new Uint8Array(3)
  writeDay(key, table, day)
  // The byte after the table's: behind all of its days.
  if (day > 65_535) key[0] = table.charCodeAt(0) + 1
  return key
}

function writeDay(into: Uint8Array, table: StateTable, day: number): void {
  into[0] = table.charCodeAt(0)
  into[1] = day >>> 8
  into[2] = day
}

function textAt(key: Uint8Array, at: number, encoding: 'hex' | 'latin1'): string {
  return Buffer.from(key.buffer, key.byteOffset + at, key.length - at).toString(encoding)
}

function u16At(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0)
}

function badKey(table: string, name: string): RangeError {
  return new RangeError(`table ${table} has no key for the name "${name}"`)
}
