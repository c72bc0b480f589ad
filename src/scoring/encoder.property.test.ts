import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { anyAd, anyAsk } from '../../test/support/model-facts.ts'
import { type AdFacts, type AskFacts, emptyAskFacts } from '../domain/feature-facts.ts'
import { seedOf } from '../lib/mix.ts'
import { murmur3 } from '../lib/murmur3.ts'
import { Encoder } from './encoder.ts'
import type { FeatureSpec, PlacedFeature, Side } from './feature-spec.ts'
import { featureSources, houseFeatures, lrFeatures } from './features.ts'

const atMs = 1_795_305_600_000

describe('encoding anything', () => {
  test('stays in the slots and columns of each feature, with finite values', () => {
    fc.assert(
      fc.property(anyList, anyAsk, anyAd, (specs, ask, ad) => {
        const encoder = new Encoder(specs)
        const rows = encodeAll(encoder, ask, ad)
        for (const feature of encoder.layout.features) {
          for (const { slot, value } of columnsOf(rows, feature)) {
            const { offset, size } = feature
            expect(Number.isFinite(value)).toBe(true)
            if (slot === 0) expect(value).toBe(0)
            else expect(slot >= offset && slot < offset + size).toBe(true)
          }
        }
      }),
      { numRuns: 500 },
    )
  })

  test('writes its own places of a row and no other, over whatever was there', () => {
    fc.assert(
      fc.property(anyList, anyAsk, anyAd, (specs, ask, ad) => {
        const encoder = new Encoder(specs)
        expect(encodeAll(encoder, ask, ad, { pad: 3, dirt: 77 })).toEqual(
          encodeAll(encoder, ask, ad, { pad: 0, dirt: 0 }),
        )
      }),
    )
  })

  test('is the same by another encoder of the list, after JSON, and after other facts', () => {
    fc.assert(
      fc.property(anyList, anyAsk, anyAd, anyAsk, (specs, ask, ad, before) => {
        const encoder = new Encoder(specs)
        encodeAll(encoder, before, ad)
        const read = JSON.parse(JSON.stringify({ specs, ask, ad })) as Everything
        const again = new Encoder(read.specs)
        expect(again.layout).toEqual(encoder.layout)
        expect(encodeAll(again, read.ask, read.ad)).toEqual(encodeAll(encoder, ask, ad))
      }),
    )
  })

  test('does not look at the order of packs', () => {
    fc.assert(
      fc.property(anyAsk, fc.array(fc.nat()), anyAd, (ask, keys, ad) => {
        const order = ask.packIds
          .map((_, at) => at)
          .toSorted((a, b) => (keys[a] ?? a) - (keys[b] ?? b))
        const shuffled = {
          ...ask,
          packIds: order.map((at) => ask.packIds[at] ?? ''),
          packScores: order.map((at) => ask.packScores[at] ?? -1),
        }
        const encoder = new Encoder([flags, scores])
        expect(encodeAll(encoder, shuffled, ad)).toEqual(encodeAll(encoder, ask, ad))
      }),
    )
  })

  test('has packs ascending by slot, each once, the first of the vocabulary where there are many', () => {
    fc.assert(
      fc.property(anyAsk, anyAd, (ask, ad) => {
        const encoder = new Encoder([scores])
        const best = new Map<number, number>()
        for (const [at, id] of ask.packIds.entries()) {
          const slot = packWords.indexOf(id) + 2
          const score = ask.packScores[at] ?? -1
          const value = Math.fround(score < 0 ? 1 : score / 255)
          if (slot >= 2) best.set(slot, Math.max(best.get(slot) ?? 0, value))
        }
        const kept = [...best].toSorted(([a], [b]) => a - b).slice(0, 3)
        const padded = [...kept, ...Array<[number, number]>(3 - kept.length).fill([0, 0])]
        const { ask: row } = encodeAll(encoder, ask, ad)
        expect(row).toEqual(padded)
      }),
    )
  })

  test('of a cross is the naive one: hash of the slots, product of the values, or nothing', () => {
    fc.assert(
      fc.property(anyList, anyAsk, anyAd, (specs, ask, ad) => {
        const encoder = new Encoder(specs)
        const rows = encodeAll(encoder, ask, ad)
        for (const feature of encoder.layout.features) {
          if (feature.spec.kind !== 'cross') continue
          expect(columnsOf(rows, feature)).toEqual(naiveCross(encoder, rows, feature))
        }
      }),
      { numRuns: 300 },
    )
  })
})

