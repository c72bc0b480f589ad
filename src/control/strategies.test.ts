/** `/api/v1/strategies`: defaults, every refusal with its path, versions, concurrent writers. */
import { beforeEach, describe, expect, test } from 'vitest'
import { type Harness, newHarness } from '../../test/support/control-harness.ts'
import type { MemoryCatalogStore } from '../../test/support/memory-catalog.ts'
import { EntityReader } from '../catalog/entities.ts'
import { CatalogDesk } from './catalog-desk.ts'
import { buildControl } from './server.ts'

const url = '/api/v1/strategies'
const minimal = { medium: 'tencent', targetId: 't1', registered: true, audience: { all: ['vip'] } }

let harness: Harness
beforeEach(async () => {
  harness = await newHarness()
})

/** Puts strategy `s`, the minimal one with `over`. */
function put(over: object = {}, more: { headers?: Record<string, string>; query?: string } = {}) {
  const { headers = {}, query = '' } = more
  return harness.call('PUT', `${url}/s${query}`, { body: { ...minimal, ...over }, headers })
}

function pathsOf(answer: { body: Record<string, unknown> }): string[] {
  return (answer.body['errors'] as { path: string }[]).map((error) => error.path).sort()
}

/** Holds the first write back until a second one is there: both were planned from one view. */
function letWritesMeet(catalog: MemoryCatalogStore): void {
  const write = catalog.write.bind(catalog)
  let calls = 0
  let open = (): void => undefined
  const met = new Promise<void>((resolve) => {
    open = resolve
  })
  catalog.write = async (batch) => {
    calls++
    if (calls === 2) open()
    await met
    return write(batch)
  }
}

