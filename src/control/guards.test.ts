/** Frequency caps and rules on converts through the admin API. */
import { beforeEach, expect, test } from 'vitest'
import {
  advertiserBody,
  bannerBody,
  campaignBody,
  pathsOf,
  putCampaign,
} from '../../test/support/bid-inputs.ts'
import { type Harness, newHarness } from '../../test/support/control-harness.ts'

let harness: Harness

beforeEach(async () => {
  harness = await newHarness()
  await putCampaign(harness)
})

const strategyBody = { medium: 'tencent', targetId: 'shoes', registered: true }

const places = [
  ['/api/v1/advertisers/acme', advertiserBody],
  ['/api/v1/campaigns/spring', campaignBody],
  ['/api/v1/creatives/b1', bannerBody],
  ['/api/v1/strategies/s1', strategyBody],
] as const

const kinds = {
  advertisers: 'advertiser',
  campaigns: 'campaign',
  creatives: 'creative',
  strategies: 'strategy',
}

test.each(places)('%s has no caps unless told, and keeps those it is told', async (url, body) => {
  await harness.call('PUT', url, { body })
  expect((await harness.call('GET', url)).body['caps']).toEqual([])
  const caps = [
    { impressions: 3, minutes: 1_440 },
    { impressions: 10, minutes: 43_200 },
  ]
  expect((await harness.call('PUT', url, { body: { ...body, caps } })).status).toBe(200)
  expect((await harness.call('GET', url)).body['caps']).toEqual(caps)
})

test.each(places)('%s names the path of each bad cap', async (url, body) => {
  const caps = [
    { impressions: 0, minutes: 60 },
    { impressions: 129, minutes: 43_201 },
    { impressions: 1.5, minutes: 60 },
  ]
  const answer = await harness.call('PUT', url, { body: { ...body, caps } })
  expect(answer.status).toBe(400)
  expect(pathsOf(answer)).toEqual([
    'caps[0].impressions',
    'caps[1].impressions',
    'caps[1].minutes',
    'caps[2].impressions',
  ])
  const many = Array.from({ length: 9 }, (_, i) => ({ impressions: i + 1, minutes: i + 1 }))
  const full = await harness.call('PUT', url, { body: { ...body, caps: many } })
  expect(pathsOf(full)).toEqual(['caps'])
})

test('a cap that another one always comes before is pointed out', async () => {
  const caps = [
    { impressions: 3, minutes: 60 },
    { impressions: 5, minutes: 30 },
    { impressions: 3, minutes: 60 },
    { impressions: 9, minutes: 600 },
  ]
  const body = { ...campaignBody, caps }
  const answer = await harness.call('PUT', '/api/v1/campaigns/spring', { body })
  expect(pathsOf(answer, 'warnings')).toEqual(['caps[1]', 'caps[2]'])
})

test('a rule on converts of a campaign means its own advertiser unless it names one', async () => {
  const converted = [{ days: 7 }, { kind: 'require', advertiserId: 'other', action: 'sign-up' }]
  const url = '/api/v1/campaigns/spring'
  const answer = await harness.call('PUT', url, { body: { ...campaignBody, converted } })
  expect((await harness.call('GET', url)).body['converted']).toEqual([
    { kind: 'exclude', advertiserId: 'acme', action: '', days: 7 },
    { kind: 'require', advertiserId: 'other', action: 'sign-up', days: 30 },
  ])
  expect(pathsOf(answer, 'warnings')).toEqual(['converted[1].advertiserId'])
})

test('a strategy has to say whose converts; what lets nobody in is pointed out', async () => {
  const url = '/api/v1/strategies/s1'
  const nobody = await harness.call('PUT', url, { body: { ...strategyBody, converted: [{}] } })
  expect(pathsOf(nobody)).toEqual(['converted[0].advertiserId'])
  const converted = [
    { kind: 'exclude', advertiserId: 'acme', days: 30 },
    { kind: 'require', advertiserId: 'acme', action: 'sign-up', days: 30 },
    { kind: 'require', advertiserId: 'acme', days: 90 },
  ]
  const shut = await harness.call('PUT', url, { body: { ...strategyBody, converted } })
  expect(pathsOf(shut, 'warnings').filter((path) => path.startsWith('converted'))).toEqual([
    'converted[1]',
  ])
})

test.each<[string, object, string]>([
  ['no days', { days: 0 }, 'converted[0].days'],
  ['more days than are remembered', { days: 181 }, 'converted[0].days'],
  ['another kind', { kind: 'prefer' }, 'converted[0].kind'],
  ['a long action', { action: 'a'.repeat(65) }, 'converted[0].action'],
  ['an unknown field', { window: 3 }, 'converted[0].window'],
])('a rule with %s is refused by its path', async (_name, rule, path) => {
  const body = { ...campaignBody, converted: [rule] }
  const answer = await harness.call('PUT', '/api/v1/campaigns/spring', { body })
  expect([answer.status, ...pathsOf(answer)]).toEqual([400, path])
})

test.each(places)(
  '%s of before there were caps is shown, and can be put back',
  async (url, body) => {
    await harness.call('PUT', url, { body })
    const { body: whole } = await harness.call('GET', url)
    const { caps: _, converted: __, ...old } = whole
    const [plural = '', id = ''] = url.split('/').slice(-2)
    const kind = kinds[plural as keyof typeof kinds]
    const json = JSON.stringify(old)
    await harness.catalog.write([{ kind, id, json, expectedVersion: null }])
    const shown = await harness.call('GET', url)
    expect(shown.body).toEqual(whole)
    const list = await harness.call('GET', url.slice(0, url.lastIndexOf('/')))
    expect(list.body['items']).toMatchObject([{ [kind]: { id, caps: [] } }])
    expect((await harness.call('PUT', url, { body: shown.body })).status).toBe(200)
  },
)
