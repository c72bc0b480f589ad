import { mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Elem, type OnnxModel } from '../../test/support/onnx-models.ts'
import {
  type SmallModel,
  sha256,
  smallRank,
  smallSplit,
  writeModel,
} from '../../test/support/small-models.ts'
import type { Manifest, ParityRow } from './manifest.ts'
import { openModel, openProvedModel } from './open-model.ts'
import { ScoringError } from './scoring-error.ts'

let models: string
beforeAll(async () => {
  models = await mkdtemp(join(tmpdir(), 'sluice-open-model-'))
})
afterAll(() => rm(models, { recursive: true, force: true }))

/** Opens a version that must be refused; answers the error's code and sentence. */
async function refusalOf(folder: string): Promise<string> {
  const model = await openModel(folder).catch((error: unknown) => error)
  if (!(model instanceof ScoringError)) throw new Error(`not refused: ${String(model)}`)
  return model.message
}

let count = 0
/** Writes a spoilt rank model and opens it. */
async function refusalAfter(spoil: (small: SmallModel) => void, base = smallRank): Promise<string> {
  const small = base(`spoilt-${count++}`)
  spoil(small)
  return refusalOf(await writeModel(models, small))
}

/** Writes a good model, spoils a file of it, and opens it. */
async function refusalOfFile(spoil: (folder: string) => Promise<void>): Promise<string> {
  const folder = await writeModel(models, smallRank(`file-${count++}`))
  await spoil(folder)
  return refusalOf(folder)
}

/** Changes the manifest's JSON on disk. */
async function changeManifest(folder: string, change: (manifest: Manifest) => object) {
  const path = join(folder, 'manifest.json')
  const manifest = JSON.parse(await readFile(path, 'utf8')) as Manifest
  await writeFile(path, JSON.stringify(change(manifest)))
}

function withInput(model: OnnxModel, name: string, change: object): OnnxModel {
  const inputs = model.inputs.map((input) =>
    input.name === name ? { ...input, ...change } : input,
  )
  return { ...model, inputs }
}

describe('a version that is as its manifest says', () => {
  test('opens, and is known by the hash of its manifest', async () => {
    const folder = await writeModel(models, smallRank('good'))
    const model = await openModel(folder)
    const manifest = await readFile(join(folder, 'manifest.json'))
    expect(model.key).toEqual({ name: 'fine', version: 'good', hash: sha256(manifest) })
    expect(model.runner.rank).not.toBeNull()
    model.release()
  })

  test('opens as a split model with both of its graphs', async () => {
    const model = await openModel(await writeModel(models, smallSplit('good')))
    expect(model.runner.ask).not.toBeNull()
    expect(model.runner.ad).not.toBeNull()
    model.release()
  })

  test('opens with golden vectors of whatever an exchange has sent', async () => {
    const small = smallRank('long')
    const contentCategories = Array.from({ length: 5_000 }, (_, n) => `IAB${n}`)
    const own = { tagId: 'x'.repeat(20_000), contentCategories }
    small.rows = small.rows.map((row, n) => (n > 0 ? row : { ...row, ask: { ...row.ask, ...own } }))
    const model = await openModel(await writeModel(models, small))
    model.release()
  })

  test.each([13, 17, 21])('opens at opset %i', async (opset) => {
    const small = smallRank(`opset-${opset}`)
    small.manifest = { ...small.manifest, opset }
    small.model = { ...small.model, opset }
    const model = await openModel(await writeModel(models, small))
    model.release()
  })
})

