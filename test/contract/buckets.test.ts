/** The contract of `BucketStore` on every store, and what Redis servers must be for it. */
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openPackService } from '../../src/audience/pack-service.ts'
import { DeviceHasher } from '../../src/identity/device-hasher.ts'
import { systemClock } from '../../src/lib/clock.ts'
import { bucketCount } from '../../src/store/bucket-bytes.ts'
import type { Store } from '../../src/store/ports.ts'
import { bucketKeyText, slotOfShard } from '../../src/store/redis/shard-keys.ts'
import { startRedis, startRedisCluster } from '../support/redis.ts'
import { openTestStore, type TestStore, testStores } from '../support/stores.ts'
import {
  addressIn,
  bucketOfDevices,
  putDevice,
  readValues,
  type TestDevice,
} from '../support/values.ts'

/** A seeded generator of whole numbers below `n`. */
function seeded(seed: number): (n: number) => number {
  let state = seed
  return (n) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 4_294_967_296) * n)
  }
}

function devicesAt(random: (n: number) => number): TestDevice[] {
  const chosen = new Map<number, TestDevice>()
  for (let count = random(121); chosen.size < count; ) {
    const high = random(200) * 21_474_836
    chosen.set(high, { high, low: high % 65_536, value: 'v'.repeat(1 + random(64)) })
  }
  return [...chosen.values()]
}

describe.each(Object.keys(testStores))('buckets on %s', (kind) => {
  let home: TestStore
  let store: Store

  beforeAll(async () => {
    home = await (testStores[kind] as () => Promise<TestStore>)()
    store = await home.open()
  })

  afterAll(async () => {
    await store.close()
    await home.end()
  })

  test('a bucket that was never written is null, and its devices have no value', async () => {
    expect(await store.buckets.load(9, 0, [0, 5])).toEqual([null, null])
    expect(await readValues(store, [addressIn(9)])).toEqual([''])
  })

  test('after any change a bucket is what was written, whatever was there before', async () => {
    const random = seeded(11)
    let before: Uint8Array | null = null
    for (let round = 0; round < 60; round++) {
      const bytes = bucketOfDevices(round % 9 === 8 ? [] : devicesAt(random))
      await store.buckets.store(700, 1, [{ bucket: 37, bytes, before }])
      const [loaded] = await store.buckets.load(700, 1, [37])
      const expected = bucketCount(bytes) === 0 ? null : bytes
      expect(loaded === null ? null : Buffer.from(loaded ?? [])).toEqual(
        expected === null ? null : Buffer.from(expected),
      )
      before = expected
    }
  })

  test('sixteen ids of sixteen shards come in one read, found and missing', async () => {
    const shards = Array.from({ length: 16 }, (_, k) => k * 64 + 3)
    for (const [k, shard] of shards.entries())
      if (k % 2 === 0) await putDevice(store, shard, `v${k}`)
    const values = await readValues(
      store,
      shards.map((shard) => addressIn(shard)),
    )
    expect(values).toEqual(shards.map((_, k) => (k % 2 === 0 ? `v${k}` : '')))
    expect(await readValues(store, [addressIn(shards[0] as number, 2)])).toEqual([''])
  })

  test('generations are apart, and a dropped one is empty', async () => {
    const bytes = bucketOfDevices([{ high: 1, low: 1, value: 'x' }])
    const writes = [0, 1, 300].map((bucket) => ({ bucket, bytes, before: null }))
    await store.buckets.store(20, 0, writes)
    await store.buckets.store(20, 1, writes)
    await store.buckets.drop(20, 0, 512)
    expect(await store.buckets.load(20, 0, [0, 1, 300])).toEqual([null, null, null])
    const [kept] = await store.buckets.load(20, 1, [300])
    expect(Buffer.from(kept ?? [])).toEqual(Buffer.from(bytes))
  })

  test('more buckets than a connection takes at once wait for their turn', async () => {
    const bytes = bucketOfDevices([{ high: 1, low: 1, value: 'x' }])
    const buckets = Array.from({ length: 20_000 }, (_, bucket) => bucket)
    const writes = buckets.map((bucket) => ({ bucket, bytes, before: null }))
    await store.buckets.store(21, 0, writes)
    await store.buckets.flush()
    const loaded = await store.buckets.load(21, 0, buckets)
    expect(loaded.filter((bucket) => bucket !== null).length).toBe(20_000)
    expect(await store.buckets.size()).toBeGreaterThan(0)
  })
})

