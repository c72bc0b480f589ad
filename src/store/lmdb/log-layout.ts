/**
 * Rows of a log's environment. Key: a number, u48 big endian, so that the order of keys is that of
 * numbers. Records are numbered upwards from `firstRecord`, without a gap; their value is
 * `time u48` and the record.
 */
import { logStart } from '../feedback-ports.ts'
import type { ByteDatabase } from './lmdb-environments.ts'

/** The number of the last record that was trimmed; so that numbers go on when no record is left. */
export const trimmedRow = 0

/** Written and removed to find out whether there is space again. */
export const probeRow = 1

/** 2^48 records last for 445 years at 20 000 a second. */
export const firstRecord = 2

/** Length of a number as bytes: of a key, of a record's time. */
export const numberBytes = 6

/** Writes a number into bytes that are reused (LMDB copies a key), and returns them. */
export function writeNumber(into: Uint8Array, number: number, at = 0): Uint8Array {
  const high = Math.floor(number / 4_294_967_296)
  const low = number >>> 0
  into[at] = high >>> 8
  into[at + 1] = high
  into[at + 2] = low >>> 24
  into[at + 3] = low >>> 16
  into[at + 4] = low >>> 8
  into[at + 5] = low
  return into
}

/** A number as bytes of its own. */
export function numberAsBytes(number: number): Uint8Array {
  return writeNumber(new Uint8Array(numberBytes), number)
}

/** The number at `at`. */
export function readNumber(bytes: Uint8Array, at = 0): number {
  let number = 0
  for (let i = at; i < at + numberBytes; i++) number = number * 256 + (bytes[i] ?? 0)
  return number
}

/** The number of the record at a place; 0 for the start. Throws RangeError where it is none. */
export function numberOfPlace(place: string): number {
  const number = place === logStart ? 0 : Number(place)
  if (!Number.isSafeInteger(number)) throw new RangeError(`no place in this log: "${place}"`)
  return number
}

/** The number that the next record gets. */
export function nextRecordOf(database: ByteDatabase): number {
  database.resetReadTxn()
  const [last] = [...database.getKeys({ reverse: true, limit: 1 })]
  const trimmed = database.get(numberAsBytes(trimmedRow))
  const numbers = [last, trimmed].map((bytes) => (bytes === undefined ? 0 : readNumber(bytes)))
  return Math.max(firstRecord, ...numbers.map((number) => number + 1))
}
