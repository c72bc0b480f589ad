/** Models for a bench where none are given: of the shapes that ship, with random weights. */
import { createHash } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { shippedModels } from '../../src/cli/shipped-models.ts'
import { askOfRecord } from '../../src/domain/ask-of-record.ts'
import type { AdFacts, AskFacts } from '../../src/domain/feature-facts.ts'
import { Encoder } from '../../src/scoring/encoder.ts'
import { houseFeatures } from '../../src/scoring/features.ts'
import type { ModelShape } from '../../src/scoring/graph-check.ts'
import { type Manifest, manifestVersion, type ParityRow } from '../../src/scoring/manifest.ts'
import { activate } from '../../src/scoring/model-folder.ts'
import { type ModelRunner, openRunner } from '../../src/scoring/model-runner.ts'
import { splitProbability } from '../../src/scoring/split-score.ts'
import { onnxOpset } from '../../src/training/onnx-writer.ts'
import { Vocabulary } from '../../src/training/vocabulary.ts'
import type { World } from '../../src/world/world.ts'
import { recordOf } from '../../src/world/world-record.ts'
import { coarseVector, fineGraph, towerGraph } from './network-graphs.ts'

/** Names of the models that plans of a bench ask for: those of the shipped ones. */
export const { coarse: coarseName, fine: fineName } = shippedModels

/** Rows whose words are learned, and times that an ad must be seen in them to be known. */
const rowsLearned = 4_000
const adCount = 20

/** Golden vectors of each version. */
const parityRows = 8

/** A version to be made: another seed has other weights and another vocabulary. */
export interface BenchVersion {
  readonly version: string
  readonly seed: number
}

/** What words are learned from. */
export interface LearnedFrom {
  readonly world: World
  /** By creative id. */
  readonly ads: ReadonlyMap<string, AdFacts>
}

/** Writes a version of both models and puts it in force. */
export async function writeBenchModels(
  folder: string,
  from: LearnedFrom,
  made: BenchVersion,
): Promise<void> {
  for (const name of [coarseName, fineName]) {
    writeBenchModel(folder, from, { ...made, name })
    await activate(folder, name, made.version)
  }
}

/** Writes a version of one of them: coarse or fine by its name. */
export function writeBenchModel(
  folder: string,
  from: LearnedFrom,
  { name, version, seed }: BenchVersion & { readonly name: string },
): void {
  const facts = factsOf(from, seed)
  const encoder = new Encoder(learned(facts, seed))
  const { layout } = encoder
  const isSplit = name === coarseName
  const files = isSplit
    ? { model: towerGraph('ask', layout, seed), ad: towerGraph('ad', layout, seed + 1) }
    : { model: fineGraph(layout, seed), ad: null }
  const shape: ModelShape = {
    kind: isSplit ? 'split' : 'rank',
    opset: onnxOpset,
    targets: ['ctr', 'cvr'],
    vector: isSplit ? coarseVector : null,
  }
  const runner = openRunner(shape, layout, files)
  const parity = facts.slice(0, parityRows).map((one) => parityRow(encoder, runner, one))
  runner.release()
  const target = path.join(folder, name, version)
  mkdirSync(target, { recursive: true })
  const put = (file: string, bytes: Uint8Array) => {
    writeFileSync(path.join(target, file), bytes)
    return { file, sha256: createHash('sha256').update(bytes).digest('hex') }
  }
  const lines = parity.map((row) => `${JSON.stringify(row)}\n`).join('')
  const manifest: Manifest = {
    manifestVersion,
    ...{ name, version, ...shape },
    model: put('model.onnx', files.model),
    ad: files.ad === null ? null : put('ad.onnx', files.ad),
    features: layout.features.map(({ spec }) => spec),
    featuresHash: layout.hash,
    calibration: { fallback: {}, exchanges: {} },
    parity: {
      ...put('parity.jsonl', Buffer.from(lines)),
      rows: parity.length,
      maxDifference: 1e-6,
    },
    trainedBy: 'nobody: random weights of a bench',
    trainedOn: 'nothing',
  }
  put('manifest.json', Buffer.from(`${JSON.stringify(manifest)}\n`))
}

interface Row {
  readonly ask: AskFacts
  readonly ad: AdFacts
  readonly atMs: number
}

/** Rows of the world as a log would tell them; another seed takes other rows. */
function factsOf({ world, ads }: LearnedFrom, seed: number): Row[] {
  const rows: Row[] = []
  const step = Math.max(1, Math.floor(world.settings.rows / rowsLearned))
  for (let row = seed % step; row < world.settings.rows; row += step) {
    const made = world.row(row)
    if (made.winner < 0) continue
    const record = recordOf(world, made)
    const [bid] = record.bids
    const ad = bid && ads.get(bid.creativeId)
    if (bid && ad) rows.push({ ask: askOfRecord(record, bid), ad, atMs: record.atMs })
  }
  return rows
}

/** The house's features with the words of the rows. */
function learned(rows: readonly Row[], seed: number) {
  const words = new Vocabulary(houseFeatures)
  for (const [number, { ask, ad, atMs }] of rows.entries()) {
    words.addAsk(ask, atMs)
    // Versions differ in what they know, so that rows of one are nonsense to the other.
    if ((number + seed) % 7 !== 0) words.addAd(ad, adCount)
  }
  return words.specs()
}

/** Nobody trained them: the runtime's own answers are the golden ones. */
function parityRow(encoder: Encoder, runner: ModelRunner, { ask, ad, atMs }: Row): ParityRow {
  const { askWidth, adWidth } = encoder.layout
  const askIndex = new Int32Array(askWidth)
  const askValue = new Float32Array(askWidth)
  const adIndex = new Int32Array(adWidth)
  const adValue = new Float32Array(adWidth)
  encoder.ask(ask, atMs, askIndex, askValue, 0)
  encoder.ad(ad, adIndex, adValue, 0)
  const rows = { askIndex, askValue, adIndex, adValue }
  const [ctr, cvr] = runner.rank === null ? splitRates(runner, rows) : rankRates(runner, rows)
  return {
    ...{ ask, ad, atMs, ctr, cvr },
    askIndex: [...askIndex],
    askValue: [...askValue],
    adIndex: [...adIndex],
    adValue: [...adValue],
    pairIndex: [],
    pairValue: [],
  }
}

interface Encoded {
  readonly askIndex: Int32Array
  readonly askValue: Float32Array
  readonly adIndex: Int32Array
  readonly adValue: Float32Array
}

function rankRates(runner: ModelRunner, rows: Encoded): readonly [number, number] {
  const none = { pairIndex: new Int32Array(0), pairValue: new Float32Array(0) }
  const one = { asks: 1, rows: 1, askOf: Int32Array.of(0) }
  const { ctr, cvr } = runner.runRank({ ...rows, ...none, ...one })
  return [ctr[0] ?? 0, cvr?.[0] ?? 0]
}

function splitRates(runner: ModelRunner, rows: Encoded): readonly [number, number] {
  const ask = runner.runAsk(rows.askIndex, rows.askValue, 1)
  const ad = runner.runAd(rows.adIndex, rows.adValue, 1)
  const pair = { ask, askFrom: 0, ad, adFrom: 0 }
  return [splitProbability(pair, coarseVector.ctr), splitProbability(pair, coarseVector.cvr)]
}
