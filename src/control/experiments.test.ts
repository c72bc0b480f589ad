/** `/api/v1/experiments`: buckets that fit, names that exist, versions. */
import { beforeEach, expect, test } from 'vitest'
import { type Harness, newHarness } from '../../test/support/control-harness.ts'
import { EntityReader } from '../catalog/entities.ts'

const url = '/api/v1/experiments'
const half = {
  arms: [
    { id: 'a', share: 2_500 },
    { id: 'b', share: 2_500, holdout: true },
  ],
}

let harness: Harness
beforeEach(async () => {
  harness = await newHarness()
})

function put(id: string, body: object, headers: Record<string, string> = {}) {
  return harness.call('PUT', `${url}/${id}`, { body, headers })
}

test('a write fills in every default, so that the catalog reads the stored form whole', async () => {
  const answer = await put('e', half)
  expect([answer.status, answer.headers['etag']]).toEqual([201, '"7"'])
  expect(answer.body['experiment']).toMatchObject({
    id: 'e',
    layer: 'default',
    firstBucket: 0,
    enabled: true,
    arms: [{ holdout: false, bid: null, tag: null, cacheAcceptSeconds: null }, { holdout: true }],
  })
  const { entities } = await harness.catalog.load()
  const read = new EntityReader().read(entities.filter((one) => one.kind === 'experiment'))
  expect(read.map((one) => one.kind)).toEqual(['experiment'])
  const got = await harness.call('GET', `${url}/e`)
  expect((await put('e', got.body)).body['experiment']).toEqual(got.body)
  const list = await harness.call('GET', url)
  expect(list.body['items']).toEqual([{ version: 8, experiment: got.body }])
})

test.each<[string, object, string[]]>([
  ['no arms', { arms: [] }, ['arms']],
  ['an unknown field', { ...half, salt: 'x' }, ['salt']],
  [
    'shares above all buckets',
    {
      arms: [
        { id: 'a', share: 9_000 },
        { id: 'b', share: 1_001 },
      ],
    },
    ['arms'],
  ],
  ['a last bucket above the layer', { ...half, firstBucket: 5_001 }, ['firstBucket']],
  [
    'two arms of one name',
    {
      arms: [
        { id: 'a', share: 1 },
        { id: 'a', share: 1 },
      ],
    },
    ['arms[1].id'],
  ],
  ['an unknown medium', { ...half, media: ['tencent', 'no'] }, ['media[1]']],
  ['an unknown strategy', { ...half, strategies: ['no'] }, ['strategies[0]']],
  [
    'a scored pack that is not there',
    {
      arms: [{ id: 'a', share: 1, bid: { kind: 'factorByScore', packId: 'no', low: 1, high: 2 } }],
    },
    ['arms[0].bid.packId'],
  ],
  [
    'a cache time its medium cannot say',
    { media: ['tencent'], arms: [{ id: 'a', share: 1, cacheAcceptSeconds: 1 }] },
    ['arms[0].cacheAcceptSeconds'],
  ],
  ['a negative share', { arms: [{ id: 'a', share: -1 }] }, ['arms[0].share']],
])('a write with %s is refused with the path', async (_name, body, paths) => {
  const answer = await put('e', body)
  expect([answer.status, answer.body['code']]).toEqual([400, 'SLUICE_CONTROL_INVALID'])
  expect((answer.body['errors'] as { path: string }[]).map((error) => error.path)).toEqual(paths)
})

test('buckets of a layer belong to one enabled experiment', async () => {
  await put('first', half)
  const overlap = await put('second', { ...half, firstBucket: 4_999 })
  expect([overlap.status, overlap.body['code']]).toEqual([409, 'SLUICE_CONTROL_BUCKETS_TAKEN'])
  expect(overlap.body['message']).toContain("'first' holds buckets 0 to 4999")
  expect((await put('second', { ...half, firstBucket: 5_000 })).status).toBe(201)
  expect((await put('third', { ...half, layer: 'other' })).status).toBe(201)
  expect((await put('fourth', { ...half, enabled: false })).status).toBe(201)
  expect((await put('fourth', half)).status).toBe(409)
  expect((await put('first', half)).status).toBe(200)
})

test('an arm over every medium is told which medium will change it', async () => {
  const arms = [{ id: 'a', share: 1, bid: { kind: 'factor', factor: 50 }, cacheAcceptSeconds: 60 }]
  const answer = await put('e', { arms })
  expect(answer.status).toBe(201)
  const warnings = answer.body['warnings'] as { path: string; message: string }[]
  expect(warnings.map(({ path, message }) => `${path} ${message.split(' ')[0]}`)).toEqual([
    'arms[0].bid.factor tencent',
    'arms[0].cacheAcceptSeconds tencent',
    'arms[0].bid.factor oceanengine',
    'arms[0].cacheAcceptSeconds oceanengine',
    'arms[0].cacheAcceptSeconds the',
  ])
})

test('If-Match, POST and DELETE behave as for strategies', async () => {
  const made = await harness.call('POST', url, { body: { id: 'e', ...half } })
  expect([made.status, made.headers['location']]).toEqual([201, `${url}/e`])
  expect((await harness.call('POST', url, { body: { id: 'e', ...half } })).status).toBe(409)
  expect((await harness.call('POST', url, { body: half })).status).toBe(400)
  expect((await put('e', half, { 'if-match': '"8"' })).status).toBe(412)
  const stale = { headers: { 'if-match': '"8"' } }
  expect((await harness.call('DELETE', `${url}/e`, stale)).status).toBe(412)
  expect((await harness.call('DELETE', `${url}/e`)).status).toBe(204)
  expect((await harness.call('GET', `${url}/e`)).status).toBe(404)
})
