/** The advertising side of a model over a catalog's creatives, for the thread that compiles it. */
import { setImmediate as turn } from 'node:timers/promises'
import type { AdEncoder, AdRows } from '../domain/ad-side.ts'
import type { AdFacts } from '../domain/feature-facts.ts'
import type { OpenedModel } from './open-model.ts'
import { runRowsMax } from './row-buckets.ts'

/** The encoder of a model's creatives; between two batches the loop has its turn. */
export function adEncoderOf(model: OpenedModel): AdEncoder {
  const isSplit = model.manifest.kind === 'split'
  const { adWidth, momentWidth } = model.encoder.layout
  return {
    key: model.key,
    // What a split model makes of its rows is all that ranking needs.
    width: isSplit ? 0 : adWidth,
    momentWidth: isSplit ? 0 : momentWidth,
    vectorWidth: model.manifest.vector?.width ?? 0,
    encode: (facts) => (isSplit ? vectorsOf(model, facts) : rowsOf(model, facts)),
  }
}

async function rowsOf({ encoder }: OpenedModel, facts: readonly AdFacts[]): Promise<AdRows> {
  const { adWidth, momentWidth } = encoder.layout
  const index = new Int32Array(facts.length * adWidth)
  const value = new Float32Array(facts.length * adWidth)
  const moments = new Float64Array(facts.length * momentWidth)
  for (const [row, own] of facts.entries()) {
    if (row > 0 && row % runRowsMax === 0) await turn()
    encoder.ad(own, index, value, row * adWidth)
    encoder.moments(own, moments, row * momentWidth)
  }
  return { index, value, moments, vectors: new Float32Array(0) }
}

async function vectorsOf(model: OpenedModel, facts: readonly AdFacts[]): Promise<AdRows> {
  const { encoder, runner, manifest } = model
  const { adWidth } = encoder.layout
  const width = manifest.vector?.width ?? 0
  const vectors = new Float32Array(facts.length * width)
  for (let from = 0; from < facts.length; from += runRowsMax) {
    if (from > 0) await turn()
    const batch = facts.slice(from, from + runRowsMax)
    const index = new Int32Array(batch.length * adWidth)
    const value = new Float32Array(batch.length * adWidth)
    for (const [row, own] of batch.entries()) encoder.ad(own, index, value, row * adWidth)
    vectors.set(runner.runAd(index, value, batch.length), from * width)
  }
  return {
    index: new Int32Array(0),
    value: new Float32Array(0),
    moments: new Float64Array(0),
    vectors,
  }
}
