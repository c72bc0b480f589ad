/** What explain needs: the media and the very decider that answers them. */
import type { AudienceView } from '../audience/audience-reader.ts'
import type { BidSnapshot } from '../catalog/bid/bid-snapshot.ts'
import type { BidScratch } from '../decision/bid/bid-scratch.ts'
import type { BidTrace } from '../decision/bid/bid-trace.ts'
import type { UserTime } from '../decision/bid/schedule-rules.ts'
import type { Scratch } from '../decision/scratch.ts'
import type { DecisionTrace } from '../decision/trace.ts'
import type { AdRequest } from '../domain/ad-request.ts'
import type { BidDecision } from '../domain/bid-decision.ts'
import type { BidRequest } from '../domain/bid-request.ts'
import type { RtaDecision } from '../domain/decision.ts'
import type { Exchange } from '../domain/exchange.ts'
import type { Profile } from '../domain/profile.ts'
import type { Refusal } from '../domain/refusal.ts'
import type { MediumAdapter } from '../media/adapter.ts'
import type { BidAdapter } from '../media/bid-adapter.ts'

/** Revisions of the store that an explanation must not be older than. */
export interface ExplainRevisions {
  readonly strategies: number
  readonly campaigns: number
}

/** `main.ts` builds it over a catalog and an audience reader of control's own. */
export interface ExplainPort {
  readonly adapters: ReadonlyMap<string, MediumAdapter>
  /** `RtaDecider` is one. */
  readonly decider: {
    decide(
      request: AdRequest,
      scratch: Scratch,
      trace: DecisionTrace,
    ): RtaDecision | Promise<RtaDecision>
  }
  /**
   * Waits, with bounds, until what was just written can be explained: the strategies of the medium,
   * and the bidder's catalog that they are ranked by, which is compiled only while somebody
   * explains.
   */
  readonly prepare: (medium: string, revisions: ExplainRevisions) => Promise<void>
  /**
   * Turns a message written as JSON into the wire of a binary medium; null for a medium that
   * speaks JSON itself. Throws an Error with a sentence for a message that does not fit.
   */
  readonly encodeRequest: (medium: string, message: unknown) => Uint8Array | null
  /** The bidder; null = OpenRTB is not explained here. */
  readonly bids: BidExplainPort | null
}

/** What explain needs of the bidder. Nothing of it counts, and nothing is recorded. */
export interface BidExplainPort {
  /**
   * The bid catalog of at least `revision`, or what is there when the patience is over; null before
   * the first. Waits for a compilation where nobody explained for a while.
   */
  snapshot(revision: number): Promise<BidSnapshot | null>
  /** The bid catalog that the decider decides by now. */
  current(): BidSnapshot | null
  /**
   * As on the bidding port: inflates, then decodes by `contentType`; where that is '' by what the
   * body begins with. Sets the wire that was read in `request.isJson`.
   */
  decode(body: Uint8Array, contentType: string, exchange: Exchange, request: BidRequest): Refusal
  /** Milliseconds that the bidding port would have for a request with this `tmax`. */
  timeMsOf(exchange: Exchange, tmaxMs: number): number
  readonly adapter: Pick<BidAdapter, 'encode' | 'encodeNoBid'>
  readonly decider: {
    decide(
      request: BidRequest,
      scratch: BidScratch,
      trace: BidTrace,
    ): BidDecision | Promise<BidDecision>
  }
  /** Packs and their layout; null before the first. */
  audienceView(): AudienceView | null
  /** Fills `profile` from the request's ids, whether or not the decision needed it. */
  readProfile(request: BidRequest, profile: Profile): undefined | Promise<undefined>
  /** The user's time; completes the place of the request by its address. */
  userTime(request: BidRequest, wallMs: number): UserTime
  readonly linksAreSecure: boolean
}
