/** A store on Redis ≥ 7: one server or a Cluster, TLS and ACL users. */
import { Cluster, type Redis } from 'ioredis'
import { shardCount } from '../../lib/shard-count.ts'
import type { Store, StoreMeter } from '../ports.ts'
import { StoreError } from '../store-error.ts'
import { RedisBuckets } from './redis-buckets.ts'
import { RedisCatalog } from './redis-catalog.ts'
import { askSlots, type RedisClient, redisClientFor, slotsSourceOf } from './redis-client.ts'
import { RedisNodes } from './redis-nodes.ts'
import { RedisPresence } from './redis-presence.ts'
import type { RedisAddress } from './redis-url.ts'
import { clusterSlots, slotOfShard } from './shard-keys.ts'

/** What a Redis store is opened with. */
export interface RedisStoreOptions {
  readonly address: RedisAddress
  readonly meter: StoreMeter
  readonly wallMs: () => number
  readonly monotonicMs: () => number
  /** True in `control`: the server's limits are checked and write pipes are opened. */
  readonly writer: boolean
}

/** Fields and value bytes a bucket may have at most; Redis must keep such a hash as a listpack. */
export const listpackFieldsMax = 128
const listpackValueMax = 64
const firstConnectionMs = 2_000

/**
 * Opens the store. Resolves also when the server does not answer (`problem()` says so, and the
 * connections keep trying); rejects only when a writer finds the server's limits unfit.
 */
export async function openRedisStore(options: RedisStoreOptions): Promise<Store> {
  const { address, meter, monotonicMs } = options
  const client = redisClientFor(address, meter)
  const slots = slotsSourceOf(client, address)
  const reads = new RedisNodes(address, slots, meter, monotonicMs)
  const writes = options.writer ? new RedisNodes(address, slots, meter, monotonicMs) : reads
  const connected = await reads.whenReady(firstConnectionMs)
  if (options.writer && connected) {
    await writes.whenReady(firstConnectionMs)
    await checkLimitsIfAnswered(client, meter)
  }
  return {
    kind: 'redis',
    catalog: new RedisCatalog(client),
    presence: new RedisPresence(client, options.wallMs),
    buckets: new RedisBuckets({ reads, writes }, meter, monotonicMs, {
      checkLimits: () => checkListpackLimits(client),
      usedBytes: () => usedMemory(client),
    }),
    problem: () => (reads.ready ? null : 'redis is not connected'),
    close: () => {
      reads.close()
      writes.close()
      client.disconnect()
      return Promise.resolve()
    },
  }
}

/** A server that fails meanwhile is no reason not to open: the first write asks again. */
async function checkLimitsIfAnswered(client: RedisClient, meter: StoreMeter): Promise<void> {
  try {
    await checkListpackLimits(client)
  } catch (error) {
    if (error instanceof StoreError) throw error
    meter.error('redis-client')
  }
}

/**
 * Writes the largest bucket that we may make and looks how the server keeps it: that tests the
 * limits where CONFIG is forbidden, too. Every primary of a Cluster has limits of its own.
 */
async function checkListpackLimits(client: RedisClient): Promise<void> {
  const words: string[] = []
  for (let i = 0; i < listpackFieldsMax; i++) words.push(`f${i}`, 'v'.repeat(listpackValueMax))
  for (const key of await limitKeys(client)) {
    // One transaction: another writer that starts now must not see or remove our hash.
    const steps = (client as Redis)
      .multi()
      .del(key)
      .hset(key, ...words)
    const replies = await steps.object('ENCODING', key).del(key).exec()
    const failed = replies?.find(([error]) => error !== null)?.[0]
    if (failed !== undefined && failed !== null) throw failed
    refuseUnfit(replies?.[2]?.[1])
  }
}

/** A key on every server: shards are spread over all slots. */
async function limitKeys(client: RedisClient): Promise<string[]> {
  if (!(client instanceof Cluster)) return ['{0}limits']
  const serverOf = new Array<string>(clusterSlots).fill('')
  for (const { from, to, host, port } of (await askSlots(client, '')) ?? []) {
    serverOf.fill(`${host}:${port}`, from, to + 1)
  }
  const keys = new Map<string, string>()
  for (let shard = 0; shard < shardCount; shard++) {
    keys.set(serverOf[slotOfShard(shard)] ?? '', `{${shard}}limits`)
  }
  return [...keys.values()]
}

function refuseUnfit(encoding: unknown): void {
  if (encoding === 'listpack' || encoding === 'ziplist') return
  throw new StoreError(
    'SLUICE_STORE_LISTPACK_LIMITS',
    `the server keeps a hash of ${listpackFieldsMax} fields as ${String(encoding)}: set ` +
      `hash-max-listpack-entries ≥ ${listpackFieldsMax} and hash-max-listpack-value ≥ ${listpackValueMax}, ` +
      'or devices cost five times the memory',
  )
}

async function usedMemory(client: RedisClient): Promise<number> {
  const nodes = client instanceof Cluster ? client.nodes('master') : [client]
  let bytes = 0
  for (const node of nodes) {
    const info = await node.info('memory')
    bytes += Number(/used_memory:(\d+)/.exec(info)?.[1] ?? 0)
  }
  return bytes
}
