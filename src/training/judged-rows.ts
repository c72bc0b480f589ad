/** The rows of a scored slice that a target is judged by. */

import { calibrate, calibrationOf } from '../scoring/calibration.ts'
import type { Manifest, Target } from '../scoring/manifest.ts'
import type { DatasetInfo } from './dataset-format.ts'
import { labelsOf } from './examples.ts'
import type { ScoredSlice } from './score-slice.ts'

/** Rows of a slice with a label of the target. */
export interface JudgedRows {
  /** Places in the slice. */
  readonly place: Uint32Array
  /** By place in `place`: 0 or 1. */
  readonly label: Float64Array
  readonly weight: Float64Array
  readonly positives: number
}

/** See `labelsOf` for which these are. */
export function judgedRows(slice: ScoredSlice, info: DatasetInfo, target: Target): JudgedRows {
  const labels = labelsOf(info, target)
  const found = slice.label.map((bits, row) => labels.of(bits, slice.at[row] as number) + 1)
  const place = new Uint32Array(found.reduce((count, label) => count + (label > 0 ? 1 : 0), 0))
  let count = 0
  for (let row = 0; row < found.length; row++) if (found[row] !== 0) place[count++] = row
  const label = Float64Array.from(place, (row) => (found[row] as number) - 1)
  return {
    place,
    label,
    weight: Float64Array.from(place, (row) => slice.weight[row] as number),
    positives: label.reduce((sum, value) => sum + value, 0),
  }
}

/** Values of these places. */
export function picked(values: Float64Array, place: Uint32Array): Float64Array {
  return Float64Array.from(place, (row) => values[row] as number)
}

/** The scores of a target as they are served: by the calibration of each row's exchange. */
export function calibratedScores(
  slice: ScoredSlice,
  info: DatasetInfo,
  manifest: Manifest,
  target: Target,
): Float64Array {
  const byExchange = info.exchanges.map((name) => calibrationOf(manifest, name, target))
  const scores = slice.scores[target] ?? new Float64Array(0)
  return scores.map((score, row) =>
    calibrate(byExchange[slice.exchange[row] as number] ?? null, score),
  )
}
