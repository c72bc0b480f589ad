/** `sluice dataset`: an encoded training set from a log of decisions and its events. */
import { readFile } from 'node:fs/promises'
import type { FeatureSpec } from '../scoring/feature-spec.ts'
import { houseFeatures, lrFeatures } from '../scoring/features.ts'
import { type DatasetReport, makeDataset } from '../training/make-dataset.ts'
import { TrainingError } from '../training/training-error.ts'

/** What the command line says. */
export interface DatasetOptions {
  readonly log: string
  readonly events: string
  readonly catalog?: string
  /** `house`, `lr`, or a JSON file with a list of `FeatureSpec`. */
  readonly features: string
  readonly out: string
  readonly truth?: string
  readonly trainShare: number
  readonly calibrateShare: number
  readonly watermarkHours?: number
  /** `cvr` = rows are clicks. */
  readonly target: string
}

const hourMs = 3_600_000

/** Makes the set; answers the exit code. */
export async function runDataset(
  options: DatasetOptions,
  write: (text: string) => void,
): Promise<number> {
  const fault = faultOf(options)
  if (fault !== null) {
    write(`${fault}\n`)
    return 1
  }
  const { log, events, out, trainShare, calibrateShare, watermarkHours } = options
  const report = await makeDataset(
    {
      ...{ log, events, out, trainShare, calibrateShare },
      catalog: options.catalog ?? null,
      truth: options.truth ?? null,
      features: await featuresOf(options.features),
      rowsAre: options.target === 'cvr' ? 'clicks' : 'impressions',
      watermarkMs: watermarkHours === undefined ? null : watermarkHours * hourMs,
    },
    (rows) => write(`${rows} rows\n`),
  )
  write(summaryOf(report, out))
  return 0
}

function faultOf({ target, trainShare, calibrateShare, watermarkHours }: DatasetOptions) {
  if (target !== 'both' && target !== 'cvr') return '--target is both or cvr'
  if (!(trainShare > 0 && calibrateShare >= 0 && trainShare + calibrateShare <= 1)) {
    return '--train-share is above 0, --calibrate-share 0 or more, both together at most 1'
  }
  return watermarkHours === undefined || watermarkHours >= 0
    ? null
    : '--watermark-hours is 0 or more'
}

async function featuresOf(name: string): Promise<readonly FeatureSpec[]> {
  if (name === 'house') return houseFeatures
  if (name === 'lr') return lrFeatures
  try {
    const list: unknown = JSON.parse(await readFile(name, 'utf8'))
    if (Array.isArray(list)) return list as readonly FeatureSpec[]
    throw new Error('it is no list')
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    const sentence = `${name} is no feature list (house, lr, or a JSON file): ${reason}`
    throw new TrainingError('SLUICE_TRAINING_FEATURES', sentence)
  }
}

function summaryOf({ info, log, join, ...rest }: DatasetReport, out: string): string {
  const { counts, slices, askWidth, adWidth, pairWidth } = info
  const hours = (info.conversionWatermarkMs / hourMs).toFixed(1)
  return [
    `${info.rows} ${info.rowsAre} in ${out}: ${counts.clicks} clicks, ` +
      `${counts.conversions} conversions`,
    `slices by time: ${lengthOf(slices.train)} train, ${lengthOf(slices.calibrate)} calibrate, ` +
      `${lengthOf(slices.test)} test`,
    `columns: ${askWidth} ask, ${adWidth} ad, ${pairWidth} pair; ${info.slotCount} slots`,
    `conversion watermark ${hours} h: the labels of ${counts.openClicks} clicks are still open`,
    `log: ${log.lines} lines, ${log.badLines} unreadable, ${log.leftOut} tests and dry runs, ` +
      `${log.repeats} repeated bids, ${rest.notShown} bids never shown`,
    `events: ${join.joined} joined, ${join.strangers} of other bids, ${join.leftOut} that do not ` +
      `count, ${join.badLines} unreadable, ${rest.withoutClick} conversions without a click`,
    `creatives without a catalog entry: ${rest.strangers}\n`,
  ].join('\n')
}

function lengthOf([from, to]: readonly [number, number]): number {
  return to - from
}
