/** What the callers of a Redis store see while servers and networks fail. */
import { createHash } from 'node:crypto'
import { afterEach, describe, expect, test } from 'vitest'
import { openPackService } from '../../src/audience/pack-service.ts'
import { slotsKind } from '../../src/domain/pack.ts'
import { DeviceHasher } from '../../src/identity/device-hasher.ts'
import { systemClock } from '../../src/lib/clock.ts'
import { openStore } from '../../src/store/open-store.ts'
import type { Store } from '../../src/store/ports.ts'
import { bucketKeyText, slotOfShard } from '../../src/store/redis/shard-keys.ts'
import { type RedisServer, startRedis, startRedisCluster } from '../support/redis.ts'
import { TcpProxy } from '../support/tcp-proxy.ts'
import { addressIn, putDevice, readValues, until } from '../support/values.ts'

const ends: (() => Promise<unknown>)[] = []

afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
})

/** A store and what it reported: error kinds and reads that came in time or not. */
async function open(address: string) {
  const errors: string[] = []
  const reads: boolean[] = []
  const meter = {
    read: (_ms: number, ok: boolean) => reads.push(ok),
    error: (kind: string) => errors.push(kind),
  }
  const wallMs = () => Date.now()
  const monotonicMs = () => performance.now()
  const options = { address, tlsCaFile: '', writer: true, meter, wallMs, monotonicMs }
  const store = await openStore(options)
  ends.push(() => store.close())
  return { store, errors, reads }
}

async function serverAndProxy() {
  const server = await startRedis()
  const proxy = await TcpProxy.start(server.port)
  ends.push(
    () => server.stop(),
    () => proxy.stop(),
  )
  return { server, proxy, ...(await open(`redis://127.0.0.1:${proxy.port}`)) }
}

const deadlineMs = 25
const timers = (): number =>
  process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length

async function answers(store: Store, value: string, shard = 3): Promise<void> {
  await until(async () => (await readValues(store, [addressIn(shard)], 200)) !== null)
  expect(await readValues(store, [addressIn(shard)])).toEqual([value])
}

