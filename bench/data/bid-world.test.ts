import { expect, test } from 'vitest'
import { BidRequest } from '../../src/domain/bid-request.ts'
import type { Campaign } from '../../src/domain/campaign.ts'
import type { Creative } from '../../src/domain/creative.ts'
import { PrivacyLimit } from '../../src/domain/privacy.ts'
import { Refusal } from '../../src/domain/refusal.ts'
import { newHarness } from '../../test/support/control-harness.ts'
import { exchangeOf, openBidBench } from '../stage/bid-bench.ts'
import { asProtobuf, bidRequestBodies } from './bid-requests.ts'
import { advertisingId, benchGoogleExchange, isInBidPack } from './bid-words.ts'
import { bidWorld, importLines } from './bid-world.ts'

const requests = { count: 2_000, knownDevices: 500 }

test('a world has the asked creatives in tens, parents before their children', () => {
  const seen = new Set<string>()
  const counts = new Map<string, number>()
  for (const { kind, id, value } of bidWorld(1_000)) {
    if (kind === 'campaign') {
      expect(seen.has(`advertiser/${(value as Campaign).advertiserId}`)).toBe(true)
    }
    if (kind === 'creative') {
      expect(seen.has(`campaign/${(value as Creative).campaignId}`)).toBe(true)
    }
    seen.add(`${kind}/${id}`)
    counts.set(kind, (counts.get(kind) ?? 0) + 1)
  }
  expect(Object.fromEntries(counts)).toEqual({
    rates: 1,
    exchange: 2,
    advertiser: 10,
    campaign: 100,
    creative: 1_000,
  })
})

test('the same size is the same world, and its lines are those of an import', () => {
  const text = (): string => Buffer.concat([...importLines(bidWorld(200))]).toString('utf8')
  expect(text()).toBe(text())
  const lines = text().trim().split('\n')
  expect(lines).toHaveLength(1 + 2 + 2 + 20 + 200)
  for (const line of lines) expect(Object.keys(JSON.parse(line))).toEqual(['kind', 'id', 'value'])
})

test('the admin API takes every entity of the world as it is', async () => {
  const harness = await newHarness()
  const answer = await harness.call('POST', '/api/v1/import', {
    body: Buffer.concat([...importLines(bidWorld(500))]),
    headers: { 'content-type': 'application/x-ndjson' },
  })
  expect(answer.body['firstErrors']).toEqual([])
  expect(answer.body).toMatchObject({ written: 1 + 2 + 5 + 50 + 500, rejected: 0 })
  // What is stored is what was sent: the made-up values are complete.
  const again = await harness.call('POST', '/api/v1/import', {
    body: Buffer.concat([...importLines(bidWorld(500))]),
    headers: { 'content-type': 'application/x-ndjson' },
  })
  expect(again.body).toMatchObject({ written: 0, unchanged: 558 })
})

test('formats of creatives are mixed as a house has them', () => {
  const creatives = [...bidWorld(5_000)].filter(({ kind }) => kind === 'creative')
  const share = (format: string): number =>
    creatives.filter(({ value }) => (value as Creative).format === format).length / 5_000
  expect(share('banner')).toBeCloseTo(0.7, 1)
  expect(share('video')).toBeCloseTo(0.2, 1)
  expect(share('native')).toBeCloseTo(0.08, 1)
})

test('requests repeat, are distinct, and their median is about 1.8 KB of JSON', () => {
  const bodies = bidRequestBodies(requests)
  const again = bidRequestBodies(requests)
  expect(bodies.every((body, index) => Buffer.compare(body, again[index]!) === 0)).toBe(true)
  expect(new Set(bodies.map((body) => Buffer.from(body).toString('latin1'))).size).toBe(2_000)
  const sizes = bodies.map(({ length }) => length).sort((a, b) => a - b)
  expect(sizes[1_000]! / 1_000).toBeCloseTo(1.85, 0.5)
})

test('every request is readable on both wires, in both layouts, as the same request', () => {
  const bench = openBidBench(100)
  const [json, iab, google] = [new BidRequest(), new BidRequest(), new BidRequest()]
  for (const body of bidRequestBodies({ ...requests, count: 300 })) {
    for (const request of [json, iab, google]) request.clear()
    const exchange = exchangeOf(bench)
    expect(bench.adapter.decode(body, true, exchange, json)).toBe(Refusal.None)
    bench.adapter.decode(asProtobuf(body, 'iab'), false, exchange, iab)
    bench.adapter.decode(
      asProtobuf(body, 'google'),
      false,
      exchangeOf(bench, benchGoogleExchange),
      google,
    )
    expect(iab.imps).toEqual(json.imps)
    expect(google.imps).toEqual(json.imps)
    expect(iab.blockedDomains).toEqual(json.blockedDomains)
    expect(iab.devices.count).toBe(json.devices.count)
  }
})

test('consent strings are read: some requests may be decided personally, some not', () => {
  const bench = openBidBench(100)
  const request = new BidRequest()
  const limits = new Map<number, number>()
  for (const body of bidRequestBodies(requests)) {
    request.clear()
    bench.adapter.decode(body, true, exchangeOf(bench), request)
    const { privacyLimit } = request
    limits.set(privacyLimit, (limits.get(privacyLimit) ?? 0) + 1)
  }
  // Most are free; consent refused, limited tracking and children make several kinds of limits.
  expect(limits.get(PrivacyLimit.None)).toBeGreaterThan(1_000)
  expect(limits.size).toBeGreaterThanOrEqual(4)
})

test('every device is in five packs and has an id of its own', () => {
  const ids = new Set<string>()
  for (let device = 0; device < 500; device++) {
    const packs = Array.from({ length: 50 }, (_, number) => isInBidPack(device, number))
    expect(packs.filter(Boolean)).toHaveLength(5)
    ids.add(advertisingId(device).toLowerCase())
  }
  expect(ids.size).toBe(500)
})
