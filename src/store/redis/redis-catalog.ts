/**
 * The catalog in Redis: one hash a kind, a log of names by revision and a counter, all on one hash
 * tag and written by one script. Readers take it in portions and then catch up with the log.
 */
import { checkBatch } from '../catalog-batch.ts'
import {
  type CatalogChanges,
  type CatalogContent,
  type CatalogStore,
  catalogLogMax,
  catalogWritesMax,
  type EntityName,
  type EntityWrite,
  type StoredEntity,
  type WriteResult,
} from '../ports.ts'
import { StoreError } from '../store-error.ts'
import type { RedisClient } from './redis-client.ts'

/** All catalog keys share a tag, so that one script may change them together in a Cluster. */
const prefix = '{sluice}catalog2'
/** Counter of revisions. */
const revisionKey = `${prefix}:revision`
/** Sorted set: `kind/id` by the revision of its last write or deletion. */
const logKey = `${prefix}:log`
/** The log holds everything after this revision. */
const logStartKey = `${prefix}:log-start`
/** Set of all kinds there ever were. */
const kindsKey = `${prefix}:kinds`
/** Hash of a kind: id → `version:json`. */
const kindKey = (kind: string): string => `${prefix}:of:${kind}`

/**
 * KEYS: revision, log, log start, kinds, then one hash for each kind of the batch.
 * ARGV[1] most names in the log, ARGV[2] number of kinds n, then n kinds in the order of the
 * hashes; then four for each write: number of its kind (1 …), id, expected version ('' = any,
 * '0' = absent), JSON ('' = delete). A stored value is `version:json`.
 * Answers {1, revision}, or {0, index of the first conflict, version found} with nothing written.
 */
const writeScript = `
local kinds = tonumber(ARGV[2])
local first = 3 + kinds
for i = first, #ARGV, 4 do
  if ARGV[i + 2] ~= '' then
    local stored = redis.call('HGET', KEYS[4 + tonumber(ARGV[i])], ARGV[i + 1])
    local version = 0
    if stored then version = tonumber(string.match(stored, '^(%d+):')) end
    if tonumber(ARGV[i + 2]) ~= version then return {0, (i - first) / 4, version} end
  end
end
local revision = redis.call('INCR', KEYS[1])
local mark = string.format('%d:', revision)
for kind = 1, kinds do redis.call('SADD', KEYS[4], ARGV[2 + kind]) end
for i = first, #ARGV, 4 do
  local kind = tonumber(ARGV[i])
  if ARGV[i + 3] == '' then
    redis.call('HDEL', KEYS[4 + kind], ARGV[i + 1])
  else
    redis.call('HSET', KEYS[4 + kind], ARGV[i + 1], mark .. ARGV[i + 3])
  end
  redis.call('ZADD', KEYS[2], revision, ARGV[2 + kind] .. '/' .. ARGV[i + 1])
end
local surplus = redis.call('ZCARD', KEYS[2]) - tonumber(ARGV[1])
if surplus > 0 then
  local last = redis.call('ZRANGE', KEYS[2], surplus - 1, surplus - 1, 'WITHSCORES')[2]
  redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', last)
  redis.call('SET', KEYS[3], last)
end
return {1, revision}
`

/**
 * A page of the log with the present values, all of one moment.
 * KEYS: revision, log, log start, then one hash a kind.
 * ARGV[1] revision after which to begin, ARGV[2] most names of a page (more than a batch has),
 * ARGV[3] '1' when all kinds are wanted, then the kinds in the order of the hashes.
 * Answers {1, revision, seen, more, name, value or nil, …}: everything up to revision `seen` is in
 * it, and `more` is 1 when there is more; {0} when the log does not reach back so far, or not yet;
 * {2} when all kinds are wanted and one is not among the hashes.
 */
const pageScript = `
local now = tonumber(redis.call('GET', KEYS[1]) or '0')
local since = tonumber(ARGV[1])
if since > now or since < tonumber(redis.call('GET', KEYS[3]) or '0') then return {0} end
local limit = tonumber(ARGV[2])
local hashes = {}
for i = 4, #ARGV do hashes[ARGV[i]] = KEYS[i] end
local found = redis.call('ZRANGEBYSCORE', KEYS[2], '(' .. ARGV[1], '+inf',
  'WITHSCORES', 'LIMIT', 0, limit)
local isCut = #found == 2 * limit
-- The last revision of a full page may go on behind it: it is left to the next page.
local last = isCut and found[#found] or ''
local answer = {1, now, now, isCut and 1 or 0}
for i = 1, #found, 2 do
  if found[i + 1] == last then break end
  if isCut then answer[3] = tonumber(found[i + 1]) end
  local kind, id = string.match(found[i], '^([^/]*)/(.*)$')
  local hash = hashes[kind]
  if hash then
    answer[#answer + 1] = found[i]
    answer[#answer + 1] = redis.call('HGET', hash, id)
  elseif ARGV[3] == '1' then
    return {2}
  end
end
return answer
`

/** Entities of one portion of a load: about half a megabyte, a millisecond or two of the server. */
const portionEntities = 500

/** Names of one page of the log: more than a batch, so that a page holds a whole revision. */
const pageNames = catalogWritesMax + 1

/** First element of a page's answer when a kind was not among the hashes. */
const unknownKind = 2
/** Elements of a page's answer before the names. */
const pageHead = 4

/** Attempts of what only writes faster than reads can undo, such as 100 000 while a load runs. */
const attemptsMax = 3

