/** The supports themselves: a fault test is worth nothing when its fault does not happen. */
import { createConnection, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { Redis } from 'ioredis'
import { afterEach, describe, expect, test } from 'vitest'
import { type RedisOptions, startRedis, startRedisCluster } from './redis.ts'
import { TcpProxy } from './tcp-proxy.ts'

const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

async function redis(options: RedisOptions = {}) {
  const server = await startRedis(options)
  cleanups.push(() => server.stop())
  return server
}

describe('a private redis-server', () => {
  test('answers on its own port, forgets on a crash and comes back on the same port', async () => {
    const server = await redis()
    expect(await server.command('SET', 'a', '1')).toBe('OK')
    const { port, pid } = server
    await server.restart()
    expect(server.port).toBe(port)
    expect(server.pid).not.toBe(pid)
    expect(await server.command('GET', 'a')).toBe('')
  })

  test('keeps its data over a crash when it is persistent', async () => {
    const server = await redis({ persistent: true })
    await server.command('SET', 'a', '1')
    await server.restart()
    expect(await server.command('GET', 'a')).toBe('1')
  })

  test('is gone after a kill and its port is closed', async () => {
    const server = await redis()
    const { pid } = server
    await server.kill()
    expect(() => process.kill(pid, 0)).toThrow('ESRCH')
    await expect(server.command('PING')).rejects.toThrow('Connection refused')
  })

  test('lets only its user in', async () => {
    const server = await redis({ user: { name: 'sluice', password: 'p@ss/word' } })
    const known = new Redis(server.url)
    cleanups.push(() => known.disconnect())
    expect(await known.ping()).toBe('PONG')
    const stranger = new Redis(server.port, { retryStrategy: null })
    stranger.on('error', () => {})
    cleanups.push(() => stranger.disconnect())
    await expect(stranger.ping()).rejects.toThrow('NOAUTH')
  })

  test('speaks TLS only, under a certificate that its own text verifies', async () => {
    const server = await redis({ tls: true })
    const client = new Redis(server.url, { tls: { ca: server.tls?.ca } })
    cleanups.push(() => client.disconnect())
    expect(await client.ping()).toBe('PONG')
    expect(await server.command('PING')).toBe('PONG')
    const unverified = connectTls({ host: server.host, port: server.port })
    cleanups.push(() => unverified.destroy())
    const error = await new Promise<Error>((resolve) => unverified.once('error', resolve))
    expect(error).toHaveProperty('code', 'DEPTH_ZERO_SELF_SIGNED_CERT')
  })

  test('takes more lines of configuration', async () => {
    const server = await redis({ config: ['hash-max-listpack-entries 77'] })
    expect(await server.command('CONFIG', 'GET', 'hash-max-listpack-entries')).toContain('77')
  })

  test('says why it does not start', async () => {
    await expect(startRedis({ config: ['no-such-setting 1'] })).rejects.toThrow(
      /ended with[^]*no-such-setting/,
    )
  })
})

describe('a private Cluster', () => {
  test.each([
    { about: 'plain', options: {} },
    { about: 'ACL and TLS', options: { tls: true, user: { name: 'sluice', password: 's' } } },
  ])('$about: serves every slot from three primaries', async ({ options }) => {
    const cluster = await startRedisCluster(options)
    cleanups.push(() => cluster.stop())
    const owners = new Set<string>()
    for (let shard = 0; shard < 32; shard++) {
      const answers = await Promise.all(
        cluster.nodes.map((node) => node.command('SET', `b:{${shard}}`, 'x')),
      )
      const owner = answers.indexOf('OK')
      expect(owner).not.toBe(-1)
      expect(answers.filter((answer) => answer.startsWith('MOVED'))).toHaveLength(2)
      owners.add(String(owner))
    }
    expect(owners.size).toBe(3)
  })

  test('is whole again after a node was killed and restarted', async () => {
    const cluster = await startRedisCluster({ persistent: true })
    cleanups.push(() => cluster.stop())
    await cluster.nodes[1]!.restart()
    await cluster.settled()
    expect(cluster.url).toMatch(/^redis-cluster:\/\/127\.0\.0\.1:\d+,127\.0\.0\.1:\d+,127/)
  })
})

describe('the TCP proxy', () => {
  async function link(): Promise<{ proxy: TcpProxy; client: Socket; next: () => Promise<string> }> {
    const server = await redis()
    const proxy = await TcpProxy.start(server.port)
    const client = createConnection(proxy.port, '127.0.0.1')
    client.on('error', () => {})
    cleanups.push(
      () => proxy.stop(),
      () => client.destroy(),
    )
    const next = (): Promise<string> =>
      new Promise((resolve) => {
        client.once('data', (data) => resolve(data.toString()))
        client.once('close', () => resolve('closed'))
      })
    return { proxy, client, next }
  }

  test('passes bytes, and holds them back while stalled', async () => {
    const { proxy, client, next } = await link()
    client.write('PING\r\n')
    expect(await next()).toBe('+PONG\r\n')
    proxy.stall()
    let answered = false
    const answer = next().then((text) => {
      answered = true
      return text
    })
    client.write('PING\r\n')
    await turns(20)
    expect(answered).toBe(false)
    proxy.resume()
    expect(await answer).toBe('+PONG\r\n')
  })

  test('swallows bytes while half open, and only those', async () => {
    const { proxy, client, next } = await link()
    client.write('PING\r\n')
    expect(await next()).toBe('+PONG\r\n')
    proxy.halfOpen()
    client.write('ECHO lost\r\n')
    await turns(20)
    proxy.resume()
    client.write('ECHO kept\r\n')
    expect(await next()).toBe('$4\r\nkept\r\n')
    expect(proxy.open).toBe(1)
  })

  test('delays without changing the order', async () => {
    const { proxy, client } = await link()
    proxy.delay(5)
    let text = ''
    const all = new Promise<void>((resolve) =>
      client.on('data', (data) => {
        text += data.toString()
        if (text.includes('20')) resolve()
      }),
    )
    for (let i = 11; i <= 20; i++) client.write(`ECHO ${i}\r\n`)
    await all
    expect(text.match(/\d\d/g)).toEqual([
      '11',
      '12',
      '13',
      '14',
      '15',
      '16',
      '17',
      '18',
      '19',
      '20',
    ])
  })

  test('cuts connections, refuses new ones, and takes them again', async () => {
    const { proxy, client, next } = await link()
    client.write('PING\r\n')
    await next()
    const closed = next()
    proxy.refuse()
    expect(await closed).toBe('closed')
    expect(await pingThrough(proxy)).toBe('closed')
    proxy.resume()
    expect(await pingThrough(proxy)).toBe('+PONG\r\n')
  })
})

/** Lets the loop turn, so that bytes which could move have moved. */
async function turns(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await new Promise((resolve) => setImmediate(resolve))
}

function pingThrough(proxy: TcpProxy): Promise<string> {
  return new Promise((resolve) => {
    const socket = createConnection(proxy.port, '127.0.0.1', () => socket.write('PING\r\n'))
    cleanups.push(() => socket.destroy())
    socket.on('error', () => {})
    socket.once('data', (data) => resolve(data.toString()))
    socket.once('close', () => resolve('closed'))
  })
}
