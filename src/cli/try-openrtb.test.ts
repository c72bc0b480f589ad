import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { runTry } from './try.ts'

let status = 200
let answer = ''
let explained: object = {}
let question: Record<string, unknown> = {}
let seen = { url: '', type: '', secret: '' }
const server = http.createServer((request, response) => {
  const { headers } = request
  if (request.url === '/api/v1/explain') {
    let body = ''
    request.on('data', (chunk: Buffer) => {
      body += String(chunk)
    })
    request.on('end', () => {
      question = { key: headers.authorization, ...(JSON.parse(body) as object) }
      response.end(JSON.stringify(explained))
    })
    return
  }
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
  const code = await runTry('openrtb', { url, control: url, ...options }, (part) => {
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

test('with an admin key it is told how the creatives were ranked', async () => {
  status = 204
  answer = ''
  const rates = { ctr: 0.004, cvr: 0.2 }
  const slot = {
    ...{ impId: '1', format: 'banner', eligibleCampaigns: 3, recalled: 40, coarseRanked: 40 },
    ...{ fineRanked: 16, priced: 16, rankedBy: 'fine', chosen: [] },
    dropped: [
      { reason: 'outbid', number: 1, count: 2 },
      { reason: 'size', number: 2, count: 24 },
    ],
    candidates: [
      {
        ...{ creativeId: 'c1', campaignId: 'k1', prior: rates, coarse: rates, fine: null },
        ...{ priorMicros: 10_000_000, boundMicros: 8_000_000 },
      },
    ],
  }
  const ranking = { by: 'fine', note: 'shortened', coarseModel: 'c@1', fineModel: 'f@2' }
  const cap = { rule: 'cap', impressions: 2, minutes: 60, counted: 2, isHolding: true }
  const heldBack = [{ kind: 'campaign', id: 'k2', ...cap, untilMs: null }]
  explained = { trace: { ranking, heldBack, slots: [slot] } }
  const { text } = await tried({ exchange: 'x', explain: 'key', gzip: true })
  expect(question).toMatchObject({ key: 'Bearer key', medium: 'openrtb', exchange: 'x' })
  expect(question['headers']).toMatchObject({ 'content-type': 'application/json' })
  expect(text).toContain('Ranked by fine: c@1, f@2 (shortened)')
  expect(text).toContain('held back: campaign k2, cap: 2 of 2 impressions in 60 minutes')
  expect(text).toContain(
    'impression 1, banner: 3 campaigns eligible → 40 creatives recalled → 40 coarse-ranked → ' +
      '16 fine-ranked → 16 priced → 0 bid\nfell out: size 24, outbid 2',
  )
  expect(text).toMatch(/c1 +0\.40 +0\.40 +– +20\.00 +20\.00 +– +10\.00 +8\.00/)
})
