/** Values as Tencent's answers spell them: prices, 64-bit ids, cache times, labels. */
import { type Micros, microsPerFen, toUnitFloor } from '../../domain/money.ts'
import type { ProtoWriter } from '../../lib/proto-writer.ts'
import { tagBytesMax, tencentRules } from './rules.ts'

const decimal = /^[0-9]{1,20}$/
const utf8 = new TextEncoder()
const tagRoom = new Uint8Array(tagBytesMax)

/** Writes a price in 分, rounded down; nothing when there is none or less than 1 分. */
export function writePrice(writer: ProtoWriter, field: number, price: Micros): void {
  const fen = toUnitFloor(price, microsPerFen)
  if (fen > 0 && fen <= 0xffff_ffff) writer.uint32(field, fen)
}

/** True for decimal text of an unsigned 64-bit number. */
export function isUint64(text: string): boolean {
  if (!decimal.test(text)) return false
  return text.length < 20 || BigInt(text) <= 0xffff_ffff_ffff_ffffn
}

/** Writes the seconds an answer may be cached, inside the medium's range; nothing for 0. */
export function writeCacheTime(writer: ProtoWriter, seconds: number): void {
  if (seconds <= 0) return
  const { cacheSecondsMin, cacheSecondsMax } = tencentRules
  writer.uint32(7, Math.min(cacheSecondsMax, Math.max(cacheSecondsMin, Math.round(seconds))))
}

/**
 * Writes a client bucket label. One too long is left out: cut, it could name another bucket.
 * Three bytes a UTF-16 unit bound its UTF-8 length, so most labels need no counting.
 */
export function writeTag(writer: ProtoWriter, field: number, tag: string): void {
  if (tag === '' || tag.length > tagBytesMax) return
  if (tag.length * 3 > tagBytesMax && utf8.encodeInto(tag, tagRoom).read < tag.length) return
  writer.text(field, tag)
}
