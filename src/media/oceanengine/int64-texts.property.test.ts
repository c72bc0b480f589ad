import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Int64Texts } from './int64-texts.ts'

test('is the decimal text of the number, whatever was asked before', () => {
  const texts = new Int64Texts()
  const number = fc.oneof(
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    // Few places, many numbers: all of these fight for the same ones.
    fc.integer({ min: -3, max: 3 }).map((upper) => BigInt(upper) << 32n),
  )
  fc.assert(
    fc.property(number, (value) => {
      const bits = BigInt.asUintN(64, value)
      const text = texts.of(Number(bits >> 32n), Number(bits & 0xffff_ffffn))
      expect(text).toBe(value.toString())
    }),
    { numRuns: 5_000 },
  )
})
