/** Intake over real HTTP: links, monitoring links, and POSTed events. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { landing, newTestFeedback, senderKey } from '../../test/support/scripted-intake.ts'
import { Scratch } from '../decision/scratch.ts'
import { ScratchPool } from '../decision/scratch-pool.ts'
import { refuse } from '../domain/decision.ts'
import { Refusal } from '../domain/refusal.ts'
import { serialOf } from '../domain/serial.ts'
import { EventKind, EventSource, noticeEventId, PriceState } from '../feedback/event.ts'
import {
  issuedAtMs,
  newTokens,
  secondKey,
  signUsual,
  usualFields,
} from '../feedback/test-tokens.ts'
import { TokenKind, tokenOf } from '../feedback/token.ts'
import type { TokenFields } from '../feedback/token-body.ts'
import { TokenRefusal } from '../feedback/token-refusal.ts'
import { type Clock, systemClock } from '../lib/clock.ts'
import { Meter } from '../telemetry/meter.ts'
import { eventsBodyBytesMax } from './events-call.ts'
import { createDataPlane, type DataPlane } from './server.ts'
import { post, postHead, WireClient, type WireResponse } from './test-wire.ts'

const paths = {
  Win: '/n/win',
  Bill: '/n/bill',
  Loss: '/n/loss',
  Impression: '/t/imp',
  Click: '/t/click',
} as const
type Name = keyof typeof paths
const names = Object.keys(paths) as Name[]
const kinds = {
  Win: EventKind.Win,
  Bill: EventKind.Bill,
  Loss: EventKind.Loss,
  Impression: EventKind.Exposure,
  Click: EventKind.Click,
} as const
const chrome = 'Mozilla/5.0 (Linux; Android 14) Chrome/126.0.0.0 Mobile Safari/537.36'
const fromUser = [`User-Agent: ${chrome}`, 'X-Forwarded-For: 6.6.6.6, 8.8.4.4']
/** A moment within the life of the tokens. */
const nowMs = issuedAtMs + 60_000

/** The machine's monotonic clock, which tests may move on, and a fixed wall. */
class TestClock implements Clock {
  aheadMs = 0
  wallMs(): number {
    return nowMs
  }
  monotonicMs(): number {
    return systemClock.monotonicMs() + this.aheadMs
  }
}

let clock: TestClock
let feedback: ReturnType<typeof newTestFeedback>
let meter: Meter
let plane: DataPlane
let port = 0
let clients: WireClient[] = []

beforeEach(async () => {
  clock = new TestClock()
  feedback = newTestFeedback(clock)
  meter = new Meter([])
  plane = createDataPlane({
    clock,
    decider: { decide: () => refuse(Refusal.AudienceMismatch) },
    scratches: new ScratchPool(() => new Scratch(), 2),
    meter,
    exchangeLog: null,
    onInternalError: (error) => feedback.refusals.push(error),
    notReady: () => [],
    media: [],
    feedback: feedback.deps,
  })
  port = await plane.listen('127.0.0.1', 0)
})

afterEach(() => {
  for (const client of clients) client.socket.destroy()
  clients = []
  plane.close()
  meter.close()
})

function open(): WireClient {
  const client = new WireClient(port)
  clients.push(client)
  return client
}

function get(path: string, headers: readonly string[] = [], method = 'GET'): Promise<WireResponse> {
  const lines = [`${method} ${path} HTTP/1.1`, 'Host: x', ...headers]
  return open()
    .send(`${lines.join('\r\n')}\r\n\r\n`)
    .next()
}

function token(name: Name, changed: Partial<TokenFields> = {}): string {
  return tokenOf(signUsual(feedback.tokens, changed), TokenKind[name])
}

function call(name: Name, parameters = '', headers: readonly string[] = []): Promise<WireResponse> {
  return get(`${paths[name]}?t=${token(name)}${parameters}`, headers)
}

const accepted: Readonly<Record<Name, number>> = {
  Win: 204,
  Bill: 204,
  Loss: 204,
  Impression: 200,
  Click: 302,
}

