/** The road of one bid request: from "what is on offer" to bids, or to a numbered no. */
import type { AudienceReader, AudienceView } from '../../audience/audience-reader.ts'
import type { BidSnapshot } from '../../catalog/bid/bid-snapshot.ts'
import {
  type BidDecision,
  noBid,
  priorRanking,
  type Ranking,
  RankNote,
} from '../../domain/bid-decision.ts'
import type { BidRequest } from '../../domain/bid-request.ts'
import type { DecisionIds } from '../../domain/decision-id.ts'
import type { DecisionRecord } from '../../domain/decision-record.ts'
import { Drop } from '../../domain/drop-reason.ts'
import type { Exchange } from '../../domain/exchange.ts'
import { type GeoSource, newGeoAnswer } from '../../domain/geo-port.ts'
import { ProfileState } from '../../domain/profile.ts'
import { Refusal } from '../../domain/refusal.ts'
import type { Clock } from '../../lib/clock.ts'
import type { Random } from '../../lib/random.ts'
import type { Ranker } from '../../scoring/ranking.ts'
import { roadFor } from '../road-length.ts'
import { isStillAsked } from '../scratch-pool.ts'
import { AudienceRules } from './audience-rules.ts'
import { type BidMaker, bidOf } from './bid-of.ts'
import { recordOf } from './bid-record.ts'
import type { BidScratch } from './bid-scratch.ts'
import type { BidTrace } from './bid-trace.ts'
import { allowedSeats, currencyOf, refusedAtGate } from './gate.ts'
import type { OfferContext } from './offers.ts'
import { type Choice, Pricing } from './pricing.ts'
import type { UserTime } from './schedule-rules.ts'
import { fillSlots } from './slot-fill.ts'
import { SlotRank } from './slot-rank.ts'
import { SlotRecall } from './slot-recall.ts'
import { userTimeOf } from './user-time.ts'

/** The parts of the catalogs that a bid is decided by. */
export interface BidCatalogSource {
  current(): BidSnapshot | null
  /** True when the snapshot must not be decided by, however good it looks. */
  isStale(): boolean
}

/** Packs and their layout; null before the first. */
export interface AudienceViewSource {
  current(): AudienceView | null
}

/** What a bid decider works with. */
export interface BidDeciderDeps {
  readonly catalog: BidCatalogSource
  readonly audienceView: AudienceViewSource
  readonly audience: AudienceReader
  readonly geo: GeoSource
  readonly clock: Clock
  readonly random: Random
  readonly ids: DecisionIds
  /** Runs the models of plans; null = there are none, the prior decides. */
  readonly ranker: Ranker | null
  /** False: our own links are http, and nothing may be bid for where only https is allowed. */
  readonly linksAreSecure: boolean
  /** Takes the record of a decision; called for every bid and a sample of the others. */
  readonly record: (record: DecisionRecord) => void
}

/**
 * Catalogs change a few times a second at most: whoever meets two of them takes the prior order.
 */
const reRanksMax = 1

/** Decides bid requests. One for all exchanges; what it keeps between requests is memory only. */
export class BidDecider {
  readonly #deps: BidDeciderDeps
  readonly #audiences = new AudienceRules()
  readonly #recall: SlotRecall
  readonly #rank: SlotRank
  readonly #pricing: Pricing
  readonly #geo = newGeoAnswer()
  #history: { readonly of: AudienceView; readonly view: AudienceView } | null = null

  constructor(deps: BidDeciderDeps) {
    this.#deps = deps
    this.#recall = new SlotRecall(this.#audiences, deps.linksAreSecure)
    this.#rank = new SlotRank(deps.ranker)
    this.#pricing = new Pricing(deps.random)
  }

  /**
   * Decides one request with the memory of `scratch`. Answers at once where nothing is waited for,
   * otherwise with one promise; never throws or rejects for what an exchange, a marketer or a store
   * does. The answer keeps nothing of the scratch. `trace`, when given, is filled with every step.
   */
  decide(
    request: BidRequest,
    scratch: BidScratch,
    trace: BidTrace | null = null,
  ): BidDecision | Promise<BidDecision> {
    const { catalog, clock, audience } = this.#deps
    const { profile } = scratch
    scratch.request = request
    scratch.wallMs = clock.wallMs()
    scratch.funnel.clear()
    // Before anything is refused: a record must not tell of the device that was here before.
    scratch.profile.reset(1)
    const snapshot = catalog.current()
    if (snapshot === null || catalog.isStale()) return noBid(Refusal.CatalogUnavailable, null)
    const exchange = snapshot.exchange(request.exchange)
    if (exchange === null) return noBid(Refusal.UnknownExchange, null, snapshot.revision)
    const startedAtMs = clock.monotonicMs()
    const road: Road = { snapshot, exchange, scratch, trace, startedAtMs, view: null, reRanks: 0 }
    const early = refusedAtGate(request, exchange)
    if (early !== Refusal.None) return this.#end(road, noBid(early, exchange, snapshot.revision))
    const view = this.#audienceView(road)
    const seen: Road = { ...road, view }
    // Without a device, or without packs that anybody asks for, there is nothing to read.
    if (view === null || request.devices.count === 0) return this.#answer(seen)
    const waiting = audience.read(request.devices, view, request.deadlineMs, profile)
    if (waiting !== undefined) return this.#answerAfter(waiting, seen)
    this.#noteRead(road)
    return this.#answer(seen)
  }

