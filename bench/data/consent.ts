/** Consent strings for made-up requests, written bit by bit from the TCF v2 specification. */

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

/** Vendors that the strings speak of: a list of the length that real ones have. */
const vendorsMax = 800

/** Deciseconds of 2026-11-01T00:00:00Z. */
const createdAt = 17_934_912_000

/**
 * A core string in which all purposes are consented to, and all vendors but `refused` (0 = all).
 * Vendor sections are bit fields ("TCF string and vendor list formats", v2.2, "The core string").
 */
export function consentString(refused: number): string {
  const vendors = Array.from({ length: vendorsMax }, (_, at) => (at + 1 === refused ? '0' : '1'))
  const section = `${bits(vendorsMax, 16)}0${vendors.join('')}`
  const head = [
    [2, 6],
    [createdAt, 36],
    [createdAt, 36],
    [10, 12],
    [1, 12],
    [1, 6],
    [letters('EN'), 12],
    [280, 12],
    [4, 6],
    [1, 1],
    [0, 1],
    [0, 12],
    [2 ** 24 - 1, 24],
    [0, 24],
    [0, 1],
    [letters('DE'), 12],
  ] as const
  const core = head.map(([value, width]) => bits(value, width)).join('')
  return base64Url(core + section + section + bits(0, 12))
}

function bits(value: number, width: number): string {
  return value.toString(2).padStart(width, '0')
}

/** Two letters of six bits each, A = 0. */
function letters(text: string): number {
  return (text.charCodeAt(0) - 65) * 64 + text.charCodeAt(1) - 65
}

function base64Url(text: string): string {
  const padded = text.padEnd(Math.ceil(text.length / 6) * 6, '0')
  return padded.replace(/.{6}/g, (six) => alphabet[Number.parseInt(six, 2)] ?? '')
}
