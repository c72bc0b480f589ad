/** `/api/v1/exchanges`: defaults of a standard exchange, the live switch, secrets. */
import { beforeEach, describe, expect, test } from 'vitest'
import { pathsOf } from '../../test/support/bid-inputs.ts'
import { type Harness, newHarness } from '../../test/support/control-harness.ts'
import { parseExchange } from '../catalog/bid-entities.ts'

const url = '/api/v1/exchanges'

let harness: Harness
beforeEach(async () => {
  harness = await newHarness()
})

function put(body: object, headers: Record<string, string> = {}) {
  return harness.call('PUT', `${url}/x`, { body, headers })
}

test('an empty body is a standard exchange in dry run, and the compiler reads it', async () => {
  const answer = await put({})
  expect(answer.status).toBe(201)
  expect(pathsOf(answer, 'warnings')).toEqual(['live'])
  const { entities } = await harness.catalog.load(['exchange'])
  expect(parseExchange(entities[0]!.json, 'x')).toEqual(answer.body['exchange'])
  expect(answer.body['exchange']).toEqual({
    id: 'x',
    name: '',
    enabled: true,
    live: false,
    protobufLayout: 'iab',
    currency: 'USD',
    otherCurrencies: [],
    priceUnit: 'cpm',
    tmaxDefaultMs: 120,
    tmaxMaxMs: 1_000,
    networkAllowanceMs: 20,
    sendAllowanceMs: 2,
    auctionType: 2,
    firstPriceShare: 1,
    noBid: 'empty',
    seat: '',
    bidsPerImpMax: 1,
    macros: { price: '${AUCTION_PRICE}', click: '' },
    notices: { win: true, billing: true, loss: true },
    nativeMarkup: 'string',
    nativeEvents: 'native',
    blocked: {
      publishers: [],
      domains: [],
      bundles: [],
      advertiserDomains: [],
      advertiserCategories: [],
      schainNodes: [],
    },
    requiresCompleteSchain: false,
    tcfVendorId: 0,
    qpsMax: 0,
    secretHeader: null,
    noBidRecordRate: 0.01,
    plan: { recallMax: 2_000, coarseModel: '', fineModel: '', fineMax: 64 },
  })
})

test('what is blocked is stored as requests are read', async () => {
  const blocked = {
    domains: ['WWW.Bad.Example'],
    bundles: ['Com.Bad'],
    schainNodes: ['A.example/1'],
  }
  expect((await put({ blocked })).body['exchange']).toMatchObject({
    blocked: { domains: ['bad.example'], bundles: ['com.bad'], schainNodes: ['a.example/1'] },
  })
})

test.each<[string, object, string[]]>([
  ['allowances above tmax', { networkAllowanceMs: 118 }, ['networkAllowanceMs']],
  ['a default above the longest', { tmaxDefaultMs: 2_000 }, ['tmaxDefaultMs']],
  ['a third auction type', { auctionType: 3 }, ['auctionType']],
  ['a share of nothing', { firstPriceShare: 0 }, ['firstPriceShare']],
  ['a unit', { priceUnit: 'cents' }, ['priceUnit']],
  [
    'a short secret',
    { secretHeader: { name: 'x-key', values: ['short'] } },
    ['secretHeader.values[0]'],
  ],
  ['more than a recall may keep', { plan: { recallMax: 2_001 } }, ['plan.recallMax']],
  ['more than fine rank may score', { plan: { fineMax: 201 } }, ['plan.fineMax']],
  ['a model out of the folder', { plan: { fineModel: '../fine' } }, ['plan.fineModel']],
  [
    'one model for both stages',
    { plan: { coarseModel: 'one', fineModel: 'one' } },
    ['plan.fineModel'],
  ],
  ['an unknown field', { bidfloor: 1 }, ['bidfloor']],
])('%s is refused by its path', async (_name, body, paths) => {
  const answer = await put(body)
  expect(answer.status).toBe(400)
  expect(pathsOf(answer)).toEqual(paths)
})

test('a plan takes its models, and is warned where the prior alone feeds the fine one', async () => {
  const both = await put({ plan: { coarseModel: 'coarse', fineModel: 'fine', fineMax: 100 } })
  expect(both.body['exchange']).toMatchObject({
    plan: { recallMax: 2_000, coarseModel: 'coarse', fineModel: 'fine', fineMax: 100 },
  })
  expect(pathsOf(both, 'warnings')).not.toContain('plan.coarseModel')
  expect(pathsOf(await put({ plan: { fineModel: 'fine' } }), 'warnings')).toContain(
    'plan.coarseModel',
  )
})

test('currencies without a rate, and a price macro that is none, are warned of', async () => {
  const body = { live: true, currency: 'EUR', otherCurrencies: ['GBP'], macros: { price: '$P' } }
  expect(pathsOf(await put(body), 'warnings')).toEqual([
    'currency',
    'macros.price',
    'otherCurrencies[0]',
  ])
})

describe('the live switch', () => {
  function live(isLive: boolean, headers: Record<string, string> = {}) {
    return harness.call('POST', `${url}/x/live`, { body: { live: isLive }, headers })
  }

  test('changes nothing else, both ways, and the audit log has a word for it', async () => {
    const before = (await put({ name: 'X' })).body['exchange'] as object
    const on = await live(true)
    expect(on.body['exchange']).toEqual({ ...before, live: true })
    expect((await live(false)).body['exchange']).toEqual(before)
    const { body } = await harness.call('GET', '/api/v1/audit?kind=exchange')
    const actions = (body['items'] as { action: string }[]).map(({ action }) => action)
    expect(actions).toEqual(['dry-run', 'live', 'create'])
  })

  test('stays as it is when settings are put without it', async () => {
    await put({})
    await live(true)
    expect((await put({ name: 'renamed' })).body['exchange']).toMatchObject({ live: true })
    expect((await put({ live: false })).body['exchange']).toMatchObject({ live: false })
  })

  test('takes If-Match, needs a marketer, an exchange and a flag', async () => {
    const made = await put({})
    await put({ name: 'b' })
    expect((await live(true, { 'if-match': String(made.headers['etag']) })).status).toBe(412)
    const viewer = { body: { live: true }, role: 'viewer' as const }
    expect((await harness.call('POST', `${url}/x/live`, viewer)).status).toBe(403)
    const other = await harness.call('POST', `${url}/other/live`, { body: { live: true } })
    expect(other.status).toBe(404)
    const none = await harness.call('POST', `${url}/x/live`, { body: {} })
    expect(pathsOf(none)).toEqual(['live'])
  })
})

test('a viewer sees no secret, and what it sees cannot be put back by mistake', async () => {
  const secretHeader = { name: 'X-Key', values: ['0123456789abcdef'] }
  await put({ secretHeader })
  const mine = await harness.call('GET', `${url}/x`)
  expect(mine.body['secretHeader']).toEqual({ name: 'x-key', values: ['0123456789abcdef'] })
  for (const path of [`${url}/x`, url]) {
    const seen = await harness.call('GET', path, { role: 'viewer' })
    expect(seen.text).not.toContain('0123456789abcdef')
    expect(seen.text).toContain('***')
  }
  const masked = (await harness.call('GET', `${url}/x`, { role: 'viewer' })).body
  expect(pathsOf(await put(masked))).toEqual(['secretHeader.values[0]'])
})
