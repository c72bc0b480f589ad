import fc from 'fast-check'
import { expect, test } from 'vitest'
import { buildWordMap, WordMap } from './word-map.ts'

const word = fc.string({ unit: 'binary', maxLength: 12 })
const key = fc.tuple(fc.nat({ max: 3 }), word)

test('finds every word that was put in, in its own space, and no other', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(key, { selector: (k) => k.join(' ') }),
      fc.array(key),
      (put, ask) => {
        const map = new WordMap(
          buildWordMap(put.map(([space, text], value) => ({ space, word: text, value }))),
        )
        const known = new Map(put.map((one, value) => [one.join(' '), value]))
        for (const one of [...put, ...ask]) {
          expect(map.get(one[0], one[1])).toBe(known.get(one.join(' ')) ?? -1)
        }
      },
    ),
  )
})

test('a hundred thousand similar words do not meet', () => {
  const entries = Array.from({ length: 100_000 }, (_, value) => ({
    space: 0,
    word: `site-${value}.example`,
    value,
  }))
  const map = new WordMap(buildWordMap(entries))
  expect(entries.every(({ word: text, value }) => map.get(0, text) === value)).toBe(true)
  expect(map.get(0, 'site-100000.example')).toBe(-1)
})
