/** `sluice train`: a logistic regression from a set, or straight from a log of decisions. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join, resolve } from 'node:path'
import { lrFeatures } from '../scoring/features.ts'
import type { Target } from '../scoring/manifest.ts'
import { isModelWord } from '../scoring/model-word.ts'
import { type Dataset, openDataset } from '../training/dataset.ts'
import type { LrSettings } from '../training/lr-defaults.ts'
import { clickHead } from '../training/lr-graph.ts'
import { writeLrModel } from '../training/lr-model.ts'
import { makeDataset } from '../training/make-dataset.ts'
import { reportLine } from '../training/report-text.ts'
import { sealModel } from '../training/seal.ts'
import { type EpochReport, trainHead } from '../training/train-lr.ts'

/** What the command line says. */
export interface TrainOptions extends LrSettings {
  /** A set; or what to make one from. */
  readonly dataset?: string
  readonly log?: string
  readonly events?: string
  readonly catalog?: string
  readonly truth?: string
  /** `models/<name>/<version>`. */
  readonly out: string
  /** `ctr` or `ctr,cvr`. */
  readonly target: string
}

/** Shares of a set that is made on the way: calibration needs positives, the report most of all. */
const shares = { trainShare: 0.8, calibrateShare: 0.05 } as const

/** Trains and seals; answers the exit code. */
export async function runTrain(
  options: TrainOptions,
  write: (text: string) => void,
): Promise<number> {
  const fault = faultOf(options)
  if (fault !== null) {
    write(`${fault}\n`)
    return 1
  }
  if (options.dataset !== undefined) return trainOn(options.dataset, options, write)
  const folder = mkdtempSync(join(tmpdir(), 'sluice-train-'))
  try {
    await makeSet(options, folder, write)
    return await trainOn(folder, options, write)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function faultOf(options: TrainOptions): string | null {
  const { dataset, log, events, out, target } = options
  const hasLog = log !== undefined && events !== undefined
  if ((dataset === undefined) !== hasLog) return 'give either --dataset, or --log and --events'
  if (target !== 'ctr' && target !== 'ctr,cvr') return '--target is ctr or ctr,cvr'
  const numbers = [options.alpha, options.beta, options.l1, options.l2]
  if (!numbers.every((value) => value >= 0) || options.alpha === 0) {
    return '--alpha is above 0; --beta, --l1 and --l2 are 0 or more'
  }
  const path = resolve(out)
  if (!isModelWord(basename(path)) || !isModelWord(basename(dirname(path)))) {
    return '--out is <folder>/<name>/<version>, in lower case letters, digits, ".", "_" and "-"'
  }
  const isTaken = existsSync(join(path, 'manifest.json'))
  return isTaken ? `${out} already holds a sealed model: versions never change` : null
}

async function makeSet(
  options: TrainOptions,
  out: string,
  write: (text: string) => void,
): Promise<void> {
  const { log = '', events = '' } = options
  const inputs = { log, events, catalog: options.catalog ?? null, truth: options.truth ?? null }
  const made = await makeDataset(
    { ...inputs, ...shares, features: lrFeatures, rowsAre: 'impressions', watermarkMs: null, out },
    (rows) => write(`${rows} rows read\n`),
  )
  write(`a set of ${made.info.rows} rows, ${made.info.counts.clicks} clicks\n`)
}

async function trainOn(
  folder: string,
  options: TrainOptions,
  write: (text: string) => void,
): Promise<number> {
  const dataset = openDataset(folder)
  try {
    const targets: readonly Target[] = options.target === 'ctr' ? ['ctr'] : ['ctr', 'cvr']
    const onEpoch = (epoch: EpochReport): void => write(`${epochLine(epoch)}\n`)
    const heads = targets.map((target) => headOf(dataset, target, options, onEpoch))
    const path = resolve(options.out)
    const name = { name: basename(dirname(path)), version: basename(path) }
    writeLrModel(path, dataset, heads, { ...name, trainedBy: trainedBy(options) })
    const report = await sealModel(path, dataset)
    for (const target of report.targets) write(`${reportLine(target)}\n`)
    write(`${options.out}: manifest.json, report.md\n`)
    return 0
  } finally {
    dataset.close()
  }
}

// oxlint-disable-next-line max-params -- what is learned, from what, how, and who is told
function headOf(
  dataset: Dataset,
  target: Target,
  settings: LrSettings,
  onEpoch: (epoch: EpochReport) => void,
): ReturnType<typeof trainHead> {
  const { rowsAre, slotCount } = dataset.info
  if (target === 'ctr' && rowsAre === 'clicks') return clickHead(slotCount)
  return trainHead(dataset, target, settings, onEpoch)
}

function trainedBy({ alpha, beta, l1, l2, epochsMax }: TrainOptions): string {
  return `sluice train: FTRL, alpha ${alpha}, beta ${beta}, L1 ${l1}, L2 ${l2}, passes ${epochsMax}`
}

function epochLine(report: EpochReport): string {
  const { target, epoch, rows, positives, progressiveLoss, heldOutLoss } = report
  return (
    `${target} pass ${epoch}: ${rows} rows, ${positives} positives, ` +
    `progressive log loss ${progressiveLoss.toFixed(6)}, held out ${heldOutLoss.toFixed(6)}`
  )
}
