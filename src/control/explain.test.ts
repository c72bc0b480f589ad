/** `POST /api/v1/explain`, with the real decider over an audience in memory. */
import { expect, test } from 'vitest'
import { aBanner, aCampaign, compileWorld, unit } from '../../test/support/bid-world.ts'
import { newHarness } from '../../test/support/control-harness.ts'
import { FakeRanker, tableFine } from '../../test/support/fake-ranker.ts'
import {
  armOf,
  experimentOf,
  MemoryAudience,
  packOf,
  pushDevice,
  rankingOf,
  settingsOf,
  snapshotOf,
  storedOf,
  strategyOf,
  testRules,
} from '../../test/support/rta-fixtures.ts'
import { RtaDecider } from '../decision/decide.ts'
import { isAccept } from '../domain/decision.ts'
import type { Micros } from '../domain/money.ts'
import { Refusal } from '../domain/refusal.ts'
import { ManualClock } from '../lib/clock.ts'
import type { MediumAdapter } from '../media/adapter.ts'

const rawId = 'raw-id-that-must-not-come-back'

/** Reads `<low>,<low>…;<raw id>` and answers the accepted target ids as text. */
const adapter: MediumAdapter = {
  name: 'm',
  rules: testRules,
  wantedHeaders: ['content-type', 'x-trace'],
  decode({ body, headers, query }, request) {
    const [lows = '', raw = ''] = Buffer.from(body).toString().replaceAll('"', '').split(';')
    if (lows === 'bad') return Refusal.Malformed
    request.requestId = `${headers.join('|')}?${query}`
    request.ip = raw
    request.devices.doubtful = 1
    for (const low of lows.split(',')) pushDevice(request.devices, Number(low))
    request.devices.cachedBy = 0
    return Refusal.None
  },
  encode: (_request, decision) =>
    Buffer.from(isAccept(decision) ? decision.verdicts.map((one) => one.targetId).join(',') : ''),
  refusal: (reason) => Buffer.from(`refused ${reason}`),
  contentType: () => 'text/plain',
  describeAnswer: (body) => {
    const text = Buffer.from(body).toString()
    const accepted = text !== '' && !text.startsWith('refused')
    return { valid: true, accepted, targetIds: accepted ? text.split(',') : [], message: { text } }
  },
}

async function newExplain() {
  const stored = storedOf(
    [
      strategyOf('hit', { audience: { all: ['vip'] } }),
      strategyOf('miss', { audience: { all: ['churned'] }, priority: -1 }),
      strategyOf('off', { enabled: false }),
    ],
    [packOf('vip', 1), packOf('churned', 2)],
    [experimentOf('test', [armOf('all', 10_000)])],
  )
  const snapshot = snapshotOf(stored)
  const audience = new MemoryAudience()
  audience.put(1, { vip: 200 })
  const decider = new RtaDecider({
    catalog: { current: () => snapshot, isStale: () => false },
    audience,
    clock: new ManualClock(1_000),
    media: [{ settings: settingsOf('m'), rules: testRules }],
  })
  const encodeRequest = (_medium: string, message: unknown): Uint8Array | null => {
    if (message === 'no') throw new Error('adList: not a list')
    return message === 'encoded' ? Buffer.from('1;') : null
  }
  const prepare = () => Promise.resolve()
  const adapters = new Map([['m', adapter]])
  const explain = { adapters, decider, prepare, encodeRequest, bids: null }
  const harness = await newHarness({ explain })
  const call = (body: object) =>
    harness.call('POST', '/api/v1/explain', { role: 'viewer', body: { medium: 'm', ...body } })
  return { ...harness, call }
}

test('tells every id, pack, strategy with its reason, arm, decision and the answer', async () => {
  const { call } = await newExplain()
  const bodyBase64 = Buffer.from(`1,2;${rawId}`).toString('base64')
  const answer = await call({ bodyBase64, headers: { 'X-Trace': 't' }, query: 'q=1' })
  expect(answer.status).toBe(200)
  expect(answer.body).toMatchObject({
    medium: 'm',
    decoded: { refusal: 0, refusalName: 'none', kind: 'decide', requestId: '|t?q=1' },
    ids: [
      {
        type: 'oaid_md5',
        key: '0000000000000001',
        cachedBy: true,
        found: true,
        packs: [{ id: 'vip', score: 200 }],
      },
      { key: '0000000000000002', cachedBy: false, found: false, packs: [] },
    ],
    idsDoubtful: 1,
    idsBeyondLimit: 0,
    trace: {
      profile: 'known',
      packs: [{ id: 'vip', score: 200 }],
      layers: [{ experiment: 'test', arm: 'all' }],
      strategies: [
        { id: 'hit', outcome: 'takes-part' },
        { id: 'miss', outcome: 'audience', detail: 'all: not in churned' },
        { id: 'off', outcome: 'out', detail: 'disabled' },
      ],
    },
    decision: { refusal: 0, verdicts: [{ strategyId: 'hit', targetId: 't-hit' }] },
    answer: {
      base64: Buffer.from('t-hit').toString('base64'),
      accepted: true,
      targetIds: ['t-hit'],
    },
  })
  expect(answer.text).not.toContain(rawId)
})

