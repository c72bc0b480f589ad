/** What may happen while the store is asked for a device's packs. */
import { beforeEach, expect, test } from 'vitest'
import {
  aCampaign,
  anExchange,
  type CompiledWorld,
  compileWorld,
  unit,
} from '../../../test/support/bid-world.ts'
import { bannerSlot, impWith } from '../../../test/support/plain-imps.ts'
import type { AudienceView } from '../../audience/audience-reader.ts'
import type { BidDecision } from '../../domain/bid-decision.ts'
import { DecisionIds } from '../../domain/decision-id.ts'
import type { DecisionRecord } from '../../domain/decision-record.ts'
import { noGeo } from '../../domain/geo-port.ts'
import type { Micros } from '../../domain/money.ts'
import { emptyLayout, indexPacks, type Pack } from '../../domain/pack.ts'
import { type Profile, ProfileState } from '../../domain/profile.ts'
import { Refusal } from '../../domain/refusal.ts'
import { ManualClock } from '../../lib/clock.ts'
import { BidDecider } from './bid-decide.ts'
import { BidScratch } from './bid-scratch.ts'

const imp = impWith({ banner: bannerSlot })

let clock: ManualClock
let records: DecisionRecord[]
let world: CompiledWorld
let view: AudienceView
let answerOf: (profile: Profile) => void
let answerStore: () => void

beforeEach(() => {
  clock = new ManualClock(Date.UTC(2026, 10, 22, 12))
  records = []
  view = viewOf('other', 'buyers')
})

function viewOf(...ids: string[]): AudienceView {
  const packs = ids.map((id) => ({ id, current: null, expiresAtMs: null }) as unknown as Pack)
  return { packs: indexPacks(packs, 0), layout: emptyLayout() } as unknown as AudienceView
}

/** A decision that waits for the store; `meanwhile` is done before the store answers. */
async function decide(meanwhile: () => Promise<void> | void): Promise<BidDecision> {
  const decider = new BidDecider({
    catalog: world.catalog,
    audienceView: { current: () => view },
    audience: {
      read: (_devices, _view, _deadlineMs, profile) => {
        answerOf(profile)
        return new Promise((resolve) => {
          answerStore = () => resolve(undefined)
        })
      },
    },
    geo: noGeo,
    clock,
    random: () => 0.5,
    ids: new DecisionIds(() => 1),
    ranker: null,
    linksAreSecure: true,
    record: (record) => records.push(record),
  })
  const scratch = new BidScratch()
  const { request } = scratch
  request.exchange = 'x'
  request.id = 'r'
  request.deadlineMs = clock.monotonicMs() + 50
  request.imps = [imp]
  request.priceUnit = 'cpm'
  request.devices.push(1, 2, 3)
  const waiting = decider.decide(request, scratch)
  await meanwhile()
  answerStore()
  return waiting
}

/** The device is in pack `number` of the view it is read through. */
function isInPack(number: number): void {
  answerOf = (profile) => {
    profile.state = ProfileState.Known
    profile.add(number, 0)
  }
}

async function put<T extends { readonly id: string }>(kind: string, value: T): Promise<void> {
  const json = JSON.stringify(value)
  await world.store.write([{ kind, id: value.id, json, expectedVersion: null }])
  await world.look()
}

const forBuyers = aCampaign({}, { audience: { all: ['buyers'], any: [], none: [] } })

test('a device is in the packs of the view it was read through, whatever view came meanwhile', async () => {
  world = await compileWorld({ campaigns: [forBuyers] }, clock)
  isInPack(1)
  const renumber = () => void (view = viewOf('buyers', 'more', 'other'))
  expect((await decide(renumber)).bids).toHaveLength(1)
  view = viewOf('other', 'buyers')
  isInPack(0)
  expect((await decide(renumber)).refusal).toBe(Refusal.NothingEligible)
})

test('a campaign that is switched off while the store is asked does not bid', async () => {
  world = await compileWorld({ campaigns: [forBuyers] }, clock)
  isInPack(1)
  const decision = await decide(() => put('campaign', { ...forBuyers, enabled: false }))
  expect(decision.refusal).toBe(Refusal.NothingEligible)
})

test('a lower price that comes while the store is asked is the one that is bid', async () => {
  world = await compileWorld({ campaigns: [forBuyers] }, clock)
  isInPack(1)
  const goal = { kind: 'cpm', bidMicros: (2 * unit) as Micros } as const
  const decision = await decide(() => put('campaign', { ...forBuyers, goal }))
  expect(decision.bids[0]?.priceMicros).toBe(2 * unit)
})

test('an exchange that leaves live, is switched off or counts in another unit gets no bid', async () => {
  const meanwhile = async (exchange: Parameters<typeof anExchange>[0]) => {
    world = await compileWorld({ campaigns: [forBuyers] }, clock)
    isInPack(1)
    return decide(() => put('exchange', anExchange(exchange)))
  }
  expect((await meanwhile({ live: false })).isDryRun).toBe(true)
  expect((await meanwhile({ enabled: false })).refusal).toBe(Refusal.ExchangeOff)
  const recounted = await meanwhile({ priceUnit: 'cpmMicros' })
  expect(recounted.refusal).toBe(Refusal.CatalogUnavailable)
})

test('a refused request is recorded without a word of the device before it', async () => {
  world = await compileWorld(
    { exchanges: [anExchange({ enabled: false, noBidRecordRate: 1 })] },
    clock,
  )
  const decider = new BidDecider({
    catalog: world.catalog,
    audienceView: { current: () => view },
    audience: { read: () => undefined },
    geo: noGeo,
    clock,
    random: () => 0.5,
    ids: new DecisionIds(() => 1),
    ranker: null,
    linksAreSecure: true,
    record: (record) => records.push(record),
  })
  const scratch = new BidScratch()
  scratch.profile.add(3, 1)
  scratch.request.exchange = 'x'
  await decider.decide(scratch.request, scratch)
  expect(records.map(({ refusal, packsMatched }) => [refusal, packsMatched])).toEqual([
    [Refusal.ExchangeOff, 0],
  ])
})
