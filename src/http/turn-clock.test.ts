import { expect, test } from 'vitest'
import { ManualClock } from '../lib/clock.ts'
import { TurnClock } from './turn-clock.ts'

/** A scripted loop: `busy` and `idle` pass time, `endTurn` runs the check phase. */
function scriptedLoop() {
  const clock = new ManualClock()
  let idleMs = 0
  let waiting: (() => void)[] = []
  const turn = new TurnClock(clock, {
    idleMs: () => idleMs,
    afterTurn: (callback) => waiting.push(callback),
  })
  return {
    turn,
    now: () => clock.monotonicMs(),
    busy: (ms: number) => clock.advance(ms),
    idle: (ms: number) => {
      clock.advance(ms)
      idleMs += ms
    },
    endTurn: () => {
      const due = waiting
      waiting = []
      for (const callback of due) callback()
    },
  }
}

test('a request that ends an idle wait has just arrived', () => {
  const loop = scriptedLoop()
  loop.idle(100)
  expect(loop.turn.arrivedAtMs()).toBe(100)
})

test('a request behind others of its turn arrived with the first of them', () => {
  const loop = scriptedLoop()
  loop.idle(100)
  loop.turn.arrivedAtMs()
  loop.busy(7)
  expect(loop.turn.arrivedAtMs()).toBe(100)
})

test('a request found ready after a busy turn may have waited since that turn began', () => {
  const loop = scriptedLoop()
  loop.idle(100)
  loop.turn.arrivedAtMs()
  loop.busy(30)
  loop.endTurn()
  expect(loop.turn.arrivedAtMs()).toBe(100)
  loop.busy(5)
  loop.endTurn()
  expect(loop.turn.arrivedAtMs()).toBe(130)
})

test('a timer that blocks the loop between turns is waiting time too', () => {
  const loop = scriptedLoop()
  loop.idle(100)
  loop.turn.arrivedAtMs()
  loop.endTurn()
  loop.idle(50)
  loop.busy(40)
  expect(loop.turn.arrivedAtMs()).toBe(150)
})

test('the sweep in the same blocked phase does not hide the wait', () => {
  const loop = scriptedLoop()
  loop.idle(100)
  loop.turn.mark()
  loop.busy(20)
  loop.turn.mark()
  loop.busy(20)
  loop.turn.mark()
  expect(loop.turn.arrivedAtMs()).toBe(100)
})

test('housekeeping of long ago is not waiting time, once marked', () => {
  const loop = scriptedLoop()
  for (let i = 0; i < 50; i++) {
    loop.idle(20)
    loop.busy(1)
    loop.turn.mark()
  }
  loop.idle(20)
  expect(loop.turn.arrivedAtMs()).toBe(loop.now())
})
