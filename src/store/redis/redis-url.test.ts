import { expect, test } from 'vitest'
import { parseRedisAddress } from './redis-url.ts'

const plain = { username: '', password: '', database: 0, tls: null }

test('a host alone has the default port', () => {
  expect(parseRedisAddress('redis://cache', null)).toEqual({
    cluster: false,
    seeds: [{ host: 'cache', port: 6_379, ...plain }],
  })
})

test('user, password (percent-encoded) and database are taken apart', () => {
  const { seeds } = parseRedisAddress('redis://al%3Aice:p%40ss%2Fw@h:1/7', null)
  expect(seeds).toEqual([
    { host: 'h', port: 1, username: 'al:ice', password: 'p@ss/w', database: 7, tls: null },
  ])
  expect(parseRedisAddress('redis://:pw@h', null).seeds[0]).toMatchObject({
    username: '',
    password: 'pw',
  })
})

test('a Cluster has many seeds, also by IPv6', () => {
  const { cluster, seeds } = parseRedisAddress('redis-cluster://a:1,[::1]:2,b', null)
  expect(cluster).toBe(true)
  expect(seeds.map(({ host, port }) => `${host} ${port}`)).toEqual(['a 1', '::1 2', 'b 6379'])
})

test('TLS names the host, but no address, and trusts the given authority', () => {
  expect(parseRedisAddress('rediss://cache', 'PEM').seeds[0]?.tls).toEqual({
    servername: 'cache',
    ca: 'PEM',
  })
  expect(parseRedisAddress('rediss://10.0.0.1', null).seeds[0]?.tls).toEqual({})
})

test.each([
  'redis://',
  'http://h',
  'redis://h/x',
  'redis://h:port',
  'redis-cluster://a,,b',
  'redis-cluster://a/1',
  'redis://user:se@cret@h',
])('%s is refused without its password', (text) => {
  expect(() => parseRedisAddress(text, null)).toThrow(TypeError)
  expect(() => parseRedisAddress(text, null)).not.toThrow('cret')
})
