/** A split model that knows nothing but each creative's own history: its rates are the prior's. */
import { Encoder } from '../../src/scoring/encoder.ts'
import type { FeatureSpec } from '../../src/scoring/feature-spec.ts'
import { sideModel, type WeightOf } from './onnx-models.ts'
import {
  adNumber,
  askNumber,
  decidedAtMs,
  encodedRow,
  type SmallModel,
  smallSplit,
} from './small-models.ts'

const features: readonly FeatureSpec[] = [
  { name: 'exchange', source: 'exchange', kind: 'vocab', width: 1, minCount: 1, words: ['x'] },
  { name: 'creative', source: 'creative', kind: 'hash', width: 1, buckets: 4, salt: 'c' },
  { name: 'ctr', source: 'priorCtr', kind: 'number', transform: 'logit', mean: -5, scale: 1 },
  { name: 'cvr', source: 'priorCvr', kind: 'number', transform: 'logit', mean: -3, scale: 1 },
]

/** Places 0 and 2 carry the log odds above their means, 1 and 3 the means. */
const vector = { width: 4, ctr: [0, 2], cvr: [2, 4] } as const

/** Version `version` of it. */
export function priorSplit(name: string, version: string): SmallModel {
  const { layout } = new Encoder(features)
  const small = smallSplit(version)
  const shape = { width: vector.width, slots: layout.slotCount, weightOf }
  return {
    manifest: { ...small.manifest, name, features, featuresHash: layout.hash, vector },
    model: sideModel('ask', layout.askWidth, shape),
    ad: sideModel('ad', layout.adWidth, shape),
    rows: Array.from({ length: 70 }, (_, n) => rowOf(n)),
  }

  function weightOf(slot: number, place: number): number {
    const of = layout.features.find(({ offset, size }) => slot >= offset && slot < offset + size)
    switch (of?.spec.name) {
      case 'exchange':
        return 1
      case 'creative':
        return [0, -5, 0, -3][place] ?? 0
      case 'ctr':
        return place === 0 ? 1 : 0
      case 'cvr':
        return place === 2 ? 1 : 0
      default:
        return 0
    }
  }

  function rowOf(n: number): SmallModel['rows'][number] {
    const [ask, ad] = [askNumber(n), adNumber(n)]
    const row = encodedRow(features, ask, ad)
    const rates = { ctr: rateOf(row, weightOf, vector.ctr), cvr: rateOf(row, weightOf, vector.cvr) }
    return { ask, ad, atMs: decidedAtMs, ...row, ...rates }
  }
}

/** By arithmetic, without a graph. */
// oxlint-disable-next-line max-params -- a row, its weights, and which part of the vectors
function rateOf(
  row: ReturnType<typeof encodedRow>,
  weightOf: WeightOf,
  [from, to]: readonly [number, number],
): number {
  let odds = 0
  for (let place = from; place < to; place++) {
    const at = (index: readonly number[], value: readonly number[]): number =>
      index.reduce((sum, slot, i) => sum + weightOf(slot, place) * (value[i] ?? 0), 0)
    odds += at(row.askIndex, row.askValue) * at(row.adIndex, row.adValue)
  }
  return 1 / (1 + Math.exp(-odds))
}
