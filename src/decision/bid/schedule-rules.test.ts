import { expect, test } from 'vitest'
import { ScheduleRules } from './schedule-rules.ts'

const hour = 60
const rules = new ScheduleRules()
/** Sunday 22 November 2026, 23:30 UTC. */
const wallMs = Date.UTC(2026, 10, 22, 23, 30)
const mondayMorning = [0, 12 * hour]
const sundayNight = [6 * 24 * hour + 23 * hour, 7 * 24 * hour]

function isOn(zone: string, minutes: number[], user: object = {}, fallbackZone = ''): boolean {
  const rule = { zone, fallbackZone, minutes }
  return rules.isOn(rule, { wallMs, utcOffsetMin: Number.NaN, timeZone: '', ...user })
}

test('a named zone has its own hour of the week', () => {
  expect(isOn('UTC', sundayNight)).toBe(true)
  expect(isOn('Asia/Shanghai', sundayNight)).toBe(false)
  expect(isOn('Asia/Shanghai', mondayMorning)).toBe(true)
})

test('the offset of the user comes before the zone of the address, and that before the fallback', () => {
  expect(isOn('', mondayMorning, { utcOffsetMin: 480, timeZone: 'UTC' }, 'UTC')).toBe(true)
  expect(isOn('', mondayMorning, { timeZone: 'Asia/Shanghai' }, 'UTC')).toBe(true)
  expect(isOn('', mondayMorning, {}, 'Asia/Shanghai')).toBe(true)
  expect(isOn('', mondayMorning, {}, 'UTC')).toBe(false)
})

test('without any zone, or with one that this machine does not know, it is off', () => {
  const always = [0, 7 * 24 * hour]
  expect(isOn('', always)).toBe(false)
  expect(isOn('', always, { timeZone: 'Moon/Tranquility' })).toBe(false)
  expect(isOn('', always, { utcOffsetMin: 0 })).toBe(true)
})

test('an end of a window is outside of it', () => {
  expect(isOn('', [0, 30], { utcOffsetMin: 30 })).toBe(true)
  expect(isOn('', [0, 30], { utcOffsetMin: 60 })).toBe(false)
})

test('an offset may carry the week over its end, both ways', () => {
  expect(isOn('', sundayNight, { utcOffsetMin: -10 })).toBe(true)
  expect(isOn('', [0, 60], { utcOffsetMin: 7 * 24 * 60 + 40 })).toBe(true)
})
