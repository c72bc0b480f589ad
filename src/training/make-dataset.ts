/** `sluice dataset`: a log of decisions and its events become an encoded training set. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { Encoder } from '../scoring/encoder.ts'
import type { FeatureLayout, FeatureSpec } from '../scoring/feature-spec.ts'
import { AdBook } from './ad-book.ts'
import {
  type DatasetInfo,
  datasetInfoName,
  datasetVersion,
  LabelBit,
  parityRowsName,
  type RowRange,
  type RowsAre,
} from './dataset-format.ts'
import { DatasetWriter } from './dataset-writer.ts'
import { encodeRows } from './encode-rows.ts'
import { FactsSpool } from './facts-spool.ts'
import { type JoinCounts, joinEvents } from './join-events.ts'
import { labelOf, planRows, type RowPlan, watermarkOf } from './labels.ts'
import { noCatalog, readCatalog } from './read-catalog.ts'
import { type LogCounts, readLog } from './read-log.ts'
import { RowTable, SeenBit } from './row-table.ts'
import { TrainingError } from './training-error.ts'
import { TruthFile } from './truth-file.ts'
import { Vocabulary } from './vocabulary.ts'

/** What a set is made of. */
export interface DatasetInputs {
  /** A record file or a folder of them; NDJSON, plain or gzip. */
  readonly log: string
  /** A file of `FeedbackEvent` lines. */
  readonly events: string
  /** A catalog's import file; null = ad facts are what the bids say. */
  readonly catalog: string | null
  /** A world's truth.bin; null = none. */
  readonly truth: string | null
  /** The list to encode by; features without words learn them. */
  readonly features: readonly FeatureSpec[]
  readonly rowsAre: RowsAre
  /** Shares of the rows, by time; what is left is the test slice. */
  readonly trainShare: number
  readonly calibrateShare: number
  /** Age at which a click without a conversion is final; null = as the log's delays say. */
  readonly watermarkMs: number | null
  /** Folder that the set is written to; made where it is missing. */
  readonly out: string
}

/** What came out, and what did not come in. */
export interface DatasetReport {
  readonly info: DatasetInfo
  readonly log: LogCounts
  readonly join: JoinCounts
  /** Bids without an exposure, a bill or a click: never shown, as far as is known. */
  readonly notShown: number
  /** Conversions without a click. */
  readonly withoutClick: number
  /** Creatives that the catalog lacks. */
  readonly strangers: number
}

/** Rows of the test slice that are kept as facts. */
const parityRowsMax = 512

/**
 * Makes the set of docs/training.md ("Datasets"). Memory: 75 bytes a row and a few buffers; the
 * facts wait on the disk of `out`. Rejects with `TrainingError` on inputs that make no set, with
 * `ScoringError` on features that cannot be encoded.
 */
export async function makeDataset(
  inputs: DatasetInputs,
  onRows: (rows: number) => void = () => undefined,
): Promise<DatasetReport> {
  // A wrong list is found before minutes of reading.
  const { layout } = new Encoder(inputs.features)
  if (layout.askWidth + layout.adWidth === 0) throw unusable('the feature list is empty')
  const ads = new AdBook(inputs.catalog === null ? noCatalog : await readCatalog(inputs.catalog))
  const table = new RowTable()
  mkdirSync(inputs.out, { recursive: true })
  const spool = new FactsSpool(join(inputs.out, 'facts.spool'))
  try {
    const log = await readLog(inputs.log, { table, spool, ads }, onRows)
    const joined = await joinEvents(inputs.events, table)
    const source: JoinedLog = { table, spool, ads, log, join: joined }
    const info = writeSet(inputs, source)
    const { notShown, withoutClick } = leftovers(table)
    return { info, log, join: joined, notShown, withoutClick, strangers: ads.strangers }
  } finally {
    spool.remove()
  }
}

/** A log in memory and spool, with its events. */
interface JoinedLog {
  readonly table: RowTable
  readonly spool: FactsSpool
  readonly ads: AdBook
  readonly log: LogCounts
  readonly join: JoinCounts
}

