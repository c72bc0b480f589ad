/** Exactly once: whatever the order, the repeats and the crashes, the state that counts is one. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { disordered, FeedbackStories, seeded } from '../../../test/support/feedback-stories.ts'
import { MemoryFeedback } from '../../../test/support/memory-feedback.ts'
import { systemClock } from '../../lib/clock.ts'
import { StateTable } from '../../store/feedback-ports.ts'
import type { FeedbackEvent } from '../event.ts'
import { homeShardOf } from '../event-home.ts'
import { eventRecord } from '../log-record.ts'
import { type ProjectMeter, Projector } from './projector.ts'
import { decodeCounters, noCounters } from './totals.ts'

const deaf: ProjectMeter = {
  committed: () => undefined,
  noted: () => undefined,
  refused: () => undefined,
}

function newProjector(store: MemoryFeedback): Projector {
  return new Projector({
    log: store.log,
    state: store.state,
    settings: { clicksADeviceHourMax: 1_000 },
    clock: systemClock,
    meter: deaf,
    onFailed: (error) => {
      throw error
    },
  })
}

/** Projects until nothing is left; a projector that failed is replaced by a new one. */
async function projectAll(store: MemoryFeedback): Promise<void> {
  let projector = newProjector(store)
  for (let idle = 0; idle < 3; ) {
    try {
      projector.own(await store.parts())
      idle = (await projector.round()) === 0 ? idle + 1 : 0
    } catch {
      projector = newProjector(store)
    }
  }
}

/** Everything that counts: totals over all shards, and every device's state. */
async function outcome(store: MemoryFeedback): Promise<Map<string, unknown>> {
  const counted = new Map<string, unknown>()
  await store.scan(StateTable.Total, null, (key, value) => {
    const name = `${key.day}/${key.name}`
    const sum = (counted.get(name) ?? noCounters()) as Record<string, number>
    for (const [counter, more] of Object.entries(decodeCounters(value))) {
      sum[counter] = (sum[counter] ?? 0) + more
    }
    counted.set(name, sum)
  })
  await store.scan(StateTable.User, null, (key, value) => {
    counted.set(`user ${key.shard}/${key.name}`, Buffer.from(value).toString('hex'))
  })
  for (const table of [StateTable.Dead, StateTable.Parked]) {
    await store.scan(table, null, (key) => {
      counted.set(`left ${key.table} ${key.name}`, 1)
    })
  }
  return counted
}

async function project(
  events: readonly FeedbackEvent[],
  store: MemoryFeedback,
): Promise<Map<string, unknown>> {
  for (const event of events) await store.append(homeShardOf(event), eventRecord(event))
  await projectAll(store)
  store.fails = () => false
  await projectAll(store)
  return outcome(store)
}

function storiesOf(seed: number, bids: number): FeedbackEvent[] {
  const stories = new FeedbackStories({
    ...{ seed, devices: 6, campaigns: 9 },
    // Twenty hours, so that what is kept for hours only is forgotten on the way.
    ...{ startMs: 1_795_305_600_000, stepMs: 1_200_000 },
  })
  return Array.from({ length: bids }, () => stories.next()).flat()
}

test('order, repeats, crashes and the kind of store change nothing of what counts', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.record({
        seed: fc.nat(1_000_000),
        window: fc.constantFrom(0, 5, 200),
        failRate: fc.constantFrom(0, 0.05, 0.2),
        seesAllShards: fc.boolean(),
      }),
      async ({ seed, window, failRate, seesAllShards }) => {
        const events = storiesOf(seed, 60)
        const expected = await project(events, new MemoryFeedback(true))
        const store = new MemoryFeedback(seesAllShards)
        const mixed = disordered(events, { seed, times: 3, window })
        const random = seeded(seed)
        // Appends of a test are what was accepted: they do not fail.
        store.fails = (call) => call !== 'append' && random() < failRate
        expect(await project(mixed, store)).toEqual(expected)
      },
    ),
    { numRuns: 40 },
  )
})

test('all of it is counted: an undisturbed run has every exposure, click and conversion', async () => {
  const events = storiesOf(1, 400)
  const counted = await project(events, new MemoryFeedback(false))
  const sums = noCounters()
  for (const [name, value] of counted) {
    if (name.startsWith('user') || name.startsWith('left')) continue
    for (const [counter, more] of Object.entries(value as Record<string, number>)) {
      sums[counter as keyof typeof sums] += more
    }
  }
  const of = (kind: number) => events.filter((event) => event.kind === kind).length
  expect(sums).toMatchObject({
    ...{ exposures: of(5), bills: of(5), wins: of(4), losses: of(6) },
    ...{ clicks: of(2), conversions: of(3), valueMicros: of(3) * 9_990_000 },
    ...{ invalidExposures: 0, invalidClicks: 0, reasonUnexposed: 0 },
  })
  expect(sums.conversions).toBeGreaterThan(10)
  expect([...counted.keys()].filter((name) => name.startsWith('left'))).toEqual([])
})
