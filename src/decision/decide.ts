/** The road of one RTA request: from "what is asked" to an answer, or to a numbered no. */

import type { AudienceReader } from '../audience/audience-reader.ts'
import type { BidSnapshot } from '../catalog/bid/bid-snapshot.ts'
import type { MediumPlan, Snapshot } from '../catalog/plan.ts'
import { type AdRequest, RequestKind } from '../domain/ad-request.ts'
import { type RtaDecision, type RtaRanking, refuse } from '../domain/decision.ts'
import { type GeoSource, noGeo } from '../domain/geo-port.ts'
import { insideCacheRange, type MediumRules } from '../domain/medium-rules.ts'
import type { MediumSettings } from '../domain/medium-settings.ts'
import { ProfileState } from '../domain/profile.ts'
import { isFailure, Refusal } from '../domain/refusal.ts'
import type { Clock } from '../lib/clock.ts'
import type { Ranker } from '../scoring/ranking.ts'
import { Locator } from './locator.ts'
import { StrategyRanks } from './rank/strategy-ranks.ts'
import type { Scratch } from './scratch.ts'
import { isStillAsked } from './scratch-pool.ts'
import { priceAds } from './second.ts'
import { markAsked, selectByProfile, selectUnseen } from './selection.ts'
import { StrategyHolds } from './strategy-holds.ts'
import {
  type DecisionTrace,
  traceDecision,
  traceIds,
  traceReadMs,
  traceSelection,
  traceStart,
} from './trace.ts'
import {
  acceptCacheSeconds,
  firstTag,
  rankVerdicts,
  refuseCacheSeconds,
  verdictsOf,
} from './verdict.ts'

/** The part of the catalog that a decision needs. */
export interface SnapshotSource {
  current(): Snapshot | null
  /** True when the snapshot must not be decided by, however good it looks. */
  isStale(): boolean
}

/** What a decider works with. */
export interface RtaDeciderDeps {
  readonly catalog: SnapshotSource
  readonly audience: AudienceReader
  readonly clock: Clock
  /** Settings and rules of every medium that may ask; another medium's requests are refused. */
  readonly media: readonly { readonly settings: MediumSettings; readonly rules: MediumRules }[]
  /** Where addresses are, for requests that do not say it; absent = nobody knows. */
  readonly geo?: GeoSource
  /** Runs the models of strategies; absent or null = rates of history stand in for them. */
  readonly ranker?: Ranker | null
  /** The bidder's catalog where it may be decided by, else null; absent = there is no bidder. */
  readonly bidSnapshot?: () => BidSnapshot | null
}

const none: readonly never[] = []

/** Decides RTA requests. One for all media and requests; it keeps nothing between them. */
export class RtaDecider {
  readonly #catalog: SnapshotSource
  readonly #audience: AudienceReader
  readonly #clock: Clock
  readonly #policies: ReadonlyMap<string, MediumPolicy>
  readonly #locator: Locator
  readonly #ranks: StrategyRanks
  readonly #holds = new StrategyHolds()

