/** Which floor holds for a bid (OpenRTB implementation notes 7.11). */
import type { Deal, DurationFloor, Floor, Imp } from './bid-request.ts'
import { Format } from './format.ts'
import type { Micros } from './money.ts'

/**
 * The floor of a creative of `durationSec` in an impression: a deal's own (per second, by duration,
 * plain), else the slot's for video and audio, else the impression's. A duration outside of all
 * ranges falls back to the plain floor of the same level. Allocates only for the first two.
 */
export function floorFor(imp: Imp, format: Format, deal: Deal | null, durationSec: number): Floor {
  if (deal !== null) {
    const own = timedFloor(deal.floorPerSecMicros, deal.durationFloors, durationSec)
    if (own >= 0) return { cpmMicros: own as Micros, currency: deal.floor.currency }
    if (deal.floor.cpmMicros > 0) return deal.floor
  }
  const slot = format === Format.Video ? imp.video : format === Format.Audio ? imp.audio : null
  if (slot !== null) {
    const timed = timedFloor(slot.floorPerSecMicros, slot.durationFloors, durationSec)
    if (timed >= 0) return { cpmMicros: timed as Micros, currency: imp.floor.currency }
  }
  return imp.floor
}

/**
 * -1 where neither holds. Seconds are those that the bid says (`Bid.dur`), which are whole; an ad
 * without a duration has no price by the second.
 */
function timedFloor(
  perSecMicros: number,
  ranges: readonly DurationFloor[],
  durationSec: number,
): number {
  const seconds = Math.round(durationSec)
  if (perSecMicros > 0 && seconds > 0)
    return Math.ceil(perSecMicros * Math.max(seconds, durationSec))
  for (const { minSec, maxSec, cpmMicros } of ranges) {
    if (minSec <= seconds && seconds <= maxSec) return cpmMicros
  }
  return -1
}
