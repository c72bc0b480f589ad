/** Impressions that ask for nothing special, for tests of the road. */
import type { BannerSlot, Imp, MediaSlot } from '../../src/domain/bid-request.ts'
import type { Micros } from '../../src/domain/money.ts'

/** A banner of 300 × 250. */
export const bannerSlot: BannerSlot = {
  sizes: [{ w: 300, h: 250 }],
  flex: [],
  bounds: null,
  blockedTypes: [],
  blockedAttributes: [],
  position: 0,
  mimes: [],
  expandDirections: [],
  apis: [],
}

/** A video of any kind and length. */
export const videoSlot: MediaSlot = {
  mimes: [],
  protocols: [],
  apis: [],
  blockedAttributes: [],
  minSec: 0,
  maxSec: Number.POSITIVE_INFINITY,
  requiredSec: [],
  startDelaySec: null,
  linearity: 0,
  skip: null,
  skipMinSec: 0,
  plcmt: 0,
  placement: 0,
  position: 0,
  widthPx: 0,
  heightPx: 0,
  minBitrateKbps: 0,
  maxBitrateKbps: Number.POSITIVE_INFINITY,
  boxingAllowed: true,
  deliveries: [],
  playbackMethods: [],
  pod: null,
  floorPerSecMicros: 0,
  durationFloors: [],
}

/** An impression with these parts; without any it is of no format. */
export function impWith(own: Partial<Imp>): Imp {
  return {
    id: '1',
    index: 0,
    floor: { cpmMicros: 0 as Micros, currency: 'USD' },
    banner: null,
    video: null,
    audio: null,
    native: null,
    isInterstitial: false,
    isRewarded: false,
    isSecure: false,
    tagId: '',
    isPrivate: false,
    deals: [],
    expirySec: 0,
    multiplier: 1,
    ...own,
  }
}
