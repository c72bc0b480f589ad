/**
 * The Global Privacy Platform string: a header that lists section ids, then the sections in that
 * order, all joined by `~` (GPP "Consent String Specification", version 1).
 */
import { BitText, consentCharsMax } from './bit-text.ts'

/** "D" in front tells a GPP string from a TCF one ("C"). */
const headerType = 3
const headerVersion = 1
/** Section ids end at 27 today; beyond this number the header is garbage, not a new law. */
const sectionIdMax = 255
/** No string carries more sections than there are laws; also bounds the walk over `gpp_sid`. */
export const gppSectionsMax = 64

/**
 * Ids of the sections, in the order of the sections; null = not a GPP string we can read. The
 * list is a range of Fibonacci codes: each is the distance from the number before it, and a group
 * adds the distance to its last id.
 */
export function readGppSectionIds(gpp: string): number[] | null {
  if (gpp.length > consentCharsMax) return null
  const tilde = gpp.indexOf('~')
  const bits = new BitText(gpp, 0, tilde === -1 ? gpp.length : tilde)
  if (bits.read(6) !== headerType || bits.read(6) !== headerVersion) return null
  const items = bits.read(12)
  const ids: number[] = []
  let last = 0
  for (let item = 0; item < items && bits.ok; item++) {
    const isGroup = bits.read(1) === 1
    const first = last + bits.readFibonacci()
    last = isGroup ? first + bits.readFibonacci() : first
    if (last > sectionIdMax || ids.length + last - first >= gppSectionsMax) return null
    for (let id = first; id <= last; id++) ids.push(id)
  }
  return bits.ok ? ids : null
}

/** Text of the section at `index` of the header's list; null = the string ends before it. */
export function gppSectionAt(gpp: string, index: number): string | null {
  let start = 0
  for (let passed = -1; passed < index; passed++) {
    start = gpp.indexOf('~', start) + 1
    if (start === 0) return null
  }
  const end = gpp.indexOf('~', start)
  return gpp.slice(start, end === -1 ? gpp.length : end)
}