describe('a notice', () => {
  test.each(names)('%s is in the log before it is answered', async (name) => {
    const response = await call(name, '', fromUser)
    expect(response.status).toBe(accepted[name])
    expect(feedback.log.events).toHaveLength(1)
    expect(feedback.log.events[0]).toMatchObject({
      kind: kinds[name],
      source: EventSource.Notice,
      decisionId: usualFields.decisionId,
      campaign: usualFields.campaign,
      creative: usualFields.creative,
      receivedAtMs: nowMs,
    })
    expect(feedback.meter.acceptedOf(kinds[name], EventSource.Notice)).toBe(1)
  })

  test('is not answered as long as the log holds it', async () => {
    feedback.log.mode = 'holds'
    const answer = call('Win')
    await feedback.log.waiting(1)
    expect(feedback.meter.waiting).toBe(1)
    const first = await Promise.race([answer, get('/healthz')])
    expect(first.headers.get('content-type')).toBe('application/json')
    feedback.log.letGo()
    expect((await answer).status).toBe(204)
    expect(feedback.meter.waiting).toBe(0)
  })

  test('has one id however often it is called', async () => {
    await call('Bill', '&p=1.5')
    await call('Bill', '&p=1.5')
    const ids = feedback.log.events.map(({ id }) => id)
    const { token: bid } = feedback.tokens.verify(token('Bill'), TokenKind.Bill) as never
    expect(ids).toEqual([noticeEventId(EventKind.Bill, bid), ids[0]])
  })

  test('of an exchange may be POSTed, with or without a body', async () => {
    const path = `/n/win?t=${token('Win')}&p=2`
    const client = open()
    expect((await client.send(post(path, '')).next()).status).toBe(204)
    expect((await client.send(post(path, 'p=9&anything')).next()).status).toBe(204)
    expect(feedback.log.events.map(({ priceMicros }) => priceMicros)).toEqual([2e6, 2e6])
  })

  test('with a body longer than any notice has is refused and not logged', async () => {
    const response = await open()
      .send(post(`/n/win?t=${token('Win')}`, 'x'.repeat(5_000)))
      .next()
    expect(response.status).toBe(413)
    expect(feedback.log.events).toHaveLength(0)
  })

  test.each([
    ['HEAD', '/n/win', 'GET, POST'],
    ['PUT', '/n/bill', 'GET, POST'],
    ['POST', '/t/imp', 'GET'],
    ['HEAD', '/t/click', 'GET'],
    ['POST', '/m/word/imp', 'GET'],
    ['GET', '/events', 'POST'],
  ])('%s %s is no method of the route', async (method, path, allow) => {
    const response = await get(`${path}?t=${token('Win')}`, ['Content-Length: 0'], method)
    expect(response.status).toBe(405)
    expect(response.headers.get('allow')).toBe(allow)
    expect(feedback.log.events).toHaveLength(0)
  })

  test('reads price, multiplier, time and least price of a bill', async () => {
    await call('Bill', `&p=1.25&m=0.5&ts=${nowMs - 30_000}&mtw=1.1`)
    expect(feedback.log.events[0]).toMatchObject({
      priceMicros: 1_250_000,
      priceState: PriceState.Known,
      bidMicros: usualFields.priceMicros,
      minToWinMicros: 1_100_000,
      multiplier: 0.5,
      eventTimeMs: nowMs - 30_000,
      flags: [],
    })
  })

  test('reads a price in the unit of its exchange, and none of an unknown exchange', async () => {
    const prices = ['each', 'nobody'].map((id) =>
      token('Win', { exchange: serialOf('exchange', id) }),
    )
    for (const text of prices) await get(`/n/win?t=${text}&p=0.0015`)
    expect(feedback.log.events.map(({ priceMicros }) => priceMicros)).toEqual([1_500_000, 0])
    expect(feedback.log.events[1]?.priceState).toBe(PriceState.Unreadable)
  })

  test('does not believe a price above the bid, nor more impressions than were bought', async () => {
    await call('Bill', '&p=999&m=500')
    expect(feedback.log.events[0]).toMatchObject({
      priceMicros: 0,
      priceState: PriceState.Unreadable,
      multiplier: 1,
    })
  })

  test('of a loss has the reason and the price of who won', async () => {
    await call('Loss', '&l=102&mtw=3.5&p=7')
    expect(feedback.log.events[0]).toMatchObject({
      lossReason: 102,
      minToWinMicros: 3_500_000,
      priceMicros: 7_000_000,
    })
  })

  test('with macros that nobody expanded is taken, without what they stood for', async () => {
    const left = '&p=${AUCTION_PRICE}&m=${AUCTION_MULTIPLIER}&ts=${AUCTION_IMP_TS}'
    await call('Bill', left)
    expect(feedback.log.events[0]).toMatchObject({
      priceState: PriceState.Unexpanded,
      multiplier: 1,
      eventTimeMs: nowMs,
    })
  })

  test.each([
    ['before its bid', issuedAtMs - 60_001],
    ['in the future', nowMs + 300_001],
    ['in seconds', Math.floor(nowMs / 1_000)],
  ])('told of a time %s happened when it came', async (_, ts) => {
    await call('Bill', `&ts=${ts}`)
    expect(feedback.log.events[0]?.eventTimeMs).toBe(nowMs)
  })

  test('between servers leaves no network and no agent, and is no invalid traffic', async () => {
    await call('Bill', '', ['User-Agent: Go-http-client/1.1', 'X-Forwarded-For: 8.8.4.4'])
    expect(feedback.log.events[0]).toMatchObject({ network: '', agent: 0, flags: [] })
  })
})