describe('files that are not what was sealed', () => {
  test('a truncated graph is called truncated', async () => {
    const message = await refusalOfFile(async (folder) => {
      const file = join(folder, 'model.onnx')
      await truncate(file, (await readFile(file)).length - 100)
    })
    expect(message).toMatch(
      /^SLUICE_SCORING_MODEL_TRUNCATED: model\.onnx \(\d+ bytes\) ends in the/,
    )
  })

  test('a truncated graph is refused even when the manifest has its hash', async () => {
    const message = await refusalOfFile(async (folder) => {
      const bytes = (await readFile(join(folder, 'model.onnx'))).subarray(0, 300)
      await writeFile(join(folder, 'model.onnx'), bytes)
      const own = { file: 'model.onnx', sha256: sha256(bytes) }
      await changeManifest(folder, (manifest) => ({ ...manifest, model: own }))
    })
    expect(message).toContain('SLUICE_SCORING_MODEL_TRUNCATED')
  })

  test('a graph of another training run is refused by its hash', async () => {
    const message = await refusalOfFile(async (folder) => {
      const file = join(folder, 'model.onnx')
      const bytes = await readFile(file)
      // The last byte of the first weight that is not zero: a whole file, another number.
      const at = bytes.indexOf(Buffer.from(new Float32Array([0.5]).buffer))
      bytes[at + 2] = (bytes[at + 2] ?? 0) ^ 1
      await writeFile(file, bytes)
    })
    expect(message).toMatch(/^SLUICE_SCORING_MODEL_HASH: model\.onnx .* the manifest names/)
  })

  test('changed golden vectors are refused by their hash', async () => {
    const message = await refusalOfFile(async (folder) => {
      await writeFile(join(folder, 'parity.jsonl'), '{}\n')
    })
    expect(message).toMatch(/^SLUICE_SCORING_MODEL_HASH: parity\.jsonl/)
  })

  test.each(['manifest.json', 'model.onnx', 'parity.jsonl'])(
    '%s that is not there',
    async (file) => {
      const message = await refusalOfFile((folder) => rm(join(folder, file)))
      expect(message).toMatch(
        new RegExp(`^SLUICE_SCORING_MODEL_FILE: ${file} cannot be read: ENOENT`),
      )
    },
  )

  test('a file beyond its limit is not read', async () => {
    const message = await refusalOfFile((folder) =>
      truncate(join(folder, 'manifest.json'), 65 * 1024 * 1024),
    )
    expect(message).toMatch(/^SLUICE_SCORING_MODEL_TOO_LARGE: manifest\.json has 68157440 bytes/)
  })

  test('a folder of another name is refused', async () => {
    const message = await refusalOfFile((folder) =>
      changeManifest(folder, (manifest) => ({ ...manifest, version: '7' })),
    )
    expect(message).toContain(
      'SLUICE_SCORING_MODEL_NAME: manifest.json is of fine/7, its folder is',
    )
  })
})

