/** Deals of an impression. */
import { expect, test } from 'vitest'
import { exchangeWith, impOf } from '../../../../test/support/openrtb-decode.ts'
import { dealsMax } from './deals.ts'

const dealOf = (deal: object, imp = {}) =>
  impOf({ banner: {}, pmp: { deals: [deal] }, ...imp }).deals[0]

test('every field of a deal', () => {
  expect(
    dealOf({
      ...{ id: ' D1 ', bidfloor: 2.5, bidfloorcur: 'eur', at: 3, wseat: ['s1', ''], guar: 1 },
      ...{ wadomain: ['WWW.Brand.example', 'https://other.example/x'], mincpmpersec: 0.2 },
      durfloors: [{ mindur: 1, maxdur: 15, bidfloor: 4 }],
    }),
  ).toEqual({
    id: 'D1',
    floor: { cpmMicros: 2_500_000, currency: 'EUR' },
    floorPerSecMicros: 200_000,
    durationFloors: [{ minSec: 1, maxSec: 15, cpmMicros: 4_000_000 }],
    auctionType: 3,
    seats: ['s1'],
    advertiserDomains: ['brand.example', 'other.example'],
    isGuaranteed: true,
  })
})

test('a deal that says only its id', () => {
  expect(dealOf({ id: 'D1' })).toEqual({
    id: 'D1',
    floor: { cpmMicros: 0, currency: 'USD' },
    ...{ floorPerSecMicros: 0, durationFloors: [], auctionType: 0, seats: [] },
    ...{ advertiserDomains: [], isGuaranteed: false },
  })
})

test('the currency of a deal is dollars, not that of the impression', () => {
  const deal = dealOf({ id: 'D1', bidfloor: 1 }, { bidfloor: 3, bidfloorcur: 'JPY' })
  expect(deal?.floor).toEqual({ cpmMicros: 1_000_000, currency: 'USD' })
})

test('floors of deals are in the unit of the exchange', () => {
  const pmp = { deals: [{ id: 'D', bidfloor: 3_000_001 }] }
  const imp = impOf({ banner: {}, pmp }, exchangeWith({ priceUnit: 'cpmMicros' }))
  expect(imp.deals[0]?.floor.cpmMicros).toBe(3_000_001)
})

test.each([
  [1, 1],
  [2, 2],
  [3, 3],
  [0, 0],
  [500, 0],
  [-1, 0],
  [null, 0],
])('auction type %j is %d', (at, expected) => {
  expect(dealOf({ id: 'D', at })?.auctionType).toBe(expected)
})

test('deals without id are left out, and those beyond the limit', () => {
  const deals = [{ bidfloor: 1 }, { id: '' }, null, ...Array(dealsMax + 2).fill({ id: 'D' })]
  expect(impOf({ banner: {}, pmp: { deals } }).deals).toHaveLength(dealsMax)
  expect(impOf({ banner: {}, pmp: {} }).deals).toEqual([])
})

test('a deal whose advertisers cannot be read is for nobody; empty names are no names', () => {
  expect(dealOf({ id: 'D1', wadomain: ['https://', '?'] })).toBeUndefined()
  expect(dealOf({ id: 'D1', wadomain: ['', ' '] })?.advertiserDomains).toEqual([])
})
