/** For any catalog and any history: what recall finds is what counting one by one lets through. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  aBanner,
  aCampaign,
  anAdvertiser,
  compileWorld,
  unit,
} from '../../../test/support/bid-world.ts'
import { bannerSlot, impWith } from '../../../test/support/plain-imps.ts'
import { fillHistory, isCapped, type Touch } from '../../../test/support/user-histories.ts'
import type { Advertiser } from '../../domain/advertiser.ts'
import type { Campaign } from '../../domain/campaign.ts'
import type { Creative } from '../../domain/creative.ts'
import { DecisionIds } from '../../domain/decision-id.ts'
import type { ConvertedRule, FrequencyCap } from '../../domain/frequency.ts'
import { noGeo } from '../../domain/geo-port.ts'
import type { Micros } from '../../domain/money.ts'
import { emptyLayout, indexPacks } from '../../domain/pack.ts'
import { type SerialKind, serialOf } from '../../domain/serial.ts'
import { convertedTag, minuteOf, tagOf, UserEntry } from '../../domain/user-state.ts'
import { ManualClock } from '../../lib/clock.ts'
import { BidDecider } from './bid-decide.ts'
import { BidScratch } from './bid-scratch.ts'

const noonMs = Date.UTC(2026, 10, 22, 12)
const now = minuteOf(noonMs)
const actions = ['', 'buy']

const cap: fc.Arbitrary<FrequencyCap> = fc.record({
  impressions: fc.integer({ min: 1, max: 4 }),
  minutes: fc.integer({ min: 1, max: 12 }),
})
const caps = fc.array(cap, { maxLength: 2 })

const rule: fc.Arbitrary<ConvertedRule> = fc.record({
  kind: fc.constantFrom('exclude' as const, 'require' as const),
  advertiserId: fc.constantFrom('a0', 'a1', 'gone'),
  action: fc.constantFrom(...actions),
  days: fc.integer({ min: 1, max: 2 }),
})

const advertisers = fc
  .tuple(caps, caps)
  .map((lists) => lists.map((list, index) => anAdvertiser({ id: `a${index}`, caps: list })))

const campaigns = fc
  .array(fc.record({ caps, converted: fc.array(rule, { maxLength: 2 }), of: fc.nat({ max: 1 }) }), {
    minLength: 1,
    maxLength: 5,
  })
  .map((list) =>
    list.map(({ of, ...own }, index) =>
      aCampaign({ id: `c${index}`, advertiserId: `a${of}`, ...own }),
    ),
  )

const creatives = fc
  .array(fc.record({ caps, of: fc.nat({ max: 4 }) }), { minLength: 1, maxLength: 8 })
  .map((list) =>
    list.map(({ of, ...own }, index) => aBanner({ id: `b${index}`, campaignId: `c${of}`, ...own })),
  )

/** What a touch is about: often something of the catalog, sometimes nothing of it. */
const thing = fc.oneof(
  fc.nat({ max: 8 }).map((n) => tagged('creative', `b${n}`)),
  fc.nat({ max: 5 }).map((n) => tagged('campaign', `c${n}`)),
  fc.nat({ max: 2 }).map((n) => tagged('advertiser', `a${n}`)),
  fc.tuple(fc.constantFrom('a0', 'a1'), fc.constantFrom(...actions)).map(([id, action]) => ({
    entry: UserEntry.Converted,
    tag: convertedTag(serialOf('advertiser', id), action),
  })),
  // Counted for others: must never be taken for an impression of ours.
  fc.nat({ max: 2 }).map((n) => ({ ...tagged('advertiser', `a${n}`), entry: UserEntry.Clicked })),
)

function tagged(kind: SerialKind & keyof typeof entryOf, id: string) {
  return { entry: entryOf[kind], tag: tagOf(serialOf(kind, id)) }
}

const entryOf = {
  creative: UserEntry.Creative,
  campaign: UserEntry.Campaign,
  advertiser: UserEntry.Advertiser,
}

const moments = fc
  .uniqueArray(fc.oneof(fc.integer({ min: -1, max: 14 }), fc.integer({ min: 1_438, max: 2_882 })), {
    minLength: 1,
    maxLength: 4,
  })
  .chain((ago) =>
    fc.tuple(...ago.map((one) => fc.record({ minute: fc.constant(now - one), count }))),
  )
const count = fc.integer({ min: 1, max: 3 })

const state: fc.Arbitrary<readonly Touch[]> = fc.uniqueArray(
  fc.tuple(thing, moments).map(([of, list]) => ({ ...of, moments: list })),
  { maxLength: 8, selector: ({ entry, tag }) => `${entry}/${tag}` },
)
const states = fc.array(state, { maxLength: 4 })

