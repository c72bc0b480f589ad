import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fibonacci, int, toBase64Url } from '../../../../test/support/consent-writer.ts'
import { BitText } from './bit-text.ts'

describe('bits of base64url text', () => {
  test('are read most significant first, across characters', () => {
    const bits = new BitText('DBABM')
    expect([bits.read(6), bits.read(6), bits.read(12), bits.read(1)]).toEqual([3, 1, 1, 0])
    expect(bits.readFibonacci()).toBe(2)
    expect(bits.ok).toBe(true)
  })

  test('agree with a naive writer for any fields', () => {
    const field = fc
      .integer({ min: 1, max: 25 })
      .chain((width) => fc.tuple(fc.nat(2 ** width - 1), fc.constant(width)))
    fc.assert(
      fc.property(fc.array(field, { maxLength: 40 }), (fields) => {
        const bits = new BitText(toBase64Url(fields.map(([v, w]) => int(v, w)).join('')))
        expect(fields.map(([, width]) => bits.read(width))).toEqual(fields.map(([value]) => value))
        expect(bits.ok).toBe(true)
      }),
    )
  })

  test('agree with a naive writer after a skip', () => {
    fc.assert(
      fc.property(fc.nat(5000), fc.nat(0xffff), (gap, value) => {
        const bits = new BitText(toBase64Url('1'.repeat(gap) + int(value, 16)))
        bits.skip(gap)
        expect(bits.read(16)).toBe(value)
      }),
    )
  })

  test('hold the Fibonacci codes of the GPP specification', () => {
    const published = ['11', '011', '0011', '1011', '00011', '10011', '01011']
    for (const [at, code] of published.entries()) {
      expect(fibonacci(at + 1)).toBe(code)
      expect(new BitText(toBase64Url(code)).readFibonacci()).toBe(at + 1)
    }
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 70_000 }), (value) => {
        expect(new BitText(toBase64Url(fibonacci(value))).readFibonacci()).toBe(value)
      }),
    )
  })

  test('a Fibonacci code that never ends fails, in bounded time', () => {
    for (const text of ['', 'A', 'A'.repeat(10_000), 'qqqqqqqqqqqq']) {
      const bits = new BitText(text)
      expect(bits.readFibonacci()).toBe(0)
      expect(bits.ok).toBe(false)
    }
  })

  test('past the end there is nothing, and no way back', () => {
    const bits = new BitText('AB')
    expect(bits.read(12)).toBe(1)
    expect(bits.read(1)).toBe(0)
    expect(bits.ok).toBe(false)
    const skipped = new BitText('AB')
    skipped.skip(13)
    expect(skipped.ok).toBe(false)
  })

  test.each(['A B', 'A%B', 'Aé', 'A\u0000', 'A中'])('a foreign character in %j fails', (text) => {
    const bits = new BitText(text)
    bits.read(6)
    expect(bits.ok).toBe(true)
    bits.read(6)
    expect(bits.ok).toBe(false)
  })

  test('padding is not read, and the plain base64 alphabet is', () => {
    expect(new BitText('DB==').bits).toBe(12)
    expect(new BitText('+/').read(12)).toBe(new BitText('-_').read(12))
  })
})