  /** The view to read the profile through, or null when nothing needs to be read. */
  #audienceView({ snapshot, scratch, exchange }: Road): AudienceView | null {
    const { profile } = scratch
    const { asksHistory } = snapshot
    if (snapshot.data.packIds.length === 0 && !usesModels(exchange) && !asksHistory) return null
    const packsView = this.#deps.audienceView.current()
    const view = packsView !== null && asksHistory ? this.#withHistory(packsView) : packsView
    if (view === null) {
      profile.state = ProfileState.Unavailable
      return null
    }
    this.#audiences.use(snapshot, view.packs)
    profile.reset(view.packs.words)
    return view
  }

  /** The view that asks for history too; one for each view of packs. */
  #withHistory(view: AudienceView): AudienceView {
    if (this.#history?.of === view) return this.#history.view
    const { packs, layout } = view
    this.#history = { of: view, view: { packs, layout, asksHistory: true } }
    return this.#history.view
  }

  async #answerAfter(waiting: Promise<undefined>, road: Road): Promise<BidDecision> {
    if (!(await isStillAsked(waiting, road.scratch))) return lateTo(road)
    this.#noteRead(road)
    return this.#answerNewest(road)
  }

  /**
   * Decides by the catalog as it is now: what was switched off while something was waited for must
   * not leave the house. The profile is in the pack numbers of the view it was read through.
   */
  #answerNewest(asked: Road): BidDecision | Promise<BidDecision> {
    const { catalog } = this.#deps
    const { scratch, view } = asked
    const snapshot = catalog.current() ?? asked.snapshot
    if (catalog.isStale())
      return this.#end(asked, noBid(Refusal.CatalogUnavailable, asked.exchange))
    const exchange = snapshot.exchange(scratch.request.exchange)
    if (exchange === null) return noBid(Refusal.UnknownExchange, null, snapshot.revision)
    const road: Road = { ...asked, snapshot, exchange }
    const refused = refusedAtGate(scratch.request, exchange)
    if (refused !== Refusal.None)
      return this.#end(road, noBid(refused, exchange, snapshot.revision))
    // Other requests may have turned the rules to another snapshot or view meanwhile.
    if (view !== null) this.#audiences.use(snapshot, view.packs)
    return this.#answer(road)
  }

  /**
   * From the profile to the bids. What the steps share between requests is this request's up to the
   * models; what they rank is in the scratch.
   */
  #answer(road: Road): BidDecision | Promise<BidDecision> {
    const { snapshot, exchange, scratch, trace, view } = road
    const { request } = scratch
    const no = (refusal: Refusal) => this.#end(road, noBid(refusal, exchange, snapshot.revision))
    const leftMs = request.deadlineMs - this.#deps.clock.monotonicMs()
    if (leftMs <= 0) return no(Refusal.Deadline)
    const currency = currencyOf(request, exchange, snapshot)
    if (currency === null) return no(Refusal.NoCurrency)
    const context = { snapshot, request, exchange, currency }
    const { keep, fineMax } = roadFor(exchange.plan, leftMs)
    const refused = this.#shortlist(road, context, keep)
    if (refused !== Refusal.None) return no(refused)
    if (road.reRanks > reRanksMax) {
      return this.#price(road, context, { ...priorRanking, note: RankNote.CatalogChanged })
    }
    const packs = view?.packs ?? null
    const ranking = this.#rank.run({ snapshot, exchange, scratch, packs, trace, fineMax })
    if (ranking instanceof Promise) return this.#priceAfter(ranking, road, context)
    return this.#price(road, context, ranking)
  }

  /** Eligibility and recall of all slots, into the scratch; None = something was found. */
  #shortlist(road: Road, context: OfferContext, keep: number): Refusal {
    const { scratch, trace, snapshot, exchange } = road
    const { request, profile } = scratch
    const seats = allowedSeats(request, exchange, snapshot)
    if (seats !== null && !seats.includes(1)) return Refusal.SeatNotAllowed
    const facts = { request, profile, user: this.#userTime(road), seats }
    trace?.begin()
    if (this.#recall.ofRequest(snapshot, facts, scratch) === 0) return Refusal.NothingEligible
    const isLate = () => this.#isLate(request)
    this.#recall.run({ context, scratch, trace, keep, isLate })
    if (isLate()) return Refusal.Deadline
    return scratch.funnel.recalled === 0 ? Refusal.NothingEligible : Refusal.None
  }

  async #priceAfter(
    waiting: Promise<Ranking>,
    road: Road,
    context: OfferContext,
  ): Promise<BidDecision> {
    const { scratch } = road
    const { clock, catalog } = this.#deps
    const startedAtMs = clock.monotonicMs()
    if (!(await isStillAsked(waiting, scratch))) return lateTo(road)
    scratch.rankUs = (clock.monotonicMs() - startedAtMs) * 1_000
    const isNewest = catalog.current() === road.snapshot && !catalog.isStale()
    if (isNewest) return this.#price(road, context, await waiting)
    scratch.funnel.clear()
    return this.#answerNewest({ ...road, reRanks: road.reRanks + 1 })
  }

  #price(road: Road, context: OfferContext, ranking: Ranking): BidDecision {
    const { exchange, snapshot, scratch, trace } = road
    const { request } = scratch
    const no = (refusal: Refusal) =>
      this.#end(road, { ...noBid(refusal, exchange, snapshot.revision), ranking })
    const isLate = () => this.#isLate(request)
    const choices = fillSlots(this.#pricing, { context, scratch, trace, isLate })
    if (isLate()) return no(Refusal.Deadline)
    if (choices.length === 0) return no(Refusal.NothingAffordable)
    return this.#end(road, { ...this.#bids(road, context, choices), ranking })
  }

  #bids(road: Road, context: OfferContext, choices: readonly Choice[]): BidDecision {
    const { snapshot, exchange, scratch } = road
    const maker: BidMaker = { snapshot, exchange }
    return {
      refusal: Refusal.None,
      bids: choices.map((choice, index) => bidOf(choice, String(index + 1), maker)),
      currency: context.currency,
      decisionId: this.#deps.ids.next(),
      exchange,
      isTest: scratch.request.isTest,
      isDryRun: !exchange.live,
      revision: snapshot.revision,
      ranking: priorRanking,
    }
  }

  /** Records what must be recorded: every bid, and a share of the rest. A test leaves no trace. */
  #end(road: Road, decision: BidDecision): BidDecision {
    const { scratch, exchange, snapshot, startedAtMs } = road
    const { clock, random, record, ids } = this.#deps
    road.trace?.end(decision, scratch)
    if (scratch.request.isTest) return decision
    const isWanted = decision.bids.length > 0 || random() < exchange.noBidRecordRate
    if (!isWanted) return decision
    const decidedAtMs = clock.monotonicMs()
    record(
      recordOf(decision, {
        scratch,
        snapshot,
        pricing: this.#pricing,
        packs: road.view?.packs ?? null,
        random,
        decisionId: decision.decisionId || ids.next(),
        decideUs: (decidedAtMs - startedAtMs) * 1_000 - (scratch.audienceUs || 0),
        leftMs: scratch.request.deadlineMs - decidedAtMs,
      }),
    )
    return decision
  }

  /** When it is for the user; the address is looked up only where a campaign or a model cares. */
  #userTime({ scratch, snapshot, exchange }: Road): UserTime {
    const { request, wallMs } = scratch
    const isAsked =
      usesModels(exchange) ||
      snapshot.data.dimensions.some(({ drop }) => drop === Drop.Place || drop === Drop.Schedule)
    return isAsked
      ? userTimeOf(request, wallMs, this.#deps.geo, this.#geo)
      : { wallMs, utcOffsetMin: request.geo.utcOffsetMin, timeZone: '' }
  }

  #isLate({ deadlineMs }: BidRequest): boolean {
    return this.#deps.clock.monotonicMs() >= deadlineMs
  }

  #noteRead({ scratch, startedAtMs }: Road): void {
    scratch.audienceUs = (this.#deps.clock.monotonicMs() - startedAtMs) * 1_000
  }
}

/** What does not change on the way of one request. */
interface Road {
  readonly snapshot: BidSnapshot
  readonly exchange: Exchange
  readonly scratch: BidScratch
  readonly trace: BidTrace | null
  readonly startedAtMs: number
  /** What the profile is read through; null = nobody asks for packs. */
  readonly view: AudienceView | null
  /** How often the catalog changed while models ran. */
  readonly reRanks: number
}

function usesModels({ plan }: Exchange): boolean {
  return plan.coarseModel !== '' || plan.fineModel !== ''
}

function lateTo({ exchange, snapshot }: Road): BidDecision {
  return noBid(Refusal.Deadline, exchange, snapshot.revision)
}
