import { expect, test } from 'vitest'
import { isTruncatedIp, truncateIp } from './truncate-ip.ts'

test.each([
  ['203.0.113.77', '203.0.113.0/24'],
  ['2001:db8:abcd:1:2:3:4:5', '2001:db8:abcd::/48'],
  ['2001:db8::1', '2001:db8:0::/48'],
  ['::ffff:203.0.113.77', '203.0.113.0/24'],
  ['abcdef:0123456789', ''],
  ['', ''],
  ['__IP__', ''],
])('%s is logged as %s', (ip, network) => {
  expect(truncateIp(ip)).toBe(network)
  expect(isTruncatedIp(network)).toBe(true)
})

test.each(['203.0.113.77', '203.0.113.77/24', '2001:db8::1', '2001:db8:abcd:1::/64', 'x'])(
  '%s is no truncated address',
  (text) => expect(isTruncatedIp(text)).toBe(false),
)
