/** `pmp` of an impression to our deals (2.6 §3.2.11, §3.2.12). */
import type { Deal } from '../../../domain/bid-request.ts'
import type { Exchange } from '../../../domain/exchange.ts'
import type { OrtbDeal, OrtbPmp } from '../wire/openrtb.generated.ts'
import { domainList } from './domain-name.ts'
import { durationFloorsOf, floorMicros, floorOf } from './floors.ts'
import { textList, textOr } from './text.ts'

/** Deals of one impression; the largest marketplaces offer some hundred. */
export const dealsMax = 256

/** Deal auction types that we know: first price, second price plus, and the floor is the price. */
const knownAuctionTypes: readonly (number | null)[] = [1, 2, 3]

const none: readonly never[] = []

/** The deals that have an id and can be read; without an id nothing can be bid for. */
export function dealsOf(pmp: OrtbPmp | null, priceUnit: Exchange['priceUnit']): readonly Deal[] {
  if (pmp === null || pmp.deals.length === 0) return none
  const deals: Deal[] = []
  for (const wire of pmp.deals) {
    if (deals.length === dealsMax) break
    const id = textOr(wire.id)
    if (id !== '' && !isUnreadable(wire.wadomain)) deals.push(dealOf(id, wire, priceUnit))
  }
  return deals
}

/** Advertisers are named and none can be read: not a deal for everybody, but for nobody we know. */
function isUnreadable(domains: readonly string[]): boolean {
  if (domains.length === 0 || domainList(domains).length > 0) return false
  return textList(domains).length > 0
}

function dealOf(id: string, wire: OrtbDeal, priceUnit: Exchange['priceUnit']): Deal {
  return {
    id,
    floor: floorOf(wire.bidfloor, wire.bidfloorcur, priceUnit),
    floorPerSecMicros: floorMicros(wire.mincpmpersec, priceUnit),
    durationFloors: durationFloorsOf(wire.durfloors, priceUnit),
    auctionType: knownAuctionTypes.includes(wire.at) ? (wire.at ?? 0) : 0,
    seats: textList(wire.wseat),
    advertiserDomains: domainList(wire.wadomain),
    isGuaranteed: wire.guar === 1,
  }
}
