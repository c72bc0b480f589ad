import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ProtoWriter } from '../lib/proto-writer.ts'
import { runTry } from './try.ts'

let answer: Uint8Array = new Uint8Array()
let explained = ''
let seen = { url: '', header: '', bytes: 0 }
const server = http.createServer((request, response) => {
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk))
  request.on('end', () => {
    const header = String(request.headers['x-secret'])
    seen = { url: request.url ?? '', header, bytes: Buffer.concat(chunks).length }
    response.end(request.url === '/api/v1/explain' ? explained : answer)
  })
})
let url = ''

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})

afterAll(() => server.close())

async function tried(more: { explain?: string } = {}): Promise<{ code: number; text: string }> {
  let text = ''
  const options = { url, control: url, oaid: 'abc', header: 'x-secret:s1', ...more }
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

test('with an admin key the ranking of the strategies is shown: stages, worths, scores', async () => {
  answer = new ProtoWriter().uint32(2, 2).finish()
  const rates = { ctr: 0.004, cvr: 0.2 }
  const worth = { minValueMicros: 9_000_000, currency: '', creativeId: 'b0', campaignId: 'b' }
  const candidate = { creativeId: 'b0', campaignId: 'b', prior: rates, coarse: rates, fine: rates }
  const ranking = {
    ...{ by: 'fine', note: 'as-planned', coarseModel: 'c@1', fineModel: 'f@2' },
    ...{ campaigns: 2, recalled: 40, coarse: 40, fine: 16, dropped: [] },
    worths: [
      { strategyId: 's', outcome: 'below-value', valueMicros: 8_000_000, ...worth, ...rates },
      { strategyId: 't', outcome: 'unranked', valueMicros: null, ...worth, ...rates },
    ],
    candidates: [{ ...candidate, priorMicros: 10_000_000, boundMicros: 8_000_000 }],
  }
  explained = JSON.stringify({ trace: { ranking } })
  const { text } = await tried({ explain: 'key' })
  expect(text).toContain('Ranked by fine: c@1, f@2\n2 campaigns in flight → 40 creatives recalled')
  expect(text).toContain('s: worth 8.00 CPM by b0 of b, at least 9.00 is asked for: too little')
  expect(text).toContain('t: nothing of it could be valued')
  expect(text).toMatch(/b0 .*0\.40.*20\.00.*10\.00 +8\.00/)
  const detail = 'cap: 3 of 3 impressions in 60 minutes'
  const held = { id: 's', targetId: 's', outcome: 'frequency-cap', detail }
  const cacheNote = 'until-cap-frees'
  explained = JSON.stringify({ trace: { ranking: null, strategies: [held], cacheNote } })
  const { text: capped } = await tried({ explain: 'key' })
  expect(capped).toContain(`s is held back: ${detail}\ncached shorter than usual: a cap lets`)
  explained = JSON.stringify({ trace: { ranking: null } })
  expect((await tried({ explain: 'key' })).text).toContain('No eligible strategy is ranked')
})
