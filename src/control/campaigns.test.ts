/** `/api/v1/campaigns`: defaults, amounts in either spelling, every refusal and warning by path. */
import { beforeEach, expect, test } from 'vitest'
import { campaignBody, pathsOf, putCampaign } from '../../test/support/bid-inputs.ts'
import { type Harness, newHarness } from '../../test/support/control-harness.ts'
import { parseCampaign } from '../catalog/bid-entities.ts'

const url = '/api/v1/campaigns'

const day = { days: [1], fromMinute: 0, toMinute: 60 }
const overMidnight = { days: [1], fromMinute: 1_380, toMinute: 60 }
const cpa = { kind: 'cpa', bid: '20' }

let harness: Harness
beforeEach(async () => {
  harness = await newHarness()
  await putCampaign(harness)
})

function put(over: object = {}) {
  return harness.call('PUT', `${url}/spring`, { body: { ...campaignBody, ...over } })
}

function target(targeting: object) {
  return put({ targeting })
}

test('the smallest campaign is stored whole, and the compiler reads it', async () => {
  const answer = await put()
  expect(answer.body).toMatchObject({ warnings: [] })
  const { entities } = await harness.catalog.load(['campaign'])
  const stored = parseCampaign(entities[0]!.json, 'spring')
  expect(stored).toEqual(answer.body['campaign'])
  expect(stored).toMatchObject({
    enabled: true,
    startMs: null,
    goal: { kind: 'cpm', bidMicros: 2_500_000 },
    maxBidMicros: 0,
    prior: { ctr: 0.001, cvr: 0.01 },
    targeting: { openAuction: true, deals: [], interstitial: 'any', schedule: null },
  })
})

test('names are stored in the form that requests are read in', async () => {
  const answer = await target({
    places: [{ country: 'us', region: 'CA', city: ' Los Angeles ' }, { country: 'DEU' }],
    makes: ['Apple'],
    languages: ['EN_us'],
    sites: { allow: ['WWW.News.Example'] },
    carriers: ['Vodafone', '460-00'],
  })
  expect(answer.body['campaign']).toMatchObject({
    targeting: {
      places: [
        { country: 'USA', region: 'CA', city: 'Los Angeles' },
        { country: 'DEU', region: '', city: '' },
      ],
      makes: ['apple'],
      languages: ['en-us'],
      sites: { allow: ['news.example'], deny: [] },
      carriers: ['vodafone', '460-00'],
    },
  })
})

test.each<[string, object, object]>([
  ['cpm', { goal: { kind: 'cpm', bidMicros: 7 } }, { goal: { kind: 'cpm', bidMicros: 7 } }],
  ['cpc', { goal: { kind: 'cpc', bid: '0.000001' } }, { goal: { kind: 'cpc', bidMicros: 1 } }],
  [
    'cpa',
    { goal: { kind: 'cpa', bid: '20', byScore: { packId: 'vip', low: 0, high: 2 } } },
    { goal: { bidMicros: 20_000_000, byScore: { packId: 'vip', low: 0, high: 2 } } },
  ],
  [
    'roas',
    { goal: { kind: 'roas', targetRoas: 4, value: '99.90' } },
    { goal: { kind: 'roas', targetRoas: 4, valueMicros: 99_900_000, byScore: null } },
  ],
  [
    'ltv',
    { goal: { kind: 'ltv', value: '300', share: 0.2 } },
    { goal: { kind: 'ltv', valueMicros: 300_000_000, share: 0.2, byScore: null } },
  ],
  [
    'limits',
    { maxBidCpm: '8.1', minBidCpm: '0', maxCostPerWin: '0.05' },
    { maxBidMicros: 8_100_000, minBidMicros: 0, maxCostPerWinMicros: 50_000 },
  ],
])('amounts of %s are converted digit by digit, and shown can be put back', async (...row) => {
  const [, given, stored] = row
  const answer = await put(given)
  expect(answer.body['campaign']).toMatchObject(stored)
  const again = await harness.call('PUT', `${url}/spring`, { body: answer.body['campaign'] })
  expect(again.body['campaign']).toEqual(answer.body['campaign'])
})