describe('a write', () => {
  test('fills in every default, so that the catalog reads the stored form whole', async () => {
    const answer = await put()
    expect(answer.status).toBe(201)
    expect(answer.headers['etag']).toBe('"7"')
    expect(answer.body).toMatchObject({
      version: 7,
      warnings: [],
      strategy: {
        id: 's',
        enabled: true,
        priority: 0,
        audience: { all: ['vip'], any: [], none: [] },
        conditions: { os: [], schedule: null, geo: { cities: [] }, experimentIds: { anyOf: [] } },
        action: { bid: { kind: 'none' }, products: [], pcvr: null, cacheAcceptSeconds: null },
        secondPrices: [],
      },
    })
    const { entities } = await harness.catalog.load()
    const read = new EntityReader().read(entities.filter((one) => one.kind === 'strategy'))
    expect(read).toHaveLength(1)
    expect(read[0]!.kind).toBe('strategy')
  })

  test('stores every field as given, and what GET shows can be PUT again unchanged', async () => {
    const full = {
      name: '老客召回',
      priority: 5,
      conditions: {
        os: ['ios', 'android'],
        schedule: {
          timeZone: 'Asia/Shanghai',
          windows: [{ days: [1, 7], fromMinute: 480, toMinute: 1_440 }],
        },
        startMs: 1,
        endMs: 2,
        experimentIds: { anyOf: [3], noneOf: [4] },
        geo: { countries: ['CN'], cities: ['上海'], excludedCities: ['440100'] },
      },
      action: {
        bid: { kind: 'cpc', price: '1.25' },
        products: [{ productId: '18446744073709551615' }],
        advertiserIds: ['12'],
        tag: 'a',
        pcvr: 0.5,
        cacheAcceptSeconds: 3_600,
      },
      secondPrices: [
        { adGroupId: '1', bid: { kind: 'ignore' } },
        { bid: { kind: 'cpa', priceMicros: 20_000 } },
      ],
    }
    expect((await put(full)).status).toBe(201)
    const got = await harness.call('GET', `${url}/s`)
    expect(got.headers['etag']).toBe('"7"')
    expect(got.body['action']).toMatchObject({
      bid: { kind: 'cpc', priceMicros: 1_250_000 },
      products: [{ libraryId: '0', productId: '18446744073709551615', priority: 50, score: null }],
    })
    const again = await harness.call('PUT', `${url}/s`, { body: got.body })
    expect(again.status).toBe(200)
    expect(again.body['strategy']).toEqual(got.body)
  })

  test("takes the medium's own word for the target id, of that medium only", async () => {
    const { targetId: _, ...rest } = minimal
    const taken = await harness.call('PUT', `${url}/a`, { body: { ...rest, outTargetId: 'x' } })
    expect(taken.body['strategy']).toMatchObject({ targetId: 'x' })
    const body = { ...rest, medium: 'oceanengine', rtaId: '9007199254740993' }
    const rta = await harness.call('PUT', `${url}/b`, { body })
    expect(rta.body['strategy']).toMatchObject({ targetId: '9007199254740993' })
    const wrong = await harness.call('PUT', `${url}/c`, { body: { ...rest, rtaId: '1' } })
    expect(pathsOf(wrong)).toEqual(['rtaId'])
  })

  test.each<[string, object, string[]]>([
    ['an unknown field', { surprise: 1 }, ['surprise']],
    ['unknown fields deep inside', { action: { bid: { kind: 'none', x: 1 } } }, ['action.bid.x']],
    ['no target id', { targetId: undefined }, ['targetId']],
    ['two target ids', { outTargetId: 't1' }, ['outTargetId']],
    ['another id than the path', { id: 'other' }, ['id']],
    ['an unknown medium', { medium: 'nobody' }, ['medium']],
    ['a target id too long for the medium', { targetId: 'x'.repeat(33) }, ['targetId']],
    ['a word where a number is asked', { medium: 'oceanengine', targetId: 'x' }, ['targetId']],
    ['2^63 as a number', { medium: 'oceanengine', targetId: '9223372036854775808' }, ['targetId']],
    ['zero as a number', { medium: 'oceanengine', targetId: '0' }, ['targetId']],
    [
      'a pack that is not there',
      { audience: { all: ['vip'], none: ['no', 'vip', 'nor'] } },
      ['audience.none[0]', 'audience.none[2]'],
    ],
    ['a pack id of another form', { audience: { any: ['vip', 'a b'] } }, ['audience.any[1]']],
    [
      'an offset as a time zone',
      {
        conditions: {
          schedule: { timeZone: '+08:00', windows: [{ days: [1], fromMinute: 0, toMinute: 1 }] },
        },
      },
      ['conditions.schedule.timeZone'],
    ],
    [
      'a made-up time zone',
      {
        conditions: {
          schedule: {
            timeZone: 'Asia/Nowhere',
            windows: [{ days: [1], fromMinute: 0, toMinute: 1 }],
          },
        },
      },
      ['conditions.schedule.timeZone'],
    ],
    [
      'a weekday 8 and an empty window',
      {
        conditions: {
          schedule: { timeZone: 'UTC', windows: [{ days: [8], fromMinute: 9, toMinute: 9 }] },
        },
      },
      ['conditions.schedule.windows[0].days[0]', 'conditions.schedule.windows[0].toMinute'],
    ],
    [
      'an empty window',
      {
        conditions: {
          schedule: { timeZone: 'UTC', windows: [{ days: [1], fromMinute: 9, toMinute: 9 }] },
        },
      },
      ['conditions.schedule.windows[0].toMinute'],
    ],
    [
      'a flight that ends before it begins',
      { conditions: { startMs: 5, endMs: 5 } },
      ['conditions.endMs'],
    ],
    ['an unknown os', { conditions: { os: ['symbian'] } }, ['conditions.os[0]']],
    ['a factor of zero', { action: { bid: { kind: 'factor', factor: 0 } } }, ['action.bid.factor']],
    ['an unknown kind of bid', { action: { bid: { kind: 'cpm' } } }, ['action.bid.kind']],
    [
      'a scored pack that is not there',
      { action: { bid: { kind: 'factorByScore', packId: 'no', low: 1, high: 2 } } },
      ['action.bid.packId'],
    ],
    [
      'a price of both spellings',
      { action: { bid: { kind: 'cpc', price: '1', priceMicros: 1 } } },
      ['action.bid.priceMicros'],
    ],
    ['a price of no spelling', { action: { bid: { kind: 'cpa' } } }, ['action.bid.priceMicros']],
    [
      'a price of seven places',
      { action: { bid: { kind: 'cpc', price: '1.0000001' } } },
      ['action.bid.price'],
    ],
    ['a price of zero', { action: { bid: { kind: 'cpc', price: '0.00' } } }, ['action.bid.price']],
    [
      'a price with a sign',
      { action: { bid: { kind: 'cpc', price: '-1' } } },
      ['action.bid.price'],
    ],
    [
      "a price below the medium's unit",
      { action: { bid: { kind: 'cpc', priceMicros: 9_999 } } },
      ['action.bid.priceMicros'],
    ],
    [
      "a cache time above the medium's",
      { action: { cacheAcceptSeconds: 604_801 } },
      ['action.cacheAcceptSeconds'],
    ],
    [
      "a cache time below the medium's",
      { action: { cacheRefuseSeconds: 3_599 } },
      ['action.cacheRefuseSeconds'],
    ],
    [
      'a cache time the wire cannot say',
      { medium: 'plain', action: { cacheRefuseSeconds: 60 } },
      ['action.cacheRefuseSeconds'],
    ],
    [
      'a product id of 2^64',
      { action: { products: [{ productId: '18446744073709551616' }] } },
      ['action.products[0].productId'],
    ],
    [
      'a product id as a number',
      { action: { products: [{ productId: 12 }] } },
      ['action.products[0].productId'],
    ],
    [
      'a bad price rule',
      { secondPrices: [{ bid: { kind: 'ignore' } }, { adGroupId: 'x', bid: { kind: 'none' } }] },
      ['secondPrices[1].adGroupId', 'secondPrices[1].bid.kind'],
    ],
  ])('with %s is refused with the path', async (_name, over, paths) => {
    const answer = await put(over)
    expect(answer.body).toMatchObject({ code: 'SLUICE_CONTROL_INVALID' })
    expect(answer.status).toBe(400)
    expect(pathsOf(answer)).toEqual(paths)
    expect((await harness.call('GET', `${url}/s`)).status).toBe(404)
  })

  test('is refused for broken JSON, a wrong content type, too long a body and a bad id', async () => {
    const json = { 'content-type': 'application/json' }
    const broken = await harness.call('PUT', `${url}/s`, { body: '{"medium":', headers: json })
    expect([broken.status, broken.body['code']]).toEqual([400, 'SLUICE_CONTROL_MALFORMED_JSON'])
    const xml = { 'content-type': 'application/xml' }
    const wrong = await harness.call('PUT', `${url}/s`, { body: '<a/>', headers: xml })
    expect([wrong.status, wrong.body['code']]).toEqual([415, 'SLUICE_CONTROL_MEDIA_TYPE'])
    const long = await put({ name: 'x'.repeat(1024 * 1024) })
    expect([long.status, long.body['code']]).toEqual([413, 'SLUICE_CONTROL_BODY_TOO_LARGE'])
    const badId = await harness.call('PUT', `${url}/a%20b`, { body: minimal })
    expect(pathsOf(badId)).toEqual(['path.id'])
    const badQuery = await harness.call('GET', `${url}?limit=0&x=1`)
    expect(pathsOf(badQuery)).toEqual(['query.limit', 'query.x'])
  })

  test('warns of what the medium will change, and of what reaches nobody or everybody', async () => {
    const bid = { kind: 'factorByScore', packId: 'vip', low: 0.123, high: 9 }
    const over = { registered: false, audience: {}, action: { bid } }
    const answer = await put(over)
    expect(answer.status).toBe(201)
    expect(answer.body['warnings']).toEqual([
      { path: 'action.bid.low', message: 'tencent takes 0.2 to 5; it will be clamped to 0.2' },
      { path: 'action.bid.high', message: 'tencent takes 0.2 to 5; it will be clamped to 5' },
      { path: 'registered', message: expect.stringContaining('never leaves') },
      { path: 'audience', message: expect.stringContaining('every device') },
    ])
    const rounded = await put({ action: { bid: { kind: 'factor', factor: 1.234 } } })
    expect(rounded.body['warnings']).toEqual([
      {
        path: 'action.bid.factor',
        message: 'tencent keeps 2 decimals; it will be rounded to 1.23',
      },
    ])
    const floored = await put({ action: { bid: { kind: 'cpa', price: '0.019999' } } })
    expect(floored.body['warnings']).toEqual([
      { path: 'action.bid.priceMicros', message: expect.stringContaining('it will be 10000') },
    ])
  })

  test('takes unknown packs when told to, with a warning', async () => {
    const answer = await put({ audience: { all: ['later'] } }, { query: '?allowUnknownPacks=true' })
    expect(answer.status).toBe(201)
    expect(answer.body['warnings']).toEqual([
      { path: 'audience.all[0]', message: "there is no pack 'later'" },
    ])
  })

  test('is refused when another strategy of the medium has the target id', async () => {
    await put()
    const taken = await harness.call('PUT', `${url}/other`, { body: minimal })
    expect([taken.status, taken.body['code']]).toEqual([409, 'SLUICE_CONTROL_TARGET_TAKEN'])
    expect(pathsOf(taken)).toEqual(['targetId'])
    const elsewhere = await harness.call('PUT', `${url}/other`, {
      body: { ...minimal, medium: 'plain' },
    })
    expect(elsewhere.status).toBe(201)
  })
})

