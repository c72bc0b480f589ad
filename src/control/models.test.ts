/** Models over the admin API: what is shown, who may activate, and that refusals change nothing. */
import { expect, test } from 'vitest'
import { newHarness } from '../../test/support/control-harness.ts'
import type { ModelListing } from '../scoring/model-desk.ts'
import { ScoringError } from '../scoring/scoring-error.ts'
import type { PresenceRecord } from '../store/ports.ts'
import { ModelMeter } from '../telemetry/model-meter.ts'

const listing: ModelListing = {
  name: 'fine',
  active: '2',
  versionCount: 3,
  versions: [
    { version: '1', problem: 'manifest.json: opset: a number', about: null, figures: null },
    {
      version: '2',
      problem: null,
      about: {
        kind: 'rank',
        targets: ['ctr', 'cvr'],
        trainedBy: 'dcn-v2',
        trainedOn: 'world 1',
        features: 30,
        calibratedFor: ['adx'],
      },
      figures: [{ target: 'ctr', auc: 0.7 }],
    },
  ],
}

/** A folder with the versions of `fine` that can serve. */
function folder(good: readonly string[]) {
  const activated: string[] = []
  return {
    activated,
    port: {
      list: async () => [listing],
      has: async (name: string, version: string) => name === 'fine' && Number(version) <= 3,
      activate: async (_name: string, version: string) => {
        if (!good.includes(version)) {
          throw new ScoringError('SLUICE_SCORING_MODEL_HASH', 'model.onnx was changed')
        }
        activated.push(version)
        return '2'
      },
    },
  }
}

test('models are shown with their versions, figures, and where they decide', async () => {
  const { call, presence } = await newHarness({ models: folder([]).port })
  const meter = new ModelMeter()
  meter.serve(new Map([['fine', '2']]), new Set(['fine', 'coarse']))
  const record = { id: 'd', role: 'decide', host: 'a', index: 3, metrics: meter.snapshot(3) }
  presence.records = [record as unknown as PresenceRecord]
  const { status, body } = await call('GET', '/api/v1/models', { role: 'viewer' })
  expect(status).toBe(200)
  expect(body).toEqual({
    items: [{ ...listing, processes: [{ host: 'a', worker: 3, version: '2' }] }],
  })
})

test('a store that is down costs the processes of the list only', async () => {
  const { call, presence } = await newHarness({ models: folder([]).port })
  presence.failure = new Error('away')
  const { status, body } = await call('GET', '/api/v1/models', { role: 'viewer' })
  expect(status).toBe(200)
  expect(body['items']).toMatchObject([{ name: 'fine', processes: [] }])
})

test('a version that can serve is activated, and the audit log says by whom', async () => {
  const { activated, port } = folder(['3'])
  const { call } = await newHarness({ models: port })
  const answer = await call('POST', '/api/v1/models/fine/activate', {
    role: 'admin',
    body: { version: '3' },
  })
  expect(answer.body).toEqual({ name: 'fine', version: '3', before: '2' })
  expect(activated).toEqual(['3'])
  const { body } = await call('GET', '/api/v1/audit?kind=model', { role: 'viewer' })
  expect(body['items']).toMatchObject([
    { keyId: 'admin', action: 'activate', id: 'fine', detail: { version: '3', before: '2' } },
  ])
})

test('a version that cannot serve is refused with the reason of the loader', async () => {
  const { activated, port } = folder([])
  const { call } = await newHarness({ models: port })
  const answer = await call('POST', '/api/v1/models/fine/activate', {
    role: 'admin',
    body: { version: '3' },
  })
  expect(answer.status).toBe(409)
  expect(answer.body['code']).toBe('SLUICE_SCORING_MODEL_HASH')
  expect(activated).toEqual([])
  const { body } = await call('GET', '/api/v1/audit?kind=model', { role: 'viewer' })
  expect(body['items']).toEqual([])
})

test.each([
  ['/api/v1/models/fine/activate', '4', 404],
  ['/api/v1/models/coarse/activate', '1', 404],
  ['/api/v1/models/fine/activate', '../1', 400],
  ['/api/v1/models/..%2Ffine/activate', '1', 400],
])('%s of version %s is answered with %d', async (url, version, status) => {
  const { activated, port } = folder(['3'])
  const { call } = await newHarness({ models: port })
  const answer = await call('POST', url, { role: 'admin', body: { version } })
  expect(answer.status).toBe(status)
  expect(activated).toEqual([])
})

test('a marketer may look and not activate', async () => {
  const { call } = await newHarness({ models: folder(['3']).port })
  expect((await call('GET', '/api/v1/models')).status).toBe(200)
  const body = { version: '3' }
  expect((await call('POST', '/api/v1/models/fine/activate', { body })).status).toBe(403)
})
