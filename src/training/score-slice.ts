/** Scores a slice of a set by the runtime that serves, and reads what it is judged by. */
import type { PlacedFeature } from '../scoring/feature-spec.ts'
import type { Manifest, Target } from '../scoring/manifest.ts'
import type { OpenedModel } from '../scoring/open-model.ts'
import { splitProbability } from '../scoring/split-score.ts'
import type { Dataset, RowChunk } from './dataset.ts'
import { chunkRows } from './dataset.ts'
import type { RowRange } from './dataset-format.ts'
import { TrainingError } from './training-error.ts'

/** Probabilities by target; null: there are none. */
export type RatesByTarget = { readonly [target in Target]: Float64Array | null }

/** A slice with what a model says of it; places are rows of the slice. */
export interface ScoredSlice {
  /** Before calibration. */
  readonly scores: RatesByTarget
  /** Smoothed rates of history (`AdFacts.priorCtr`); null where the features do not have them. */
  readonly prior: RatesByTarget
  readonly label: Uint8Array
  readonly weight: Float32Array
  readonly at: Float64Array
  readonly exchange: Uint16Array
  /** CTR and CVR, two a row; empty = not known. */
  readonly truth: Float64Array
}

/** Throws `TrainingError` (SLUICE_TRAINING_MISMATCH) when an answer is no probability. */
export function scoreSlice(model: OpenedModel, dataset: Dataset, range: RowRange): ScoredSlice {
  const rows = range[1] - range[0]
  const { layout } = model.encoder
  const hasCvr = model.manifest.targets.includes('cvr')
  const room = (isThere: boolean): Float64Array | null => (isThere ? new Float64Array(rows) : null)
  const priorCtr = layout.features.find((feature) => isPrior(feature, 'priorCtr'))
  const priorCvr = layout.features.find((feature) => isPrior(feature, 'priorCvr'))
  const scores = { ctr: room(true), cvr: room(hasCvr) }
  const prior = { ctr: room(priorCtr !== undefined), cvr: room(priorCvr !== undefined) }
  for (const chunk of dataset.chunks(range, chunkRows)) {
    const at = chunk.from - range[0]
    const answer = answersOf(model, chunk)
    scores.ctr?.set(answer.ctr, at)
    if (answer.cvr !== null) scores.cvr?.set(answer.cvr, at)
    if (priorCtr !== undefined) readPrior(priorCtr, chunk, layout.adWidth, prior.ctr?.subarray(at))
    if (priorCvr !== undefined) readPrior(priorCvr, chunk, layout.adWidth, prior.cvr?.subarray(at))
  }
  checkScores(scores)
  return {
    scores,
    prior,
    label: dataset.column('label', range),
    weight: dataset.column('weight', range),
    at: dataset.column('at', range),
    exchange: dataset.column('exchange', range),
    truth: dataset.column('truth', range),
  }
}

/** Encoded rows, each with an ask of its own. */
type EncodedRows = Pick<
  RowChunk,
  'rows' | 'askIndex' | 'askValue' | 'adIndex' | 'adValue' | 'pairIndex' | 'pairValue'
>

interface Answers {
  readonly ctr: ArrayLike<number>
  readonly cvr: ArrayLike<number> | null
}

/** Probabilities of rows before calibration. */
export function answersOf({ runner, manifest }: OpenedModel, chunk: EncodedRows): Answers {
  const { rows, askIndex, askValue, adIndex, adValue, pairIndex, pairValue } = chunk
  if (manifest.vector !== null) {
    const ask = runner.runAsk(askIndex, askValue, rows)
    const ad = runner.runAd(adIndex, adValue, rows)
    return splitAnswers(manifest.vector, ask, ad)
  }
  // Every row has an ask of its own: what the log has of one request stands apart in it.
  const askOf = Int32Array.from({ length: rows }, (_, row) => row)
  const asked = { asks: rows, askIndex, askValue, askOf }
  return runner.runRank({ ...asked, rows, adIndex, adValue, pairIndex, pairValue })
}

function splitAnswers(
  { width, ctr, cvr }: NonNullable<Manifest['vector']>,
  ask: Float32Array,
  ad: Float32Array,
): Answers {
  const rows = ask.length / width
  const of = (part: readonly [number, number]): Float64Array =>
    Float64Array.from({ length: rows }, (_, row) =>
      splitProbability({ ask, askFrom: row * width, ad, adFrom: row * width }, part),
    )
  return { ctr: of(ctr), cvr: cvr === null ? null : of(cvr) }
}

function checkScores(scores: RatesByTarget): void {
  for (const [target, rates] of Object.entries(scores)) {
    const row = rates?.findIndex((rate) => !(rate >= 0 && rate <= 1)) ?? -1
    if (row < 0) continue
    throw new TrainingError(
      'SLUICE_TRAINING_MISMATCH',
      `the model answers ${rates?.[row]} as ${target} of row ${row} of a slice: no probability`,
    )
  }
}

function isPrior({ spec, side }: PlacedFeature, source: string): boolean {
  return spec.kind === 'number' && side === 'ad' && spec.source === source
}

/** The raw rate that a column was made from. */
function readPrior(
  { spec, column }: PlacedFeature,
  { rows, adValue }: RowChunk,
  width: number,
  into: Float64Array | undefined,
): void {
  if (spec.kind !== 'number' || into === undefined) return
  for (let row = 0; row < rows; row++) {
    const value = (adValue[row * width + column] as number) * spec.scale + spec.mean
    into[row] = undone(spec.transform, value)
  }
}

function undone(transform: 'none' | 'log1p' | 'logit', value: number): number {
  if (transform === 'logit') return 1 / (1 + Math.exp(-value))
  return Math.min(1, Math.max(0, transform === 'log1p' ? Math.expm1(value) : value))
}
