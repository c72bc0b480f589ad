/** The peers of a run as processes of their own, and the data that the floor reads. */
import type { ChildProcess } from 'node:child_process'
import type { PeerOrder } from '../peers/peer-main.ts'
import { forkPinned, message, serverCore } from './processes.ts'
import type { RedisServer } from './redis-server.ts'

/** A running peer. */
export interface PeerProcess {
  readonly child: ChildProcess
  readonly port: number
}

/** Starts a peer on the servers' core. */
export async function startPeer(order: PeerOrder): Promise<PeerProcess> {
  const child = forkPinned(new URL('../peers/peer-main.js', import.meta.url), serverCore)
  child.send(order)
  const answer = await message<{ port?: number; error?: string }>(child)
  if (answer.port === undefined) throw new Error(`peer ${order.kind}: ${answer.error}`)
  return { child, port: answer.port }
}

/** What the floor's Redis holds. */
export interface FloorValues {
  readonly keys: number
  /** One key in so many has a value. */
  readonly hitEvery: number
  readonly valueBytes: number
}

/** Fills a Redis for the floor; answers the keys it is to read. */
export async function fillFloor(redis: RedisServer, values: FloorValues): Promise<string[]> {
  const keys = Array.from({ length: values.keys }, (_, index) => `device:${index}`)
  const value = Buffer.alloc(values.valueBytes, 7)
  for (let from = 0; from < keys.length; from += 10_000) {
    const batch = redis.client.pipeline()
    for (const [index, key] of keys.slice(from, from + 10_000).entries()) {
      if (index % values.hitEvery === 0) batch.set(key, value)
    }
    await batch.exec()
  }
  return keys
}
