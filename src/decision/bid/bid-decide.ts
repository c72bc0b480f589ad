/** The road of one bid request: from "what is on offer" to bids, or to a numbered no. */
import type { AudienceReader, AudienceView } from '../../audience/audience-reader.ts'
import type { BidSnapshot } from '../../catalog/bid/bid-snapshot.ts'
import { type BidDecision, noBid } from '../../domain/bid-decision.ts'
import type { BidRequest, Imp } from '../../domain/bid-request.ts'
import type { DecisionIds } from '../../domain/decision-id.ts'
import type { DecisionRecord } from '../../domain/decision-record.ts'
import { Drop } from '../../domain/drop-reason.ts'
import type { Exchange } from '../../domain/exchange.ts'
import { type GeoSource, newGeoAnswer } from '../../domain/geo-port.ts'
import { ProfileState } from '../../domain/profile.ts'
import { Refusal } from '../../domain/refusal.ts'
import { prepareBlocks } from '../../domain/slot-fit/brand-fit.ts'
import type { Clock } from '../../lib/clock.ts'
import type { Random } from '../../lib/random.ts'
import { AudienceRules } from './audience-rules.ts'
import { type BidMaker, bidOf } from './bid-of.ts'
import { recordOf } from './bid-record.ts'
import type { BidScratch } from './bid-scratch.ts'
import type { BidTrace } from './bid-trace.ts'
import { allowedSeats, currencyOf, refusedAtGate } from './gate.ts'
import { type Offer, type OfferContext, offersOf } from './offers.ts'
import { PodFill } from './pod.ts'
import { type Choice, Pricing } from './pricing.ts'
import { Recall, recallMax } from './recall.ts'
import { ScheduleRules, type UserTime } from './schedule-rules.ts'
import { CampaignSelector } from './select-campaigns.ts'
import { type Slot, slotCountOf, slotsOf } from './slot.ts'
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
  /** False: our own links are http, and nothing may be bid for where only https is allowed. */
  readonly linksAreSecure: boolean
  /** Takes the record of a decision; called for every bid and a sample of the others. */
  readonly record: (record: DecisionRecord) => void
}

/**
 * Prices that one request may have made: candidates × ways to buy the slot × ads of a pod, at about
 * 35 ns each. One slot with a dozen deals keeps all of its candidates; 32 impressions of four
 * formats with hundreds of deals, which would cost a second, keep the best few of each.
 */
const pricesMax = 40_000

/** Candidates that every slot keeps, however much there is to price. */
const keepMin = 4

/** Milliseconds left below which recall is cut to so many: a shorter road instead of a late one. */
const shorterRoads: readonly { readonly leftMs: number; readonly max: number }[] = [
  { leftMs: 1, max: 64 },
  { leftMs: 3, max: 256 },
  { leftMs: 6, max: 1_000 },
]

/** Decides bid requests. One for all exchanges; what it keeps between requests is memory only. */
export class BidDecider {
  readonly #deps: BidDeciderDeps
  readonly #audiences = new AudienceRules()
  readonly #selector = new CampaignSelector(this.#audiences, new ScheduleRules())
  readonly #recall = new Recall(this.#audiences)
  readonly #pricing: Pricing
  readonly #geo = newGeoAnswer()

  constructor(deps: BidDeciderDeps) {
    this.#deps = deps
    this.#pricing = new Pricing(this.#recall, deps.random)
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
    const road: Road = { snapshot, exchange, scratch, trace, startedAtMs: clock.monotonicMs() }
    const early = refusedAtGate(request, exchange)
    if (early !== Refusal.None) return this.#end(road, noBid(early, exchange, snapshot.revision))
    const view = this.#audienceView(road)
    if (view === null) return this.#answer(road)
    const waiting = audience.read(request.devices, view, request.deadlineMs, profile)
    if (waiting !== undefined) return this.#answerAfter(waiting, view, road)
    this.#noteRead(road)
    return this.#answer(road)
  }