describe('Redis servers', () => {
  test('TLS and an ACL user serve all ports', async () => {
    const server = await startRedis({ user: { name: 'sl:ice', password: 'p@ss/w' }, tls: true })
    const caFile = join(server.tls?.directory ?? '', 'cert.pem')
    const store = await openTestStore(server.url, caFile)
    expect(store.problem()).toBeNull()
    await putDevice(store, 77, 'secret')
    expect(await readValues(store, [addressIn(77)])).toEqual(['secret'])
    expect(await store.catalog.revision()).toBe(0)
    await store.close()
    await server.stop()
  })

  test('a server that would not keep buckets as listpacks is refused at the start', async () => {
    const server = await startRedis({ config: ['hash-max-listpack-entries 64'] })
    await expect(openTestStore(server.url)).rejects.toMatchObject({
      code: 'SLUICE_STORE_LISTPACK_LIMITS',
    })
    await server.stop()
  })

  test('so is a Cluster of which one server would not', async () => {
    const cluster = await startRedisCluster()
    await cluster.nodes[2]?.command('CONFIG', 'SET', 'hash-max-listpack-value', '32')
    await expect(openTestStore(cluster.url)).rejects.toMatchObject({
      code: 'SLUICE_STORE_LISTPACK_LIMITS',
    })
    const [node] = cluster.nodes
    for (const shard of [0, 1, 123, 511, 1_023]) {
      const slot = await node?.command('CLUSTER', 'KEYSLOT', bucketKeyText(shard, 1, 4))
      expect(slotOfShard(shard)).toBe(Number(slot))
    }
    await cluster.stop()
  })

  // 128 fields is what we demand, less than the default of some versions.
  const tight = { config: ['hash-max-listpack-entries 128', 'hash-max-listpack-value 64'] }

  test('a bucket whose devices are all exchanged stays a listpack', async () => {
    const server = await startRedis(tight)
    const store = await openTestStore(server.url)
    const devices = (from: number) =>
      Array.from({ length: 110 }, (_, n) => ({ high: from + n, low: 0, value: 'value' }))
    const before = bucketOfDevices(devices(0))
    await store.buckets.store(5, 0, [{ bucket: 0, bytes: before, before: null }])
    const bytes = bucketOfDevices(devices(1_000))
    await store.buckets.store(5, 0, [{ bucket: 0, bytes, before }])
    expect(await server.command('OBJECT', 'ENCODING', bucketKeyText(5, 0, 0))).toBe('listpack')
    await store.close()
    await server.stop()
  })

  test('every bucket of 300 000 devices is a listpack, half exchanged or not', async () => {
    const server = await startRedis(tight)
    const store = await openTestStore(server.url)
    const hasher = new DeviceHasher(new Uint8Array(16).fill(7))
    const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms))
    const deps = { store, hasher, clock: systemClock, sleep, spoolFolder: '/tmp' }
    const service = await openPackService(deps)
    for (const first of [0, 150_000, 300_000]) {
      const outcome = await service.upload({
        packId: 'p',
        idType: 'oaid_md5',
        scope: '',
        mode: 'replace',
        body: ids(first, 300_000),
        force: true,
        ttlSeconds: null,
        rejectShareMax: 0.01,
      })
      expect(outcome).toMatchObject({ ok: true })
    }
    const other = `
      local others = 0
      local hashes = 0
      for _, key in ipairs(redis.call('KEYS', '{*}[ab]*')) do
        if string.match(key, '^{%d+}') then
          hashes = hashes + 1
          if redis.call('OBJECT', 'ENCODING', key) ~= 'listpack' then others = others + 1 end
        end
      end
      return {hashes, others}`
    const [hashes, others] = (await server.command('EVAL', other, '0')).split('\n').map(Number)
    expect(hashes).toBeGreaterThan(4_000)
    expect(others).toBe(0)
    await store.close()
    await server.stop()
  }, 60_000)
})

async function* ids(first: number, count: number): AsyncIterable<Uint8Array> {
  for (let n = first; n < first + count; n += 1_000) {
    const lines = Array.from({ length: 1_000 }, (_, k) => {
      const a = Math.imul(n + k + 1, 2_654_435_761) >>> 0
      const b = Math.imul(a ^ (a >>> 15), 2_246_822_519) >>> 0
      return `${(a.toString(16).padStart(8, '0') + b.toString(16).padStart(8, '0')).repeat(2)}\n`
    })
    yield Buffer.from(lines.join(''))
  }
}
