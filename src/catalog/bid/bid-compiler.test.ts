import { beforeEach, expect, test } from 'vitest'
import {
  aBanner,
  aCampaign,
  anAdvertiser,
  type CompiledWorld,
  compileWorld,
  unit,
} from '../../../test/support/bid-world.ts'
import type { Campaign } from '../../domain/campaign.ts'
import type { Micros } from '../../domain/money.ts'
import { ManualClock } from '../../lib/clock.ts'
import { staleAfterMs } from '../catalog.ts'
import { segmentBytes } from './text-store.ts'

let clock: ManualClock
let world: CompiledWorld

beforeEach(async () => {
  clock = new ManualClock(1_000_000)
  world = await compileWorld({}, clock)
})

async function put(kind: string, value: { readonly id: string }): Promise<void> {
  await world.store.write([
    { kind, id: value.id, json: JSON.stringify(value), expectedVersion: null },
  ])
}

function current() {
  const snapshot = world.catalog.current()
  if (snapshot === null) throw new Error('no snapshot')
  return snapshot
}

test('a changed campaign is in the next snapshot, and the old one stays what it was', async () => {
  const before = current()
  await put('campaign', aCampaign({ goal: { kind: 'cpm', bidMicros: (7 * unit) as Micros } }))
  await world.look()
  expect(current().valueOf(0)).toBe(7 * unit)
  expect(before.valueOf(0)).toBe(5 * unit)
  expect(before.campaign(0).goal).toMatchObject({ bidMicros: 5 * unit })
  expect(world.store.loads).toBe(1)
})

test('a look without a change confirms the snapshot and makes none', async () => {
  const before = current()
  clock.advance(staleAfterMs + 1)
  expect(world.catalog.isStale()).toBe(true)
  await world.look()
  expect(world.catalog.isStale()).toBe(false)
  expect(current()).toBe(before)
})

test('a change of other kinds makes no snapshot', async () => {
  const before = current()
  await put('strategy', { id: 's' })
  await world.look()
  expect(current()).toBe(before)
})

test('a store that fails leaves the snapshot, says why, and it grows stale', async () => {
  const before = current()
  world.store.failure = new Error('the store is away')
  clock.advance(staleAfterMs + 1)
  await world.look()
  expect(world.catalog.problem()).toBe('the store is away')
  expect(world.catalog.isStale()).toBe(true)
  expect(current()).toBe(before)
})

test('a deleted creative is gone; a broken one is out and listed until it is mended', async () => {
  await world.store.write([{ kind: 'creative', id: 'audio', json: null, expectedVersion: null }])
  await put('creative', { ...aBanner(), clickUrl: 7 } as never)
  await world.look()
  expect(current().data.creativeCount).toBe(2)
  expect(current().data.problems).toEqual([
    { kind: 'creative', id: 'banner', reason: 'clickUrl: not a string' },
  ])
  await put('creative', aBanner())
  await world.look()
  expect(current().data.creativeCount).toBe(3)
  expect(current().data.problemCount).toBe(0)
})

test('what names something that is not there is listed and does not bid', async () => {
  await put('campaign', aCampaign({ id: 'orphan', advertiserId: 'nobody' }))
  await put('creative', aBanner({ id: 'lost', campaignId: 'nothing' }))
  await world.look()
  expect(current().data.problems.map(({ id, reason }) => [id, reason])).toEqual([
    ['orphan', 'no advertiser is called nobody'],
    ['lost', 'no campaign is called nothing'],
  ])
})

test('an advertiser switched off takes its campaigns out without a problem', async () => {
  await put('advertiser', anAdvertiser({ enabled: false }))
  await world.look()
  expect(current().data).toMatchObject({ campaignCount: 0, creativeCount: 0, problemCount: 0 })
})

test('what the advertiser says of itself changes the brand of its creatives', async () => {
  await put('advertiser', anAdvertiser({ domains: ['other.example'] }))
  await world.look()
  expect(current().brandOf(0)?.domains).toEqual(['other.example'])
})

test('creatives stand in the order of their value, equal ones by id', async () => {
  await put(
    'campaign',
    aCampaign({ id: 'rich', goal: { kind: 'cpm', bidMicros: (9 * unit) as Micros } }),
  )
  await put('creative', aBanner({ id: 'z', campaignId: 'rich' }))
  await put('creative', aBanner({ id: 'b', campaignId: 'rich' }))
  await world.look()
  const { creativeCount } = current().data
  const order = Array.from({ length: creativeCount }, (_, slot) => current().creative(slot).id)
  expect(order).toEqual(['b', 'z', 'audio', 'banner', 'native', 'video'])
})

test('formats and sizes that a campaign does not buy are left out', async () => {
  await put('campaign', aCampaign({}, { formats: ['banner'], sizes: [{ w: 728, h: 90 }] }))
  await world.look()
  expect(current().data.creativeCount).toBe(0)
  await put('campaign', aCampaign({}, { sizes: [{ w: 300, h: 250 }] }))
  await world.look()
  expect(current().data.creativeCount).toBe(4)
})

test('the live set follows the flights', async () => {
  await put('campaign', aCampaign({ startMs: 1_000, endMs: 2_000 }))
  await world.look()
  const live = (nowMs: number) => (current().liveAt(nowMs)[0] ?? 0) & 1
  expect([999, 1_000, 1_999, 2_000, 1_500, 0].map(live)).toEqual([0, 1, 1, 0, 1, 0])
})

test('dead texts are packed away, and every text can still be read', async () => {
  const long = 'x'.repeat(100_000)
  const campaign = (round: number): Campaign => aCampaign({ name: `${round}${long}` })
  for (let round = 0; round * 100_000 < segmentBytes * 2.5; round++) {
    await put('campaign', campaign(round))
    await world.look()
  }
  expect(current().data.segments.length).toBeLessThanOrEqual(2)
  expect(current().campaign(0).name).toMatch(/^\d+x{100000}$/)
  expect(current().creative(3).id).toBe('video')
})

test('after a load of everything the tables begin anew and the old snapshot keeps its own', async () => {
  const before = current()
  const shape = before.tables.shape[before.data.creatives.shape[0] ?? -1]
  for (let i = 0; i < 100_001; i += 1_000) {
    const writes = Array.from({ length: 1_000 }, (_, n) => ({
      kind: 'pack',
      id: `${i + n}`,
      json: '{}',
      expectedVersion: null,
    }))
    await world.store.write(writes)
  }
  await put('campaign', aCampaign())
  await world.look()
  expect(current().data.epoch).toBe(before.data.epoch + 1)
  expect(before.tables.shape[before.data.creatives.shape[0] ?? -1]).toBe(shape)
  expect(current().tables.shape).toHaveLength(4)
})

test('a campaign has the terms of its value, which price the smoothed rates as its creatives are', async () => {
  const { data } = current()
  const { campaigns, creatives } = data
  expect(creatives.value.length).toBeGreaterThan(0)
  for (const [slot, value] of creatives.value.entries()) {
    const campaign = creatives.campaign[slot] ?? 0
    const ctr = creatives.ctr[slot] ?? 0
    const cvr = creatives.cvr[slot] ?? 0
    const terms =
      (campaigns.base[campaign] ?? 0) +
      (campaigns.perClick[campaign] ?? 0) * ctr +
      (campaigns.perAction[campaign] ?? 0) * ctr * cvr
    expect(Math.abs(terms - value)).toBeLessThan(1)
    expect(creatives.prior[slot]).toBe(Math.floor(value * (campaigns.toReference[campaign] ?? 0)))
  }
})
