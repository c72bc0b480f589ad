/** Decimal prices: exact for every number of micros, never through a float. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { priceMicrosMax } from './limits.ts'
import { microsOfDecimal } from './price.ts'

test('every number of micros survives being written as a decimal', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: priceMicrosMax - 1 }), (micros) => {
      const digits = String(micros).padStart(7, '0')
      const text = `${digits.slice(0, -6)}.${digits.slice(-6)}`
      expect(microsOfDecimal(text)).toBe(micros)
      const short = text.replace(/\.?0+$/, '')
      expect(microsOfDecimal(short === '' ? '0' : short)).toBe(micros)
    }),
  )
})

test('what is not a price is null', () => {
  for (const text of [
    '',
    '.5',
    '1.',
    '0',
    '0.000000',
    '-1',
    '1e3',
    ' 1',
    '1,5',
    '1.0000001',
    '1234567890',
  ]) {
    expect(microsOfDecimal(text), text).toBeNull()
  }
})
