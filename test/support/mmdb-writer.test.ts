import { Reader } from 'mmdb-lib'
import { expect, test } from 'vitest'
import { Double, type MmdbValue, writeMmdb } from './mmdb-writer.ts'

/** The library's types know only geo records; ours may be anything. */
function read(bytes: Buffer, ip: string): unknown {
  return new Reader(bytes).get(ip)
}

const longest = 'x'.repeat(70_000)
const rich: MmdbValue = {
  text: 'Zürich 苏黎世',
  empty: '',
  long: 'y'.repeat(30),
  longer: 'z'.repeat(300),
  longest,
  whole: 4_294_967_295,
  zero: 0,
  negative: -5,
  fraction: 1.5,
  coordinate: new Double(8),
  wide: 12_345_678_901n,
  yes: true,
  no: false,
  bytes: new Uint8Array([1, 2, 3]),
  list: [1, 'two', { three: 3 }],
  many: Array.from({ length: 40 }, (_, i) => i),
  map: Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`key-${i}`, i])),
}

test('the library reads every type and length as it was written', () => {
  const bytes = writeMmdb([{ cidr: '36.0.0.0/8', record: rich }])
  expect(read(bytes, '36.1.2.3')).toEqual({
    ...rich,
    coordinate: 8,
    bytes: Buffer.from([1, 2, 3]),
  })
})

test('what occurs twice is written once, through pointers of every width', () => {
  const cities = Array.from({ length: 12_000 }, (_, i) => ({
    city: { names: { en: `A city with a long name ${i % 6_000}` } },
    number: i,
  }))
  const networks = cities.map((record, i) => ({
    cidr: `36.${i >>> 8}.${i & 255}.0/24`,
    record,
  }))
  const bytes = writeMmdb(networks)
  expect(bytes.length).toBeLessThan(1_200_000)
  for (const i of [0, 1, 255, 5_999, 6_000, 11_999]) {
    expect(read(bytes, `36.${i >>> 8}.${i & 255}.9`)).toEqual(cities[i])
  }
})

test.each([24, 28, 32] as const)(
  'trees with records of %i bits, of IPv4 and IPv6',
  (recordSize) => {
    const networks = [
      { cidr: '36.0.0.0/8', record: { at: 'wide' } },
      { cidr: '36.1.2.128/25', record: { at: 'narrow' } },
      { cidr: '255.255.255.255/32', record: { at: 'last' } },
    ]
    const v4 = writeMmdb(networks, { recordSize, ipVersion: 4 })
    const v6 = writeMmdb([...networks, { cidr: '2a02::/16', record: { at: 'six' } }], {
      recordSize,
    })
    for (const bytes of [v4, v6]) {
      expect(read(bytes, '36.1.2.127')).toEqual({ at: 'wide' })
      expect(read(bytes, '36.1.2.128')).toEqual({ at: 'narrow' })
      expect(read(bytes, '255.255.255.255')).toEqual({ at: 'last' })
      expect(read(bytes, '255.255.255.254')).toBeNull()
    }
    expect(read(v6, '2a02:1::1')).toEqual({ at: 'six' })
    expect(read(v6, '2a03::1')).toBeNull()
  },
)

test('metadata say what the file is', () => {
  const { metadata } = new Reader(
    writeMmdb([{ cidr: '36.0.0.0/8', record: 'x' }], { ipVersion: 4, databaseType: 'A-City' }),
  )
  expect(metadata).toMatchObject({
    databaseType: 'A-City',
    ipVersion: 4,
    recordSize: 28,
    binaryFormatMajorVersion: 2,
    languages: ['en'],
    nodeCount: 8,
  })
  expect(metadata.buildEpoch.getTime()).toBe(1_760_000_000_000)
})
