/** The local hour of the week, from an offset or a time zone. */
import { ZoneClock } from './zone-clock.ts'

/** Hours of a week. */
export const weekHours = 7 * 24

/** No place is further from UTC than this: +14 hours (Kiribati) one way, -12 the other. */
const offsetMinMin = -12 * 60
const offsetMaxMin = 14 * 60

const minuteMs = 60_000
const hourMs = 60 * minuteMs

/** The epoch began on a Thursday. */
const epochHour = 3 * 24

/** Time zones kept: tz data have about 600 names; more are made up by a sender. */
const zonesMax = 640

/**
 * Hour of the week, 0 (Monday 00:00) to 167, at epoch `nowMs` and `offsetMin` minutes east of UTC.
 * -1 for an offset that no place has (NaN, or a sender that means seconds).
 */
export function hourOfWeekAt(nowMs: number, offsetMin: number): number {
  if (!(offsetMin >= offsetMinMin && offsetMin <= offsetMaxMin)) return -1
  const hour = Math.floor((nowMs + offsetMin * minuteMs) / hourMs) + epochHour
  return ((hour % weekHours) + weekHours) % weekHours
}

/** The same in named time zones. One for a whole process. */
export class WeekHours {
  /** Null: no zone has this name. */
  readonly #clocks = new Map<string, ZoneClock | null>()

  /**
   * Hour of the week at epoch `nowMs` in an IANA zone; -1 for a name that no zone has. A zone's
   * first call costs about 50 µs, its first of a minute 3 µs, others 0.1 µs.
   */
  inZone(timeZone: string, nowMs: number): number {
    const known = this.#clocks.get(timeZone)
    const clock = known === undefined ? this.#make(timeZone) : known
    return clock === null ? -1 : Math.floor(clock.minuteOfWeek(nowMs) / 60)
  }

  #make(timeZone: string): ZoneClock | null {
    // Full of names: an unknown zone then costs a try each time, the known ones stay.
    const clock = clockOf(timeZone)
    if (this.#clocks.size < zonesMax) this.#clocks.set(timeZone, clock)
    return clock
  }
}

function clockOf(timeZone: string): ZoneClock | null {
  try {
    return timeZone === '' ? null : new ZoneClock(timeZone)
  } catch {
    return null
  }
}
