/** What the head of a bid request says of its body and of the answer (OpenRTB 2.6 §2.1-2.4). */
import type { HttpRequest } from 'uWebSockets.js'

/** How a body was coded on its way. */
export const Coding = { Plain: 0, Gzip: 1, Unknown: 2 } as const
export type Coding = (typeof Coding)[keyof typeof Coding]

/** The parts of a head that a bid looks at. */
export interface BidHead {
  readonly isJson: boolean
  readonly coding: Coding
  readonly takesGzip: boolean
}

/** `application/x-protobuf` is the specification's; the others were used before it and beside it. */
const protobufTypes: ReadonlySet<string> = new Set([
  'application/x-protobuf',
  'application/protobuf',
  'application/octet-stream',
])

/** Reads the head; only inside the route callback. */
export function headOf(request: HttpRequest): BidHead {
  return {
    isJson: isJsonType(request.getHeader('content-type')),
    coding: codingOf(request.getHeader('content-encoding')),
    takesGzip: takesGzip(request.getHeader('accept-encoding')),
  }
}

/** False for protobuf; whatever else a type says, or none at all, means JSON. */
export function isJsonType(contentType: string): boolean {
  if (contentType === '' || contentType === 'application/json') return true
  const end = contentType.indexOf(';')
  const type = end < 0 ? contentType : contentType.slice(0, end)
  return !protobufTypes.has(type.trim().toLowerCase())
}

/** `x-gzip` is the same as `gzip`, `identity` is nothing (RFC 9110 §8.4.1); nothing else is read. */
export function codingOf(contentEncoding: string): Coding {
  if (contentEncoding === '') return Coding.Plain
  if (contentEncoding === 'gzip') return Coding.Gzip
  let coding: Coding = Coding.Plain
  for (const part of contentEncoding.split(',')) {
    const word = part.trim().toLowerCase()
    if (word === '' || word === 'identity') continue
    const isGzip = word === 'gzip' || word === 'x-gzip'
    // Coded twice is not coded as anybody agreed.
    coding = isGzip && coding === Coding.Plain ? Coding.Gzip : Coding.Unknown
  }
  return coding
}

/**
 * True when the sender takes gzip: it or `*` is named with a weight above 0; a weight of `gzip`
 * itself comes before that of `*` (RFC 9110 §12.5.3).
 */
export function takesGzip(acceptEncoding: string): boolean {
  if (acceptEncoding === '' || acceptEncoding === 'identity') return false
  if (acceptEncoding === 'gzip') return true
  let any = false
  for (const part of acceptEncoding.split(',')) {
    const [name = '', ...parameters] = part.split(';')
    const word = name.trim().toLowerCase()
    if (word === 'gzip' || word === 'x-gzip') return isWanted(parameters)
    if (word === '*') any = isWanted(parameters)
  }
  return any
}

/** True unless the weight is 0, or is no number. */
function isWanted(parameters: readonly string[]): boolean {
  for (const parameter of parameters) {
    const [name = '', value = ''] = parameter.split('=')
    if (name.trim().toLowerCase() === 'q') return Number.parseFloat(value) > 0
  }
  return true
}
