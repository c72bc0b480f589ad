import { describe, expect, test } from 'vitest'
import { localHour, localWeekday } from './local-time.ts'

// Monday 2026-01-05 00:30 UTC.
const mondayMs = Date.UTC(2026, 0, 5, 0, 30)

describe('the clock of a user', () => {
  test.each([
    [mondayMs, 0, 0, 1],
    [mondayMs, -60, 23, 7],
    [mondayMs, 330, 6, 1],
    [mondayMs + 23 * 3_600_000, 60, 0, 2],
    [mondayMs, 840, 14, 1],
    [0, 0, 0, 4],
    [0, -720, 12, 3],
  ])('at %i with %i minutes shows hour %i of weekday %i', (atMs, offset, hour, weekday) => {
    expect(localHour(atMs, offset)).toBe(hour)
    expect(localWeekday(atMs, offset)).toBe(weekday)
  })

  test('is not known without an offset', () => {
    expect(localHour(mondayMs, Number.NaN)).toBe(-1)
    expect(localWeekday(mondayMs, Number.NaN)).toBe(0)
  })
})
