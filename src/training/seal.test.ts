import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { FeatureSpec } from '../scoring/feature-spec.ts'
import { lrFeatures } from '../scoring/features.ts'
import type { Manifest } from '../scoring/manifest.ts'
import { openModel } from '../scoring/open-model.ts'
import { smallWorld } from '../world/test-worlds.ts'
import { writeWorld } from '../world/write-world.ts'
import { type Dataset, openDataset } from './dataset.ts'
import { type Draft, draftName, outputsName, type TrainerOutput } from './draft.ts'
import { lrDefaults } from './lr-defaults.ts'
import type { LinearHead } from './lr-graph.ts'
import { writeLrModel } from './lr-model.ts'
import { makeDataset } from './make-dataset.ts'
import { writeOnnx } from './onnx-writer.ts'
import type { Report, ScoreName } from './report.ts'
import { sealModel } from './seal.ts'
import { trainHead } from './train-lr.ts'

/** Small tables: the house's crosses of ids need more clicks than a test has. */
const features: readonly FeatureSpec[] = lrFeatures.filter(
  (spec) => spec.kind !== 'cross' || spec.buckets <= 2 ** 14,
)

let room: string
let set: string
let dataset: Dataset
let heads: readonly LinearHead[]
let report: Report
let sealedFolder: string

/** What sets are made of: the world of this test. */
function inputs() {
  const world = join(room, 'world')
  return {
    log: join(world, 'log.ndjson.gz'),
    events: join(world, 'events.ndjson.gz'),
    catalog: join(world, 'catalog.ndjson'),
    truth: join(world, 'truth.bin'),
    rowsAre: 'impressions',
    trainShare: 0.6,
    calibrateShare: 0.2,
    watermarkMs: 3_600_000,
  } as const
}

function learn(): LinearHead[] {
  return (['ctr', 'cvr'] as const).map((target) =>
    trainHead(dataset, target, { ...lrDefaults, epochsMax: 3 }, () => undefined),
  )
}

/** A folder with what the trainer leaves, not sealed yet. */
async function draftFolder(version: string): Promise<string> {
  const folder = join(room, 'models', 'lr', version)
  writeLrModel(folder, dataset, heads, { name: 'lr', version, trainedBy: 'a test' })
  return folder
}

beforeAll(async () => {
  room = await mkdtemp(join(tmpdir(), 'sluice-seal-'))
  set = join(room, 'set')
  await writeWorld(
    { ...smallWorld, rows: 300_000, requests: 0, negatives: 0.02 },
    join(room, 'world'),
  )
  await makeDataset({ ...inputs(), features, out: set })
  dataset = openDataset(set)
  heads = learn()
  sealedFolder = await draftFolder('1')
  report = await sealModel(sealedFolder, dataset)
  // A world, a set and two heads: four seconds of work, more on a busy machine.
}, 180_000)

afterAll(async () => {
  dataset.close()
  await rm(room, { recursive: true })
})

function judgedBy(which: 'observed' | 'truth', target: 'ctr' | 'cvr', name: ScoreName) {
  const found = report.targets.find((one) => one.target === target)
  return found![which]!.scores.find((score) => score.name === name)!
}

