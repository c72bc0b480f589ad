/** The port of an exchange's wire: bytes to `BidRequest`, `BidDecision` to bytes. */
import type { BidDecision } from '../domain/bid-decision.ts'
import type { BidRequest } from '../domain/bid-request.ts'
import type { Exchange } from '../domain/exchange.ts'
import type { Refusal } from '../domain/refusal.ts'

/** Synchronous; never throws on any bytes; keeps no reference to the body. */
export interface BidAdapter {
  /**
   * Fills a cleared `BidRequest` from an inflated body. `Malformed` = HTTP 400; another refusal is
   * a no-bid; `None` = decide.
   */
  decode(body: Uint8Array, isJson: boolean, exchange: Exchange, request: BidRequest): Refusal
  /** The body of HTTP 200 for a decision that bids (`isBid`), in the form of the request. */
  encode(request: BidRequest, decision: BidDecision): Uint8Array
  /** The body of HTTP 200 for an exchange that wants reasons (`noBid: 'reason'`). */
  encodeNoBid(request: BidRequest, refusal: Refusal): Uint8Array
}
