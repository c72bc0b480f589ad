/** Golden vectors of a version: facts of the test slice, their rows, and the trainer's answers. */
import type { Encoder } from '../scoring/encoder.ts'
import type { ParityRow } from '../scoring/manifest.ts'
import type { OpenedModel } from '../scoring/open-model.ts'
import type { Dataset } from './dataset.ts'
import type { ParityFacts } from './dataset-format.ts'
import type { TrainerOutput } from './draft.ts'
import { answersOf } from './score-slice.ts'
import { TrainingError } from './training-error.ts'

/**
 * Joins the facts of the set with what the trainer answered to their rows. Throws `TrainingError`
 * (SLUICE_TRAINING_MISMATCH) when an answer is missing, or when the facts do not encode to what the
 * set, and so the trainer, has.
 */
export function parityRowsOf(
  dataset: Dataset,
  encoder: Encoder,
  outputs: ReadonlyMap<number, TrainerOutput>,
): ParityRow[] {
  const facts = dataset.parityRows()
  if (facts.length === 0) throw mismatch('the set has no golden vectors: its test slice is empty')
  return facts.map((one) => {
    const output = outputs.get(one.row)
    if (output === undefined) throw mismatch(`the trainer left no answer for row ${one.row}`)
    const encoded = encodedRow(encoder, one)
    checkRow(dataset, one.row, encoded)
    const { ctr, cvr } = output
    return { ask: one.ask, ad: one.ad, atMs: one.atMs, ...encoded, ctr, cvr }
  })
}

/** The largest difference between what is served and what was trained. */
export function largestDifference(model: OpenedModel, rows: readonly ParityRow[]): number {
  const ints = (of: (row: ParityRow) => readonly number[]): Int32Array =>
    Int32Array.from(rows.flatMap(of))
  const floats = (of: (row: ParityRow) => readonly number[]): Float32Array =>
    Float32Array.from(rows.flatMap(of))
  const answers = answersOf(model, {
    rows: rows.length,
    askIndex: ints(({ askIndex }) => askIndex),
    askValue: floats(({ askValue }) => askValue),
    adIndex: ints(({ adIndex }) => adIndex),
    adValue: floats(({ adValue }) => adValue),
    pairIndex: ints(({ pairIndex }) => pairIndex),
    pairValue: floats(({ pairValue }) => pairValue),
  })
  let largest = 0
  for (const [i, { ctr, cvr }] of rows.entries()) {
    largest = Math.max(largest, Math.abs(ctr - (answers.ctr[i] as number)))
    if (cvr === null || answers.cvr === null) continue
    largest = Math.max(largest, Math.abs(cvr - (answers.cvr[i] as number)))
  }
  return largest
}

type EncodedRow = Omit<ParityRow, 'ask' | 'ad' | 'atMs' | 'ctr' | 'cvr'>

function encodedRow(encoder: Encoder, { ask, ad, atMs }: ParityFacts): EncodedRow {
  const { askWidth, adWidth, pairWidth, momentWidth } = encoder.layout
  const askIndex = new Int32Array(askWidth)
  const askValue = new Float32Array(askWidth)
  const adIndex = new Int32Array(adWidth)
  const adValue = new Float32Array(adWidth)
  const pairIndex = new Int32Array(pairWidth)
  const pairValue = new Float32Array(pairWidth)
  const moments = new Float64Array(momentWidth)
  encoder.ask(ask, atMs, askIndex, askValue, 0)
  encoder.ad(ad, adIndex, adValue, 0)
  encoder.moments(ad, moments, 0)
  const starts = { askFrom: 0, adFrom: 0, momentsFrom: 0 }
  encoder.pair(
    { askIndex, askValue, adIndex, adValue, moments, atMs, ...starts },
    { index: pairIndex, value: pairValue, from: 0 },
  )
  return {
    askIndex: [...askIndex],
    askValue: [...askValue],
    adIndex: [...adIndex],
    adValue: [...adValue],
    pairIndex: [...pairIndex],
    pairValue: [...pairValue],
  }
}

/** Bit by bit: the same code made both, so nothing may differ. */
function checkRow(dataset: Dataset, row: number, encoded: EncodedRow): void {
  for (const chunk of dataset.chunks([row, row + 1])) {
    for (const name of Object.keys(encoded) as (keyof EncodedRow)[]) {
      const column = encoded[name].findIndex((value, i) => value !== chunk[name][i])
      if (column < 0) continue
      throw mismatch(
        `row ${row} has ${chunk[name][column]} in column ${column} of ${name}, its facts make ` +
          `${encoded[name][column]}: the set was made by another encoder`,
      )
    }
  }
}

function mismatch(sentence: string): TrainingError {
  return new TrainingError('SLUICE_TRAINING_MISMATCH', sentence)
}
