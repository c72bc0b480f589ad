import { expect, test } from 'vitest'
import { DeviceKeys } from '../domain/device-keys.ts'
import { emptyLayout, indexPacks } from '../domain/pack.ts'
import { Profile } from '../domain/profile.ts'
import { ManualClock } from '../lib/clock.ts'
import { timedReader } from './timed-reader.ts'

const view = { packs: indexPacks([], 0), layout: emptyLayout() }

test('times a read that answers at once, and returns no promise', () => {
  const clock = new ManualClock()
  const times: number[] = []
  const reader = timedReader(
    {
      read: () => {
        clock.advance(2)
        return undefined
      },
    },
    clock,
    (ms) => times.push(ms),
  )
  expect(reader.read(new DeviceKeys(), view, 10, new Profile())).toBeUndefined()
  expect(times).toEqual([2])
})

test('times a read that waits when it has come back, not before', async () => {
  const clock = new ManualClock()
  const times: number[] = []
  const { promise, resolve } = deferred()
  const reader = timedReader({ read: () => promise }, clock, (ms) => times.push(ms))
  const waiting = reader.read(new DeviceKeys(), view, 10, new Profile())
  clock.advance(7)
  expect(times).toEqual([])
  resolve(undefined)
  await waiting
  expect(times).toEqual([7])
})

function deferred() {
  let resolve: (value: undefined) => void = () => undefined
  const promise = new Promise<undefined>((done) => {
    resolve = done
  })
  return { promise, resolve }
}
