/** Makes a version of what a trainer left: golden vectors, calibration, manifest and report. */
import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { Encoder } from '../scoring/encoder.ts'
import {
  type Manifest,
  type ModelFile,
  manifestVersion,
  type ParityRow,
} from '../scoring/manifest.ts'
import { type OpenedModel, openModel } from '../scoring/open-model.ts'
import type { Dataset } from './dataset.ts'
import {
  adGraphName,
  type Draft,
  draftName,
  graphName,
  outputsName,
  readDraft,
  readOutputs,
} from './draft.ts'
import { fitCalibration } from './fit-calibration.ts'
import { largestDifference, parityRowsOf } from './parity-rows.ts'
import { type Report, reportOf } from './report.ts'
import { reportText } from './report-text.ts'
import { scoreSlice } from './score-slice.ts'
import { TrainingError } from './training-error.ts'

/** The most that served and trained may differ on a golden vector (issue 4). */
const differenceMax = 1e-6

const manifestName = 'manifest.json'
const parityName = 'parity.jsonl'
const reportName = 'report.json'
const reportTextName = 'report.md'

/**
 * Where a version is tried, inside its folder and under its own name. Its own folder gets a
 * manifest when all is done and not before: one without its calibration would serve as well as any,
 * and a process may be waiting for it.
 */
const tryFolderName = 'sealing'

/**
 * Seals the version in `folder` (`models/<name>/<version>`) by a set that has its features: the
 * calibrate slice fits the calibration, the test slice makes the report. Rejects with
 * `TrainingError` or with the `ScoringError` of a model that could not be served; the draft then
 * stays and the folder holds no manifest.
 */
export async function sealModel(folder: string, dataset: Dataset): Promise<Report> {
  const draft = readDraft(folder)
  checkDraft(folder, draft, dataset)
  const encoder = encoderOf(dataset)
  const rows = parityRowsOf(dataset, encoder, readOutputs(folder))
  // Of a version that was sealed here before: its graph is gone.
  for (const name of [manifestName, parityName]) rmSync(join(folder, name), { force: true })
  const trial = newTrial(folder, draft)
  try {
    const report = await sealed(trial, dataset, draft, rows)
    writeFileSync(join(folder, reportName), `${JSON.stringify(report, null, 2)}\n`)
    writeFileSync(join(folder, reportTextName), reportText(report))
    for (const name of [parityName, manifestName]) renameSync(join(trial, name), join(folder, name))
    for (const name of [draftName, outputsName]) rmSync(join(folder, name))
    return report
  } finally {
    rmSync(join(folder, tryFolderName), { recursive: true, force: true })
  }
}

/** An empty folder that is called as the version's own is, with its graphs. */
function newTrial(folder: string, { name, version, kind }: Draft): string {
  rmSync(join(folder, tryFolderName), { recursive: true, force: true })
  const trial = join(folder, tryFolderName, name, version)
  mkdirSync(trial, { recursive: true })
  const graphs = kind === 'split' ? [graphName, adGraphName] : [graphName]
  for (const graph of graphs) symlinkSync(join('..', '..', '..', graph), join(trial, graph))
  return trial
}

// oxlint-disable-next-line max-params -- where, by what, and what is sealed
async function sealed(
  folder: string,
  dataset: Dataset,
  draft: Draft,
  rows: readonly ParityRow[],
): Promise<Report> {
  const { info } = dataset
  writeFileSync(join(folder, parityName), rows.map((row) => `${JSON.stringify(row)}\n`).join(''))
  const bare = manifestOf(folder, draft, dataset, rows.length)
  const calibration = await opened(folder, bare, (model) =>
    fitCalibration(scoreSlice(model, dataset, info.slices.calibrate), info, draft.kind),
  )
  const manifest = { ...bare, calibration }
  return opened(folder, manifest, (model) =>
    reportOf({
      slice: scoreSlice(model, dataset, info.slices.test),
      info,
      manifest,
      largestDifference: largestDifference(model, rows),
    }),
  )
}

/** Writes a manifest and opens the version as serving does, which verifies all of it. */
async function opened<T>(
  folder: string,
  manifest: Manifest,
  use: (model: OpenedModel) => T,
): Promise<T> {
  writeFileSync(join(folder, manifestName), `${JSON.stringify(manifest)}\n`)
  const model = await openModel(resolve(folder))
  try {
    return use(model)
  } finally {
    model.release()
  }
}

// oxlint-disable-next-line max-params -- what the files are, and who says the rest
function manifestOf(folder: string, draft: Draft, dataset: Dataset, rows: number): Manifest {
  const { name, version, kind, opset, targets, vector, trainedBy, trainedOn } = draft
  const { features, featuresHash } = dataset.info
  return {
    ...{ manifestVersion, name, version, kind, opset, targets },
    model: fileOf(folder, graphName),
    ad: kind === 'split' ? fileOf(folder, adGraphName) : null,
    ...{ features, featuresHash, vector },
    calibration: { fallback: {}, exchanges: {} },
    parity: { ...fileOf(folder, parityName), rows, maxDifference: differenceMax },
    ...{ trainedBy, trainedOn },
  }
}

function fileOf(folder: string, file: string): ModelFile {
  let bytes: Uint8Array
  try {
    bytes = readFileSync(join(folder, file))
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new TrainingError('SLUICE_TRAINING_DRAFT', `the trainer left no ${file}: ${reason}`)
  }
  return { file, sha256: createHash('sha256').update(bytes).digest('hex') }
}

/** The folder is where the registry will look, and draft and set know the same features. */
function checkDraft(folder: string, draft: Draft, dataset: Dataset): void {
  const path = resolve(folder)
  const named = `${basename(dirname(path))}/${basename(path)}`
  if (named !== `${draft.name}/${draft.version}`) {
    throw mismatch(`the folder is ${named}, the draft is of ${draft.name}/${draft.version}`)
  }
  const { featuresHash } = dataset.info
  if (draft.featuresHash !== undefined && draft.featuresHash !== featuresHash) {
    throw mismatch(
      `the model was trained on features ${draft.featuresHash}, the set has ${featuresHash}: ` +
        'seal by the set it was trained on',
    )
  }
}

function encoderOf({ info }: Dataset): Encoder {
  const encoder = new Encoder(info.features)
  if (encoder.layout.hash === info.featuresHash) return encoder
  throw mismatch(
    `the set says its features are ${info.featuresHash}, they are ${encoder.layout.hash}: ` +
      'make it again by this version of sluice',
  )
}

function mismatch(sentence: string): TrainingError {
  return new TrainingError('SLUICE_TRAINING_MISMATCH', sentence)
}