describe('a logistic regression, trained and sealed', () => {
  test('serves what it was trained to, on every golden vector', async () => {
    const model = await openModel(sealedFolder)
    const text = await readFile(join(sealedFolder, 'parity.jsonl'), 'utf8')
    expect(text.trim().split('\n')).toHaveLength(report.parity.rows)
    expect(report.parity.rows).toBeGreaterThan(100)
    expect(model.manifest.parity.maxDifference).toBe(1e-6)
    expect(report.parity.largestDifference).toBeLessThan(1e-6)
    // The trainer does not answer by the runtime: a difference of 0 would be no comparison.
    expect(report.parity.largestDifference).toBeGreaterThan(0)
    model.release()
  })

  test('ranks better than history does, and worse than the truth', () => {
    // By the true chances: of a few hundred clicks another few hundred would tell otherwise.
    const [prior, model, truth] = (['prior', 'calibrated', 'truth'] as const).map(
      (name) => judgedBy('truth', 'ctr', name).auc.value,
    )
    expect(model).toBeGreaterThan(prior!)
    expect(truth).toBeGreaterThan(model!)
  })

  test('the report is of the test slice, with intervals around every figure', () => {
    const [from, to] = dataset.info.slices.test
    const { observed } = report.targets[0]!
    expect(observed.rows).toBe(to - from)
    const clicks = dataset.column('label', [from, to]).filter((bits) => (bits & 1) === 1)
    expect(observed.positives).toBe(clicks.length)
    const { auc, calibration, normalisedEntropy } = judgedBy('observed', 'ctr', 'calibrated')
    for (const { value, low, high } of [auc, calibration, normalisedEntropy]) {
      expect(low).toBeLessThan(value)
      expect(high).toBeGreaterThan(value)
    }
    expect(judgedBy('truth', 'ctr', 'truth').calibration.value).toBeCloseTo(1, 10)
    const model = judgedBy('truth', 'ctr', 'calibrated')
    const truth = judgedBy('truth', 'ctr', 'truth')
    expect(model.distance!.value).toBeCloseTo(truth.auc.value - model.auc.value, 10)
    expect(model.distance!.low).toBeGreaterThan(0)
  })

  test('calibration brings down what is too high', async () => {
    const folder = join(room, 'models', 'lr', 'high')
    const high = heads.map((head) => ({ ...head, bias: head.bias + 0.7 }))
    writeLrModel(folder, dataset, high, { name: 'lr', version: 'high', trainedBy: 'a test' })
    const { calibration, targets } = await sealModel(folder, dataset)
    expect(calibration.fallback.ctr?.kind).toBe('platt')
    const [, raw, served] = targets[0]!.observed.scores
    expect(raw!.calibration.value).toBeGreaterThan(1.7)
    expect(served!.calibration.value).toBeGreaterThan(0.85)
    expect(served!.calibration.value).toBeLessThan(1.15)
    expect(served!.logLoss.value).toBeLessThan(raw!.logLoss.value)
  })

  test('the folder holds a version and its report, and nothing of the trainer', async () => {
    const files = ['manifest.json', 'model.onnx', 'parity.jsonl', 'report.json', 'report.md']
    expect((await readdir(sealedFolder)).sort()).toEqual(files)
    await expect(sealModel(sealedFolder, dataset)).rejects.toThrow(/SLUICE_TRAINING_DRAFT.*sealed/)
    expect(await readdir(sealedFolder)).toHaveLength(files.length)
    const text = await readFile(join(sealedFolder, 'report.md'), 'utf8')
    expect(text).toContain('## CVR')
    expect(text).not.toContain('NaN')
  })

  test('nobody can open a version before it is calibrated', async () => {
    const folder = await draftFolder('watched')
    const seen: string[] = []
    const sealing = sealModel(folder, dataset).then(() => null)
    for (;;) {
      const manifest = await readFile(join(folder, 'manifest.json'), 'utf8').catch(() => null)
      if (manifest !== null && !seen.includes(manifest)) seen.push(manifest)
      if ((await Promise.race([sealing, Promise.resolve(0)])) === null) break
    }
    seen.push(await readFile(join(folder, 'manifest.json'), 'utf8'))
    const calibrations = seen.map((text) => (JSON.parse(text) as Manifest).calibration.fallback.ctr)
    expect(calibrations).not.toContain(undefined)
  })

  test('equal sets give equal weights', () => {
    expect(learn()).toEqual(heads)
  })
})

describe('what is not sealed', () => {
  let folder: string
  let count = 10

  beforeEach(async () => {
    folder = await draftFolder(String(count++))
  })

  async function change(file: string, edit: (text: string) => string): Promise<void> {
    const path = join(folder, file)
    await writeFile(path, edit(await readFile(path, 'utf8')))
  }

  async function expectRefused(sentence: RegExp): Promise<void> {
    await expect(sealModel(folder, dataset)).rejects.toThrow(sentence)
    const files = await readdir(folder)
    expect(files).toContain(draftName)
    expect(files).not.toContain('manifest.json')
    expect(files).not.toContain('parity.jsonl')
  }

  test('a model whose trainer answered something else', async () => {
    await change(outputsName, (text) => {
      const lines = text.trim().split('\n')
      const output = JSON.parse(lines[7]!) as TrainerOutput
      lines[7] = JSON.stringify({ ...output, ctr: output.ctr + 3e-6 })
      return lines.join('\n')
    })
    await expectRefused(/SLUICE_SCORING_MODEL_PARITY.*line 8: ctr/)
  })

  test('a model without an answer for a golden vector', async () => {
    await change(outputsName, (text) => text.slice(text.indexOf('\n') + 1))
    await expectRefused(/SLUICE_TRAINING_MISMATCH.*no answer for row/)
  })

  test('a model of other features', async () => {
    await change(draftName, (text) => text.replace(dataset.info.featuresHash, 'f'.repeat(64)))
    await expectRefused(/SLUICE_TRAINING_MISMATCH.*trained on features ffff/)
  })

  test('a model in the folder of another', async () => {
    await change(draftName, (text) => text.replace('"lr"', '"fine"'))
    await expectRefused(/SLUICE_TRAINING_MISMATCH.*the draft is of fine/)
  })

  test('a model that lost its graph', async () => {
    await rm(join(folder, 'model.onnx'))
    await expectRefused(/SLUICE_TRAINING_DRAFT.*no model\.onnx/)
  })

  test('a draft that says nothing of its targets', async () => {
    await change(draftName, (text) => text.replace('"ctr",', '"cpm",'))
    await expectRefused(/SLUICE_TRAINING_DRAFT.*targets/)
  })

  test('a set whose facts encode to something else than its rows', async () => {
    const other = join(room, 'other-set')
    await cp(set, other, { recursive: true })
    const path = join(other, 'parity-rows.ndjson')
    const text = await readFile(path, 'utf8')
    await writeFile(path, text.replace(/"country":"[a-z]*"/i, '"country":"nowhere"'))
    const changed = openDataset(other)
    await expect(sealModel(folder, changed)).rejects.toThrow(/another encoder/)
    changed.close()
    await rm(other, { recursive: true })
  })
})