  /** The view to read the profile through, or null when nothing needs to be read. */
  #audienceView({ snapshot, scratch }: Road): AudienceView | null {
    const { profile, request } = scratch
    if (snapshot.data.packIds.length === 0) return null
    const view = this.#deps.audienceView.current()
    if (view === null) {
      profile.state = ProfileState.Unavailable
      return null
    }
    this.#audiences.use(snapshot, view.packs)
    profile.reset(view.packs.words)
    return request.devices.count === 0 ? null : view
  }

  async #answerAfter(
    waiting: Promise<undefined>,
    view: AudienceView,
    road: Road,
  ): Promise<BidDecision> {
    const { scratch, snapshot, exchange } = road
    const { generation } = scratch
    scratch.isReading = true
    await waiting
    scratch.isReading = false
    // Given back while the store was silent: the caller has answered, nobody waits for this one.
    if (scratch.generation !== generation) {
      return noBid(Refusal.Deadline, exchange, snapshot.revision)
    }
    this.#noteRead(road)
    return this.#answerNewest(view, road)
  }

  /**
   * Decides by the catalog as it is now: what was switched off while the store was read must not
   * leave the house. The profile is in the pack numbers of the view it was read through.
   */
  #answerNewest(view: AudienceView, asked: Road): BidDecision {
    const { catalog } = this.#deps
    const { scratch } = asked
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
    this.#audiences.use(snapshot, view.packs)
    return this.#answer(road)
  }

  /** From the profile to the bids. Synchronous: the shared memory of the steps is this request's. */
  #answer(road: Road): BidDecision {
    const { snapshot, exchange, scratch } = road
    const { request, funnel } = scratch
    const no = (refusal: Refusal) => this.#end(road, noBid(refusal, exchange, snapshot.revision))
    const leftMs = request.deadlineMs - this.#deps.clock.monotonicMs()
    if (leftMs <= 0) return no(Refusal.Deadline)
    const currency = currencyOf(request, exchange, snapshot)
    if (currency === null) return no(Refusal.NoCurrency)
    const seats = allowedSeats(request, exchange, snapshot)
    if (seats !== null && !seats.includes(1)) return no(Refusal.SeatNotAllowed)
    const facts = { request, profile: scratch.profile, user: this.#userTime(road), seats }
    if (this.#selector.ofRequest(snapshot, facts, funnel) === 0) return no(Refusal.NothingEligible)
    const context = { snapshot, request, exchange, currency }
    const choices = this.#chooseAll(road, context, keepOf(exchange, leftMs))
    if (this.#isLate(request)) return no(Refusal.Deadline)
    if (choices.length === 0) {
      return no(funnel.recalled > 0 ? Refusal.NothingAffordable : Refusal.NothingEligible)
    }
    return this.#end(road, this.#bids(road, context, choices))
  }

  #chooseAll(road: Road, context: OfferContext, keep: number): Choice[] {
    const { snapshot, request } = context
    const blocks = prepareBlocks(request, context.exchange)
    const { imps } = request
    const slotCount = imps.reduce((count, imp) => count + slotCountOf(imp), 0)
    this.#recall.beginRequest(snapshot, slotCount)
    this.#pricing.beginRequest(context)
    const pods = new Map<string, PodFill>()
    const choices: Choice[] = []
    const { profile, funnel } = road.scratch
    const forSlot = (slot: Slot): Choice[] => {
      const campaignCount = this.#selector.ofSlot(snapshot, slot, funnel)
      funnel.eligible += campaignCount
      if (campaignCount === 0) return []
      if (slot.imp.isSecure && !this.#deps.linksAreSecure) {
        funnel.drop(Drop.Secure, campaignCount)
        return []
      }
      const offers = offersOf(slot, context)
      const adsMax = adsMaxOf(slot, context.exchange)
      const affordable = Math.floor(pricesMax / (slotCount * offers.length * adsMax))
      const view = {
        snapshot,
        slot,
        campaigns: this.#selector.bits,
        campaignCount,
        profile,
        blocks,
        max: Math.min(keep, Math.max(keepMin, affordable)),
      }
      if (this.#recall.run(view, funnel) === 0) return []
      return this.#fill(road, context, { slot, offers, adsMax, pod: podOf(slot, pods, snapshot) })
    }
    for (const imp of imps) {
      // A late answer is worth nothing, and others wait for this loop.
      if (this.#isLate(request)) break
      for (const choice of dearest(this.#choicesOf(road, imp, forSlot))) {
        podOf(choice.slot, pods, snapshot)?.add(snapshot, choice.creative)
        choices.push(choice)
      }
    }
    return choices
  }

  /** What each format of an impression would get. */
  #choicesOf({ trace, scratch }: Road, imp: Imp, forSlot: (slot: Slot) => Choice[]): Choice[][] {
    return slotsOf(imp).map((slot) => {
      trace?.beginSlot(slot, scratch.funnel)
      const choices = forSlot(slot)
      trace?.endSlot(scratch, this.#recall, choices)
      return choices
    })
  }

  /** The best creative of a slot, or as many as its dynamic pod takes. */
  #fill(
    { scratch }: Road,
    context: OfferContext,
    { slot, offers, adsMax, pod }: SlotTask,
  ): Choice[] {
    const { profile, funnel } = scratch
    const place = slot.media?.pod ?? null
    const choices: Choice[] = []
    let filled = pod
    let secondsLeft = place === null || place.durationSec === 0 ? Infinity : place.durationSec
    while (choices.length < adsMax) {
      const view = { context, slot, offers, profile, pod: filled, secondsLeft }
      const choice = this.#pricing.choose(view, funnel)
      if (choice === null) break
      choices.push(choice)
      if (choices.length === adsMax || place === null) break
      secondsLeft -= choice.durationSec
      // The pod itself is filled only when this format wins the impression.
      const before = filled ?? new PodFill().require(context.snapshot, place.dedupe)
      filled = before.with(context.snapshot, choice.creative)
    }
    return choices
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
        top: this.#recall.top,
        pricing: this.#pricing,
        random,
        decisionId: decision.decisionId || ids.next(),
        decideUs: (decidedAtMs - startedAtMs) * 1_000 - (scratch.audienceUs || 0),
        leftMs: scratch.request.deadlineMs - decidedAtMs,
      }),
    )
    return decision
  }

  /** When it is for the user; the address is looked up only where a campaign cares. */
  #userTime({ scratch, snapshot }: Road): UserTime {
    const { request, wallMs } = scratch
    const isAsked = snapshot.data.dimensions.some(
      ({ drop }) => drop === Drop.Place || drop === Drop.Schedule,
    )
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
}

