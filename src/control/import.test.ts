/** `POST /api/v1/import`: order, batches, what a bad line costs, and what a dry run leaves. */
import { gzipSync } from 'node:zlib'
import { beforeEach, describe, expect, test } from 'vitest'
import { advertiserBody, bannerBody, campaignBody } from '../../test/support/bid-inputs.ts'
import { type Harness, newHarness } from '../../test/support/control-harness.ts'

let harness: Harness
beforeEach(async () => {
  harness = await newHarness()
})

const advertiser = { kind: 'advertiser', id: 'acme', value: advertiserBody }
const campaign = { kind: 'campaign', id: 'spring', value: campaignBody }

function banner(id: string, over: object = {}) {
  return { kind: 'creative', id, value: { ...bannerBody, ...over } }
}

function run(lines: readonly (object | string)[], query = '') {
  const text = lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line)))
  return send(text.join('\n'), query)
}

function send(body: string | Buffer, query = '', headers: Record<string, string> = {}) {
  const type = { 'content-type': 'application/x-ndjson' }
  return harness.call('POST', `/api/v1/import${query}`, { body, headers: { ...type, ...headers } })
}

async function ids(kind: string): Promise<string[]> {
  const { entities } = await harness.catalog.load([kind])
  return entities.map(({ id }) => id).sort()
}

test('lines may name what lines before them make; the answer counts', async () => {
  const rates = { kind: 'rates', value: { base: 'USD', asOf: '2023-11-14', rates: { EUR: 0.9 } } }
  const exchange = { kind: 'exchange', value: { id: 'x', live: true } }
  const answer = await run([rates, exchange, advertiser, '', campaign, banner('a'), banner('b')])
  expect(answer.status).toBe(200)
  expect(answer.body).toEqual({
    dryRun: false,
    lines: 7,
    written: 6,
    created: 6,
    updated: 0,
    unchanged: 0,
    deleted: 0,
    rejected: 0,
    batches: 1,
    firstErrors: [],
    firstWarnings: [],
  })
  expect(await ids('creative')).toEqual(['a', 'b'])
})

test('what is so already is not written again; a repeated id is a later batch', async () => {
  await run([advertiser, campaign, banner('a')])
  const revision = await harness.catalog.revision()
  expect((await run([advertiser, campaign, banner('a')])).body).toMatchObject({
    written: 0,
    unchanged: 3,
  })
  expect(await harness.catalog.revision()).toBe(revision)
  const twice = await run([banner('a', { name: '1' }), banner('a', { name: '2' })])
  expect(twice.body).toMatchObject({ updated: 2, batches: 2 })
  expect((await harness.call('GET', '/api/v1/creatives/a')).body['name']).toBe('2')
})

test('each batch is one revision with one audit entry', async () => {
  const lines = Array.from({ length: 2_500 }, (_, i) => banner(`c${i}`))
  const before = await harness.catalog.revision()
  const answer = await run([advertiser, campaign, ...lines])
  expect(answer.body).toMatchObject({ created: 2_502, batches: 3 })
  expect((await harness.catalog.revision()) - before).toBe(3)
  const { body } = await harness.call('GET', '/api/v1/audit?limit=10')
  expect(body['items']).toMatchObject([
    { action: 'import', keyId: 'marketer', detail: { count: 502 } },
    { detail: { count: 1_000 } },
    { detail: { count: 1_000 } },
  ])
})

describe('a bad line', () => {
  const lines = [advertiser, campaign, banner('a'), banner('b', { clickUrl: 'x' }), banner('c')]

  test('stops the import by default; what comes before it is written', async () => {
    const answer = await run(lines)
    expect(answer.status).toBe(400)
    expect(answer.body).toMatchObject({
      code: 'SLUICE_CONTROL_IMPORT_STOPPED',
      written: 3,
      rejected: 1,
      firstErrors: [{ line: 4, path: 'clickUrl' }],
    })
    expect(await ids('creative')).toEqual(['a'])
  })

  test('is skipped and told with onError=skip', async () => {
    const answer = await run(lines, '?onError=skip')
    expect(answer.status).toBe(200)
    expect(answer.body).toMatchObject({ written: 4, rejected: 1, firstErrors: [{ line: 4 }] })
    expect(await ids('creative')).toEqual(['a', 'c'])
  })

  test.each<[string, object | string, string]>([
    ['no JSON', '{"kind":', 'line'],
    ['an unknown kind', { kind: 'strategy', id: 'a', value: {} }, 'kind'],
    ['no id', { kind: 'campaign', value: campaignBody }, 'id'],
    ['two ids', { kind: 'campaign', id: 'a', value: { ...campaignBody, id: 'b' } }, 'id'],
    ['neither value nor delete', { kind: 'campaign', id: 'a' }, 'value'],
    ['both', { kind: 'campaign', id: 'a', value: campaignBody, delete: true }, 'value'],
    ['an unknown word', { ...campaign, note: 'x' }, 'note'],
    ['an unknown field', { ...campaign, value: { ...campaignBody, x: 1 } }, 'x'],
    [
      'a schema error',
      { ...campaign, value: { ...campaignBody, goal: { kind: 'cpm' } } },
      'goal.bidMicros',
    ],
    ['a missing reference', banner('a', { campaignId: 'none' }), 'campaignId'],
    ['a deletion of nothing', { kind: 'campaign', id: 'none', delete: true }, 'id'],
    ['a deletion of the rates', { kind: 'rates', delete: true }, 'delete'],
    ['a deletion under something', { kind: 'advertiser', id: 'acme', delete: true }, 'id'],
  ])('of %s is told by its path', async (_name, line, path) => {
    const answer = await run([advertiser, campaign, line], '?onError=skip')
    expect(answer.body).toMatchObject({ rejected: 1, firstErrors: [{ line: 3, path }] })
  })

  test('too long for an entity is told without being read', async () => {
    const long = `{"kind":"campaign","id":"${'a'.repeat(1024 * 1024)}"}`
    const answer = await run([long, advertiser], '?onError=skip')
    expect(answer.body).toMatchObject({
      written: 1,
      firstErrors: [{ line: 1, path: 'line', message: 'line too long' }],
    })
  })
})