describe('versions', () => {
  test('If-Match lets only the writer of the present version write', async () => {
    await put()
    expect((await put({ priority: 1 }, { headers: { 'if-match': '"7"' } })).headers['etag']).toBe(
      '"8"',
    )
    const lost = await put({ priority: 2 }, { headers: { 'if-match': '"7"' } })
    expect([lost.status, lost.body['code'], lost.body['version']]).toEqual([
      412,
      'SLUICE_CONTROL_PRECONDITION',
      8,
    ])
    expect((await put({}, { headers: { 'if-match': 'W/"8"' } })).status).toBe(412)
    expect((await put({}, { headers: { 'if-match': '"10", "8"' } })).status).toBe(200)
    expect((await put({}, { headers: { 'if-match': '*' } })).status).toBe(200)
    expect((await put({}, { headers: { 'if-none-match': '*' } })).status).toBe(412)
    const gone = { headers: { 'if-match': '"7"' } }
    expect((await harness.call('DELETE', `${url}/s`, gone)).status).toBe(412)
    expect((await harness.call('DELETE', `${url}/s`)).status).toBe(204)
    expect((await harness.call('DELETE', `${url}/s`)).status).toBe(404)
    expect((await put({}, { headers: { 'if-match': '*' } })).status).toBe(412)
  })

  test('POST creates once', async () => {
    const made = await harness.call('POST', url, { body: { ...minimal, id: 'p' } })
    expect([made.status, made.headers['location']]).toEqual([201, `${url}/p`])
    const again = await harness.call('POST', url, { body: { ...minimal, id: 'p' } })
    expect([again.status, again.body['code']]).toEqual([409, 'SLUICE_CONTROL_EXISTS'])
    expect(pathsOf(await harness.call('POST', url, { body: minimal }))).toEqual(['id'])
  })

  test('of two processes that write at once with one If-Match, one wins and one is told', async () => {
    const { deps } = harness
    await put()
    letWritesMeet(harness.catalog)
    const registry = new (await import('prom-client')).Registry()
    const other = await buildControl({
      deps: { ...deps, registry },
      desk: new CatalogDesk(deps.store.catalog, deps.clock),
    })
    const send = (app: typeof other, priority: number) =>
      app.inject({
        method: 'PUT',
        url: `${url}/s`,
        headers: { authorization: `Bearer ${harness.keys.marketer}`, 'if-match': '"7"' },
        payload: { ...minimal, priority },
      })
    const answers = await Promise.all([send(harness.app, 1), send(other, 2)])
    expect(answers.map((answer) => answer.statusCode).sort((a, b) => a - b)).toEqual([200, 412])
  })

  test('of two processes that take one target id at once, one wins and one is told', async () => {
    const { deps, catalog, clock } = harness
    letWritesMeet(catalog)
    const desks = [new CatalogDesk(catalog, clock), new CatalogDesk(catalog, clock)]
    const { Registry } = await import('prom-client')
    const apps = await Promise.all(
      desks.map((desk) => buildControl({ deps: { ...deps, registry: new Registry() }, desk })),
    )
    const headers = { authorization: `Bearer ${harness.keys.marketer}` }
    const answers = await Promise.all(
      apps.map((app, i) =>
        app.inject({ method: 'PUT', url: `${url}/twin${i}`, headers, payload: minimal }),
      ),
    )
    expect(answers.map((answer) => answer.statusCode).sort((a, b) => a - b)).toEqual([201, 409])
    const left = await harness.call('GET', url)
    expect(left.body['items']).toHaveLength(1)
  })

  test('a hundred writes at once all arrive, each audited once', async () => {
    const ids = Array.from({ length: 100 }, (_, i) => `s${i}`)
    const answers = await Promise.all(
      ids.map((id) => harness.call('PUT', `${url}/${id}`, { body: { ...minimal, targetId: id } })),
    )
    expect(new Set(answers.map((answer) => answer.status))).toEqual(new Set([201]))
    const audit = await harness.call('GET', '/api/v1/audit?kind=strategy')
    const seqs = (audit.body['items'] as { seq: number }[]).map((entry) => entry.seq)
    expect(seqs).toEqual(Array.from({ length: 100 }, (_, i) => 100 - i))
  })
})

