import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { MemoryFeedback } from '../../test/support/memory-feedback.ts'
import { ManualClock } from '../lib/clock.ts'
import { ProjectMeter } from '../telemetry/project-meter.ts'
import { ProjectLoop } from './project-loop.ts'

/** A store whose look at all devices ends when it is told to. */
class SlowScan extends MemoryFeedback {
  scans = 0
  release: () => void = () => undefined

  override scan(): Promise<void> {
    this.scans++
    return new Promise((resolve) => {
      this.release = resolve
    })
  }
}

test('records are projected while house is kept', async () => {
  const store = new SlowScan(true)
  const clock = new ManualClock(1_795_305_600_000)
  let rounds = 0
  const loop = new ProjectLoop({
    projector: {
      own: () => undefined,
      round: () => {
        rounds++
        return Promise.resolve(0)
      },
      forget: () => Promise.resolve(0),
    },
    log: store.log,
    state: store.state,
    name: 'one',
    clock,
    meter: new ProjectMeter(),
    sleep: async () => {
      clock.advance(1_000)
      await nextTurn()
    },
    onError: (error) => {
      throw error
    },
  })
  loop.start()
  while (store.scans === 0) await nextTurn()
  const before = rounds
  for (let turn = 0; turn < 20; turn++) await nextTurn()
  expect(rounds).toBeGreaterThan(before + 5)
  store.release()
  await loop.stop()
})
