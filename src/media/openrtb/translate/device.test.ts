/** What is kept of the device, its place and its address. */
import { describe, expect, test } from 'vitest'
import { type Json, requestOf } from '../../../../test/support/openrtb-decode.ts'
import { Os } from '../../../domain/ad-request.ts'
import { networkOf } from '../../../lib/truncate-ip.ts'
import { osNamed } from './device.ts'

const deviceOf = (device: Json) => requestOf({ device }).device
const android = 'Mozilla/5.0 (Linux; Android 13; Pixel 7) AppleWebKit/537.36 Chrome/120.0 Mobile'

test('everything of a device', () => {
  const device = {
    ...{ ua: android, os: 'Android', osv: '13', devicetype: 4, make: 'Google', model: 'Pixel 7' },
    ...{ language: 'EN', carrier: 'Vodafone', mccmnc: '262-02', connectiontype: 2 },
    ...{ w: 1080, h: 2400, pxratio: 2.625 },
  }
  expect(deviceOf(device)).toEqual({
    ...{ userAgent: android, os: Os.Android, osVersion: '13', type: 4, make: 'google' },
    ...{ model: 'pixel 7', language: 'en', carrier: 'Vodafone', mccMnc: '262-02' },
    ...{ connectionType: 2, widthPx: 1080, heightPx: 2400, pixelRatio: 2.625 },
  })
})

test('a device that is absent or says nothing is unknown', () => {
  const unknown = requestOf({}).device
  expect(unknown).toMatchObject({ userAgent: '', os: Os.Unknown, type: 0, language: '' })
  expect(deviceOf({})).toEqual(unknown)
  expect(deviceOf({ w: -1, h: 0, pxratio: 0, devicetype: -3, connectiontype: null })).toEqual(
    unknown,
  )
})

describe('the operating system', () => {
  const sua = { platform: { brand: 'Windows', version: ['10', '0', '1'] } }
  test.each([
    ['by name', { os: 'iOS', osv: '17.4', sua, ua: android }, Os.Ios, '17.4'],
    ['by client hints', { sua, ua: android }, Os.Windows, '10.0.1'],
    ['by client hints, with the version beside', { sua, osv: '11' }, Os.Windows, '11'],
    ['by name, with the version of the hints', { os: 'Windows', sua }, Os.Windows, '10.0.1'],
    [
      'by name, with the version of the user agent',
      { os: 'Android', ua: android },
      Os.Android,
      '13',
    ],
    ['by name, not with the version of another', { os: 'iOS', sua, ua: android }, Os.Ios, ''],
    ['by the user agent', { ua: android }, Os.Android, '13'],
    ['by the user agent, with the version beside', { ua: android, osv: '9' }, Os.Android, '9'],
    [
      'by the user agent where the name says nothing',
      { os: 'unknown', ua: android },
      Os.Android,
      '13',
    ],
    ['by a name that we do not list', { os: 'Tizen', ua: android }, Os.Other, ''],
    ['not at all', { sua: {} }, Os.Unknown, ''],
  ])('%s', (_, device, os, osVersion) => {
    expect(deviceOf(device)).toMatchObject({ os, osVersion })
  })

  test.each([
    ['iOS', Os.Ios],
    ['iPadOS', Os.Ios],
    ['iPhone OS', Os.Ios],
    ['ANDROID', Os.Android],
    ['Fire OS', Os.Android],
    ['Windows Phone', Os.Windows],
    ['macOS', Os.Mac],
    ['OS X', Os.Mac],
    ['Mac OS X', Os.Mac],
    ['HarmonyOS', Os.Harmony],
    ['OpenHarmony', Os.Harmony],
    ['tvOS', Os.Other],
    ['Roku', Os.Other],
    ['Linux', Os.Other],
    ['', Os.Unknown],
    [' Unknown', Os.Unknown],
    [null, Os.Unknown],
  ])('%j is %d', (name, os) => expect(osNamed(name)).toBe(os))
})

test.each([
  ['the old field', { language: 'de' }, 'de'],
  ['the tag', { langb: 'zh_Hant-TW' }, 'zh-hant-tw'],
  ['the old field of two', { language: 'de', langb: 'de-AT' }, 'de'],
])('language: %s', (_, device, language) => expect(deviceOf(device).language).toBe(language))

test('the kind of device is the field’s, else the user agent’s', () => {
  expect(deviceOf({ ua: android }).type).toBe(4)
  expect(deviceOf({ ua: android, devicetype: 5 }).type).toBe(5)
  expect(deviceOf({ ua: 'x' }).type).toBe(0)
})

