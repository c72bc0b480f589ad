/** The port through which a medium gets the links of a bid, without knowing of tokens. */
import type { Bid, BidDecision } from './bid-decision.ts'
import type { BidRequest } from './bid-request.ts'

/**
 * Absolute URLs of one bid, each with a signed token of its own kind and the exchange's macros
 * unexpanded. They contain `&`, `$`, `{` and `}`: escape or quote them where the markup needs it
 * (CDATA in VAST, `&amp;` in HTML attributes; JSON needs nothing).
 */
export interface BidLinks {
  /** `nurl`: the auction was won; not billable. */
  readonly win: string
  /** `burl`: billable; budgets and caps run on it. */
  readonly bill: string
  /** `lurl`: lost, and why. */
  readonly loss: string
  /** Pixel for the markup: shown. */
  readonly impression: string
  /** Click redirect; it leads to the creative's own landing page and nowhere else. */
  readonly click: string
}

/**
 * Makes links. Synchronous, a few microseconds a bid, never throws. `Bid.id` is a whole number from
 * 1 to 65 535: the token has two bytes for it.
 */
export interface NoticeLinks {
  /** True when links are https: without it nothing may be bid for a slot with `secure` = 1. */
  readonly isSecure: boolean
  /** All links of one bid. `decision.exchange` says how the price macro is spelt. */
  of(request: BidRequest, decision: BidDecision, bid: Bid): BidLinks
}

/** Longest spelling of a macro that a link takes. */
export const macroCharsMax = 64

const macroPattern = /^[\w$%{}[\]:.|@*-]*$/

/**
 * True for a text that may stand unescaped as a parameter's value: `${AUCTION_PRICE}`,
 * `${AUCTION_PRICE:B64}`, `%%WINNING_PRICE%%`; '' means that the exchange has no such macro.
 */
export function isMacroText(text: string): boolean {
  return text.length <= macroCharsMax && macroPattern.test(text)
}