describe('manifests that are wrong', () => {
  test('broken JSON', async () => {
    const message = await refusalOfFile((folder) =>
      writeFile(join(folder, 'manifest.json'), '{"manifestVersion":1,'),
    )
    expect(message).toMatch(/^SLUICE_SCORING_MANIFEST: manifest\.json: no JSON: /)
  })

  test.each<[string, (manifest: Manifest) => object, string]>([
    ['a member too many', (m) => ({ ...m, more: 1 }), 'no member "more"'],
    ['a member missing', (m) => ({ ...m, kind: undefined }), 'expected a member "kind"'],
    ['another form', (m) => ({ ...m, manifestVersion: 2 }), 'manifest.json.manifestVersion'],
    ['an unknown kind', (m) => ({ ...m, kind: 'tree' }), 'one of "rank", "split", found "tree"'],
    ['a name that is a path', (m) => ({ ...m, name: '../x' }), 'manifest.json.name'],
    [
      'another file',
      (m) => ({ ...m, model: { ...m.model, file: '../../x' } }),
      'manifest.json.model.file: expected one of "model.onnx"',
    ],
    [
      'an unknown kind of feature',
      (m) => ({ ...m, features: [{ ...m.features[0], kind: 'image' }] }),
      'manifest.json.features[0]: expected a feature whose kind is one of',
    ],
    [
      'a word that is none',
      (m) => ({ ...m, features: [{ ...m.features[0], words: ['a', 1] }] }),
      'manifest.json.features[0].words[1]: expected a text, found 1',
    ],
    [
      'a scale of zero',
      (m) => ({ ...m, features: [{ ...m.features[3], scale: 0 }] }),
      'manifest.json.features[0].scale: expected a number above 0',
    ],
    [
      'a calibration that turns the order around',
      (m) => ({
        ...m,
        calibration: { fallback: { ctr: { kind: 'platt', slope: -1, shift: 0 } }, exchanges: {} },
      }),
      'manifest.json.calibration.fallback.ctr.slope: expected a slope above 0',
    ],
    [
      'an isotonic curve that falls',
      (m) => ({
        ...m,
        calibration: {
          fallback: {},
          exchanges: { x: { ctr: { kind: 'isotonic', from: [0, 0.5], to: [0.5, 0.1] } } },
        },
      }),
      'calibration.exchanges.x.ctr.to: expected probabilities, none below the one before',
    ],
    [
      'golden vectors that may differ by anything',
      (m) => ({ ...m, parity: { ...m.parity, maxDifference: 0.5 } }),
      'SLUICE_SCORING_MODEL_PARITY: manifest.json: parity.maxDifference is 0.5',
    ],
    [
      'more golden vectors than are run',
      (m) => ({ ...m, parity: { ...m.parity, rows: 2_049 } }),
      'a whole number from 1 to 2048',
    ],
    [
      'another number of golden vectors',
      (m) => ({ ...m, parity: { ...m.parity, rows: 69 } }),
      'parity.jsonl has 70 rows, the manifest names 69',
    ],
    [
      'another vocabulary',
      (m) => ({
        ...m,
        features: m.features.map((feature, i) =>
          i === 0 ? { ...feature, words: ['FR', 'DE'] } : feature,
        ),
      }),
      'SLUICE_SCORING_MODEL_VOCABULARY: manifest.json: features and words have hash',
    ],
    [
      'a source that no code reads',
      (m) => ({
        ...m,
        features: m.features.map((feature, i) =>
          i === 0 ? { ...feature, source: 'shoeSize' } : feature,
        ),
      }),
      'SLUICE_SCORING_FEATURE',
    ],
  ])('%s', async (_name, change, expected) => {
    const message = await refusalOfFile((folder) => changeManifest(folder, change))
    expect(message).toContain(expected)
  })

  test('an isotonic curve for a split model', async () => {
    const message = await refusalAfter((small) => {
      const ctr = { kind: 'isotonic', from: [0, 1], to: [0, 1] } as const
      small.manifest = { ...small.manifest, calibration: { fallback: { ctr }, exchanges: {} } }
    }, smallSplit)
    expect(message).toContain('fallback.ctr: expected "platt" or "none"')
  })
})

