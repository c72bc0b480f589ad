/** The text of one id: white space, hex digits, and the shape rules of docs/identity.md. */
import { IdFamily, type IdTypeInfo } from '../domain/id-type.ts'
import { IdDoubt } from './id-doubt.ts'

/** What the raw ids of a family look like; lengths in characters. */
interface RawShape {
  /** `uuid`: 8-4-4-4-12 hex digits. `mac`: six bytes, bare or joined by one of ':' and '-'. */
  readonly kind: 'uuid' | 'hex' | 'mac' | 'token'
  readonly lengthMin: number
  readonly lengthMax: number
  /** True where 32 hex digits can be no raw id, so that they must be its md5 in the wrong field. */
  readonly takesMd5: boolean
}

const uuid: RawShape = { kind: 'uuid', lengthMin: 36, lengthMax: 36, takesMd5: false }

/** By family; wide where makers differ, because a refused real id is a lost customer. */
const rawShapes = new Map<number, RawShape>([
  // 14 digits without and 15 with the check digit, 16 for IMEISV; a MEID has 14 hex digits.
  [IdFamily.Imei, { kind: 'hex', lengthMin: 14, lengthMax: 16, takesMd5: true }],
  // Makers are free: UUIDs, 16 and 64 hex digits are in use. 119 is what md5 takes (lib/md5.ts).
  [IdFamily.Oaid, { kind: 'token', lengthMin: 8, lengthMax: 119, takesMd5: false }],
  [IdFamily.Idfa, uuid],
  // 64 bits in hex, on old systems without leading zeros.
  [IdFamily.AndroidId, { kind: 'hex', lengthMin: 8, lengthMax: 16, takesMd5: true }],
  [IdFamily.Mac, { kind: 'mac', lengthMin: 12, lengthMax: 17, takesMd5: true }],
  [IdFamily.Gaid, uuid],
  // 32 hex digits today; the alliance has changed the algorithm with every version.
  [IdFamily.Caid, { kind: 'token', lengthMin: 8, lengthMax: 119, takesMd5: false }],
  [IdFamily.Idfv, uuid],
  // UUIDs on all systems that we know of; makers of TV sets are free to change that.
  [IdFamily.Ifa, { kind: 'token', lengthMin: 8, lengthMax: 119, takesMd5: false }],
])

/** How media write a macro around its name (rta-media.md §4); the last is a url-encoded brace. */
export const macroDresses: readonly (readonly [before: string, after: string])[] = [
  ['__', '__'],
  ['{', '}'],
  ['$', '}'],
  ['$', '$'],
  ['%%', '%%'],
  ['[', ']'],
  ['<', '>'],
  ['%7B', '%7D'],
]

/** By byte: value of a hex digit in any case, or -1. */
const hexValue = new Int8Array(256).fill(-1)
for (let value = 0; value < 16; value++) {
  hexValue[value.toString(16).charCodeAt(0)] = value
  hexValue[value.toString(16).toUpperCase().charCodeAt(0)] = value
}

/** Where the text begins: past ASCII white space and control characters. */
export function trimStart(bytes: Uint8Array, start: number, end: number): number {
  let at = start
  while (at < end && (bytes[at] ?? 0) <= 0x20) at++
  return at
}

/** Where the text ends: before ASCII white space and control characters. */
export function trimEnd(bytes: Uint8Array, start: number, end: number): number {
  let at = end
  while (at > start && (bytes[at - 1] ?? 0) <= 0x20) at--
  return at
}

/** Reads 32 hex digits of any case into four little-endian words, or says what else is there. */
export function parseMd5(
  bytes: Uint8Array,
  start: number,
  end: number,
  digest: Int32Array,
): IdDoubt {
  if (end - start !== 32) return doubtOfMd5Text(bytes, start, end, IdDoubt.WrongLength)
  let invalid = 0
  for (let word = 0; word < 4; word++) {
    let value = 0
    const from = start + word * 8
    for (let i = 0; i < 8; i += 2) {
      const upper = hexValue[bytes[from + i] ?? 0] ?? -1
      const lower = hexValue[bytes[from + i + 1] ?? 0] ?? -1
      invalid |= upper | lower
      value |= ((upper << 4) | lower) << (i * 4)
    }
    digest[word] = value
  }
  if (invalid < 0) return doubtOfMd5Text(bytes, start, end, IdDoubt.NotHex)
  return isOneDigit(digest) ? IdDoubt.Zeros : IdDoubt.None
}

/** Says why the raw id [start, end) of this type cannot be real, or `IdDoubt.None`. */
export function doubtOfRaw(
  type: IdTypeInfo,
  bytes: Uint8Array,
  start: number,
  end: number,
): IdDoubt {
  if (isMacro(bytes, start, end)) return IdDoubt.Macro
  const repeated = doubtOfRepeat(bytes, start, end)
  if (repeated !== IdDoubt.None) return repeated
  const shape = rawShapes.get(type.family)
  if (shape === undefined) throw new RangeError(`id family ${type.family} has no raw shape`)
  const length = end - start
  if (shape.kind === 'uuid' && length === 32 && areHex(bytes, start, end)) return IdDoubt.Ambiguous
  if (length < shape.lengthMin || length > shape.lengthMax) return IdDoubt.WrongLength
  return hasShape(shape.kind, bytes, start, end) ? IdDoubt.None : IdDoubt.BadCharacter
}

