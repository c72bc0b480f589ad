/** For tests: a raw HTTP/1.1 client over one socket, and a medium that speaks one-letter words. */
import { connect, type Socket } from 'node:net'
import type { AdRequest } from '../domain/ad-request.ts'
import { isAccept, type RtaDecision } from '../domain/decision.ts'
import { Refusal } from '../domain/refusal.ts'
import type { MediumAdapter, WireRequest } from '../media/adapter.ts'

/** One parsed response. */
export interface WireResponse {
  readonly status: number
  readonly headers: ReadonlyMap<string, string>
  readonly body: string
  /** The body as it came. */
  readonly bytes: Buffer
}

/** A socket that understands as much HTTP as our server answers with. */
export class WireClient {
  readonly socket: Socket
  readonly #responses: WireResponse[] = []
  #bytes = Buffer.alloc(0)
  #isClosed = false
  #wake: (() => void) | null = null

  constructor(port: number) {
    this.socket = connect({ host: '127.0.0.1', port, noDelay: true })
    this.socket.on('data', (chunk: Buffer) => {
      this.#bytes = Buffer.concat([this.#bytes, chunk])
      this.#parse()
      this.#wake?.()
    })
    this.socket.on('error', () => undefined)
    this.socket.on('close', () => {
      this.#isClosed = true
      this.#wake?.()
    })
  }

  /** Sends bytes as they are. */
  send(...parts: (string | Uint8Array)[]): this {
    for (const part of parts) this.socket.write(part)
    return this
  }

  /** Sends bytes one by one, each in its own packet as far as the kernel lets us. */
  async drip(text: string | Uint8Array): Promise<void> {
    for (const byte of Buffer.from(text)) {
      await new Promise<void>((resolve) => {
        this.socket.write(Uint8Array.of(byte), () => resolve())
      })
    }
  }

  /** The next response; rejects when the connection closes before it is complete. */
  async next(): Promise<WireResponse> {
    for (;;) {
      const response = this.#responses.shift()
      if (response !== undefined) return response
      if (this.#isClosed) throw new Error('the connection was closed without an answer')
      await this.#change()
    }
  }

  /** Resolves when the server has closed the connection. */
  async closed(): Promise<void> {
    while (!this.#isClosed) await this.#change()
  }

  #change(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve
    })
  }

  #parse(): void {
    for (;;) {
      const end = this.#bytes.indexOf('\r\n\r\n')
      if (end < 0) return
      const [first = '', ...lines] = this.#bytes.subarray(0, end).toString().split('\r\n')
      const headers = new Map(
        lines.map((line) => {
          const colon = line.indexOf(':')
          return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()] as const
        }),
      )
      const length = Number(headers.get('content-length') ?? 0)
      if (this.#bytes.length < end + 4 + length) return
      const bytes = this.#bytes.subarray(end + 4, end + 4 + length)
      const status = Number(first.split(' ')[1])
      this.#responses.push({ status, headers, body: bytes.toString(), bytes })
      this.#bytes = this.#bytes.subarray(end + 4 + length)
    }
  }
}

/** A POST with a body and its length. */
export function post(path: string, body: string, headers: readonly string[] = []): string {
  return postHead(path, body.length, headers) + body
}

/** The head of a POST whose body follows. */
export function postHead(path: string, length: number, headers: readonly string[] = []): string {
  const lines = [`POST ${path} HTTP/1.1`, 'Host: x', `Content-Length: ${length}`, ...headers]
  return `${lines.join('\r\n')}\r\n\r\n`
}

/**
 * A medium for tests: `yes…` and `no…` bodies decode (the text becomes the request id), others are
 * malformed, `throw` breaks. Answers are `ACCEPT <id>` or `REFUSE <number>`.
 */
export function wordMedium(name: string, budgetMs: number): MediumAdapter {
  return {
    name,
    rules: {
      budgetMs,
      secondBudgetMs: budgetMs,
      cacheSecondsMin: 0,
      cacheSecondsMax: 0,
      factorMin: 1,
      factorMax: 1,
      factorDecimals: 2,
      priceUnitMicros: 10_000,
      targetIdCharsMax: 32,
      numericTargets: false,
      refusalStatus: 200,
    },
    wantedHeaders: ['x-word'],
    wantsQuery: true,
    decode(wire: WireRequest, request: AdRequest) {
      const text = Buffer.from(wire.body).toString()
      if (text.startsWith('throw')) throw new Error('decode broke')
      if (!/^(yes|no)/.test(text)) return Refusal.Malformed
      request.requestId = text + (wire.headers[0] ?? '') + wire.query
      return Refusal.None
    },
    encode: (request: AdRequest, decision: RtaDecision) =>
      isAccept(decision)
        ? Buffer.from(
            `ACCEPT ${request.requestId.length > 40 ? request.requestId.length : request.requestId}`,
          )
        : Buffer.from(`REFUSE ${decision.refusal}`),
    refusal: (reason) => Buffer.from(`REFUSE ${reason}`),
    contentType: () => 'text/plain',
    describeAnswer: (body) => ({
      valid: true,
      accepted: Buffer.from(body).toString().startsWith('ACCEPT'),
      targetIds: [],
      message: null,
    }),
  }
}
