/** Which of the catalog's distinct schedules are on at a moment, in the user's or a named zone. */
import type { ScheduleRule } from '../../catalog/bid/bid-data.ts'
import { weekMinutes, ZoneClocks } from '../../lib/zone-clock.ts'

/** When it is for the user: epoch milliseconds, and the zone as far as it is known. */
export interface UserTime {
  readonly wallMs: number
  /** Minutes east of UTC; NaN unknown. */
  readonly utcOffsetMin: number
  /** IANA name; '' unknown. */
  readonly timeZone: string
}

const minuteMs = 60_000
/** 1 January 1970 was a Thursday. */
const epochMinute = 3 * 24 * 60

/** Names of zones remembered as unknown: to find that out costs 50 µs for every schedule asked. */
const unknownMax = 64

/** Looks schedules up; keeps one clock a zone. */
export class ScheduleRules {
  readonly #zones = new ZoneClocks()
  readonly #unknown = new Set<string>()

  /** True when the schedule is on. */
  isOn({ zone, fallbackZone, minutes }: ScheduleRule, user: UserTime): boolean {
    const minute = zone === '' ? this.#userMinute(user, fallbackZone) : this.#minuteIn(zone, user)
    if (minute < 0) return false
    for (let at = 0; at + 1 < minutes.length; at += 2) {
      if ((minutes[at] ?? 0) <= minute && minute < (minutes[at + 1] ?? 0)) return true
    }
    return false
  }

  #userMinute(user: UserTime, fallbackZone: string): number {
    if (!Number.isNaN(user.utcOffsetMin)) {
      const local = Math.floor(user.wallMs / minuteMs) + epochMinute + user.utcOffsetMin
      return ((local % weekMinutes) + weekMinutes) % weekMinutes
    }
    const zone = user.timeZone === '' ? fallbackZone : user.timeZone
    return zone === '' ? -1 : this.#minuteIn(zone, user)
  }

  #minuteIn(zone: string, { wallMs }: UserTime): number {
    if (this.#unknown.has(zone)) return -1
    try {
      return this.#zones.of(zone).minuteOfWeek(wallMs)
    } catch {
      // A zone of the operator's file that this machine's tz data does not know.
      if (this.#unknown.size < unknownMax) this.#unknown.add(zone)
      return -1
    }
  }
}
