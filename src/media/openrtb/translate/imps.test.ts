/** Which impressions are usable, and what is read of each. */
import { describe, expect, test } from 'vitest'
import {
  decodeJson,
  exchangeWith,
  impOf,
  requestOf,
} from '../../../../test/support/openrtb-decode.ts'
import { impsMax, impsSeenMax } from './imps.ts'

const banner = { w: 300, h: 250 }

test('keeps the usable impressions and counts the others', () => {
  const request = requestOf({
    imp: [
      { banner },
      { id: '', banner },
      { id: 'a', banner },
      { id: 'b' },
      { id: 'c', native: { request: 'not json' } },
      { id: 'd', qty: { multiplier: 0 }, banner },
      { id: 'e', video: {} },
      { id: 'f', audio: {} },
      { id: ' ', banner },
      null,
      7,
    ],
  })
  expect(request.imps.map((imp) => [imp.id, imp.index])).toEqual([
    ['a', 2],
    ['e', 6],
    ['f', 7],
  ])
  expect(request.impsDropped).toBe(6)
})

test('of two impressions with one id keeps the first', () => {
  const request = requestOf({
    imp: [
      { id: 'a', banner },
      { id: 'a', video: {} },
    ],
  })
  expect(request.imps).toHaveLength(1)
  expect(request.imps[0]?.banner).not.toBeNull()
  expect(request.impsDropped).toBe(1)
})

test('an unusable impression does not take the id from a later one', () => {
  const request = requestOf({ imp: [{ id: 'a' }, { id: 'a', banner }] })
  expect(request.imps.map((imp) => imp.index)).toEqual([1])
})

test('reads an id that came as a number', () => {
  expect(requestOf({ imp: [{ id: 12, banner }] }).imps[0]?.id).toBe('12')
})

test.each([
  ['without id', [{ banner }]],
  ['without a format', [{ id: '1' }]],
  ['with a format that is no object', [{ id: '1', banner: 'yes' }]],
  ['with a native that cannot be filled', [{ id: '1', native: { request: '' } }]],
  ['multiplied by nothing', [{ id: '1', banner, qty: { multiplier: -1 } }]],
])('has no usable impression: the only one is %s', (_, imp) => {
  expect(decodeJson({ id: 'r', imp }).refusal).toBe('no-usable-imp')
})

test('a native that cannot be filled leaves the other formats', () => {
  const imp = impOf({ banner, video: {}, native: { request: 'not json' } })
  expect([imp.banner !== null, imp.video !== null, imp.native]).toEqual([true, true, null])
})

test('decides as many impressions as the limit', () => {
  const imp = Array.from({ length: impsMax + 3 }, (_, i) => ({ id: `${i}`, banner }))
  const request = requestOf({ imp })
  expect(request.imps).toHaveLength(impsMax)
  expect(request.impsDropped).toBe(3)
})

test('looks at no more elements than its other limit', () => {
  const unusable = Array.from({ length: impsSeenMax }, () => ({ native: { request: '[' } }))
  const imp = [...unusable, { id: '1', banner }]
  expect(decodeJson({ id: 'r', imp }).refusal).toBe('no-usable-imp')
  expect(requestOf({ imp: imp.slice(1) }).impsDropped).toBe(impsSeenMax - 1)
})

describe('floor', () => {
  test.each([
    ['absent', {}, 0, 'USD'],
    ['in dollars by default', { bidfloor: 1.5 }, 1_500_000, 'USD'],
    ['in its currency, upper case', { bidfloor: 2, bidfloorcur: 'eur ' }, 2_000_000, 'EUR'],
    ['zero in a currency', { bidfloor: 0, bidfloorcur: 'EUR' }, 0, 'EUR'],
    ['negative', { bidfloor: -1 }, 0, 'USD'],
    ['as text', { bidfloor: '0.5' }, 500_000, 'USD'],
    ['null', { bidfloor: null, bidfloorcur: null }, 0, 'USD'],
    ['rounded up below a micro', { bidfloor: 0.0000011 }, 2, 'USD'],
    ['free of the noise of binary fractions', { bidfloor: 1.1 }, 1_100_000, 'USD'],
    ['beyond any price is beyond any price', { bidfloor: 1e300 }, 1e15, 'USD'],
  ])('%s', (_, parts, cpmMicros, currency) => {
    expect(impOf({ banner, ...parts }).floor).toEqual({ cpmMicros, currency })
  })

  test.each([
    ['cpm', 2.5, 2_500_000],
    ['cpmMicros', 2_500_000, 2_500_000],
    ['cpmMicros', 0.2, 1],
    ['perImpression', 0.0025, 2_500_000],
  ] as const)('in the unit %s', (priceUnit, bidfloor, cpmMicros) => {
    const imp = impOf({ banner, bidfloor }, exchangeWith({ priceUnit }))
    expect(imp.floor.cpmMicros).toBe(cpmMicros)
  })
})

test.each([
  ['absent', {}, 1],
  ['half', { qty: { multiplier: 0.5 } }, 0.5],
  ['many', { qty: { multiplier: 12.75 } }, 12.75],
  ['not said', { qty: { sourcetype: 1 } }, 1],
])('multiplier %s', (_, parts, multiplier) => {
  expect(impOf({ banner, ...parts }).multiplier).toBe(multiplier)
})

test.each([
  [{ instl: 1 }, 'isInterstitial', true],
  [{ instl: 0 }, 'isInterstitial', false],
  [{}, 'isInterstitial', false],
  [{ instl: true }, 'isInterstitial', true],
  [{ rwdd: 1 }, 'isRewarded', true],
  [{ ext: { is_rewarded_inventory: 1 } }, 'isRewarded', true],
  [{ secure: 1 }, 'isSecure', true],
  [{ secure: 0 }, 'isSecure', false],
  [{}, 'isSecure', false],
  [{ pmp: { private_auction: 1 } }, 'isPrivate', true],
  [{ pmp: {} }, 'isPrivate', false],
  [{ tagid: ' t ' }, 'tagId', 't'],
  [{ exp: 30 }, 'expirySec', 30],
  [{ exp: -1 }, 'expirySec', 0],
] as const)('%j: %s is %j', (parts, field, value) => {
  expect(impOf({ banner, ...parts })[field]).toBe(value)
})
