/** The catalog in Redis: one hash and one counter on one hash tag, written by one script. */
import type { Redis } from 'ioredis'
import type { CatalogStore, EntityWrite, StoredEntity, WriteResult } from '../ports.ts'
import type { RedisClient } from './redis-store.ts'

/** All catalog keys share a tag, so that one script may change them together in a Cluster. */
export const catalogKey = '{sluice}catalog'
export const revisionKey = '{sluice}revision'

/**
 * KEYS[1] catalog hash, KEYS[2] revision. ARGV: triples of field, expected version ('' = any,
 * '0' = absent), JSON ('' = delete). A stored value is `version:json`.
 * Answers {1, revision}, or {0, index of the first conflict, version found} with nothing written.
 */
const writeScript = `
local versions = {}
for i = 1, #ARGV, 3 do
  local stored = redis.call('HGET', KEYS[1], ARGV[i])
  local version = 0
  if stored then version = tonumber(string.match(stored, '^(%d+):')) end
  if ARGV[i + 1] ~= '' and tonumber(ARGV[i + 1]) ~= version then
    return {0, (i - 1) / 3, version}
  end
  versions[i] = version
end
for i = 1, #ARGV, 3 do
  if ARGV[i + 2] == '' then
    redis.call('HDEL', KEYS[1], ARGV[i])
  else
    redis.call('HSET', KEYS[1], ARGV[i], string.format('%d:', versions[i] + 1) .. ARGV[i + 2])
  end
end
return {1, redis.call('INCR', KEYS[2])}
`

/** Field of an entity; kinds have no slash. */
const fieldOf = (kind: string, id: string): string => `${kind}/${id}`

/** `CatalogStore` on one Redis or Cluster. */
export class RedisCatalog implements CatalogStore {
  readonly #client: RedisClient

  constructor(client: RedisClient) {
    this.#client = client
  }

  async revision(): Promise<number> {
    return Number((await this.#client.get(revisionKey)) ?? 0)
  }

  async load(): Promise<{ revision: number; entities: StoredEntity[] }> {
    const replies = await (this.#client as Redis)
      .multi()
      .get(revisionKey)
      .hgetall(catalogKey)
      .exec()
    const [revision, stored] = replies ?? []
    if (revision === undefined || stored === undefined)
      throw new Error('the transaction was aborted')
    for (const [error] of [revision, stored]) if (error !== null) throw error
    const entities = Object.entries(stored[1] as Record<string, string>).map(entityFrom)
    return { revision: Number(revision[1] ?? 0), entities }
  }

  async write(batch: readonly EntityWrite[]): Promise<WriteResult> {
    const words = batch.flatMap(({ kind, id, json, expectedVersion }) => [
      fieldOf(kind, id),
      expectedVersion === null ? '' : String(expectedVersion),
      json ?? '',
    ])
    const answer = (await this.#client.eval(
      writeScript,
      2,
      catalogKey,
      revisionKey,
      ...words,
    )) as number[]
    const [ok, second = 0, third = 0] = answer
    return ok === 1 ? { ok: true, revision: second } : { ok: false, index: second, version: third }
  }
}

function entityFrom([field, stored]: [string, string]): StoredEntity {
  const slash = field.indexOf('/')
  const colon = stored.indexOf(':')
  return {
    kind: field.slice(0, slash),
    id: field.slice(slash + 1),
    version: Number(stored.slice(0, colon)),
    json: stored.slice(colon + 1),
  }
}
