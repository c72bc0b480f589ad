import { beforeEach, describe, expect, test } from 'vitest'
import { type Harness, newHarness } from '../../test/support/control-harness.ts'
import { serialOf } from '../domain/serial.ts'
import { type Counters, encodeCounters, noCounters, totalKey } from '../feedback/project/totals.ts'
import { StoreError } from '../store/store-error.ts'

const campaign = serialOf('campaign', 'shoes')
const place = serialOf('exchange', 'acme')
const hourMs = 3_600_000
/** The harness's clock is at 2023-11-14T22:13:20Z. */
const nineMs = Date.UTC(2023, 10, 14, 21)

let harness: Harness

beforeEach(async () => {
  harness = await newHarness()
  await harness.catalog.put('campaign', 'shoes', { name: 'Shoes' })
  await harness.catalog.put('exchange', 'acme', { name: 'Acme' })
})

function put(shard: number, over: object, counters: Partial<Counters>): void {
  const name = { hourMs: nineMs, campaign, place, currency: 'CNY', ...over }
  const key = totalKey(shard, name)
  const value = encodeCounters({ ...noCounters(), ...counters })
  harness.feedback.values.set(`${key.shard}/${key.day}/${key.name}`, { key, value })
}

async function report(url: string, role: 'viewer' | null = 'viewer') {
  const { status, body } = await harness.call('GET', `/api/v1/reports/${url}`, { role })
  return { status, body, items: body['items'] as Record<string, unknown>[] }
}

describe('totals', () => {
  test('are sums of the parts of all shards, with names, and money as decimal text', async () => {
    put(3, {}, { exposures: 2, clicks: 1, spendCpmMicros: 2_500_001 })
    put(900, {}, { exposures: 1, spendCpmMicros: 1_000_000_000, estimatedCpmMicros: 5 })
    put(7, { currency: '' }, { conversions: 1, valueMicros: 0, invalidClicks: 2 })
    const { status, items } = await report('totals?by=hour')
    expect(status).toBe(200)
    expect(items).toHaveLength(2)
    expect(items[1]).toEqual({
      from: '2023-11-14T21:00:00.000Z',
      campaignId: 'shoes',
      campaignSerial: String(campaign),
      place: { kind: 'exchange', id: 'acme' },
      placeSerial: String(place),
      currency: 'CNY',
      exposures: 3,
      clicks: 1,
      conversions: 0,
      wins: 0,
      bills: 0,
      losses: 0,
      spend: '1.002500001',
      estimatedSpend: '0.000000005',
      value: '0',
      invalidExposures: 0,
      invalidClicks: 0,
      invalidConversions: 0,
      invalidSpend: '0',
    })
    expect(items[0]).toMatchObject({ currency: null, conversions: 1, value: '0', spend: '0' })
  })

  test('are by hour, by day of UTC, or one row', async () => {
    put(1, { hourMs: nineMs - 22 * hourMs }, { wins: 1 })
    put(1, {}, { wins: 2 })
    put(1, { hourMs: nineMs + hourMs }, { wins: 4 })
    const times = async (query: string) =>
      (await report(`totals?${query}`)).items.map(({ from, wins }) => [from, wins])
    const period = 'from=2023-11-13T23:00:00Z&to=2023-11-14T23:00:00Z'
    expect(await times(`by=hour&${period}`)).toEqual([
      ['2023-11-13T23:00:00.000Z', 1],
      ['2023-11-14T21:00:00.000Z', 2],
      ['2023-11-14T22:00:00.000Z', 4],
    ])
    expect(await times(period)).toEqual([
      ['2023-11-13T00:00:00.000Z', 1],
      ['2023-11-14T00:00:00.000Z', 6],
    ])
    expect(await times(`by=all&${period}`)).toEqual([['2023-11-13T23:00:00.000Z', 7]])
    // The hour that has begun counts, `to` itself does not.
    expect(await times('by=hour&from=2023-11-14T21:30:00Z&to=2023-11-14T22:00:00Z')).toEqual([
      ['2023-11-14T21:00:00.000Z', 2],
    ])
  })

  test('are of the last day unless said, and of one campaign where that is asked for', async () => {
    put(1, { hourMs: nineMs - 26 * hourMs }, { wins: 1 })
    put(1, {}, { wins: 2 })
    put(1, { campaign: serialOf('campaign', 'gone') }, { wins: 4 })
    const all = await report('totals')
    expect(all.items.map(({ campaignId, wins }) => [campaignId, wins])).toEqual(
      expect.arrayContaining([
        ['shoes', 2],
        [null, 4],
      ]),
    )
    expect(all.items).toHaveLength(2)
    expect((await report('totals?campaign=gone')).items).toHaveLength(1)
  })

  test.each([
    ['totals?from=2023-11-14&to=2023-11-14', 'query.from'],
    ['totals?from=2023-01-01&to=2023-11-14', 'query.from'],
    ['totals?from=yesterday', 'query.from'],
    ['totals?by=week', 'query.by'],
    ['invalid?by=hour', 'query.by'],
  ])('%s is refused', async (url, path) => {
    const { status, body } = await report(url)
    expect(status).toBe(400)
    expect(body['errors']).toMatchObject([{ path }])
  })

  test('need a key, and a store that answers', async () => {
    expect((await report('totals', null)).status).toBe(401)
    harness.feedback.scan = () => Promise.reject(new StoreError('SLUICE_STORE_REPLY', 'away'))
    expect((await report('totals')).body['code']).toBe('SLUICE_CONTROL_STORE_UNAVAILABLE')
  })
})

describe('invalid traffic', () => {
  test('is by reason, campaign and place, and beside what is valid', async () => {
    const medium = { place: serialOf('medium', 'tencent') }
    put(1, medium, { clicks: 7, invalidClicks: 3, reasonUnexposed: 2, reasonDeviceRate: 1 })
    put(2, { ...medium, hourMs: nineMs - hourMs }, { invalidClicks: 4, reasonUnexposed: 4 })
    put(2, {}, { exposures: 5 })
    const { body, items } = await report('invalid')
    const whose = {
      campaignId: 'shoes',
      campaignSerial: String(campaign),
      place: { kind: 'medium', id: 'tencent' },
      placeSerial: String(medium.place),
    }
    expect(body['reasons']).toEqual([
      { reason: 20, name: 'unexposed', ...whose, events: 6 },
      { reason: 22, name: 'device-rate', ...whose, events: 1 },
    ])
    expect(items).toMatchObject([{ ...whose, clicks: 7, invalidClicks: 7, invalidSpend: '0' }])
  })
})
