import fc from 'fast-check'
import { expect, test } from 'vitest'
import { allParts } from './fresh-parts.ts'
import { shareOf } from './share-parts.ts'

const names = fc.uniqueArray(fc.stringMatching(/^project-[a-z]{1,8}-\d{1,5}$/), {
  minLength: 1,
  maxLength: 6,
})

test('every part has one projector, however the living are ordered', () => {
  fc.assert(
    fc.property(names, (living) => {
      const shares = living.flatMap((name) => shareOf(name, [...living].reverse()))
      expect(shares.sort()).toEqual([...allParts].sort())
    }),
    { numRuns: 50 },
  )
})

test('when one goes the others keep what they have, and share what was its own', () => {
  fc.assert(
    fc.property(names, (living) => {
      const [gone = '', ...rest] = living
      for (const name of rest) {
        const after = new Set(shareOf(name, rest))
        for (const part of shareOf(name, living)) expect(after.has(part)).toBe(true)
        const gained = after.size - shareOf(name, living).length
        expect(gained).toBeLessThanOrEqual(shareOf(gone, living).length)
      }
    }),
    { numRuns: 50 },
  )
})

test('four share the parts about evenly', () => {
  const living = ['a', 'b', 'c', 'd'].map((host) => `project-${host}-17`)
  for (const name of living) {
    const { length } = shareOf(name, living)
    expect(length).toBeGreaterThan(190)
    expect(length).toBeLessThan(330)
  }
})
