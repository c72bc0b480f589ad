import { createHash } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Scratch } from '../decision/scratch.ts'
import { ScratchPool } from '../decision/scratch-pool.ts'
import type { AdRequest } from '../domain/ad-request.ts'
import { type RtaDecision, refuse, type Verdict } from '../domain/decision.ts'
import { IdType } from '../domain/id-type.ts'
import type { MediumSettings } from '../domain/medium-settings.ts'
import { Refusal } from '../domain/refusal.ts'
import { systemClock } from '../lib/clock.ts'
import type { MediumAdapter } from '../media/adapter.ts'
import { ExchangeLog } from '../telemetry/exchange-log.ts'
import { Meter } from '../telemetry/meter.ts'
import type { ModelState } from '../telemetry/model-meter.ts'
import type { RotatingFile } from '../telemetry/rotating-file.ts'
import { rtaBodyBytesMax } from './rta-call.ts'
import { createDataPlane, type DataPlane } from './server.ts'
import { post, WireClient, wordMedium } from './test-wire.ts'

const accept: RtaDecision = {
  ...refuse(Refusal.None),
  verdicts: [{ strategyId: 's1', targetId: 't1' } as unknown as Verdict],
}

function settings(name: string, over: Partial<MediumSettings> = {}): MediumSettings {
  return {
    name,
    enabled: true,
    networkAllowanceMs: 0,
    sendAllowanceMs: 0,
    qpsMax: 0,
    secretHeader: null,
    unknownProfile: { kind: 'refuse' },
    cacheAcceptSeconds: null,
    cacheRefuseSeconds: null,
    exchangeLogRate: 0,
    exchangeLogStrategies: [],
    ...over,
  }
}

/** Media of the test server. Budgets are long, so that a busy machine decides no test. */
const media = [
  settings('word'),
  settings('closed', { enabled: false }),
  settings('secret', { secretHeader: { name: 'X-Key', values: ['old-key', 'new-key-2'] } }),
  settings('capped', { qpsMax: 1 }),
  settings('late'),
]
const names = media.map((medium) => medium.name)

/** A decider whose answers tests hold back and let go. */
class ScriptedDecider {
  waits = false
  breaks = false
  readonly pending: { scratch: Scratch; resolve: (decision: RtaDecision) => void }[] = []
  #arrived: (() => void) | null = null

  decide(_: AdRequest, scratch: Scratch): RtaDecision | Promise<RtaDecision> {
    if (this.breaks) throw new Error('decide broke')
    if (!this.waits) return this.answer(scratch)
    return new Promise((resolve) => {
      this.pending.push({ scratch, resolve })
      this.#arrived?.()
    })
  }

  answer(scratch: Scratch): RtaDecision {
    return scratch.request.requestId.startsWith('yes') ? accept : refuse(Refusal.AudienceMismatch)
  }

  /** Resolves when `count` requests wait for their decision. */
  async waiting(count: number): Promise<void> {
    while (this.pending.length < count) {
      await new Promise<void>((resolve) => {
        this.#arrived = resolve
      })
    }
  }

  letGo(): void {
    for (const { scratch, resolve } of this.pending.splice(0)) resolve(this.answer(scratch))
  }
}

let meter: Meter
let scratches: ScratchPool<Scratch>
let decider: ScriptedDecider
let plane: DataPlane
let port = 0
let notReady: string[] = []
let models: ModelState[] | null = null
let errors: unknown[] = []
let clients: WireClient[] = []

