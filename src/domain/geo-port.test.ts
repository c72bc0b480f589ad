import { beforeEach, expect, test } from 'vitest'
import { type BidGeo, BidRequest } from './bid-request.ts'
import { completeBidGeo, type GeoAnswer, newGeoAnswer, noGeo } from './geo-port.ts'

const known: GeoAnswer = {
  country: 'CHN',
  region: 'SH',
  city: 'Shanghai',
  metro: '7',
  latitude: 31.2,
  longitude: 121.5,
  timeZone: 'Asia/Shanghai',
}

let geo: BidGeo

beforeEach(() => {
  geo = new BidRequest().geo
})

function completed(said: Partial<BidGeo>): Partial<BidGeo> {
  completeBidGeo(Object.assign(geo, said), known)
  const { country, region, city, metro, latitude } = geo
  return { country, region, city, metro, latitude }
}

const all = { country: 'CHN', region: 'SH', city: 'Shanghai', metro: '7', latitude: 31.2 }

test('a request that says nothing takes all of it', () => expect(completed({})).toEqual(all))

test('what agrees is completed, in any case', () => {
  expect(completed({ country: 'CHN', city: 'SHANGHAI' })).toEqual({ ...all, city: 'SHANGHAI' })
})

test('what the request says stays', () => {
  expect(completed({ latitude: 1, longitude: 2, metro: '9' })).toMatchObject({
    latitude: 1,
    metro: '9',
  })
})

test.each([
  [{ country: 'JPN' }, { country: 'JPN', region: '', city: '', metro: '', latitude: NaN }],
  [{ region: 'BJ' }, { country: 'CHN', region: 'BJ', city: '', metro: '', latitude: NaN }],
  [{ city: 'Suzhou' }, { country: 'CHN', region: '', city: 'Suzhou', metro: '', latitude: NaN }],
])('where %j differs, the address is not believed further', (said, expected) => {
  expect(completed(said)).toEqual(expected)
})

test('no source knows nothing, and leaves no old answer', () => {
  const answer = { ...known }
  expect(noGeo.lookup('81.2.69.142', answer)).toBe(false)
  expect(answer).toEqual(newGeoAnswer())
})
