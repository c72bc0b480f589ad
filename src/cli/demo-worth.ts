/** What bids are truly worth, order by order: the one figure that only a made world can give. */
import type { DemoMarket, MarketAsk } from './demo-market.ts'
import type { DemoServer } from './demo-server.ts'
import { type BidExchange, exchangeBids } from './describe-bids.ts'
import { wireOf } from './openrtb-request.ts'

/** Sums over some impressions; CPM of USD, on average of an impression asked for. */
export interface WorthFigures {
  readonly bids: number
  /** What was bid: what the order takes its choice to be worth. */
  readonly bidCpm: number
  /** What the truth says of it. */
  readonly trueCpm: number
}

/** Asks for one impression of the market. */
export function askMarket(
  { url }: DemoServer,
  exchange: string,
  { request }: MarketAsk,
): Promise<BidExchange> {
  return exchangeBids(url, exchange, wireOf(request))
}

/** Asks for every impression, one after the other. */
export async function worthOfBids(
  server: DemoServer,
  exchange: string,
  market: DemoMarket,
): Promise<WorthFigures> {
  let [bids, bidCpm, trueMicros] = [0, 0, 0]
  for (const one of market.asks) {
    const [bid] = (await askMarket(server, exchange, one)).bids
    if (bid === undefined) continue
    bids++
    bidCpm += bid.price
    trueMicros += market.worthOf(one, bid.creativeId).valueMicros
  }
  const count = market.asks.length
  return { bids, bidCpm: bidCpm / count, trueCpm: trueMicros / 1_000_000 / count }
}

/** What somebody who knew the truth would have had of the same impressions. */
export function bestCpm(market: DemoMarket): number {
  const sum = market.asks.reduce((total, one) => total + market.bestWorthMicros(one), 0)
  return sum / 1_000_000 / market.asks.length
}
