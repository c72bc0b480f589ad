/** What feedback on Redis alone must show: servers that die, freeze, fill up, fail over. */
import { afterEach, describe, expect, test } from 'vitest'
import {
  type FeedbackStore,
  logStart,
  type PartCommit,
  StateTable,
} from '../../src/store/feedback-ports.ts'
import { openFeedbackStore } from '../../src/store/open-feedback-store.ts'
import { clusterSlots, slotOfShard } from '../../src/store/redis/shard-keys.ts'
import { readAll, textRecord, textsOf } from '../support/feedback-stores.ts'
import { type RedisServer, startRedis, startRedisCluster } from '../support/redis.ts'
import { until } from '../support/values.ts'

const ends: (() => Promise<unknown>)[] = []

afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
})

/** Opens the store as a projector, or as worker 0; errors that it counts are kept. */
async function open(address: string, worker: number | null = null, tlsCaFile = '') {
  const errors: string[] = []
  const store = await openFeedbackStore({
    address,
    tlsCaFile,
    worker,
    meter: { read: () => undefined, error: (kind) => errors.push(kind) },
    wallMs: () => Date.now(),
    monotonicMs: () => performance.now(),
  })
  ends.push(() => store.close())
  return { store, errors }
}

async function serve(options: Parameters<typeof startRedis>[0] = {}): Promise<RedisServer> {
  const server = await startRedis(options)
  ends.push(() => server.stop())
  return server
}

const codeOf = (append: Promise<void>): Promise<string> =>
  append.then(
    () => 'taken',
    (error: { code: string }) => error.code,
  )

/** Appends one after the other until told to stop; answers what was taken and what came back. */
function appending(store: FeedbackStore, shard: number) {
  const taken: string[] = []
  const codes = new Set<string>()
  let goesOn = true
  const run = async (): Promise<void> => {
    for (let n = 0; goesOn; n++) {
      const code = await codeOf(store.log.append(shard, textRecord(`${n}`)))
      if (code === 'taken') taken.push(`${n}`)
      else codes.add(code)
      await new Promise((resolve) => setImmediate(resolve))
    }
  }
  const running = run()
  const stop = async () => {
    goesOn = false
    await running
    return { taken, codes: [...codes] }
  }
  return { taken, codes, stop }
}

const counterKey = (shard: number) =>
  ({ table: StateTable.Total, shard, day: 20_000, name: 'count' }) as const

/**
 * One step of a projector: counts the records of a shard, in its total. Answers whether its commit
 * was done; null when there was nothing to do.
 */
async function countOnce({ log, state }: FeedbackStore, shard: number): Promise<boolean | null> {
  const part = String(shard)
  const [from = logStart] = await state.positions([part], 'project')
  const [records = []] = await log.read([{ part, after: from }], 3)
  const last = records.at(-1)
  if (last === undefined) return null
  const [before] = await state.load([counterKey(shard)])
  const count = Number(new TextDecoder().decode(before ?? new Uint8Array())) + records.length
  const writes = [{ key: counterKey(shard), value: textRecord(String(count)) }]
  const commit: PartCommit = { part, from, to: last.at, writes, sends: [] }
  const [isDone] = await state.commit([commit])
  return isDone === true
}

async function counted({ state }: FeedbackStore, shard: number): Promise<number> {
  const [value] = await state.load([counterKey(shard)])
  return Number(new TextDecoder().decode(value ?? new Uint8Array()))
}