describe('a token that is not taken', () => {
  const cases: readonly (readonly [string, TokenRefusal, (name: Name) => string])[] = [
    ['missing', TokenRefusal.Malformed, () => ''],
    ['cut', TokenRefusal.Forged, (name) => token(name).slice(0, -1)],
    ['changed', TokenRefusal.Forged, (name) => `${token(name).slice(0, -1)}_`],
    ['of another kind', TokenRefusal.WrongKind, (name) => token(name === 'Win' ? 'Bill' : 'Win')],
    [
      'of another house',
      TokenRefusal.ForeignKey,
      (name) => tokenOf(signUsual(newTokens([secondKey]).tokens), TokenKind[name]),
    ],
    ['full of nonsense', TokenRefusal.Malformed, () => '%00%ff<script>'],
  ]
  const statuses: Readonly<Record<Name, number>> = {
    Win: 400,
    Bill: 400,
    Loss: 400,
    Impression: 200,
    Click: 404,
  }

  for (const [about, refusal, textOf] of cases) {
    test.each(names)(`${about}: %s logs nothing and goes nowhere`, async (name) => {
      const response = await get(`${paths[name]}?t=${textOf(name)}`, fromUser)
      expect(response.status).toBe(statuses[name])
      expect(response.headers.has('location')).toBe(false)
      expect(feedback.log.events).toHaveLength(0)
      expect(feedback.meter.tokensRefused(refusal)).toBe(1)
    })
  }

  test.each(names)('expired: %s logs nothing', async (name) => {
    const text = token(name)
    feedback.tokenClock.advance(7 * 24 * 3_600_000)
    const response = await get(`${paths[name]}?t=${text}`)
    expect(response.status).toBe(statuses[name] === 400 ? 410 : statuses[name])
    expect(feedback.log.events).toHaveLength(0)
    expect(feedback.meter.tokensRefused(TokenRefusal.Expired)).toBe(1)
  })
})

describe('an exposure', () => {
  test('is answered with a pixel that nobody may keep', async () => {
    const response = await call('Impression', '', fromUser)
    expect(response.headers.get('content-type')).toBe('image/gif')
    expect(response.headers.get('cache-control')).toBe('no-store')
    expect(response.bytes).toHaveLength(43)
    expect(response.bytes.toString('latin1')).toMatch(/^GIF89a.*;$/s)
  })

  test('keeps the network of the person and a number of the agent', async () => {
    await call('Impression', '', fromUser)
    const [event] = feedback.log.events
    expect(event).toMatchObject({ network: '8.8.4.0/24', flags: [] })
    expect(event?.agent).toBeGreaterThan(0)
  })

  test('of a crawler is kept and flagged', async () => {
    await call('Impression', '', ['User-Agent: Mozilla/5.0 (compatible; Googlebot/2.1)'])
    await call('Impression', '', ['User-Agent: curl/8.5.0'])
    expect(feedback.log.events.map(({ flags }) => flags)).toEqual([[1], [2]])
  })

  test('of a network that is too fast is kept and flagged', async () => {
    for (let i = 0; i < 5; i++) await call('Impression', '', fromUser)
    expect(feedback.log.events.map(({ flags }) => flags)).toEqual([[], [], [], [], [3]])
  })
})

