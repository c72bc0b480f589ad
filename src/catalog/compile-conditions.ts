/** Conditions as masks, sets and minutes of a week. */
import { osNames } from '../domain/ad-request.ts'
import { countryKey } from '../domain/countries.ts'
import type { Conditions, ScheduleWindow } from '../domain/strategy.ts'
import { weekMinutes, type ZoneClocks } from '../lib/zone-clock.ts'
import { ShapeError } from './json-shape.ts'
import type { CompiledConditions, CompiledSchedule } from './plan.ts'

const dayMinutes = 24 * 60

/** Throws a `ShapeError` for an os or time zone that does not exist. */
export function compileConditions(conditions: Conditions, zones: ZoneClocks): CompiledConditions {
  const { experimentIds, geo } = conditions
  return {
    osMask: osMaskOf(conditions.os),
    schedule: scheduleOf(conditions.schedule, zones),
    startMs: conditions.startMs ?? Number.NEGATIVE_INFINITY,
    endMs: conditions.endMs ?? Number.POSITIVE_INFINITY,
    experimentsAnyOf: setOf(experimentIds.anyOf),
    experimentsNoneOf: setOf(experimentIds.noneOf),
    countries: setOf(geo.countries.map(countryKey)),
    cities: setOf(geo.cities.map((name) => name.toLowerCase())),
    excludedCities: setOf(geo.excludedCities.map((name) => name.toLowerCase())),
  }
}

/** True when any of the conditions asks where the device is. */
export function asksWhere(conditions: CompiledConditions): boolean {
  return (
    conditions.countries !== null ||
    conditions.cities !== null ||
    conditions.excludedCities !== null
  )
}

function osMaskOf(names: readonly string[]): number {
  let mask = 0
  for (const name of names) {
    const code = osNames.findIndex((known) => known === name)
    if (code === -1) throw new ShapeError(`conditions.os: no operating system is called ${name}`)
    mask |= 1 << code
  }
  return mask
}

function scheduleOf(schedule: Conditions['schedule'], zones: ZoneClocks): CompiledSchedule | null {
  // An empty list means "does not matter" here as in every other condition.
  if (schedule === null || schedule.windows.length === 0) return null
  const minutes = new Uint32Array(Math.ceil(weekMinutes / 32))
  for (const window of schedule.windows) addWindow(minutes, window)
  try {
    return { zone: zones.of(schedule.timeZone), minutes }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    throw new ShapeError(`conditions.schedule.timeZone: ${schedule.timeZone} is not known`)
  }
}

/** A window over midnight is written as two; one that ends before it begins is a mistake. */
function addWindow(minutes: Uint32Array, window: ScheduleWindow): void {
  const { fromMinute, toMinute } = window
  if (toMinute <= fromMinute) {
    throw new ShapeError(`conditions.schedule.windows: ends at ${toMinute}, before ${fromMinute}`)
  }
  for (const day of window.days) {
    const midnight = (day - 1) * dayMinutes
    setBits(minutes, midnight + fromMinute, midnight + toMinute)
  }
}

/** Sets the bits [from, to), a word at a time: a week is 10 080 of them. */
function setBits(words: Uint32Array, from: number, to: number): void {
  for (let at = from; at < to; ) {
    const bit = at & 31
    const count = Math.min(32 - bit, to - at)
    const mask = count === 32 ? -1 : ((1 << count) - 1) << bit
    words[at >>> 5] = (words[at >>> 5] ?? 0) | mask
    at += count
  }
}

function setOf<T>(values: readonly T[]): ReadonlySet<T> | null {
  return values.length === 0 ? null : new Set(values)
}
