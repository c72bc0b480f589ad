import fc from 'fast-check'
import { expect, test } from 'vitest'
import { countBits, hasBit, intersect, setBit, subtract, takeBit, wordsOf } from './bitset.ts'

const numbers = fc.uniqueArray(fc.nat({ max: 99 }))

function bitsOf(members: readonly number[]): Uint32Array {
  const bits = new Uint32Array(wordsOf(100))
  for (const member of members) setBit(bits, member)
  return bits
}

test('is the set of the numbers that were put in', () => {
  fc.assert(
    fc.property(numbers, (members) => {
      const bits = bitsOf(members)
      expect(countBits(bits, bits.length)).toBe(members.length)
      for (let n = 0; n < 100; n++) expect(hasBit(bits, n)).toBe(members.includes(n))
    }),
  )
})

test('an intersection keeps what both have and counts what goes', () => {
  fc.assert(
    fc.property(numbers, numbers, (left, right) => {
      const bits = bitsOf(left)
      const gone = intersect(bits, bitsOf(right), bits.length)
      const both = left.filter((n) => right.includes(n))
      expect(bits).toEqual(bitsOf(both))
      expect(gone).toBe(left.length - both.length)
    }),
  )
})

test('what is subtracted goes, one by one or together, and is counted', () => {
  fc.assert(
    fc.property(numbers, numbers, (left, right) => {
      const together = bitsOf(left)
      const gone = subtract(together, bitsOf(right), together.length)
      const single = bitsOf(left)
      const taken = right.filter((n) => takeBit(single, n))
      const rest = bitsOf(left.filter((n) => !right.includes(n)))
      expect([together, single]).toEqual([rest, rest])
      expect([gone, taken.length]).toEqual([left.length - countBits(rest, rest.length), gone])
    }),
  )
})