describe('a split model', () => {
  test('is scored by the product of its vectors, and calibrated by Platt', async () => {
    const one = features.filter((spec) => spec.kind !== 'cross' && spec.kind !== 'recency')
    await makeDataset({ ...inputs(), features: one, out: join(room, 'split-set') })
    const splitSet = openDataset(join(room, 'split-set'))
    const folder = join(room, 'models', 'coarse', '1')
    const head = trainHead(splitSet, 'ctr', { ...lrDefaults, epochsMax: 2 }, () => undefined)
    const name = { name: 'coarse', version: '1', trainedBy: 'a test' }
    writeLrModel(folder, splitSet, [head], name)
    const { askWidth, adWidth } = splitSet.info
    await writeFile(join(folder, 'model.onnx'), sideGraph('ask', askWidth, head))
    await writeFile(join(folder, 'ad.onnx'), sideGraph('ad', adWidth, { ...head, bias: 1 }))
    const draft = JSON.parse(await readFile(join(folder, draftName), 'utf8')) as Draft
    const split = { ...draft, kind: 'split', vector: { width: 2, ctr: [0, 2], cvr: null } }
    await writeFile(join(folder, draftName), JSON.stringify(split))
    const { parity, calibration, targets } = await sealModel(folder, splitSet)
    expect(parity.largestDifference).toBeLessThan(1e-6)
    expect(calibration.fallback.ctr?.kind).toBe('platt')
    const [prior, , model] = targets[0]!.truth!.scores
    expect(model!.auc.value).toBeGreaterThan(prior!.auc.value)
    splitSet.close()
  })
})

/**
 * `[rows, width]` slots and values → `[rows, 2]`: for the ask (bias + sum, 1), for the ad (1, sum),
 * so that their product is the log odds of the regression.
 */
function sideGraph(side: 'ask' | 'ad', width: number, { weight, bias }: LinearHead): Uint8Array {
  const table = new Float32Array(weight.length * 2)
  weight.forEach((value, slot) => {
    table[slot * 2 + (side === 'ask' ? 0 : 1)] = value
  })
  const constant = side === 'ask' ? Float32Array.of(bias, 1) : Float32Array.of(1, 0)
  const node = (op: string, inputs: string[], output: string, attributes = {}) => ({
    ...{ op, inputs, outputs: [output], attributes },
  })
  return writeOnnx({
    name: side,
    inputs: [
      { name: `${side}_index`, type: 'int32', dims: ['rows', width] },
      { name: `${side}_value`, type: 'float32', dims: ['rows', width] },
    ],
    outputs: [{ name: `${side}_vector`, type: 'float32', dims: ['rows', 2] }],
    tensors: [
      { name: 'table', dims: [weight.length, 2], data: table },
      { name: 'constant', dims: [2], data: constant },
      { name: 'one', dims: [1], data: BigInt64Array.of(1n) },
      { name: 'two', dims: [1], data: BigInt64Array.of(2n) },
    ],
    nodes: [
      node('Gather', ['table', `${side}_index`], 'rows-of-table'),
      node('Unsqueeze', [`${side}_value`, 'two'], 'values'),
      node('Mul', ['rows-of-table', 'values'], 'terms'),
      node('ReduceSum', ['terms', 'one'], 'sums', { keepdims: 0 }),
      node('Add', ['sums', 'constant'], `${side}_vector`),
    ],
  })
}