test.each<[string, object, string[]]>([
  ['an advertiser that does not exist', { advertiserId: 'nobody' }, ['advertiserId']],
  ['both spellings', { goal: { kind: 'cpc', bid: '1', bidMicros: 1 } }, ['goal.bidMicros']],
  ['no amount', { goal: { kind: 'cpm' } }, ['goal.bidMicros']],
  ['a price of zero', { goal: { kind: 'cpm', bidCpm: '0.0' } }, ['goal.bidCpm']],
  ['seven decimals', { goal: { kind: 'cpm', bidCpm: '1.0000001' } }, ['goal.bidCpm']],
  ['a number as price', { goal: { kind: 'cpm', bidCpm: 1.5 } }, ['goal.bidCpm']],
  ['an unknown goal', { goal: { kind: 'views' } }, ['goal.kind']],
  ['a share of all and more', { goal: { kind: 'ltv', value: '1', share: 1.1 } }, ['goal.share']],
  [
    'a return of nothing',
    { goal: { kind: 'roas', value: '1', targetRoas: 0 } },
    ['goal.targetRoas'],
  ],
  ['limits the wrong way round', { maxBidCpm: '1', minBidCpm: '2' }, ['minBidMicros']],
  ['both spellings of a limit', { maxBidCpm: '1', maxBidMicros: 1 }, ['maxBidMicros']],
  ['an end before the start', { startMs: 2, endMs: 2 }, ['endMs']],
  ['a rate above one', { prior: { ctr: 1.1 } }, ['prior.ctr']],
  ['an unknown field', { budget: 1 }, ['budget']],
])('%s is refused by its path', async (_name, over, paths) => {
  const answer = await put(over)
  expect(answer.status).toBe(400)
  expect(pathsOf(answer)).toEqual(paths)
})

test.each<[string, object, string]>([
  ['a country', { places: [{ country: 'Germany' }] }, 'places[0].country'],
  [
    'a region with its country',
    { places: [{ country: 'US', region: 'US-CA' }] },
    'places[0].region',
  ],
  ['a system', { os: [{ os: 'beos' }] }, 'os[0].os'],
  ['a version', { os: [{ os: 'ios', minVersion: 'latest' }] }, 'os[0].minVersion'],
  [
    'versions the wrong way round',
    { os: [{ os: 'ios', minVersion: '17.1', maxVersion: '17.0' }] },
    'os[0].maxVersion',
  ],
  ['a device type', { deviceTypes: [9] }, 'deviceTypes[0]'],
  ['a connection type', { connectionTypes: [8] }, 'connectionTypes[0]'],
  ['a site', { sites: { deny: ['localhost'] } }, 'sites.deny[0]'],
  ['a size', { sizes: [{ w: 0, h: 50 }] }, 'sizes[0].w'],
  ['a zone', { schedule: { zone: 'Mars/Olympus', windows: [day] } }, 'schedule.zone'],
  ['a fixed offset', { schedule: { zone: '+08:00', windows: [day] } }, 'schedule.zone'],
  [
    'a window over midnight',
    { schedule: { windows: [overMidnight] } },
    'schedule.windows[0].toMinute',
  ],
  ['no auction at all', { openAuction: false }, 'openAuction'],
  ['a wish', { rewarded: 'yes' }, 'rewarded'],
  ['an unknown dimension', { weather: ['rain'] }, 'weather'],
])('targeting of %s that is none is refused by its path', async (_name, targeting, path) => {
  const answer = await target(targeting)
  expect(answer.status).toBe(400)
  expect(pathsOf(answer)).toEqual([`targeting.${path}`])
})

test.each<[string, object, string[]]>([
  ['an exchange', { targeting: { exchanges: ['later'] } }, ['targeting.exchanges[0]']],
  ['a pack', { targeting: { audience: { none: ['later'] } } }, ['targeting.audience.none[0]']],
  [
    'the pack of a score',
    { maxBidCpm: '9', goal: { ...cpa, byScore: { packId: 'x', low: 1, high: 2 } } },
    ['goal.byScore.packId'],
  ],
  ['a goal without limit', { goal: cpa }, ['maxBidMicros']],
  ['a floor of its own above its bid', { minBidCpm: '3' }, ['minBidMicros']],
  ['a limit below its bid', { maxBidCpm: '2' }, ['maxBidMicros']],
  [
    'a word allowed and denied',
    { targeting: { apps: { allow: ['a'], deny: ['a'] } } },
    ['targeting.apps.allow[0]'],
  ],
  [
    "hours in the user's zone alone",
    { targeting: { schedule: { windows: [day] } } },
    ['targeting.schedule.fallbackZone'],
  ],
])('%s is taken with a warning', async (_name, over, paths) => {
  const answer = await put(over)
  expect(answer.status).toBe(200)
  expect(pathsOf(answer, 'warnings')).toEqual(paths)
})

test('lists are filtered by advertiser and by what is enabled', async () => {
  const more = { body: { ...campaignBody, enabled: false } }
  await harness.call('PUT', `${url}/off`, more)
  const ids = async (query: string) => {
    const { body } = await harness.call('GET', `${url}?${query}`)
    return (body['items'] as { campaign: { id: string } }[]).map(({ campaign }) => campaign.id)
  }
  expect(await ids('enabled=false')).toEqual(['off'])
  expect(await ids('advertiserId=acme')).toEqual(['off', 'spring'])
  expect(await ids('advertiserId=other')).toEqual([])
})

test('a pack that a campaign names is not deleted under it', async () => {
  await put({ targeting: { audience: { all: ['vip'] } } })
  const refused = await harness.call('DELETE', '/api/v1/packs/vip')
  expect(refused.body).toMatchObject({ code: 'SLUICE_CONTROL_PACK_IN_USE' })
  expect(refused.body['message']).toContain('campaign spring')
})
