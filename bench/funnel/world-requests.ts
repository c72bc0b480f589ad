/** Requests of a generated world, with the moment and the user of each. */
import { BidRequest } from '../../src/domain/bid-request.ts'
import { Refusal } from '../../src/domain/refusal.ts'
import type { Opportunity } from '../../src/world/opportunities.ts'
import type { World } from '../../src/world/world.ts'
import { requestOf } from '../../src/world/world-request.ts'
import type { BiddingWorld } from './bidding-world.ts'

/** One request. */
export interface WorldRequest {
  readonly opportunity: Opportunity
  readonly body: Uint8Array
}

/** `count` rows of the log from a share of its time on, evenly spread, as JSON requests. */
export function worldRequests(world: World, count: number, fromShare: number): WorldRequest[] {
  const { rows } = world.settings
  const from = Math.floor(rows * fromShare)
  const step = (rows - from) / count
  return Array.from({ length: count }, (_, number) => {
    const opportunity = world.opportunities.at(from + Math.floor(number * step))
    return { opportunity, body: Buffer.from(JSON.stringify(requestOf(world, opportunity))) }
  })
}

/** Tells the audience who stands behind the requests. Throws when one cannot be decoded. */
export function introduce(bidding: BiddingWorld, requests: readonly WorldRequest[]): void {
  const request = new BidRequest()
  for (const { opportunity, body } of requests) {
    request.clear()
    const refusal = bidding.adapter.decode(body, true, bidding.exchange, request)
    if (refusal !== Refusal.None) throw new Error(`row ${opportunity.row} is refused: ${refusal}`)
    bidding.audience.put(request.devices, opportunity.user)
  }
}
