/** The stories of `exactly-once` at a tiny size: real readers and projector, in memory. */
import { expect, test } from 'vitest'
import { EventBodies } from '../../src/feedback/event-body.ts'
import { homeShardOf } from '../../src/feedback/event-home.ts'
import { eventRecord } from '../../src/feedback/log-record.ts'
import { NetworkRate } from '../../src/feedback/network-rate.ts'
import { Projector } from '../../src/feedback/project/projector.ts'
import { EventTeller } from '../../src/feedback/told-event.ts'
import { TrafficCheck } from '../../src/feedback/traffic-check.ts'
import { systemClock } from '../../src/lib/clock.ts'
import { MemoryFeedback } from '../../test/support/memory-feedback.ts'
import { benchTokens } from './bench-tokens.ts'
import { disordered, EventStories, eventWires, type ToldEvent } from './event-stories.ts'
import { differences, outcomeOf, type Sums, sumsOf, untilProjected } from './store-view.ts'

const nowMs = Math.floor(systemClock.wallMs())

function stories(count: number) {
  const settings = { seed: 5, devices: 40, startMs: nowMs - 7_200_000, stepMs: 100 }
  const made = new EventStories(settings)
  const events: ToldEvent[] = []
  while (events.length < count) events.push(...made.next())
  return { events, count: made.count }
}

/** What a worker makes of requests, appended as its intake does. */
async function tell(events: readonly ToldEvent[], store: MemoryFeedback): Promise<void> {
  const limits = { clicksPerMinuteMax: 0, exposuresPerMinuteMax: 0 }
  const teller = new EventTeller({
    tokens: benchTokens(),
    devices: { keyOf: () => null },
    traffic: new TrafficCheck(new NetworkRate(limits, systemClock)),
    prices: { formOf: () => ({ unit: 'cpm', isBase64: false, keys: null }) },
    advertiserOf: () => null,
  })
  const bodies = new EventBodies(teller)
  for (const wire of eventWires(events, { batch: 20, key: 'k' })) {
    const body = wire.subarray(wire.indexOf('\r\n\r\n') + 4)
    const batch = bodies.read(body, true, nowMs)
    if (!batch.ok) throw new Error(batch.message)
    for (let index = 0; index < batch.count; index++) {
      const reading = batch.at(index)
      if (!reading.ok) throw new Error(reading.message)
      await store.append(homeShardOf(reading.event), eventRecord(reading.event))
    }
  }
}

async function projected(
  events: readonly ToldEvent[],
  store: MemoryFeedback,
): Promise<MemoryFeedback> {
  await tell(events, store)
  const projector = new Projector({
    log: store.log,
    state: store.state,
    settings: { clicksADeviceHourMax: 10_000 },
    clock: systemClock,
    meter: { committed: () => undefined, noted: () => undefined, refused: () => undefined },
    onFailed: (error) => {
      throw error
    },
  })
  for (let idle = 0; idle < 3; ) {
    projector.own(await store.parts())
    idle = (await projector.round()) === 0 ? idle + 1 : 0
  }
  await untilProjected(store, 1_000, () => Promise.resolve())
  return store
}

test('the projector comes to what an honest count of the stories comes to', async () => {
  const { events, count } = stories(1_500)
  const sums: Sums = await sumsOf(await projected(events, new MemoryFeedback(true)))
  expect(sums).toMatchObject(count)
  expect(count.conversions).toBeGreaterThan(10)
  expect([sums['estimatedCpmMicros'], sums['invalidClicks']]).toEqual([0, 0])
})

test('told three times and out of order the outcome is the same, and a changed one is noticed', async () => {
  const { events } = stories(800)
  const plain = await outcomeOf(await projected(events, new MemoryFeedback(true)))
  const mixed = disordered(events, { seed: 2, times: 3, window: 100 })
  expect(mixed).toHaveLength(events.length * 3)
  const other = await outcomeOf(await projected(mixed, new MemoryFeedback(false)))
  expect(differences(plain, other, 10)).toEqual([])
  expect(plain.size).toBeGreaterThan(50)
  const [name = ''] = plain.keys()
  other.set(name, 'else')
  other.set('new', '')
  expect(differences(plain, other, 10)).toEqual([name, 'new'])
})