test('deletions go in the order of the lines, children first', async () => {
  await run([advertiser, campaign, banner('a'), banner('b')])
  const gone = (kind: string, id: string) => ({ kind, id, delete: true })
  const early = await run([gone('creative', 'a'), gone('campaign', 'spring')])
  expect(early.body).toMatchObject({ deleted: 1, firstErrors: [{ line: 2, path: 'id' }] })
  const answer = await run([
    gone('creative', 'b'),
    gone('campaign', 'spring'),
    gone('advertiser', 'acme'),
  ])
  expect(answer.body).toMatchObject({ deleted: 3, rejected: 0 })
})

test.each(['', '&dryRun=true'])(
  'what hangs on what is followed through the lines of one batch %s',
  async (query) => {
    const autumn = { ...campaign, id: 'autumn' }
    await run([advertiser, campaign, autumn, { ...campaign, id: 'winter' }, banner('a')])
    const gone = (id: string) => ({ kind: 'campaign', id, delete: true })
    const moved = banner('a', { campaignId: 'autumn' })
    // The first deletion is what makes it look who hangs on whom.
    const lines = [gone('winter'), moved, gone('spring'), gone('autumn')]
    const answer = await run(lines, `?onError=skip${query}`)
    expect(answer.body).toMatchObject({
      updated: 1,
      deleted: 2,
      rejected: 1,
      batches: 1,
      firstErrors: [{ line: 4, path: 'id' }],
    })
  },
)

test('a dry run checks everything, also across batches, and writes nothing', async () => {
  const revision = await harness.catalog.revision()
  const many = Array.from({ length: 1_200 }, (_, i) => banner(`c${i}`))
  const answer = await run(
    [advertiser, campaign, ...many, banner('x', { campaignId: 'y' })],
    '?dryRun=true&onError=skip',
  )
  expect(answer.body).toMatchObject({ dryRun: true, created: 1_202, rejected: 1 })
  expect(await harness.catalog.revision()).toBe(revision)
})

describe('the body', () => {
  const text = [advertiser, campaign, banner('a')].map((one) => JSON.stringify(one)).join('\r\n')

  test('may be gzip, said or not', async () => {
    const said = await send(gzipSync(text), '', { 'content-encoding': 'gzip' })
    expect(said.body).toMatchObject({ created: 3 })
    expect((await send(gzipSync(text))).body).toMatchObject({ unchanged: 3 })
  })

  test('that is damaged gzip tells how far it came', async () => {
    const answer = await send(gzipSync(text).subarray(0, -12), '', { 'content-encoding': 'gzip' })
    expect(answer.status).toBe(400)
    expect(answer.body).toMatchObject({ code: 'SLUICE_CONTROL_BAD_GZIP', written: 0 })
  })

  test('may be empty', async () => {
    expect((await send('')).body).toMatchObject({ lines: 0, written: 0, batches: 0 })
  })
})

test('a store that stops answering is told with what was written before', async () => {
  const write = harness.catalog.write.bind(harness.catalog)
  let writes = 0
  harness.catalog.write = async (batch) => {
    writes++
    if (writes === 2) throw new Error('gone')
    return write(batch)
  }
  const lines = Array.from({ length: 1_500 }, (_, i) => banner(`c${i}`))
  const answer = await run([advertiser, campaign, ...lines])
  expect(answer.status).toBe(503)
  expect(answer.body).toMatchObject({ code: 'SLUICE_CONTROL_STORE_UNAVAILABLE', written: 1_000 })
})

test('a viewer may not import, not even for a try', async () => {
  const more = { body: '', role: 'viewer' as const }
  expect((await harness.call('POST', '/api/v1/import?dryRun=true', more)).status).toBe(403)
})
