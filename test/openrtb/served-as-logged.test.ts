/** What models see of a world's request when it is served, and of its line of the log. */
import { expect, test } from 'vitest'
import { askShared, fillAsk, packFactsOf } from '../../src/decision/bid/ask-facts.ts'
import { slotsOf } from '../../src/decision/bid/slot.ts'
import { askOfRecord } from '../../src/domain/ask-of-record.ts'
import { BidRequest } from '../../src/domain/bid-request.ts'
import { emptyAskFacts } from '../../src/domain/feature-facts.ts'
import { indexPacks } from '../../src/domain/pack.ts'
import { Profile, ProfileState } from '../../src/domain/profile.ts'
import { Refusal } from '../../src/domain/refusal.ts'
import { decodeRecord, encodeRecord } from '../../src/feedback/record-codec.ts'
import { createOpenRtbAdapter } from '../../src/media/openrtb/adapter.ts'
import { smallWorld } from '../../src/world/test-worlds.ts'
import { packScore, packsOf } from '../../src/world/users.ts'
import { World } from '../../src/world/world.ts'
import { recordOf } from '../../src/world/world-record.ts'
import { requestOf } from '../../src/world/world-request.ts'
import { packIds, worldExchange } from '../../src/world/world-words.ts'
import { aBanner, aCampaign, anAdvertiser, anExchange } from '../support/bid-world.ts'
import { testHasher } from '../support/openrtb-decode.ts'
import { links } from '../support/slot-fixtures.ts'
import { openRoad } from './road.ts'

const index = indexPacks(
  packIds.map((id) => ({ id, current: null, previous: null, expiresAtMs: null })),
  0,
)
const adapter = createOpenRtbAdapter({ hasher: testHasher, links })
const exchange = anExchange({ id: worldExchange })

test('a request of the world has the facts that its line in the log has', () => {
  const world = new World(smallWorld)
  let limited = 0
  for (let row = 0; row < 300; row++) {
    const made = world.row(row)
    if (made === null) continue
    const record = decodeRecord(encodeRecord(recordOf(world, made)))
    if (record === null) throw new Error('the line cannot be read')
    const request = new BidRequest()
    const body = JSON.stringify(requestOf(world, made.opportunity))
    const read = adapter.decode(new TextEncoder().encode(body), true, exchange, request)
    expect(read).toBe(Refusal.None)
    const { user, atMs } = made.opportunity
    const profile = new Profile()
    profile.state = request.devices.count > 0 ? ProfileState.Known : ProfileState.NoId
    for (const pack of packsOf(user.packs)) profile.add(pack, packScore(user, pack))
    const shared = askShared(request, packFactsOf(profile, index, request.privacyLimit), atMs)
    for (const slot of request.imps.flatMap(slotsOf)) {
      const facts = emptyAskFacts()
      fillAsk(facts, request, slot, shared)
      expect(askOfRecord(record, { impIndex: slot.imp.index, format: slot.format })).toEqual(facts)
    }
    if (user.isLimited) limited++
  }
  expect(limited).toBeGreaterThan(0)
})

test('a bid is recorded with the packs that the device was in, by name', async () => {
  const road = await openRoad({
    advertisers: [anAdvertiser()],
    campaigns: [aCampaign({}, { audience: { all: ['buyers'], any: [], none: [] } })],
    creatives: [aBanner()],
    exchanges: [anExchange()],
    rates: { base: 'USD', rates: {} },
    members: [
      { type: 'buyer_uid', scope: anExchange().id, id: 'u-1', packs: { runners: 130, buyers: -1 } },
    ],
  })
  const { records } = await road.ask({
    id: 'r',
    imp: [{ id: '1', banner: { w: 300, h: 250 } }],
    user: { buyeruid: 'u-1' },
  })
  expect(records[0]?.bids).toHaveLength(1)
  expect(records[0]).toMatchObject({ packIds: ['runners', 'buyers'], packScores: [130, -1] })
})
