/** Where the device of a request is, in the form in which conditions compare it. */
import { countryKey } from '../domain/countries.ts'
import { type GeoSource, newGeoAnswer } from '../domain/geo-port.ts'
import type { Scratch } from './scratch.ts'

/** Completes what a medium says with what is known of the address. One for all requests. */
export class Locator {
  readonly #geo: GeoSource
  readonly #answer = newGeoAnswer()

  constructor(geo: GeoSource) {
    this.#geo = geo
  }

  /**
   * Fills country and city of the scratch. What the medium says stays; where it names another
   * country than the address is in (roaming, a proxy), the address's city is not believed.
   */
  locate(scratch: Scratch): void {
    const { geo, ip } = scratch.request
    scratch.country = countryKey(geo.country)
    scratch.city = geo.city.toLowerCase()
    scratch.isLocated = false
    if (ip === '' || (scratch.country !== '' && scratch.city !== '')) return
    const answer = this.#answer
    if (!this.#geo.lookup(ip, answer)) return
    const country = countryKey(answer.country)
    if (scratch.country === '') {
      scratch.country = country
      scratch.isLocated = country !== ''
    }
    if (scratch.city !== '' || scratch.country !== country) return
    scratch.city = answer.city.toLowerCase()
    scratch.isLocated ||= scratch.city !== ''
  }
}
