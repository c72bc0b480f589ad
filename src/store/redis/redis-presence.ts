/** Who is alive, in one Redis hash; a record that is too old is not listed and is swept. */
import { type PresenceRecord, type PresenceStore, presenceTtlMs } from '../ports.ts'
import type { RedisClient } from './redis-client.ts'

/** Field = process id, value = JSON of the record. Same hash tag as the catalog. */
export const presenceKey = '{sluice}presence'

/** Records this old are deleted by whoever lists: the process is long gone. */
const sweepAfterMs = 60_000

/** `PresenceStore` on one Redis or Cluster. */
export class RedisPresence implements PresenceStore {
  readonly #client: RedisClient
  readonly #wallMs: () => number

  constructor(client: RedisClient, wallMs: () => number) {
    this.#client = client
    this.#wallMs = wallMs
  }

  async announce(record: PresenceRecord): Promise<void> {
    await this.#client.hset(presenceKey, record.id, JSON.stringify(record))
  }

  async leave(id: string): Promise<void> {
    await this.#client.hdel(presenceKey, id)
  }

  async list(): Promise<PresenceRecord[]> {
    const stored = await this.#client.hvals(presenceKey)
    const records = stored.map((json) => JSON.parse(json) as PresenceRecord)
    const now = this.#wallMs()
    const gone = records.filter((record) => now - record.atMs > sweepAfterMs)
    if (gone.length > 0) await this.#client.hdel(presenceKey, ...gone.map((record) => record.id))
    return records.filter((record) => now - record.atMs <= presenceTtlMs)
  }
}
