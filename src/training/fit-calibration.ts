/** Fits the calibration of a model on the calibrate slice of a set. */
import { calibrate, fitIsotonic, fitPlatt, type Labelled } from '../scoring/calibration.ts'
import type { Calibration, Calibrations, Manifest, ModelKind, Target } from '../scoring/manifest.ts'
import type { DatasetInfo } from './dataset-format.ts'
import { type JudgedRows, judgedRows } from './judged-rows.ts'
import type { ScoredSlice } from './score-slice.ts'

/**
 * Below it two numbers are more than the positives can tell. Conversions want many more: those of a
 * slice this young are a part of all (5 % come after the watermark), and with some hundreds the
 * luck of the slice moves CVR further than the model is off (0.99 to 0.93 on the world of seed 1).
 */
const positivesMin = { ctr: 20, cvr: 1_000 } as const

/** An exchange with fewer is calibrated as all of them. */
const exchangePositivesMin = 200

/**
 * From here on a curve may be known better than two numbers say (facts: models.md §3.6). It is
 * taken where it is better for rows that it was not fitted to: a model that is off by one factor is
 * mended by two numbers, and a curve would add the luck of its knots.
 */
const isotonicPositivesMin = 1_000

/** Rates of 0 and 1 would cost an endless loss. */
const lossBound = 1e-9

/** Each knot then stands for 16 positives or more; a curve of the unit interval needs no more. */
const knotsMax = 64

/**
 * Calibration of all exchanges together, and of each that has positives enough when there are
 * several. Split models are calibrated by Platt alone: their log odds are corrected in place.
 */
export function fitCalibration(
  slice: ScoredSlice,
  info: DatasetInfo,
  kind: ModelKind,
): Manifest['calibration'] {
  const fallback: { [target in Target]?: Calibration } = {}
  const exchanges: { [exchange: string]: { [target in Target]?: Calibration } } = {}
  for (const target of ['ctr', 'cvr'] as const) {
    const scores = slice.scores[target]
    // A set of clicks has no row without one: there is nothing to hold a CTR against.
    if (scores === null || (target === 'ctr' && info.rowsAre === 'clicks')) continue
    const judged = judgedRows(slice, info, target)
    const all = fitOne(scores, judged, kind, positivesMin[target])
    if (all !== null) fallback[target] = all
    if (info.exchanges.length < 2) continue
    for (const [number, exchange] of info.exchanges.entries()) {
      const min = Math.max(exchangePositivesMin, positivesMin[target])
      const own = fitOne(scores, ofExchange(slice, judged, number), kind, min)
      if (own !== null) exchanges[exchange] = { ...exchanges[exchange], [target]: own }
    }
  }
  return { fallback, exchanges: exchanges satisfies { [exchange: string]: Calibrations } }
}

// oxlint-disable-next-line max-params -- scores, rows, and how
function fitOne(
  scores: Float64Array,
  { place, label, weight, positives }: JudgedRows,
  kind: ModelKind,
  min: number,
): Calibration | null {
  const negatives = label.length - positives
  if (positives < min || negatives < min) return null
  const data = {
    probability: Float64Array.from(place, (row) => scores[row] as number),
    label,
    weight,
  }
  if (kind === 'split' || positives < isotonicPositivesMin) return fitPlatt(data)
  const isotonic = (rows: Labelled) => fitIsotonic(rows, knotsMax)
  const isCurved = heldOutLoss(data, isotonic) < heldOutLoss(data, fitPlatt)
  return isCurved ? isotonic(data) : fitPlatt(data)
}

/** Weighted log loss of each half of the rows by what the other half says. */
function heldOutLoss(data: Labelled, fit: (rows: Labelled) => Calibration): number {
  let loss = 0
  for (const half of [0, 1]) {
    const calibration = fit(halfOf(data, 1 - half))
    for (let i = half; i < data.label.length; i += 2) {
      const p = calibrate(calibration, data.probability[i] ?? Number.NaN)
      const inside = Math.min(1 - lossBound, Math.max(lossBound, p))
      const isPositive = (data.label[i] ?? 0) > 0
      loss -= (data.weight[i] ?? 0) * Math.log(isPositive ? inside : 1 - inside)
    }
  }
  return loss
}

function halfOf({ probability, label, weight }: Labelled, half: number): Labelled {
  const isIn = (_: number, i: number): boolean => i % 2 === half
  return {
    probability: Float64Array.from(probability).filter(isIn),
    label: Float64Array.from(label).filter(isIn),
    weight: Float64Array.from(weight).filter(isIn),
  }
}

function ofExchange(slice: ScoredSlice, judged: JudgedRows, exchange: number): JudgedRows {
  const mine = (_: unknown, i: number): boolean =>
    slice.exchange[judged.place[i] as number] === exchange
  const label = judged.label.filter(mine)
  return {
    place: judged.place.filter(mine),
    label,
    weight: judged.weight.filter(mine),
    positives: label.reduce((sum, value) => sum + value, 0),
  }
}
