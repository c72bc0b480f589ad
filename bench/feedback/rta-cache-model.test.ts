import { expect, test } from 'vitest'
import { CachePolicy, RtaCacheModel, type RtaCacheSettings } from './rta-cache-model.ts'
import { type RtaUser, regionCount, rtaUser } from './rta-users.ts'

const minuteMs = 60_000

const settings: RtaCacheSettings = {
  cap: { impressions: 2, minutes: 24 * 60 },
  cacheSeconds: 3_600,
  policy: CachePolicy.Fixed,
  winRate: 1,
  seed: 1,
}

/** One slot every five minutes, served by these regions in turn. */
function userOf(slots: number, regions: readonly number[]): RtaUser {
  return {
    atMs: Array.from({ length: slots }, (_, i) => i * 5 * minuteMs),
    regions: Array.from({ length: slots }, (_, i) => regions[i % regions.length] ?? 0),
  }
}

function played(user: RtaUser, over: Partial<RtaCacheSettings> = {}) {
  const model = new RtaCacheModel({ ...settings, ...over })
  model.play(user)
  return model.outcome
}

test('a cached yes outlives the cap: everything in the hour after the second is excess', () => {
  expect(played(userOf(24, [0]))).toMatchObject({ impressions: 12, excess: 10, asks: 2 })
})

test('an answer that is cached for a minute only one impression before the cap has none', () => {
  const outcome = played(userOf(24, [0]), { policy: CachePolicy.MinuteAtLeast, cacheSeconds: 600 })
  // The yes of the first question holds for ten minutes: that one impression is beyond the cap.
  expect(outcome).toMatchObject({ impressions: 2, excess: 0 })
})

test('each region that does not share its cache has a yes of its own', () => {
  const one = played(userOf(24, [0]))
  const three = played(userOf(24, [0, 1, 2]))
  expect(three.asks).toBeGreaterThan(one.asks)
  expect(played(userOf(3, [0, 1, 2]))).toMatchObject({ impressions: 2, excess: 0 })
})

test('the window slides: a day later the user is let in again', () => {
  const day = 24 * 60 * minuteMs
  const user: RtaUser = { atMs: [0, 5_000, 2 * day, 2 * day + 5_000], regions: [0, 0, 0, 0] }
  expect(played(user)).toMatchObject({ impressions: 4, excess: 0, usersOver: 0 })
})

test('users are the same for the same number, in order, in every region', () => {
  const drawn = { days: 7, homeShare: 0.5, seed: 3 }
  expect(rtaUser(4, drawn)).toEqual(rtaUser(4, drawn))
  const seen = new Set<number>()
  for (let number = 0; number < 50; number++) {
    const { atMs, regions } = rtaUser(number, drawn)
    expect(atMs.length).toBe(regions.length)
    expect([...atMs].sort((a, b) => a - b)).toEqual(atMs)
    for (const region of regions) seen.add(region)
  }
  expect(seen.size).toBe(regionCount)
})
