/** Caps and rules on converts on the road of a bid: who is out, why, and who is not. */
import { beforeEach, describe, expect, test } from 'vitest'
import {
  aBanner,
  aCampaign,
  anAdvertiser,
  type BidWorld,
  compileWorld,
  unit,
} from '../../../test/support/bid-world.ts'
import { bannerSlot, impWith } from '../../../test/support/plain-imps.ts'
import { fillHistory, type Touch } from '../../../test/support/user-histories.ts'
import type { AudienceReader, AudienceView } from '../../audience/audience-reader.ts'
import type { BidDecision } from '../../domain/bid-decision.ts'
import { DecisionIds } from '../../domain/decision-id.ts'
import { dropNames } from '../../domain/drop-reason.ts'
import type { ConvertedRule } from '../../domain/frequency.ts'
import { noGeo } from '../../domain/geo-port.ts'
import type { Micros } from '../../domain/money.ts'
import { emptyLayout, indexPacks } from '../../domain/pack.ts'
import { Profile, ProfileState } from '../../domain/profile.ts'
import { type SerialKind, serialOf } from '../../domain/serial.ts'
import { convertedTag, minuteOf, tagOf, UserEntry } from '../../domain/user-state.ts'
import { ManualClock } from '../../lib/clock.ts'
import { isHistoryUnknown } from '../history.ts'
import { BidDecider } from './bid-decide.ts'
import { BidScratch } from './bid-scratch.ts'

const noonMs = Date.UTC(2026, 10, 22, 12)
const now = minuteOf(noonMs)
let clock: ManualClock

beforeEach(() => {
  clock = new ManualClock(noonMs)
})

/** Impressions of a thing, so many minutes ago. */
function seen(kind: SerialKind & keyof typeof entryOf, id: string, ...minutesAgo: number[]): Touch {
  const moments = minutesAgo.map((ago) => ({ minute: now - ago, count: 1 }))
  return { entry: entryOf[kind], tag: tagOf(serialOf(kind, id)), moments }
}

const entryOf = {
  creative: UserEntry.Creative,
  campaign: UserEntry.Campaign,
  advertiser: UserEntry.Advertiser,
}

function converted(action: string, minutesAgo: number): Touch {
  const tag = convertedTag(serialOf('advertiser', 'shop'), action)
  return { entry: UserEntry.Converted, tag, moments: [{ minute: now - minutesAgo, count: 1 }] }
}

interface Asked {
  readonly states?: readonly (readonly Touch[])[]
  readonly imps?: number
  readonly ids?: number
  /** What the reader does instead of giving the states. */
  readonly read?: (profile: Profile, view: AudienceView) => void
}

/** Decides by a world; answers the bids' creatives and what fell out. */
async function decide(world: BidWorld, asked: Asked = {}) {
  const { states = [], imps = 1, ids = 1, read } = asked
  const { catalog } = await compileWorld({ creatives: [aBanner()], ...world }, clock)
  const views: AudienceView[] = []
  const audience: AudienceReader = {
    read: (_devices, view, _deadline, profile) => {
      views.push(view)
      profile.reset(view.packs.words)
      if (read !== undefined) read(profile, view)
      else if (view.asksHistory === true) fillHistory(profile, states)
      else profile.state = ProfileState.Known
      return undefined
    },
  }
  const decider = new BidDecider({
    catalog,
    audienceView: { current: () => ({ packs: indexPacks([], 0), layout: emptyLayout() }) },
    audience,
    geo: noGeo,
    clock,
    random: () => 0.5,
    ids: new DecisionIds(() => 1),
    ranker: null,
    linksAreSecure: true,
    record: () => undefined,
  })
  const scratch = new BidScratch()
  const { request } = scratch
  request.exchange = 'x'
  request.id = 'r'
  request.deadlineMs = clock.monotonicMs() + 50
  request.devices.count = ids
  request.imps = Array.from({ length: imps }, (_, index) =>
    impWith({ id: String(index), index, banner: bannerSlot }),
  )
  const decision = await decider.decide(request, scratch)
  return { bids: shown(decision), dropped: droppedOf(scratch), views }
}

function shown({ bids }: BidDecision): string[] {
  return bids.map(({ creative }) => creative.id)
}

