/** The folder of an encoded training set: its files, their columns, and `dataset.json`. */
import type { AdFacts, AskFacts } from '../domain/feature-facts.ts'
import type { FeatureSpec, PlacedFeature } from '../scoring/feature-spec.ts'

/** Version of the folder's form; it changes when an old reader would misread a new folder. */
export const datasetVersion = 1

/** Bits of `label.u8`. */
export const LabelBit = {
  Click: 1,
  /** Converted, as far as the log knows; only with `Click`. */
  Conversion: 2,
  /** The label of the conversion will not change any more, or there is no click. */
  Final: 4,
} as const

/** What a row is: an impression that was shown, or (a set for conversions only) a click. */
export type RowsAre = 'impressions' | 'clicks'

/** Row numbers, the second one excluded. */
export type RowRange = readonly [from: number, to: number]

/** A feature's place, without its words: enough for a trainer that does not encode. */
export interface DatasetFeature extends Omit<PlacedFeature, 'spec'> {
  readonly name: string
  readonly kind: FeatureSpec['kind']
}

/** `dataset.json`. */
export interface DatasetInfo {
  readonly datasetVersion: typeof datasetVersion
  readonly rows: number
  readonly rowsAre: RowsAre
  readonly askWidth: number
  readonly adWidth: number
  readonly pairWidth: number
  readonly slotCount: number
  readonly featuresHash: string
  /** With the words that were found in the training slice. */
  readonly features: readonly FeatureSpec[]
  readonly layout: readonly DatasetFeature[]
  /** By time: no row of a slice is older than one of the slice before it. */
  readonly slices: {
    readonly train: RowRange
    readonly calibrate: RowRange
    readonly test: RowRange
  }
  readonly counts: {
    readonly clicks: number
    readonly conversions: number
    /** Clicks whose conversion label is not final. */
    readonly openClicks: number
  }
  /** Epoch milliseconds: the first row, and the last thing that the log or its events know. */
  readonly startMs: number
  readonly endMs: number
  readonly conversionWatermarkMs: number
  /** Exchanges (or RTA media) by the number in `exchange.u16`. */
  readonly exchanges: readonly string[]
  readonly hasTruth: boolean
  /** Names of the files it was made from; '' = none. */
  readonly log: string
  readonly events: string
  readonly catalog: string
}

/** Name of `DatasetInfo` in the folder: written last, so a folder without it is not finished. */
export const datasetInfoName = 'dataset.json'

/** Name of the file with facts for golden vectors. */
export const parityRowsName = 'parity-rows.ndjson'

/** A line of `parity-rows.ndjson`: a row of the test slice before it was encoded. */
export interface ParityFacts {
  readonly row: number
  readonly ask: AskFacts
  readonly ad: AdFacts
  readonly atMs: number
}

/** Views of some rows, row by row; little endian in the files, as the machines we run on are. */
export interface RowColumns {
  readonly askIndex: Int32Array
  readonly askValue: Float32Array
  readonly adIndex: Int32Array
  readonly adValue: Float32Array
  readonly pairIndex: Int32Array
  readonly pairValue: Float32Array
  readonly label: Uint8Array
  /** 1 / the chance with which the line was kept. */
  readonly weight: Float32Array
  /** Epoch milliseconds. */
  readonly at: Float64Array
  readonly exchange: Uint16Array
  /** True CTR and CVR, two a row; empty where the log has no truth. Never for fitting. */
  readonly truth: Float64Array
}

/** One column: its file and how many values a row has. */
export interface ColumnPlan {
  readonly name: keyof RowColumns
  readonly file: string
  readonly width: number
}

/** Widths of the three sides. */
export type SideWidths = Pick<DatasetInfo, 'askWidth' | 'adWidth' | 'pairWidth'>

/** The columns of a set, in one order. */
export function columnPlans(widths: SideWidths, hasTruth: boolean): readonly ColumnPlan[] {
  const { askWidth, adWidth, pairWidth } = widths
  return [
    { name: 'askIndex', file: 'ask_index.i32', width: askWidth },
    { name: 'askValue', file: 'ask_value.f32', width: askWidth },
    { name: 'adIndex', file: 'ad_index.i32', width: adWidth },
    { name: 'adValue', file: 'ad_value.f32', width: adWidth },
    { name: 'pairIndex', file: 'pair_index.i32', width: pairWidth },
    { name: 'pairValue', file: 'pair_value.f32', width: pairWidth },
    { name: 'label', file: 'label.u8', width: 1 },
    { name: 'weight', file: 'weight.f32', width: 1 },
    { name: 'at', file: 'at.f64', width: 1 },
    { name: 'exchange', file: 'exchange.u16', width: 1 },
    { name: 'truth', file: 'truth.f64', width: hasTruth ? 2 : 0 },
  ]
}

/** Room for `rows` rows of every column, zeroed. */
export function newColumns(widths: SideWidths, hasTruth: boolean, rows: number): RowColumns {
  const { askWidth, adWidth, pairWidth } = widths
  return {
    askIndex: new Int32Array(rows * askWidth),
    askValue: new Float32Array(rows * askWidth),
    adIndex: new Int32Array(rows * adWidth),
    adValue: new Float32Array(rows * adWidth),
    pairIndex: new Int32Array(rows * pairWidth),
    pairValue: new Float32Array(rows * pairWidth),
    label: new Uint8Array(rows),
    weight: new Float32Array(rows),
    at: new Float64Array(rows),
    exchange: new Uint16Array(rows),
    truth: new Float64Array(hasTruth ? rows * 2 : 0),
  }
}

/** The first `rows` rows of columns: views, nothing is copied. */
export function firstRows(columns: RowColumns, widths: SideWidths, rows: number): RowColumns {
  const { askWidth, adWidth, pairWidth } = widths
  return {
    askIndex: columns.askIndex.subarray(0, rows * askWidth),
    askValue: columns.askValue.subarray(0, rows * askWidth),
    adIndex: columns.adIndex.subarray(0, rows * adWidth),
    adValue: columns.adValue.subarray(0, rows * adWidth),
    pairIndex: columns.pairIndex.subarray(0, rows * pairWidth),
    pairValue: columns.pairValue.subarray(0, rows * pairWidth),
    label: columns.label.subarray(0, rows),
    weight: columns.weight.subarray(0, rows),
    at: columns.at.subarray(0, rows),
    exchange: columns.exchange.subarray(0, rows),
    truth: columns.truth.subarray(0, rows * 2),
  }
}
