/**
 * A naive writer of consent strings: bits as text, one character a bit. Written from the
 * specifications apart from the readers, so that agreement of both means something.
 */

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

/** Bits to base64url, zeros behind up to the next character. */
export function toBase64Url(bits: string): string {
  const padded = bits.padEnd(Math.ceil(bits.length / 6) * 6, '0')
  return padded.replace(/.{6}/g, (six) => alphabet[Number.parseInt(six, 2)] ?? '')
}

/** A number in `width` bits. */
export function int(value: number, width: number): string {
  return value.toString(2).padStart(width, '0')
}

/** `width` bits of which those with these 1-based numbers are set. */
export function bitfield(ids: readonly number[], width: number): string {
  return Array.from({ length: width }, (_, at) => (ids.includes(at + 1) ? '1' : '0')).join('')
}

/** Fibonacci code of a number ≥ 1, greedily from the largest term down. */
export function fibonacci(value: number): string {
  const terms = [1, 2]
  while ((terms.at(-1) ?? 0) <= value) terms.push((terms.at(-1) ?? 0) + (terms.at(-2) ?? 0))
  let rest = value
  let code = ''
  for (const term of terms.reverse()) {
    const taken = term <= rest
    if (taken) rest -= term
    if (taken || code !== '') code = (taken ? '1' : '0') + code
  }
  return `${code}1`
}

/** Runs of following ids, as [first, last]. */
function runs(ids: readonly number[]): [number, number][] {
  const found: [number, number][] = []
  for (const id of [...new Set(ids)].sort((a, b) => a - b)) {
    const run = found.at(-1)
    if (run !== undefined && run[1] === id - 1) run[1] = id
    else found.push([id, id])
  }
  return found
}

/** Range (Int): count, then for each run a flag and one or two ids of 16 bits. */
export function intRanges(ids: readonly number[]): string {
  const entries = runs(ids).map(([first, last]) =>
    first === last ? `0${int(first, 16)}` : `1${int(first, 16)}${int(last, 16)}`,
  )
  return int(entries.length, 12) + entries.join('')
}

/** A vendor section in the encoding asked for. */
export function vendors(ids: readonly number[], encoding: 'bitfield' | 'range'): string {
  const max = Math.max(0, ...ids)
  const body = encoding === 'range' ? `1${intRanges(ids)}` : `0${bitfield(ids, max)}`
  return int(max, 16) + body
}

export interface TcfParts {
  readonly version?: number
  readonly purposesConsent?: readonly number[]
  readonly purposesLegitimate?: readonly number[]
  readonly vendorConsent?: readonly number[]
  readonly vendorLegitimate?: readonly number[]
  readonly encoding?: 'bitfield' | 'range'
  /** [purpose, type, vendors]; undefined in Canada leaves the field out. */
  readonly restrictions?: readonly (readonly [number, number, readonly number[]])[]
}

/** Created, last updated, CMP, screen, language, vendor list and policy, with odd values. */
const tcfMeta =
  int(15_955_329_393, 36) +
  int(15_955_329_394, 36) +
  int(27, 12) +
  int(3, 12) +
  int(1, 6) +
  int(4, 6) +
  int(13, 6) +
  int(174, 12) +
  int(4, 6)

function restrictionBits(parts: TcfParts): string {
  const entries = parts.restrictions ?? []
  const each = entries.map(
    ([purpose, type, ids]) => int(purpose, 6) + int(type, 2) + intRanges(ids),
  )
  return int(entries.length, 12) + each.join('')
}

/** Core segment of IAB Europe TCF v2 ("TC String Format"). */
export function tcfEuString(parts: TcfParts): string {
  const encoding = parts.encoding ?? 'bitfield'
  return toBase64Url(
    int(parts.version ?? 2, 6) +
      tcfMeta +
      '10' +
      bitfield([1], 12) +
      bitfield(parts.purposesConsent ?? [], 24) +
      bitfield(parts.purposesLegitimate ?? [], 24) +
      '0' +
      int(3, 6) +
      int(4, 6) +
      vendors(parts.vendorConsent ?? [], encoding) +
      vendors(parts.vendorLegitimate ?? [], encoding) +
      restrictionBits(parts),
  )
}

/** Core sub-section of IAB Canada TCF v1, with ranges of 16-bit ids as the IAB's library writes. */
export function tcfCanadaString(parts: TcfParts): string {
  const encoding = parts.encoding ?? 'bitfield'
  return toBase64Url(
    int(parts.version ?? 1, 6) +
      tcfMeta +
      '0' +
      bitfield([], 12) +
      bitfield(parts.purposesConsent ?? [], 24) +
      bitfield(parts.purposesLegitimate ?? [], 24) +
      vendors(parts.vendorConsent ?? [], encoding) +
      vendors(parts.vendorLegitimate ?? [], encoding) +
      (parts.restrictions === undefined ? '' : restrictionBits(parts)),
  )
}

/** A GPP string of these sections, which must be in ascending order of their ids. */
export function gppString(sections: readonly (readonly [number, string])[]): string {
  const groups = runs(sections.map(([id]) => id))
  let last = 0
  let items = ''
  for (const [first, end] of groups) {
    items += first === end ? '0' : '1'
    items += fibonacci(first - last)
    if (end > first) items += fibonacci(end - first)
    last = end
  }
  const header = toBase64Url(int(3, 6) + int(1, 6) + int(groups.length, 12) + items)
  return [header, ...sections.map(([, text]) => text)].join('~')
}