describe('a click', () => {
  test('goes to the landing page of the creative that the token names', async () => {
    const response = await call('Click', '', fromUser)
    expect(response.headers.get('location')).toBe(landing)
    expect(response.headers.get('cache-control')).toBe('no-store')
  })

  test.each([
    '&url=https://evil.example',
    '&redirect=//evil.example',
    '&t=https://evil.example',
    '%0d%0aLocation:%20https://evil.example',
  ])('goes nowhere else, whatever is put behind it: %s', async (more) => {
    const response = await call('Click', more, fromUser)
    expect(response.headers.get('location') ?? landing).toBe(landing)
    expect(response.body).not.toContain('evil')
  })

  test('of a creative that nobody knows is logged and answered with 404', async () => {
    const text = token('Click', { creative: serialOf('creative', 'gone') })
    const response = await get(`/t/click?t=${text}`, fromUser)
    expect(response.status).toBe(404)
    expect(feedback.log.events).toHaveLength(1)
  })

  test('of a worker that has no catalog yet is logged, and the browser comes again', async () => {
    feedback.state.isCatalogLoaded = false
    const early = await call('Click', '', fromUser)
    expect([early.status, early.headers.get('refresh')]).toEqual([503, '1'])
    feedback.state.isCatalogLoaded = true
    expect((await call('Click', '', fromUser)).headers.get('location')).toBe(landing)
    const [first, second] = feedback.log.events
    expect(first?.id).toBe(second?.id)
  })

  test('that the log does not take still gets to the page, and is counted as lost', async () => {
    feedback.log.mode = 'refuses'
    const response = await call('Click', '', fromUser)
    expect([response.status, response.headers.get('location')]).toEqual([302, landing])
    expect(feedback.meter.clicksLost).toBe(1)
    expect(feedback.refusals).toHaveLength(1)
  })
})

describe('a worker without a first catalog', () => {
  test.each(['Win', 'Bill', 'Loss', 'Impression'] as const)(
    'has nothing to read a price of %s with: it is to come again',
    async (name) => {
      feedback.state.isCatalogLoaded = false
      const response = await call(name)
      expect([response.status, response.headers.get('retry-after')]).toEqual([503, '1'])
      expect([feedback.log.events.length, feedback.meter.unavailable]).toEqual([0, 1])
      feedback.state.isCatalogLoaded = true
      expect((await call(name)).status).toBe(accepted[name])
      expect(feedback.log.events).toHaveLength(1)
    },
  )
})

describe('when the log does not take events', () => {
  test.each(['Win', 'Bill', 'Loss', 'Impression'] as const)('%s is to come again', async (name) => {
    feedback.log.mode = 'refuses'
    const response = await call(name)
    expect(response.status).toBe(503)
    expect(response.headers.get('retry-after')).toBe('1')
    expect(feedback.meter.unavailable).toBe(1)
    feedback.log.mode = 'takes'
    expect((await call(name)).status).toBe(accepted[name])
  })

  test('one that never answers is given up, and what it takes later still counts', async () => {
    feedback.log.mode = 'holds'
    const answer = call('Win')
    await feedback.log.waiting(1)
    clock.aheadMs += 6_000
    expect((await answer).status).toBe(503)
    feedback.log.letGo()
    feedback.log.mode = 'takes'
    expect((await call('Bill')).status).toBe(204)
    expect(feedback.log.events.map(({ kind }) => kind)).toEqual([EventKind.Win, EventKind.Bill])
  })

  test('a caller that went away meanwhile is answered nothing, and its event is kept', async () => {
    feedback.log.mode = 'holds'
    const client = open()
    client.send(`GET /n/win?t=${token('Win')} HTTP/1.1\r\nHost: x\r\n\r\n`)
    await feedback.log.waiting(1)
    client.socket.destroy()
    while (feedback.meter.aborted === 0) await get('/healthz')
    feedback.log.letGo()
    feedback.log.mode = 'takes'
    for (let i = 0; i < 3; i++) expect((await call('Bill')).status).toBe(204)
    expect(feedback.log.events).toHaveLength(4)
    expect(feedback.refusals).toEqual([])
  })
})