describe('graphs that do not fit the manifest', () => {
  test('another opset than the manifest says', async () => {
    const message = await refusalAfter((small) => {
      small.model = { ...small.model, opset: 18 }
    })
    expect(message).toContain(
      'SLUICE_SCORING_MODEL_OPSET: model.onnx is of opset 18; the manifest says 17',
    )
  })

  test('an opset that is not served', async () => {
    const message = await refusalAfter((small) => {
      small.model = { ...small.model, opset: 12 }
      small.manifest = { ...small.manifest, opset: 12 }
    })
    expect(message).toMatch(/opset 12; the manifest says 12, served are 13 to 21/)
  })

  test('an input of another width', async () => {
    const message = await refusalAfter((small) => {
      small.model = withInput(small.model, 'ad_index', { dims: ['B', 7] })
    })
    expect(message).toContain(
      'SLUICE_SCORING_MODEL_SHAPE: model.onnx: input ad_index must be [rows, 2] with rows free, ' +
        'it is [rows, 7]',
    )
  })

  test('an input of another type', async () => {
    const message = await refusalAfter((small) => {
      small.model = withInput(small.model, 'ask_index', { elem: Elem.Int64 })
    })
    expect(message).toContain('input ask_index must be int32, its element type is number 7')
  })

  test('a batch of fixed size', async () => {
    const message = await refusalAfter((small) => {
      small.model = withInput(small.model, 'ad_value', { dims: [64, 2] })
    })
    expect(message).toContain('ad_value must be [rows, 2] with rows free, it is [64, 2]')
  })

  test('an input that is missing', async () => {
    const message = await refusalAfter((small) => {
      const inputs = small.model.inputs.filter(({ name }) => name !== 'pair_value')
      small.model = { ...small.model, inputs }
    })
    expect(message).toMatch(
      /^SLUICE_SCORING_MODEL_INPUT: model\.onnx has no pair_value: inputs must/,
    )
  })

  test('an input that nobody fills', async () => {
    const message = await refusalAfter((small) => {
      const inputs = [...small.model.inputs, { name: 'mood', elem: Elem.Float, dims: ['B'] }]
      small.model = { ...small.model, inputs }
    })
    expect(message).toContain('model.onnx has an unknown input mood')
  })

  test('an output that is missing', async () => {
    const message = await refusalAfter((small) => {
      const outputs = small.model.outputs.filter(({ name }) => name !== 'cvr')
      small.model = { ...small.model, outputs }
    })
    expect(message).toContain('model.onnx has no cvr: outputs must be ctr, cvr, found ctr')
  })

  test('a graph that onnxruntime does not know', async () => {
    const message = await refusalAfter((small) => {
      const nodes = small.model.nodes.map((node) =>
        node.op === 'Sigmoid' ? { ...node, op: 'Astrology' } : node,
      )
      small.model = { ...small.model, nodes }
    })
    expect(message).toMatch(
      /^SLUICE_SCORING_MODEL_LOAD: onnxruntime does not load model\.onnx: .*Astro/,
    )
  })

  test('a graph that breaks when it runs', async () => {
    const message = await refusalAfter((small) => {
      // A table of no row has no slot 0 either.
      const weights = small.model.weights.map((weight) =>
        weight.name === 'table' ? { ...weight, dims: [0, 2], values: new Float32Array(0) } : weight,
      )
      small.model = { ...small.model, weights }
    })
    expect(message).toMatch(
      /^SLUICE_SCORING_MODEL_RUN: the graph does not run over rows of nothing/,
    )
  })

  test.each(['rank', 'split'] as const)(
    'a %s model whose table ends before the last slot, which golden vectors need not have',
    async (kind) => {
      const message = await refusalAfter(
        (small) => {
          for (const graph of [small.model, small.ad]) {
            const table = graph?.weights[0]
            if (table === undefined) continue
            const [slots = 0, width = 0] = table.dims
            Object.assign(table, {
              dims: [slots - 1, width],
              values: table.values.slice(0, (slots - 1) * width),
            })
            const touches = ({ askIndex, adIndex, pairIndex }: ParityRow) =>
              [...askIndex, ...adIndex, ...pairIndex].includes(slots - 1)
            const others = small.rows.filter((row) => !touches(row))
            if (others.length > 0) small.rows = others
          }
          const parity = { ...small.manifest.parity, rows: small.rows.length }
          small.manifest = { ...small.manifest, parity }
        },
        kind === 'rank' ? smallRank : smallSplit,
      )
      expect(message).toMatch(/^SLUICE_SCORING_MODEL_RUN: .* last slot/)
    },
  )

  test('a weight that is NaN, in a slot that no golden vector has', async () => {
    const message = await refusalAfter((small) => {
      const seen = new Set(small.rows.flatMap((row) => row.adIndex))
      const table = small.model.weights[0]!
      const unseen = Array.from({ length: table.dims[0]! }, (_, i) => i).findLast(
        (slot) => !seen.has(slot),
      )
      table.values[2 * unseen!] = Number.NaN as never
    })
    expect(message).toContain(
      'SLUICE_SCORING_MODEL_WEIGHT: model.onnx has NaN or infinite numbers in weight "table"',
    )
  })

  test('an answer that is no probability', async () => {
    const message = await refusalAfter((small) => {
      // Odds are given out instead of probabilities.
      const nodes = small.model.nodes.map((node) =>
        node.op === 'Sigmoid' ? { ...node, op: 'Exp' } : node,
      )
      small.model = { ...small.model, nodes }
    })
    expect(message).toMatch(
      /^SLUICE_SCORING_MODEL_ANSWER: the model answers 2\.\d+ for .* no probability$/,
    )
  })

  test('features of both sides in a split model', async () => {
    const message = await refusalAfter((small) => {
      small.manifest = { ...smallRank(small.manifest.version).manifest, ...splitParts(small) }
    }, smallSplit)
    expect(message).toContain('a split model cannot have features of both sides, found age, pair')
  })

  test('a part that reaches beyond the vector', async () => {
    const message = await refusalAfter((small) => {
      const vector = { width: 5, ctr: [0, 3], cvr: [3, 6] } as const
      small.manifest = { ...small.manifest, vector }
    }, smallSplit)
    expect(message).toContain('vector.cvr [3, 6) must lie within 5')
  })
})

