import { beforeEach, describe, expect, test } from 'vitest'
import type { GeoSource } from '../domain/geo-port.ts'
import { Locator } from './locator.ts'
import { Scratch } from './scratch.ts'

let lookups: string[]
let scratch: Scratch

/** Knows one address, in Shanghai. */
const source: GeoSource = {
  lookup: (ip, into) => {
    lookups.push(ip)
    into.country = ip === '36.110.4.7' ? 'CHN' : ''
    into.city = ip === '36.110.4.7' ? 'Shanghai' : ''
    return ip === '36.110.4.7'
  },
}

beforeEach(() => {
  lookups = []
  scratch = new Scratch()
})

function located(country: string, city: string, ip = '36.110.4.7'): unknown[] {
  scratch.request.geo.country = country
  scratch.request.geo.city = city
  scratch.request.ip = ip
  new Locator(source).locate(scratch)
  return [scratch.country, scratch.city, scratch.isLocated]
}

describe('where the device is', () => {
  test('what the medium says alone, when there is no address or nothing is missing', () => {
    expect(located('CN', 'Beijing')).toEqual(['chn', 'beijing', false])
    expect(located('CN', '', '')).toEqual(['chn', '', false])
    expect(lookups).toEqual([])
  })

  test('what is missing comes from the address', () => {
    expect(located('', '')).toEqual(['chn', 'shanghai', true])
    expect(located('cn', '')).toEqual(['chn', 'shanghai', true])
    expect(located('', '440300')).toEqual(['chn', '440300', true])
  })

  test('in another country than the medium says, the address is not believed', () => {
    expect(located('JP', '')).toEqual(['jpn', '', false])
    expect(located('156', '')).toEqual(['156', '', false])
  })

  test('an address that nobody knows changes nothing, nor does the request before', () => {
    located('', '')
    expect(located('', '', '9.9.9.9')).toEqual(['', '', false])
    expect(located('JP', '', '9.9.9.9')).toEqual(['jpn', '', false])
  })
})
