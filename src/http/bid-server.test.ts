import { gunzipSync, gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { BidScratch } from '../decision/bid/bid-scratch.ts'
import { Scratch } from '../decision/scratch.ts'
import { ScratchPool } from '../decision/scratch-pool.ts'
import { refuse } from '../domain/decision.ts'
import type { Exchange } from '../domain/exchange.ts'
import { Refusal } from '../domain/refusal.ts'
import { type Clock, systemClock } from '../lib/clock.ts'
import { BidMeter } from '../telemetry/bid-meter.ts'
import { Meter } from '../telemetry/meter.ts'
import { gzipAnswerBytesMin, openRtbBodyBytesMax } from './bid-body.ts'
import { createDataPlane, type DataPlane, type DataPlaneDeps } from './server.ts'
import { ScriptedBidDecider, testExchange, wordAdapter } from './test-bids.ts'
import { post, postHead, WireClient, wordMedium } from './test-wire.ts'

const path = '/openrtb2/acme'
const protobuf = 'Content-Type: application/x-protobuf'

/** The machine's clock, which tests may move on. */
class ShiftedClock implements Clock {
  aheadMs = 0
  wallMs(): number {
    return systemClock.wallMs()
  }
  monotonicMs(): number {
    return systemClock.monotonicMs() + this.aheadMs
  }
}

let exchanges: Map<string, Exchange>
let isCatalogLoaded = true
let meter: Meter
let bidMeter: BidMeter
let scratches: ScratchPool<BidScratch>
let decider: ScriptedBidDecider
let clock: ShiftedClock
let plane: DataPlane
let port = 0
let errors: unknown[] = []
let clients: WireClient[] = []

beforeEach(async () => {
  exchanges = new Map(
    [
      testExchange('acme'),
      testExchange('why', { noBid: 'reason' }),
      testExchange('off', { enabled: false }),
      testExchange('capped', { qpsMax: 1 }),
      testExchange('secret', { secretHeader: { name: 'X-Key', values: ['old-key', 'new-key-2'] } }),
      testExchange('never', { tmaxDefaultMs: 10 }),
      testExchange('strict', { tmaxMaxMs: 30_000 }),
    ].map((one) => [one.id, one]),
  )
  isCatalogLoaded = true
  meter = new Meter(['word'])
  bidMeter = new BidMeter()
  scratches = new ScratchPool(() => new BidScratch(), 2)
  decider = new ScriptedBidDecider()
  clock = new ShiftedClock()
  errors = []
  plane = createDataPlane(planeDeps())
  port = await plane.listen('127.0.0.1', 0)
})

afterEach(() => {
  for (const client of clients) client.socket.destroy()
  clients = []
  plane.close()
  meter.close()
})

function planeDeps(): DataPlaneDeps {
  const settings = { name: 'word', enabled: true, networkAllowanceMs: 0, sendAllowanceMs: 0 }
  return {
    clock,
    decider: { decide: () => refuse(Refusal.AudienceMismatch) },
    scratches: new ScratchPool(() => new Scratch(), 2),
    meter,
    exchangeLog: null,
    onInternalError: (error) => errors.push(error),
    notReady: () => [],
    media: [
      {
        adapter: wordMedium('word', 60_000),
        settings: {
          ...settings,
          qpsMax: 0,
          secretHeader: null,
          unknownProfile: { kind: 'refuse' },
          cacheAcceptSeconds: null,
          cacheRefuseSeconds: null,
          exchangeLogRate: 0,
          exchangeLogStrategies: [],
        },
      },
    ],
    bids: {
      adapter: wordAdapter,
      decider,
      scratches,
      meter: bidMeter,
      exchangeOf: (name) => exchanges.get(name) ?? null,
      isCatalogLoaded: () => isCatalogLoaded,
    },
  }
}

function open(): WireClient {
  const client = new WireClient(port)
  clients.push(client)
  return client
}

/** A POST of bytes, such as a gzipped body. */
function postBytes(bytes: Uint8Array, headers: readonly string[], to = path): Uint8Array {
  return Buffer.concat([Buffer.from(postHead(to, bytes.length, headers)), bytes])
}

/** How many answers of an exchange had this reason. */
function counted(exchange: string, refusal: Refusal): number {
  return bidMeter.answers(bidMeter.numberOf(exchange), refusal)
}

/** The value of a series, summed over what its labels leave open. */
function series(name: string, labels: Record<string, string> = {}): number {
  const found = bidMeter.snapshot(0).find((one) => one.name === name)
  if (found === undefined) throw new Error(`no metric is called ${name}`)
  return found.values
    .filter((one) => Object.entries(labels).every(([key, value]) => one.labels[key] === value))
    .filter((one) => one.metricName === undefined || one.metricName.endsWith('_count'))
    .reduce((sum, one) => sum + one.value, 0)
}

/** Lets the loop turn until `condition` holds; the test's own time limit ends a wait in vain. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve))
}

describe('a bid', () => {
  test('is 200 with the type of its form and no superfluous header', async () => {
    const response = await open().send(post(path, 'bid-1')).next()
    expect(response).toMatchObject({ status: 200, body: 'json BID bid-1' })
    expect([...response.headers.keys()].toSorted()).toEqual([
      'content-length',
      'content-type',
      'date',
    ])
    expect(response.headers.get('content-type')).toBe('application/json')
    expect(counted('acme', Refusal.None)).toBe(1)
    expect(series('sluice_bid_bids_total', { exchange: 'acme', format: 'native' })).toBe(1)
    expect(scratches.free).toBe(2)
  })

  test.each([
    ['application/x-protobuf', 'proto'],
    ['application/protobuf', 'proto'],
    ['application/octet-stream', 'proto'],
    ['Application/X-Protobuf; charset=binary', 'proto'],
    ['application/json;charset=UTF-8', 'json'],
    ['text/plain', 'json'],
    ['', 'json'],
  ])('content type %j is answered as %s', async (type, form) => {
    const response = await open()
      .send(post(path, 'bid', [`Content-Type: ${type}`]))
      .next()
    expect(response.body).toBe(`${form} BID bid`)
    const expected = form === 'json' ? 'application/json' : 'application/x-protobuf'
    expect(response.headers.get('content-type')).toBe(expected)
  })

  test('comes from a body in single bytes, plain or chunked', async () => {
    const client = open().send(postHead(path, 7))
    await client.drip('bid-abc')
    expect((await client.next()).body).toBe('json BID bid-abc')
    client.send(`POST ${path} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n`)
    await client.drip('3\r\nbid\r\n4\r\n-def\r\n0\r\n\r\n')
    expect((await client.next()).body).toBe('json BID bid-def')
  })

  test('waits for a store that waits, on a kept connection', async () => {
    decider.waits = true
    const client = open()
    for (const [word, status] of [
      ['bid-1', 200],
      ['none', 204],
      ['bid-3', 200],
    ] as const) {
      client.send(post(path, word))
      await decider.waiting(1)
      decider.letGo()
      expect(await client.next()).toMatchObject({ status })
    }
    expect(scratches.free).toBe(2)
    expect(bidMeter.inFlight).toBe(0)
  })

  test('has the time of tmax as far as it is believed, without what is not ours', async () => {
    const client = open()
    for (const [to, word] of [
      [path, 'bid'],
      [path, 'bid tmax=90000'],
      [path, 'bid tmax=500000'],
      ['/openrtb2/strict', 'bid'],
    ] as const) {
      await client.send(post(to, word)).next()
    }
    expect(decider.timesMs).toEqual([59_985, 89_985, 119_985, 29_985])
  })
})

describe('the version header', () => {
  test.each([
    ['2.6', '2.6'],
    ['2.6-202606', undefined],
    ['2.5.1', '2.5.1'],
    ['123456789', undefined],
    ['2.', undefined],
    ['<b>', undefined],
  ])('%s comes back as %s, on 200 and on 204', async (version, expected) => {
    const client = open()
    for (const [word, status] of [
      ['bid', 200],
      ['none', 204],
    ] as const) {
      const response = await client.send(post(path, word, [`X-OpenRTB-Version: ${version}`])).next()
      expect(response.status).toBe(status)
      expect(response.headers.get('x-openrtb-version')).toBe(expected)
    }
  })

  test('hundreds of different ones are still echoed, each its own', async () => {
    const client = open()
    for (let i = 0; i < 100; i++) {
      client.send(post(path, 'bid', [`x-openrtb-version: 9.${i}`]))
      expect((await client.next()).headers.get('x-openrtb-version')).toBe(`9.${i}`)
    }
  })
})

describe('gzip', () => {
  const gzip = 'Content-Encoding: gzip'

  test.each([['gzip'], ['x-gzip'], ['GZIP'], ['identity, gzip']])(
    'a request coded %s is inflated, whole or in single bytes, in both forms',
    async (coding) => {
      const client = open()
      const body = gzipSync('bid-zip')
      client.send(postBytes(body, [`Content-Encoding: ${coding}`]))
      expect((await client.next()).body).toBe('json BID bid-zip')
      client.send(postHead(path, body.length, [`Content-Encoding: ${coding}`, protobuf]))
      await client.drip(body)
      expect((await client.next()).body).toBe('proto BID bid-zip')
      expect(series('sluice_bid_step_seconds', { step: 'inflate' })).toBe(2)
    },
  )

  test('a gzipped request that does not say so is inflated too', async () => {
    const response = await open()
      .send(postBytes(gzipSync('bid-zip'), []))
      .next()
    expect(response.body).toBe('json BID bid-zip')
  })

  test.each([
    ['a plain body that says gzip', gzip, 400, Buffer.from('bid')],
    ['gzip cut short', gzip, 400, gzipSync('bid '.repeat(100)).subarray(0, -9)],
    ['gzip with a wrong sum', gzip, 400, spoilt(gzipSync('bid'))],
    ['gzip of nothing', gzip, 400, gzipSync('')],
    ['deflate', 'Content-Encoding: deflate', 400, Buffer.from('bid')],
    ['br', 'Content-Encoding: br', 400, Buffer.from('bid')],
    ['gzip twice', 'Content-Encoding: gzip, gzip', 400, gzipSync(gzipSync('bid'))],
    ['a bomb', gzip, 413, gzipSync(Buffer.alloc(openRtbBodyBytesMax + 1))],
  ])('%s (%s) gets %d without a body, and the connection lives', async (...given) => {
    const [, header, status, body] = given
    const client = open()
    expect(await client.send(postBytes(body, [header])).next()).toMatchObject({ status, body: '' })
    expect((await client.send(post(path, 'bid')).next()).body).toBe('json BID bid')
    expect(scratches.free).toBe(2)
    expect(errors).toEqual([])
  })

  test('a request that inflates to exactly the limit is read', async () => {
    const body = gzipSync(`bid ${'.'.repeat(openRtbBodyBytesMax - 4)}`)
    expect(
      await open()
        .send(postBytes(body, [gzip]))
        .next(),
    ).toMatchObject({ status: 200 })
  })

  test.each([
    ['gzip', true],
    ['deflate, gzip;q=0.5', true],
    ['*', true],
    ['br, X-GZIP', true],
    ['gzip;q=0', false],
    ['gzip; q=0.0, *', false],
    ['*;q=0', false],
    ['br', false],
    ['gzippy', false],
    ['identity', false],
  ])('Accept-Encoding %s: the answer is gzip: %s', async (accept, isGzip) => {
    const response = await open()
      .send(post(path, 'bid pad=2000', [`Accept-Encoding: ${accept}`, 'x-openrtb-version: 2.6']))
      .next()
    expect(response.headers.get('content-encoding')).toBe(isGzip ? 'gzip' : undefined)
    expect(response.headers.get('x-openrtb-version')).toBe('2.6')
    const plain = isGzip ? gunzipSync(response.bytes) : response.bytes
    expect(plain.toString()).toBe(`json BID bid${'.'.repeat(2000)}`)
  })

  test('an answer below the minimum goes as it is', async () => {
    const client = open()
    const own = 'json BID bid'.length
    for (const [pad, isGzip] of [
      [gzipAnswerBytesMin - own - 1, false],
      [gzipAnswerBytesMin - own, true],
    ] as const) {
      client.send(post(path, `bid pad=${pad}`, ['Accept-Encoding: gzip']))
      expect((await client.next()).headers.has('content-encoding')).toBe(isGzip)
    }
  })
})

describe('no bid', () => {
  const cases: [string, string, string, Refusal][] = [
    ['nothing fits', path, 'none', Refusal.NothingEligible],
    ['a crawler', path, 'early', Refusal.Crawler],
    ['a dry run', path, 'dry', Refusal.DryRun],
    ['no usable impression', path, 'unusable', Refusal.NoUsableImp],
    ['an exchange that is off', '/openrtb2/off', 'bid', Refusal.ExchangeOff],
    ['no time even by default', '/openrtb2/never', 'bid', Refusal.Overload],
    ['a tmax that leaves no time', path, 'bid tmax=15', Refusal.Deadline],
    ['a decoder that breaks', path, 'throw', Refusal.Internal],
  ]
  test.each(cases)('%s: 204, counted, on a kept connection', async (_, to, body, refusal) => {
    const client = open()
    client.send(post(to, body))
    expect(await client.next()).toMatchObject({ status: 204, body: '' })
    client.send(postHead(to, body.length))
    await client.drip(body)
    expect(await client.next()).toMatchObject({ status: 204, body: '' })
    expect(counted(to.slice('/openrtb2/'.length), refusal)).toBe(2)
    expect((await client.send(post(path, 'bid')).next()).status).toBe(200)
    expect(scratches.free).toBe(2)
    expect(errors).toHaveLength(refusal === Refusal.Internal ? 2 : 0)
  })

  test.each(['throws', 'rejects'] as const)('a decider that %s', async (how) => {
    decider.breaks = how
    const client = open().send(post('/openrtb2/why', 'bid'))
    expect(await client.next()).toMatchObject({ status: 204, body: '' })
    expect(counted('why', Refusal.Internal)).toBe(1)
    expect(errors).toHaveLength(1)
    decider.breaks = 'never'
    expect((await client.send(post(path, 'bid')).next()).status).toBe(200)
    expect(scratches.free).toBe(2)
  })

  test('more than the cap of a second, which a changed entry does not fill up again', async () => {
    const client = open()
    const ask = async () => (await client.send(post('/openrtb2/capped', 'bid')).next()).status
    expect(await ask()).toBe(200)
    expect(await ask()).toBe(204)
    exchanges.set('capped', testExchange('capped', { qpsMax: 1, seat: 'new' }))
    expect(await ask()).toBe(204)
    expect(counted('capped', Refusal.QpsCap)).toBe(2)
    exchanges.set('capped', testExchange('capped', { qpsMax: 0 }))
    expect(await ask()).toBe(200)
  })

  test('more requests at once than there are scratches', async () => {
    decider.waits = true
    const held = [open(), open()].map((client) => client.send(post(path, 'bid')))
    await decider.waiting(2)
    expect(await open().send(post(path, 'bid')).next()).toMatchObject({ status: 204, body: '' })
    expect(counted('acme', Refusal.Overload)).toBe(1)
    // One worker has one limit: what bids hold, RTA cannot have.
    const rta = await open().send(post('/rta/word', 'yes')).next()
    expect(rta.body).toBe(`REFUSE ${Refusal.Overload}`)
    decider.letGo()
    for (const client of held) expect((await client.next()).status).toBe(200)
    expect((await open().send(post('/rta/word', 'yes')).next()).body).toBe(
      `REFUSE ${Refusal.AudienceMismatch}`,
    )
  })

  test('a decision after the deadline is no bid', async () => {
    decider.waits = true
    const client = open().send(post(path, 'bid'))
    await decider.waiting(1)
    clock.aheadMs = 60_000
    decider.letGo()
    expect(await client.next()).toMatchObject({ status: 204, body: '' })
    expect(counted('acme', Refusal.Deadline)).toBe(1)
    await until(() => scratches.free === 2)
  })

  test('a decision that never comes is given up at the deadline; its scratch comes back with it', async () => {
    decider.waits = true
    // A third of the time of the request after it, which may be taken to have come before the leap.
    const client = open().send(post(path, 'bid tmax=20000'))
    await decider.waiting(1)
    clock.aheadMs = 20_000
    expect(await client.next()).toMatchObject({ status: 204, body: '' })
    expect(scratches.free).toBe(1)
    decider.letGo()
    await until(() => scratches.free === 2)
    decider.waits = false
    expect((await client.send(post(path, 'bid')).next()).status).toBe(200)
    expect(bidMeter.inFlight).toBe(0)
    expect(errors).toEqual([])
  })
})

test('204 carries no content length, a refusal without body does', async () => {
  const client = open()
  for (const body of ['none', 'early', 'none']) {
    const response = await client.send(post(path, body)).next()
    expect([...response.headers.keys()]).toEqual(['date'])
  }
  const refused = await client.send(post(path, 'junk')).next()
  expect(refused.headers.get('content-length')).toBe('0')
})

describe('an exchange that wants reasons', () => {
  test.each([
    ['none', Refusal.NothingEligible],
    ['dry', Refusal.DryRun],
    ['unusable', Refusal.NoUsableImp],
    ['bid tmax=3', Refusal.Deadline],
  ])('%s: 200 with the reason, in the form of the request', async (body, refusal) => {
    const client = open()
    const id = body.split(' ')[0]
    client.send(post('/openrtb2/why', body, ['x-openrtb-version: 2.5']))
    const response = await client.next()
    expect(response).toMatchObject({ status: 200, body: `json NONE ${id} ${refusal}` })
    expect(response.headers.get('content-type')).toBe('application/json')
    expect(response.headers.get('x-openrtb-version')).toBe('2.5')
    client.send(post('/openrtb2/why', body, [protobuf]))
    expect((await client.next()).body).toBe(`proto NONE ${id} ${refusal}`)
    expect(counted('why', refusal)).toBe(2)
  })

  test('gets 204 where the request id is not known, and 400 for junk', async () => {
    const client = open()
    expect(await client.send(post('/openrtb2/why', 'throw')).next()).toMatchObject({ status: 204 })
    expect(await client.send(post('/openrtb2/why', 'junk')).next()).toMatchObject({
      status: 400,
      body: '',
    })
    exchanges.set('why', testExchange('why', { noBid: 'reason', enabled: false }))
    expect(await client.send(post('/openrtb2/why', 'none')).next()).toMatchObject({ status: 204 })
  })
})

describe('what the caller does wrong', () => {
  test.each([
    ['a malformed body', path, 'junk', [], 400, Refusal.Malformed],
    ['an empty body', path, '', [], 400, Refusal.EmptyBody],
    ['no secret', '/openrtb2/secret', 'bid', [], 403, Refusal.Forbidden],
    ['a wrong secret', '/openrtb2/secret', 'bid', ['X-Key: old-kez'], 403, Refusal.Forbidden],
  ])('%s: %s %j %j %d without a body, on a kept connection', async (...given) => {
    const [, to, body, headers, status, refusal] = given
    const client = open()
    client.send(post(to, body, [...headers, 'x-openrtb-version: 2.6']))
    expect(await client.next()).toMatchObject({ status, body: '' })
    client.send(postHead(to, body.length, headers))
    await client.drip(body)
    expect(await client.next()).toMatchObject({ status, body: '' })
    expect(counted(to.slice('/openrtb2/'.length), refusal)).toBe(2)
    expect((await client.send(post(path, 'bid')).next()).status).toBe(200)
  })

  test('both secrets are good while one is rotated, and a new entry is in force at once', async () => {
    const client = open()
    const ask = async (key: string) =>
      (await client.send(post('/openrtb2/secret', 'bid', [`X-Key: ${key}`])).next()).status
    expect(await ask('old-key')).toBe(200)
    expect(await ask('new-key-2')).toBe(200)
    exchanges.set(
      'secret',
      testExchange('secret', { secretHeader: { name: 'X-Key', values: ['new-key-2'] } }),
    )
    expect(await ask('old-key')).toBe(403)
    expect(await ask('new-key-2')).toBe(200)
  })

  test('an exchange that the catalog does not have is 404, and no label of its name is made', async () => {
    const client = open()
    for (const name of ['nobody', 'constructor', '%2e']) {
      const response = await client.send(post(`/openrtb2/${name}`, 'bid')).next()
      expect(response).toMatchObject({ status: 404, body: '' })
    }
    expect(bidMeter.answers(bidMeter.unknown, Refusal.UnknownExchange)).toBe(3)
    expect((await client.send(post(path, 'bid')).next()).status).toBe(200)
    expect(JSON.stringify(bidMeter.snapshot(0))).not.toContain('nobody')
  })

  test('before a first catalog is loaded nobody is unknown: 204', async () => {
    isCatalogLoaded = false
    const response = await open().send(post('/openrtb2/nobody', 'bid')).next()
    expect(response).toMatchObject({ status: 204, body: '' })
    expect(bidMeter.answers(bidMeter.unknown, Refusal.CatalogUnavailable)).toBe(1)
  })

  test.each(['GET', 'HEAD', 'PUT', 'DELETE'])('%s is 405', async (method) => {
    const client = open()
    client.send(`${method} ${path} HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n`)
    const response = await client.next()
    expect(response).toMatchObject({ status: 405, body: '' })
    expect(response.headers.get('allow')).toBe('POST')
    expect((await client.send(post(path, 'bid')).next()).status).toBe(200)
  })

  test.each(['/openrtb2', '/openrtb2/', '/openrtb2/acme/more'])('%s is 404', async (to) => {
    expect(await open().send(post(to, 'bid')).next()).toMatchObject({ status: 404, body: '' })
  })

  test('a body over the limit: 413 and a closed connection; at the limit it is read', async () => {
    const atLimit = `bid ${'.'.repeat(openRtbBodyBytesMax - 4)}`
    expect((await open().send(post(path, atLimit)).next()).status).toBe(200)
    const client = open().send(post(path, `${atLimit}.`))
    const response = await client.next()
    expect(response).toMatchObject({ status: 413, body: '' })
    expect(response.headers.get('connection')).toBe('close')
    await client.closed()
    expect(counted('acme', Refusal.BodyTooLarge)).toBe(1)
  })

  test('a chunked body without end is cut off at the limit', async () => {
    const client = open()
    client.send(`POST ${path} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n`)
    const piece = 'y'.repeat(0x4000)
    for (let i = 0; i < openRtbBodyBytesMax / 0x4000; i++) client.send(`4000\r\n${piece}\r\n`)
    client.send('1\r\ny\r\n')
    expect((await client.next()).status).toBe(413)
    await client.closed()
  })
})

describe('a sender that misbehaves', () => {
  test('a body that never ends gets no bid by its own deadline and a closed connection', async () => {
    const client = open().send(`${postHead(path, 9)}bi`)
    await until(() => bidMeter.reading === 1)
    clock.aheadMs = 2_000
    const response = await client.next()
    expect(response).toMatchObject({ status: 204, body: '' })
    expect(response.headers.get('connection')).toBe('close')
    await client.closed()
    expect((await open().send(post(path, 'bid')).next()).status).toBe(200)
  })

  test('a body that goes on after its early answer is dropped, and the connection lives', async () => {
    const client = open().send(`${postHead('/openrtb2/off', 9)}bi`)
    expect(await client.next()).toMatchObject({ status: 204 })
    client.send('d456789', post(path, 'bid'))
    expect((await client.next()).body).toBe('json BID bid')
  })

  test('an abort in the middle of a body leaves nothing behind', async () => {
    const client = open().send(`${postHead(path, 9)}bi`)
    expect((await open().send(post(path, 'none')).next()).status).toBe(204)
    client.socket.destroy()
    await until(() => bidMeter.aborted === 1)
    expect(scratches.free).toBe(2)
  })

  test('an abort in the middle of a decision: no write to a dead response', async () => {
    decider.waits = true
    const client = open().send(post(path, 'bid'))
    await decider.waiting(1)
    client.socket.destroy()
    await until(() => bidMeter.aborted === 1)
    expect(scratches.free).toBe(1)
    decider.letGo()
    await until(() => scratches.free === 2)
    expect(errors).toEqual([])
    expect(counted('acme', Refusal.None)).toBe(0)
    decider.waits = false
    expect((await open().send(post(path, 'bid')).next()).status).toBe(200)
  })

  test('pipelined requests close the connection cleanly', async () => {
    const client = open().send(post(path, 'bid-1') + post(path, 'bid-2'))
    await client.closed()
    await until(() => scratches.free === 2)
    expect((await open().send(post(path, 'bid')).next()).status).toBe(200)
    expect(errors).toEqual([])
  })
})

describe('metrics', () => {
  test('count impressions, what was dropped, decisions without personal data, and steps', async () => {
    const client = open()
    for (const body of ['bid imps=3 child', 'none imps=2', 'early child']) {
      await client.send(post(path, body)).next()
    }
    expect(series('sluice_bid_imps_total')).toBe(6)
    expect(series('sluice_bid_impersonal_total', { limit: 'coppa' })).toBe(2)
    // The crawler's decision ended before the funnel: those of the request before are not its own.
    expect(series('sluice_bid_drops_total', { reason: 'below-floor' })).toBe(6)
    expect(series('sluice_bid_step_seconds', { step: 'decide' })).toBe(3)
    expect(series('sluice_bid_step_seconds', { step: 'audience' })).toBe(2)
    expect(series('sluice_bid_step_seconds', { step: 'encode' })).toBe(1)
    expect(series('sluice_bid_step_seconds', { step: 'inflate' })).toBe(0)
    expect(series('sluice_bid_latency_seconds', { exchange: 'acme' })).toBe(3)
  })

  test('a test request is answered like any other and counted once, apart', async () => {
    const client = open()
    expect((await client.send(post(path, 'bid test imps=3 child')).next()).status).toBe(200)
    expect((await client.send(post(path, 'none test')).next()).status).toBe(204)
    expect(series('sluice_bid_test_requests_total', { exchange: 'acme' })).toBe(2)
    for (const name of [
      'sluice_bid_requests_total',
      'sluice_bid_latency_seconds',
      'sluice_bid_step_seconds',
      'sluice_bid_imps_total',
      'sluice_bid_bids_total',
      'sluice_bid_drops_total',
      'sluice_bid_impersonal_total',
    ]) {
      expect(series(name), name).toBe(0)
    }
    // The next request on the same call is none, though nobody read it.
    await client.send(post(path, '')).next()
    expect(series('sluice_bid_requests_total')).toBe(1)
  })

  test('bids are part of what the process reports of its readers', async () => {
    meter.report(0)
    const client = open()
    for (let i = 0; i < 4; i++) await client.send(post(path, 'bid')).next()
    expect(meter.report(1_000)).toMatchObject({ requestsPerSecond: 4 })
  })
})

describe('drain', () => {
  test('answers what is in flight and says close', async () => {
    decider.waits = true
    const client = open().send(post(path, 'bid'))
    await decider.waiting(1)
    const drained = plane.drain(20_000)
    decider.letGo()
    const response = await client.next()
    expect(response).toMatchObject({ status: 200, body: 'json BID bid' })
    expect(response.headers.get('connection')).toBe('close')
    await client.closed()
    await drained
  })

  test('what cannot be answered within the limit gets no bid', async () => {
    decider.waits = true
    const client = open().send(post(path, 'bid'))
    await decider.waiting(1)
    const drained = plane.drain(0)
    expect(await client.next()).toMatchObject({ status: 204, body: '' })
    expect(counted('acme', Refusal.Draining)).toBe(1)
    await drained
    decider.letGo()
    await until(() => scratches.free === 2)
  })
})

/** Gzip whose checksum is wrong. */
function spoilt(bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes)
  const at = copy.length - 8
  copy[at] = (copy[at] ?? 0) ^ 1
  return copy
}
