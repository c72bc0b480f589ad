import { mkdtempSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { type CityResponse, Reader } from 'mmdb-lib'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import {
  cityRecord,
  type MmdbNetwork,
  type MmdbOptions,
  writeMmdb,
} from '../../test/support/mmdb-writer.ts'
import { newGeoAnswer } from '../domain/geo-port.ts'
import { type MmdbSource, openMmdbSource } from './mmdb-source.ts'

const shanghai = cityRecord({
  country: 'CN',
  region: 'sh',
  city: 'Shanghai',
  at: [31, 121.4737],
  timeZone: 'Asia/Shanghai',
})
const boston = cityRecord({ country: 'US', region: 'MA', city: 'Boston', metro: 506 })
const networks: readonly MmdbNetwork[] = [
  { cidr: '36.0.0.0/8', record: cityRecord({ country: 'CN' }) },
  { cidr: '36.110.4.0/22', record: shanghai },
  { cidr: '36.110.5.128/27', record: boston },
  { cidr: '2a02:6b8::/32', record: boston },
  { cidr: '5.5.5.0/24', record: { continent: { code: 'EU' } } },
  { cidr: '10.0.0.0/8', record: boston },
]

let folder: string
let path: string
let looks: (() => void)[]
let loaded: string[]
let problems: string[]

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-geo-'))
  path = join(folder, 'city.mmdb')
  looks = []
  loaded = []
  problems = []
})

afterEach(() => rmSync(folder, { recursive: true }))

function open(): Promise<MmdbSource> {
  return openMmdbSource({
    path,
    every: (_ms, run) => {
      looks.push(run)
      return () => void looks.splice(looks.indexOf(run), 1)
    },
    onLoaded: (file) => loaded.push(file.databaseType),
    onProblem: (sentence) => problems.push(sentence),
  })
}

function openWith(options: MmdbOptions = {}, given = networks): Promise<MmdbSource> {
  writeFileSync(path, writeMmdb(given, options))
  return open()
}

function where(source: MmdbSource, ip: string): string {
  const answer = newGeoAnswer()
  return source.lookup(ip, answer) ? `${answer.country}/${answer.region}/${answer.city}` : ''
}

