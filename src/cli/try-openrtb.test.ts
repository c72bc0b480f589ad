import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { runTry } from './try.ts'

let status = 200
let answer = ''
let seen = { url: '', type: '', secret: '' }
const server = http.createServer((request, response) => {
  const { headers } = request
  seen = {
    url: request.url ?? '',
    type: String(headers['content-type']),
    secret: String(headers['x-secret']),
  }
  request.resume()
  request.on('end', () => {
    response.writeHead(status, { 'content-type': 'application/json' })
    response.end(answer)
  })
})
let url = ''

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})

afterAll(() => server.close())

async function tried(options: object = {}): Promise<{ code: number; text: string }> {
  let text = ''
  const code = await runTry('openrtb', { url, ...options }, (part) => {
    text += part
  })
  return { code, text }
}

test('a bid is said in words', async () => {
  status = 200
  const bid = { id: '1', impid: '1', price: 4.5, crid: 'c1', cid: 'k1', mtype: 1, w: 300, h: 250 }
  answer = JSON.stringify({ id: 'r', cur: 'EUR', seatbid: [{ bid: [{ ...bid, dealid: 'd1' }] }] })
  const { code, text } = await tried({ exchange: 'x', header: 'x-secret:s1', protobuf: true })
  expect(code).toBe(0)
  expect(text).toContain(
    'Bids 4.5 EUR CPM for impression 1 through deal d1: creative c1 (banner 300x250) of campaign k1.',
  )
  expect(seen).toEqual({ url: '/openrtb2/x', type: 'application/x-protobuf', secret: 's1' })
})

test('no bid is a valid answer, with the exchange’s reason where there is one', async () => {
  status = 200
  answer = JSON.stringify({ id: 'r', nbr: 15 })
  expect((await tried()).text).toContain('No bid (nbr 15: not enough time).')
  status = 204
  answer = ''
  const { code, text } = await tried()
  expect([code, text.includes('No bid.')]).toEqual([0, true])
  expect(seen.url).toBe('/openrtb2/any')
})

test('a refusal and bytes that cannot be read are errors', async () => {
  status = 404
  answer = ''
  const unknown = await tried()
  expect([unknown.code, unknown.text.includes('no exchange of this name')]).toEqual([1, true])
  status = 200
  answer = '{'
  const garbled = await tried()
  expect([garbled.code, garbled.text.includes('cannot read these bytes')]).toEqual([1, true])
})
