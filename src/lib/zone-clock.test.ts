import { expect, test } from 'vitest'
import { ZoneClock, ZoneClocks } from './zone-clock.ts'

const minuteMs = 60_000

/** Monday is day 0. */
function minute(day: number, hour: number, min: number): number {
  return (day * 24 + hour) * 60 + min
}

test('tells the local minute of the week, Monday first', () => {
  const at = Date.UTC(2026, 10, 22, 16, 30)
  expect(new ZoneClock('UTC').minuteOfWeek(at)).toBe(minute(6, 16, 30))
  expect(new ZoneClock('Asia/Shanghai').minuteOfWeek(at)).toBe(minute(0, 0, 30))
  expect(new ZoneClock('Asia/Kathmandu').minuteOfWeek(at)).toBe(minute(6, 22, 15))
})

test('skips the hour that summer time skips in New York', () => {
  const clock = new ZoneClock('America/New_York')
  const before = Date.UTC(2026, 2, 8, 6, 59)
  expect(clock.minuteOfWeek(before)).toBe(minute(6, 1, 59))
  expect(clock.minuteOfWeek(before + minuteMs)).toBe(minute(6, 3, 0))
})

test('repeats the hour that winter time repeats in New York', () => {
  const clock = new ZoneClock('America/New_York')
  const before = Date.UTC(2026, 10, 1, 5, 59)
  expect(clock.minuteOfWeek(before)).toBe(minute(6, 1, 59))
  expect(clock.minuteOfWeek(before + minuteMs)).toBe(minute(6, 1, 0))
})

test('knows the summer time that China kept until 1991', () => {
  const clock = new ZoneClock('Asia/Shanghai')
  expect(clock.minuteOfWeek(Date.UTC(1990, 6, 2, 0, 0))).toBe(minute(0, 9, 0))
  expect(clock.minuteOfWeek(Date.UTC(2026, 6, 6, 0, 0))).toBe(minute(0, 8, 0))
})

test('holds a minute to its last millisecond, and follows a clock that jumps back', () => {
  const clock = new ZoneClock('UTC')
  const at = Date.UTC(2026, 0, 5, 10, 0)
  expect(clock.minuteOfWeek(at + 30_000)).toBe(minute(0, 10, 0))
  expect(clock.minuteOfWeek(at + 59_999)).toBe(minute(0, 10, 0))
  expect(clock.minuteOfWeek(at + 60_000)).toBe(minute(0, 10, 1))
  expect(clock.minuteOfWeek(at - 1)).toBe(minute(0, 9, 59))
})

test('makes a zone once, and throws for one that does not exist', () => {
  const clocks = new ZoneClocks()
  expect(clocks.of('Europe/Berlin')).toBe(clocks.of('Europe/Berlin'))
  expect(() => clocks.of('Mars/Olympus')).toThrow(RangeError)
})