/** A slot that is to be filled: the ways to buy it, the ads it takes and the pod it is in. */
interface SlotTask {
  readonly slot: Slot
  readonly offers: readonly Offer[]
  readonly adsMax: number
  readonly pod: PodFill | null
}

/** Creatives that recall keeps: the plan's number, or fewer when time runs short. */
function keepOf({ plan }: Exchange, leftMs: number): number {
  const max = Math.min(plan.recallMax, recallMax)
  for (const road of shorterRoads) if (leftMs < road.leftMs) return Math.min(max, road.max)
  return max
}

/** Of several formats of one impression, the one that brings most; one format answers it. */
function dearest(byFormat: readonly Choice[][]): readonly Choice[] {
  let best: readonly Choice[] = []
  let bestSum = 0
  for (const choices of byFormat) {
    let sum = 0
    for (const { price } of choices) sum += price
    if (sum > bestSum) {
      best = choices
      bestSum = sum
    }
  }
  return best
}

/** Ads that a slot takes: more than one only in a dynamic pod. */
function adsMaxOf({ media }: Slot, { bidsPerImpMax }: Exchange): number {
  const place = media?.pod ?? null
  if (place === null || place.durationSec === 0) return 1
  return place.adsMax === 0 ? bidsPerImpMax : Math.min(place.adsMax, bidsPerImpMax)
}

/** The pod that a slot belongs to; impressions with one pod id share it. */
function podOf(
  { imp, media }: Slot,
  pods: Map<string, PodFill>,
  snapshot: BidSnapshot,
): PodFill | null {
  const place = media?.pod ?? null
  if (place === null) return null
  const key = place.id === '' ? `imp ${imp.index}` : `pod ${place.id}`
  let pod = pods.get(key)
  if (pod === undefined) pods.set(key, (pod = new PodFill()))
  return pod.require(snapshot, place.dedupe)
}
