import { describe, expect, test } from 'vitest'
import { ManualClock } from '../lib/clock.ts'
import { NetworkRate } from './network-rate.ts'

const network = '203.0.113.0/24'

function newRate(over = {}, rowsMax = 10) {
  const clock = new ManualClock()
  const limits = { clicksPerMinuteMax: 3, exposuresPerMinuteMax: 5, ...over }
  return { clock, rate: new NetworkRate(limits, clock, rowsMax) }
}

function times(count: number, each: () => boolean): boolean[] {
  return Array.from({ length: count }, each)
}

describe('NetworkRate', () => {
  test('believes as many as the limit, and no more within the minute', () => {
    const { rate } = newRate()
    expect(times(5, () => rate.isTooFast('click', network, 1))).toEqual([
      ...[false, false, false],
      ...[true, true],
    ])
  })

  test('counts clicks and exposures, networks and agents apart', () => {
    const { rate } = newRate()
    times(3, () => rate.isTooFast('click', network, 1))
    expect(rate.isTooFast('exposure', network, 1)).toBe(false)
    expect(rate.isTooFast('click', network, 2)).toBe(false)
    expect(rate.isTooFast('click', '198.51.100.0/24', 1)).toBe(false)
    expect(rate.isTooFast('click', network, 1)).toBe(true)
  })

  test('lets the past minute count for as much as still lies inside', () => {
    const { clock, rate } = newRate({ clicksPerMinuteMax: 4 })
    times(4, () => rate.isTooFast('click', network, 1))
    clock.advance(60_000)
    expect(rate.isTooFast('click', network, 1)).toBe(true)
    // A quarter of the four is left: with the one above and this, three.
    clock.advance(45_000)
    expect(rate.isTooFast('click', network, 1)).toBe(false)
  })

  test('has forgotten after two minutes without an event', () => {
    const { clock, rate } = newRate()
    times(9, () => rate.isTooFast('click', network, 1))
    clock.advance(120_000)
    expect(times(3, () => rate.isTooFast('click', network, 1))).toEqual([false, false, false])
  })

  test('never refuses a network that is not known, nor anything under a limit of 0', () => {
    const { rate } = newRate({ exposuresPerMinuteMax: 0 })
    expect(times(9, () => rate.isTooFast('click', '', 1))).not.toContain(true)
    expect(times(9, () => rate.isTooFast('exposure', network, 1))).not.toContain(true)
  })

  test('when the table is full, who was seen longest ago goes', () => {
    const { clock, rate } = newRate({}, 2)
    times(3, () => rate.isTooFast('click', 'old', 1))
    times(3, () => rate.isTooFast('click', 'busy', 1))
    clock.advance(60_000)
    rate.isTooFast('click', 'busy', 1)
    rate.isTooFast('click', 'new', 1)
    expect(rate.isTooFast('click', 'busy', 1)).toBe(true)
    expect(rate.isTooFast('click', 'old', 1)).toBe(false)
  })
})
