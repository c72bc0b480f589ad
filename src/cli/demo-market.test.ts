import { expect, test } from 'vitest'
import { localHour } from '../world/opportunities.ts'
import { DemoMarket } from './demo-market.ts'
import { shippedPlan } from './shipped-models.ts'

/** A Thursday, 15:30 UTC, most of a year after the world began. */
const nowMs = Date.UTC(2026, 10, 19, 15, 30, 5)
const market = new DemoMarket(nowMs, 40)

test('impressions are of this hour and weekday, and of no row that models were trained on', () => {
  const ids = new Set(market.asks.map(({ request }) => request.id))
  expect(ids.size).toBe(40)
  for (const { opportunity } of market.asks) {
    const at = new Date(opportunity.atMs)
    expect([at.getUTCDay(), at.getUTCHours(), at.getUTCMinutes()]).toEqual([4, 15, 30])
    expect(localHour(opportunity.atMs, opportunity.user)).toBe(localHour(nowMs, opportunity.user))
    expect(opportunity.row).toBeGreaterThanOrEqual(50_000_000)
  }
})

test('a clock from before the world began has its hour and weekday, too', () => {
  const early = new DemoMarket(Date.UTC(2020, 0, 1, 12, 0, 5), 1)
  const at = new Date(early.asks[0]!.opportunity.atMs)
  expect([at.getUTCDay(), at.getUTCHours(), at.getUTCMinutes()]).toEqual([3, 12, 0])
})

test('the last moment of a week has as many impressions as any other', () => {
  const sunday = new DemoMarket(Date.UTC(2026, 10, 22, 23, 59, 59, 999), 200)
  expect(new Set(sunday.asks.map(({ opportunity }) => opportunity.row)).size).toBe(200)
})

test('everybody who is asked about stands in the packs, unless they limit ad tracking', () => {
  const { packs, users } = market.packs()
  const text = packs.map(({ body }) => Buffer.concat(body).toString('latin1')).join('')
  expect(users).toBeGreaterThan(5_000)
  for (const { opportunity, request } of market.asks) {
    const { user } = request as { readonly user?: { readonly buyeruid?: string } }
    if (opportunity.user.isLimited) expect(user?.buyeruid).toBeUndefined()
    else expect(text).toContain(user?.buyeruid ?? 'no id')
  }
})

test('the catalog is the whole market, ranked by the shipped plan', () => {
  const lines = [...market.catalog()] as { kind: string; value: Record<string, unknown> }[]
  const { advertisers, campaigns, creatives } = market.counts
  expect(lines).toHaveLength(1 + advertisers + campaigns + creatives)
  const exchanges = lines.filter(({ kind }) => kind === 'exchange')
  expect(exchanges.map(({ value }) => value['plan'])).toEqual([shippedPlan])
})

test('nothing eligible is worth more than the best, and something is worth as much', () => {
  const [ask] = market.asks
  const best = market.bestWorthMicros(ask!)
  expect(best).toBeGreaterThan(0)
  // The same impression again: the search for the best leaves nothing behind.
  expect(market.bestWorthMicros(ask!)).toBe(best)
  const { ctr, cvr, valueMicros } = market.worthOf(ask!, 'cr-000000')
  expect([ctr, cvr].every((rate) => rate > 0 && rate < 1)).toBe(true)
  expect(valueMicros).toBeGreaterThan(0)
})

test('the advertiser of the ranked strategy has campaigns that models can tell apart', () => {
  expect(market.advertiserOfManyGoals().campaigns.length).toBeGreaterThanOrEqual(3)
})