describe('looking up', () => {
  test('all that a record knows, in our forms', async () => {
    const source = await openWith()
    const answer = newGeoAnswer()
    expect(source.lookup('36.110.4.7', answer)).toBe(true)
    expect(answer).toEqual({
      country: 'CHN',
      region: 'SH',
      city: 'Shanghai',
      metro: '',
      latitude: 31,
      longitude: 121.4737,
      timeZone: 'Asia/Shanghai',
    })
  })

  test('what a record leaves out is unknown, also after one that had it', async () => {
    const source = await openWith()
    const answer = newGeoAnswer()
    source.lookup('36.110.4.7', answer)
    expect(source.lookup('36.110.5.140', answer)).toBe(true)
    expect(answer).toMatchObject({ country: 'USA', metro: '506', timeZone: '', latitude: NaN })
    expect(source.lookup('36.1.1.1', answer)).toBe(true)
    expect(answer).toEqual({ ...newGeoAnswer(), country: 'CHN' })
    expect(source.lookup('9.9.9.9', answer)).toBe(false)
    expect(answer).toEqual(newGeoAnswer())
  })

  test('the narrowest network counts, to the address', async () => {
    const source = await openWith()
    expect(where(source, '36.110.5.127')).toBe('CHN/SH/Shanghai')
    expect(where(source, '36.110.5.128')).toBe('USA/MA/Boston')
    expect(where(source, '36.110.5.159')).toBe('USA/MA/Boston')
    expect(where(source, '36.110.5.160')).toBe('CHN/SH/Shanghai')
    expect(where(source, '36.110.8.0')).toBe('CHN//')
    expect(where(source, '37.0.0.0')).toBe('')
  })

  test('IPv6, IPv4 inside IPv6, and truncated addresses', async () => {
    const source = await openWith()
    expect(where(source, '2a02:6b8:1::')).toBe('USA/MA/Boston')
    expect(where(source, '2A02:06B8:0:0:1:2:3:4')).toBe('USA/MA/Boston')
    expect(where(source, '2a02:6b9::1')).toBe('')
    expect(where(source, '::ffff:36.110.4.7')).toBe('CHN/SH/Shanghai')
    expect(where(source, '36.110.4.0')).toBe('CHN/SH/Shanghai')
  })

  test('private addresses are nowhere, whatever the file says; so is what has no place', async () => {
    const source = await openWith()
    for (const ip of ['10.1.1.1', '192.168.0.1', '127.0.0.1', '::1', 'fe80::1', '5.5.5.5']) {
      expect(where(source, ip)).toBe('')
    }
  })

  test('a file of IPv4 alone knows no IPv6 address, and all three record sizes read alike', async () => {
    const v4 = networks.filter(({ cidr }) => !cidr.includes(':'))
    for (const recordSize of [24, 28, 32] as const) {
      for (const ipVersion of [4, 6] as const) {
        const source = await openWith({ recordSize, ipVersion }, v4)
        expect(where(source, '36.110.4.7')).toBe('CHN/SH/Shanghai')
        expect(where(source, '246e:0407::1')).toBe('')
      }
    }
  })

  test('any text at all gives an answer without throwing', async () => {
    const source = await openWith()
    const answer = newGeoAnswer()
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.ipV4(), fc.ipV6()), (ip) => {
        expect(typeof source.lookup(ip, answer)).toBe('boolean')
      }),
    )
  })

  test('the library alone says the same of every address', async () => {
    const bytes = writeMmdb(networks)
    writeFileSync(path, bytes)
    const source = await open()
    const reader = new Reader<CityResponse>(bytes)
    const nearby = fc.tuple(fc.constantFrom(35, 36, 37), fc.constantFrom(109, 110), fc.nat(255))
    fc.assert(
      fc.property(nearby, fc.nat(255), ([a, b, c], d) => {
        const ip = `${a}.${b}.${c}.${d}`
        const answer = newGeoAnswer()
        source.lookup(ip, answer)
        expect(answer.city).toBe(reader.get(ip)?.city?.names.en ?? '')
      }),
    )
  })

  test('fields of a wrong type are unknown', async () => {
    const record = {
      country: 'CN',
      city: { names: ['Shanghai'] },
      subdivisions: { iso_code: 7 },
      location: { latitude: 'north', time_zone: 8, metro_code: 'x' },
    }
    const odd = { cidr: '6.6.6.0/24', record }
    const source = await openWith({}, [...networks, odd])
    const answer = newGeoAnswer()
    expect(source.lookup('6.6.6.6', answer)).toBe(false)
    expect(answer).toEqual(newGeoAnswer())
  })
})

describe('a file that cannot be used stops the start, with path and reason', () => {
  const good = (): Buffer => writeMmdb(networks)
  const changed = (at: number, to: number): Buffer => {
    const bytes = good()
    bytes[at] = to
    return bytes
  }

  test.each([
    ['is not there', null, /ENOENT/],
    ['is empty', Buffer.alloc(0), /metadata are missing/],
    ['is something else', Buffer.from('<html>'), /metadata are missing/],
    ['is cut short', good().subarray(0, -40), /metadata/],
    ['lost its front', good().subarray(200), /points out of|does not decode|no city|deeper/],
    ['has a wild node', changed(0, 0x7f), /node 0 of \d+ points out/],
    ['is of a later format', writeMmdb(networks, { majorVersion: 3 }), /format version 3/],
    [
      'is of another kind',
      writeMmdb([{ cidr: '36.0.0.0/8', record: { autonomous_system_number: 1 } }], {
        databaseType: 'GeoLite2-ASN',
      }),
      /no city or country database: it is of type GeoLite2-ASN/,
    ],
    ['holds no network', writeMmdb([]), /1 nodes do not fit/],
  ])('%s', async (_about, bytes, reason) => {
    if (bytes !== null) writeFileSync(path, bytes)
    const refusal = await open().catch((error: unknown) => error)
    expect(refusal).toMatchObject({ code: 'SLUICE_GEO_FILE', name: 'GeoFileError' })
    expect(String(refusal)).toContain(path)
    expect(String(refusal)).toMatch(reason)
    expect(looks).toEqual([])
  })

  test('has a tree that leads round in circles', async () => {
    const bytes = writeMmdb(networks, { recordSize: 32 })
    // Both sides of the first node lead back to it.
    bytes.fill(0, 0, 8)
    writeFileSync(path, bytes)
    await expect(open()).rejects.toThrow(/deeper than an address of 128 bits/)
  })

  test('any single damaged byte is refused or answered from, never thrown at a lookup', async () => {
    const whole = good()
    const answer = newGeoAnswer()
    for (let at = 0; at < whole.length; at += 7) {
      writeFileSync(path, changed(at, (whole[at] ?? 0) ^ 0x55))
      const source = await open().catch(() => null)
      for (const ip of ['36.110.4.7', '36.1.1.1', '2a02:6b8::1']) source?.lookup(ip, answer)
    }
    expect(loaded.length).toBeGreaterThan(0)
  })
})

