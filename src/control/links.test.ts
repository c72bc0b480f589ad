/** `/api/v1/links`: what a marketer pastes, and what he is told before. */
import { beforeEach, expect, test } from 'vitest'
import { bannerBody, pathsOf, putCampaign } from '../../test/support/bid-inputs.ts'
import { type Harness, newHarness } from '../../test/support/control-harness.ts'

let harness: Harness
beforeEach(async () => {
  harness = await newHarness()
  await putCampaign(harness)
  await harness.call('PUT', '/api/v1/creatives/b1', { body: bannerBody })
  const strategy = { medium: 'tencent', targetId: 'win-back' }
  await harness.call('PUT', '/api/v1/strategies/s1', { body: strategy })
})

function get(query: string, role: 'viewer' | null = 'viewer') {
  return harness.call('GET', `/api/v1/links?${query}`, { role })
}

test('a viewer gets the links of a campaign, with what each macro means', async () => {
  const answer = await get('campaign=spring&medium=tencent&creative=b1&strategy=s1')
  expect(answer.status).toBe(200)
  const { links, macros, notes } = answer.body as {
    links: Record<string, string>
    macros: object[]
    notes: string[]
  }
  const head =
    /^https:\/\/ads\.example\.com\/m\/tencent\/click\?aid=acme&cid=spring&crid=b1&sid=s1&s=/
  expect(links['click']).toMatch(head)
  expect(links['imp']).toContain('/m/tencent/imp?')
  expect(links['conv']).toContain('/m/tencent/conv?')
  expect(macros).toContainEqual({ name: 'om', macro: '__HASH_OAID__', meaning: 'oaid_md5' })
  expect(notes.join(' ')).toContain('must not contain a "#"')
})

test('creative and strategy may be left out', async () => {
  const answer = await get('campaign=spring&medium=zhihu')
  const { links } = answer.body as { links: Record<string, string> }
  expect(links['click']).toMatch(/\?aid=acme&cid=spring&s=[0-9a-f]{2}[\w-]{16}&rq=__SESSIONID__/)
})

test('an unknown medium is answered with the list of those there are', async () => {
  const answer = await get('campaign=spring&medium=myspace')
  expect(answer.status).toBe(400)
  expect(pathsOf(answer)).toEqual(['query.medium'])
  expect(answer.text).toContain('baidu, bilibili, huawei, kuaishou, oceanengine, oppo, tencent')
})

test.each([
  ['campaign=winter&medium=tencent', "there is no campaign 'winter'"],
  ['campaign=spring&medium=tencent&creative=b9', "there is no creative 'b9'"],
  ['campaign=spring&medium=tencent&strategy=s9', "there is no strategy 's9'"],
])('%s is not found', async (query, message) => {
  const answer = await get(query)
  expect(answer.status).toBe(404)
  expect(answer.text).toContain(message)
})

test.each([
  ['medium=tencent', ['query.campaign']],
  ['campaign=a%2Fb&medium=tencent', ['query.campaign']],
  ['campaign=spring', ['query.medium']],
  ['campaign=spring&medium=tencent&extra=1', ['query.extra']],
  ['campaign=spring&medium=baidu&strategy=s1', ['query.strategy']],
])('%s is refused by its path', async (query, paths) => {
  const answer = await get(query)
  expect(answer.status).toBe(400)
  expect(pathsOf(answer)).toEqual(paths)
})

test('a creative of another campaign is refused', async () => {
  const campaign = { advertiserId: 'acme', goal: { kind: 'cpm', bidCpm: '1' } }
  await harness.call('PUT', '/api/v1/campaigns/summer', { body: campaign })
  const answer = await get('campaign=summer&medium=tencent&creative=b1')
  expect(answer.status).toBe(400)
  expect(pathsOf(answer)).toEqual(['query.creative'])
})

test('without a key there is nothing', async () => {
  expect((await get('campaign=spring&medium=tencent', null)).status).toBe(401)
})
