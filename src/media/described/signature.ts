/** Checks the signature of a described medium's request. */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import type { DescribedPlace, DescribedSignature } from '../../domain/described-medium.ts'
import type { Clock } from '../../lib/clock.ts'
import type { WireRequest } from '../adapter.ts'

/** True when the request is signed with one of the secrets and fresh enough. Never throws. */
export type SignatureCheck = (wire: WireRequest) => boolean

/** Reads a body path of the request in hand; '' where absent. */
export type BodyText = (path: string) => string

type Part = (wire: WireRequest, secret: string) => string | Uint8Array

const tokenPattern = /\{([^{}]+)\}/g
const headerPrefix = '$header.'
const queryPrefix = '$query.'

/** Body paths that the check reads, for the reader's one walk. */
export function signaturePaths(signature: DescribedSignature): string[] {
  const tokens = [...signature.template.matchAll(tokenPattern)].map(([, token]) => token ?? '')
  const places = [signature.place, ...(signature.freshness ? [signature.freshness.place] : [])]
  return [
    ...tokens.filter((token) => !token.startsWith('$')),
    ...places.flatMap((place) => (place.in === 'body' ? [place.path] : [])),
  ]
}

/** Lower-case names of the headers that the check reads. */
export function signatureHeaders(signature: DescribedSignature): string[] {
  const names = new Set<string>()
  for (const [, token = ''] of signature.template.matchAll(tokenPattern)) {
    if (token.startsWith(headerPrefix)) names.add(token.slice(headerPrefix.length).toLowerCase())
  }
  for (const place of [signature.place, signature.freshness?.place]) {
    if (place?.in === 'header') names.add(place.name.toLowerCase())
  }
  return [...names]
}

/** Compiles the check. Throws when freshness is asked for without a clock: broken composition. */
export function createSignatureCheck(
  signature: DescribedSignature,
  bodyText: BodyText,
  clock: Clock | null,
): SignatureCheck {
  const headers = signatureHeaders(signature)
  const parts = compile(signature.template, bodyText, headers)
  const given = placeReader(signature.place, bodyText, headers)
  const isFresh = freshnessCheck(signature, bodyText, clock)
  return (wire) => {
    const offered = given(wire)
    let isSigned = false
    // Every secret is tried, so that time does not tell which one was meant.
    for (const secret of signature.secrets) {
      const digest = digestOf(signature.algorithm, parts, { wire, secret })
      if (isSameHex(offered, digest, signature.hexCase)) isSigned = true
    }
    return isSigned && isFresh(wire)
  }
}

function compile(template: string, bodyText: BodyText, headers: readonly string[]): Part[] {
  const parts: Part[] = []
  let literalFrom = 0
  for (const match of template.matchAll(tokenPattern)) {
    const literal = template.slice(literalFrom, match.index)
    if (literal !== '') parts.push(() => literal)
    parts.push(partOf(match[1] ?? '', bodyText, headers))
    literalFrom = match.index + match[0].length
  }
  const rest = template.slice(literalFrom)
  if (rest !== '') parts.push(() => rest)
  return parts
}

function partOf(token: string, bodyText: BodyText, headers: readonly string[]): Part {
  if (token === '$secret') return (_, secret) => secret
  if (token === '$body') return (wire) => wire.body
  if (token.startsWith(headerPrefix)) {
    const index = headers.indexOf(token.slice(headerPrefix.length).toLowerCase())
    return (wire) => wire.headers[index] ?? ''
  }
  if (token.startsWith(queryPrefix)) {
    const name = token.slice(queryPrefix.length)
    return (wire) => queryValue(wire.query, name)
  }
  return () => bodyText(token)
}

function placeReader(
  place: DescribedPlace,
  bodyText: BodyText,
  headers: readonly string[],
): (wire: WireRequest) => string {
  if (place.in === 'body') return () => bodyText(place.path)
  if (place.in === 'query') return (wire) => queryValue(wire.query, place.name)
  const index = headers.indexOf(place.name.toLowerCase())
  return (wire) => wire.headers[index] ?? ''
}

function freshnessCheck(
  signature: DescribedSignature,
  bodyText: BodyText,
  clock: Clock | null,
): SignatureCheck {
  const { freshness } = signature
  if (freshness === null) return () => true
  if (clock === null) throw new RangeError('signature freshness needs a clock')
  const read = placeReader(freshness.place, bodyText, signatureHeaders(signature))
  const unitMs = freshness.unit === 's' ? 1_000 : 1
  const toleranceMs = freshness.toleranceSeconds * 1_000
  return (wire) => {
    const text = read(wire)
    // Digits only: Number('') is 0 and Number('1e3') a time nobody meant.
    if (!/^\d{1,16}$/.test(text)) return false
    return Math.abs(clock.wallMs() - Number(text) * unitMs) <= toleranceMs
  }
}

function digestOf(
  algorithm: DescribedSignature['algorithm'],
  parts: readonly Part[],
  input: { readonly wire: WireRequest; readonly secret: string },
): string {
  const { wire, secret } = input
  const hash = algorithm === 'hmac-sha256' ? createHmac('sha256', secret) : createHash(algorithm)
  for (const part of parts) hash.update(part(wire, secret))
  return hash.digest('hex')
}

/** Compares in a time that depends on the lengths alone. */
function isSameHex(
  offered: string,
  digest: string,
  hexCase: DescribedSignature['hexCase'],
): boolean {
  const expected = hexCase === 'upper' ? digest.toUpperCase() : digest
  const text = hexCase === 'any' && offered.length <= 128 ? offered.toLowerCase() : offered
  if (text.length !== expected.length) return false
  const left = Buffer.from(text)
  const right = Buffer.from(expected)
  return left.length === right.length && timingSafeEqual(left, right)
}

function queryValue(query: string, name: string): string {
  return new URLSearchParams(query).get(name) ?? ''
}