describe('a kind of feature', () => {
  const one = (spec: FeatureSpec, ask: Partial<AskFacts>) =>
    encodeAll(new Encoder([spec]), { ...emptyAskFacts(), ...ask }, someAd).ask[0]
  const oneAd = (spec: FeatureSpec, ad: Partial<AdFacts>) =>
    encodeAll(new Encoder([spec]), emptyAskFacts(), { ...someAd, ...ad })

  test('vocab: words by their place, strangers at the offset, nothing for nothing', () => {
    const spec = vocab('country', ['DEU', 'FRA'])
    expect(one(spec, { country: 'DEU' })).toEqual([2, 1])
    expect(one(spec, { country: 'FRA' })).toEqual([3, 1])
    expect(one(spec, { country: 'ITA' })).toEqual([1, 1])
    expect(one(spec, { country: '' })).toEqual([0, 0])
  })

  test('vocab: codes by the word that they are written as; unknown codes are nothing', () => {
    const spec = vocab('position', ['3', '1'])
    expect(one(spec, { position: 1 })).toEqual([3, 1])
    expect(one(spec, { position: 7 })).toEqual([1, 1])
    expect(one(spec, { position: 0 })).toEqual([0, 0])
    expect(one(vocab('localHour', ['0']), { localHour: 0 })).toEqual([2, 1])
    expect(one(vocab('localHour', ['0']), { localHour: -1 })).toEqual([0, 0])
  })

  test('hash: murmur3 of the word, or of the text of the code', () => {
    const spec = (source: string): FeatureSpec => ({
      ...{ name: 'h', source, kind: 'hash', width: 1, buckets: 97, salt: 's' },
    })
    const slotOf = (word: string) => 1 + (murmur3(word, seedOf('s')) % 97)
    expect(one(spec('domain'), { domain: 'news.example' })).toEqual([slotOf('news.example'), 1])
    expect(one(spec('position'), { position: 5 })).toEqual([slotOf('5'), 1])
    expect(one(spec('domain'), {})).toEqual([0, 0])
  })

  test('number: transformed, then scaled; what is not finite in 32 bits is nothing', () => {
    const spec = (
      transform: 'none' | 'log1p' | 'logit',
      source: string,
      scale = 2,
    ): FeatureSpec => ({
      ...{ name: 'n', source, kind: 'number', transform, mean: 1, scale },
    })
    expect(one(spec('none', 'floor'), { floorMicros: 5 })).toEqual([1, 2])
    expect(one(spec('none', 'floor', 1e-30), { floorMicros: 2e9 })).toEqual([0, 0])
    expect(one(spec('log1p', 'floor'), { floorMicros: -3 })).toEqual([0, 0])
    expect(oneAd(spec('logit', 'priorCtr'), { priorCtr: 0.5 }).ad).toEqual([[1, -0.5]])
    const least = Math.fround((Math.log(1e-6 / (1 - 1e-6)) - 1) / 2)
    expect(oneAd(spec('logit', 'priorCtr'), { priorCtr: 0 }).ad).toEqual([[1, least]])
    expect(oneAd(spec('none', 'priorCtr'), { priorCtr: Number.NaN }).ad).toEqual([[0, 0]])
    expect(oneAd(spec('logit', 'priorCtr'), { priorCtr: Number.NaN }).ad).toEqual([[0, 0]])
    expect(oneAd(spec('none', 'clicks'), { clicks: Number.POSITIVE_INFINITY }).ad).toEqual([[0, 0]])
  })

  test('number: never -0, which JSON cannot say', () => {
    const spec: FeatureSpec = {
      ...{ name: 'n', source: 'priorCtr', kind: 'number', transform: 'none', mean: 0, scale: 1 },
    }
    expect(Object.is(oneAd(spec, { priorCtr: -0 }).ad[0]?.[1], 0)).toBe(true)
  })

  test('count: logarithm of one more', () => {
    const spec: FeatureSpec = { name: 'c', source: 'clicks', kind: 'count', scale: 2 }
    expect(oneAd(spec, { clicks: 0 }).ad).toEqual([[1, 0]])
    expect(oneAd(spec, { clicks: 99 }).ad).toEqual([[1, Math.fround(Math.log(100) / 2)]])
  })

  test('recency: hours since the moment at each decision; the future is now, no moment is nothing', () => {
    const spec: FeatureSpec = { name: 'r', source: 'flightStart', kind: 'recency', scale: 2 }
    expect(oneAd(spec, { flightStartMs: atMs - 3_600_000 }).pair).toEqual([
      [1, Math.fround(Math.log(2) / 2)],
    ])
    expect(oneAd(spec, { flightStartMs: atMs + 1 }).pair).toEqual([[1, 0]])
    expect(oneAd(spec, { flightStartMs: null }).pair).toEqual([[0, 0]])
  })
})