describe('one server', () => {
  test('killed and restarted → nothing acknowledged is lost, appends go on by themselves', async () => {
    const server = await serve({ persistent: true })
    const { store } = await open(server.url, 0)
    const writers = [3, 4, 5].map((shard) => ({ shard, ...appending(store, shard) }))
    for (let round = 0; round < 3; round++) {
      const sizes = writers.map(({ taken }) => taken.length)
      await until(() => writers.every(({ taken }, i) => taken.length > (sizes[i] ?? 0) + 20))
      await server.kill()
      await until(() => store.log.problem() !== null)
      expect(await codeOf(store.log.append(9, textRecord('x')))).toBe('SLUICE_STORE_LOG_DOWN')
      await server.start()
      await until(() => store.log.problem() === null)
    }
    for (const { shard, stop } of writers) {
      const { taken, codes } = await stop()
      expect(codes).toEqual(['SLUICE_STORE_LOG_DOWN'])
      const kept = textsOf(await readAll(store, String(shard)))
      // What got no answer may be there as well, in its place.
      const isTaken = new Set(taken)
      expect(kept.filter((text) => isTaken.has(text))).toEqual(taken)
    }
  })

  test('killed while projectors commit → state and place are of one moment', async () => {
    const server = await serve({ persistent: true })
    const { store } = await open(server.url)
    const total = 400
    for (let n = 0; n < total; n++) await store.log.append(6, textRecord(`${n}`))
    let kills = 0
    while ((await counted(store, 6).catch(() => 0)) < total) {
      const step = countOnce(store, 6).catch(() => null)
      if (kills < 5) {
        kills++
        await server.restart()
        await until(() => store.log.problem() === null)
      }
      await step
    }
    expect(await countOnce(store, 6)).toBeNull()
    expect(await counted(store, 6)).toBe(total)
    expect(kills).toBe(5)
  })

  test('frozen → appends are refused within the limit, and go on when it answers', async () => {
    const server = await serve()
    const { store, errors } = await open(server.url, 0)
    await store.log.append(1, textRecord('a'))
    server.pause()
    const startMs = performance.now()
    expect(await codeOf(store.log.append(1, textRecord('b')))).toBe('SLUICE_STORE_LOG_DOWN')
    // A second, and what a loaded machine adds.
    expect(performance.now() - startMs).toBeLessThan(3_000)
    expect(errors).toContain('redis-stuck')
    server.resume()
    await until(async () => (await codeOf(store.log.append(1, textRecord('c')))) === 'taken')
    expect(textsOf(await readAll(store, '1')).filter((text) => text !== 'b')).toEqual(['a', 'c'])
  })

  test('its memory full → new events are refused, those accepted are projected', async () => {
    const server = await serve()
    const { store } = await open(server.url)
    await store.log.append(7, textRecord('before'))
    await server.command('CONFIG', 'SET', 'maxmemory', '1mb')
    expect(await codeOf(store.log.append(7, textRecord('over')))).toBe('SLUICE_STORE_LOG_FULL')
    expect(store.log.problem()).toContain('OOM')
    const [record] = await readAll(store, '7')
    const sends = [{ shard: 8, record: textRecord('sent') }]
    const commit = { part: '7', from: logStart, to: record?.at ?? '', writes: [], sends }
    expect(await store.state.commit([commit])).toEqual([true])
    await store.state.deliver(['7'])
    expect(textsOf(await readAll(store, '8'))).toEqual(['sent'])
    expect(await store.log.trim('7', record?.at ?? '', Date.now() + 1e9)).toBe(1)
    await server.command('CONFIG', 'SET', 'maxmemory', '0')
    await store.log.append(7, textRecord('after'))
    expect(store.log.problem()).toBeNull()
  })

  test('made a replica → appends are refused, and go on when it is a primary again', async () => {
    const server = await serve()
    const other = await serve()
    const { store, errors } = await open(server.url, 0)
    await store.log.append(1, textRecord('a'))
    await server.command('REPLICAOF', '127.0.0.1', String(other.port))
    expect(await codeOf(store.log.append(1, textRecord('b')))).toBe('SLUICE_STORE_LOG_DOWN')
    expect(errors).toContain('redis-failover')
    await server.command('REPLICAOF', 'NO', 'ONE')
    await until(async () => (await codeOf(store.log.append(1, textRecord('c')))) === 'taken')
  })

  test('its functions lost → the next commit brings them again', async () => {
    const server = await serve()
    const { store } = await open(server.url)
    for (const text of ['a', 'b', 'c', 'd']) await store.log.append(2, textRecord(text))
    expect(await countOnce(store, 2)).toBe(true)
    await server.command('FUNCTION', 'FLUSH')
    expect(await countOnce(store, 2)).toBe(true)
    expect(await counted(store, 2)).toBe(4)
  })

  test('two projectors race on one part → each record is counted once', async () => {
    const server = await serve()
    const [one, two] = [await open(server.url), await open(server.url)]
    const total = 300
    for (let n = 0; n < total; n++) await one.store.log.append(5, textRecord(`${n}`))
    const results: (boolean | null)[] = []
    const project = async (store: FeedbackStore): Promise<void> => {
      for (let step: boolean | null = true; step !== null; ) {
        step = await countOnce(store, 5)
        results.push(step)
      }
    }
    await Promise.all([project(one.store), project(two.store)])
    expect(await counted(one.store, 5)).toBe(total)
    expect(results.filter((result) => result === true).length).toBe(total / 3)
    // They did race, or this shows nothing.
    expect(results).toContain(false)
  })

  test('what a slow projector delivered takes nothing away that was left later', async () => {
    const server = await serve()
    const { store } = await open(server.url)
    for (const text of ['a', 'b']) await store.log.append(1, textRecord(text))
    const [first, second] = (await readAll(store, '1')).map(({ at }) => at)
    const left = (from: string, to: string | undefined, text: string): PartCommit => ({
      part: '1',
      from,
      to: to ?? '',
      writes: [],
      sends: [{ shard: 2, record: textRecord(text) }],
    })
    await store.state.commit([left(logStart, first, 'one')])
    await store.state.deliver(['1'])
    await store.state.commit([left(first ?? '', second, 'two')])
    const late = ['FCALL', 'sluice_sent_1', '2', '{1}p', '{1}o', first ?? '']
    expect(await server.command(...late)).toBe('0')
    expect(await server.command('LLEN', '{1}o')).toBe('1')
    await store.state.deliver(['1'])
    expect(textsOf(await readAll(store, '2'))).toEqual(['one', 'two'])
    expect(await server.command('EXISTS', '{1}o')).toBe('0')
  })

  test('a projector that closes is replaced at once, one that dies after its silence', async () => {
    const server = await serve()
    const [one, two] = [await open(server.url), await open(server.url)]
    expect((await one.store.state.claim('one')).length).toBe(1_024)
    const shared = (await two.store.state.claim('two')).length
    expect(shared).toBeLessThan(1_024)
    expect((await one.store.state.claim('one')).length).toBe(1_024 - shared)
    await one.store.close()
    expect((await two.store.state.claim('two')).length).toBe(1_024)
    // The server's clock is what counts: this one was last heard of in another time.
    const farAway = String(Date.now() + 1e9)
    await server.command('HSET', '{sluice}projectors', 'old', '1000', 'future', farAway)
    expect((await two.store.state.claim('two')).length).toBe(1_024)
    expect(await server.command('HKEYS', '{sluice}projectors')).toBe('two')
  })

  test('XINFO GROUPS shows where both readers stand, and their lag', async () => {
    const server = await serve()
    const { store } = await open(server.url)
    for (let n = 0; n < 10; n++) await store.log.append(1, textRecord(`${n}`))
    const [records = []] = await store.log.read([{ part: '1', after: logStart }], 4)
    const to = records.at(-1)?.at ?? ''
    await store.state.commit([{ part: '1', from: logStart, to, writes: [], sends: [] }])
    await store.log.read([{ part: '1', after: logStart }], 1)
    await store.state.advanceArchive('1', records[0]?.at ?? '')
    const shown = async () => {
      const rows = (await server.command('XINFO', 'GROUPS', '{1}e')).split('\n')
      const valueOf = (name: string, nth: number) =>
        rows.map((row, i) => (row === name ? rows[i + 1] : null)).filter((row) => row !== null)[nth]
      const group = (nth: number) =>
        ['name', 'last-delivered-id', 'lag'].map((name) => valueOf(name, nth))
      return [group(0), group(1)]
    }
    expect(await shown()).toEqual([
      ['archive', records[0]?.at, '9'],
      ['project', to, '6'],
    ])
    const [rest = []] = await store.log.read([{ part: '1', after: to }], 100)
    const end = rest.at(-1)?.at ?? ''
    await store.state.commit([{ part: '1', from: to, to: end, writes: [], sends: [] }])
    await store.log.trim('1', to, Date.now() + 1e9)
    expect((await shown())[1]).toEqual(['project', end, '0'])
  })

  test('an append is heard of long before its part has its turn', async () => {
    const server = await serve()
    const [worker, projector] = [await open(server.url, 0), await open(server.url)]
    const heard = async (shard: number): Promise<number> => {
      const startMs = performance.now()
      await worker.store.log.append(shard, textRecord('new'))
      await until(() => projector.store.log.fresh().includes(String(shard)))
      return performance.now() - startMs
    }
    projector.store.log.fresh()
    await until(async () => (await heard(1)) < 50)
    const times: number[] = []
    // Backwards: a part whose turn was just now would wait for most of a second.
    for (let shard = 1_000; shard > 500; shard -= 100) times.push(await heard(shard))
    expect(times.sort((a, b) => a - b)[2]).toBeLessThan(100)
  })

  test('a server with TLS and one user is used all the same', async () => {
    const server = await serve({ tls: true, user: { name: 'ads', password: 'a:b@c' } })
    const ca = `${server.tls?.directory}/cert.pem`
    const [worker, projector] = [await open(server.url, 0, ca), await open(server.url, null, ca)]
    projector.store.log.fresh()
    await worker.store.log.append(3, textRecord('a'))
    expect(await countOnce(projector.store, 3)).toBe(true)
    await until(() => {
      void worker.store.log.append(3, textRecord('b'))
      return projector.store.log.fresh().includes('3')
    })
    expect(projector.errors).toEqual([])
  })

  test('one that is not there yet is opened, and used when it comes', async () => {
    const server = await serve()
    await server.kill()
    const { store } = await open(server.url)
    expect(store.log.problem()).toBe('redis is not connected')
    expect(await codeOf(store.log.append(1, textRecord('a')))).toBe('SLUICE_STORE_LOG_DOWN')
    await expect(store.state.claim('one')).rejects.toMatchObject({
      code: 'SLUICE_STORE_NOT_CONNECTED',
    })
    await server.start()
    await until(() => store.log.problem() === null)
    await store.log.append(1, textRecord('b'))
    expect(await countOnce(store, 1)).toBe(true)
  })
})

