/** Which rows of a set a target is learned from and judged by, and their labels. */
import type { Target } from '../scoring/manifest.ts'
import type { Dataset, RowChunk } from './dataset.ts'
import { chunkRows } from './dataset.ts'
import { type DatasetInfo, LabelBit, type RowRange } from './dataset-format.ts'
import type { ExampleBatch } from './ftrl.ts'

/** Labels of rows for one target. */
export interface Labels {
  /** 0 or 1; -1: the row says nothing of the target. */
  of(label: number, atMs: number): number
}

/**
 * CTR: every row, clicked or not. CVR: clicks that are older than the watermark, converted or not.
 * Younger ones are out even when they have converted: those that will convert later are not known,
 * and what is left would be too good.
 */
export function labelsOf(info: DatasetInfo, target: Target): Labels {
  if (target === 'ctr') return { of: (label) => label & LabelBit.Click }
  const matureMs = info.endMs - info.conversionWatermarkMs
  const settled = LabelBit.Click | LabelBit.Final
  return {
    of: (label, atMs) => {
      if ((label & settled) !== settled || atMs > matureMs) return -1
      return (label & LabelBit.Conversion) === 0 ? 0 : 1
    },
  }
}

/** The examples of a range, in time, a chunk at a time; buffers are filled again by the next. */
export function* examplesOf(
  dataset: Dataset,
  target: Target,
  range: RowRange,
): Generator<ExampleBatch> {
  const labels = labelsOf(dataset.info, target)
  const row = new Uint32Array(chunkRows)
  const label = new Uint8Array(chunkRows)
  const weight = new Float32Array(chunkRows)
  for (const chunk of dataset.chunks(range, chunkRows)) {
    let count = 0
    for (let i = 0; i < chunk.rows; i++) {
      const y = labels.of(chunk.label[i] as number, chunk.at[i] as number)
      if (y < 0) continue
      row[count] = i
      label[count] = y
      weight[count++] = chunk.weight[i] as number
    }
    yield { sides: sidesOf(chunk, dataset.info), count, row, label, weight }
  }
}

/** The columns of a chunk as the learner reads them. */
export function sidesOf(chunk: RowChunk, info: DatasetInfo): ExampleBatch['sides'] {
  return [
    { width: info.askWidth, index: chunk.askIndex, value: chunk.askValue },
    { width: info.adWidth, index: chunk.adIndex, value: chunk.adValue },
    { width: info.pairWidth, index: chunk.pairIndex, value: chunk.pairValue },
  ]
}
