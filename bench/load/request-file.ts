/**
 * The requests of a run as one file: the generator, the wrk script and the checks read the same
 * bytes. Layout, repeated: body length u32le, expectation u8, body.
 */
import { readFileSync, writeFileSync } from 'node:fs'

/** What a right answer to a request is, as the naive model of the bench computed it. */
export const Expect = {
  Anything: 0,
  Accept: 1,
  Refuse: 2,
  /** Accepted before the change under test, refused after it. */
  Leaves: 3,
  /** Refused before the change under test, accepted after it. */
  Joins: 4,
} as const
export type Expect = (typeof Expect)[keyof typeof Expect]

/** A request body (or, where a run asks by GET, its path) and what is expected of its answer. */
export interface PreparedRequest {
  readonly body: Uint8Array
  readonly expect: Expect
}

/** Requests ready to be sent: HTTP head and body as one buffer each. */
export interface RequestSet {
  readonly wires: readonly Buffer[]
}

const headBytes = 5

/** Writes the requests of a run. */
export function writeRequestFile(path: string, requests: readonly PreparedRequest[]): void {
  const total = requests.reduce((sum, request) => sum + headBytes + request.body.length, 0)
  const file = Buffer.allocUnsafe(total)
  let at = 0
  for (const request of requests) {
    at = file.writeUInt32LE(request.body.length, at)
    at = file.writeUInt8(request.expect, at)
    file.set(request.body, at)
    at += request.body.length
  }
  writeFileSync(path, file)
}

/** Reads what `writeRequestFile` wrote. */
export function readRequestFile(path: string): PreparedRequest[] {
  const file = readFileSync(path)
  const requests: PreparedRequest[] = []
  for (let at = 0; at < file.length; ) {
    const length = file.readUInt32LE(at)
    const expect = file.readUInt8(at + 4) as Expect
    at += headBytes
    requests.push({ body: file.subarray(at, at + length), expect })
    at += length
  }
  return requests
}

/** Where requests go, and what their heads say. */
export interface RequestTarget {
  readonly host: string
  /** GET: each request's body is its path, with the query, and nothing is sent behind the head. */
  readonly method?: 'GET' | 'POST'
  readonly path: string
  /** As the medium sends it. */
  readonly contentType: string
  /** Further lines of the head. */
  readonly headers: readonly string[]
}

/** Puts the HTTP head in front of each body. */
export function requestSet(
  requests: readonly PreparedRequest[],
  target: RequestTarget,
): RequestSet {
  const wires: Buffer[] = []
  const more = target.headers.map((line) => `${line}\r\n`).join('')
  for (const request of requests) {
    if (target.method === 'GET') {
      const path = Buffer.from(request.body).toString('latin1')
      wires.push(Buffer.from(`GET ${path} HTTP/1.1\r\nHost: ${target.host}\r\n${more}\r\n`))
      continue
    }
    const head = `POST ${target.path} HTTP/1.1\r\nHost: ${target.host}\r\nContent-Type: ${target.contentType}\r\nContent-Length: ${request.body.length}\r\n${more}\r\n`
    wires.push(Buffer.concat([Buffer.from(head, 'latin1'), request.body]))
  }
  return { wires }
}