describe('one server', () => {
  test('silent for 10 deadlines → reads are false in time, no timer stays', async () => {
    const { store, proxy, reads } = await serverAndProxy()
    await putDevice(store, 3, 'here')
    await answers(store, 'here')
    await until(() => reads.at(-1) === true)
    const timersBefore = timers()
    proxy.stall()
    for (let round = 0; round < 10; round++) {
      const startMs = performance.now()
      const many = Array.from({ length: 20 }, () => readValues(store, [addressIn(3)], deadlineMs))
      // Before the deadline by the margin of the reader; a loaded machine's timers may be late.
      const results = await Promise.all(many)
      expect(results.every((result) => result === null)).toBe(true)
      expect(performance.now() - startMs).toBeLessThan(deadlineMs * 10)
    }
    expect(reads.filter((ok) => !ok).length).toBe(200)
    await until(() => timers() <= timersBefore)
    proxy.resume()
    await answers(store, 'here')
  })

  test('silent for seconds → the connection is given up, reads recover', async () => {
    const { store, server, errors } = await serverAndProxy()
    await putDevice(store, 3, 'here')
    server.pause()
    const reading = readValues(store, [addressIn(3)], 200)
    expect(await reading).toBeNull()
    await until(() => errors.includes('redis-stuck'))
    await until(() => store.problem() !== null)
    server.resume()
    await until(() => store.problem() === null)
    await answers(store, 'here')
  })

  test('killed and started again → reads recover without opening the store again', async () => {
    const server = await startRedis({ persistent: true })
    ends.push(() => server.stop())
    const { store } = await open(server.url)
    await putDevice(store, 3, 'kept')
    await server.kill()
    await until(() => store.problem() !== null)
    expect(await readValues(store, [addressIn(3)])).toBeNull()
    await server.start()
    await answers(store, 'kept')
    expect(store.problem()).toBeNull()
    expect(await store.catalog.revision()).toBe(0)
  })

  test('a key of another type → the read is false and counted', async () => {
    const { store, server, errors } = await serverAndProxy()
    await server.command('SET', bucketKeyText(4, 0, 0), 'not a hash')
    await putDevice(store, 3, 'here')
    expect(await readValues(store, [addressIn(3), addressIn(4)])).toBeNull()
    expect(errors).toContain('redis-wrong-type')
    expect(await readValues(store, [addressIn(3)])).toEqual(['here'])
    await expect(putDevice(store, 4, 'x')).rejects.toMatchObject({ code: 'SLUICE_STORE_REPLY' })
  })

  test('a half-open connection → reads are false, a new connection replaces it', async () => {
    const { store, proxy, errors } = await serverAndProxy()
    await putDevice(store, 3, 'here')
    const connections = proxy.accepted
    proxy.halfOpen()
    expect(await readValues(store, [addressIn(3)], deadlineMs)).toBeNull()
    await until(() => errors.includes('redis-stuck'))
    proxy.resume()
    await answers(store, 'here')
    expect(proxy.accepted).toBeGreaterThan(connections)
  })

  test('away when the store is opened → it opens, says so, and recovers', async () => {
    const server = await startRedis()
    ends.push(() => server.stop())
    await server.kill()
    const { store } = await open(server.url)
    expect(store.problem()).toBe('redis is not connected')
    expect(await readValues(store, [addressIn(3)])).toBeNull()
    await expect(putDevice(store, 3, 'x')).rejects.toThrow()
    await server.start()
    await until(() => store.problem() === null)
    await putDevice(store, 3, 'now')
    await answers(store, 'now')
  })

  test('away at the start and unfit for packs → the first write is refused', async () => {
    const server = await startRedis({ config: ['hash-max-listpack-value 32'] })
    ends.push(() => server.stop())
    await server.kill()
    const { store } = await open(server.url)
    await server.start()
    await until(() => store.problem() === null)
    await until(() =>
      store.catalog.revision().then(
        () => true,
        () => false,
      ),
    )
    const write = putDevice(store, 3, 'x')
    await expect(write).rejects.toMatchObject({ code: 'SLUICE_STORE_LISTPACK_LIMITS' })
  })

  test('connections cut under load → every read ends, none with a foreign value', async () => {
    const { store, proxy } = await serverAndProxy()
    const shards = Array.from({ length: 40 }, (_, n) => n)
    for (const shard of shards) await putDevice(store, shard, `device ${shard}`)
    let right = 0
    for (let round = 0; round < 60; round++) {
      const reads = shards.map((shard) => readValues(store, [addressIn(shard)], 150))
      if (round % 10 === 3) setImmediate(() => proxy.cut())
      for (const [shard, values] of (await Promise.all(reads)).entries()) {
        if (values === null) continue
        expect(values).toEqual([`device ${shard}`])
        right++
      }
      if (round % 10 === 4) await until(() => store.problem() === null)
    }
    expect(right).toBeGreaterThan(shards.length * 20)
  })
})

test('cut while an upload writes, control started again → all right', async () => {
  const { store, proxy } = await serverAndProxy()
  const hasher = new DeviceHasher(new Uint8Array(16).fill(7))
  const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms))
  const service = () =>
    openPackService({ store, hasher, clock: systemClock, sleep, spoolFolder: '/tmp' })
  const input = (packId: string, first: number) => ({
    packId,
    idType: 'oaid_md5',
    scope: '',
    mode: 'replace' as const,
    body: idLines(first, 20_000),
    force: true,
    ttlSeconds: null,
    rejectShareMax: 0,
  })
  for (let round = 1; round <= 4; round++) {
    const before = await service()
    await before.upload(input('p', 0))
    const upload = before.upload(input('p', 10_000)).then(
      () => 'done',
      () => 'failed',
    )
    // Looks between any two turns of the loop: a busy machine must not let the upload slip through.
    while ((before.progress().at(-1)?.share ?? 0) <= round / 5) {
      expect(before.progress().at(-1)?.endedAtMs ?? null).toBeNull()
      await new Promise((resolve) => setImmediate(resolve))
    }
    proxy.cut()
    expect(await upload).toBe('failed')
    await until(() => store.problem() === null)
    // Another process, which knows only what the store has.
    const after = await service()
    expect(after.get('p')).toMatchObject({ devices: 20_000 })
    expect(await after.upload(input('p', 10_000))).toMatchObject({ ok: true, accepted: 20_000 })
    await after.remove('p')
    await after.sweep()
    const { entities } = await store.catalog.load()
    const slots = entities.find(({ kind }) => kind === slotsKind)
    expect(slots?.json).toBe('{"dirty":[]}')
  }
})

