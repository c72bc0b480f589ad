/** Answers to bid requests that are made once: those without a body, and headers of the others. */
import { Refusal } from '../domain/refusal.ts'
import type { Answer, Header } from './exchange.ts'
import { statusLine } from './status-line.ts'

/** What an answer says back of the OpenRTB version that the request named. */
export interface VersionEcho {
  readonly noContent: Answer
  readonly headers: readonly Header[]
  /** The same for a body that is gzip. */
  readonly gzipHeaders: readonly Header[]
}

const noBody = new Uint8Array(0)
const jsonType = Buffer.from('application/json')
const protobufType = Buffer.from('application/x-protobuf')
const versionName = Buffer.from('x-openrtb-version')
const gzipHeader = { name: Buffer.from('content-encoding'), value: Buffer.from('gzip') }

/** Versions look like `2.6`; nothing else that a stranger sends is written into our head. */
const versionForm = /^\d+(\.\d+)*$/
const versionCharsMax = 8

/** Five versions of OpenRTB are in use; more different ones than this are made anew each time. */
const echoesMax = 64

/** Refusals that HTTP has a word for; every other one is 204, which exchanges take for no bid. */
const statuses: ReadonlyMap<Refusal, Answer> = new Map([
  [Refusal.Malformed, emptyAnswer(400)],
  [Refusal.EmptyBody, emptyAnswer(400)],
  [Refusal.Forbidden, emptyAnswer(403)],
  [Refusal.UnknownExchange, emptyAnswer(404)],
  [Refusal.BodyTooLarge, emptyAnswer(413)],
])

const noEcho = newEcho('')
const echoes = new Map<string, VersionEcho>()

/** What to say back of `x-openrtb-version`: itself if it looks like a version, else nothing. */
export function echoOf(version: string): VersionEcho {
  if (version === '' || version.length > versionCharsMax) return noEcho
  const known = echoes.get(version)
  if (known !== undefined) return known
  if (!versionForm.test(version)) return noEcho
  const echo = newEcho(version)
  if (echoes.size < echoesMax) echoes.set(version, echo)
  return echo
}

/** The answer without a body: 204, or the status of what the caller did wrong. */
export function refusalAnswer(reason: Refusal, echo: VersionEcho): Answer {
  return statuses.get(reason) ?? echo.noContent
}

/** HTTP 200 with a body. */
export function bodyAnswer(body: Uint8Array, isJson: boolean, headers: readonly Header[]): Answer {
  return { status: null, contentType: isJson ? jsonType : protobufType, body, headers }
}

function newEcho(version: string): VersionEcho {
  const headers = version === '' ? [] : [{ name: versionName, value: Buffer.from(version) }]
  return {
    headers,
    gzipHeaders: [...headers, gzipHeader],
    noContent: { ...emptyAnswer(204), headers, isLengthless: true },
  }
}

function emptyAnswer(status: number): Answer {
  return { status: statusLine(status), contentType: null, body: noBody, headers: [] }
}