test('the model of the client hints stands in', () => {
  expect(deviceOf({ sua: { model: 'Pixel 8' } }).model).toBe('pixel 8')
  expect(deviceOf({ sua: { model: 'Pixel 8' }, model: 'P7' }).model).toBe('p7')
})

describe('the place', () => {
  const geo = {
    ...{ country: 'us', region: 'US-ca', city: 'Los Angeles', metro: '803', zip: '90049' },
    ...{ lat: 34.05, lon: -118.24, utcoffset: -480 },
  }
  const expected = {
    ...{ country: 'USA', region: 'CA', city: 'los angeles', metro: '803', zip: '90049' },
    ...{ latitude: 34.05, longitude: -118.24, utcOffsetMin: -480, district: '' },
  }
  const unknown = requestOf({}).geo

  test('is the device’s, else the user’s, never a mixture', () => {
    const home = { country: 'FRA', city: 'Paris' }
    expect(requestOf({ device: { geo } }).geo).toEqual(expected)
    expect(requestOf({ user: { geo } }).geo).toEqual(expected)
    expect(requestOf({ device: { geo }, user: { geo: home } }).geo).toEqual(expected)
    const atHome = requestOf({ device: { geo: { country: 'DEU' } }, user: { geo: home } }).geo
    expect([atHome.country, atHome.city]).toEqual(['DEU', ''])
  })

  test('is the user’s where the device’s tells no place', () => {
    const bare = { device: { geo: { type: 2, utcoffset: 60 } } }
    expect(requestOf({ ...bare, user: { geo } }).geo).toEqual(expected)
    expect(requestOf(bare).geo).toEqual({ ...unknown, utcOffsetMin: 60 })
  })

  test.each([
    ['a country that is none', { country: 'Utopia' }, {}],
    ['a region alone', { region: 'usa-tx' }, { region: 'TX' }],
    ['a region of digits', { region: '11' }, { region: '11' }],
    ['half a point', { lat: 1 }, {}],
    ['the point 0, 0', { lat: 0, lon: 0 }, {}],
    ['a point beyond the earth', { lat: 91, lon: 0 }, {}],
    ['a time zone beyond the earth', { utcoffset: 6000 }, {}],
    ['a longitude as some write it', { lat: 1, long: 2 }, { latitude: 1, longitude: 2 }],
  ])('of %s', (_, part, known) => {
    expect(requestOf({ device: { geo: part } }).geo).toEqual({ ...unknown, ...known })
  })

  test('is country, region and time zone where personal data may not be used', () => {
    const { region, country, utcOffsetMin } = expected
    const limited = requestOf({ device: { geo, lmt: 1 } }).geo
    expect(limited).toEqual({ ...unknown, country, region, utcOffsetMin })
  })
})

describe('the address', () => {
  test('is that of version 4, else 6', () => {
    const of = (device: Json) => requestOf({ device }).ip
    expect(of({ ip: '203.0.113.7', ipv6: '2001:db8::1' })).toBe('203.0.113.7')
    expect(of({ ip: ' ', ipv6: '2001:db8::1' })).toBe('2001:db8::1')
    expect(of({ ip: 'x'.repeat(65) })).toBe('')
    expect(of({})).toBe('')
  })

  test('is that of the network where personal data may not be used', () => {
    expect(requestOf({ device: { ip: '203.0.113.7', lmt: 1 } }).ip).toBe('203.0.113.0')
  })

  test.each([
    ['203.0.113.255', '203.0.113.0'],
    ['2001:db8:85a3:8d3:1319:8a2e:370:7348', '2001:db8:85a3::'],
    ['2001:db8::1', '2001:db8:0::'],
    ['2001::a:b:c:d:e', '2001:0:0::'],
    ['::1', '0:0:0::'],
    ['::ffff:203.0.113.9', '203.0.113.0'],
    ['2001:db8:85a3:8d3:1319:8a2e:370', ''],
    ['1::2::3', ''],
    ['1:2:3:4:5:6:7:8:9', ''],
    ['1:2:3:4:5:6:7::8:9', ''],
    ['2001:db8:xyz::', ''],
    ['user-4711', ''],
    ['1.2.3', ''],
    ['', ''],
  ])('the network of %j is %j', (ip, network) => expect(networkOf(ip)).toBe(network))
})
