/** `/api/v1/packs` and `/api/v1/jobs`: streaming, gzip, refusals, aborts. */
import { once } from 'node:events'
import { type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http'
import { gunzipSync, gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import {
  fakeDeps,
  type Harness,
  newHarness,
  packStatus,
} from '../../test/support/control-harness.ts'
import { startControl } from './server.ts'

const url = '/api/v1/packs'
const text = { 'content-type': 'text/plain' }

let harness: Harness
beforeEach(async () => {
  harness = await newHarness()
})

function upload(query: string, body: string | Buffer = 'a\nb\n', headers = {}) {
  return harness.call('PUT', `${url}/p?${query}`, { body, headers: { ...text, ...headers } })
}

describe('an upload', () => {
  test('reaches the service with its query, and answers version and counts', async () => {
    const query =
      'idType=caid_md5&scope=20230330&mode=add&force=true&ttlSeconds=60&rejectShareMax=0.5'
    const answer = await upload(query)
    expect(answer.status).toBe(200)
    expect(answer.body).toEqual({
      version: 7,
      devices: 2,
      accepted: 2,
      duplicates: 1,
      rejected: 1,
      firstErrors: [{ line: 3, reason: 'not 32 hex digits' }],
    })
    const { body: _, ...input } = harness.packs.inputs[0]!
    expect(input).toEqual({
      packId: 'p',
      idType: 'caid_md5',
      scope: '20230330',
      mode: 'add',
      force: true,
      ttlSeconds: 60,
      rejectShareMax: 0.5,
    })
    expect(harness.packs.uploaded).toEqual(['a\nb\n'])
  })

  test('replaces, unforced and without an end, unless told otherwise', async () => {
    await upload('idType=oaid')
    expect(harness.packs.inputs[0]).toMatchObject({
      mode: 'replace',
      scope: '',
      force: false,
      ttlSeconds: null,
      rejectShareMax: 0.01,
    })
  })

  test('is inflated when its header or its first bytes say gzip', async () => {
    const zipped = gzipSync('line\n'.repeat(1_000))
    await upload('idType=oaid', zipped, { 'content-encoding': 'gzip' })
    await upload('idType=oaid', zipped, { 'content-type': 'application/octet-stream' })
    await upload('idType=oaid', Buffer.concat([gzipSync('a\n'), gzipSync('b\n')]))
    await upload('idType=oaid', '')
    await upload('idType=oaid', 'x')
    expect(harness.packs.uploaded).toEqual([
      gunzipSync(zipped).toString(),
      gunzipSync(zipped).toString(),
      'a\nb\n',
      '',
      'x',
    ])
  })

  test('of damaged or cut-off gzip is refused as such, and its reader saw the failure', async () => {
    const zipped = gzipSync('line\n'.repeat(1_000))
    const cut = zipped.subarray(0, zipped.length - 9)
    const damaged = Buffer.from(zipped)
    damaged.fill(0xff, 12, 20)
    for (const body of [cut, damaged]) {
      const answer = await upload('idType=oaid', body)
      expect([answer.status, answer.body['code']]).toEqual([400, 'SLUICE_CONTROL_BAD_GZIP'])
    }
    const notGzip = await upload('idType=oaid', 'plain', { 'content-encoding': 'gzip' })
    expect(notGzip.body['code']).toBe('SLUICE_CONTROL_BAD_GZIP')
    expect(harness.packs.failures).toBe(3)
    const brotli = await upload('idType=oaid', 'x', { 'content-encoding': 'br' })
    expect([brotli.status, brotli.body['code']]).toEqual([415, 'SLUICE_CONTROL_MEDIA_TYPE'])
  })

  test.each<[string, string, string, RegExp]>([
    ['no id type', 'mode=add', 'query.idType', /one of imei, imei_md5/],
    ['an unknown id type', 'idType=udid', 'query.idType', /one of imei, imei_md5, .*user/],
    ['an unknown mode', 'idType=oaid&mode=merge', 'query.mode', /replace/],
    ['a scoped type without its scope', 'idType=caid', 'query.scope', /required for caid/],
    ['a scope that its type has not', 'idType=oaid&scope=x', 'query.scope', /oaid has no scope/],
    ['a reject share above 1', 'idType=oaid&rejectShareMax=1.5', 'query.rejectShareMax', /1/],
    ['no time to live', 'idType=oaid&ttlSeconds=0', 'query.ttlSeconds', /1/],
    ['a force that is neither', 'idType=oaid&force=yes', 'query.force', /true/],
    ['an unknown parameter', 'idType=oaid&modus=add', 'query.modus', /unknown/],
  ])('with %s is refused with the path', async (_name, query, path, message) => {
    const answer = await upload(query)
    expect(answer.status).toBe(400)
    const errors = answer.body['errors'] as { path: string; message: string }[]
    expect(errors.map((error) => error.path)).toEqual([path])
    expect(errors[0]!.message).toMatch(message)
    expect(harness.packs.inputs).toEqual([])
  })

  test('that the service refuses keeps its code, its counts and a fitting status', async () => {
    const counts = { accepted: 1, duplicates: 0, rejected: 0, firstErrors: [] }
    const message = 'would shrink'
    const codes = [
      ['SLUICE_AUDIENCE_SHRINK', 409],
      ['SLUICE_AUDIENCE_REJECT_SHARE', 400],
      ['SLUICE_AUDIENCE_UNKNOWN_PACK', 404],
    ] as const
    for (const [code, status] of codes) {
      harness.packs.outcome = { ok: false, code, message, ...counts }
      const answer = await upload('idType=oaid')
      expect(answer.status).toBe(status)
      expect(answer.body).toEqual({ code, message, errors: [], ...counts })
    }
    const audit = await harness.call('GET', '/api/v1/audit')
    expect(audit.body['items']).toEqual([])
  })

  test('is noted in the audit log; a log that cannot be written does not undo it', async () => {
    await upload('idType=oaid')
    const audit = await harness.call('GET', '/api/v1/audit?kind=pack')
    expect(audit.body['items']).toEqual([
      expect.objectContaining({
        action: 'upload',
        id: 'p',
        keyId: 'marketer',
        detail: expect.objectContaining({ version: 7, accepted: 2, mode: 'replace' }),
      }),
    ])
    harness.packs.onChunk = () => {
      harness.catalog.failure = new Error('down')
    }
    expect((await upload('idType=oaid')).status).toBe(200)
    expect(harness.logged).toHaveLength(1)
  })
})

describe('over a socket', () => {
  const adminKey = 'k'.repeat(32)
  const fakes = fakeDeps({ adminKey })
  let port = 0
  let close: () => Promise<void> = async () => undefined
  beforeEach(async () => {
    const { deps } = fakes
    const registry = new (await import('prom-client')).Registry()
    const server = await startControl({ ...deps, registry })
    port = server.port
    close = () => server.close()
    fakes.packs.uploaded.length = 0
    fakes.packs.onChunk = () => undefined
  })
  afterEach(() => close())

  function open(headers: Record<string, string> = {}): ClientRequest {
    return httpRequest({
      host: '127.0.0.1',
      port,
      method: 'PUT',
      path: `${url}/p?idType=oaid`,
      headers: { authorization: `Bearer ${adminKey}`, ...headers },
    })
  }

  /** A promise and what resolves it; `Promise.withResolvers` is not in Node 20. */
  function signal(): { readonly promise: Promise<void>; readonly resolve: () => void } {
    let resolve = (): void => undefined
    const promise = new Promise<void>((done) => {
      resolve = done
    })
    return { promise, resolve }
  }

  for (const gzip of [false, true]) {
    test(`the service reads a ${gzip ? 'gzip' : 'plain'} upload while it is still being sent`, async () => {
      const seen = signal()
      let bytes = 0
      fakes.packs.onChunk = (chunk) => {
        bytes += chunk.length
        seen.resolve()
      }
      const block = Buffer.alloc(1024 * 1024, 'id-of-a-device\n')
      const piece = gzip ? gzipSync(block) : block
      const client = open()
      client.write(piece)
      // Nothing more is sent before the service has seen some: a buffering server would hang here.
      await seen.promise
      for (let i = 1; i < 32; i++) if (!client.write(piece)) await once(client, 'drain')
      client.end()
      const [response] = (await once(client, 'response')) as [IncomingMessage]
      response.resume()
      expect([response.statusCode, bytes]).toEqual([200, 32 * block.length])
    })
  }

  test('a client that goes away in the middle aborts the upload', async () => {
    const before = fakes.packs.failures
    const seen = signal()
    fakes.packs.onChunk = () => seen.resolve()
    const client = open({ 'content-length': '1000' })
    client.on('error', () => undefined)
    client.write('a\nb\n')
    await seen.promise
    client.destroy()
    await expect.poll(() => fakes.packs.failures).toBe(before + 1)
    expect(fakes.packs.uploaded).toEqual([])
  })

  test('a service that refuses in the middle of a body still gets its answer out', async () => {
    const upload = fakes.packs.upload.bind(fakes.packs)
    fakes.packs.upload = async (input) => {
      for await (const _ of input.body) break
      return { ok: false, code: 'SLUICE_AUDIENCE_EMPTY', message: 'line 1' }
    }
    const client = open()
    client.write('x'.repeat(100_000))
    const [response] = (await once(client, 'response')) as [IncomingMessage]
    fakes.packs.upload = upload
    expect(response.statusCode).toBe(400)
    client.end()
    response.resume()
    await once(response, 'end')
  })

  test('a stranger is refused before the body, and the connection is closed', async () => {
    const client = open({ authorization: 'Bearer nobody', 'content-length': '1000000' })
    client.on('error', () => undefined)
    client.write('a\n')
    const [response] = (await once(client, 'response')) as [IncomingMessage]
    expect([response.statusCode, response.headers.connection]).toEqual([401, 'close'])
    client.destroy()
    expect(fakes.packs.uploaded).toEqual([])
  })
})

describe('packs', () => {
  test('are listed by id in pages and read one by one', async () => {
    harness.packs.packs.set('a', packStatus('a', { expiresAtMs: 5 }))
    const first = await harness.call('GET', `${url}?limit=2`, { role: 'viewer' })
    expect(first.body['items']).toMatchObject([{ id: 'a', expiresAtMs: 5 }, { id: 'churned' }])
    expect(first.body['next']).toBe('churned')
    const second = await harness.call('GET', `${url}?limit=2&after=churned`)
    expect(second.body).toEqual({ items: [packStatus('vip')], next: null })
    expect((await harness.call('GET', `${url}/vip`)).body).toEqual(packStatus('vip'))
    expect((await harness.call('GET', `${url}/nope`)).status).toBe(404)
  })

  test('roll back, or say why not', async () => {
    const done = await harness.call('POST', `${url}/vip/rollback`)
    expect([done.status, done.body]).toEqual([200, { version: 1, devices: 10 }])
    harness.packs.moved = { ok: false, code: 'SLUICE_AUDIENCE_NO_PREVIOUS', message: 'none kept' }
    const refused = await harness.call('POST', `${url}/vip/rollback`)
    expect([refused.status, refused.body['code']]).toEqual([409, 'SLUICE_AUDIENCE_NO_PREVIOUS'])
    expect((await harness.call('POST', `${url}/nope/rollback`)).status).toBe(404)
  })

  test('are not deleted under strategies or experiments that name them, unless forced', async () => {
    const strategy = { medium: 'tencent', targetId: 't', audience: { none: ['vip'] } }
    await harness.call('PUT', '/api/v1/strategies/s', { body: strategy })
    const bid = { kind: 'factorByScore', packId: 'churned', low: 1, high: 2 }
    const experiment = { arms: [{ id: 'a', share: 1, bid }] }
    await harness.call('PUT', '/api/v1/experiments/e', { body: experiment })
    const refused = await harness.call('DELETE', `${url}/vip`)
    expect([refused.status, refused.body['code']]).toEqual([409, 'SLUICE_CONTROL_PACK_IN_USE'])
    expect(refused.body['message']).toContain('strategy s')
    expect((await harness.call('DELETE', `${url}/churned`)).body['message']).toContain(
      'experiment e',
    )
    expect((await harness.call('DELETE', `${url}/vip?force=true`)).status).toBe(204)
    expect((await harness.call('DELETE', `${url}/vip`)).status).toBe(404)
  })

  test('show their running jobs with lines a second', async () => {
    const job = {
      id: 'j1',
      kind: 'upload',
      packId: 'vip',
      stage: 'reading',
      startedAtMs: harness.clock.wallMs() - 2_000,
      endedAtMs: null,
      bytesRead: 66_000,
      lines: 2_000,
      accepted: 1_990,
      rejected: 10,
      share: null,
    }
    harness.packs.jobs = [job]
    const { body } = await harness.call('GET', '/api/v1/jobs', { role: 'viewer' })
    expect(body['items']).toEqual([{ ...job, linesPerSecond: 1_000 }])
  })
})