  constructor(deps: RtaDeciderDeps) {
    this.#catalog = deps.catalog
    this.#audience = deps.audience
    this.#clock = deps.clock
    const { geo = noGeo, ranker = null, bidSnapshot = () => null } = deps
    this.#locator = new Locator(geo)
    this.#ranks = new StrategyRanks({ ranker, bidSnapshot, geo })
    this.#policies = new Map(
      deps.media.map(({ settings, rules }) => [settings.name, policyOf(settings, rules)]),
    )
  }

  /**
   * Decides one request with the memory of `scratch` (taken from a `ScratchPool`). Answers at once
   * where the audience does (LMDB), otherwise with one promise; never throws or rejects for what a
   * medium, a marketer or a store does. `trace`, when given, is filled with every step and always
   * makes a promise. The answer keeps nothing of the scratch. docs/decision.md lists every no.
   */
  decide(
    request: AdRequest,
    scratch: Scratch,
    trace: DecisionTrace | null = null,
  ): RtaDecision | Promise<RtaDecision> {
    scratch.request = request
    scratch.wallMs = this.#clock.wallMs()
    const snapshot = this.#catalog.current()
    return trace === null
      ? this.#road(snapshot, scratch, null)
      : this.#decideTraced(snapshot, scratch, trace)
  }

  /** One snapshot for the whole road; the branches are here, the steps only compute. */
  #road(
    snapshot: Snapshot | null,
    scratch: Scratch,
    trace: DecisionTrace | null,
  ): RtaDecision | Promise<RtaDecision> {
    const { request } = scratch
    const policy = this.#policies.get(request.medium) ?? nobody
    const early = this.#refusedBefore(request, snapshot)
    if (early !== Refusal.None) return refuseBy(policy, early, snapshot)
    const plan = policy.takesPart ? (snapshot?.media.get(request.medium) ?? null) : null
    if (snapshot === null || plan === null) return refuseBy(policy, Refusal.NoStrategy, snapshot)

    prepare(scratch, plan, snapshot)
    if (plan.usesGeo) this.#locator.locate(scratch)
    if (!markAsked(plan, scratch)) return refuseBy(policy, Refusal.NoStrategy, snapshot)
    return this.#readProfile({ snapshot, plan, policy, trace }, scratch)
  }

  #readProfile(road: Road, scratch: Scratch): RtaDecision | Promise<RtaDecision> {
    const { request, profile } = scratch
    if (request.devices.count === 0) return this.#answer(road, scratch)
    const { view } = road.plan
    const waiting = this.#audience.read(request.devices, view, request.deadlineMs, profile)
    return waiting === undefined
      ? this.#answer(road, scratch)
      : this.#answerAfter(waiting, road, scratch)
  }

  /** What is refused without looking at any strategy, in this order. */
  #refusedBefore(request: AdRequest, snapshot: Snapshot | null): Refusal {
    if (request.kind === RequestKind.Ping) return Refusal.Ping
    if (snapshot === null || this.#catalog.isStale()) return Refusal.CatalogUnavailable
    const asked = request.kind === RequestKind.Second ? request.ads : request.asked
    if (asked !== null && asked.length === 0) return Refusal.NothingAsked
    return this.#isLate(request) ? Refusal.Deadline : Refusal.None
  }

  async #answerAfter(
    waiting: Promise<undefined>,
    road: Road,
    scratch: Scratch,
  ): Promise<RtaDecision> {
    // Given back while the store was silent: the caller has answered, nobody waits for this one.
    return (await isStillAsked(waiting, scratch))
      ? this.#answer(road, scratch)
      : refuseBy(road.policy, Refusal.Deadline, road.snapshot)
  }

  /** From the profile to the answer; waits only where models rank an eligible strategy. */
  #answer(road: Road, scratch: Scratch): RtaDecision | Promise<RtaDecision> {
    const { snapshot, plan, policy, trace } = road
    const leftMs = scratch.request.deadlineMs - this.#clock.monotonicMs()
    if (leftMs <= 0) return refuseBy(policy, Refusal.Deadline, snapshot)
    const seen = scratch.profile.state === ProfileState.Known ? scratch.profile : null
    if (seen === null) selectUnseen(plan, scratch, this.#holds, policy.unseen)
    else selectByProfile(plan, scratch, this.#holds)
    this.#dropWithdrawn(road, scratch)
    if (!plan.ranks) return this.#conclude(road, scratch, null)
    const { packs } = snapshot
    const ranked = this.#ranks.run({ scratch, packs, leftMs, trace: trace?.ranks ?? null })
    if (ranked === false) return this.#conclude(road, scratch, null)
    if (ranked === true) return this.#judge(road, scratch)
    return this.#judgeAfter(ranked, road, scratch)
  }

  async #judgeAfter(waiting: Promise<true>, road: Road, scratch: Scratch): Promise<RtaDecision> {
    if (!(await isStillAsked(waiting, scratch)) || this.#isLate(scratch.request)) {
      return refuseBy(road.policy, Refusal.Deadline, road.snapshot)
    }
    this.#dropWithdrawn(road, scratch)
    return this.#judge(road, scratch)
  }

  #judge(road: Road, scratch: Scratch): RtaDecision {
    const { ranks } = scratch
    const ranking =
      ranks === null ? null : this.#ranks.judge(scratch, ranks, road.trace?.ranks ?? null)
    return this.#conclude(road, scratch, ranking)
  }

  /** Puts the answer together of what is still eligible. */
  #conclude(road: Road, scratch: Scratch, ranking: RtaRanking | null): RtaDecision {
    const { snapshot, plan, policy, trace } = road
    const decision =
      scratch.eligibleCount === 0 ? refused(road, scratch, ranking) : yes(road, scratch, ranking)
    if (trace === null) return decision
    const seen = scratch.profile.state === ProfileState.Known ? scratch.profile : null
    const keptOut = ranking === null ? none : (scratch.ranks?.refused ?? none)
    const packIds = snapshot.packs.ids
    traceSelection(trace, plan, { scratch, seen, unseen: policy.unseen, packIds, refused: keptOut })
    return decision
  }

  /**
   * A strategy that was withdrawn while the store was read must not leave the house: what this
   * request's snapshot found is kept only as far as the newest snapshot agrees.
   */
  #dropWithdrawn(road: Road, scratch: Scratch): void {
    const newest = this.#catalog.current()
    if (newest === road.snapshot) return
    const plan = newest?.media.get(road.plan.medium) ?? null
    scratch.keepEligible((strategy) => {
      const position = plan?.byId.get(strategy.id) ?? -1
      return plan?.live[position]?.targetId === strategy.targetId
    })
  }

  async #decideTraced(
    snapshot: Snapshot | null,
    scratch: Scratch,
    trace: DecisionTrace,
  ): Promise<RtaDecision> {
    const { request } = scratch
    traceStart(trace, scratch, snapshot)
    const decision = await this.#road(snapshot, scratch, trace)
    traceDecision(trace, decision)
    if (snapshot !== null && request.kind !== RequestKind.Ping) {
      const untilMs = this.#clock.monotonicMs() + traceReadMs
      await traceIds(trace, { request, snapshot, audience: this.#audience, untilMs })
    }
    return decision
  }

  #isLate(request: AdRequest): boolean {
    return this.#clock.monotonicMs() >= request.deadlineMs
  }
}

