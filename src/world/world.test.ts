import { describe, expect, test } from 'vitest'
import { dayMs, worldDefaults, worldStartMs } from './settings.ts'
import { randomWorld, smallWorld } from './test-worlds.ts'
import { packsOf } from './users.ts'
import { conversionDelayMsMax, World } from './world.ts'

function rowsOf(world: World, count: number) {
  return Array.from({ length: count }, (_, row) => world.row(row))
}

describe('a row', () => {
  const world = new World(smallWorld)

  test('is the same whenever and in whatever order it is made', () => {
    const later = new World(smallWorld)
    const last = later.row(3_999)
    expect(world.row(17)).toEqual(later.row(17))
    expect(world.row(3_999)).toEqual(last)
  })

  test('is another one under another seed', () => {
    const other = new World({ ...smallWorld, seed: 8 })
    expect(other.row(17).opportunity).not.toEqual(world.row(17).opportunity)
  })

  test('comes after the one before it, within the log', () => {
    let before = worldStartMs
    for (const { opportunity } of rowsOf(world, smallWorld.rows)) {
      expect(opportunity.atMs).toBeGreaterThanOrEqual(before)
      before = opportunity.atMs
    }
    expect(before).toBeLessThan(worldStartMs + smallWorld.days * dayMs)
  })

  test('tells losers that are eligible, no winner and no other loser', () => {
    for (const { winner, losers, opportunity } of rowsOf(world, 200)) {
      world.eligibility.select(opportunity)
      const eligible = new Set(world.eligibility.all())
      expect(new Set([winner, ...losers]).size).toBe(losers.length + 1)
      for (const creative of [winner, ...losers]) expect(eligible.has(creative)).toBe(true)
    }
  })
})

describe('the logging policy', () => {
  const world = new World(smallWorld)
  const { eligibility } = world

  test('has chances that add up to one over everything eligible', () => {
    for (let row = 0; row < 200; row++) {
      eligibility.select(world.opportunities.at(row))
      let sum = 0
      for (const creative of eligibility.all()) sum += eligibility.propensity(creative)
      expect(sum).toBeCloseTo(1, 9)
    }
  })

  test('chooses as often as it says', () => {
    eligibility.select(world.opportunities.at(5))
    const chosen = new Map<number, number>()
    const draws = 300
    for (let i = 0; i < draws; i++) {
      for (let j = 0; j < draws; j++) {
        const creative = eligibility.choose((i + 0.5) / draws, (j + 0.5) / draws)
        chosen.set(creative, (chosen.get(creative) ?? 0) + 1)
      }
    }
    for (const creative of eligibility.all()) {
      const share = (chosen.get(creative) ?? 0) / draws ** 2
      // A creative's part of the grid is off by two columns at most.
      expect(Math.abs(share - eligibility.propensity(creative))).toBeLessThan(2 / draws)
    }
    expect(chosen.has(-1)).toBe(false)
  })

  test('says chances that weigh its choices back to all eligible creatives alike', () => {
    const policy = { randomShare: 0.5, sharpness: 0.7 }
    const half = new World({ ...smallWorld, policy }).eligibility
    half.select(world.opportunities.at(5))
    const draws = 400
    let weight = 0
    for (let i = 0; i < draws; i++) {
      for (let j = 0; j < draws; j++) {
        weight += 1 / half.propensity(half.choose((i + 0.5) / draws, (j + 0.5) / draws))
      }
    }
    expect(Math.abs(weight / draws ** 2 / half.count - 1)).toBeLessThan(0.02)
  })

  test('chooses nothing where nothing is eligible', () => {
    const empty = new World({
      ...smallWorld,
      market: { advertisers: 1, campaignsEach: 1, creativesEach: 0 },
    })
    expect(empty.row(1)).toMatchObject({ winner: -1, losers: [], outcome: null, eligibleCount: 0 })
  })

  test('has no part in the truth: other winners, the same impressions and rates', () => {
    const other = new World(randomWorld)
    let others = 0
    for (let row = 0; row < 500; row++) {
      const one = world.row(row)
      const two = other.row(row)
      expect(two.opportunity).toEqual(one.opportunity)
      expect(other.outcome(two.opportunity, one.winner)).toEqual(one.outcome)
      if (one.winner !== two.winner) others++
    }
    expect(others).toBeGreaterThan(300)
  })
})