describe('the lists of the house', () => {
  test.each([
    ['networks', houseFeatures, 0],
    ['regression', lrFeatures, 1],
  ])('of the %s encode, with few columns', (_, list, momentWidth) => {
    const { layout } = new Encoder(list)
    expect(layout.momentWidth).toBe(momentWidth)
    const plain = layout.features.filter(({ spec }) => spec.kind !== 'cross')
    const columns = (side: Side) =>
      plain.filter((one) => one.side === side).reduce((sum, { width }) => sum + width, 0)
    expect(columns('ask')).toBeLessThanOrEqual(42)
    expect(columns('ad')).toBeLessThanOrEqual(16)
  })

  test('of the networks has no rows of pairs: a split network could not use them', () => {
    expect(new Encoder(houseFeatures).layout.pairWidth).toBe(0)
  })
})

interface Everything {
  readonly specs: readonly FeatureSpec[]
  readonly ask: AskFacts
  readonly ad: AdFacts
}

type Columns = [slot: number, value: number][]
type Rows = Record<Side, Columns>

/** Encodes ask, ad and pair into the middle of arrays full of `dirt`, which must stay outside. */
function encodeAll(
  encoder: Encoder,
  ask: AskFacts,
  ad: AdFacts,
  { pad, dirt } = { pad: 0, dirt: 0 },
): Rows {
  const { askWidth, adWidth, pairWidth, momentWidth } = encoder.layout
  const room = (width: number) => ({
    index: new Int32Array(width + 2 * pad).fill(dirt),
    value: new Float32Array(width + 2 * pad).fill(dirt),
    from: pad,
  })
  const [asked, shown, pair] = [room(askWidth), room(adWidth), room(pairWidth)]
  const moments = new Float64Array(momentWidth + 2 * pad).fill(dirt)
  encoder.ask(ask, atMs, asked.index, asked.value, pad)
  encoder.ad(ad, shown.index, shown.value, pad)
  encoder.moments(ad, moments, pad)
  const rows = {
    ...{ askIndex: asked.index, askValue: asked.value, askFrom: pad },
    ...{ adIndex: shown.index, adValue: shown.value, adFrom: pad },
    ...{ moments, momentsFrom: pad, atMs },
  }
  encoder.pair(rows, pair)
  for (const { index, value } of [asked, shown, pair]) {
    for (const array of [index, value]) {
      const outside = [...array.subarray(0, pad), ...array.subarray(array.length - pad)]
      if (pad > 0) expect(new Set(outside)).toEqual(new Set([dirt]))
    }
  }
  const inside = ({ index, value }: typeof pair): Columns =>
    Array.from(index.subarray(pad, index.length - pad), (slot, at) => [slot, value[pad + at] ?? 0])
  return { ask: inside(asked), ad: inside(shown), pair: inside(pair) }
}

function columnsOf(rows: Rows, { side, column, width }: PlacedFeature) {
  return rows[side].slice(column, column + width).map(([slot, value]) => ({ slot, value }))
}

/** All combinations by recursion over lists, hashed as bytes. */
function naiveCross(encoder: Encoder, rows: Rows, { spec, offset }: PlacedFeature) {
  if (spec.kind !== 'cross') throw new Error('no cross')
  let found: { slots: number[]; value: number }[] = [{ slots: [], value: 1 }]
  for (const name of spec.of) {
    const part = encoder.layout.features.find((one) => one.spec.name === name)
    const columns = part === undefined ? [] : columnsOf(rows, part)
    found = found.flatMap(({ slots, value }) =>
      columns.map((one) => ({ slots: [...slots, one.slot], value: value * one.value })),
    )
  }
  return found.map(({ slots, value }) => {
    const rounded = Math.fround(value) + 0
    const isNothing = slots.includes(0) || !Number.isFinite(rounded)
    return isNothing
      ? { slot: 0, value: 0 }
      : { slot: offset + (hashOf(slots) % spec.buckets), value: rounded }
  })
  function hashOf(slots: number[]): number {
    // Slots below 128 are ASCII: four characters a slot, little endian, are its bytes.
    const text = slots.map((slot) => `${String.fromCharCode(slot)}\0\0\0`).join('')
    return murmur3(text, seedOf(spec.kind === 'cross' ? spec.salt : ''))
  }
}

