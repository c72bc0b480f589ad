/** Runs a fine model over the features of a record: what proves that they are what it saw. */
import { layoutDigits, readFeatures } from '../../src/domain/feature-bytes.ts'
import type { OpenedModel } from '../../src/scoring/open-model.ts'

/** Rates before calibration; `cvr` NaN where the model has no such target. */
interface ScoredFeatures {
  readonly ctr: number
  readonly cvr: number
}

/** The answer of a model to recorded features. Throws when they are none, or of another layout. */
export function scoreFeatures(model: OpenedModel, bytes: Uint8Array | null): ScoredFeatures {
  const features = bytes === null ? null : readFeatures(bytes)
  if (features === null) throw new Error('these are no features')
  const { layout } = model.encoder
  if (features.layout !== layout.hash.slice(0, layoutDigits)) throw new Error('another layout')
  const { ask, ad, pair } = features
  const widths = [ask, ad, pair].map(({ index }) => index.length)
  if (widths.join() !== [layout.askWidth, layout.adWidth, layout.pairWidth].join()) {
    throw new Error(`sides of ${widths.join()} columns`)
  }
  const { ctr, cvr } = model.runner.runRank({
    ...{ asks: 1, askIndex: ask.index, askValue: ask.value },
    ...{ rows: 1, adIndex: ad.index, adValue: ad.value, askOf: new Int32Array(1) },
    ...{ pairIndex: pair.index, pairValue: pair.value },
  })
  return { ctr: ctr[0] ?? Number.NaN, cvr: cvr?.[0] ?? Number.NaN }
}
