/**
 * The bytes of one upload: streamed, inflated when they are gzip, with the reason when they end
 * early.
 */
import { pipeline, type Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { Problem } from './problem.ts'

/**
 * Inflated bytes the gunzip stage holds at most; with the socket's buffer all we keep of a body.
 */
const inflatedChunkBytes = 64 * 1024

/**
 * A body as the pack service reads it: at its own pace, nothing is buffered ahead. Gzip is
 * recognised by `Content-Encoding` or, since many tools do not set it, by its first two bytes.
 */
export class UploadBody implements AsyncIterable<Uint8Array> {
  readonly #stream: Readable
  readonly #isDeclaredGzip: boolean
  /** Why reading failed, whatever the reader made of the error; null while it has not. */
  failure: Problem | null = null

  /** Throws 415 for an encoding other than gzip. */
  constructor(stream: Readable, contentEncoding: string | undefined) {
    const encoding = (contentEncoding ?? '').trim().toLowerCase()
    if (encoding !== '' && encoding !== 'gzip' && encoding !== 'identity') {
      throw new Problem('SLUICE_CONTROL_MEDIA_TYPE', 'Content-Encoding must be gzip or absent')
    }
    this.#stream = stream
    this.#isDeclaredGzip = encoding === 'gzip'
  }

  /** Lets go what was not read. Nothing, when everything was. */
  drain(): void {
    this.#stream.resume()
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void, void> {
    try {
      const { head, rest } = await peek(this.#stream)
      const isGzip = this.#isDeclaredGzip || (head[0] === 0x1f && head[1] === 0x8b)
      const plain = chain(head, rest)
      yield* isGzip ? inflate(plain) : plain
    } catch (error) {
      this.failure = failureOf(error)
      throw this.failure
    }
  }
}

/** Reads until two bytes are there, or the end. */
async function peek(stream: Readable): Promise<{ head: Buffer; rest: AsyncIterator<Buffer> }> {
  // A reader that stops early must not destroy the socket: the refusal still has to be answered.
  const rest = stream.iterator({ destroyOnReturn: false }) as AsyncIterator<Buffer>
  let head: Buffer = Buffer.alloc(0)
  while (head.length < 2) {
    const next = await rest.next()
    if (next.done === true) break
    head = head.length === 0 ? next.value : Buffer.concat([head, next.value])
  }
  return { head, rest }
}

async function* chain(head: Buffer, rest: AsyncIterator<Buffer>): AsyncGenerator<Uint8Array> {
  try {
    if (head.length > 0) yield head
    for (let next = await rest.next(); next.done !== true; next = await rest.next()) {
      yield next.value
    }
  } finally {
    await rest.return?.()
  }
}

async function* inflate(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const gunzip = createGunzip({ chunkSize: inflatedChunkBytes })
  // A failure of the source destroys gunzip with it, and so ends the loop below with that error.
  pipeline(source, gunzip, () => undefined)
  for await (const chunk of gunzip) yield chunk as Buffer
}

function failureOf(error: unknown): Problem {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  if (code.startsWith('Z_')) {
    return new Problem('SLUICE_CONTROL_BAD_GZIP', 'the gzip data is damaged or cut off')
  }
  return new Problem(
    'SLUICE_CONTROL_UPLOAD_ABORTED',
    'the upload ended early; nothing was activated',
  )
}
