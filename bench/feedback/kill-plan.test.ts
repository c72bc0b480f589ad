import { expect, test } from 'vitest'
import type { Member } from './crew.ts'
import { crashes } from './kill-plan.ts'

test('a member is killed as often as planned, spread over the progress, and only when it works', async () => {
  let progress = 0
  let isWorking = true
  const seen: number[] = []
  const member: Member = {
    name: 'made up',
    ready: () => {
      isWorking = true
      return Promise.resolve()
    },
    crash: () => {
      expect(isWorking).toBe(true)
      isWorking = false
      seen.push(progress)
      return Promise.resolve()
    },
  }
  const timer = setInterval(() => {
    progress = Math.min(1, progress + 0.02)
  }, 10)
  const made = await crashes({ member, times: 3, seed: 1 }, () => progress)
  clearInterval(timer)
  expect(made.crashes).toBe(3)
  for (const [crash, at] of seen.entries()) expect(at).toBeGreaterThanOrEqual(crash / 3)
})
