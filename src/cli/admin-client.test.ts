import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { AdminClient } from './admin-client.ts'

const received = { bytes: 0, key: '', url: '' }
const server = http.createServer((request, response) => {
  received.key = String(request.headers.authorization)
  received.url = request.url ?? ''
  received.bytes = 0
  if (received.url.includes('refused')) {
    response.writeHead(409, { connection: 'close' })
    response.end('{"code":"SLUICE_X"}')
    return
  }
  request.on('data', (chunk: Buffer) => {
    received.bytes += chunk.length
  })
  request.on('end', () => response.end('{"version":3,"accepted":1,"duplicates":0,"rejected":0}'))
})
let client: AdminClient

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  client = new AdminClient((server.address() as AddressInfo).port, 'k1')
})

afterAll(() => server.close())

function* chunks(count: number): Generator<Uint8Array> {
  for (let i = 0; i < count; i++) yield Buffer.alloc(100_000, 97)
}

test('a pack of many chunks is streamed whole and its answer read', async () => {
  let sent = 0
  const query = { idType: 'caid', scope: '2023' }
  const upload = { id: 'a pack', body: chunks(50), query, sent: () => sent++ }
  expect(await client.putPack(upload)).toMatchObject({ version: 3 })
  expect(received).toEqual({
    bytes: 5_000_000,
    key: 'Bearer k1',
    url: '/api/v1/packs/a%20pack?idType=caid&scope=2023',
  })
  expect(sent).toBe(1)
})

test('a refusal is thrown with its status and words', async () => {
  const upload = { id: 'refused', body: chunks(1), query: {} }
  await expect(client.putPack(upload)).rejects.toMatchObject({ status: 409 })
  await expect(client.json('PUT', '/refused', {})).rejects.toThrow(/SLUICE_X/)
})
