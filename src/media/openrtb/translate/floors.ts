/** Floors of a request as CPM micros, rounded up in what the exchange demands. */
import type { DurationFloor, Floor } from '../../../domain/bid-request.ts'
import type { Exchange } from '../../../domain/exchange.ts'
import { type Micros, microsCeil, noPrice } from '../../../domain/money.ts'
import type { OrtbDurFloors } from '../wire/openrtb.generated.ts'
import { countOr, maximumOr } from './numbers.ts'
import { upperOr } from './text.ts'

type PriceUnit = Exchange['priceUnit']

/**
 * A floor beyond this means "not for sale". It is kept as a price that no campaign pays: turned
 * into "no floor", as `microsCeil` does with numbers it cannot hold, it would be sold for nothing.
 */
export const floorCpmMax = 1_000_000_000

/** Duration floors of one object; the specification's examples have three. */
export const durationFloorsMax = 32

const none: readonly never[] = []
const noFloor: Floor = { cpmMicros: noPrice, currency: 'USD' }

/** `bidfloor` and its currency, which is USD where none is said (also in deals: no inheriting). */
export function floorOf(
  amount: number | null,
  currency: string | null,
  priceUnit: PriceUnit,
): Floor {
  const cpmMicros = floorMicros(amount, priceUnit)
  const code = upperOr(currency)
  if (cpmMicros === noPrice && (code === '' || code === 'USD')) return noFloor
  return { cpmMicros, currency: code === '' ? 'USD' : code }
}

/** An amount in the exchange's unit as CPM micros, rounded up; absent, negative or NaN is 0. */
export function floorMicros(amount: number | null, priceUnit: PriceUnit): Micros {
  if (amount === null || !(amount > 0)) return noPrice
  return microsCeil(Math.min(amount * cpmPerUnit(priceUnit), floorCpmMax))
}

/** The usable ranges; one that is upside down holds no creative and is left out. */
export function durationFloorsOf(
  wire: readonly OrtbDurFloors[],
  priceUnit: PriceUnit,
): readonly DurationFloor[] {
  if (wire.length === 0) return none
  const floors: DurationFloor[] = []
  for (const { mindur, maxdur, bidfloor } of wire) {
    const minSec = countOr(mindur)
    const maxSec = maximumOr(maxdur)
    if (minSec > maxSec || floors.length === durationFloorsMax) continue
    floors.push({ minSec, maxSec, cpmMicros: floorMicros(bidfloor, priceUnit) })
  }
  return floors
}

function cpmPerUnit(priceUnit: PriceUnit): number {
  switch (priceUnit) {
    case 'cpm':
      return 1
    case 'cpmMicros':
      return 1e-6
    case 'perImpression':
      return 1_000
  }
}
