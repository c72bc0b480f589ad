/** Throws hostile bodies at the bidder: decode, decide and encode over the made-up catalog. */
import { BidScratch } from '../../src/decision/bid/bid-scratch.ts'
import { type BidDecision, isBid } from '../../src/domain/bid-decision.ts'
import { Refusal } from '../../src/domain/refusal.ts'
import { readBidResponseJson } from '../../src/media/openrtb/wire/json-reader.ts'
import type { OrtbBidResponse } from '../../src/media/openrtb/wire/openrtb.generated.ts'
import { readBidResponseProto } from '../../src/media/openrtb/wire/ortb-proto-reader.ts'
import { type BidBench, exchangeOf } from '../stage/bid-bench.ts'
import type { StormTarget } from './storm.ts'

/** No body may cost more, repeated alone (issue "The bidder"). */
export const slowBidMs = 5

/** One wire of the bidder as a target; `exchange` says how its protobuf is laid out. */
export function bidTarget(bench: BidBench, isJson: boolean, exchangeId: string): StormTarget {
  const exchange = exchangeOf(bench, exchangeId)
  const scratch = new BidScratch()
  const { request } = scratch
  let refusal: Refusal = Refusal.None
  let decision: BidDecision | null = null
  let answer: Uint8Array | null = null
  return {
    run: (body) => {
      scratch.clear()
      decision = null
      answer = null
      refusal = bench.adapter.decode(body, isJson, exchange, request)
      if (refusal !== Refusal.None) return false
      request.deadlineMs = bench.clock.monotonicMs() + 1_000
      const decided = bench.decider.decide(request, scratch)
      if (decided instanceof Promise) throw new Error('nothing here may be waited for')
      decision = decided
      answer = isBid(decided)
        ? bench.adapter.encode(request, decided)
        : bench.adapter.encodeNoBid(request, decided.refusal)
      return true
    },
    answer: () => {
      if (refusal === Refusal.Malformed || decision === null || answer === null) return true
      const response = isJson
        ? readBidResponseJson(answer)
        : readBidResponseProto(answer, exchange.protobufLayout)
      if (response === null || response.id !== request.id) return false
      return isBid(decision) ? areRight(response, decision) : response.seatbid.length === 0
    },
  }
}

/** Every bid is on the impression that was chosen for, at or above its floor, with a markup. */
function areRight(response: OrtbBidResponse, { bids }: BidDecision): boolean {
  const sent = response.seatbid.flatMap(({ bid }) => bid)
  if (sent.length !== bids.length) return false
  return bids.every((bid) => {
    const wire = sent.find(({ id }) => id === bid.id)
    if (wire === undefined || wire.impid !== bid.imp.id || (wire.adm ?? '') === '') return false
    return bid.priceMicros > 0 && bid.priceMicros >= bid.floorMicros
  })
}
