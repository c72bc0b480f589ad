/** Whole versions of small models on disk, as a trainer and `sluice seal` would leave them. */
import { createHash } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type AdFacts, emptyAskFacts } from '../../src/domain/feature-facts.ts'
import { Encoder } from '../../src/scoring/encoder.ts'
import type { FeatureSpec } from '../../src/scoring/feature-spec.ts'
import { type Manifest, manifestVersion, type ParityRow } from '../../src/scoring/manifest.ts'
import { openRunner } from '../../src/scoring/model-runner.ts'
import { splitProbability } from '../../src/scoring/split-score.ts'
import { onnxBytes, rankModel, sideModel } from './onnx-models.ts'

const features: readonly FeatureSpec[] = [
  { name: 'site', source: 'domain', kind: 'hash', width: 1, buckets: 64, salt: 's' },
  { name: 'creative', source: 'creative', kind: 'hash', width: 1, buckets: 1_024, salt: 'c' },
  { name: 'campaign', source: 'campaign', kind: 'hash', width: 1, buckets: 256, salt: 'k' },
]

/** A version to be written. */
export interface TestVersion {
  readonly name: string
  readonly version: string
  readonly kind: 'rank' | 'split'
  /** Another one gives other scores. */
  readonly seed?: number
}

/** Click and conversion; of a split model each has half of the vector. */
const vector = { width: 4, ctr: [0, 2], cvr: [2, 4] } as const

const atMs = Date.UTC(2026, 10, 22)

/** Writes `<folder>/<name>/<version>`, which `openModel` takes. */
export async function writeVersion(folder: string, model: TestVersion): Promise<void> {
  const { name, version, kind } = model
  const encoder = new Encoder(features)
  const isSplit = kind === 'split'
  const graphs = isSplit ? splitGraphs(model, encoder) : rankGraphs(model, encoder)
  const parity = parityOf(model, encoder, graphs)
  const file = (path: string, bytes: Uint8Array) => ({ file: path, sha256: sha256Of(bytes) })
  const manifest: Manifest = {
    manifestVersion,
    name,
    version,
    kind,
    opset: 17,
    targets: ['ctr', 'cvr'],
    model: file('model.onnx', graphs.model),
    ad: graphs.ad === null ? null : file('ad.onnx', graphs.ad),
    features,
    featuresHash: encoder.layout.hash,
    vector: isSplit ? vector : null,
    calibration: { fallback: {}, exchanges: {} },
    parity: { ...file('parity.jsonl', parity), rows: parityRows, maxDifference: 1e-6 },
    trainedBy: 'a test',
    trainedOn: 'nothing',
  }
  const own = join(folder, name, version)
  await mkdir(own, { recursive: true })
  await writeFile(join(own, 'model.onnx'), graphs.model)
  if (graphs.ad !== null) await writeFile(join(own, 'ad.onnx'), graphs.ad)
  await writeFile(join(own, 'parity.jsonl'), parity)
  await writeFile(join(own, 'manifest.json'), JSON.stringify(manifest))
}

interface Graphs {
  readonly model: Uint8Array<ArrayBuffer>
  readonly ad: Uint8Array<ArrayBuffer> | null
}

function rankGraphs({ seed = 1 }: TestVersion, { layout }: Encoder): Graphs {
  const { askWidth: ask, adWidth: ad, pairWidth: pair, slotCount: slots } = layout
  const widths = { ask, ad, pair, slots }
  return { model: ownBytes(onnxBytes(rankModel(widths, weightOf(seed)))), ad: null }
}

function splitGraphs({ seed = 1 }: TestVersion, { layout }: Encoder): Graphs {
  const shape = { width: vector.width, slots: layout.slotCount, weightOf: weightOf(seed) }
  return {
    model: ownBytes(onnxBytes(sideModel('ask', layout.askWidth, shape))),
    ad: ownBytes(onnxBytes(sideModel('ad', layout.adWidth, shape))),
  }
}

/** Some weight in [-2, 0): probabilities below a half that differ by slot. */
function weightOf(seed: number) {
  return (slot: number, target: number): number =>
    slot === 0 ? 0 : -(((slot * 7 + target * 3 + seed * 13) % 100) / 50) - 0.01
}

const parityRows = 4

function parityOf({ kind }: TestVersion, encoder: Encoder, graphs: Graphs): Uint8Array {
  const shape = { kind, opset: 17, targets: ['ctr', 'cvr'] as const }
  const runner = openRunner(
    { ...shape, vector: kind === 'split' ? vector : null },
    encoder.layout,
    graphs,
  )
  const rows: ParityRow[] = []
  for (let i = 0; i < parityRows; i++) {
    const ask = { ...emptyAskFacts(), domain: `site${i}.example` }
    const ad = adFacts(i)
    const encoded = encodedRow(encoder, ask, ad)
    const both = { asks: 1, rows: 1, askOf: new Int32Array(1), ...encoded }
    let [ctr, cvr] = [0, 0]
    if (kind === 'rank') {
      const scores = runner.runRank(both)
      ctr = scores.ctr[0] ?? 0
      cvr = scores.cvr?.[0] ?? 0
    } else {
      const pair = {
        ask: runner.runAsk(encoded.askIndex, encoded.askValue, 1),
        askFrom: 0,
        ad: runner.runAd(encoded.adIndex, encoded.adValue, 1),
        adFrom: 0,
      }
      ctr = splitProbability(pair, vector.ctr)
      cvr = splitProbability(pair, vector.cvr)
    }
    rows.push({ ask, ad, atMs, ...numbersOf(encoded), ctr, cvr })
  }
  runner.release()
  return Buffer.from(rows.map((row) => `${JSON.stringify(row)}\n`).join(''))
}

function numbersOf(row: ReturnType<typeof encodedRow>) {
  return {
    askIndex: Array.from(row.askIndex),
    askValue: Array.from(row.askValue),
    adIndex: Array.from(row.adIndex),
    adValue: Array.from(row.adValue),
    pairIndex: Array.from(row.pairIndex),
    pairValue: Array.from(row.pairValue),
  }
}

function encodedRow(encoder: Encoder, ask: ParityRow['ask'], ad: AdFacts) {
  const { askWidth, adWidth } = encoder.layout
  const row = {
    askIndex: new Int32Array(askWidth),
    askValue: new Float32Array(askWidth),
    adIndex: new Int32Array(adWidth),
    adValue: new Float32Array(adWidth),
    pairIndex: new Int32Array(0),
    pairValue: new Float32Array(0),
  }
  encoder.ask(ask, atMs, row.askIndex, row.askValue, 0)
  encoder.ad(ad, row.adIndex, row.adValue, 0)
  return row
}

function adFacts(i: number): AdFacts {
  return {
    creativeId: `creative-${i}`,
    campaignId: `campaign-${i % 2}`,
    advertiserId: 'acme',
    categories: [],
    domain: '',
    bundle: '',
    language: '',
    format: 0,
    size: '300x250',
    durationSec: 0,
    attributes: [],
    goal: 'cpc',
    priorCtr: 0.001,
    priorCvr: 0.01,
    impressions: 0,
    clicks: 0,
    conversions: 0,
    flightStartMs: null,
  }
}

function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

function ownBytes(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(bytes)
}
