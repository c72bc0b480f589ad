import { describe, expect, test } from 'vitest'
import { emptyAskFacts } from '../domain/feature-facts.ts'
import type { FeatureSpec } from '../scoring/feature-spec.ts'
import { Vocabulary } from './vocabulary.ts'

function vocab(source: string, minCount = 1, words: readonly string[] = []): FeatureSpec {
  return { name: source, source, kind: 'vocab', width: 1, minCount, words }
}

function wordsOf(specs: readonly FeatureSpec[]): unknown[] {
  return specs.map((spec) => ('words' in spec ? spec.words : null))
}

const ask = (changed: object) => ({ ...emptyAskFacts(), ...changed })

describe('words', () => {
  test('come by count, then by code units, from minCount on; unknown is no word', () => {
    const vocabulary = new Vocabulary([vocab('country', 2), vocab('channel')])
    const countries = ['b', 'a', 'b', 'a', 'c', '', 'd', 'd', 'd']
    for (const country of countries) vocabulary.addAsk(ask({ country, channel: 0 }), 0)
    expect(wordsOf(vocabulary.specs())).toEqual([['d', 'a', 'b'], []])
  })

  test('of one source are counted once for all features that read it', () => {
    const pack = { source: 'packs', width: 4, minCount: 2, words: [] }
    const vocabulary = new Vocabulary([
      { name: 'in', kind: 'flags', ...pack },
      { name: 'score', kind: 'scores', ...pack },
    ])
    vocabulary.addAsk(ask({ packIds: ['x', 'y'], packScores: [1, 2] }), 0)
    vocabulary.addAsk(ask({ packIds: ['x'], packScores: [1] }), 0)
    expect(wordsOf(vocabulary.specs())).toEqual([['x'], ['x']])
  })

  test('of an ad count as often as it was shown', () => {
    const vocabulary = new Vocabulary([vocab('creative', 3)])
    const ad = { creativeId: 'often' } as Parameters<Vocabulary['addAd']>[0]
    vocabulary.addAd(ad, 3)
    vocabulary.addAd({ ...ad, creativeId: 'seldom' }, 2)
    expect(wordsOf(vocabulary.specs())).toEqual([['often']])
  })

  test('of codes are their numbers, moments included', () => {
    const vocabulary = new Vocabulary([vocab('utcHour')])
    vocabulary.addAsk(ask({}), 5 * 3_600_000)
    expect(wordsOf(vocabulary.specs())).toEqual([['5']])
  })

  test('that a list brings along stay as they are', () => {
    const given = [vocab('country', 1, ['z']), { ...vocab('city'), name: 'c' }]
    const vocabulary = new Vocabulary(given)
    vocabulary.addAsk(ask({ country: 'a', city: 'b' }), 0)
    expect(wordsOf(vocabulary.specs())).toEqual([['z'], ['b']])
  })
})