async function* idLines(first: number, count: number): AsyncIterable<Uint8Array> {
  const idOf = (_: unknown, k: number) =>
    createHash('md5')
      .update(`device ${first + k}`)
      .digest('hex')
  yield Buffer.from(Array.from({ length: count }, idOf).join('\n'))
}

describe('a Cluster', () => {
  async function cluster() {
    const all = await startRedisCluster()
    ends.push(() => all.stop())
    const opened = await open(all.url)
    return { nodes: all.nodes as readonly [RedisServer, RedisServer, RedisServer], ...opened }
  }

  /** Shards of the first, second and third server. */
  const shardOfNode = [0, 1, 2].map((node) =>
    Array.from({ length: 1_024 }, (_, shard) => shard).find(
      (shard) => Math.floor((slotOfShard(shard) * 3) / 16_384) === node,
    ),
  ) as [number, number, number]

  test('one primary killed → its devices are false, the others are read on', async () => {
    const { nodes, store } = await cluster()
    for (const shard of shardOfNode) await putDevice(store, shard, `on ${shard}`)
    const [first, second] = shardOfNode
    await nodes[1].kill()
    await until(() => store.problem() !== null)
    expect(await readValues(store, [addressIn(second)])).toBeNull()
    // A Cluster without full coverage refuses everything, unless told otherwise, after its timeout.
    for (const node of [nodes[0], nodes[2]])
      await node.command('CONFIG', 'SET', 'cluster-require-full-coverage', 'no')
    await answers(store, `on ${first}`, first)
  })

  test('a slot on its way elsewhere → ASK, then MOVED: every device is read', async () => {
    const { nodes, store, errors } = await cluster()
    const [from, to] = nodes
    const [shard] = shardOfNode
    const slot = String(slotOfShard(shard))
    const id = async (node: RedisServer) => await node.command('CLUSTER', 'MYID')
    await putDevice(store, shard, 'first')
    const bytes = (await store.buckets.load(shard, 0, [0]))[0] as Uint8Array
    await store.buckets.store(shard, 0, [{ bucket: 1, bytes, before: null }])
    const both = [addressIn(shard), { ...addressIn(shard), bucket: 1 }]
    await to.command('CLUSTER', 'SETSLOT', slot, 'IMPORTING', await id(from))
    await from.command('CLUSTER', 'SETSLOT', slot, 'MIGRATING', await id(to))
    const target = ['127.0.0.1', String(to.port)]
    await from.command('MIGRATE', ...target, bucketKeyText(shard, 0, 1), '0', '5000')
    expect(await readValues(store, both)).toEqual(['first', 'first'])
    expect(errors).toContain('redis-ask')
    await from.command('MIGRATE', ...target, bucketKeyText(shard, 0, 0), '0', '5000')
    expect(await readValues(store, both)).toEqual(['first', 'first'])
    for (const node of [to, from, nodes[2]])
      await node.command('CLUSTER', 'SETSLOT', slot, 'NODE', await id(to))
    expect(await readValues(store, both)).toEqual(['first', 'first'])
    expect(errors).toContain('redis-moved')
    // Writers follow, too.
    const [moved] = await store.buckets.load(shard, 0, [0])
    expect(Buffer.from(moved ?? [])).toEqual(Buffer.from(bytes))
    await until(async () => {
      errors.length = 0
      await readValues(store, both)
      return !errors.includes('redis-moved')
    })
  })
})
