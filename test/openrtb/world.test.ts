/** A generated world against the engine: taken, decoded, understood alike, and bid for. */
import { beforeAll, describe, expect, test } from 'vitest'
import type { Advertiser } from '../../src/domain/advertiser.ts'
import type { Campaign } from '../../src/domain/campaign.ts'
import type { Creative } from '../../src/domain/creative.ts'
import type { Exchange } from '../../src/domain/exchange.ts'
import { localHour, type Opportunity } from '../../src/world/opportunities.ts'
import { dayMs, worldStartMs } from '../../src/world/settings.ts'
import { smallWorld } from '../../src/world/test-worlds.ts'
import { packScore, packsOf } from '../../src/world/users.ts'
import { World } from '../../src/world/world.ts'
import { catalogLines } from '../../src/world/world-catalog.ts'
import { recordOf } from '../../src/world/world-record.ts'
import { requestOf } from '../../src/world/world-request.ts'
import { packIds } from '../../src/world/world-words.ts'
import { newHarness } from '../support/control-harness.ts'
import type { Json } from '../support/openrtb-decode.ts'
import { type Member, type Outcome, openRoad, type Road } from './road.ts'

const world = new World({ ...smallWorld, rows: 40_000 })
/** The road's clock stands still, so only rows of one hour are asked. */
const wallMs = worldStartMs + dayMs + 15 * 3_600_000
const rowsPerHour = world.settings.rows / world.settings.days / 24
const firstRow = Math.floor(((wallMs - worldStartMs) / 3_600_000) * rowsPerHour)

/** Rows whose users have the hour that they would have at `wallMs`. */
const opportunities = Array.from({ length: rowsPerHour }, (_, i) =>
  world.opportunities.at(firstRow + 1 + i),
).filter(({ atMs, user }) => localHour(atMs, user) === localHour(wallMs, user))

let road: Road
beforeAll(async () => {
  const harness = await newHarness()
  harness.packs.packs.clear()
  const lines = [...catalogLines(world.market)].map((line) => JSON.stringify(line))
  const answer = await harness.call('POST', '/api/v1/import', {
    body: Buffer.from(lines.join('\n')),
    headers: { 'content-type': 'application/x-ndjson' },
  })
  expect(answer.body).toMatchObject({ rejected: 0 })
  const { entities } = await harness.catalog.load()
  const of = <T>(kind: string): T[] =>
    entities.filter((one) => one.kind === kind).map(({ json }) => JSON.parse(json) as T)
  road = await openRoad({
    advertisers: of<Advertiser>('advertiser'),
    campaigns: of<Campaign>('campaign'),
    creatives: of<Creative>('creative'),
    exchanges: of<Exchange>('exchange'),
    rates: { base: 'USD', rates: {} },
    wallMs,
    members: opportunities.map(memberOf),
  })
  expect(road.problems).toEqual([])
})

/** Scores by name; every pack is there, so that each has a number. */
function memberOf({ user }: Opportunity): Member {
  const packs = packsOf(user.packs).map((pack) => [packIds[pack] ?? '', packScore(user, pack)])
  return {
    type: 'buyer_uid',
    id: world.opportunities.users.idOf(user),
    scope: 'world',
    packs: Object.fromEntries(packs),
  }
}

function ask(opportunity: Opportunity, wire: 'json' | 'iab' = 'json'): Promise<Outcome> {
  return road.ask(requestOf(world, opportunity) as Json, wire)
}

describe('the traffic of a world', () => {
  test('is decoded, all of it, and nearly all is bid for', async () => {
    let bidding = 0
    const refused = new Set<string>()
    for (const [index, opportunity] of opportunities.entries()) {
      const { refusal, bids } = await ask(opportunity, index % 2 === 0 ? 'json' : 'iab')
      refused.add(refusal)
      if (bids.length > 0) bidding++
    }
    expect(opportunities.length).toBeGreaterThan(300)
    expect(refused).not.toContain('malformed')
    expect(refused).not.toContain('no-usable-imp')
    expect(bidding / opportunities.length).toBeGreaterThanOrEqual(0.9)
  })

  test('finds as many creatives eligible in the engine as in the world', async () => {
    for (const opportunity of opportunities) {
      world.eligibility.select(opportunity)
      const { recalled } = await ask(opportunity)
      expect([opportunity.row, recalled]).toEqual([opportunity.row, world.eligibility.count])
    }
  })
})

describe('the log of a world', () => {
  test('says of a request what the engine’s own record says', async () => {
    let compared = 0
    for (const opportunity of opportunities.slice(0, 200)) {
      const { records } = await ask(opportunity)
      const [engine] = records
      const row = world.row(opportunity.row)
      if (engine === undefined || row.winner < 0) continue
      compared++
      const ours = recordOf(world, row)
      const { decisionId, atMs, revision, bids, losers, ...asked } = ours
      const { packIds: packs, packScores, carrier, utcOffsetMin, contentCategories } = ours
      expect([decisionId.length, atMs > 0, revision]).toEqual([16, true, 1])
      expect([packs.length, packScores.length]).toEqual([engine.packsMatched, engine.packsMatched])
      expect(carrier.length * contentCategories.length * utcOffsetMin).not.toBe(0)
      expect(namesOf(bids[0])).toEqual(namesOf(engine.bids[0]))
      if (losers.length * engine.losers.length > 0) {
        expect([...namesOf(losers[0]), 'format'].toSorted()).toEqual(namesOf(engine.losers[0]))
      }
      expect(pick(engine, requestFields)).toEqual(pick(asked, requestFields))
      expect(engine.deviceKeys).toHaveLength(ours.deviceKeys.length)
    }
    expect(compared).toBeGreaterThan(150)
  })
})

/** Fields of a candidate but its scores: no stage of ours ranks those of a world. */
function namesOf(candidate: object | undefined): string[] {
  return Object.keys(candidate ?? {})
    .filter((name) => name !== 'scores')
    .toSorted()
}

/** Fields that the request alone decides. */
const requestFields = [
  ...['version', 'medium', 'exchange', 'requestId', 'isTest', 'isLive', 'auctionType', 'tmaxMs'],
  ...['currencies', 'imps', 'impsDropped', 'privacyLimit', 'usedPersonalData', 'deviceTypes'],
  ...['network', 'channel', 'inventoryId', 'domain', 'bundle', 'publisherId', 'country', 'region'],
  ...['city', 'os', 'osVersion', 'deviceType', 'make', 'model', 'connectionType', 'language'],
  ...['packsMatched', 'rankedBy', 'ctrModel', 'cvrModel', 'arms'],
]

function pick(from: object, fields: readonly string[]): object {
  return Object.fromEntries(fields.map((field) => [field, (from as Json)[field]]))
}
