/** `/api/v1/advertisers`, and with it what all resources of the bid catalog do alike. */
import { beforeEach, describe, expect, test } from 'vitest'
import { advertiserBody, pathsOf, putCampaign } from '../../test/support/bid-inputs.ts'
import { type Harness, newHarness } from '../../test/support/control-harness.ts'
import { parseAdvertiser } from '../catalog/bid-entities.ts'

const url = '/api/v1/advertisers'

let harness: Harness
beforeEach(async () => {
  harness = await newHarness()
})

function put(over: object = {}, headers: Record<string, string> = {}) {
  return harness.call('PUT', `${url}/acme`, { body: { ...advertiserBody, ...over }, headers })
}

test('a write fills in defaults, and the compiler reads the stored form', async () => {
  const answer = await put({ domains: [' WWW.Shop.Example '], categories: [{ ids: ['IAB3-1'] }] })
  expect(answer.status).toBe(201)
  expect(answer.body['advertiser']).toEqual({
    id: 'acme',
    name: '',
    enabled: true,
    currency: 'USD',
    domains: ['shop.example'],
    categories: [{ taxonomy: 1, ids: ['IAB3-1'] }],
    seat: '',
    caps: [],
  })
  const { entities } = await harness.catalog.load(['advertiser'])
  expect(parseAdvertiser(entities[0]!.json, 'acme')).toEqual(answer.body['advertiser'])
})

test('what GET shows can be PUT back and stays the same', async () => {
  await put({ name: '店', seat: 's', categories: [{ taxonomy: 7, ids: ['210'] }] })
  const got = await harness.call('GET', `${url}/acme`, { role: 'viewer' })
  const again = await harness.call('PUT', `${url}/acme`, { body: got.body })
  expect(again.status).toBe(200)
  expect(again.body['advertiser']).toEqual(got.body)
})

test.each<[string, object, string[]]>([
  ['an unknown field', { surprise: 1 }, ['surprise']],
  ['no domain', { domains: [] }, ['domains']],
  ['a URL as domain', { domains: ['https://shop.example/'] }, ['domains[0]']],
  ['a currency in small letters', { currency: 'usd' }, ['currency']],
  ['another id than the path', { id: 'other' }, ['id']],
  ['two sets of one taxonomy', { categories: [{ ids: ['a'] }, { ids: ['b'] }] }, ['categories']],
  ['an unknown field inside', { categories: [{ ids: ['a'], x: 1 }] }, ['categories[0].x']],
])('%s is refused by its path', async (_name, over, paths) => {
  const answer = await put(over)
  expect(answer.status).toBe(400)
  expect(pathsOf(answer)).toEqual(paths)
})

test('a currency without a rate, and an id of another taxonomy, are warned of', async () => {
  expect(pathsOf(await put({ currency: 'EUR' }), 'warnings')).toEqual([])
  await harness.call('PUT', `${url}/other`, { body: advertiserBody })
  const answer = await put({ currency: 'EUR', categories: [{ ids: ['210'] }] })
  expect(pathsOf(answer, 'warnings')).toEqual(['categories[0].ids[0]', 'currency'])
  const rates = { base: 'USD', asOf: '2023-11-14', rates: { EUR: 0.9 } }
  await harness.call('PUT', '/api/v1/rates', { body: rates })
  expect(pathsOf(await put({ currency: 'EUR' }), 'warnings')).toEqual([])
})

describe('what all resources have in common', () => {
  test('POST makes, with the id in the body, and only what is not there yet', async () => {
    expect(pathsOf(await harness.call('POST', url, { body: advertiserBody }))).toEqual(['id'])
    const body = { id: 'acme', ...advertiserBody }
    const made = await harness.call('POST', url, { body })
    expect([made.status, made.headers['location']]).toEqual([201, `${url}/acme`])
    expect((await harness.call('POST', url, { body })).body['code']).toBe('SLUICE_CONTROL_EXISTS')
  })

  test('If-Match of another version changes nothing', async () => {
    const first = await put()
    await put({ name: 'b' })
    const stale = { 'if-match': String(first.headers['etag']) }
    expect((await put({ name: 'c' }, stale)).status).toBe(412)
    const deleted = await harness.call('DELETE', `${url}/acme`, { headers: stale })
    expect(deleted.status).toBe(412)
    expect((await harness.call('GET', `${url}/acme`)).body['name']).toBe('b')
  })

  test('a viewer reads and may not write', async () => {
    await put()
    expect((await harness.call('GET', url, { role: 'viewer' })).status).toBe(200)
    const body = advertiserBody
    const refused = await harness.call('PUT', `${url}/b`, { body, role: 'viewer' })
    expect(refused.status).toBe(403)
    expect((await harness.call('DELETE', `${url}/acme`, { role: 'viewer' })).status).toBe(403)
  })

  test('a list comes in pages by id', async () => {
    for (const id of ['c', 'a', 'b']) {
      await harness.call('PUT', `${url}/${id}`, { body: advertiserBody })
    }
    const first = await harness.call('GET', `${url}?limit=2`)
    const ids = (first.body['items'] as { advertiser: { id: string } }[]).map(
      ({ advertiser }) => advertiser.id,
    )
    expect([ids, first.body['next']]).toEqual([['a', 'b'], 'b'])
    const second = await harness.call('GET', `${url}?limit=2&after=b`)
    expect([second.body['items'], second.body['next']]).toMatchObject([[{}], null])
  })

  test('a deletion is refused while campaigns hang on it, and names them', async () => {
    await putCampaign(harness)
    const refused = await harness.call('DELETE', `${url}/acme`)
    expect(refused.status).toBe(409)
    expect(refused.body).toMatchObject({
      code: 'SLUICE_CONTROL_IN_USE',
      dependents: { kind: 'campaign', count: 1 },
    })
    expect(refused.body['message']).toContain('spring')
    await harness.call('DELETE', '/api/v1/campaigns/spring')
    expect((await harness.call('DELETE', `${url}/acme`)).status).toBe(204)
    expect((await harness.call('DELETE', `${url}/acme`)).status).toBe(404)
  })

  test('a campaign that only says in a text whose it is does not hang on that one', async () => {
    await putCampaign(harness, { name: '"advertiserId":"other"' })
    await harness.call('PUT', `${url}/other`, { body: advertiserBody })
    expect((await harness.call('DELETE', `${url}/other`)).status).toBe(204)
  })

  test('the audit log says who did what', async () => {
    await put()
    await put({ name: 'b' })
    const { body } = await harness.call('GET', '/api/v1/audit?kind=advertiser')
    const entries = body['items'] as { action: string; keyId: string; changed: string[] }[]
    expect(entries.map(({ action }) => action)).toEqual(['update', 'create'])
    expect(entries[0]).toMatchObject({ keyId: 'marketer', changed: ['name'] })
  })
})
