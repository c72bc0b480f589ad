import { expect, test } from 'vitest'
import { MemoryFeedback } from '../../../test/support/memory-feedback.ts'
import { type StateKey, StateTable } from '../../store/feedback-ports.ts'
import { dropOldDays } from './keep.ts'

const dayMs = 24 * 3_600_000
const today = 20_520

function journeyOf(day: number): StateKey {
  return { table: StateTable.Journey, shard: 1, day, name: `b.${day}` }
}

async function storeWith(keys: readonly StateKey[]): Promise<MemoryFeedback> {
  const store = new MemoryFeedback(true)
  store.nowMs = (today - 5) * dayMs
  await store.append(1, Uint8Array.of(9))
  const writes = keys.map((key) => ({ key, value: Uint8Array.of(1) }))
  await store.commit([{ part: 'w0', from: '', to: '1', writes, sends: [] }])
  return store
}

test('journeys older than the window go as soon as everything is projected', async () => {
  const store = await storeWith([journeyOf(today - 33), journeyOf(today - 32)])
  await dropOldDays(store, today * dayMs)
  expect([...store.values.values()].map(({ key }) => key.day)).toEqual([today - 32])
})

test('what a record that still waits may repeat is kept, however long nobody projected', async () => {
  const store = await storeWith([journeyOf(today - 37), journeyOf(today - 38)])
  await store.append(1, Uint8Array.of(9))
  await dropOldDays(store, today * dayMs)
  expect([...store.values.values()].map(({ key }) => key.day)).toEqual([today - 37])
})

test('a click is kept for conversions that are told a window late', async () => {
  const click = (day: number): StateKey => ({ table: StateTable.Click, shard: 1, day, name: 'c' })
  // 20 520 begins a period of thirty days.
  const store = await storeWith([click(today - 60), click(today - 90)])
  await dropOldDays(store, today * dayMs)
  expect([...store.values.values()].map(({ key }) => key.day)).toEqual([today - 60])
})
