/** When it is for the user, and where, as far as the request or its address says. */
import type { BidRequest } from '../../domain/bid-request.ts'
import { completeBidGeo, type GeoAnswer, type GeoSource } from '../../domain/geo-port.ts'
import { PrivacyLimit } from '../../domain/privacy.ts'
import type { UserTime } from './schedule-rules.ts'

/**
 * The user's time at `wallMs`. What the request does not say of the place is filled in from its
 * address; where personal data may not be used, no more than country, region and time zone.
 * `answer` is memory of the caller.
 */
// oxlint-disable-next-line max-params -- whose time, when, by what source, into what memory
export function userTimeOf(
  request: BidRequest,
  wallMs: number,
  source: GeoSource,
  answer: GeoAnswer,
): UserTime {
  const { geo } = request
  let timeZone = ''
  if (request.ip !== '' && (geo.city === '' || Number.isNaN(geo.utcOffsetMin))) {
    if (source.lookup(request.ip, answer)) {
      timeZone = answer.timeZone
      if (request.privacyLimit !== PrivacyLimit.None) coarsen(answer)
      completeBidGeo(geo, answer)
    }
  }
  return { wallMs, utcOffsetMin: geo.utcOffsetMin, timeZone }
}

/** Country and region are all that may be known of somebody whose data must not be used. */
function coarsen(answer: GeoAnswer): void {
  answer.city = ''
  answer.metro = ''
  answer.latitude = Number.NaN
  answer.longitude = Number.NaN
}
