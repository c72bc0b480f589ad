import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ProtoWriter } from '../lib/proto-writer.ts'
import { runTry } from './try.ts'

let answer: Uint8Array = new Uint8Array()
let seen = { url: '', header: '', bytes: 0 }
const server = http.createServer((request, response) => {
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk))
  request.on('end', () => {
    const header = String(request.headers['x-secret'])
    seen = { url: request.url ?? '', header, bytes: Buffer.concat(chunks).length }
    response.end(answer)
  })
})
let url = ''

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})

afterAll(() => server.close())

async function tried(): Promise<{ code: number; text: string }> {
  let text = ''
  const options = { url, oaid: 'abc', header: 'x-secret:s1' }
  const code = await runTry('tencent', options, (part) => {
    text += part
  })
  return { code, text }
}

test('an accept is said in words and shown as JSON', async () => {
  const target = new ProtoWriter().text(1, 'shoes').finish()
  answer = new ProtoWriter().uint32(2, 0).text(10, 'shoes').bytes(12, target).finish()
  const { code, text } = await tried()
  expect(code).toBe(0)
  expect(text).toContain('Takes part for strategy shoes.')
  expect(text).toContain('"out_target_id"')
  expect(seen.url).toBe('/rta/tencent')
  expect(seen.header).toBe('s1')
  expect(seen.bytes).toBeGreaterThan(30)
})

test('a refusal is a valid answer', async () => {
  answer = new ProtoWriter().uint32(2, 2).finish()
  const { code, text } = await tried()
  expect([code, text.includes('Does not take part.')]).toEqual([0, true])
})

test('bytes that the medium cannot read are an error', async () => {
  answer = Uint8Array.of(0xff, 0xff, 0xff)
  const { code, text } = await tried()
  expect([code, text.includes('An error for the medium')]).toEqual([1, true])
})

test('a server that is not there is named in the error', async () => {
  const nowhere = runTry('tencent', { url: 'http://127.0.0.1:1', oaid: 'a' }, () => {})
  await expect(nowhere).rejects.toThrow(/is the server running/)
})