/** Says why the opaque token [start, end) cannot be real, or `IdDoubt.None`. */
export function doubtOfOpaque(bytes: Uint8Array, start: number, end: number): IdDoubt {
  if (start === end) return IdDoubt.Empty
  if (isMacro(bytes, start, end)) return IdDoubt.Macro
  for (let i = start; i < end; i++) {
    const byte = bytes[i] ?? 0
    if (byte <= 0x20 || byte === 0x7f) return IdDoubt.BadCharacter
  }
  // One letter or digit may be a user's name; only zeros may not.
  return bytes[start] === 0x30 ? doubtOfRepeat(bytes, start, end) : IdDoubt.None
}

/** True where 32 characters in a field for raw ids of this type may be the md5 of one. */
export function mayBeMd5(type: IdTypeInfo, length: number): boolean {
  return length === 32 && rawShapes.get(type.family)?.takesMd5 === true
}

function doubtOfMd5Text(
  bytes: Uint8Array,
  start: number,
  end: number,
  otherwise: IdDoubt,
): IdDoubt {
  if (isMacro(bytes, start, end)) return IdDoubt.Macro
  const repeated = doubtOfRepeat(bytes, start, end)
  return repeated === IdDoubt.None ? otherwise : repeated
}

/** True for a macro that nobody replaced: dressed as one, with something inside. */
function isMacro(bytes: Uint8Array, start: number, end: number): boolean {
  if ((hexValue[bytes[start] ?? 0] ?? -1) >= 0) return false
  for (const [before, after] of macroDresses) {
    const fits = end - start > before.length + after.length
    if (fits && hasText(bytes, start, before) && hasText(bytes, end - after.length, after)) {
      return true
    }
  }
  return false
}

function hasText(bytes: Uint8Array, at: number, text: string): boolean {
  for (let i = 0; i < text.length; i++) if (bytes[at + i] !== text.charCodeAt(i)) return false
  return true
}

/** Zeros when all letters and digits are one and the same, Empty when there are none. */
function doubtOfRepeat(bytes: Uint8Array, start: number, end: number): IdDoubt {
  let seen = -1
  for (let i = start; i < end; i++) {
    const byte = bytes[i] ?? 0
    if (!isPunctuation(byte)) {
      if (seen >= 0 && byte !== seen) return IdDoubt.None
      seen = byte
    }
  }
  return seen < 0 ? IdDoubt.Empty : IdDoubt.Zeros
}

/** - . : _ and the like: what a "dressed" zero is joined by. */
function isPunctuation(byte: number): boolean {
  return byte === 0x2d || byte === 0x2e || byte === 0x3a || byte === 0x5f
}

function hasShape(kind: RawShape['kind'], bytes: Uint8Array, start: number, end: number): boolean {
  switch (kind) {
    case 'hex':
      return areHex(bytes, start, end)
    case 'uuid':
      return isUuid(bytes, start)
    case 'mac':
      return isMac(bytes, start, end)
    case 'token':
      return areVisible(bytes, start, end)
  }
}

function areHex(bytes: Uint8Array, start: number, end: number): boolean {
  for (let i = start; i < end; i++) if ((hexValue[bytes[i] ?? 0] ?? -1) < 0) return false
  return true
}

function isUuid(bytes: Uint8Array, start: number): boolean {
  for (let i = 0; i < 36; i++) {
    const byte = bytes[start + i] ?? 0
    const isDashDue = i === 8 || i === 13 || i === 18 || i === 23
    if (isDashDue ? byte !== 0x2d : (hexValue[byte] ?? -1) < 0) return false
  }
  return true
}

function isMac(bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start === 12) return areHex(bytes, start, end)
  const joint = bytes[start + 2] ?? 0
  if (end - start !== 17 || (joint !== 0x3a && joint !== 0x2d)) return false
  for (let i = 0; i < 17; i++) {
    const byte = bytes[start + i] ?? 0
    if (i % 3 === 2 ? byte !== joint : (hexValue[byte] ?? -1) < 0) return false
  }
  return true
}

function areVisible(bytes: Uint8Array, start: number, end: number): boolean {
  for (let i = start; i < end; i++) {
    const byte = bytes[i] ?? 0
    if (byte <= 0x20 || byte >= 0x7f) return false
  }
  return true
}

/** All 32 hex digits the same: every word equals the first, and that its own turn by 4 bits. */
function isOneDigit(digest: Int32Array): boolean {
  const first = digest[0] ?? 0
  if (digest[1] !== first || digest[2] !== first || digest[3] !== first) return false
  return ((first << 4) | (first >>> 28)) === first
}
