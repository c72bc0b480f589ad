import { expect, test } from 'vitest'
import { MemoryFeedback } from '../../../test/support/memory-feedback.ts'
import { serialOf } from '../../domain/serial.ts'
import { systemClock } from '../../lib/clock.ts'
import { StateTable } from '../../store/feedback-ports.ts'
import { EventKind, eventOfNoBid, outsideEventId } from '../event.ts'
import { eventRecord } from '../log-record.ts'
import { Projector, roundRecordsMax } from './projector.ts'

function projectorOf(store: MemoryFeedback): Projector {
  return new Projector({
    log: store.log,
    state: store.state,
    settings: { clicksADeviceHourMax: 1_000 },
    clock: systemClock,
    meter: { committed: () => undefined, noted: () => undefined, refused: () => undefined },
    onFailed: (error) => {
      throw error
    },
  })
}

function exposure(name: string) {
  const id = outsideEventId(EventKind.Exposure, 'acme', name)
  return { ...eventOfNoBid(EventKind.Exposure, 1_795_305_600_000), id }
}

/** Names parts only when a test says so, as a channel does. */
class Channel extends MemoryFeedback {
  named: readonly string[] = []

  override fresh(): readonly string[] {
    const { named } = this
    this.named = []
    return named
  }
}

test('parts without room in a round come in the next, though nobody names them again', async () => {
  const store = new Channel(false)
  const projector = projectorOf(store)
  const shards = Array.from({ length: 700 }, (_, shard) => shard)
  const rounds = async (): Promise<number> => {
    let done = 0
    for (let round = 0; round < 3; round++) done += await projector.round()
    return done
  }
  for (const shard of shards) await store.append(shard, eventRecord(exposure('first')))
  projector.own(await store.parts())
  expect(await rounds()).toBe(700)
  for (const shard of shards) await store.append(shard, eventRecord(exposure('second')))
  store.named = await store.parts()
  expect(await rounds()).toBe(700)
})

test('a record whose name no store takes is a dead letter, and the part goes on', async () => {
  const store = new MemoryFeedback(true)
  await store.append(0, eventRecord({ ...exposure('a'), id: 'x'.repeat(80) }))
  await store.append(0, eventRecord({ ...exposure('a'), eventTimeMs: 9e15, receivedAtMs: 9e15 }))
  await store.append(0, eventRecord(exposure('a')))
  const projector = projectorOf(store)
  projector.own(await store.parts())
  expect(await projector.round()).toBe(3)
  const found: string[] = []
  await store.scan(StateTable.Dead, null, ({ name }) => found.push(name))
  expect(found).toEqual(['w0.1', 'w0.2'])
})

/** Cannot send for a while: the server of the other shard is away, and others are not. */
class Undelivered extends Channel {
  isAway = true

  override deliver(parts: readonly string[]): Promise<readonly string[]> {
    return this.isAway ? Promise.resolve(parts) : super.deliver(parts)
  }
}

test('what could not be sent is sent later, though its part gets no further record', async () => {
  const store = new Undelivered(false)
  const devices = [0x0000_0001, 0xffc0_0001].map((high) => ({ type: 1, high, low: 7 }))
  const campaign = serialOf('campaign', 'shoes')
  await store.append(0, eventRecord({ ...exposure('a'), campaign, devices }))
  const projector = projectorOf(store)
  projector.own(await store.parts())
  await projector.round()
  await projector.round()
  expect(await store.newest('1023', 9)).toHaveLength(0)
  store.isAway = false
  await projector.round()
  expect(await store.newest('1023', 9)).toHaveLength(1)
})

/** Remembers how many records a round asked for. */
class Asked extends MemoryFeedback {
  most = 0

  override read(wanted: readonly { part: string; after: string }[], countMax: number) {
    this.most = Math.max(this.most, wanted.length * countMax)
    return super.read(wanted, countMax)
  }
}

test('a round after a long absence takes no more records than it may, and all come in the end', async () => {
  const store = new Asked(false)
  const projector = projectorOf(store)
  for (let shard = 0; shard < 300; shard++) {
    for (let n = 0; n < 40; n++) await store.append(shard, eventRecord(exposure(`${shard}/${n}`)))
  }
  projector.own(await store.parts())
  let done = 0
  for (let round = 0; round < 6; round++) done += await projector.round()
  expect(done).toBe(12_000)
  expect(store.most).toBeLessThanOrEqual(roundRecordsMax + 256)
})
