/** The admin API as a marketer's script uses it: bearer key, JSON, streamed packs. */
import http from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'

/** The answer to an upload. */
export interface UploadAnswer {
  readonly version: number
  readonly accepted: number
  readonly duplicates: number
  readonly rejected: number
}

/** One upload. */
export interface PackUpload {
  readonly id: string
  readonly body: Iterable<Uint8Array>
  /** Query of the upload: `idType` at least. */
  readonly query: Readonly<Record<string, string>>
  /** Called when the last byte has been handed over. */
  readonly sent?: () => void
}

/** The API answered with a status of 400 and above. */
export class AdminError extends Error {
  readonly code = 'SLUICE_CLI_ADMIN'
  readonly status: number

  constructor(what: string, status: number, answer: string) {
    super(`${what} was answered with ${status}: ${answer}`)
    this.name = 'AdminError'
    this.status = status
  }
}

/** A client of one control process on this machine. */
export class AdminClient {
  readonly port: number
  readonly #key: string

  constructor(port: number, key: string) {
    this.port = port
    this.#key = key
  }

  /** True when the control port answers at all. */
  async isUp(): Promise<boolean> {
    try {
      return (await fetch(`http://127.0.0.1:${this.port}/healthz`)).status < 500
    } catch {
      return false
    }
  }

  /** Sends JSON and gives the JSON back; throws `AdminError`. */
  async json(method: string, path: string, body?: unknown): Promise<unknown> {
    const response = await fetch(`http://127.0.0.1:${this.port}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${this.#key}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    if (response.status >= 400) throw new AdminError(`${method} ${path}`, response.status, text)
    return text === '' ? null : JSON.parse(text)
  }

  /** Posts values as lines of JSON; throws `AdminError`. */
  async lines(path: string, values: readonly unknown[]): Promise<unknown> {
    const response = await fetch(`http://127.0.0.1:${this.port}${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${this.#key}`, 'content-type': 'application/x-ndjson' },
      body: values.map((value) => `${JSON.stringify(value)}\n`).join(''),
    })
    const text = await response.text()
    if (response.status >= 400) throw new AdminError(`POST ${path}`, response.status, text)
    return JSON.parse(text)
  }

  /** A counter of `/metrics`, summed by one of its labels. */
  async counters(name: string, label: string): Promise<Map<string, number>> {
    const text = await (await fetch(`http://127.0.0.1:${this.port}/metrics`)).text()
    const sums = new Map<string, number>()
    for (const line of text.split('\n')) {
      if (!line.startsWith(`${name}{`)) continue
      const key = line.match(`${label}="([^"]*)"`)?.[1] ?? ''
      const value = Number(line.slice(line.lastIndexOf(' ') + 1))
      sums.set(key, (sums.get(key) ?? 0) + value)
    }
    return sums
  }

  /** Streams a pack, one id a line; throws `AdminError`. */
  async putPack(upload: PackUpload): Promise<UploadAnswer> {
    const query = new URLSearchParams(upload.query).toString()
    const path = `/api/v1/packs/${encodeURIComponent(upload.id)}?${query}`
    const request = http.request({
      host: '127.0.0.1',
      port: this.port,
      method: 'PUT',
      path,
      headers: { authorization: `Bearer ${this.#key}`, 'content-type': 'text/plain' },
    })
    if (upload.sent !== undefined) request.once('finish', upload.sent)
    const answered = new Promise<http.IncomingMessage>((resolve, reject) => {
      request.once('response', resolve)
      request.once('error', reject)
    })
    // Not awaited: the pipeline ends with the exchange, and the exchange when the answer is read.
    // Its failure is the request's own, or the server's early refusal, which says more.
    pipeline(Readable.from(upload.body), request).catch(() => undefined)
    const response = await answered
    const text = await textOf(response)
    const status = response.statusCode ?? 0
    if (status !== 200) throw new AdminError(`PUT ${path}`, status, text)
    return JSON.parse(text) as UploadAnswer
  }
}

async function textOf(stream: Readable): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of stream) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString('utf8')
}
