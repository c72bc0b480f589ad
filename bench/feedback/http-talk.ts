/** Single requests over kept connections, for probes and simulated partners: not for load. */
import http from 'node:http'

/** An answer. */
export interface TalkAnswer {
  readonly status: number
  readonly body: Buffer
}

/** A partner's connections to one port. */
export class HttpTalk {
  readonly #port: number
  readonly #agent: http.Agent

  constructor(port: number, connections: number) {
    this.#port = port
    this.#agent = new http.Agent({ keepAlive: true, maxSockets: connections, noDelay: true })
  }

  get(path: string): Promise<TalkAnswer> {
    return this.#ask({ method: 'GET', path }, null)
  }

  post(
    path: string,
    body: Uint8Array | string,
    headers: Readonly<Record<string, string>>,
  ): Promise<TalkAnswer> {
    const length = { 'content-length': String(Buffer.byteLength(body)) }
    return this.#ask({ method: 'POST', path, headers: { ...headers, ...length } }, body)
  }

  close(): void {
    this.#agent.destroy()
  }

  #ask(options: http.RequestOptions, body: Uint8Array | string | null): Promise<TalkAnswer> {
    return new Promise((resolve, reject) => {
      const request = http.request({
        host: '127.0.0.1',
        port: this.#port,
        agent: this.#agent,
        ...options,
      })
      request.once('error', (error: NodeJS.ErrnoException) => {
        // The server closed a resting connection at the moment in which it was taken up again.
        const isStale = request.reusedSocket && error.code === 'ECONNRESET'
        if (isStale) this.#ask(options, body).then(resolve, reject)
        else reject(error)
      })
      request.once('response', (response) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.once('error', reject)
        response.once('end', () => {
          resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks) })
        })
      })
      if (body === null) request.end()
      else request.end(body)
    })
  }
}
