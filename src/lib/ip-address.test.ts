import { isIP } from 'node:net'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { IpAddress } from './ip-address.ts'

const address = new IpAddress()

function read(text: string): string {
  return address.parse(text) ? `${address.version} ${address.toString()}` : ''
}

describe('reading', () => {
  test.each([
    ['81.2.69.142', '4 81.2.69.142'],
    ['255.255.255.255', '4 255.255.255.255'],
    ['2a02:6b8::1', '6 2a02:6b8:0:0:0:0:0:1'],
    ['2A02:6B8:0:0:1:2:3:4', '6 2a02:6b8:0:0:1:2:3:4'],
    ['::', '6 0:0:0:0:0:0:0:0'],
    ['::1', '6 0:0:0:0:0:0:0:1'],
    ['2a02:6b8::', '6 2a02:6b8:0:0:0:0:0:0'],
    ['1:2:3:4:5:6:7::', '6 1:2:3:4:5:6:7:0'],
    ['::2:3:4:5:6:7:8', '6 0:2:3:4:5:6:7:8'],
    ['1:2:3:4:5:6:81.2.69.142', '6 1:2:3:4:5:6:5102:458e'],
  ])('%s', (text, expected) => expect(read(text)).toBe(expected))

  test('an IPv6 address that carries an IPv4 address is that one', () => {
    for (const text of ['::ffff:81.2.69.142', '::FFFF:5102:458e', '64:ff9b::81.2.69.142']) {
      expect(read(text)).toBe('4 81.2.69.142')
    }
  })

  test.each([
    ...['', '1', '1.2.3', '1.2.3.', '1.2.3.4.', '1.2.3.4.5', '1.2.3.256', '01.2.3.4', '1..3.4'],
    ...[' 1.2.3.4', '1.2.3.4 ', '1.2.3.x', '1.2.3.4:80', 'unknown', '-1.2.3.4', '1.2.3.4/24'],
    ...[':', ':::', '::1::', '1::2::3', '1:2:3:4:5:6:7', '1:2:3:4:5:6:7:8:9', '12345::', 'g::'],
    ...['1:2:3:4:5:6:7:8::', '::1:', '1:', ':1', '::1.2.3', '::1.2.3.4:5', '1:2:3:4:5:6:7:1.2.3.4'],
    ...['fe80::1%eth0', '[::1]', `::${'0'.repeat(50)}1`, '1:2:3:4:5:6:7::8'.repeat(3)],
  ])('%j is no address', (text) => expect(read(text)).toBe(''))

  test('never throws, and knows exactly the addresses that node knows', () => {
    const piece = fc.constantFrom('.', ':', '::', '0', '1', '25', '255', '256', 'ff', '1234', 'x')
    const pieces = fc.array(piece, { maxLength: 17 }).map((parts) => parts.join(''))
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), fc.ipV6(), pieces, fc.string()), (text) => {
        // A zone names an interface of the sender: no address that another machine could use.
        expect(address.parse(text)).toBe(isIP(text) !== 0 && !text.includes('%'))
      }),
      { numRuns: 5_000 },
    )
  })

  test('its text leads back to it', () => {
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), (text) => {
        const first = read(text)
        expect(read(first.slice(2))).toBe(first)
      }),
    )
  })
})

describe('reserved', () => {
  const isReserved = (text: string): boolean => address.parse(text) && address.isReserved()

  test.each([
    ...['0.1.2.3', '10.0.0.1', '100.64.0.1', '100.127.255.255', '127.0.0.1', '169.254.1.1'],
    ...['172.16.0.1', '172.31.255.255', '192.0.0.1', '192.0.2.1', '192.168.1.1', '198.18.0.1'],
    ...['198.19.255.255', '198.51.100.7', '203.0.113.9', '224.0.0.1', '240.0.0.1'],
    ...['255.255.255.255', '::', '::1', '::ffff:192.168.1.1', 'fc00::1', 'fdff::1', 'fe80::1'],
    ...['febf::1', 'fec0::1', 'ff02::1', '2001:db8::1', '100::1', '64:ff9b:1::1'],
  ])('%s is', (text) => expect(isReserved(text)).toBe(true))

  test.each([
    ...['1.0.0.1', '9.255.255.255', '11.0.0.0', '100.63.255.255', '100.128.0.0', '126.255.255.255'],
    ...['172.15.255.255', '172.32.0.0', '192.0.1.0', '192.0.3.0', '192.167.1.1', '198.17.0.0'],
    ...['198.20.0.0', '203.0.112.0', '223.255.255.255', '2a02::1', '2001:db7::1', '2001:db9::1'],
    ...['fe00::1', 'fb00::1', '64:ff9b::81.2.69.142', '::1:0:0:0:1'],
  ])('%s is not', (text) => expect(isReserved(text)).toBe(false))
})
