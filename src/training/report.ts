/** What a sealed model is worth on the test slice, with intervals. */
import type { Manifest, Target } from '../scoring/manifest.ts'
import { bootstrapIntervals, resamplesOf } from './bootstrap.ts'
import type { DatasetInfo } from './dataset-format.ts'
import { calibratedScores, type JudgedRows, judgedRows, picked } from './judged-rows.ts'
import { type Figures, Judge, type Multiplicity } from './metrics.ts'
import type { ScoredSlice } from './score-slice.ts'

/** A figure of all rows and its 95 % interval; null in JSON where there is no such figure. */
export interface Estimate {
  readonly value: number
  readonly low: number
  readonly high: number
}

/** Who predicted: history alone, the model, the model as served, the world itself. */
export type ScoreName = 'prior' | 'raw' | 'calibrated' | 'truth'

/** `Figures` of one predictor. */
export interface ScoreReport {
  readonly name: ScoreName
  readonly auc: Estimate
  readonly logLoss: Estimate
  readonly normalisedEntropy: Estimate
  readonly calibration: Estimate
  readonly deciles: readonly Estimate[]
  /** AUC of the truth less this one's, on the same draws; null without a truth. */
  readonly distance: Estimate | null
}

/** What predictors are held against: what happened, or the chances it had. */
export interface Judgement {
  readonly rows: number
  /** Sum of weights: rows of life. */
  readonly weight: number
  /** Rows that are positive, or, of the truth, the sum of their chances by weight. */
  readonly positives: number
  readonly baseRate: number
  readonly scores: readonly ScoreReport[]
  /** Draws of the bootstrap behind the intervals. */
  readonly resamples: number
}

/** Of one target. */
export interface TargetReport {
  readonly target: Target
  readonly observed: Judgement
  /** Null: the set has no truth. */
  readonly truth: Judgement | null
}

/** `report.json`. */
export interface Report {
  readonly model: Pick<Manifest, 'name' | 'version' | 'kind' | 'trainedBy' | 'trainedOn'>
  readonly parity: { readonly rows: number; readonly largestDifference: number }
  readonly calibration: Manifest['calibration']
  readonly data: Pick<
    DatasetInfo,
    'log' | 'rows' | 'rowsAre' | 'slices' | 'startMs' | 'endMs' | 'conversionWatermarkMs'
  > & { readonly testFromMs: number; readonly testToMs: number }
  readonly targets: readonly TargetReport[]
}

/** The test slice, scored, and what it was scored by. */
export interface ReportInput {
  readonly slice: ScoredSlice
  readonly info: DatasetInfo
  readonly manifest: Manifest
  /** Served against trained, over the golden vectors. */
  readonly largestDifference: number
}

/** Judges a model and what it is compared with on the same rows. */
export function reportOf(input: ReportInput): Report {
  const { slice, info, manifest } = input
  const { name, version, kind, trainedBy, trainedOn, parity, calibration } = manifest
  const { log, rows, rowsAre, slices, startMs, endMs, conversionWatermarkMs } = info
  const targets = manifest.targets.filter((target) => target === 'cvr' || rowsAre !== 'clicks')
  return {
    model: { name, version, kind, trainedBy, trainedOn },
    parity: { rows: parity.rows, largestDifference: input.largestDifference },
    calibration,
    data: {
      ...{ log, rows, rowsAre, slices, startMs, endMs, conversionWatermarkMs },
      testFromMs: slice.at[0] ?? Number.NaN,
      testToMs: slice.at[slice.at.length - 1] ?? Number.NaN,
    },
    targets: targets.map((target) => targetReport(input, target)),
  }
}

