import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openModel } from '../scoring/open-model.ts'
import { lrDefaults } from '../training/lr-defaults.ts'
import type { Report } from '../training/report.ts'
import { smallWorld } from '../world/test-worlds.ts'
import { writeWorld } from '../world/write-world.ts'
import { runTrain, type TrainOptions } from './train.ts'

let room: string
let log: { log: string; events: string; catalog: string }

beforeAll(async () => {
  room = await mkdtemp(join(tmpdir(), 'sluice-train-test-'))
  await writeWorld({ ...smallWorld, rows: 40_000, requests: 0, negatives: 0.03 }, room)
  const file = (name: string) => join(room, name)
  log = {
    log: file('log.ndjson.gz'),
    events: file('events.ndjson.gz'),
    catalog: file('catalog.ndjson'),
  }
})

afterAll(() => rm(room, { recursive: true }))

async function train(options: Partial<TrainOptions>): Promise<{ code: number; text: string }> {
  let text = ''
  const settings = { ...lrDefaults, epochsMax: 2, target: 'ctr', out: join(room, 'models/lr/1') }
  const code = await runTrain({ ...settings, ...options }, (more) => {
    text += more
  })
  return { code, text }
}

describe('sluice train', () => {
  test('makes a version that opens out of a log, its events and the catalog', async () => {
    const out = join(room, 'models/from-log/2')
    const { code, text } = await train({ ...log, out })
    expect(text).toMatch(/ctr pass 1: \d+ rows, \d+ positives, progressive log loss 0\.\d+/)
    expect(text).toMatch(/ctr: \d+ rows, \d+ positives, AUC 0\.\d+ \[/)
    expect(code).toBe(0)
    const model = await openModel(out)
    expect(model.key).toMatchObject({ name: 'from-log', version: '2' })
    model.release()
    const report = JSON.parse(await readFile(join(out, 'report.json'), 'utf8')) as Report
    expect(report.targets.map(({ target }) => target)).toEqual(['ctr'])
    // Without truth.bin there is nothing but what happened.
    expect(report.targets[0]!.truth).toBeNull()

    const again = await train({ ...log, out })
    expect(again).toEqual({ code: 1, text: expect.stringContaining('already holds a sealed') })
  })

  test.each<[string, Partial<TrainOptions>, RegExp]>([
    ['neither a set nor a log', {}, /either --dataset, or --log and --events/],
    ['a log without events', { log: 'a' }, /either --dataset, or --log and --events/],
    ['both', { log: 'a', events: 'b', dataset: 'c' }, /either --dataset, or --log and --events/],
    ['a target that is none', { dataset: 'a', target: 'cvr' }, /--target is ctr or ctr,cvr/],
    ['a rate that is no number', { dataset: 'a', alpha: Number.NaN }, /--alpha is above 0/],
    ['a version no folder may have', { dataset: 'a', out: 'models/LR/One' }, /lower case/],
  ])('%s is said before anything is read', async (_, options, sentence) => {
    const { code, text } = await train(options)
    expect(code).toBe(1)
    expect(text).toMatch(sentence)
  })

  test('a folder that is no set is refused by its code', async () => {
    await expect(train({ dataset: room })).rejects.toThrow(/SLUICE_TRAINING_DATASET/)
  })

  test('a slice with hardly any conversions is refused, and says what would do', async () => {
    await expect(
      train({ ...log, target: 'ctr,cvr', out: join(room, 'models/lr/3') }),
    ).rejects.toThrow(/SLUICE_TRAINING_LABELS.*for cvr/)
  })
})
