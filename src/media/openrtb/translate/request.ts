/** A bid request of the wire, whichever it was, to our words: the whole road of the translation. */
import type { BidRequest } from '../../../domain/bid-request.ts'
import type { Exchange } from '../../../domain/exchange.ts'
import { defaultTcfPurposes, PrivacyLimit } from '../../../domain/privacy.ts'
import { Refusal } from '../../../domain/refusal.ts'
import { isCrawler } from '../../../domain/user-agent.ts'
import type { DeviceHasher } from '../../../identity/device-hasher.ts'
import { networkOf } from '../../../lib/truncate-ip.ts'
import { assessPrivacy } from '../privacy/assess-privacy.ts'
import type { OrtbBidRequest } from '../wire/openrtb.generated.ts'
import { fillDevice } from './device.ts'
import { addIds } from './device-ids.ts'
import { domainList } from './domain-name.ts'
import { fillGeo } from './geo.ts'
import { fillImps } from './imps.ts'
import { fillInventory } from './inventory.ts'
import { ipOf } from './ip-address.ts'
import { countOr } from './numbers.ts'
import { privacySignalsOf } from './privacy-signals.ts'
import { fillSupplyChain } from './supply-chain.ts'
import { languageList, textList, upperList } from './text.ts'
import { fillUser } from './user.ts'

/**
 * Fills a cleared `request` from a parsed body. `Malformed` when it lacks its id or any impression,
 * `NoUsableImp` when none of the impressions can be bid for, else `None`. Never throws.
 */
export function translateRequest(
  wire: OrtbBidRequest,
  exchange: Exchange,
  hasher: DeviceHasher,
  request: BidRequest,
): Refusal {
  // Not trimmed: it is sent back, and must then be what was sent.
  if (wire.id === null || wire.id === '' || wire.imp.length === 0) return Refusal.Malformed
  request.exchange = exchange.id
  request.id = wire.id
  fillTerms(request, wire, exchange)
  fillRules(request, wire)
  fillInventory(request.inventory, wire)
  fillSupplyChain(request, wire.source)
  fillPerson(request, wire, exchange, hasher)
  fillImps(request, wire.imp, wire.device, exchange.priceUnit)
  return request.imps.length === 0 ? Refusal.NoUsableImp : Refusal.None
}

/** Time, money and what kind of call it is. */
function fillTerms(request: BidRequest, wire: OrtbBidRequest, exchange: Exchange): void {
  request.isTest = wire.test === true
  request.tmaxMs = Math.min(countOr(wire.tmax), exchange.tmaxMaxMs)
  // 3 is for deals alone and 500 and above are private: neither says how this auction is priced.
  request.auctionType = wire.at === 1 || wire.at === 2 ? wire.at : exchange.auctionType
  request.priceUnit = exchange.priceUnit
  request.currencies = upperList(wire.cur)
}

/** What may not be shown, and who may not bid. */
function fillRules(request: BidRequest, wire: OrtbBidRequest): void {
  request.allowedSeats = textList(wire.wseat)
  request.blockedSeats = textList(wire.bseat)
  request.blockedCategories = textList(wire.bcat)
  request.allowedCategories = textList(wire.acat)
  request.categoryTaxonomy = countOr(wire.cattax) === 0 ? 1 : countOr(wire.cattax)
  request.blockedDomains = domainList(wire.badv)
  request.blockedBundles = textList(wire.bapp)
  request.languages = languageList(wire.wlang.length > 0 ? wire.wlang : wire.wlangb)
}

/** Device, place and ids: how much of them is kept is decided first. */
function fillPerson(
  request: BidRequest,
  wire: OrtbBidRequest,
  exchange: Exchange,
  hasher: DeviceHasher,
): void {
  const { device, user } = wire
  request.privacyLimit = assessPrivacy(privacySignalsOf(wire), {
    tcfVendorId: exchange.tcfVendorId,
    tcfPurposes: defaultTcfPurposes,
  })
  const isLimited = request.privacyLimit !== PrivacyLimit.None
  fillGeo(request.geo, wire, isLimited)
  if (device !== null) {
    fillDevice(request.device, device)
    request.isCrawler = isCrawler(request.device.userAgent)
    const ip = ipOf(device.ip, device.ipv6)
    request.ip = isLimited ? networkOf(ip) : ip
  }
  if (isLimited) return
  if (user !== null) fillUser(request, user)
  addIds(request, device, user, hasher)
}
