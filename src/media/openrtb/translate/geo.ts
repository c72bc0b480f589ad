/** Where the user is: `device.geo`, else `user.geo` (2.6 §3.2.19). */
import type { BidGeo } from '../../../domain/bid-request.ts'
import { countryAlpha3 } from '../../../domain/countries.ts'
import type { OrtbBidRequest, OrtbGeo } from '../wire/openrtb.generated.ts'
import { lowerOr, textOr, upperOr } from './text.ts'

/** Minutes: UTC-12 to UTC+14 are in use. */
const utcOffsetMin = -720
const utcOffsetMax = 840

/** `US-CA`, and what some write for it: `USA-CA`, `us_ca`. */
const regionPrefix = /^[A-Z]{2,3}[-_]/

/**
 * The device's place is preferred, for it is where the ad is seen; the user's is where they live.
 * The two are never mixed: a city of one in the country of the other would be nowhere. Where
 * personal data may not be used (`isCoarse`) country, region and time zone stay, the rest goes.
 */
export function fillGeo(geo: BidGeo, wire: OrtbBidRequest, isCoarse: boolean): void {
  const deviceGeo = wire.device === null ? null : wire.device.geo
  const userGeo = wire.user === null ? null : wire.user.geo
  const from = saysPlace(deviceGeo) ? deviceGeo : (userGeo ?? deviceGeo)
  if (from === null) return
  geo.country = countryAlpha3(textOr(from.country))
  geo.region = upperOr(from.region).replace(regionPrefix, '')
  if (from.utcoffset !== null && from.utcoffset >= utcOffsetMin && from.utcoffset <= utcOffsetMax) {
    geo.utcOffsetMin = from.utcoffset
  }
  if (isCoarse) return
  geo.city = lowerOr(from.city)
  geo.metro = textOr(from.metro)
  geo.zip = textOr(from.zip)
  fillPoint(geo, from)
}

/** True where a place is told: an object that holds only a type or time zone tells none. */
function saysPlace(geo: OrtbGeo | null): geo is OrtbGeo {
  if (geo === null) return false
  return geo.country !== null || geo.region !== null || geo.city !== null || geo.lat !== null
}

/** Both or none, and not 0, 0: that is a sender's "not known", in the sea off Ghana. */
function fillPoint(geo: BidGeo, { lat, lon }: OrtbGeo): void {
  if (lat === null || lon === null || (lat === 0 && lon === 0)) return
  if (!(Math.abs(lat) <= 90 && Math.abs(lon) <= 180)) return
  geo.latitude = lat
  geo.longitude = lon
}