test('tells why bytes could not be decoded, with the refusal that the medium would get', async () => {
  const { call } = await newExplain()
  const { status, body } = await call({ bodyText: 'bad' })
  expect(status).toBe(200)
  expect(body).toMatchObject({
    decoded: { refusal: Refusal.Malformed, refusalName: 'malformed' },
    ids: [],
    trace: null,
    decision: null,
    answer: { accepted: false, message: { text: 'refused 100' } },
  })
})

test('takes a message as JSON: for a JSON medium as it is, for a binary one encoded', async () => {
  const { call } = await newExplain()
  const json = await call({ body: '1;' })
  expect(json.body['decoded']).toMatchObject({ requestId: 'application/json|?' })
  const encoded = await call({ body: 'encoded' })
  expect(encoded.body['decoded']).toMatchObject({ requestId: '|?' })
})

test.each<[string, object, string]>([
  ['no body', {}, 'bodyBase64'],
  ['two bodies', { body: 1, bodyText: 'x' }, 'bodyBase64'],
  ['broken base64', { bodyBase64: '*' }, 'bodyBase64'],
  ['an unknown medium', { medium: 'nobody', bodyText: 'x' }, 'medium'],
  ['a message that does not fit', { body: 'no' }, 'body'],
  ['a body above 64 KiB', { body: 'x'.repeat(70_000) }, 'body'],
  ['an unknown field', { bodyText: '1', verbose: true }, 'verbose'],
])('refuses %s with the path', async (_name, input, path) => {
  const { call } = await newExplain()
  const answer = await call(input)
  expect(answer.status).toBe(400)
  expect(answer.body['errors']).toMatchObject([{ path }])
})

test('tells how the campaigns behind strategies were ranked, once their catalog is there', async () => {
  const clock = new ManualClock(1_000)
  const ranker = new FakeRanker()
  ranker.fineRates = { banner: [0.004, 0.2] }
  const world = await compileWorld(
    { campaigns: [aCampaign({ id: 'spring' })], creatives: [aBanner()] },
    clock,
    [tableFine(ranker.names)],
  )
  const ranking = rankingOf(['spring'], { minValueMicros: (6 * unit) as Micros })
  const snapshot = snapshotOf(storedOf([strategyOf('s', { ranking })]))
  let isThere = false
  const decider = new RtaDecider({
    catalog: { current: () => snapshot, isStale: () => false },
    audience: new MemoryAudience(),
    clock,
    media: [{ settings: settingsOf('m'), rules: testRules }],
    ranker,
    bidSnapshot: () => (isThere ? world.catalog.current() : null),
  })
  const prepare = async (medium: string) => {
    await Promise.resolve()
    isThere = medium === 'm'
  }
  const adapters = new Map([['m', adapter]])
  const explain = { adapters, decider, prepare, encodeRequest: () => null, bids: null }
  const { call } = await newHarness({ explain })
  const input = { role: 'viewer', body: { medium: 'm', bodyText: '1;' } } as const
  const { body } = await call('POST', '/api/v1/explain', input)
  const rates = { ctr: 0.004, cvr: 0.2 }
  expect(body['trace']).toMatchObject({
    refusalName: 'below-value',
    strategies: [{ id: 's', outcome: 'below-value' }],
    ranking: {
      ...{
        by: 'fine',
        note: 'as-planned',
        fineModel: 'fine@2',
        campaigns: 1,
        recalled: 1,
        fine: 1,
      },
      worths: [{ strategyId: 's', valueMicros: 5 * unit, creativeId: 'banner', ...rates }],
      candidates: [{ creativeId: 'banner', coarse: null, fine: rates }],
    },
  })
  expect(body['decision']).toMatchObject({ refusal: 21, ranking: { belowValue: 1 } })
})

test('waits for the last changes of strategies and the campaigns behind them, and of nothing else', async () => {
  const asked: unknown[] = []
  const prepare = async (medium: string, revisions: object) => {
    await Promise.resolve()
    asked.push([medium, revisions])
  }
  const decider = { decide: () => Promise.reject(new Error('nobody needs this decision')) }
  const adapters = new Map([['m', adapter]])
  const explain = { adapters, decider, prepare, encodeRequest: () => null, bids: null }
  const { call, catalog } = await newHarness({ explain })
  const versions: number[] = []
  for (const id of ['spring', 'summer', 'other']) {
    await catalog.put('campaign', id, aCampaign({ id }))
    versions.push(await catalog.revision())
  }
  const strategies = [
    strategyOf('s', { ranking: rankingOf(['summer', 'spring', 'gone']) }),
    strategyOf('t', {}),
    strategyOf('u', { medium: 'else', ranking: rankingOf(['other']) }),
  ]
  for (const strategy of strategies) {
    await catalog.put('strategy', strategy.id, strategy)
    versions.push(await catalog.revision())
  }
  await call('POST', '/api/v1/explain', { body: { medium: 'm', bodyText: '1;' } })
  expect(asked).toEqual([['m', { strategies: versions[4], campaigns: versions[1] }]])
})
