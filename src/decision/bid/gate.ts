/** What is refused before any campaign is looked at, and what the answer is made in. */
import type { BidSnapshot } from '../../catalog/bid/bid-snapshot.ts'
import type { BidRequest } from '../../domain/bid-request.ts'
import type { Exchange } from '../../domain/exchange.ts'
import { rateOf } from '../../domain/rates.ts'
import { Refusal } from '../../domain/refusal.ts'
import { domainWords } from '../../domain/targeting-words.ts'

/** The first reason not to bid on this request at all, in this order; None = go on. */
export function refusedAtGate(request: BidRequest, exchange: Exchange): Refusal {
  if (!exchange.enabled) return Refusal.ExchangeOff
  // The unit changed after the floors were read: prices would be off by a factor of a thousand.
  if (request.priceUnit !== '' && request.priceUnit !== exchange.priceUnit) {
    return Refusal.CatalogUnavailable
  }
  if (request.imps.length === 0) return Refusal.NoUsableImp
  if (request.isCrawler) return Refusal.Crawler
  if (isBlockedInventory(request, exchange)) return Refusal.BlockedInventory
  if (exchange.requiresCompleteSchain && request.schainComplete !== 1) {
    return Refusal.IncompleteSchain
  }
  return hasBlockedNode(request, exchange) ? Refusal.BlockedSchain : Refusal.None
}

/** The currency of the answer: the exchange's if it is allowed, else another that we may bid in. */
export function currencyOf(
  request: BidRequest,
  exchange: Exchange,
  snapshot: BidSnapshot,
): string | null {
  const { currencies } = request
  if (currencies.length === 0 || currencies.includes(exchange.currency)) return exchange.currency
  const { rates } = snapshot.data
  for (const currency of currencies) {
    if (!exchange.otherCurrencies.includes(currency)) continue
    if (rateOf(rates, rates.base, currency) > 0) return currency
  }
  return null
}

/**
 * By seat of the snapshot: 1 = it may bid on this request; null = all may. `wseat` and `bseat` are
 * exclusive in the standard; where both come, both hold.
 */
export function allowedSeats(
  request: BidRequest,
  exchange: Exchange,
  snapshot: BidSnapshot,
): Uint8Array | null {
  const { allowedSeats: allowed, blockedSeats: blocked } = request
  if (allowed.length + blocked.length === 0) return null
  return Uint8Array.from(snapshot.data.seats, (own) => {
    const seat = own || exchange.seat
    return Number((allowed.length === 0 || allowed.includes(seat)) && !blocked.includes(seat))
  })
}

function isBlockedInventory({ inventory }: BidRequest, { blocked }: Exchange): boolean {
  const { publishers, domains, bundles } = blocked
  if (publishers.length > 0 && publishers.includes(inventory.publisherId.toLowerCase())) return true
  if (bundles.length > 0 && bundles.includes(inventory.bundle.toLowerCase())) return true
  return domains.length > 0 && domainWords(inventory.domain).some((one) => domains.includes(one))
}

function hasBlockedNode({ schainNodes }: BidRequest, { blocked }: Exchange): boolean {
  if (blocked.schainNodes.length === 0) return false
  return schainNodes.some((node) => {
    const [asi = ''] = node.split('/', 1)
    return blocked.schainNodes.includes(node.toLowerCase()) || blocked.schainNodes.includes(asi)
  })
}