describe('when too many calls are open', () => {
  async function fill(): Promise<void> {
    feedback.log.mode = 'holds'
    for (let i = 0; i < 8; i++) {
      open().send(`GET /n/win?t=${token('Win')} HTTP/1.1\r\nHost: x\r\n\r\n`)
    }
    await feedback.log.waiting(8)
  }

  test.each(['Win', 'Bill', 'Loss', 'Impression'] as const)('%s is to come again', async (name) => {
    await fill()
    expect((await call(name)).status).toBe(503)
    expect((await get('/m/word/imp?a=1')).status).toBe(503)
    expect(feedback.meter.overload).toBe(2)
  })

  test('a click still gets to the page, and a bad token still nowhere', async () => {
    await fill()
    expect((await call('Click')).headers.get('location')).toBe(landing)
    expect((await get('/t/click?t=x')).status).toBe(404)
    expect((await get('/m/nobody/imp?a=1')).status).toBe(404)
    expect(feedback.meter.clicksLost).toBe(1)
  })

  test('those whose callers went away are open as long as the log holds their events', async () => {
    await fill()
    for (const client of clients) client.socket.destroy()
    while (feedback.meter.aborted < 8) await get('/healthz')
    feedback.log.mode = 'takes'
    expect((await call('Bill')).status).toBe(503)
  })

  test('calls that end make room', async () => {
    await fill()
    feedback.log.letGo()
    feedback.log.mode = 'takes'
    let status = 503
    while (status === 503) status = (await call('Bill')).status
    expect(status).toBe(204)
  })
})

describe('a body that does not come', () => {
  test.each([
    ['a notice', () => `/n/win?t=${token('Win')}`, [] as string[], 2_000],
    ['events', () => '/events', [senderKey], 6_000],
  ])('of %s ends the connection', async (_, path, headers, waitMs) => {
    const client = open().send(`${postHead(path(), 100, headers)}{`)
    await get('/healthz')
    clock.aheadMs += waitMs
    expect((await client.next()).status).toBe(408)
    await client.closed()
    expect(feedback.log.events).toHaveLength(0)
  })
})

describe('a monitoring link', () => {
  test.each(['imp', 'click', 'conv'])(
    'of kind %s is logged and answered with 200',
    async (kind) => {
      const response = await get(`/m/word/${kind}?a=1`)
      expect([response.status, response.body]).toEqual([200, ''])
      expect(feedback.log.events.map(({ id }) => id)).toEqual(['monitor-a=1'])
    },
  )

  test.each([
    ['/m/nobody/imp?', 404],
    ['/m/word/view?', 404],
    ['/m/word/imp?no=3', 403],
    ['/m/word/imp?no=4', 403],
    ['/m/word/imp?no=5', 400],
    ['/m/word/imp?no=6', 400],
    ['/m/word?', 404],
    ['/m/word/imp/more?', 404],
  ])('%s is answered with %i and not logged', async (path, status) => {
    expect((await get(path)).status).toBe(status)
    expect(feedback.log.events).toHaveLength(0)
  })

  test('comes again when the log does not take it', async () => {
    feedback.log.mode = 'refuses'
    expect((await get('/m/word/imp?a=1')).status).toBe(503)
  })
})

