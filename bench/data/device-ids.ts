/** Made-up device ids: 32 hex digits that look like an md5, the same for the same number. */
import { mix32 } from './seeded-random.ts'

/** Families of ids of one made-up device; each gives a different text for the same number. */
export const IdKind = { Oaid: 0, Imei: 1, AndroidId: 2, Mac: 3, Caid: 4 } as const
export type IdKind = (typeof IdKind)[keyof typeof IdKind]

/** Hex digits of an id. */
export const idChars = 32

const hexDigits = new TextEncoder().encode('0123456789abcdef')

/**
 * Writes the id of `device` (0 … 2^32 - 1) at `at`; distinct devices have distinct ids, for the
 * first word is a bijection of the number.
 */
export function writeDeviceId(into: Uint8Array, at: number, device: number, kind: IdKind): void {
  const base = (device ^ Math.imul(kind + 1, 0x9e37_79b1)) >>> 0
  writeWord(into, at, mix32(base))
  writeWord(into, at + 8, mix32(base + 0x3c6e_f372))
  writeWord(into, at + 16, mix32(base ^ 0x5bd1_e995))
  writeWord(into, at + 24, mix32(Math.imul(base, 5) + kind))
}

/** The id as text. */
export function deviceIdText(device: number, kind: IdKind): string {
  const bytes = Buffer.allocUnsafe(idChars)
  writeDeviceId(bytes, 0, device, kind)
  return bytes.toString('latin1')
}

/** Bytes one chunk of an upload has at least before it is handed on. */
const chunkBytes = 256 * 1024

/**
 * Upload bodies: one id a line, for the devices of [from, to) that `isIn` keeps, in an order that
 * is no order of their keys. Memory is one chunk.
 */
export function* idLines(
  from: number,
  to: number,
  isIn: (device: number) => boolean = () => true,
): Generator<Uint8Array> {
  const lineBytes = idChars + 1
  let chunk = Buffer.allocUnsafe(chunkBytes + lineBytes)
  let length = 0
  for (let device = from; device < to; device++) {
    if (!isIn(device)) continue
    writeDeviceId(chunk, length, device, IdKind.Oaid)
    chunk[length + idChars] = 10
    length += lineBytes
    if (length < chunkBytes) continue
    yield chunk.subarray(0, length)
    chunk = Buffer.allocUnsafe(chunkBytes + lineBytes)
    length = 0
  }
  if (length > 0) yield chunk.subarray(0, length)
}

function writeWord(into: Uint8Array, at: number, word: number): void {
  for (let i = 0; i < 8; i++) {
    into[at + i] = hexDigits[(word >>> (28 - i * 4)) & 15] as number
  }
}
