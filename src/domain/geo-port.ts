/** Where an IP address is: the port that decisions ask, and how its answer completes a request. */
import type { BidGeo } from './bid-request.ts'

/** What a source knows of an address. One object is filled again and again by its owner. */
export interface GeoAnswer {
  /** ISO 3166-1 alpha-3, upper case; '' unknown, as everywhere here. */
  country: string
  /** Subdivision part of ISO 3166-2, upper case: `CA` of `US-CA`. */
  region: string
  /** English name as the source writes it. */
  city: string
  /** Metro (DMA) code as text. */
  metro: string
  /** Degrees; NaN unknown. */
  latitude: number
  longitude: number
  /** IANA name. */
  timeZone: string
}

/** Knows where addresses are. Synchronous, and never throws for any text. */
export interface GeoSource {
  /**
   * Fills `into` and returns true when something is known of the address; otherwise `into` is
   * cleared. Private, reserved and malformed addresses are unknown.
   */
  lookup(ip: string, into: GeoAnswer): boolean
}

/** A source that knows nothing: the operator gave no file. */
export const noGeo: GeoSource = {
  lookup: (_ip, into) => {
    clearGeoAnswer(into)
    return false
  },
}

/** An answer that knows nothing, to be filled. */
export function newGeoAnswer(): GeoAnswer {
  return {
    country: '',
    region: '',
    city: '',
    metro: '',
    latitude: Number.NaN,
    longitude: Number.NaN,
    timeZone: '',
  }
}

/** Forgets what was known. */
export function clearGeoAnswer(answer: GeoAnswer): void {
  answer.country = ''
  answer.region = ''
  answer.city = ''
  answer.metro = ''
  answer.latitude = Number.NaN
  answer.longitude = Number.NaN
  answer.timeZone = ''
}

/**
 * Fills what a bid request does not say of its place. What it says stays; where its country, region
 * or city is another than the address's (roaming, a proxy), no more of the address is believed.
 */
export function completeBidGeo(geo: BidGeo, known: GeoAnswer): void {
  if (geo.country === '') geo.country = known.country
  if (differ(geo.country, known.country)) return
  if (differ(geo.region, known.region) || differ(geo.city, known.city)) return
  if (geo.region === '') geo.region = known.region
  if (geo.city === '') geo.city = known.city
  if (geo.metro === '') geo.metro = known.metro
  if (Number.isNaN(geo.latitude) || Number.isNaN(geo.longitude)) {
    geo.latitude = known.latitude
    geo.longitude = known.longitude
  }
}

/** True when both are known and they are not the same, whatever their case. */
function differ(said: string, known: string): boolean {
  if (said === '' || known === '' || said === known) return false
  return said.toLowerCase() !== known.toLowerCase()
}