test('a list is paged by id and filtered by medium', async () => {
  for (const id of ['c', 'a', 'b']) {
    await harness.call('PUT', `${url}/${id}`, { body: { ...minimal, targetId: id } })
  }
  const body = { ...minimal, medium: 'plain' }
  await harness.call('PUT', `${url}/p`, { body })
  const idsOf = (answer: { body: Record<string, unknown> }) =>
    (answer.body['items'] as { strategy: { id: string } }[]).map((item) => item.strategy.id)
  const first = await harness.call('GET', `${url}?limit=2&medium=tencent`)
  expect([idsOf(first), first.body['next']]).toEqual([['a', 'b'], 'b'])
  const second = await harness.call('GET', `${url}?limit=2&medium=tencent&after=b`)
  expect([idsOf(second), second.body['next']]).toEqual([['c'], null])
})

test('the audit log says who did what, with versions and changed fields, newest first', async () => {
  await put()
  harness.clock.advance(5)
  await put({ priority: 3, name: 'n' })
  await harness.call('DELETE', `${url}/s`, { role: 'admin' })
  const { body } = await harness.call('GET', '/api/v1/audit?id=s', { role: 'viewer' })
  const common = { kind: 'strategy', id: 's', detail: null }
  const [atMs, keyId] = [1_700_000_000_000, 'marketer']
  expect(body['items']).toEqual([
    {
      ...common,
      seq: 3,
      atMs: atMs + 5,
      keyId: 'admin',
      action: 'delete',
      before: 8,
      after: 0,
      changed: [],
    },
    {
      ...common,
      seq: 2,
      atMs: atMs + 5,
      keyId,
      action: 'update',
      before: 7,
      after: 8,
      changed: ['name', 'priority'],
    },
    { ...common, seq: 1, atMs, keyId, action: 'create', before: 0, after: 7, changed: [] },
  ])
  const page = await harness.call('GET', '/api/v1/audit?limit=2')
  expect(page.body['next']).toBe(2)
  const rest = await harness.call('GET', '/api/v1/audit?before=2')
  expect([(rest.body['items'] as unknown[]).length, rest.body['next']]).toEqual([1, null])
})

