/** The campaigns behind strategies, looked up once for each snapshot of the bidder's catalog. */
import type { BidSnapshot } from '../../catalog/bid/bid-snapshot.ts'
import type { LiveStrategy } from '../../catalog/plan.ts'
import { rateOf } from '../../domain/rates.ts'
import type { StrategyRanking } from '../../domain/strategy.ts'
import type { BackedStrategy } from './rank-group.ts'

/**
 * Strategies remembered; one that is stored anew is another. As many as the admin API takes: then
 * it begins anew.
 */
const backedMax = 10_000

/** One for each decider. */
export class StrategyBacking {
  #snapshot: BidSnapshot | null = null
  readonly #known = new Map<LiveStrategy, BackedStrategy>()

  /** A strategy with its campaigns in `snapshot`. */
  of(strategy: LiveStrategy, ranking: StrategyRanking, snapshot: BidSnapshot): BackedStrategy {
    if (snapshot !== this.#snapshot || this.#known.size >= backedMax) this.#known.clear()
    this.#snapshot = snapshot
    const known = this.#known.get(strategy)
    if (known !== undefined) return known
    const { rates } = snapshot.data
    const { currency } = ranking
    const indexes = ranking.campaigns.map((id) => snapshot.campaignIndex(id))
    const made: BackedStrategy = {
      strategy,
      ranking,
      campaigns: Int32Array.from(indexes.filter((index) => index >= 0)),
      productCampaigns: Int32Array.from(ranking.products, ({ campaignId }) =>
        snapshot.campaignIndex(campaignId),
      ),
      rate: currency === '' ? 1 : rateOf(rates, rates.base, currency),
    }
    this.#known.set(strategy, made)
    return made
  }
}