beforeEach(async () => {
  meter = new Meter(names)
  scratches = new ScratchPool(() => new Scratch(), 2)
  decider = new ScriptedDecider()
  notReady = []
  models = null
  errors = []
  plane = createDataPlane({
    clock: systemClock,
    decider,
    scratches,
    meter,
    exchangeLog: null,
    onInternalError: (error) => errors.push(error),
    notReady: () => notReady,
    models: () => models,
    media: media.map((one) => ({
      adapter: wordMedium(one.name, one.name === 'late' ? -1 : 60_000),
      settings: one,
    })),
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

const chunked = 'POST /rta/word HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n'

describe('a decided request', () => {
  test('answers 200 with the medium type and no superfluous header', async () => {
    const response = await open().send(post('/rta/word', 'yes')).next()
    expect(response).toMatchObject({ status: 200, body: 'ACCEPT yes' })
    expect([...response.headers.keys()].toSorted()).toEqual([
      'content-length',
      'content-type',
      'date',
    ])
    expect(response.headers.get('content-type')).toBe('text/plain')
    expect(meter.answers(0, Refusal.None)).toBe(1)
  })

  test('sees the headers it wants and the raw query', async () => {
    const response = await open()
      .send(post('/rta/word?a=%20b', 'yes', ['X-Word: +h']))
      .next()
    expect(response.body).toBe('ACCEPT yes+ha=%20b')
  })

  test('reads a body that comes in single bytes', async () => {
    const client = open().send(`POST /rta/word HTTP/1.1\r\nHost: x\r\nContent-Length: 7\r\n\r\n`)
    await client.drip('yes-abc')
    expect(await client.next()).toMatchObject({ status: 200, body: 'ACCEPT yes-abc' })
  })

  test('reads a chunked body, each chunk in pieces', async () => {
    const client = open().send(chunked)
    await client.drip('3\r\nyes\r\n4\r\n-abc\r\n0\r\n\r\n')
    expect((await client.next()).body).toBe('ACCEPT yes-abc')
  })

  test('takes a body of exactly the limit, whole or in pieces', async () => {
    const body = 'yes'.padEnd(rtaBodyBytesMax, '.')
    expect((await open().send(post('/rta/word', body)).next()).body).toBe(`ACCEPT ${body.length}`)
    const [first, second] = [
      post('/rta/word', body).slice(0, 5_000),
      post('/rta/word', body).slice(5_000),
    ]
    const client = open().send(first)
    await client.drip(second.slice(0, 3))
    client.send(second.slice(3))
    expect((await client.next()).body).toBe(`ACCEPT ${body.length}`)
  })

  test('waits for a store that waits, on a kept connection', async () => {
    decider.waits = true
    const client = open()
    for (const word of ['yes-1', 'no-2', 'yes-3']) {
      client.send(post('/rta/word', word))
      await decider.waiting(1)
      decider.letGo()
      const expected = word.startsWith('yes') ? `ACCEPT ${word}` : 'REFUSE 2'
      expect((await client.next()).body).toBe(expected)
    }
    expect(scratches.free).toBe(2)
    expect(meter.inFlight).toBe(0)
  })
})

describe('a refused request gets 200 and keeps its connection', () => {
  const refusals: [string, string, Refusal][] = [
    ['a malformed body', post('/rta/word', 'garbage'), Refusal.Malformed],
    ['an empty body', post('/rta/word', ''), Refusal.EmptyBody],
    ['a decoder that breaks', post('/rta/word', 'throw'), Refusal.Internal],
    ['a disabled medium', post('/rta/closed', 'yes'), Refusal.Forbidden],
    ['a missing secret', post('/rta/secret', 'yes'), Refusal.Forbidden],
    ['a wrong secret', post('/rta/secret', 'yes', ['X-Key: old-kez']), Refusal.Forbidden],
    ['no time left', post('/rta/late', 'yes'), Refusal.Overload],
  ]
  test.each(refusals)('%s', async (_, request, refusal) => {
    const client = open()
    // Again and again on one connection, the body once with the head and once after it.
    const split = request.indexOf('\r\n\r\n') + 4
    client.send(request)
    expect(await client.next()).toMatchObject({ status: 200, body: `REFUSE ${refusal}` })
    client.send(request.slice(0, split))
    await client.drip(request.slice(split))
    expect(await client.next()).toMatchObject({ status: 200, body: `REFUSE ${refusal}` })
    client.send(post('/rta/word', 'yes'))
    expect((await client.next()).body).toBe('ACCEPT yes')
    expect(scratches.free).toBe(2)
    expect(errors).toHaveLength(refusal === Refusal.Internal ? 2 : 0)
  })

  test('a decider that breaks', async () => {
    decider.breaks = true
    const client = open().send(post('/rta/word', 'yes'))
    expect((await client.next()).body).toBe(`REFUSE ${Refusal.Internal}`)
    decider.breaks = false
    expect((await client.send(post('/rta/word', 'yes')).next()).body).toBe('ACCEPT yes')
  })

  test('both secrets are good while one is rotated', async () => {
    const client = open()
    for (const key of ['old-key', 'new-key-2']) {
      client.send(post('/rta/secret', 'yes', [`X-Key: ${key}`]))
      expect((await client.next()).body).toBe('ACCEPT yes')
    }
  })

  test('more than the cap of a second', async () => {
    const client = open().send(post('/rta/capped', 'yes'))
    expect((await client.next()).body).toBe('ACCEPT yes')
    client.send(post('/rta/capped', 'yes'))
    expect((await client.next()).body).toBe(`REFUSE ${Refusal.QpsCap}`)
  })

  test('more requests at once than there are scratches', async () => {
    decider.waits = true
    const held = [open(), open()].map((client) => client.send(post('/rta/word', 'yes')))
    await decider.waiting(2)
    const extra = open().send(post('/rta/word', 'yes'))
    expect((await extra.next()).body).toBe(`REFUSE ${Refusal.Overload}`)
    decider.letGo()
    for (const client of held) expect((await client.next()).body).toBe('ACCEPT yes')
  })
})

describe('a sender that misbehaves', () => {
  test('a body over the limit gets the refusal and a closed connection', async () => {
    const client = open().send(post('/rta/word', 'y'.repeat(rtaBodyBytesMax + 1)))
    const response = await client.next()
    expect(response).toMatchObject({ status: 200, body: `REFUSE ${Refusal.BodyTooLarge}` })
    expect(response.headers.get('connection')).toBe('close')
    await client.closed()
  })

  test('a chunked body without end is cut off at the limit', async () => {
    const client = open().send(chunked)
    const piece = 'y'.repeat(0x1000)
    for (let i = 0; i < 16; i++) client.send(`1000\r\n${piece}\r\n`)
    client.send('1\r\ny\r\n')
    expect((await client.next()).body).toBe(`REFUSE ${Refusal.BodyTooLarge}`)
    await client.closed()
  })

  test('a body that never ends is refused by its own deadline and closed', async () => {
    const client = open().send('POST /rta/word HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nye')
    const response = await client.next()
    expect(response).toMatchObject({ status: 200, body: `REFUSE ${Refusal.Deadline}` })
    await client.closed()
    expect((await open().send(post('/rta/word', 'yes')).next()).body).toBe('ACCEPT yes')
  })

  test('an abort in the middle of a body leaves nothing behind', async () => {
    const client = open().send('POST /rta/word HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nye')
    expect((await open().send(post('/rta/word', 'no')).next()).status).toBe(200)
    client.socket.destroy()
    await until(() => meter.aborted === 1)
    expect(scratches.free).toBe(2)
  })

  test('an abort in the middle of a decision: no write to a dead response', async () => {
    decider.waits = true
    const client = open().send(post('/rta/word', 'yes'))
    await decider.waiting(1)
    client.socket.destroy()
    await until(() => meter.aborted === 1)
    expect(scratches.free).toBe(1)
    decider.letGo()
    await until(() => scratches.free === 2)
    expect(errors).toEqual([])
    expect(meter.answers(0, Refusal.None)).toBe(0)
    decider.waits = false
    expect((await open().send(post('/rta/word', 'yes')).next()).body).toBe('ACCEPT yes')
  })

  test('pipelined requests close the connection cleanly, also when the store answers at once', async () => {
    const client = open().send(post('/rta/word', 'yes-1') + post('/rta/word', 'no'))
    await client.closed()
    await until(() => scratches.free === 2)
    expect((await open().send(post('/rta/word', 'yes')).next()).body).toBe('ACCEPT yes')
    expect(errors).toEqual([])
  })

  test('pipelined requests before a waiting answer close the connection cleanly', async () => {
    decider.waits = true
    const client = open().send(post('/rta/word', 'yes-1') + post('/rta/word', 'yes-2'))
    await client.closed()
    decider.letGo()
    await until(() => scratches.free === 2)
    decider.waits = false
    expect((await open().send(post('/rta/word', 'yes')).next()).body).toBe('ACCEPT yes')
    expect(errors).toEqual([])
  })
})

test('a logged exchange holds the key, the size and the hash, and no byte of the body', async () => {
  const lines: string[] = []
  const file = {
    append: async (text: string) => lines.push(text) > 0,
    close: async () => undefined,
  } as unknown as RotatingFile
  const exchangeLog = new ExchangeLog({
    file,
    clock: systemClock,
    random: () => 0.999,
    describe: () => null,
    onDropped: () => undefined,
  })
  const logged = settings('word', { exchangeLogStrategies: ['s1'] })
  const adapter: MediumAdapter = {
    ...wordMedium('word', 60_000),
    decode(wire, request) {
      request.devices.push(IdType.OaidMd5, 1, wire.body.length)
      request.requestId = `trace-${wire.body.length}`
      request.ads = []
      return Refusal.None
    },
    encode: () => Buffer.from('ok'),
  }
  const other = createDataPlane({
    clock: systemClock,
    decider: { decide: (request) => (request.requestId === 'trace-11' ? accept : refuse(2)) },
    scratches: new ScratchPool(() => new Scratch(), 2),
    meter,
    exchangeLog,
    onInternalError: (error) => errors.push(error),
    notReady: () => [],
    media: [{ adapter, settings: logged }],
  })
  const client = new WireClient(await other.listen('127.0.0.1', 0))
  clients.push(client)
  for (const body of ['raw-id-9876', 'raw-id-98765']) {
    client.send(post('/rta/word', body))
    await client.next()
  }
  await exchangeLog.flush()
  other.close()
  const text = lines.join('')
  expect(text.trim().split('\n')).toHaveLength(1)
  expect(text).toContain('"traceId":"trace-11"')
  expect(text).toContain(`"sha256":"${createHash('sha256').update('raw-id-9876').digest('hex')}"`)
  expect(text).toContain('000000010000000b')
  expect(text).not.toContain('raw-id')
  expect(text).not.toContain(Buffer.from('raw-id-9876').toString('base64'))
  expect(errors).toEqual([])
})

describe('other paths and methods', () => {
  test.each([
    ['GET', '/rta/word', 405],
    ['HEAD', '/rta/word', 405],
    ['PUT', '/rta/word', 405],
    ['DELETE', '/rta/word', 405],
    ['POST', '/rta/nobody', 404],
    ['POST', '/rta/', 404],
    ['POST', '/', 404],
    ['GET', '/metrics', 404],
    ['POST', '/rta/word/more', 404],
  ])('%s %s is %d without a body', async (method, path, status) => {
    const client = open().send(`${method} ${path} HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n`)
    expect(await client.next()).toMatchObject({ status, body: '' })
    expect((await client.send(post('/rta/word', 'yes')).next()).body).toBe('ACCEPT yes')
  })

  test('readyz names its reasons and the models, healthz does not care, HEAD has no body', async () => {
    const client = open()
    const get = async (path: string) =>
      client.send(`GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`).next()
    expect(await get('/readyz')).toMatchObject({ status: 200, body: '{"ready":true,"reasons":[]}' })
    notReady = ['catalog: not loaded']
    expect(await get('/readyz')).toMatchObject({
      status: 503,
      body: '{"ready":false,"reasons":["catalog: not loaded"]}',
    })
    notReady = []
    models = [{ name: 'fine', version: '', problem: 'no version is active' }]
    expect(await get('/readyz')).toMatchObject({
      status: 200,
      body:
        '{"ready":true,"reasons":[],' +
        '"models":[{"name":"fine","version":"","problem":"no version is active"}]}',
    })
    expect(await get('/healthz')).toMatchObject({ status: 200, body: '{"status":"ok"}' })
    client.send('HEAD /healthz HTTP/1.1\r\nHost: x\r\n\r\n')
    expect(await client.next()).toMatchObject({ status: 200, body: '' })
    expect(await get('/healthz')).toMatchObject({ status: 200, body: '{"status":"ok"}' })
  })
})

describe('drain', () => {
  test('answers what is in flight, says close, refuses new connections, then ends', async () => {
    decider.waits = true
    const [busy, idle] = [open(), open()]
    idle.send('GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n')
    await idle.next()
    busy.send(post('/rta/word', 'yes'))
    await decider.waiting(1)
    const drained = plane.drain(20_000)
    idle.send('GET /readyz HTTP/1.1\r\nHost: x\r\n\r\n')
    expect(await idle.next()).toMatchObject({ status: 503 })
    decider.letGo()
    const response = await busy.next()
    expect(response.body).toBe('ACCEPT yes')
    expect(response.headers.get('connection')).toBe('close')
    await busy.closed()
    await idle.closed()
    await expect(open().send(post('/rta/word', 'yes')).next()).rejects.toThrow()
    await drained
  })

  test('what cannot be answered within the limit gets the explicit refusal', async () => {
    decider.waits = true
    const client = open().send(post('/rta/word', 'yes'))
    await decider.waiting(1)
    const drained = plane.drain(0)
    expect((await client.next()).body).toBe(`REFUSE ${Refusal.Draining}`)
    await drained
    decider.letGo()
    await until(() => scratches.free === 2)
  })
})

/** Lets the loop turn until `condition` holds; the test's own time limit ends a wait in vain. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve))
}
