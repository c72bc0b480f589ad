import { expect, test } from 'vitest'
import { pushDevice, snapshotOf, storedOf, strategyOf } from '../../test/support/rta-fixtures.ts'
import { Scratch } from './scratch.ts'
import { ScratchPool } from './scratch-pool.ts'

test('hands out as many as it has, then none', () => {
  const pool = new ScratchPool(() => new Scratch(), 2)
  const first = pool.take()
  const second = pool.take()
  expect(first).not.toBe(second)
  expect(pool.take()).toBeNull()
  expect(pool.free).toBe(0)
  pool.give(first!)
  expect(pool.take()).toBe(first)
})

test('hands out a cleared scratch of a new generation', () => {
  const pool = new ScratchPool(() => new Scratch(), 1)
  const scratch = pool.take()!
  const { generation } = scratch
  const strategy = snapshotOf(storedOf([strategyOf('s')])).media.get('m')!.live[0]!
  pushDevice(scratch.request.devices, 1)
  scratch.request.medium = 'm'
  scratch.addEligible(strategy, strategy.action)
  scratch.noteNear(3, strategy)
  pool.give(scratch)
  expect(pool.take()).toBe(scratch)
  expect(scratch.generation).toBeGreaterThan(generation)
  expect(scratch.request.devices.count).toBe(0)
  expect(scratch.request.medium).toBe('')
  expect([scratch.eligibleCount, scratch.near]).toEqual([0, null])
  expect(scratch.eligible.every((entry) => entry === null)).toBe(true)
})

test('lets go of one that a store may still write into, and keeps its size', () => {
  const pool = new ScratchPool(() => new Scratch(), 1)
  const scratch = pool.take()!
  scratch.isReading = true
  pool.give(scratch)
  expect(pool.free).toBe(1)
  expect(pool.take()).not.toBe(scratch)
})

test('throws when one is given back twice', () => {
  const pool = new ScratchPool(() => new Scratch(), 1)
  const scratch = pool.take()!
  pool.give(scratch)
  expect(() => pool.give(scratch)).toThrow('given back twice')
  expect(pool.free).toBe(1)
})
