import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { hourOfWeekAt, WeekHours, weekHours } from './week-hours.ts'

const sundayEvening = Date.UTC(2026, 10, 22, 16, 30)

describe('by offset', () => {
  test.each([
    [0, 6 * 24 + 16],
    [480, 0],
    [330, 6 * 24 + 22],
    [-720, 6 * 24 + 4],
    [840, 6],
  ])('%i minutes east', (offset, hour) => expect(hourOfWeekAt(sundayEvening, offset)).toBe(hour))

  test.each([NaN, 841, -721, 28_800, Infinity])('%d is no place', (offset) =>
    expect(hourOfWeekAt(sundayEvening, offset)).toBe(-1),
  )

  test('before the epoch too, it is what a calendar says', () => {
    const moment = fc.integer({ min: -2_000_000_000_000, max: 4_000_000_000_000 })
    fc.assert(
      fc.property(moment, fc.integer({ min: -720, max: 840 }), (ms, offset) => {
        const local = new Date(ms + offset * 60_000)
        const hour = ((local.getUTCDay() + 6) % 7) * 24 + local.getUTCHours()
        expect(hourOfWeekAt(ms, offset)).toBe(hour)
      }),
    )
  })
})

describe('by zone', () => {
  test('summer time counts, and half hours do', () => {
    const hours = new WeekHours()
    expect(hours.inZone('Asia/Shanghai', sundayEvening)).toBe(0)
    expect(hours.inZone('Asia/Kolkata', sundayEvening)).toBe(6 * 24 + 22)
    expect(hours.inZone('America/New_York', sundayEvening)).toBe(6 * 24 + 11)
    expect(hours.inZone('America/New_York', Date.UTC(2026, 6, 5, 16, 30))).toBe(6 * 24 + 12)
  })

  test('a name that no zone has is -1, however often it comes', () => {
    const hours = new WeekHours()
    for (const name of ['Mars/Olympus', '', 'x'.repeat(10_000), 'Mars/Olympus']) {
      expect(hours.inZone(name, sundayEvening)).toBe(-1)
    }
  })

  test('a thousand made-up names do not keep a real zone out', () => {
    const hours = new WeekHours()
    for (let i = 0; i < 1_000; i++) expect(hours.inZone(`Made/Up_${i}`, sundayEvening)).toBe(-1)
    expect(hours.inZone('Asia/Shanghai', sundayEvening)).toBe(0)
  })

  test('it agrees with the offset of the same place', () => {
    const hours = new WeekHours()
    const moment = fc.integer({ min: 1_700_000_000_000, max: 1_900_000_000_000 })
    fc.assert(
      fc.property(moment, (ms) => {
        const hour = hours.inZone('Asia/Shanghai', ms)
        expect(hour).toBe(hourOfWeekAt(ms, 480))
        expect(hour).toBeLessThan(weekHours)
      }),
    )
  })
})
