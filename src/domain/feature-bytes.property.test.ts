import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type CandidateFeatures, FeatureWriter, readFeatures } from './feature-bytes.ts'

/** The bytes of one candidate alone. */
function featureBytes({ layout, ask, ad, pair }: CandidateFeatures): Uint8Array {
  const widths = { ad: ad.index.length, pair: pair.index.length }
  return new FeatureWriter(layout, ask, widths).bytesOf(ad, pair)
}

const float = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(0, 1, -0, -1, 0.5) },
  fc.float({ noNaN: true }),
)
const slot = fc.oneof(
  { weight: 2, arbitrary: fc.constant(0) },
  fc.integer({ min: 0, max: 2 ** 26 - 1 }),
)
const side = fc.array(fc.tuple(slot, float), { maxLength: 70 }).map((columns) => ({
  index: Int32Array.from(columns, ([index]) => index),
  value: Float32Array.from(columns, ([, value]) => value),
}))
const layout = fc.bigInt(0n, 2n ** 64n - 1n).map((hash) => hash.toString(16).padStart(16, '0'))
const features: fc.Arbitrary<CandidateFeatures> = fc.record({
  layout,
  ask: side,
  ad: side,
  pair: side,
})

test('what was written is read back, bit by bit', () => {
  fc.assert(
    fc.property(features, (given) => {
      // `toEqual` tells 0 from -0.
      expect(readFeatures(featureBytes(given))).toEqual(given)
    }),
  )
})

test('candidates of one ask do not disturb each other', () => {
  fc.assert(
    fc.property(features, fc.array(fc.tuple(float, slot), { maxLength: 8 }), (given, changes) => {
      const { layout, ask, pair } = given
      const writer = new FeatureWriter(layout, ask, { ad: 3, pair: pair.index.length })
      const written = changes.map(([value, index]) => {
        const ad = { index: Int32Array.of(index, 0, 7), value: Float32Array.of(value, 0, value) }
        return { ad, bytes: writer.bytesOf(ad, pair) }
      })
      for (const { ad, bytes } of written) expect(readFeatures(bytes)).toEqual({ ...given, ad })
    }),
  )
})

test('bytes that were cut or lengthened are none of ours', () => {
  fc.assert(
    fc.property(features, fc.nat(), (given, at) => {
      const bytes = featureBytes(given)
      expect(readFeatures(bytes.subarray(0, at % bytes.length))).toBeNull()
      expect(readFeatures(Uint8Array.of(...bytes, 0))).toBeNull()
    }),
  )
})

test('no bytes make the reader throw or take much memory', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
      const read = readFeatures(Uint8Array.of(1, ...bytes))
      expect((read?.ask.index.length ?? 0) < 2 ** 14).toBe(true)
    }),
    { numRuns: 2_000 },
  )
})

test('a row is exactly the bytes of docs/records.md', () => {
  const bytes = featureBytes({
    layout: '0123456789abcdef',
    ask: { index: Int32Array.of(5, 0, 0, 300), value: Float32Array.of(1, 0, 0, 0.5) },
    ad: { index: Int32Array.of(7, 0), value: Float32Array.of(0, 0) },
    pair: { index: new Int32Array(0), value: new Float32Array(0) },
  })
  expect(Buffer.from(bytes).toString('hex')).toBe(
    `01${'0123456789abcdef'}${'040200'}${'15'}${'0b'}${'b209'}${'0000003f'}${'1c'}${'07'}`,
  )
})

test('another version is not read', () => {
  const columns = { index: new Int32Array(0), value: new Float32Array(0) }
  const bytes = featureBytes({ layout: '0'.repeat(16), ask: columns, ad: columns, pair: columns })
  expect(readFeatures(bytes)).not.toBeNull()
  bytes[0] = 2
  expect(readFeatures(bytes)).toBeNull()
})