describe('users', () => {
  const { users } = new World(smallWorld).opportunities

  test('are in two segments, of which scores tell the shares, and one age', () => {
    for (let index = 0; index < 500; index++) {
      const { packs, segment, secondSegment, share } = users.user(index)
      const segments = packsOf(packs & 0xfffff)
      expect([1, 2]).toContain(segments.length)
      expect(segments).toContain(segment)
      expect(segment).not.toBe(secondSegment)
      expect(share).toBeGreaterThan(0.5)
      expect(packsOf((packs >>> 20) & 0x3f)).toHaveLength(1)
    }
  })

  test('have ids of their own, of the form of a version 4 UUID', () => {
    const ids = Array.from({ length: 2_000 }, (_, index) => users.idOf(users.user(index)))
    expect(new Set(ids).size).toBe(2_000)
    for (const id of ids) {
      expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    }
  })
})

/** The market of the figures, a part of its rows. */
describe('the world of the figures', () => {
  const rows = 20_000
  const world = new World({ ...worldDefaults, rows })
  const made = rowsOf(world, rows)

  test('has the size that was asked for', () => {
    const { advertisers, campaigns, creatives } = world.market
    expect(advertisers.length).toBeGreaterThanOrEqual(300)
    expect(campaigns.length).toBeGreaterThanOrEqual(1_500)
    expect(creatives.length).toBeGreaterThanOrEqual(10_000)
    expect(new Set(campaigns.map(({ goal }) => goal.kind)).size).toBe(5)
    expect(world.opportunities.users.count).toBeGreaterThanOrEqual(1_000_000)
  })

  test('clicks at 0.5 to 1 %, and converts at 2 to 6 % of the clicks', () => {
    let ctr = 0
    let ctcvr = 0
    for (const { outcome } of made) {
      ctr += outcome?.ctr ?? 0
      ctcvr += (outcome?.ctr ?? 0) * (outcome?.cvr ?? 0)
    }
    expect(ctr / rows).toBeGreaterThan(0.005)
    expect(ctr / rows).toBeLessThan(0.01)
    expect(ctcvr / ctr).toBeGreaterThan(0.02)
    expect(ctcvr / ctr).toBeLessThan(0.06)
  })

  test('has clicks as its rates say, within what chance allows', () => {
    let wanted = 0
    let clicks = 0
    for (const { outcome } of made) {
      wanted += outcome?.ctr ?? 0
      if (outcome?.isClick === true) clicks++
    }
    expect(Math.abs(clicks - wanted)).toBeLessThan(4 * Math.sqrt(wanted))
  })

  test('converts a minute to five days after the click, half of it within hours', () => {
    const delaysMs: number[] = []
    const { creatives } = world.market
    for (const { opportunity } of made) {
      // Few winners convert: whatever else might have been shown is asked as well.
      for (let i = 0; i < 12; i++) {
        const creative = (opportunity.row * 37 + i * 997) % creatives.length
        const { isConversion, conversionAtMs, clickAtMs } = world.outcome(opportunity, creative)
        if (isConversion) delaysMs.push(conversionAtMs - clickAtMs)
      }
    }
    delaysMs.sort((a, b) => a - b)
    const median = delaysMs[delaysMs.length >> 1] ?? 0
    expect(delaysMs.length).toBeGreaterThan(30)
    expect(delaysMs[0]).toBeGreaterThanOrEqual(60_000)
    expect(delaysMs.at(-1)).toBeLessThanOrEqual(conversionDelayMsMax)
    expect(delaysMs.at(-1)).toBeGreaterThan(dayMs)
    expect(median).toBeGreaterThan(3_600_000)
    expect(median).toBeLessThan(dayMs)
  })

  test('tells nearly all of a user by packs: what is hidden moves a rate by a few per cent', () => {
    const { users } = world.opportunities
    let moved = 0
    const asked = made.slice(0, 2_000)
    for (const { opportunity, winner } of asked) {
      const { user, context, atMs } = opportunity
      const visible = { ...user, vector: users.visibleVector(user) }
      const hidden = world.truth.ctrLogit(user, context, winner, atMs)
      moved += Math.abs(world.truth.ctrLogit(visible, context, winner, atMs) - hidden)
    }
    expect(moved / asked.length).toBeGreaterThan(0)
    expect(moved / asked.length).toBeLessThan(0.1)
  })

  test('drifts: a creative is worth less on the last day than on the first', () => {
    const { opportunity, winner } = world.row(10)
    const { user, context, atMs } = opportunity
    const sameHourMs = atMs + 7 * dayMs
    expect(world.truth.ctr(user, context, winner, sameHourMs)).toBeLessThan(
      world.truth.ctr(user, context, winner, atMs),
    )
  })
})
