/** Made-up devices of bid requests (OpenRTB 2.6, 3.2.18 and 3.2.19). */

import {
  advertisingId,
  carriers,
  drawPlace,
  isAppleDevice,
  languages,
  makes,
  type RequestObject,
} from './bid-words.ts'
import type { Draw } from './draw.ts'

/** A device object, and what the rest of the request follows from it. */
export interface DrawnDevice {
  readonly device: RequestObject
  readonly isApple: boolean
  /** In a country where consent strings are sent. */
  readonly isEea: boolean
  /** The device's number. */
  readonly seed: number
}

const eea = ['DEU', 'FRA', 'ESP', 'GBR']

/** Minutes east of UTC. */
const offsets: Readonly<Record<string, number>> = {
  USA: -300,
  GBR: 0,
  DEU: 60,
  FRA: 60,
  JPN: 540,
  BRA: -180,
  IND: 330,
  CAN: -300,
  AUS: 600,
  ESP: 60,
}

/** Device `number`. Browsers do not send an advertising id as often as apps do. */
export function drawDevice(draw: Draw, number: number, isApp: boolean): DrawnDevice {
  const isApple = isAppleDevice(number)
  const isPhone = isApp || draw.chance(0.7)
  const place = drawPlace(draw)
  const osv = isApple ? `${14 + draw.below(5)}.${draw.below(7)}` : String(9 + draw.below(7))
  const make = isApple ? 'Apple' : draw.weighted(makes.slice(1))
  const isLimited = draw.chance(0.08)
  const sendsId = !isLimited && draw.chance(isApp ? 0.95 : 0.6)
  const device = {
    ua: isPhone ? phoneAgent(isApple, osv, make) : desktopAgent,
    ip: `198.51.100.${1 + draw.below(254)}`,
    ...(draw.chance(0.85) ? { geo: geoObject(draw, place) } : {}),
    lmt: Number(isLimited),
    devicetype: isPhone ? draw.pick([4, 4, 4, 5, 1]) : 2,
    ...(isPhone ? { make, model: isApple ? 'iPhone' : 'SM-G991B' } : {}),
    os: isPhone ? (isApple ? 'iOS' : 'Android') : 'Windows',
    osv: isPhone ? osv : '10',
    w: isPhone ? 390 : 1_920,
    h: isPhone ? 844 : 1_080,
    pxratio: isPhone ? 3 : 1,
    language: draw.weighted(languages),
    ...(isPhone && draw.chance(0.6) ? { carrier: draw.pick(carriers) } : {}),
    connectiontype: draw.pick([2, 2, 2, 6, 6, 7, 5, 0]),
    ...(sendsId ? { ifa: advertisingId(number) } : {}),
    ...(isApple && isApp ? { ext: { atts: sendsId ? 3 : 2 } } : {}),
  }
  return { device, isApple, isEea: eea.includes(place.country), seed: number }
}

function geoObject(draw: Draw, place: ReturnType<typeof drawPlace>): RequestObject {
  return {
    lat: Math.round((draw.below(120) - 60 + 0.1234) * 1e4) / 1e4,
    lon: Math.round((draw.below(300) - 150 + 0.4321) * 1e4) / 1e4,
    type: 2,
    country: place.country,
    region: place.region,
    ...(draw.chance(0.8) ? { city: place.city } : {}),
    utcoffset: offsets[place.country] ?? 0,
  }
}

function phoneAgent(isApple: boolean, osv: string, make: string): string {
  if (isApple) {
    const version = osv.replace('.', '_')
    return `Mozilla/5.0 (iPhone; CPU iPhone OS ${version} like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148`
  }
  return `Mozilla/5.0 (Linux; Android ${osv}; ${make} SM-G991B) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Mobile Safari/537.36`
}

const desktopAgent =
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36'