function droppedOf({ funnel }: BidScratch): Record<string, number> {
  const all = [...funnel.drops.entries()].filter(([, count]) => count > 0)
  return Object.fromEntries(all.map(([drop, count]) => [dropNames.get(drop) ?? '', count]))
}

const threeADay = [{ impressions: 3, minutes: 1_440 }]
const capped = { campaigns: [aCampaign({ caps: threeADay })] }

describe('a campaign with a cap', () => {
  test('bids while something is left of it', async () => {
    const states = [[seen('campaign', 'spring', 1, 2)]]
    expect(await decide(capped, { states })).toMatchObject({ bids: ['banner'], dropped: {} })
  })

  test('is out when its last allowed impression is in the window, at its very end too', async () => {
    const inside = [[seen('campaign', 'spring', 1, 2, 1_440)]]
    expect(await decide(capped, { states: inside })).toMatchObject({
      bids: [],
      dropped: { 'campaign-cap': 1 },
    })
    const outside = [[seen('campaign', 'spring', 1, 2, 1_441)]]
    expect((await decide(capped, { states: outside })).bids).toEqual(['banner'])
  })

  test('is out when any of several caps is reached', async () => {
    const caps = [...threeADay, { impressions: 1, minutes: 10 }]
    const world = { campaigns: [aCampaign({ caps })] }
    const once = (ago: number) => decide(world, { states: [[seen('campaign', 'spring', ago)]] })
    expect((await once(10)).bids).toEqual([])
    expect((await once(11)).bids).toEqual(['banner'])
  })

  test('counts each id alone and takes the most: two ids of one device are no sum', async () => {
    const two = [seen('campaign', 'spring', 1, 2)]
    const three = [seen('campaign', 'spring', 1, 2, 3)]
    expect((await decide(capped, { states: [two, two] })).bids).toEqual(['banner'])
    expect((await decide(capped, { states: [[], two, three] })).bids).toEqual([])
  })

  test('is out where the history could not be read; others go on', async () => {
    const world = {
      campaigns: [aCampaign({ caps: threeADay }), aCampaign({ id: 'free' })],
      creatives: [aBanner(), aBanner({ id: 'other', campaignId: 'free' })],
    }
    const read = (profile: Profile) => {
      profile.state = ProfileState.Unavailable
    }
    const { bids, dropped } = await decide(world, { read })
    expect([bids, dropped['campaign-cap']]).toEqual([['other'], 1])
  })

  test('is out where the history was not asked for though ids were there', async () => {
    const read = (profile: Profile) => {
      profile.state = ProfileState.Known
    }
    expect((await decide(capped, { read })).bids).toEqual([])
  })

  test('bids to a request without ids: there is nobody to count', async () => {
    expect((await decide(capped, { ids: 0 })).bids).toEqual(['banner'])
  })
})

test('history is asked for only where somebody has caps or rules', async () => {
  const vip = { audience: { all: [], any: [], none: ['vip'] } }
  const without = await decide({ campaigns: [aCampaign({}, vip)] })
  expect(without.views.map(({ asksHistory }) => asksHistory)).toEqual([undefined])
  expect((await decide({})).views).toEqual([])
  const withCaps = await decide(capped)
  expect(withCaps.views.map(({ asksHistory }) => asksHistory)).toEqual([true])
})

test('a cap of the advertiser counts all of its campaigns and holds for all of them', async () => {
  const world = {
    advertisers: [anAdvertiser({ caps: threeADay }), anAdvertiser({ id: 'rival' })],
    campaigns: [
      aCampaign(),
      aCampaign({ id: 'summer' }),
      aCampaign({ id: 'theirs', advertiserId: 'rival' }),
    ],
    creatives: [
      aBanner(),
      aBanner({ id: 'b2', campaignId: 'summer' }),
      aBanner({ id: 'b3', campaignId: 'theirs' }),
    ],
  }
  const { bids, dropped } = await decide(world, { states: [[seen('advertiser', 'shop', 1, 1, 1)]] })
  expect(bids).toEqual(['b3'])
  expect(dropped).toMatchObject({ 'advertiser-cap': 2 })
})

