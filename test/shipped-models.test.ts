/** The models in the tree: each can serve, and answers as its trainer did, to 1e-6 on every row. */
import { readdirSync, readFileSync } from 'node:fs'
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { shippedModels } from '../src/cli/shipped-models.ts'
import type { Manifest, ParityRow } from '../src/scoring/manifest.ts'
import { activeVersion } from '../src/scoring/model-folder.ts'
import { type OpenedModel, openModel } from '../src/scoring/open-model.ts'
import { splitProbability } from '../src/scoring/split-score.ts'

const models = fileURLToPath(new URL('../models', import.meta.url))

/** The bar of issue 4: served = trained. */
const differenceMax = 1e-6

/** `<name>/<version>` of every manifest below `models/`. */
const versions = readdirSync(models, { recursive: true, encoding: 'utf8' })
  .filter((file) => path.basename(file) === 'manifest.json')
  .map((file) => path.dirname(file))
  .sort()

let room: string
beforeAll(async () => {
  room = await mkdtemp(path.join(tmpdir(), 'sluice-shipped-'))
})
afterAll(() => rm(room, { recursive: true, force: true }))

/** The largest difference between what a row was answered by the trainer and is answered here. */
function differenceOf(model: OpenedModel, rows: readonly ParityRow[]): number {
  let most = 0
  for (const row of rows) {
    const { ctr, cvr } = answerOf(model, row)
    most = Math.max(most, Math.abs(ctr - row.ctr))
    if (row.cvr !== null) most = Math.max(most, Math.abs((cvr ?? Number.NaN) - row.cvr))
  }
  return most
}

/** One row alone, encoded from its raw facts by the code that serves. */
function answerOf({ encoder, runner, manifest }: OpenedModel, row: ParityRow) {
  const { askWidth, adWidth, pairWidth, momentWidth } = encoder.layout
  const rows = {
    ...{ asks: 1, rows: 1, askOf: new Int32Array(1), atMs: row.atMs },
    ...{ askIndex: new Int32Array(askWidth), askValue: new Float32Array(askWidth) },
    ...{ adIndex: new Int32Array(adWidth), adValue: new Float32Array(adWidth) },
    ...{ pairIndex: new Int32Array(pairWidth), pairValue: new Float32Array(pairWidth) },
    ...{ moments: new Float64Array(momentWidth), askFrom: 0, adFrom: 0, momentsFrom: 0 },
  }
  encoder.ask(row.ask, row.atMs, rows.askIndex, rows.askValue, 0)
  encoder.ad(row.ad, rows.adIndex, rows.adValue, 0)
  encoder.moments(row.ad, rows.moments, 0)
  encoder.pair(rows, { index: rows.pairIndex, value: rows.pairValue, from: 0 })
  if (manifest.vector === null) {
    const { ctr, cvr } = runner.runRank(rows)
    return { ctr: ctr[0]!, cvr: cvr?.[0] ?? null }
  }
  const ask = runner.runAsk(rows.askIndex, rows.askValue, 1)
  const ad = runner.runAd(rows.adIndex, rows.adValue, 1)
  const rate = (part: readonly [number, number]): number =>
    splitProbability({ ask, askFrom: 0, ad, adFrom: 0 }, part)
  const { ctr, cvr } = manifest.vector
  return { ctr: rate(ctr), cvr: cvr === null ? null : rate(cvr) }
}

function rowsOf(folder: string): ParityRow[] {
  const lines = readFileSync(path.join(folder, 'parity.jsonl'), 'utf8').trimEnd().split('\n')
  return lines.map((line) => JSON.parse(line) as ParityRow)
}

test('models ship', () => {
  expect(versions).not.toEqual([])
})

describe.each(versions)('models/%s', (version) => {
  const folder = path.join(models, version)

  test('can serve, and answers every golden vector as its trainer did', async () => {
    const model = await openModel(folder)
    const rows = rowsOf(folder)
    expect(model.manifest.parity.maxDifference).toBeLessThanOrEqual(differenceMax)
    expect(rows.length).toBeGreaterThanOrEqual(64)
    expect(differenceOf(model, rows)).toBeLessThanOrEqual(differenceMax)
    model.release()
  })

  test('is refused when one answer of its trainer was another', async () => {
    const copy = path.join(room, version)
    await cp(folder, copy, { recursive: true })
    const rows = rowsOf(copy)
    rows[0] = { ...rows[0]!, ctr: rows[0]!.ctr + 5 * differenceMax }
    const text = rows.map((row) => `${JSON.stringify(row)}\n`).join('')
    await writeFile(path.join(copy, 'parity.jsonl'), text)
    await expect(openModel(copy)).rejects.toThrow(/SLUICE_SCORING_MODEL_(HASH|PARITY)/)
  })
})

test.each([
  [shippedModels.coarse, 'split'],
  [shippedModels.fine, 'rank'],
])('the demo finds %s, of kind %s, with click and conversion', async (name, kind) => {
  const version = await activeVersion(models, name)
  expect(versions).toContain(`${name}/${version}`)
  const text = readFileSync(path.join(models, name, version ?? '', 'manifest.json'), 'utf8')
  expect(JSON.parse(text) as Manifest).toMatchObject({ name, kind, targets: ['ctr', 'cvr'] })
})
