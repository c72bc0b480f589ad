/**
 * The floor that Sluice on Redis is held against: uWebSockets.js alone and, for every request, as
 * many autopipelined ioredis reads as the request has ids. Nothing is decoded or decided.
 */

import uWS from 'uWebSockets.js'
import { Redis } from 'ioredis'
import { listen, type Peer } from './bare.ts'

/** What the floor reads and answers. */
export interface FloorOptions {
  readonly answer: Uint8Array
  readonly redisPort: number
  /** Keys of the values read, in turn; half of them exist. */
  readonly keys: readonly string[]
  /** Reads of successive requests, in turn: 3, 4 or 5. */
  readonly reads: readonly number[]
}

/** Starts the floor on a free loopback port. */
export async function startFloor(options: FloorOptions): Promise<Peer> {
  const redis = new Redis(options.redisPort, '127.0.0.1', { enableAutoPipelining: true })
  await redis.ping()
  const { answer, keys, reads } = options
  let nextKey = 0
  let nextRead = 0

  const readAll = (): Promise<unknown> => {
    const count = reads[nextRead] ?? 1
    nextRead = nextRead + 1 === reads.length ? 0 : nextRead + 1
    const values: Promise<Buffer | null>[] = []
    for (let i = 0; i < count; i++) {
      values.push(redis.getBuffer(keys[nextKey] ?? ''))
      nextKey = nextKey + 1 === keys.length ? 0 : nextKey + 1
    }
    return Promise.all(values)
  }

  const app = uWS.App()
  app.post('/*', (response) => {
    let aborted = false
    response.onAborted(() => {
      aborted = true
    })
    const answerIt = (): void => {
      if (aborted) return
      response.cork(() => {
        response.writeHeader('Content-Type', 'application/x-protobuf').end(answer)
      })
    }
    response.onData((_chunk, isLast) => {
      if (isLast) readAll().then(answerIt, answerIt)
    })
  })
  const peer = await listen(app)
  return {
    port: peer.port,
    close: () => {
      peer.close()
      redis.disconnect()
    },
  }
}
