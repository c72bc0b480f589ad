/** What models may look at of an RTA request: who asks, from where, in which packs. */
import type { AdRequest } from '../../domain/ad-request.ts'
import { countryAlpha3 } from '../../domain/countries.ts'
import type { AskFacts } from '../../domain/feature-facts.ts'
import { type GeoSource, newGeoAnswer } from '../../domain/geo-port.ts'
import { truncateIp } from '../../lib/truncate-ip.ts'
import { ZoneClock } from '../../lib/zone-clock.ts'
import type { PackFacts } from '../bid/ask-facts.ts'

/** Zones whose clocks are kept; the world has fewer than 500. */
const zonesMax = 1_024

/**
 * Fills the facts of RTA requests. The medium stands where an exchange stands; what no medium says
 * (site or app, format, floor, make, model) is not known. One for all requests.
 */
export class RtaAsk {
  readonly #geo: GeoSource
  readonly #place = newGeoAnswer()
  /** Null: the machine does not know the zone. */
  readonly #zones = new Map<string, ZoneClock | null>()

  constructor(geo: GeoSource) {
    this.#geo = geo
  }

  /** Fills all that an RTA request can say; the rest of `facts` must be as `emptyAskFacts` has it. */
  fill(facts: AskFacts, request: AdRequest, packs: PackFacts, wallMs: number): void {
    facts.exchange = request.medium
    facts.tagId = request.slotId
    facts.os = request.os
    facts.osVersion = request.osVersion
    facts.network = truncateIp(request.ip)
    facts.packIds = packs.ids
    facts.packScores = packs.scores
    this.#fillPlace(facts, request)
    this.#fillTime(facts, wallMs)
  }

  /** The medium's word first; where its country is another, the address is not believed. */
  #fillPlace(facts: AskFacts, { geo, ip }: AdRequest): void {
    const place = this.#place
    place.timeZone = ''
    const country = countryAlpha3(geo.country)
    facts.country = country
    facts.region = ''
    facts.city = geo.city.toLowerCase()
    if (ip === '' || !this.#geo.lookup(ip, place)) return
    if (country !== '' && country !== place.country) {
      place.timeZone = ''
      return
    }
    facts.country = place.country
    facts.region = place.region
    if (facts.city === '') facts.city = place.city.toLowerCase()
  }

  #fillTime(facts: AskFacts, wallMs: number): void {
    const clock = this.#clockOf(this.#place.timeZone)
    const minute = clock === null ? -1 : clock.minuteOfWeek(wallMs)
    facts.localHour = minute === -1 ? -1 : Math.floor(minute / 60) % 24
    facts.weekday = minute === -1 ? 0 : Math.floor(minute / (24 * 60)) + 1
  }

  #clockOf(timeZone: string): ZoneClock | null {
    if (timeZone === '') return null
    const known = this.#zones.get(timeZone)
    if (known !== undefined) return known
    if (this.#zones.size === zonesMax) this.#zones.clear()
    const made = clockOrNull(timeZone)
    this.#zones.set(timeZone, made)
    return made
  }
}

/** An address file may be newer than the machine's time zones. */
function clockOrNull(timeZone: string): ZoneClock | null {
  try {
    return new ZoneClock(timeZone)
  } catch (error) {
    if (error instanceof RangeError) return null
    throw error
  }
}