describe('POST /events', () => {
  const click = {
    type: 'click',
    eventId: 'e-1',
    eventTimeMs: nowMs - 1_000,
    campaignId: 'shoes-autumn',
    devices: [{ type: 'oaid', value: 'abc' }],
  }

  function send(body: unknown, headers: readonly string[] = [senderKey]): Promise<WireResponse> {
    const text = typeof body === 'string' ? body : JSON.stringify(body)
    return open()
      .send(post('/events', text, headers))
      .next()
  }

  test('takes one event and says its id', async () => {
    const response = await send(click)
    expect(response.status).toBe(202)
    const [event] = feedback.log.events
    expect(JSON.parse(response.body)).toEqual({
      results: [{ index: 0, status: 'accepted', id: event?.id }],
    })
    expect(event).toMatchObject({
      kind: EventKind.Click,
      source: EventSource.Api,
      campaign: usualFields.campaign,
      advertiser: usualFields.advertiser,
      devices: [{ type: 3, high: 3, low: 7 }],
    })
  })

  test('of a worker without a first catalog takes none: whose campaign it is, it cannot know', async () => {
    feedback.state.isCatalogLoaded = false
    const response = await send(click)
    expect(response.status).toBe(503)
    expect(JSON.parse(response.body)).toEqual({ results: [{ index: 0, status: 'unavailable' }] })
    expect(feedback.log.events).toEqual([])
  })

  test('says for each event of a batch what became of it', async () => {
    const response = await send({ events: [click, { ...click, type: 'view' }, 7, click] })
    expect(response.status).toBe(202)
    const { results } = JSON.parse(response.body) as { results: Record<string, unknown>[] }
    expect(results.map(({ index, status, code }) => [index, status, code])).toEqual([
      [0, 'accepted', undefined],
      [1, 'rejected', 'SLUICE_EVENT_TYPE'],
      [2, 'rejected', 'SLUICE_EVENT_FIELD'],
      [3, 'accepted', undefined],
    ])
    expect(results[0]?.['id']).toBe(results[3]?.['id'])
    expect(feedback.log.events).toHaveLength(2)
  })

  test('works a full batch off in slices, in order', async () => {
    const events = Array.from({ length: 1_000 }, (_, i) => ({ ...click, eventId: `e-${i}` }))
    const response = await send({ events })
    const { results } = JSON.parse(response.body) as { results: { id: string }[] }
    expect(results.map(({ id }) => id)).toEqual(feedback.log.events.map(({ id }) => id))
    expect(new Set(results.map(({ id }) => id)).size).toBe(1_000)
  })

  test.each([
    ['', 401, 'SLUICE_EVENT_KEY'],
    ['Authorization: Bearer nobody', 401, 'SLUICE_EVENT_KEY'],
    ['Authorization: Bearer viewer-key', 403, 'SLUICE_EVENT_FORBIDDEN'],
    ['Authorization: Bearer early-key', 503, 'SLUICE_EVENT_KEYS_UNKNOWN'],
  ])(
    'with the key "%s" is answered with %i before its body comes',
    async (header, status, code) => {
      const headers = header === '' ? [] : [header]
      const client = open().send(postHead('/events', 1_000_000, headers))
      const response = await client.next()
      expect(response.status).toBe(status)
      expect(JSON.parse(response.body)).toMatchObject({ code })
      expect(feedback.meter.wrongKeys).toBe(1)
      await client.closed()
    },
  )

  test.each([
    ['', 'SLUICE_EVENT_BODY'],
    ['{', 'SLUICE_EVENT_BODY'],
    ['[]', 'SLUICE_EVENT_BODY'],
    ['"x"', 'SLUICE_EVENT_BODY'],
    ['{"events":{}}', 'SLUICE_EVENT_BODY'],
    ['{"events":[],"more":1}', 'SLUICE_EVENT_BODY'],
    ['{"events":[]}', 'SLUICE_EVENT_COUNT'],
    [`{"events":[${'0,'.repeat(1_000)}0]}`, 'SLUICE_EVENT_COUNT'],
  ])('with the body %s is answered with 400', async (body, code) => {
    const response = await send(body)
    expect(response.status).toBe(400)
    expect(JSON.parse(response.body)).toMatchObject({ code })
  })

  test('with a body over the limit is answered with 413', async () => {
    const client = open().send(postHead('/events', eventsBodyBytesMax + 1, [senderKey]))
    client.send('x'.repeat(eventsBodyBytesMax + 1))
    const response = await client.next()
    expect(response.status).toBe(413)
    expect(JSON.parse(response.body)).toMatchObject({ code: 'SLUICE_EVENT_TOO_LARGE' })
  })

  test('with a body of exactly the limit is read', async () => {
    const body = JSON.stringify(click).padEnd(eventsBodyBytesMax, ' ')
    expect((await send(body)).status).toBe(202)
  })

  test('that the log does not take is answered with 503, each event as unavailable', async () => {
    feedback.log.mode = 'refuses'
    const response = await send({ events: [click, { ...click, type: 'view' }] })
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '1'])
    const { results } = JSON.parse(response.body) as { results: { status: string }[] }
    expect(results.map(({ status }) => status)).toEqual(['unavailable', 'rejected'])
  })

  test('whose events are all rejected is answered with 202: sending it again is of no use', async () => {
    expect((await send({ ...click, type: 'view' })).status).toBe(202)
  })

  test('whose sender went away meanwhile is kept', async () => {
    feedback.log.mode = 'holds'
    const client = open().send(post('/events', JSON.stringify(click), [senderKey]))
    await feedback.log.waiting(1)
    client.socket.destroy()
    while (feedback.meter.aborted === 0) await get('/healthz')
    feedback.log.letGo()
    feedback.log.mode = 'takes'
    expect((await send(click)).status).toBe(202)
    expect(feedback.log.events).toHaveLength(2)
  })
})

describe('a drain', () => {
  test('waits for events that the log holds, and closes', async () => {
    feedback.log.mode = 'holds'
    const answer = call('Win')
    await feedback.log.waiting(1)
    const drained = plane.drain(5_000)
    feedback.log.letGo()
    const response = await answer
    expect([response.status, response.headers.get('connection')]).toEqual([204, 'close'])
    clock.aheadMs += 2_000
    await drained
  })
})