describe('a Cluster', () => {
  test('one node away → what lies on the others goes on', async () => {
    const cluster = await startRedisCluster({
      persistent: true,
      config: ['cluster-require-full-coverage no'],
    })
    ends.push(() => cluster.stop())
    const { store } = await open(cluster.url)
    const [, , third] = cluster.nodes
    const isOnThird = (shard: number) => slotOfShard(shard) >= (clusterSlots * 2) / 3
    const shards = Array.from({ length: 1_024 }, (_, shard) => shard)
    const away = shards.find(isOnThird) ?? -1
    const here = shards.find((shard) => !isOnThird(shard)) ?? -1
    for (const shard of [away, here]) await store.log.append(shard, textRecord('a'))
    await third?.kill()
    await until(async () => (await codeOf(store.log.append(away, textRecord('b')))) !== 'taken')
    await store.log.append(here, textRecord('b'))
    const wanted = [away, here].map((shard) => ({ part: String(shard), after: logStart }))
    const [none = [], some = []] = await store.log.read(wanted, 10)
    expect([none.length, some.length]).toEqual([0, 2])
    expect(await countOnce(store, here)).toBe(true)
    const sends = [away, here].map((shard) => ({ shard, record: textRecord('sent') }))
    await store.log.append(here, textRecord('c'))
    const [from = ''] = await store.state.positions([String(here)], 'project')
    const to = (await readAll(store, String(here))).at(-1)?.at ?? ''
    const commit = { part: String(here), from, to, writes: [], sends }
    expect(await store.state.commit([commit])).toEqual([true])
    await store.state.deliver([String(here)])
    await third?.start()
    await until(async () => (await codeOf(store.log.append(away, textRecord('d')))) === 'taken')
    await store.state.deliver([String(here)])
    expect(textsOf(await readAll(store, String(away)))).toContain('sent')
  })

  test('an append on one node is heard of through another', async () => {
    const cluster = await startRedisCluster()
    ends.push(() => cluster.stop())
    const [worker, projector] = [await open(cluster.url, 0), await open(cluster.url)]
    projector.store.log.fresh()
    const times: number[] = []
    for (let shard = 1_000; shard > 500; shard -= 50) {
      const startMs = performance.now()
      await worker.store.log.append(shard, textRecord('new'))
      await until(() => projector.store.log.fresh().includes(String(shard)))
      times.push(performance.now() - startMs)
    }
    expect(times.sort((a, b) => a - b)[4]).toBeLessThan(100)
  })
})
