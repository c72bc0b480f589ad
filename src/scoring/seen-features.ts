/** What a rank model saw of candidates, encoded once more for the record of their decision. */
import type { AdSide } from '../domain/ad-side.ts'
import { type FeatureColumns, FeatureWriter, layoutDigits } from '../domain/feature-bytes.ts'
import type { AskFacts } from '../domain/feature-facts.ts'
import type { Encoder, PairRows } from './encoder.ts'

/**
 * `FineModel.seen` of a model with this encoder: the same facts and rows as ranked, so the same
 * columns to the bit. Once more, because of some hundred rows that are ranked only a handful is
 * recorded, and nobody knows which before they are priced.
 */
export function seenFeatures(
  encoder: Encoder,
  ask: AskFacts,
  atMs: number,
  side: AdSide,
): (creative: number) => Uint8Array {
  const { askWidth, adWidth, pairWidth, hash } = encoder.layout
  const asked = columnsOf(askWidth)
  encoder.ask(ask, atMs, asked.index, asked.value, 0)
  const pair = columnsOf(pairWidth)
  const target = { ...pair, from: 0 }
  const writer = new FeatureWriter(hash.slice(0, layoutDigits), asked, {
    ad: adWidth,
    pair: pairWidth,
  })
  return (creative) => {
    const adFrom = creative * adWidth
    const adEnd = adFrom + adWidth
    if (pairWidth > 0) {
      const rows: PairRows = {
        ...{ askIndex: asked.index, askValue: asked.value, askFrom: 0 },
        ...{ adIndex: side.index, adValue: side.value, adFrom },
        ...{ moments: side.moments, momentsFrom: creative * side.momentWidth, atMs },
      }
      encoder.pair(rows, target)
    }
    const ad = {
      index: side.index.subarray(adFrom, adEnd),
      value: side.value.subarray(adFrom, adEnd),
    }
    return writer.bytesOf(ad, pair)
  }
}

function columnsOf(width: number): FeatureColumns {
  return { index: new Int32Array(width), value: new Float32Array(width) }
}
