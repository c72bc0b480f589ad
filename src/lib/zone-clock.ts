/** Local time of a time zone, asked for once a minute however often it is read. */

/** Minutes of a week. */
export const weekMinutes = 7 * 24 * 60

const minuteMs = 60_000
const weekdays = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun']

/**
 * The wall clock of one IANA time zone. Offsets in use today are whole minutes, so the local
 * minute changes with the epoch minute and one `Intl` call (about 3 µs) a minute is enough;
 * summer time needs no rule of ours.
 */
export class ZoneClock {
  readonly timeZone: string
  readonly #format: Intl.DateTimeFormat
  #fromMs = 0
  #minute = -1

  /** Throws a RangeError for a zone that the machine's tz data does not know. */
  constructor(timeZone: string) {
    this.timeZone = timeZone
    this.#format = new Intl.DateTimeFormat('en-US', {
      timeZone,
      hourCycle: 'h23',
      weekday: 'short',
      hour: '2-digit',
      minute: '2-digit',
    })
  }

  /** Minutes since Monday 00:00 local time at epoch `nowMs`, 0 to 10 079. */
  minuteOfWeek(nowMs: number): number {
    const sinceMs = nowMs - this.#fromMs
    if (sinceMs >= 0 && sinceMs < minuteMs && this.#minute >= 0) return this.#minute
    this.#fromMs = Math.floor(nowMs / minuteMs) * minuteMs
    this.#minute = this.#read(this.#fromMs)
    return this.#minute
  }

  #read(atMs: number): number {
    let minute = 0
    for (const part of this.#format.formatToParts(atMs)) {
      if (part.type === 'weekday') minute += weekdays.indexOf(part.value) * 24 * 60
      else if (part.type === 'hour') minute += Number(part.value) * 60
      else if (part.type === 'minute') minute += Number(part.value)
    }
    return minute
  }
}

/** Clocks by zone name, each made once: building one costs about 50 µs. */
export class ZoneClocks {
  readonly #byName = new Map<string, ZoneClock>()

  /** The clock of a zone; throws a RangeError for an unknown name. */
  of(timeZone: string): ZoneClock {
    const known = this.#byName.get(timeZone)
    if (known !== undefined) return known
    const made = new ZoneClock(timeZone)
    this.#byName.set(timeZone, made)
    return made
  }
}