interface World {
  readonly advertisers: readonly Advertiser[]
  readonly campaigns: readonly Campaign[]
  readonly creatives: readonly Creative[]
}
type States = readonly (readonly Touch[])[]

function isShown(creative: Creative, world: World, device: States): boolean {
  const campaign = world.campaigns.find(({ id }) => id === creative.campaignId)
  const advertiser = world.advertisers.find(({ id }) => id === campaign?.advertiserId)
  if (campaign === undefined || advertiser === undefined) return false
  const isFree = (kind: keyof typeof entryOf, one: { id: string; caps: Campaign['caps'] }) =>
    !one.caps.some((limit) => isCapped(device, tagged(kind, one.id), limit, now))
  return (
    isFree('creative', creative) &&
    isFree('campaign', campaign) &&
    isFree('advertiser', advertiser) &&
    campaign.converted.every(({ kind, advertiserId, action, days }) => {
      const tag = convertedTag(serialOf('advertiser', advertiserId), action)
      const window = { impressions: 1, minutes: days * 1_440 }
      const has = isCapped(device, { entry: UserEntry.Converted, tag }, window, now)
      return has === (kind === 'require')
    })
  )
}

/** One decider for a world; answers what recall keeps and what is bid for a device. */
async function roadOf(world: World) {
  const clock = new ManualClock(noonMs)
  const { catalog } = await compileWorld(world, clock)
  let device: States = []
  const decider = new BidDecider({
    catalog,
    audienceView: { current: () => ({ packs: indexPacks([], 0), layout: emptyLayout() }) },
    audience: {
      read: (_devices, _view, _deadline, profile) => {
        fillHistory(profile, device)
        return undefined
      },
    },
    geo: noGeo,
    clock,
    random: () => 0.5,
    ids: new DecisionIds(() => 1),
    ranker: null,
    linksAreSecure: true,
    record: () => undefined,
  })
  return async (asked: States, imps = 1) => {
    device = asked
    const scratch = new BidScratch()
    const { request, shortlists } = scratch
    request.exchange = 'x'
    request.deadlineMs = clock.monotonicMs() + 1_000
    request.devices.count = Math.max(1, device.length)
    request.imps = Array.from({ length: imps }, (_, index) =>
      impWith({ id: String(index), index, banner: bannerSlot }),
    )
    const decision = await decider.decide(request, scratch)
    const [list] = shortlists.lists
    const rows = shortlists.rows.creatives.subarray(0, list?.count ?? 0)
    const ids = [...rows].map((slot) => catalog.current()?.creative(slot).id ?? '').toSorted()
    return { ids, bids: decision.bids }
  }
}

test('recall finds exactly what no cap and no rule holds back', async () => {
  // Several devices one after another: what one left behind must not reach the next.
  const devices = fc.array(states, { minLength: 1, maxLength: 3 })
  await fc.assert(
    fc.asyncProperty(advertisers, campaigns, creatives, devices, async (...parts) => {
      const [adv, camp, crea, asked] = parts
      const world = { advertisers: adv, campaigns: camp, creatives: crea }
      const road = await roadOf(world)
      for (const device of asked) {
        const free = crea.filter((one) => isShown(one, world, device)).map(({ id }) => id)
        const { ids, bids } = await road(device)
        expect(ids).toEqual(free.toSorted())
        expect(bids.length).toBe(Math.min(1, free.length))
      }
    }),
    { numRuns: 300 },
  )
})

test('with its own bids counted as shown, a request is never above a cap', async () => {
  await fc.assert(
    fc.asyncProperty(advertisers, campaigns, creatives, states, async (...parts) => {
      const [adv, camp, crea, device] = parts
      const world = { advertisers: adv, campaigns: camp.map(priced), creatives: crea }
      const road = await roadOf(world)
      const { bids } = await road(device, 6)
      const after: Touch[][] = [[], ...device].map((touches) => [...touches])
      for (const { creative, campaign, advertiser } of bids) {
        // Before it was shown, it was allowed.
        expect(isShown(creative, world, after)).toBe(true)
        const shown = [
          tagged('creative', creative.id),
          tagged('campaign', campaign.id),
          tagged('advertiser', advertiser.id),
        ]
        const moment = { minute: now, count: 1 }
        for (const touches of after) {
          touches.push(...shown.map((of) => ({ ...of, moments: [moment] })))
        }
      }
    }),
    { numRuns: 200 },
  )
})

/** Another price for each, so that it is known which comes first. */
function priced(campaign: Campaign, index: number): Campaign {
  return { ...campaign, goal: { kind: 'cpm', bidMicros: ((index + 1) * unit) as Micros } }
}
