/** The candidates of a decision's record: what was bid, and a sample of what was not. */
import type { BidSnapshot } from '../../catalog/bid/bid-snapshot.ts'
import type { Bid, BidDecision } from '../../domain/bid-decision.ts'
import type { BidRequest } from '../../domain/bid-request.ts'
import type { RecordedBid, RecordedLoser, StageScores } from '../../domain/decision-record.ts'
import type { Random } from '../../lib/random.ts'
import type { BidScratch } from './bid-scratch.ts'
import { type PriceView, type Pricing, ratesOf } from './pricing.ts'
import type { Shortlist } from './shortlists.ts'

/**
 * Losers of the last slot in a record: drawn with equal chances, so that a model trained on them
 * can be weighted back to all candidates.
 */
const losersMax = 3

/** Where the candidates of a decision still stand. */
export interface CandidateFacts {
  readonly scratch: BidScratch
  readonly snapshot: BidSnapshot
  /** What the last slot was priced by, with its candidates. */
  readonly pricing: Pricing
  readonly random: Random
}

/** The candidates of a decision. */
interface RecordedCandidates {
  /** In the order of the decision. */
  readonly bids: RecordedBid[]
  readonly losers: RecordedLoser[]
  readonly losersFrom: number
}

/** Tells of the bids, and of some of what the last of them was chosen from. */
export function candidatesOf(decision: BidDecision, facts: CandidateFacts): RecordedCandidates {
  const judge = new Judge(facts)
  return { bids: bidsOf(decision, facts, judge), ...losersOf(decision, facts, judge) }
}

function bidsOf({ bids }: BidDecision, { scratch }: CandidateFacts, judge: Judge): RecordedBid[] {
  const { request, shortlists, choices } = scratch
  return bids.map((bid, at) => {
    const choice = choices[at]
    const number = shortlists.lists.findIndex(({ slot }) => slot === choice?.slot)
    return recordedBid(bid, request, judge.of(number, choice?.row ?? -1))
  })
}

/**
 * Some of the last slot's candidates that were not chosen; none where nothing was chosen for its
 * impression.
 */
function losersOf(
  decision: BidDecision,
  facts: CandidateFacts,
  judge: Judge,
): Omit<RecordedCandidates, 'bids'> {
  const { last } = facts.pricing
  const losers: RecordedLoser[] = []
  if (last === null) return { losers, losersFrom: 0 }
  const { from, count, slot } = last.list
  const chosen = decision.bids.filter((bid) => bid.imp === slot.imp)
  if (chosen.length === 0) return { losers, losersFrom: 0 }
  const seen = new Set(chosen.map(({ creative }) => creative.id))
  for (let draw = 0; draw < losersMax && count > 1; draw++) {
    const row = from + Math.floor(facts.random() * count)
    const { id } = facts.snapshot.creative(last.rows.creatives[row] ?? 0)
    if (seen.has(id)) continue
    seen.add(id)
    losers.push(recordedLoser(row, last, { facts, judge }))
  }
  return { losers, losersFrom: count }
}

function recordedBid(bid: Bid, request: BidRequest, { scores, features }: Judged): RecordedBid {
  const { deal } = bid
  return {
    impIndex: bid.imp.index,
    advertiserId: bid.advertiser.id,
    campaignId: bid.campaign.id,
    creativeId: bid.creative.id,
    rank: 1,
    valueMicros: bid.valueMicros,
    ctr: bid.ctr,
    cvr: bid.cvr,
    rates: bid.rankedBy === 'prior' ? 'prior' : 'model',
    scores,
    features,
    bidId: bid.id,
    format: bid.format,
    size: bid.size.w > 0 ? `${bid.size.w}x${bid.size.h}` : '',
    durationSec: bid.durationSec,
    seat: bid.seat,
    dealId: deal?.id ?? '',
    priceMicros: bid.priceMicros,
    floorMicros: bid.floorMicros,
    auctionType: deal === null || deal.auctionType === 0 ? request.auctionType : deal.auctionType,
    propensity: bid.propensity,
  }
}

function recordedLoser(
  row: number,
  view: PriceView,
  { facts, judge }: { readonly facts: CandidateFacts; readonly judge: Judge },
): RecordedLoser {
  const { scratch, snapshot, pricing } = facts
  const { list, rows } = view
  const creative = rows.creatives[row] ?? 0
  const { id, campaignId } = snapshot.creative(creative)
  const advertiser = snapshot.data.campaigns.advertiser[snapshot.campaignOf(creative)] ?? 0
  const { drop, value } = pricing.lossOf(row)
  const { scores, features } = judge.of(scratch.shortlists.lists.indexOf(list), row)
  return {
    impIndex: list.slot.imp.index,
    advertiserId: snapshot.advertiser(advertiser).id,
    campaignId,
    creativeId: id,
    rank: 0,
    valueMicros: value,
    ...ratesOf(view, row),
    rates: list.rankedBy === 'prior' ? 'prior' : 'model',
    scores,
    features,
    format: list.slot.format,
    drop,
  }
}

/** What the stages made of a candidate, and what the fine model saw of it. */
interface Judged {
  readonly scores: StageScores | null
  readonly features: Uint8Array | null
}

/** What is known of candidates, by list; what those of one list share is made once. */
class Judge {
  readonly #scratch: BidScratch
  readonly #snapshot: BidSnapshot
  #number = -1
  #seen: ((creative: number) => Uint8Array) | null = null

  constructor({ scratch, snapshot }: CandidateFacts) {
    this.#scratch = scratch
    this.#snapshot = snapshot
  }

  /** Of row `row` in list `number`; of one that stands nowhere nothing is known. */
  of(number: number, row: number): Judged {
    const { stages, shortlists } = this.#scratch
    const { rows } = shortlists
    const list = shortlists.lists[number]
    if (list === undefined) return { scores: null, features: null }
    if (number !== this.#number) this.#turnTo(number, list)
    const creative = rows.creatives[row] ?? 0
    const recallBound = this.#snapshot.priorOf(creative) * (rows.shares[row] ?? 0)
    return {
      scores: stages.scoresOf({ number, list, rows, row }, recallBound),
      features: this.#seen?.(creative) ?? null,
    }
  }

  #turnTo(number: number, { rankedBy }: Shortlist): void {
    const { fine } = this.#scratch.stages
    this.#number = number
    this.#seen =
      rankedBy === 'fine' && fine !== null
        ? fine.model.seen(this.#scratch.ask(number), this.#scratch.wallMs, fine.side)
        : null
  }
}
