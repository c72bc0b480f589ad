/** `sluice models` says what lies there and changes nothing when a version cannot serve. */
import { expect, test } from 'vitest'
import type { ModelListing } from '../scoring/model-desk.ts'
import { ScoringError } from '../scoring/scoring-error.ts'
import { runModelsActivate, runModelsCheck, runModelsList } from './models.ts'

const about = {
  kind: 'rank',
  targets: ['ctr', 'cvr'],
  trainedBy: 'dcn-v2',
  trainedOn: 'world 1',
  features: 3,
  calibratedFor: [],
} as const

const fine: ModelListing = {
  name: 'fine',
  active: '2',
  versionCount: 2,
  versions: [
    { version: '1', problem: 'manifest.json: no JSON', about: null, figures: null },
    { version: '2', problem: null, about, figures: null },
  ],
}

async function output(run: (write: (text: string) => void) => Promise<number>) {
  let text = ''
  const code = await run((part) => {
    text += part
  })
  return { code, text }
}

test('every version is listed, the active one marked', async () => {
  const coarse = { name: 'coarse', active: null, versions: [], versionCount: 3 }
  const lost = { ...fine, name: 'lost', active: '9' }
  const desk = { list: async () => [fine, coarse, lost] }
  expect((await output((write) => runModelsList(desk, {}, write))).text).toBe(
    [
      'fine',
      '    1  manifest.json: no JSON',
      '  * 2  rank, ctr + cvr, by dcn-v2 on world 1',
      'coarse: no version is active',
      '    and 3 more',
      'lost: 9 is active and is not there',
      '    1  manifest.json: no JSON',
      '    2  rank, ctr + cvr, by dcn-v2 on world 1',
      '',
    ].join('\n'),
  )
  const { text } = await output((write) => runModelsList(desk, { json: true }, write))
  expect(JSON.parse(text)).toHaveLength(3)
})

test('an empty folder is said to be one', async () => {
  const { code, text } = await output((write) => runModelsList({ list: async () => [] }, {}, write))
  expect([code, text]).toEqual([0, 'no model in this folder\n'])
})

test('a check tells good from bad by its exit code, with the reason', async () => {
  const refusal = new ScoringError('SLUICE_SCORING_MODEL_HASH', 'model.onnx was changed')
  const bad = { check: () => Promise.reject(refusal) }
  const good = { check: async () => undefined }
  expect(await output((write) => runModelsCheck(good, 'fine/2', write))).toEqual({
    code: 0,
    text: 'fine/2 can serve\n',
  })
  expect(await output((write) => runModelsCheck(bad, 'fine/2', write))).toEqual({
    code: 1,
    text: 'fine/2 cannot serve\nSLUICE_SCORING_MODEL_HASH: model.onnx was changed\n',
  })
})

test('an activation says what was before, or that nothing was changed', async () => {
  const refusal = new ScoringError('SLUICE_SCORING_MODEL_HASH', 'model.onnx was changed')
  const bad = { activate: () => Promise.reject(refusal) }
  const good = { activate: async () => '1' }
  const first = { activate: async () => null }
  expect((await output((write) => runModelsActivate(good, 'fine/2', write))).text).toBe(
    'fine/2 is active, before it 1 was\n',
  )
  expect((await output((write) => runModelsActivate(first, 'fine/2', write))).text).toBe(
    'fine/2 is active\n',
  )
  const refused = await output((write) => runModelsActivate(bad, 'fine/2', write))
  expect(refused.code).toBe(1)
  expect(refused.text).toContain('nothing was changed')
})

test.each(['fine', 'fine/', 'fine/1/2', '/1'])('%s names no version', async (path) => {
  const desk = { check: async () => undefined }
  await expect(runModelsCheck(desk, path, () => undefined)).rejects.toThrow('<model>/<version>')
})
