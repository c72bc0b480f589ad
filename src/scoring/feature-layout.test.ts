import { describe, expect, test } from 'vitest'
import { layoutOf } from './feature-layout.ts'
import type { FeatureSpec } from './feature-spec.ts'
import { houseFeatures } from './features.ts'

const place: FeatureSpec = {
  ...{ name: 'place', source: 'place', kind: 'vocab', width: 1, minCount: 1, words: ['a', 'b'] },
}
const packs: FeatureSpec = {
  ...{ name: 'packs', source: 'packs', kind: 'scores', width: 4, minCount: 1, words: ['p', 'q'] },
}
const creative: FeatureSpec = {
  ...{ name: 'creative', source: 'creative', kind: 'hash', width: 1, buckets: 8, salt: 's' },
}
const age: FeatureSpec = { name: 'age', source: 'flightStart', kind: 'recency', scale: 2 }
const number: FeatureSpec = {
  ...{ name: 'ctr', source: 'priorCtr', kind: 'number', transform: 'logit', mean: 0, scale: 1 },
}

describe('layoutOf', () => {
  test('places features side by side, each with its slots, from slot 1 on', () => {
    const both = cross('both', ['packs', 'creative'])
    const own = cross('own', ['place', 'packs'])
    const shown = cross('shown', ['creative', 'ctr'])
    const layout = layoutOf([place, packs, creative, age, number, both, own, shown])
    expect(
      layout.features.map(({ spec, side, column, width, offset, size }) => [
        ...[spec.name, side, column, width, offset, size],
      ]),
    ).toEqual([
      ['place', 'ask', 0, 1, 1, 3],
      ['packs', 'ask', 1, 4, 4, 3],
      ['creative', 'ad', 0, 1, 7, 8],
      ['age', 'pair', 0, 1, 15, 1],
      ['ctr', 'ad', 1, 1, 16, 1],
      ['both', 'pair', 1, 4, 17, 16],
      ['own', 'ask', 5, 4, 33, 16],
      ['shown', 'ad', 2, 1, 49, 16],
    ])
    expect(layout).toMatchObject({ askWidth: 9, adWidth: 3, pairWidth: 5, momentWidth: 1 })
    expect(layout.slotCount).toBe(65)
  })

  test('has one hash for lists that encode alike, whatever the order of their keys', () => {
    const turned = Object.fromEntries(Object.entries(place).toReversed()) as typeof place
    const hash = layoutOf([place, packs]).hash
    expect(hash).toMatch(/^[0-9a-f]{64}$/)
    expect(layoutOf([turned, packs]).hash).toBe(hash)
    expect(layoutOf([{ ...place, minCount: 9 }, packs]).hash).toBe(hash)
  })

  test.each<[string, readonly FeatureSpec[]]>([
    ['another word', [{ ...place, words: ['a', 'c'] }]],
    ['another order of words', [{ ...place, words: ['b', 'a'] }]],
    ['another source', [{ ...place, source: 'domain' }]],
    ['another name', [{ ...place, name: 'where' }]],
    ['one more feature', [place, number]],
  ])('has another hash for %s', (_, specs) => {
    expect(layoutOf(specs).hash).not.toBe(layoutOf([place]).hash)
  })

  test('keeps the hash of the house list: a change of it is a change of every dataset', () => {
    expect(layoutOf(houseFeatures).hash).toBe(
      '21e4875143ca0f385317f992a55f270d2ed3b53b8825a444fc81f878217fab8f',
    )
  })

  test.each<[string, readonly FeatureSpec[], string]>([
    ['an unknown source', [{ ...place, source: 'moon' }], 'place cannot be encoded: no source'],
    ['a name twice', [place, place], 'this name is taken'],
    ['a part that comes later', [place, cross('x', ['place', 'ctr']), number], 'is called ctr'],
    ['a cross with itself', [place, cross('x', ['place', 'x'])], 'is called x'],
    ['a cross of one', [place, cross('x', ['place'])], 'two parts'],
    ['a kind that cannot read its source', [{ ...number, source: 'place' }], 'is of kind word'],
    ['scores of words', [{ ...packs, source: 'contentCategories' }], 'is of kind words'],
    ['a moment as a number', [{ ...number, source: 'flightStart' }], 'is of kind moment'],
    ['a width of none', [{ ...packs, width: 0 }], 'a width is'],
    ['a broken width', [{ ...packs, width: 1.5 }], 'a width is'],
    ['a wide word', [{ ...place, width: 2 }], 'the width of one word is 1'],
    ['a word twice', [{ ...place, words: ['a', 'a'] }], 'stands in it twice'],
    ['no buckets', [{ ...creative, buckets: 0 }], 'its buckets'],
    ['a scale of 0', [{ ...number, scale: 0 }], 'a scale is'],
    ['a scale that is none', [{ ...age, scale: Number.NaN }], 'a scale is'],
    ['a mean that is none', [{ ...number, mean: Number.NaN }], 'a mean is'],
    ['too many slots', [{ ...creative, buckets: 2 ** 24 }], '16777216 slots'],
    ['too many columns', [{ ...packs, width: 513 }], '512 columns'],
    [
      'too many features',
      Array.from({ length: 257 }, (_, at) => ({ ...place, name: `place ${at}` })),
      '256 features',
    ],
  ])('refuses %s, with its name', (_, specs, reason) => {
    expect(() => layoutOf(specs)).toThrowError(
      expect.objectContaining({
        code: 'SLUICE_SCORING_FEATURE',
        message: expect.stringContaining(reason) as string,
      }) as Error,
    )
  })
})

function cross(name: string, of: readonly string[]): FeatureSpec {
  return { name, kind: 'cross', of, buckets: 16, salt: name }
}