function splitParts({ manifest }: SmallModel): Partial<Manifest> {
  const { name, kind, ad, vector } = manifest
  return { name, kind, ad, vector }
}

describe('golden vectors that differ', () => {
  const cases: [string, (row: SmallModel['rows'][number]) => object, string][] = [
    ['ctr', (row) => ({ ctr: row.ctr + 2e-6 }), 'line 70: ctr is'],
    ['cvr', (row) => ({ cvr: (row.cvr ?? 0) - 2e-6 }), 'line 70: cvr is'],
    ['no cvr', () => ({ cvr: null }), 'the model has cvr, the row not'],
    [
      'an ask slot',
      (row) => ({ askIndex: row.askIndex.map((slot) => slot + 1) }),
      'line 70: askIndex[0] is',
    ],
    [
      'an ad value',
      (row) => ({ adValue: row.adValue.map((value) => value + 2e-6) }),
      'line 70: adValue[0] is',
    ],
    ['a pair column', (row) => ({ pairIndex: row.pairIndex.slice(1) }), 'line 70: pairIndex has 1'],
    ['facts', (row) => ({ ask: { ...row.ask, country: 'US' } }), 'line 70: askIndex[0] is'],
  ]
  test.each(cases)('in %s', async (_name, change, expected) => {
    const message = await refusalAfter((small) => {
      small.rows[69] = { ...small.rows[69]!, ...change(small.rows[69]!) }
    })
    expect(message).toContain(`SLUICE_SCORING_MODEL_PARITY: parity.jsonl ${expected}`.slice(0, 40))
    expect(message).toContain(expected)
  })

  test('facts of another form are refused by their member', async () => {
    const message = await refusalAfter((small) => {
      const row = small.rows[3]!
      small.rows[3] = { ...row, ask: { ...row.ask, country: 7 as never } }
    })
    expect(message).toContain('parity.jsonl: line 4.ask.country: expected a text')
  })
})

test('a version that was proved is opened again by its key, and by no other files', async () => {
  const small = smallSplit('proved')
  const folder = await writeModel(models, small)
  const proved = await openModel(folder)
  const again = await openProvedModel(folder, proved.key)
  expect(again.key).toEqual(proved.key)
  const ask = new Int32Array(again.encoder.layout.askWidth).fill(1)
  const ones = new Float32Array(ask.length).fill(1)
  expect(again.runner.runAsk(ask, ones, 1)).toEqual(proved.runner.runAsk(ask, ones, 1))
  again.release()
  proved.release()
  await truncate(join(folder, 'ad.onnx'), 10)
  await expect(openProvedModel(folder, proved.key)).rejects.toThrow('ad.onnx')
  await expect(openProvedModel(folder, { ...proved.key, hash: 'x' })).rejects.toThrow('manifest')
})
