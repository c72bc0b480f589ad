import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { percentDecoded, queryValue } from './query-text.ts'

describe('queryValue', () => {
  test.each([
    ['t=abc', 't', 'abc'],
    ['x=1&t=abc&p=2', 't', 'abc'],
    ['ts=5&t=abc', 't', 'abc'],
    ['t', 't', ''],
    ['t=', 't', ''],
    ['x&t&y', 't', ''],
    ['t=a=b', 't', 'a=b'],
    ['t=1&t=2', 't', '1'],
    ['T=1', 't', null],
    ['', 't', null],
    ['&&&', 't', null],
    ['p=%31.5', 'p', '1.5'],
    ['p=a+b', 'p', 'a+b'],
    ['p=%%WINNING_PRICE%%', 'p', '%%WINNING_PRICE%%'],
  ])('of %s, %s is %s', (query, name, value) => {
    expect(queryValue(query, name)).toBe(value)
  })

  test('finds what URLSearchParams finds in every well-formed query without a plus', () => {
    const word = fc.stringMatching(/^[a-z]{1,3}$/)
    const value = fc.string({ unit: 'grapheme', maxLength: 6 })
    fc.assert(
      fc.property(fc.array(fc.tuple(word, value)), word, (pairs, wanted) => {
        const query = pairs.map(([name, text]) => `${name}=${encodeURIComponent(text)}`).join('&')
        expect(queryValue(query, wanted)).toBe(new URLSearchParams(query).get(wanted))
      }),
    )
  })
})

describe('percentDecoded', () => {
  test.each([
    ['%E4%BD%A0', '你'],
    ['%zz%41', '%zzA'],
    ['%ff', '%ff'],
    ['100%', '100%'],
  ])('%s becomes %s', (text, decoded) => {
    expect(percentDecoded(text)).toBe(decoded)
  })

  test('never throws', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[%a-f0-9]*$/), (text) => {
        expect(typeof percentDecoded(text)).toBe('string')
      }),
    )
  })
})
