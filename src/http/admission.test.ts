import { expect, test } from 'vitest'
import { Admission } from './admission.ts'

const timeMs = 28

test('admits a fresh request and sheds one that waited for more than three quarters of its time', () => {
  const admission = new Admission(1_024)
  expect(admission.admits(0, timeMs, 0)).toBe(true)
  expect(admission.admits(21, timeMs, 0)).toBe(true)
  expect(admission.admits(21.1, timeMs, 0)).toBe(false)
})

test('sheds when age and the usual service time do not fit, and tries again after a while', () => {
  const admission = new Admission(1_024)
  for (let i = 0; i < 1_000; i++) admission.learn(40, timeMs, false, i)
  expect(admission.admits(0, timeMs, 0)).toBe(false)
  let refused = 0
  while (!admission.admits(0, timeMs, 0)) refused++
  expect(refused).toBeGreaterThan(3)
  expect(refused).toBeLessThan(64)
})

test('slow decisions shrink the in-flight limit once a round, quick ones let it grow again', () => {
  const admission = new Admission(1_024)
  const before = admission.limit
  for (let i = 0; i < 100; i++) admission.learn(20, timeMs, true, 1_000)
  const after = admission.limit
  expect(after).toBeLessThan(before)
  expect(after).toBeGreaterThan(before * 0.8)
  expect(admission.admits(0, timeMs, after)).toBe(true)
  expect(admission.admits(0, timeMs, after + 1)).toBe(false)
  for (let i = 0; i < 100_000; i++) admission.learn(1, timeMs, true, 2_000)
  expect(admission.limit).toBeGreaterThan(before)
})

test('the limit stays between its floor and the size of the pool', () => {
  const admission = new Admission(300)
  for (let i = 0; i < 1_000; i++) admission.learn(20, timeMs, true, i * 100)
  expect(admission.limit).toBe(16)
  for (let i = 0; i < 1_000_000; i++) admission.learn(1, timeMs, true, 1e6)
  expect(admission.limit).toBe(300)
})

test('decisions that did not wait say nothing about concurrency', () => {
  const admission = new Admission(1_024)
  const before = admission.limit
  for (let i = 0; i < 100; i++) admission.learn(25, timeMs, false, i * 1_000)
  expect(admission.limit).toBe(before)
})