function targetReport({ slice, info, manifest }: ReportInput, target: Target): TargetReport {
  const scores: Named[] = [
    ['prior', slice.prior[target]],
    ['raw', slice.scores[target]],
    ['calibrated', calibratedScores(slice, info, manifest, target)],
    ['truth', truthOf(slice, target)],
  ]
  const judged = judgedRows(slice, info, target)
  const chances = chanceRows(slice, info, target)
  return {
    target,
    observed: judgementOf(scores, judged, `observed/${target}`),
    truth: chances === null ? null : judgementOf(scores, chances, `truth/${target}`),
  }
}

type Named = readonly [ScoreName, Float64Array | null]

/** True rates of one target by row; null where they are not known. */
function truthOf({ truth }: ScoredSlice, target: Target): Float64Array | null {
  const offset = target === 'ctr' ? 0 : 1
  if (truth.length === 0) return null
  return Float64Array.from(
    { length: truth.length / 2 },
    (_, row) => truth[row * 2 + offset] as number,
  )
}

/**
 * All rows with their true chance as label. The CVR is one of clicks: each row counts as many as
 * its true CTR makes of it, so that a million rows speak, not the few that were clicked.
 */
function chanceRows(slice: ScoredSlice, info: DatasetInfo, target: Target): JudgedRows | null {
  const label = truthOf(slice, target)
  const ctr = truthOf(slice, 'ctr')
  if (label === null || ctr === null) return null
  const isOfClicks = target === 'cvr' && info.rowsAre === 'impressions'
  const clicks = (row: number): number => (isOfClicks ? (ctr[row] as number) : 1)
  const weight = Float64Array.from(slice.weight, (one, row) => one * clicks(row))
  const positives = label.reduce((sum, chance, row) => sum + chance * (weight[row] as number), 0)
  return { place: Uint32Array.from(label.keys()), label, weight, positives }
}

function judgementOf(scores: readonly Named[], rows: JudgedRows, seed: string): Judgement {
  const { place, label, weight, positives } = rows
  const judges: (readonly [ScoreName, Judge])[] = []
  for (const [name, values] of scores) {
    if (values === null) continue
    judges.push([name, new Judge({ score: picked(values, place), label, weight })])
  }
  const truth = judges.findIndex(([name]) => name === 'truth')
  const figuresOf = (times: Multiplicity): number[] => {
    const all = judges.map(([, judge]) => judge.figures(times))
    return all.flatMap((figures) => flat(figures, all[truth]?.auc ?? Number.NaN))
  }
  const values = figuresOf(null)
  const intervals = bootstrapIntervals(place.length, seed, figuresOf)
  const estimates = values.map((value, i): Estimate => {
    const [low, high] = intervals[i] ?? [Number.NaN, Number.NaN]
    return { value, low, high }
  })
  const width = values.length / Math.max(1, judges.length)
  const total = weight.reduce((sum, one) => sum + one, 0)
  const positiveWeight = label.reduce((sum, y, i) => sum + y * (weight[i] as number), 0)
  return {
    rows: place.length,
    weight: total,
    positives,
    baseRate: positiveWeight / total,
    resamples: resamplesOf(place.length),
    scores: judges.map(([name], i) => {
      const own = estimates.slice(i * width, (i + 1) * width)
      return scoreReport(name, own, truth >= 0 && name !== 'truth')
    }),
  }
}

/** Figures as one list, for the bootstrap: `scoreReport` takes it apart. */
function flat(figures: Figures, truthAuc: number): number[] {
  const { auc, logLoss, normalisedEntropy, calibration, deciles } = figures
  return [truthAuc - auc, auc, logLoss, normalisedEntropy, calibration, ...deciles]
}

function scoreReport(
  name: ScoreName,
  estimates: readonly Estimate[],
  hasDistance: boolean,
): ScoreReport {
  const none: Estimate = { value: Number.NaN, low: Number.NaN, high: Number.NaN }
  const [distance = none, auc = none, logLoss = none, ...others] = estimates
  const [normalisedEntropy = none, calibration = none, ...deciles] = others
  return {
    ...{ name, auc, logLoss, normalisedEntropy, calibration, deciles },
    distance: hasDistance ? distance : null,
  }
}
