import { readFileSync } from 'node:fs'
import http from 'node:http'
import { gunzipSync, gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { adminKey, type SluiceServer, startSluice } from '../../bench/harness/sluice-server.ts'
import {
  readBidRequestJson,
  readBidResponseJson,
} from '../../src/media/openrtb/wire/json-reader.ts'
import { readBidResponseProto } from '../../src/media/openrtb/wire/ortb-proto-reader.ts'
import { writeBidRequestProto } from '../../src/media/openrtb/wire/ortb-proto-writer.ts'
import { buildForTest } from '../support/build-for-test.ts'

/** Starting a built Sluice of three processes and a thread; only a guard against hanging. */
const startMs = 120_000

let server: SluiceServer

beforeAll(async () => {
  const main = buildForTest()
  server = await startSluice({ redisUrl: null, workers: 1, core: null, main })
  const catalog = readFileSync(
    new URL('../../docs/examples/permissive-catalog.ndjson', import.meta.url),
  )
  expect(await importCatalog(catalog)).toMatchObject({ rejected: 0 })
  await until(async () => (await ask()).status !== 404)
}, startMs)

afterAll(async () => {
  await server.stop()
})

async function importCatalog(lines: Uint8Array): Promise<{ readonly rejected: number }> {
  const answer = await fetch(`http://127.0.0.1:${server.admin.port}/api/v1/import`, {
    method: 'POST',
    headers: { authorization: `Bearer ${adminKey}`, 'content-type': 'application/x-ndjson' },
    body: Buffer.from(lines),
  })
  return (await answer.json()) as { rejected: number }
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 20))
}

const request = {
  id: 'auction-1',
  tmax: 1_000,
  imp: [{ id: 'slot', banner: { format: [{ w: 300, h: 250 }] }, bidfloor: 1.5, secure: 1 }],
  site: { domain: 'news.example' },
  device: { ua: 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X)', ip: '203.0.113.7' },
}

function ask(headers: Record<string, string> = {}, body = Buffer.from(JSON.stringify(request))) {
  return fetch(`http://127.0.0.1:${server.port}/openrtb2/any`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body,
  })
}

function bidOf(response: ReturnType<typeof readBidResponseJson>) {
  const bid = response?.seatbid[0]?.bid[0]
  if (bid === undefined) throw new Error('no bid')
  return bid
}

test('a JSON request gets a bid for its slot', async () => {
  const answer = await ask({ 'x-openrtb-version': '2.5' })
  expect(answer.status).toBe(200)
  expect(answer.headers.get('x-openrtb-version')).toBe('2.5')
  const bid = bidOf(readBidResponseJson(new Uint8Array(await answer.arrayBuffer())))
  expect(bid).toMatchObject({ impid: 'slot', mtype: 1, w: 300, h: 250 })
  expect(bid.price).toBeGreaterThanOrEqual(1.5)
  expect(bid.adm).not.toContain('http://')
})

test('the same request as gzipped protobuf gets the same bid', async () => {
  const wire = readBidRequestJson(Buffer.from(JSON.stringify(request)))
  if (wire === null) throw new Error('the request is malformed')
  const answer = await ask(
    { 'content-type': 'application/x-protobuf', 'content-encoding': 'gzip' },
    gzipSync(writeBidRequestProto(wire, 'iab')),
  )
  expect(answer.headers.get('content-type')).toBe('application/x-protobuf')
  const bid = bidOf(readBidResponseProto(new Uint8Array(await answer.arrayBuffer()), 'iab'))
  expect(bid).toMatchObject({ impid: 'slot', mtype: 1, w: 300, h: 250 })
})

test('a sender that takes gzip gets it', async () => {
  const answer = await new Promise<{ encoding: unknown; body: Buffer }>((resolve, reject) => {
    const headers = { 'accept-encoding': 'gzip', 'content-type': 'application/json' }
    const url = `http://127.0.0.1:${server.port}/openrtb2/any`
    const sent = http.request(url, { method: 'POST', headers }, (response) => {
      const parts: Buffer[] = []
      response.on('data', (part: Buffer) => parts.push(part))
      response.on('end', () =>
        resolve({ encoding: response.headers['content-encoding'], body: Buffer.concat(parts) }),
      )
    })
    sent.on('error', reject)
    sent.end(JSON.stringify(request))
  })
  expect(answer.encoding).toBe('gzip')
  expect(bidOf(readBidResponseJson(gunzipSync(answer.body))).impid).toBe('slot')
})

test('garbage is 400 without a body, and a stranger is 404', async () => {
  const garbage = await ask({}, Buffer.from('{"id":'))
  expect([garbage.status, await garbage.text()]).toEqual([400, ''])
  const url = `http://127.0.0.1:${server.port}/openrtb2/nobody`
  expect((await fetch(url, { method: 'POST', body: '{}' })).status).toBe(404)
})

test(
  'a changed campaign and a switch to dry run are in force without a restart',
  async () => {
    const price = async (): Promise<number> => {
      const answer = await ask()
      if (answer.status !== 200) return 0
      const response = readBidResponseJson(new Uint8Array(await answer.arrayBuffer()))
      return response?.seatbid[0]?.bid[0]?.price ?? 0
    }
    const campaign = '/api/v1/campaigns/try-banner'
    const stored = (await server.admin.json('GET', campaign)) as object
    await server.admin.json('PUT', campaign, { ...stored, goal: { kind: 'cpm', bidCpm: '3.21' } })
    await until(async () => (await price()) === 3.21)
    await server.admin.json('POST', '/api/v1/exchanges/any/live', { live: false })
    await until(async () => (await price()) === 0)
  },
  startMs,
)
