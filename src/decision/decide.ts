/** The road of one RTA request: from "what is asked" to an answer, or to a numbered no. */

import type { AudienceReader } from '../audience/audience-reader.ts'
import type { MediumPlan, Snapshot } from '../catalog/plan.ts'
import { type AdRequest, RequestKind } from '../domain/ad-request.ts'
import { type RtaDecision, refuse } from '../domain/decision.ts'
import { type GeoSource, noGeo } from '../domain/geo-port.ts'
import { insideCacheRange, type MediumRules } from '../domain/medium-rules.ts'
import type { MediumSettings } from '../domain/medium-settings.ts'
import { ProfileState } from '../domain/profile.ts'
import { isFailure, Refusal } from '../domain/refusal.ts'
import type { Clock } from '../lib/clock.ts'
import { Locator } from './locator.ts'
import type { Scratch } from './scratch.ts'
import { priceAds } from './second.ts'
import { markAsked, selectByProfile, selectUnseen } from './selection.ts'
import {
  type DecisionTrace,
  traceDecision,
  traceIds,
  traceReadMs,
  traceSelection,
  traceStart,
} from './trace.ts'
import { firstTag, shortestCacheSeconds, verdictsOf } from './verdict.ts'

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
}

const none: readonly never[] = []

/** Decides RTA requests. One for all media and requests; it keeps nothing between them. */
export class RtaDecider {
  readonly #catalog: SnapshotSource
  readonly #audience: AudienceReader
  readonly #clock: Clock
  readonly #policies: ReadonlyMap<string, MediumPolicy>
  readonly #locator: Locator

  constructor(deps: RtaDeciderDeps) {
    this.#catalog = deps.catalog
    this.#audience = deps.audience
    this.#clock = deps.clock
    this.#locator = new Locator(deps.geo ?? noGeo)
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
    const { request, profile } = scratch
    const policy = this.#policies.get(request.medium) ?? nobody
    const early = this.#refusedBefore(request, snapshot)
    if (early !== Refusal.None) return refuseBy(policy, early, snapshot)
    const plan = policy.takesPart ? (snapshot?.media.get(request.medium) ?? null) : null
    if (snapshot === null || plan === null) return refuseBy(policy, Refusal.NoStrategy, snapshot)

    prepare(scratch, plan, snapshot)
    if (plan.usesGeo) this.#locator.locate(scratch)
    if (!markAsked(plan, scratch)) return refuseBy(policy, Refusal.NoStrategy, snapshot)
    const road: Road = { snapshot, plan, policy, trace }
    if (request.devices.count === 0) return this.#answer(road, scratch)
    const waiting = this.#audience.read(request.devices, snapshot, request.deadlineMs, profile)
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
    const { generation } = scratch
    scratch.isReading = true
    await waiting
    scratch.isReading = false
    // Given back while the store was silent: the caller has answered, nobody waits for this one.
    return scratch.generation === generation
      ? this.#answer(road, scratch)
      : refuseBy(road.policy, Refusal.Deadline, road.snapshot)
  }

  /** From the profile to the answer. */
  #answer(road: Road, scratch: Scratch): RtaDecision {
    const { snapshot, plan, policy, trace } = road
    if (this.#isLate(scratch.request)) return refuseBy(policy, Refusal.Deadline, snapshot)
    const seen = scratch.profile.state === ProfileState.Known ? scratch.profile : null
    if (seen === null) selectUnseen(plan, policy.unseen, scratch)
    else selectByProfile(plan, scratch)
    this.#dropWithdrawn(road, scratch)
    const decision = scratch.eligibleCount === 0 ? no(road, scratch) : yes(road, scratch)
    if (trace !== null) {
      const packIds = snapshot.packs.ids
      traceSelection(trace, plan, { scratch, seen, unseen: policy.unseen, packIds })
    }
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

function yes(road: Road, scratch: Scratch): RtaDecision {
  const { policy, snapshot } = road
  const isUnavailable = scratch.profile.state === ProfileState.Unavailable
  const seen = scratch.profile.state === ProfileState.Known ? scratch.profile : null
  const verdicts = verdictsOf(scratch, seen)
  const isSecond = scratch.request.kind === RequestKind.Second
  return {
    refusal: Refusal.None,
    verdicts: isSecond ? none : verdicts,
    adResults: isSecond ? priceAds(scratch, verdicts) : none,
    // Said for want of the profile: the medium is to ask again as soon as it may.
    cacheSeconds: isUnavailable
      ? policy.failureSeconds
      : shortestCacheSeconds(scratch, policy.acceptSeconds),
    tag: firstTag(verdicts),
    revision: snapshot.revision,
  }
}

function no(road: Road, scratch: Scratch): RtaDecision {
  const { policy, snapshot } = road
  const { near, nearReason, profile } = scratch
  if (profile.state === ProfileState.Unavailable) {
    return refuseBy(policy, Refusal.AudienceUnavailable, snapshot)
  }
  if (profile.state === ProfileState.NoId) {
    const hasDefault = policy.unseen.length > 0
    return refuseBy(policy, hasDefault ? Refusal.UnknownProfile : Refusal.NoDeviceId, snapshot)
  }
  const own = near?.cacheRefuseSeconds ?? -1
  const seconds = own === -1 ? policy.refuseSeconds : own
  const tag = nearReason === Refusal.Holdout ? scratch.holdoutTag : ''
  return refuse(nearReason, seconds, snapshot.revision, tag)
}

function refuseBy(policy: MediumPolicy, refusal: Refusal, snapshot: Snapshot | null): RtaDecision {
  const seconds = isFailure(refusal) ? policy.failureSeconds : policy.refuseSeconds
  return refuse(refusal, refusal === Refusal.Ping ? 0 : seconds, snapshot?.revision ?? 0)
}
