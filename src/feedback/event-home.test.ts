import { expect, test } from 'vitest'
import { FeedbackStories } from '../../test/support/feedback-stories.ts'
import { anchorMsOf, clickName, dayOf, homeShardOf, shardOfName } from './event-home.ts'

const [event] = new FeedbackStories({
  ...{ seed: 2, devices: 9, campaigns: 1 },
  ...{ startMs: 1_795_305_600_000, stepMs: 1 },
}).next()
const known = event!
const [a, b] = [
  { type: 3, high: 0x4000_0000, low: 9 },
  { type: 1, high: 0xc000_0000, low: 1 },
]

test('an event is at home with its lowest device, in whatever order its ids were named', () => {
  expect(homeShardOf({ ...known, devices: [a!, b!] })).toBe(256)
  expect(homeShardOf({ ...known, devices: [b!, a!] })).toBe(256)
})

test('without a device it is with its bid, its click, or itself', () => {
  const bare = { ...known, devices: [] }
  expect(homeShardOf(bare)).toBe(shardOfName(known.decisionId))
  const clicked = { ...bare, decisionId: '', medium: 'tencent', clickId: 'x' }
  expect(homeShardOf(clicked)).toBe(shardOfName(clickName('tencent', 'x')))
  expect(homeShardOf({ ...bare, decisionId: '' })).toBe(shardOfName(known.id))
})

test('an order has one home, whoever tells of it', () => {
  const order = { ...known, orderId: 'o1' }
  expect(homeShardOf({ ...order, devices: [a!] })).toBe(homeShardOf({ ...order, devices: [b!] }))
})

test('names spread over all shards', () => {
  const counts = new Map<number, number>()
  for (let i = 0; i < 102_400; i++) {
    const shard = shardOfName(`name-${i}`)
    counts.set(shard, (counts.get(shard) ?? 0) + 1)
  }
  expect(counts.size).toBe(1_024)
  expect(Math.max(...counts.values())).toBeLessThan(200)
})

test('the day of a bid is that of its decision, of others that of the event', () => {
  expect(dayOf(anchorMsOf({ ...known, decidedAtMs: 86_400_000 * 3, eventTimeMs: 5 }))).toBe(3)
  expect(anchorMsOf({ ...known, decidedAtMs: 0, eventTimeMs: 5 })).toBe(5)
})