function vocab(source: string, words: string[], width = 1): FeatureSpec {
  return { name: source, source, kind: 'vocab', width, minCount: 1, words }
}

const packWords = ['p0', 'p1', 'p2', 'p3', 'p4']
const flags: FeatureSpec = {
  ...{ name: 'flags', source: 'packs', kind: 'flags', width: 3, minCount: 1, words: packWords },
}
const scores: FeatureSpec = { ...flags, name: 'scores', kind: 'scores' }

/** One feature of every kind, of few slots each, and crosses of each pair of sides. */
const known: readonly FeatureSpec[] = [
  vocab('country', ['a', 'b']),
  vocab('contentCategories', ['a', 'b'], 2),
  vocab('position', ['1', '2']),
  { name: 'place', source: 'place', kind: 'hash', width: 1, buckets: 7, salt: 'x' },
  { name: 'hour', source: 'localHour', kind: 'hash', width: 1, buckets: 5, salt: 'y' },
  { name: 'floor', source: 'floor', kind: 'number', transform: 'log1p', mean: 3, scale: 2 },
  flags,
  scores,
  vocab('advertiser', ['a', 'b']),
  vocab('adCategories', ['c'], 2),
  {
    name: 'attributes',
    source: 'adAttributes',
    kind: 'flags',
    width: 2,
    minCount: 1,
    words: ['1'],
  },
  { name: 'ctr', source: 'priorCtr', kind: 'number', transform: 'logit', mean: -4, scale: 1 },
  { name: 'cvr', source: 'priorCvr', kind: 'number', transform: 'none', mean: 0, scale: 1e-30 },
  { name: 'clicks', source: 'clicks', kind: 'count', scale: 3 },
  { name: 'age', source: 'flightStart', kind: 'recency', scale: 2 },
]

const crosses: readonly FeatureSpec[] = [
  ['scores', 'country'],
  ['advertiser', 'adCategories'],
  ['scores', 'adCategories'],
  ['contentCategories', 'scores', 'advertiser'],
  ['advertiser', 'age'],
  ['floor', 'ctr'],
  ['cvr', 'cvr'],
].map((of) => ({ name: of.join('*'), kind: 'cross', of, buckets: 6, salt: of.join() }))

/** Any part of the list, in its order, with those crosses whose parts are there. */
const anyList: fc.Arbitrary<readonly FeatureSpec[]> = fc.subarray([...known]).map((list) => {
  const names = new Set(list.map(({ name }) => name))
  const possible = crosses.filter(
    (one) => one.kind === 'cross' && one.of.every((n) => names.has(n)),
  )
  return [...list, ...possible]
})

const someAd: AdFacts = {
  ...{ creativeId: 'cr', campaignId: 'ca', advertiserId: 'ad', categories: ['IAB1'] },
  ...{ domain: 'shop.example', bundle: '', language: 'en', format: 1, size: '300x250' },
  ...{ durationSec: 0, attributes: [], goal: 'cpc', priorCtr: 0.01, priorCvr: 0.02 },
  ...{ impressions: 1_000, clicks: 10, conversions: 1, flightStartMs: null },
}

test('every fact is read by some source', () => {
  const readsOf = (ask: AskFacts, ad: AdFacts) =>
    JSON.stringify(
      [...featureSources.values()].map(({ side, of }) => {
        const parts = of.kind === 'packs' && side === 'ask' ? of.scores(ask) : []
        return [side === 'ask' ? of.read(ask, atMs) : of.read(ad, atMs), parts]
      }),
    )
  const ask = { ...emptyAskFacts(), localHour: 1, weekday: 1 }
  const plain = readsOf(ask, someAd)
  const changed = <Facts extends object>(facts: Facts): [string, Facts][] =>
    Object.entries(facts).map(([name, value]) => [name, { ...facts, [name]: other(value) }])
  for (const [name, facts] of changed(ask)) {
    expect(readsOf(facts, someAd), name).not.toBe(plain)
  }
  for (const [name, facts] of changed(someAd)) {
    expect(readsOf(ask, facts), name).not.toBe(plain)
  }
})

function other(value: unknown): unknown {
  if (Array.isArray(value)) return [...(value as unknown[]), 7]
  if (typeof value === 'string') return `${value}x`
  return typeof value === 'boolean' ? !value : Number(value) + 2
}