/** `CatalogStore` on one Redis or Cluster. */
export class RedisCatalog implements CatalogStore {
  readonly #client: RedisClient

  constructor(client: RedisClient) {
    this.#client = client
  }

  async revision(): Promise<number> {
    return Number((await this.#client.get(revisionKey)) ?? 0)
  }

  async load(kinds?: readonly string[]): Promise<CatalogContent> {
    for (let attempt = 0; attempt < attemptsMax; attempt++) {
      const since = await this.revision()
      const content = new Content()
      for (const kind of kinds ?? (await this.#kinds())) await this.#scan(kind, content)
      // What was scanned is of several moments; the log makes it of one.
      const revision = await this.#catchUp(since, kinds, content)
      if (revision !== null) return { revision, entities: content.split().entities }
    }
    throw new StoreError(
      'SLUICE_STORE_CATALOG_BUSY',
      `the catalog changed faster than it could be read, ${attemptsMax} times`,
    )
  }

  async changes(since: number, kinds?: readonly string[]): Promise<CatalogChanges | null> {
    const content = new Content()
    const revision = await this.#catchUp(since, kinds, content)
    return revision === null ? null : { revision, ...content.split() }
  }

  async write(batch: readonly EntityWrite[]): Promise<WriteResult> {
    checkBatch(batch)
    const kinds = [...new Set(batch.map(({ kind }) => kind))]
    const numberOf = new Map(kinds.map((kind, index) => [kind, String(index + 1)]))
    const words = batch.flatMap(({ kind, id, json, expectedVersion }) => [
      numberOf.get(kind) ?? '',
      id,
      expectedVersion === null ? '' : String(expectedVersion),
      json ?? '',
    ])
    const keys = [revisionKey, logKey, logStartKey, kindsKey, ...kinds.map(kindKey)]
    const answer = (await this.#client.eval(
      writeScript,
      keys.length,
      ...keys,
      String(catalogLogMax),
      String(kinds.length),
      ...kinds,
      ...words,
    )) as number[]
    const [ok, second = 0, third = 0] = answer
    return ok === 1 ? { ok: true, revision: second } : { ok: false, index: second, version: third }
  }

  /** Reads a kind; what is written meanwhile may be read old, new or not at all. */
  async #scan(kind: string, into: Content): Promise<void> {
    let cursor = '0'
    do {
      const [next, words] = await this.#client.hscan(
        kindKey(kind),
        cursor,
        'COUNT',
        portionEntities,
      )
      for (let i = 0; i + 1 < words.length; i += 2) {
        into.set({ kind, id: words[i] ?? '' }, words[i + 1] ?? '')
      }
      cursor = next
    } while (cursor !== '0')
  }

  /**
   * Puts everything written after `since` into `content`, page by page; answers the revision it is
   * of then, or null. What is written between two pages moves to the end of the log and is read
   * again there, so that the last page makes all of them true at its moment.
   */
  async #catchUp(
    since: number,
    wanted: readonly string[] | undefined,
    content: Content,
  ): Promise<number | null> {
    let at = since
    for (let isLast = false; !isLast; ) {
      const page = await this.#page(at, wanted)
      const [status, revision = 0, seen = 0, more] = page as number[]
      if (status === 0) return null
      for (let i = pageHead; i < page.length; i += 2) {
        content.set(nameFrom(page[i] as string), (page[i + 1] ?? null) as string | null)
      }
      isLast = more !== 1
      at = isLast ? revision : seen
    }
    return at
  }

  /** The answer of `pageScript`. */
  async #page(at: number, wanted: readonly string[] | undefined) {
    for (let attempt = 0; attempt < attemptsMax; attempt++) {
      const kinds = wanted ?? (await this.#kinds())
      const keys = [revisionKey, logKey, logStartKey, ...kinds.map(kindKey)]
      const flag = wanted === undefined ? '1' : '0'
      const words = [String(at), String(pageNames), flag, ...kinds]
      const answer = await this.#client.eval(pageScript, keys.length, ...keys, ...words)
      const page = answer as (number | string | null)[]
      // A kind that was written for the first time since its name was asked for.
      if (page[0] !== unknownKind) return page
    }
    throw new StoreError('SLUICE_STORE_REPLY', `the log has kinds that ${kindsKey} has not`)
  }

  #kinds(): Promise<string[]> {
    return this.#client.smembers(kindsKey)
  }
}

/** Entities by name; the last word about each counts. */
class Content {
  readonly #byName = new Map<string, { name: EntityName; entity: StoredEntity | null }>()

  /** `stored` is `version:json`, or null for what is not there. */
  set(name: EntityName, stored: string | null): void {
    const entity = stored === null ? null : entityFrom(name, stored)
    this.#byName.set(`${name.kind}/${name.id}`, { name, entity })
  }

  split(): { entities: StoredEntity[]; deleted: EntityName[] } {
    const entities: StoredEntity[] = []
    const deleted: EntityName[] = []
    for (const { name, entity } of this.#byName.values()) {
      if (entity === null) deleted.push(name)
      else entities.push(entity)
    }
    return { entities, deleted }
  }
}

/** Kinds have no slash. */
function nameFrom(text: string): EntityName {
  const slash = text.indexOf('/')
  return { kind: text.slice(0, slash), id: text.slice(slash + 1) }
}

function entityFrom({ kind, id }: EntityName, stored: string): StoredEntity {
  const colon = stored.indexOf(':')
  const version = Number(stored.slice(0, colon))
  return { kind, id, version, json: stored.slice(colon + 1) }
}