/** What does not change on the way of one request. */
interface Road {
  readonly snapshot: Snapshot
  readonly plan: MediumPlan
  readonly policy: MediumPolicy
  readonly trace: DecisionTrace | null
}

/** A medium's settings in the form that the road reads. */
interface MediumPolicy {
  readonly takesPart: boolean
  /** Our strategy ids that take part unseen when the profile is unknown; empty = refuse. */
  readonly unseen: readonly string[]
  /** Cache seconds, inside the medium's range; 0 leaves them out. */
  readonly acceptSeconds: number
  readonly refuseSeconds: number
  /** The shortest that the medium knows, for whatever a failure of ours caused. */
  readonly failureSeconds: number
}

const nobody: MediumPolicy = {
  takesPart: false,
  unseen: [],
  acceptSeconds: 0,
  refuseSeconds: 0,
  failureSeconds: 0,
}

function policyOf(settings: MediumSettings, rules: MediumRules): MediumPolicy {
  const { unknownProfile } = settings
  return {
    takesPart: settings.enabled,
    unseen: unknownProfile.kind === 'strategies' ? unknownProfile.strategyIds : [],
    acceptSeconds: insideCacheRange(settings.cacheAcceptSeconds, rules),
    refuseSeconds: insideCacheRange(settings.cacheRefuseSeconds, rules),
    failureSeconds: rules.cacheSecondsMin,
  }
}

function prepare(scratch: Scratch, plan: MediumPlan, snapshot: Snapshot): void {
  scratch.beginSelection(plan.words, plan.layers.length)
  scratch.profile.reset(snapshot.packs.words)
}

function yes(road: Road, scratch: Scratch, ranking: RtaRanking | null): RtaDecision {
  const { policy, snapshot, plan } = road
  const isUnavailable = scratch.profile.state === ProfileState.Unavailable
  const seen = scratch.profile.state === ProfileState.Known ? scratch.profile : null
  const verdicts = verdictsOf(scratch, seen)
  if (ranking !== null && scratch.ranks !== null) {
    rankVerdicts(verdicts, scratch, scratch.ranks, plan.rules)
  }
  const isSecond = scratch.request.kind === RequestKind.Second
  return {
    refusal: Refusal.None,
    verdicts: isSecond ? none : verdicts,
    adResults: isSecond ? priceAds(scratch, verdicts) : none,
    // Said for want of the profile: the medium is to ask again as soon as it may.
    cacheSeconds: isUnavailable
      ? policy.failureSeconds
      : acceptCacheSeconds(scratch, policy.acceptSeconds, plan.rules),
    tag: firstTag(verdicts),
    revision: snapshot.revision,
    ranking,
  }
}

function refused(road: Road, scratch: Scratch, ranking: RtaRanking | null): RtaDecision {
  const decision = no(road, scratch)
  return ranking === null ? decision : { ...decision, ranking }
}

function no(road: Road, scratch: Scratch): RtaDecision {
  const { policy, snapshot, plan } = road
  const { near, nearReason, profile } = scratch
  if (profile.state === ProfileState.Unavailable) {
    return refuseBy(policy, Refusal.AudienceUnavailable, snapshot)
  }
  if (profile.state === ProfileState.NoId) {
    const hasDefault = policy.unseen.length > 0
    return refuseBy(policy, hasDefault ? Refusal.UnknownProfile : Refusal.NoDeviceId, snapshot)
  }
  // Nobody could say what it is worth for want of the bidder's catalog: that will pass.
  if (nearReason === Refusal.Unranked && scratch.ranks?.snapshot === null) {
    return refuse(nearReason, policy.failureSeconds, snapshot.revision)
  }
  const own = near?.cacheRefuseSeconds ?? -1
  const usual = own === -1 ? policy.refuseSeconds : own
  const seconds = refuseCacheSeconds(scratch, usual, plan.rules)
  const tag = nearReason === Refusal.Holdout ? scratch.holdoutTag : ''
  return refuse(nearReason, seconds, snapshot.revision, tag)
}

function refuseBy(policy: MediumPolicy, refusal: Refusal, snapshot: Snapshot | null): RtaDecision {
  const seconds = isFailure(refusal) ? policy.failureSeconds : policy.refuseSeconds
  return refuse(refusal, refusal === Refusal.Ping ? 0 : seconds, snapshot?.revision ?? 0)
}
