/** `video` and `audio` of an impression to our slots (2.6 §3.2.7, §3.2.8, §7.6). */
import type { MediaSlot, PodPlace } from '../../../domain/bid-request.ts'
import type { Exchange } from '../../../domain/exchange.ts'
import type { OrtbAudio, OrtbVideo } from '../wire/openrtb.generated.ts'
import { durationFloorsOf, floorMicros } from './floors.ts'
import { countOr, integerOr, maximumOr, positives } from './numbers.ts'
import { mimeList, textOr } from './text.ts'

type PriceUnit = Exchange['priceUnit']

const none: readonly never[] = []

/** Every video is usable: what it does not say does not limit (54 of 5 914 have no `mimes`). */
export function videoSlotOf(wire: OrtbVideo, priceUnit: PriceUnit): MediaSlot {
  const requiredSec = positives(wire.rqddurs)
  const isExact = requiredSec.length > 0
  return {
    mimes: mimeList(wire.mimes),
    protocols: protocolsOf(wire),
    apis: wire.api,
    blockedAttributes: wire.battr,
    minSec: isExact ? 0 : countOr(wire.minduration),
    maxSec: isExact ? Number.POSITIVE_INFINITY : maximumOr(wire.maxduration),
    requiredSec,
    startDelaySec: wire.startdelay,
    linearity: countOr(wire.linearity),
    skip: wire.skip,
    skipMinSec: countOr(wire.skipmin),
    plcmt: countOr(wire.plcmt),
    placement: countOr(wire.placement),
    position: countOr(wire.pos),
    widthPx: countOr(wire.w),
    heightPx: countOr(wire.h),
    minBitrateKbps: countOr(wire.minbitrate),
    maxBitrateKbps: maximumOr(wire.maxbitrate),
    boxingAllowed: wire.boxingallowed ?? true,
    deliveries: wire.delivery,
    playbackMethods: wire.playbackmethod,
    pod: podPlaceOf(wire, wire.poddedupe),
    floorPerSecMicros: floorMicros(wire.mincpmpersec, priceUnit),
    durationFloors: durationFloorsOf(wire.durfloors, priceUnit),
  }
}

/** The same for audio, which has no picture: those fields hold what they hold when not said. */
export function audioSlotOf(wire: OrtbAudio, priceUnit: PriceUnit): MediaSlot {
  const requiredSec = positives(wire.rqddurs)
  const isExact = requiredSec.length > 0
  return {
    mimes: mimeList(wire.mimes),
    protocols: wire.protocols,
    apis: wire.api,
    blockedAttributes: wire.battr,
    minSec: isExact ? 0 : countOr(wire.minduration),
    maxSec: isExact ? Number.POSITIVE_INFINITY : maximumOr(wire.maxduration),
    requiredSec,
    startDelaySec: wire.startdelay,
    linearity: 0,
    skip: null,
    skipMinSec: 0,
    plcmt: 0,
    placement: 0,
    position: 0,
    widthPx: 0,
    heightPx: 0,
    minBitrateKbps: countOr(wire.minbitrate),
    maxBitrateKbps: maximumOr(wire.maxbitrate),
    boxingAllowed: true,
    deliveries: wire.delivery,
    playbackMethods: none,
    pod: podPlaceOf(wire, none),
    floorPerSecMicros: floorMicros(wire.mincpmpersec, priceUnit),
    durationFloors: durationFloorsOf(wire.durfloors, priceUnit),
  }
}

/** The list, else the one number that versions before 2.3 sent. */
function protocolsOf(wire: OrtbVideo): readonly number[] {
  if (wire.protocols.length > 0 || countOr(wire.protocol) === 0) return wire.protocols
  return [countOr(wire.protocol)]
}

/** What places an ad in a pod: both objects have these. */
interface PodFields {
  readonly podid: string | null
  readonly podseq: number | null
  readonly slotinpod: number | null
  readonly poddur: number | null
  readonly maxseq: number | null
}

/** A pod is named or has a length (§7.6.1); the other pod fields alone make none. */
function podPlaceOf(wire: PodFields, dedupe: readonly number[]): PodPlace | null {
  const id = textOr(wire.podid)
  const durationSec = countOr(wire.poddur)
  if (id === '' && durationSec === 0) return null
  return {
    id,
    sequence: integerOr(wire.podseq),
    slot: integerOr(wire.slotinpod),
    durationSec,
    adsMax: countOr(wire.maxseq),
    dedupe,
  }
}
