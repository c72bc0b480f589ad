/** What a read asks a store for, and where the answers go. */
import { expect, test } from 'vitest'
import { writeHistory } from '../../test/support/user-histories.ts'
import { DeviceKeys } from '../domain/device-keys.ts'
import { IdType } from '../domain/id-type.ts'
import { emptyLayout, indexPacks } from '../domain/pack.ts'
import { Profile, ProfileState } from '../domain/profile.ts'
import { UserEntry, UserStateCursor } from '../domain/user-state.ts'
import type { ValueAddress, ValueReader } from '../store/ports.ts'
import { userBucketOf, userGeneration } from '../store/user-space.ts'
import { createProfileReader } from './profile-reader.ts'

const view = { packs: indexPacks([], 0), layout: emptyLayout() }

/** A store of histories by the low word of the device key, which notes what it was asked. */
class NotedValues implements ValueReader {
  asked: ValueAddress[] = []
  answers = true
  readonly histories = new Map<number, Uint8Array>()

  read(...[addresses, count, sink]: Parameters<ValueReader['read']>): boolean {
    this.asked = addresses.slice(0, count).map((address) => ({ ...address }))
    for (const [index, { generation, fieldLow }] of this.asked.entries()) {
      const stored = generation === userGeneration ? this.histories.get(fieldLow) : undefined
      const bytes = stored ?? new Uint8Array(0)
      if (this.answers) sink.value(index, bytes, 0, bytes.length)
    }
    return this.answers
  }
}

function devicesOf(...lows: number[]): DeviceKeys {
  const devices = new DeviceKeys()
  for (const low of lows) devices.push(IdType.OaidMd5, 0x8123_4567, low)
  return devices
}

test('packs alone are read where nobody asks for the history', () => {
  const values = new NotedValues()
  const profile = new Profile()
  void createProfileReader(values).read(devicesOf(1, 2), view, 10, profile)
  expect(values.asked.map(({ generation }) => generation)).toEqual([0, 0])
  expect([profile.state, profile.sawHistory]).toEqual([ProfileState.Known, false])
})

test('the histories of all ids come in the same trip, from the space of user states', () => {
  const values = new NotedValues()
  const touch = { entry: UserEntry.Campaign, tag: 7, moments: [{ minute: 100, count: 2 }] }
  values.histories.set(2, writeHistory([touch]))
  const profile = new Profile()
  const asking = { ...view, asksHistory: true }
  void createProfileReader(values).read(devicesOf(1, 2), asking, 10, profile)
  const [, , first, second] = values.asked
  for (const address of [first, second]) {
    expect(address?.generation).toBe(userGeneration)
    expect(address?.shard).toBe(0x8123_4567 >>> 22)
    expect(address?.bucket).toBe(userBucketOf(address?.fieldHigh ?? 0))
  }
  expect([profile.sawHistory, profile.history.count, profile.idsFound]).toEqual([true, 1, 0])
  const { bytes, from } = profile.history
  const cursor = new UserStateCursor().reset(bytes, from[0] ?? 0, from[1] ?? 0)
  expect([cursor.next(), cursor.tag, cursor.minuteOfNth(2)]).toEqual([true, 7, 100])
})

test('a store that does not answer leaves the history unseen, also where one was there before', () => {
  const values = new NotedValues()
  const profile = new Profile()
  const reader = createProfileReader(values)
  const asking = { ...view, asksHistory: true }
  void reader.read(devicesOf(1), asking, 10, profile)
  expect(profile.sawHistory).toBe(true)
  values.answers = false
  void reader.read(devicesOf(1), asking, 10, profile)
  expect([profile.state, profile.sawHistory]).toEqual([ProfileState.Unavailable, false])
  void reader.read(devicesOf(), asking, 10, profile)
  expect([profile.state, profile.sawHistory]).toEqual([ProfileState.NoId, false])
})
