import fc from 'fast-check'
import { expect, test } from 'vitest'
import { queryParams, queryParamsMax } from './query-params.ts'

test('the first of several counts, pluses stay, escapes are decoded once', () => {
  const params = queryParams('a=1&b=x%2By+z&a=2&c=%2525&d&=nameless&%61b=%E4%BD%A0')
  expect([...params]).toEqual([
    ['a', '1'],
    ['b', 'x+y+z'],
    ['c', '%25'],
    ['d', ''],
    ['ab', '你'],
  ])
})

test('values keep their equal signs, and broken escapes stay as they came', () => {
  expect([...queryParams('a=b=c==&b=%zz%4&c=%ff')]).toEqual([
    ['a', 'b=c=='],
    ['b', '%zz%4'],
    ['c', '%ff'],
  ])
})

test('no more parameters are looked at than any link has', () => {
  const query = Array.from({ length: queryParamsMax + 50 }, (_, i) => `p${i}=1`).join('&')
  expect(queryParams(query).size).toBe(queryParamsMax)
})

test('agrees with URLSearchParams on what that one has encoded', () => {
  fc.assert(
    fc.property(
      fc.dictionary(fc.string({ unit: 'binary', minLength: 1 }), fc.string()),
      (pairs) => {
        // Only its form encoding differs: a blank is a plus there.
        const query = new URLSearchParams(pairs).toString().replaceAll('+', '%20')
        const expected = Object.entries(pairs).slice(0, queryParamsMax)
        expect([...queryParams(query)]).toEqual(expected)
      },
    ),
  )
})