describe('a file that changes', () => {
  const moved = [{ cidr: '36.0.0.0/8', record: boston }]

  function replace(bytes: Uint8Array): void {
    writeFileSync(`${path}.new`, bytes)
    renameSync(`${path}.new`, path)
  }

  test('is taken over at the next look, and what was known is forgotten', async () => {
    const source = await openWith()
    expect(where(source, '36.110.4.7')).toBe('CHN/SH/Shanghai')
    replace(writeMmdb(moved, { databaseType: 'Second-City' }))
    expect(where(source, '36.110.4.7')).toBe('CHN/SH/Shanghai')
    await source.look()
    expect(where(source, '36.110.4.7')).toBe('USA/MA/Boston')
    expect(loaded).toEqual(['Sluice-Test-City', 'Second-City'])
    await source.look()
    expect(loaded).toHaveLength(2)
    expect(problems).toEqual([])
  })

  test('is looked at as often as the schedule says, until it is stopped', async () => {
    const source = await openWith()
    expect(looks).toHaveLength(1)
    source.stop()
    expect(looks).toHaveLength(0)
    expect(where(source, '36.110.4.7')).toBe('CHN/SH/Shanghai')
  })

  test('is refused whole when broken; the old one stays, and it is told once', async () => {
    const source = await openWith()
    replace(writeMmdb(networks).subarray(0, 300))
    await source.look()
    await source.look()
    expect(where(source, '36.110.4.7')).toBe('CHN/SH/Shanghai')
    expect(problems).toHaveLength(1)
    expect(problems[0]).toContain(path)
    replace(writeMmdb(moved))
    await source.look()
    expect(where(source, '36.110.4.7')).toBe('USA/MA/Boston')
    expect(problems).toHaveLength(1)
  })

  test('may vanish and come back: told once, and what is in memory stays', async () => {
    const source = await openWith()
    rmSync(path)
    await source.look()
    await source.look()
    expect(where(source, '36.110.4.7')).toBe('CHN/SH/Shanghai')
    expect(problems).toEqual([expect.stringContaining('ENOENT')])
    replace(writeMmdb(moved))
    await source.look()
    expect(where(source, '36.110.4.7')).toBe('USA/MA/Boston')
  })

  test('that was refused is not read again before it changes', async () => {
    const source = await openWith()
    const atSec = 1_700_000_000
    const good = writeMmdb(moved)
    writeFileSync(path, Buffer.alloc(good.length))
    utimesSync(path, atSec, atSec)
    await source.look()
    expect(problems).toHaveLength(1)
    // The same file, size and time, so that only reading it would show what became of it.
    writeFileSync(path, good)
    utimesSync(path, atSec, atSec)
    await source.look()
    expect(where(source, '36.110.4.7')).toBe('CHN/SH/Shanghai')
    utimesSync(path, atSec, atSec + 1)
    await source.look()
    expect(where(source, '36.110.4.7')).toBe('USA/MA/Boston')
  })

  test('is not read again for as long as its time and size stay', async () => {
    const source = await openWith()
    utimesSync(path, 1_700_000_000, 1_700_000_000)
    await Promise.all([source.look(), source.look()])
    await source.look()
    expect(loaded).toHaveLength(2)
  })
})
