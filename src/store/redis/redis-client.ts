/** The ioredis client for what is not a hot loop, and what a Cluster says of its slots. */
import { Cluster, Redis, type RedisOptions } from 'ioredis'
import type { StoreMeter } from '../ports.ts'
import { isNamed, type SlotRange, type SlotsSource } from './redis-nodes.ts'
import type { RedisAddress, RedisEndpoint } from './redis-url.ts'

/** One server or a Cluster. */
export type RedisClient = Redis | Cluster

const slowCommandMs = 2_000

/** A client for an address. It connects on its own, for ever; errors are counted. */
export function redisClientFor(address: RedisAddress, meter: StoreMeter): RedisClient {
  const [seed] = address.seeds
  if (seed === undefined) throw new RangeError('a Redis address has at least one server')
  const client = address.cluster
    ? new Cluster(
        address.seeds.map(({ host, port }) => ({ host, port })),
        { redisOptions: nodeOptions(seed), clusterRetryStrategy: retryAfterMs },
      )
    : new Redis(seed.port, seed.host, { ...nodeOptions(seed), retryStrategy: retryAfterMs })
  // Without a listener ioredis prints to the console; the reconnect is its own affair.
  client.on('error', () => meter.error('redis-client'))
  return client
}

function nodeOptions(seed: RedisEndpoint) {
  return {
    ...(seed.username === '' ? {} : { username: seed.username }),
    ...(seed.password === '' ? {} : { password: seed.password }),
    ...(seed.tls === null ? {} : { tls: seed.tls }),
    db: seed.database,
    // RESP2: its reply shapes are what our code reads, and proxies of cloud vendors know it.
    protocol: 2,
    // Control traffic may wait for a reconnect (offline queue), but never for long.
    maxRetriesPerRequest: 1,
    commandTimeout: slowCommandMs,
    connectTimeout: 1_000,
  } satisfies RedisOptions
}

function retryAfterMs(times: number): number {
  return Math.min(1_000, 20 * 2 ** Math.min(times, 6))
}

/** What a Cluster's map of slots is asked of; null for a single server, which has none. */
export function slotsSourceOf(client: RedisClient, address: RedisAddress): SlotsSource | null {
  return address.cluster ? () => askSlots(client, address.seeds[0]?.host ?? '') : null
}

/** `CLUSTER SLOTS`, with `unnamed` for a host that is left out; null when there are none. */
export async function askSlots(client: RedisClient, unnamed: string): Promise<SlotRange[] | null> {
  const rows = await client.cluster('SLOTS')
  const ranges: SlotRange[] = []
  for (const [from, to, primary] of rows) {
    if (primary === undefined) continue
    const [host, port] = primary
    ranges.push({ from, to, host: isNamed(host) ? host : unnamed, port })
  }
  return ranges.length === 0 ? null : ranges
}
