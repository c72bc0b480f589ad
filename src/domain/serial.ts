/** Short numbers for things with text ids: what tokens and events carry instead of the text. */
import { createHash } from 'node:crypto'

/**
 * 48 bits, never 0 (0 = none): the first six bytes, big endian, of SHA-256 of `<kind>/<id>`. The
 * same on every machine and for ever, computable by anyone, and exact in a double.
 */
export type Serial = number & { readonly __unit: 'serial' }

/** No such thing: no strategy, no model (the prior). */
export const noSerial = 0 as Serial

/** Kinds that tokens and events name. An arm's id is `<experiment>/<arm>`, a model's `<name>@<v>`. */
export type SerialKind =
  | 'exchange'
  | 'medium'
  | 'advertiser'
  | 'campaign'
  | 'creative'
  | 'strategy'
  | 'arm'
  | 'model'

const serialBytes = 6

/**
 * The serial of a thing; about 1 µs. Two ids of one kind share a serial with probability 2^-48 a
 * pair (2e-5 among 100 000 creatives), so whoever compiles the catalog looks with `serialClashes`.
 */
export function serialOf(kind: SerialKind, id: string): Serial {
  const digest = createHash('sha256').update(`${kind}/${id}`).digest()
  const value = digest.readUIntBE(0, serialBytes)
  // 0 means none; one id in 2^48 lives next door.
  return (value === 0 ? 1 : value) as Serial
}

/**
 * Ids of one kind that share their serial with an earlier one; nearly always empty. `of` is for
 * tests, which cannot wait for a real clash.
 */
export function serialClashes(
  kind: SerialKind,
  ids: Iterable<string>,
  of: typeof serialOf = serialOf,
): string[] {
  const seen = new Map<Serial, string>()
  const clashes: string[] = []
  for (const id of ids) {
    const serial = of(kind, id)
    const other = seen.get(serial)
    if (other === undefined) seen.set(serial, id)
    else if (other !== id) clashes.push(id)
  }
  return clashes
}