describe('a ranking', () => {
  const campaign = {
    advertiserId: 'shop',
    goal: { kind: 'cpc', bid: '1.00' },
    prior: { ctr: 0.005, cvr: 0.02 },
  }

  beforeEach(async () => {
    const shop = { name: 'Shop', currency: 'CNY', domains: ['shop.example'] }
    const api = '/api/v1'
    await harness.call('PUT', `${api}/advertisers/shop`, { body: shop })
    for (const id of ['a', 'b']) {
      const body = { ...campaign, enabled: id === 'a' }
      expect((await harness.call('PUT', `${api}/campaigns/${id}`, { body })).status).toBe(201)
    }
  })

  const ranked = (over: object) =>
    put({ ranking: { campaigns: ['a'], fineModel: 'fine', ...over } })

  test('is stored with its defaults, shown as it can be put again, and read by the catalog', async () => {
    const bid = { kind: 'cpc', share: 0.8, maxMicros: 5_000_000 }
    const products = [{ campaignId: 'a', productId: '7' }]
    const answer = await ranked({ bid, products, currency: 'CNY' })
    expect(answer.body['warnings']).toEqual([])
    const expected = {
      ...{ campaigns: ['a'], coarseModel: '', fineModel: 'fine', fineMax: 64, currency: 'CNY' },
      ...{ minValueMicros: 0, whenUnranked: 'rules', bid: { ...bid, minMicros: 0 } },
      ...{ products: [{ campaignId: 'a', libraryId: '0', productId: '7' }], productsMax: 10 },
      pcvr: false,
    }
    const shown = (await harness.call('GET', `${url}/s`)).body
    expect(shown['ranking']).toEqual(expected)
    const again = await harness.call('PUT', `${url}/s`, { body: shown })
    expect(again.body['strategy']).toEqual(shown)
    const { entities } = await harness.catalog.load()
    const read = new EntityReader().read(entities.filter((one) => one.kind === 'strategy'))
    expect(read[0]).toMatchObject({ kind: 'strategy', value: { ranking: expected } })
  })

  test('a strategy that was stored before there was one has none', async () => {
    await put()
    const { entities } = await harness.catalog.load()
    const stored = entities.filter((one) => one.kind === 'strategy')
    const older = stored.map((one) => {
      const { ranking: _, ...rest } = JSON.parse(one.json) as Record<string, unknown>
      return { ...one, json: JSON.stringify(rest) }
    })
    expect(new EntityReader().read(older)[0]).toMatchObject({ value: { ranking: null } })
  })

  test.each([
    [{ campaigns: [] }, 'ranking.campaigns'],
    [{ campaigns: ['a', 'a'] }, 'ranking.campaigns'],
    [{ campaigns: Array.from({ length: 51 }, (_, n) => `c${n}`) }, 'ranking.campaigns'],
    [{ campaigns: ['a', 'gone'] }, 'ranking.campaigns[1]'],
    [{ fineMax: 201 }, 'ranking.fineMax'],
    [{ fineModel: '../x' }, 'ranking.fineModel'],
    [{ coarseModel: 'fine' }, 'ranking.fineModel'],
    [{ fineModel: '', pcvr: true }, 'ranking.pcvr'],
    [{ currency: 'EUR' }, 'ranking.currency'],
    [{ currency: 'yuan' }, 'ranking.currency'],
    [{ minValueMicros: -1 }, 'ranking.minValueMicros'],
    [{ minValueMicros: 0.5 }, 'ranking.minValueMicros'],
    [{ whenUnranked: 'maybe' }, 'ranking.whenUnranked'],
    [
      { bid: { kind: 'factor', valueAtOneMicros: 0, min: 1, max: 2 } },
      'ranking.bid.valueAtOneMicros',
    ],
    [{ bid: { kind: 'factor', valueAtOneMicros: 1, min: 2, max: 1 } }, 'ranking.bid.max'],
    [{ bid: { kind: 'cpc', share: 1.1, maxMicros: 10_000 } }, 'ranking.bid.share'],
    [{ bid: { kind: 'cpa' } }, 'ranking.bid.maxMicros'],
    [{ bid: { kind: 'cpc', minMicros: 20_000, maxMicros: 10_000 } }, 'ranking.bid.maxMicros'],
    [{ bid: { kind: 'cpc', maxMicros: 9_999 } }, 'ranking.bid.maxMicros'],
    [{ products: [{ campaignId: 'b', productId: '7' }] }, 'ranking.products[0].campaignId'],
    [{ products: [{ campaignId: 'a', productId: 'x' }] }, 'ranking.products[0].productId'],
    [{ productsMax: 0 }, 'ranking.productsMax'],
    [{ typo: 1 }, 'ranking.typo'],
  ])('%j is refused with the path of the bad field, %s', async (over, path) => {
    const answer = await ranked(over)
    expect(answer.status).toBe(400)
    expect(pathsOf(answer)).toEqual([path])
  })

  test('what will not work as written is told: clamped factors, campaigns off, no model', async () => {
    const bid = { kind: 'factor', valueAtOneMicros: 1_000_000, min: 0.1, max: 9 }
    const answer = await ranked({ campaigns: ['a', 'b'], fineModel: '', bid })
    const warnings = answer.body['warnings'] as { path: string }[]
    expect(warnings.map(({ path }) => path).toSorted()).toEqual([
      'ranking.bid.max',
      'ranking.bid.min',
      'ranking.campaigns[1]',
      'ranking.fineModel',
    ])
  })
})
