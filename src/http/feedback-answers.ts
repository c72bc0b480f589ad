/** Answers of intake, made once; only redirects differ, by creative. */
import type { Answer, Header } from './exchange.ts'
import { statusLine } from './status-line.ts'

const noBody = new Uint8Array(0)
const noStore = header('cache-control', 'no-store')
const retryAfter = header('retry-after', '1')

/** A transparent GIF of one pixel, 43 bytes. */
const pixelBytes = Buffer.from(
  'R0lGODlhAQABAPAAAAAAAAAAACH5BAEAAAAALAAAAAABAAEAAAICRAEAOw==',
  'base64',
)

/** An answer without a body. */
function empty(status: number, headers: readonly Header[] = []): Answer {
  return { status: statusLine(status), contentType: null, body: noBody, headers }
}

export const noContent: Answer = { ...empty(204), isLengthless: true }
/** 200 without a body: what media want of a monitoring link. */
export const ok = empty(200, [noStore])
export const pixel: Answer = {
  status: null,
  contentType: Buffer.from('image/gif'),
  body: pixelBytes,
  headers: [noStore],
}
export const badRequest = empty(400)
export const forbidden = empty(403)
export const notFound = empty(404)
export const requestTimeout = empty(408)
export const gone = empty(410)
export const tooLarge = empty(413)
/** The log does not take events now: machines come again after a second. */
export const unavailable = empty(503, [retryAfter])

/** The same for a person, whose browser comes again by itself. */
export const comeAgain = empty(503, [retryAfter, header('refresh', '1')])

/** Redirects kept ready: the creatives that are being clicked on. */
const redirectsMax = 4_096
let redirects = new Map<string, Answer>()

/**
 * 302 to a landing page of the catalog; null where the text is no absolute http(s) URL. Kept by
 * text: the same page is clicked on again and again.
 */
export function redirectTo(landing: string): Answer | null {
  const known = redirects.get(landing)
  if (known !== undefined) return known
  if (!/^https?:\/\//i.test(landing) || !URL.canParse(landing)) return null
  // The parser escapes what may not stand in a header, line breaks among it.
  const answer = empty(302, [header('location', new URL(landing).href), noStore])
  if (redirects.size === redirectsMax) redirects = new Map()
  redirects.set(landing, answer)
  return answer
}

function header(name: string, value: string): Header {
  return { name: Buffer.from(name), value: Buffer.from(value) }
}
