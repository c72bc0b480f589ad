/** The catalog for trying any exchange: what docs/examples says is what the API takes. */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { newHarness } from '../../test/support/control-harness.ts'
import { BidRows } from '../catalog/bid/bid-rows.ts'
import { buildBidData } from '../catalog/bid/build-bid-data.ts'
import { parseCampaign, parseCreative, parseExchange, parseRates } from '../catalog/bid-entities.ts'
import type { Creative } from '../domain/creative.ts'

const path = new URL('../../docs/examples/permissive-catalog.ndjson', import.meta.url)

test('is imported whole, without a warning, and all of it can bid', async () => {
  const body = readFileSync(path)
  const lines = body.toString().trim().split('\n').length
  const harness = await newHarness()
  const headers = { 'content-type': 'application/x-ndjson' }
  const answer = await harness.call('POST', '/api/v1/import', { body, headers })
  expect(answer.body['firstErrors'] ?? answer.text).toEqual([])
  expect(answer.body).toMatchObject({ created: lines, rejected: 0, firstWarnings: [] })

  const { entities } = await harness.catalog.load()
  const creatives: Creative[] = []
  for (const { kind, id, json } of entities) {
    if (kind === 'creative') creatives.push(parseCreative(json, id))
    if (kind === 'campaign') expect(parseCampaign(json, id).targeting.deals).toEqual(['*'])
    if (kind === 'exchange') expect(parseExchange(json, id).live).toBe(true)
    if (kind === 'rates') expect(parseRates(json, id).base).toBe('USD')
  }
  const rows = new BidRows()
  for (const entity of entities) rows.put(entity)
  const data = buildBidData(rows, 1, 1)
  expect(data.problems).toEqual([])
  expect([data.creativeCount, data.campaignCount]).toEqual([creatives.length, 4])

  for (const format of ['banner', 'video', 'audio', 'native']) {
    expect(creatives.filter((creative) => creative.format === format).length).toBeGreaterThan(3)
  }
  const sizes = new Set(creatives.map(({ banner }) => banner && `${banner.w}x${banner.h}`))
  for (const size of ['300x250', '320x50', '728x90', '160x600']) expect(sizes).toContain(size)
  const seconds = new Set(creatives.map(({ video }) => video?.durationSec))
  for (const wanted of [6, 10, 15, 20, 30, 60]) expect(seconds).toContain(wanted)
})
