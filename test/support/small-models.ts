/**
 * Versions of small models on disk, whose answers this file computes itself from their weights:
 * what tests of the model runtime open, and spoil.
 */
import { createHash } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type AdFacts, type AskFacts, emptyAskFacts } from '../../src/domain/feature-facts.ts'
import { Encoder } from '../../src/scoring/encoder.ts'
import type { FeatureSpec } from '../../src/scoring/feature-spec.ts'
import { type Manifest, manifestVersion, type ParityRow } from '../../src/scoring/manifest.ts'
import { type OnnxModel, onnxBytes, rankModel, sideModel, type WeightOf } from './onnx-models.ts'

/** 1 March 2026, noon. */
export const decidedAtMs = Date.UTC(2026, 2, 1, 12)

/** Features of both sides, of pairs too. */
export const rankFeatures: readonly FeatureSpec[] = [
  vocab('country', ['DE', 'FR']),
  { name: 'place', source: 'place', kind: 'hash', width: 1, buckets: 16, salt: 's' },
  { name: 'creative', source: 'creative', kind: 'hash', width: 1, buckets: 32, salt: 'c' },
  { name: 'prior', source: 'priorCtr', kind: 'number', transform: 'logit', mean: -3, scale: 2 },
  { name: 'age', source: 'flightStart', kind: 'recency', scale: 10 },
  { name: 'pair', kind: 'cross', of: ['country', 'creative'], buckets: 64, salt: 'x' },
]

/** Features that belong to one side each. */
export const splitFeatures: readonly FeatureSpec[] = rankFeatures.slice(0, 4)

function vocab(name: string, words: readonly string[]): FeatureSpec {
  return { name, source: name, kind: 'vocab', width: 1, minCount: 1, words }
}

/** The `n`th ask. */
export function askNumber(n: number): AskFacts {
  const country = ['DE', 'FR', 'US', ''][n % 4] ?? ''
  return { ...emptyAskFacts(), exchange: 'x', country, domain: `site${n % 7}.example` }
}

/** The `n`th ad. */
export function adNumber(n: number): AdFacts {
  return {
    creativeId: `cr${n}`,
    campaignId: `ca${n % 10}`,
    advertiserId: 'ad',
    categories: [],
    domain: '',
    bundle: '',
    language: '',
    format: 1,
    size: '300x250',
    durationSec: 0,
    attributes: [],
    goal: 'cpc',
    priorCtr: 0.001 * (1 + (n % 20)),
    priorCvr: 0.01,
    impressions: 0,
    clicks: 0,
    conversions: 0,
    flightStartMs: n % 3 === 0 ? null : decidedAtMs - n * 3_600_000,
  }
}

/** Weights that differ by slot and target, within ±0.5. */
export const someWeights: WeightOf = (slot, target) =>
  (((slot * 7_919 + target * 104_729) % 101) - 50) / 100

/** A version before it is written; spoil what you like. */
export interface SmallModel {
  manifest: Manifest
  model: OnnxModel
  ad: OnnxModel | null
  rows: ParityRow[]
}

const targets = ['ctr', 'cvr'] as const

/** A rank model `fine@<version>`; other weights make another version of it. */
export function smallRank(version = '1', weightOf: WeightOf = someWeights): SmallModel {
  const { layout } = new Encoder(rankFeatures)
  const widths = { ask: layout.askWidth, ad: layout.adWidth, pair: layout.pairWidth }
  const rows = parityRows(rankFeatures, (row) => {
    const [ctr, cvr] = targets.map((_, target) => rateOf(logOdds(row, weightOf, target)))
    return { ctr: ctr ?? 0, cvr: cvr ?? 0 }
  })
  return {
    manifest: manifestOf({ name: 'fine', version, kind: 'rank', features: rankFeatures }),
    model: rankModel({ ...widths, slots: layout.slotCount }, weightOf),
    ad: null,
    rows,
  }
}

/** Vectors of the split model: 3 places of ctr, 2 of cvr. */
export const splitVector = { width: 5, ctr: [0, 3], cvr: [3, 5] } as const

/** A split model `coarse@<version>`. */
export function smallSplit(version = '1', weightOf: WeightOf = someWeights): SmallModel {
  const { layout } = new Encoder(splitFeatures)
  const { width } = splitVector
  const rows = parityRows(splitFeatures, (row) => ({
    ctr: rateOf(splitLogOdds(row, weightOf, splitVector.ctr)),
    cvr: rateOf(splitLogOdds(row, weightOf, splitVector.cvr)),
  }))
  const vector = { width, slots: layout.slotCount, weightOf }
  const manifest = manifestOf({
    name: 'coarse',
    version,
    kind: 'split',
    features: splitFeatures,
    vector: splitVector,
    ad: { file: 'ad.onnx', sha256: '' },
  })
  return {
    manifest,
    model: sideModel('ask', layout.askWidth, vector),
    ad: sideModel('ad', layout.adWidth, vector),
    rows,
  }
}

