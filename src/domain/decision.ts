/** What we answer, in our words: the RTA decision that an adapter puts on its wire. */
import type { AdPrice } from './ad-request.ts'
import type { Ranking } from './bid-decision.ts'
import type { Micros } from './money.ts'
import { Refusal } from './refusal.ts'

/**
 * A product to show (Tencent `DynamicProductInfo`, Ocean Engine `pid_lists`). Ids are 64-bit
 * decimal strings.
 */
export interface ProductRef {
  readonly libraryId: string
  readonly productId: string
  /** 1 (low) to 100 (high). */
  readonly priority: number
  /** Quality score in [0, 1], or NaN when none was set. */
  readonly score: number
}

/** One strategy that takes part, with everything a wire may carry about it. */
export interface Verdict {
  /** Our strategy id. */
  readonly strategyId: string
  /** The id the medium knows: Tencent out_target_id, Ocean Engine rta_id (decimal text). */
  readonly targetId: string
  /** Bid factor, already inside the medium's range and rounding; NaN when none. */
  readonly factor: number
  readonly cpcMicros: Micros
  readonly cpaMicros: Micros
  /** Predicted conversion rate for the medium, or NaN. */
  readonly pcvr: number
  readonly products: readonly ProductRef[]
  /** Advertisers and ads the strategy is limited to; 64-bit decimal strings. */
  readonly advertiserIds: readonly string[]
  readonly adIds: readonly string[]
  /** Client experiment label of this strategy (dsp_tag_str, cus_vid); empty when none. */
  readonly tag: string
  /** Best pack score (0-255) that made the device match, or -1. */
  readonly score: number
}

/** A price for one ad of a second request. Order and ids as asked. */
export interface AdResult {
  readonly adGroupId: string
  /** True: this ad is not to be shown. */
  readonly ignore: boolean
  readonly price: AdPrice
  readonly creatives: readonly { readonly creativeId: string; readonly price: AdPrice }[]
  readonly products: readonly {
    readonly libraryId: string
    readonly productId: string
    readonly price: AdPrice
  }[]
}

/** How the strategies that ask for it were ranked, and what came of it. */
export interface RtaRanking extends Omit<Ranking, 'cvrModel'> {
  /** Strategies that asked for it; those whose value was too low; those that had none. */
  readonly strategies: number
  readonly belowValue: number
  readonly unranked: number
  /** Creatives that each stage took in; 0 = the stage did not run. */
  readonly recalled: number
  readonly coarse: number
  readonly fine: number
}

/**
 * The answer to one RTA request. `refusal` 0 with at least one verdict (or, for a second request,
 * ad results) is an accept; everything else must be encoded as the medium's explicit refusal.
 */
export interface RtaDecision {
  readonly refusal: Refusal
  /** Highest priority first; never an unregistered or disabled strategy. */
  readonly verdicts: readonly Verdict[]
  /** Second request only. */
  readonly adResults: readonly AdResult[]
  /**
   * Seconds the medium may cache the answer, already inside its limits; 0 = leave the field out.
   */
  readonly cacheSeconds: number
  /** Request-level client experiment label (dsp_tag_str, cus_vid); empty when none. */
  readonly tag: string
  /** Catalog revision that decided. */
  readonly revision: number
  /** Null where no strategy in question asks for it. */
  readonly ranking: RtaRanking | null
}

const none: readonly never[] = []

/** A decision that says no. */
export function refuse(refusal: Refusal, cacheSeconds = 0, revision = 0, tag = ''): RtaDecision {
  return {
    refusal,
    verdicts: none,
    adResults: none,
    cacheSeconds,
    tag,
    revision,
    ranking: null,
  }
}

/** True when the decision may leave the house as an accept. */
export function isAccept(decision: RtaDecision): boolean {
  return (
    decision.refusal === Refusal.None &&
    (decision.verdicts.length > 0 || decision.adResults.length > 0)
  )
}