function writeSet(inputs: DatasetInputs, source: JoinedLog): DatasetInfo {
  const { table, log, join: joined } = source
  const { trainShare, calibrateShare, rowsAre } = inputs
  const plan = planRows(table, rowsAre, { train: trainShare, calibrate: calibrateShare })
  if (plan.slices.train[1] === 0) {
    throw unusable(
      `of ${table.count} bids none was shown in the training slice: are the events of this log?`,
    )
  }
  const specs = learnWords(inputs.features, source, plan)
  const encoder = new Encoder(specs)
  const endMs = Math.max(log.lastMs, joined.lastMs)
  const conversionWatermarkMs = inputs.watermarkMs ?? watermarkOf(table)
  const counts = { clicks: 0, conversions: 0, openClicks: 0 }
  const labelAndCount = (row: number): number => {
    const label = labelOf(table, row, endMs, conversionWatermarkMs)
    count(counts, label)
    return label
  }
  writeRows(inputs, source, { plan, encoder, labelOf: labelAndCount })
  const info: DatasetInfo = {
    datasetVersion,
    rows: plan.order.length,
    rowsAre,
    ...layoutFacts(encoder.layout),
    features: specs,
    slices: plan.slices,
    counts,
    startMs: table.at[plan.order[0] ?? 0] ?? 0,
    endMs,
    conversionWatermarkMs,
    exchanges: log.exchanges,
    hasTruth: inputs.truth !== null,
    log: basename(inputs.log),
    events: basename(inputs.events),
    catalog: inputs.catalog === null ? '' : basename(inputs.catalog),
  }
  writeFileSync(join(inputs.out, datasetInfoName), `${JSON.stringify(info, null, 1)}\n`)
  return info
}

/** Words are of the training slice alone: what came later is unknown, as it will be in life. */
function learnWords(
  features: readonly FeatureSpec[],
  { table, spool, ads }: JoinedLog,
  { order, slices }: RowPlan,
): FeatureSpec[] {
  const vocabulary = new Vocabulary(features)
  const rowsOfAd = new Float64Array(ads.facts.length)
  for (const row of order.subarray(...slices.train)) {
    vocabulary.addAsk(spool.read(table.factsAt[row] ?? 0), table.at[row] ?? 0)
    const ad = table.ad[row] ?? 0
    rowsOfAd[ad] = (rowsOfAd[ad] ?? 0) + 1
  }
  for (const [ad, facts] of ads.facts.entries()) {
    const rows = rowsOfAd[ad] ?? 0
    if (rows > 0) vocabulary.addAd(facts, rows)
  }
  return vocabulary.specs()
}

function writeRows(
  { out, truth: truthPath }: DatasetInputs,
  { table, spool, ads, log }: JoinedLog,
  how: {
    readonly plan: RowPlan
    readonly encoder: Encoder
    readonly labelOf: (row: number) => number
  },
): void {
  const { plan, encoder, labelOf: label } = how
  const truth = truthPath === null ? null : new TruthFile(truthPath, log.lines)
  try {
    const writer = new DatasetWriter(out, encoder.layout, truth !== null)
    const source = { table, spool, ads: ads.facts, truth }
    encodeRows(source, plan.order, encoder, { writer, labelOf: label })
    writer.close()
  } finally {
    truth?.close()
  }
  const lines = evenly(plan.slices.test, parityRowsMax).map((at) => {
    const row = plan.order[at] ?? 0
    const ask = spool.read(table.factsAt[row] ?? 0)
    const ad = ads.facts[table.ad[row] ?? 0]
    return `${JSON.stringify({ row: at, ask, ad, atMs: table.at[row] ?? 0 })}\n`
  })
  writeFileSync(join(out, parityRowsName), lines.join(''))
}

/** At most `max` numbers of a range, spread over all of it. */
function evenly([from, to]: RowRange, max: number): number[] {
  const count = Math.min(max, to - from)
  return Array.from({ length: count }, (_, i) => from + Math.floor((i * (to - from)) / count))
}

function layoutFacts({ features, hash, askWidth, adWidth, pairWidth, slotCount }: FeatureLayout) {
  const layout = features.map(({ spec: { name, kind }, ...place }) => ({ name, kind, ...place }))
  return { askWidth, adWidth, pairWidth, slotCount, featuresHash: hash, layout }
}

function count(counts: Counts, label: number): void {
  if ((label & LabelBit.Click) !== 0) counts.clicks++
  if ((label & LabelBit.Conversion) !== 0) counts.conversions++
  if ((label & LabelBit.Final) === 0) counts.openClicks++
}

type Counts = { -readonly [name in keyof DatasetInfo['counts']]: number }

function leftovers(table: RowTable): { notShown: number; withoutClick: number } {
  let notShown = 0
  let withoutClick = 0
  for (let row = 0; row < table.count; row++) {
    const seen = table.seen[row] ?? 0
    if ((seen & SeenBit.Shown) === 0) notShown++
    const isConverted = !Number.isNaN(table.conversionAt[row] ?? Number.NaN)
    if (isConverted && (seen & SeenBit.Click) === 0) withoutClick++
  }
  return { notShown, withoutClick }
}

function unusable(sentence: string): TrainingError {
  return new TrainingError('SLUICE_TRAINING_LOG', sentence)
}