/** A row's log odds by the weights themselves, without a graph. */
export function logOdds(row: EncodedRow, weightOf: WeightOf, target: number): number {
  const side = (index: readonly number[], value: readonly number[]): number =>
    index.reduce((sum, slot, i) => sum + weightOf(slot, target) * (value[i] ?? 0), 0)
  return (
    side(row.askIndex, row.askValue) +
    side(row.adIndex, row.adValue) +
    side(row.pairIndex, row.pairValue)
  )
}

function splitLogOdds(
  row: EncodedRow,
  weightOf: WeightOf,
  [from, to]: readonly [number, number],
): number {
  let sum = 0
  for (let place = from; place < to; place++) {
    const at = (index: readonly number[], value: readonly number[]): number =>
      index.reduce((total, slot, i) => total + weightOf(slot, place) * (value[i] ?? 0), 0)
    sum += at(row.askIndex, row.askValue) * at(row.adIndex, row.adValue)
  }
  return sum
}

function rateOf(odds: number): number {
  return 1 / (1 + Math.exp(-odds))
}

/** Columns of one row. */
export type EncodedRow = Pick<
  ParityRow,
  'askIndex' | 'askValue' | 'adIndex' | 'adValue' | 'pairIndex' | 'pairValue'
>

/** What `features` make of an ask and an ad. */
export function encodedRow(
  features: readonly FeatureSpec[],
  ask: AskFacts,
  ad: AdFacts,
): EncodedRow {
  const encoder = new Encoder(features)
  const { askWidth, adWidth, pairWidth, momentWidth } = encoder.layout
  const rows = {
    askIndex: new Int32Array(askWidth),
    askValue: new Float32Array(askWidth),
    adIndex: new Int32Array(adWidth),
    adValue: new Float32Array(adWidth),
    moments: new Float64Array(momentWidth),
  }
  const pair = { index: new Int32Array(pairWidth), value: new Float32Array(pairWidth), from: 0 }
  encoder.ask(ask, decidedAtMs, rows.askIndex, rows.askValue, 0)
  encoder.ad(ad, rows.adIndex, rows.adValue, 0)
  encoder.moments(ad, rows.moments, 0)
  encoder.pair({ ...rows, askFrom: 0, adFrom: 0, momentsFrom: 0, atMs: decidedAtMs }, pair)
  return {
    askIndex: [...rows.askIndex],
    askValue: [...rows.askValue],
    adIndex: [...rows.adIndex],
    adValue: [...rows.adValue],
    pairIndex: [...pair.index],
    pairValue: [...pair.value],
  }
}

function parityRows(
  features: readonly FeatureSpec[],
  ratesOf: (row: EncodedRow) => { ctr: number; cvr: number },
): ParityRow[] {
  return Array.from({ length: 70 }, (_, n) => {
    const ask = askNumber(n)
    const ad = adNumber(n)
    const row = encodedRow(features, ask, ad)
    return { ask, ad, atMs: decidedAtMs, ...row, ...ratesOf(row) }
  })
}

function manifestOf(
  known: Pick<Manifest, 'name' | 'version' | 'kind' | 'features'> & Partial<Manifest>,
): Manifest {
  return {
    manifestVersion,
    opset: 17,
    targets,
    model: { file: 'model.onnx', sha256: '' },
    ad: null,
    featuresHash: new Encoder(known.features).layout.hash,
    vector: null,
    calibration: { fallback: {}, exchanges: {} },
    parity: { file: 'parity.jsonl', sha256: '', rows: 70, maxDifference: 1e-6 },
    trainedBy: 'test',
    trainedOn: 'nothing',
    ...known,
  }
}

/** Writes a version below `models` with the hashes that its manifest names; answers its folder. */
export async function writeModel(models: string, small: SmallModel): Promise<string> {
  const { manifest } = small
  const folder = join(models, manifest.name, manifest.version)
  await mkdir(folder, { recursive: true })
  const model = onnxBytes(small.model)
  const ad = small.ad === null ? null : onnxBytes(small.ad)
  const parity = Buffer.from(small.rows.map((row) => `${JSON.stringify(row)}\n`).join(''))
  await writeFile(join(folder, 'model.onnx'), model)
  if (ad !== null) await writeFile(join(folder, 'ad.onnx'), ad)
  await writeFile(join(folder, 'parity.jsonl'), parity)
  const sealed = {
    ...manifest,
    model: { ...manifest.model, sha256: sha256(model) },
    ad: manifest.ad === null || ad === null ? manifest.ad : { ...manifest.ad, sha256: sha256(ad) },
    parity: { ...manifest.parity, sha256: sha256(parity) },
  }
  await writeFile(join(folder, 'manifest.json'), JSON.stringify(sealed))
  return folder
}

/** SHA-256, hex. */
export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}