test('a cap of a creative leaves the others of its campaign', async () => {
  const world = {
    creatives: [
      aBanner({ caps: [{ impressions: 1, minutes: 60 }] }),
      aBanner({ id: 'b2', caps: threeADay }),
    ],
  }
  const states = [[seen('creative', 'banner', 5), seen('creative', 'b2', 5)]]
  const { bids, dropped } = await decide(world, { states })
  expect([bids, dropped['creative-cap']]).toEqual([['b2'], 1])
  // Marks of one request must not be left to the next.
  expect(
    (await decide(world, { states: [[seen('creative', 'b2', 5)]] })).dropped,
  ).not.toHaveProperty('creative-cap')
})

describe('a rule on converts', () => {
  const rule = (own: Partial<ConvertedRule>): BidWorld => ({
    campaigns: [
      aCampaign({
        converted: [{ kind: 'exclude', advertiserId: 'shop', action: '', days: 30, ...own }],
      }),
    ],
  })
  const day = 1_440

  test('takes a device out for its days after the conversion', async () => {
    const last = await decide(rule({}), { states: [[converted('', 30 * day)]] })
    expect(last).toMatchObject({ bids: [], dropped: { converted: 1 } })
    expect((await decide(rule({}), { states: [[converted('', 30 * day + 1)]] })).bids).toEqual([
      'banner',
    ])
    expect((await decide(rule({}))).bids).toEqual(['banner'])
  })

  test('of an action does not look at others', async () => {
    const world = rule({ action: 'purchase' })
    expect((await decide(world, { states: [[converted('sign-up', 1)]] })).bids).toEqual(['banner'])
    expect((await decide(world, { states: [[converted('purchase', 1)]] })).bids).toEqual([])
  })

  test('lets in only who has converted, under whichever id', async () => {
    const world = rule({ kind: 'require' })
    expect(await decide(world)).toMatchObject({ bids: [], dropped: { converted: 1 } })
    expect((await decide(world, { states: [[], [converted('', 5)]] })).bids).toEqual(['banner'])
    expect((await decide(world, { ids: 0 })).bids).toEqual([])
  })

  test('all rules must pass: two wishes met once each are both needed, one met twice is one', async () => {
    const wish = { kind: 'require', advertiserId: 'shop', days: 30 } as const
    const converts = [
      { ...wish, action: 'a' },
      { ...wish, action: 'b' },
    ]
    const world = { campaigns: [aCampaign({ converted: converts })] }
    const twice = [[converted('a', 1)], [converted('a', 2)]]
    expect((await decide(world, { states: twice })).bids).toEqual([])
    const both = [[converted('a', 1)], [converted('b', 2)]]
    expect((await decide(world, { states: both })).bids).toEqual(['banner'])
  })
})

describe('within one request', () => {
  test('no more is bid of a capped campaign than its cap has left', async () => {
    const states = [[seen('campaign', 'spring', 5)]]
    const { bids, dropped } = await decide(capped, { states, imps: 4 })
    expect([bids.length, dropped['campaign-cap']]).toEqual([2, 2])
  })

  test('other campaigns take the places that a cap leaves', async () => {
    const cheap = aCampaign({
      id: 'free',
      goal: { kind: 'cpm', bidMicros: unit as Micros },
    })
    const world = {
      campaigns: [aCampaign({ caps: [{ impressions: 1, minutes: 60 }] }), cheap],
      creatives: [aBanner(), aBanner({ id: 'other', campaignId: 'free' })],
    }
    expect((await decide(world, { imps: 3 })).bids).toEqual(['banner', 'other', 'other'])
  })

  test('the same holds for advertisers and creatives, and for a device without ids', async () => {
    const one = [{ impressions: 1, minutes: 60 }]
    const ofAdvertiser = { advertisers: [anAdvertiser({ caps: one })] }
    expect((await decide(ofAdvertiser, { imps: 3 })).bids).toEqual(['banner'])
    const ofCreative = { creatives: [aBanner({ caps: one })] }
    expect((await decide(ofCreative, { imps: 3, ids: 0 })).bids).toEqual(['banner'])
  })
})

test('a history is unknown unless it was seen, or there is nobody to have one', () => {
  const profile = new Profile()
  expect(isHistoryUnknown({ profile, idCount: 0 })).toBe(false)
  expect(isHistoryUnknown({ profile, idCount: 1 })).toBe(true)
  fillHistory(profile, [])
  expect(isHistoryUnknown({ profile, idCount: 1 })).toBe(false)
  profile.state = ProfileState.Unavailable
  expect(isHistoryUnknown({ profile, idCount: 0 })).toBe(true)
})
