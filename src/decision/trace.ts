/** Every step of one decision as plain data, for explain. Costs nothing when nobody asks. */
import type { AudienceReader } from '../audience/audience-reader.ts'
import type { LiveStrategy, MediumPlan, Snapshot } from '../catalog/plan.ts'
import type { AdRequest } from '../domain/ad-request.ts'
import type { RtaDecision } from '../domain/decision.ts'
import { DeviceKeys } from '../domain/device-keys.ts'
import { idTypeOf } from '../domain/id-type.ts'
import { Profile, ProfileState } from '../domain/profile.ts'
import { Refusal, refusalNames } from '../domain/refusal.ts'
import { minuteOf } from '../domain/user-state.ts'
import { audienceFits, Condition, conditionNames, failedCondition } from './eligibility.ts'
import { actionAfterExperiments, armOf, bucketKey, deviceBucket } from './experiments.ts'
import { isHistoryUnknown, type Standing, standingOf, standingText } from './history.ts'
import { RankTrace } from './rank/rank-trace.ts'
import { type Scratch, verdictsMax } from './scratch.ts'
import { isSpokenFor } from './selection.ts'

/** Milliseconds for reading each id alone after the decision: a person waits, no medium does. */
export const traceReadMs = 1_000

/** One id of the request and what the store knows of it alone. */
interface TracedId {
  readonly type: string
  /** The device key, 16 hex digits; ids themselves are never shown. */
  readonly key: string
  /** True for the id that decides the experiment buckets. */
  readonly bucketsBy: boolean
  /** Null when the store could not say. */
  readonly found: boolean | null
  readonly packs: readonly TracedPack[]
}

/** A pack the device is in; `score` -1 when the pack has none. */
interface TracedPack {
  readonly id: string
  readonly score: number
}

/** The device's place in one experiment layer. */
interface TracedLayer {
  readonly layer: string
  /** 0 to 9 999, or -1 without a device key. */
  readonly bucket: number
  /** Null when the bucket belongs to no arm. */
  readonly experiment: string | null
  readonly arm: string | null
}

/**
 * What became of a strategy: it takes part; the road ended before it; it is not live (`out`); the
 * request does not ask for it; it is not among those for unknown profiles; its audience, a
 * condition or an experiment says no; the device has seen enough of it, or a conversion keeps it
 * out; its campaigns are worth too little, or nobody can say what; a better one speaks for its
 * target id; the answer is full; or it was withdrawn meanwhile.
 */
type StrategyOutcome =
  | 'takes-part'
  | 'not-reached'
  | 'out'
  | 'not-asked'
  | 'unknown-profile'
  | 'audience'
  | 'condition'
  | 'holdout'
  | 'frequency-cap'
  | 'converted'
  | 'below-value'
  | 'unranked'
  | 'same-target'
  | 'answer-full'
  | 'withdrawn'

/** One strategy of the medium, in the order they are considered. */
interface TracedStrategy {
  readonly id: string
  readonly targetId: string
  readonly outcome: StrategyOutcome
  /** A sentence that says which pack, condition or arm it was; empty where the outcome says all. */
  readonly detail: string
}

/** Where the device is, in the form in which conditions compare it. */
interface TracedPlace {
  readonly country: string
  readonly city: string
  /** True when country or city were looked up by the address, not sent by the medium. */
  readonly byAddress: boolean
}

/** A decision step by step. Filled by `RtaDecider.decide`; plain data, ready for JSON. */
export interface DecisionTrace {
  medium: string
  requestId: string
  kind: number
  isTest: boolean
  revision: number
  /** Epoch milliseconds that conditions were held against. */
  wallMs: number
  ids: TracedId[]
  /** `known`, `no-id` or `unavailable`; `not-read` when the road ended before. */
  profile: 'known' | 'no-id' | 'unavailable' | 'not-read'
  packs: TracedPack[]
  layers: TracedLayer[]
  /** The place that conditions saw; null where no live strategy of the medium looks at it. */
  place: TracedPlace | null
  strategies: TracedStrategy[]
  /**
   * Why the answer is cached shorter than usual: one impression or conversion would make it wrong,
   * or
   * a cap lets a strategy in again.
   */
  cacheNote: 'usual' | 'soon-wrong' | 'until-cap-frees'
  /** The campaigns behind strategies, as far as eligible ones ask for them. */
  readonly ranks: RankTrace
  refusal: number
  refusalName: string
  decision: RtaDecision | null
}

/** An empty trace to hand to `decide`. */
export function newTrace(): DecisionTrace {
  return {
    medium: '',
    requestId: '',
    kind: 0,
    isTest: false,
    revision: 0,
    wallMs: 0,
    ids: [],
    profile: 'not-read',
    packs: [],
    layers: [],
    place: null,
    strategies: [],
    cacheNote: 'usual',
    ranks: new RankTrace(),
    refusal: Refusal.None,
    refusalName: '',
    decision: null,
  }
}

/** What was asked, of which catalog. */
export function traceStart(
  trace: DecisionTrace,
  scratch: Scratch,
  snapshot: Snapshot | null,
): void {
  const { request, wallMs } = scratch
  trace.medium = request.medium
  trace.requestId = request.requestId
  trace.kind = request.kind
  trace.isTest = request.isTest
  trace.revision = snapshot?.revision ?? 0
  trace.wallMs = wallMs
  const plan = snapshot?.media.get(request.medium)
  if (plan !== undefined) trace.strategies = listed(plan, () => ['not-reached', ''])
}

/** How the strategies were looked at. `seen` null: the audience was not, and `unseen` took part. */
export interface SelectionSeen {
  readonly scratch: Scratch
  readonly seen: Profile | null
  readonly unseen: readonly string[]
  readonly packIds: readonly string[]
  /** Strategies that their ranking kept out. */
  readonly refused: readonly LiveStrategy[]
}

/** Every strategy of the plan with what became of it, worked out anew without the index. */
export function traceSelection(
  trace: DecisionTrace,
  plan: MediumPlan,
  selection: SelectionSeen,
): void {
  const { scratch } = selection
  trace.profile = profileNames[scratch.profile.state]
  trace.layers = plan.layers.map((layer, index) => {
    const arm = layer.arms[armOf(index, plan, scratch)]
    return {
      layer: layer.name,
      bucket: deviceBucket(scratch.request.devices, layer.seed),
      experiment: arm?.experimentId ?? null,
      arm: arm?.armId ?? null,
    }
  })
  const { country, city, isLocated } = scratch
  trace.place = plan.usesGeo ? { country, city, byAddress: isLocated } : null
  trace.cacheNote = cacheNoteOf(scratch)
  trace.packs = selection.seen === null ? [] : tracedPacks(selection.seen, selection.packIds)
  trace.strategies = listed(plan, (strategy, position) =>
    outcomeOf(strategy, { position, plan, selection }),
  )
}

function cacheNoteOf({ isHasty, freeMinute, eligibleCount }: Scratch): DecisionTrace['cacheNote'] {
  if (isHasty) return 'soon-wrong'
  const isUntilFree = eligibleCount === 0 && freeMinute !== Number.POSITIVE_INFINITY
  return isUntilFree ? 'until-cap-frees' : 'usual'
}

/** The answer. */
export function traceDecision(trace: DecisionTrace, decision: RtaDecision): void {
  trace.decision = decision
  trace.refusal = decision.refusal
  trace.refusalName = refusalNames.get(decision.refusal) ?? String(decision.refusal)
}

/** What the ids are read with once more, each alone. */
export interface IdReading {
  readonly request: AdRequest
  readonly snapshot: Snapshot
  readonly audience: AudienceReader
  /** Monotonic milliseconds until which the store may take. */
  readonly untilMs: number
}

/** Which packs each id has by itself: a decision only sees them united. */
export async function traceIds(trace: DecisionTrace, reading: IdReading): Promise<void> {
  const { devices } = reading.request
  const bucketIndex = bucketKey(devices)
  const alone = Array.from({ length: devices.count }, (_, index) => readAlone(index, reading))
  for (const [index, profile] of (await Promise.all(alone)).entries()) {
    const isKnown = profile.state === ProfileState.Known
    trace.ids.push({
      type: idTypeOf(devices.type[index] ?? 0).name,
      key: devices.hex(index),
      bucketsBy: index === bucketIndex,
      found: isKnown ? profile.idsFound > 0 : null,
      packs: isKnown ? tracedPacks(profile, reading.snapshot.packs.ids) : [],
    })
  }
}

const profileNames = ['known', 'no-id', 'unavailable'] as const

async function readAlone(index: number, reading: IdReading): Promise<Profile> {
  const { request, snapshot, audience, untilMs } = reading
  const { devices } = request
  const one = new DeviceKeys()
  one.push(devices.type[index] ?? 0, devices.high[index] ?? 0, devices.low[index] ?? 0)
  const profile = new Profile()
  profile.reset(snapshot.packs.words)
  await audience.read(one, snapshot, untilMs, profile)
  return profile
}

function tracedPacks(profile: Profile, ids: readonly string[]): TracedPack[] {
  const packs: TracedPack[] = []
  for (const [number, id] of ids.entries()) {
    if (profile.has(number)) packs.push({ id, score: profile.scores[number] ?? -1 })
  }
  return packs
}

type Outcome = readonly [outcome: StrategyOutcome, detail: string]

function listed(
  plan: MediumPlan,
  of: (strategy: LiveStrategy, position: number) => Outcome,
): TracedStrategy[] {
  const live = plan.live.map((strategy, position): TracedStrategy => {
    const [outcome, detail] = of(strategy, position)
    return { id: strategy.id, targetId: strategy.targetId, outcome, detail }
  })
  const out = plan.out.map(
    ({ id, targetId, reason }): TracedStrategy => ({
      id,
      targetId,
      outcome: 'out',
      detail: reason,
    }),
  )
  return [...live, ...out]
}

interface Considered {
  readonly position: number
  readonly plan: MediumPlan
  readonly selection: SelectionSeen
}

function outcomeOf(strategy: LiveStrategy, considered: Considered): Outcome {
  const { position, plan, selection } = considered
  const { scratch, seen, unseen } = selection
  const isAsked = (((scratch.asked[position >>> 5] ?? 0) >>> (position & 31)) & 1) === 1
  if (!isAsked) return ['not-asked', '']
  if (seen === null && !unseen.includes(strategy.id)) return ['unknown-profile', '']
  if (seen !== null && !audienceFits(strategy.audience, seen)) {
    return ['audience', audienceDetail(strategy, seen, selection.packIds)]
  }
  const failed = failedCondition(strategy.conditions, scratch)
  if (failed !== Condition.None) return ['condition', conditionNames[failed]]
  const arms = armsDetail(strategy, plan, scratch)
  if (isEligible(strategy, scratch)) return ['takes-part', arms]
  if (actionAfterExperiments(strategy, plan, scratch) === null) return ['holdout', arms]
  return heldBack(strategy, scratch) ?? afterSelection(strategy, selection)
}

/** What the history says against a strategy; null = nothing. */
function heldBack(strategy: LiveStrategy, scratch: Scratch): Outcome | null {
  const { profile, request, wallMs } = scratch
  if (strategy.guards.length === 0) return null
  if (isHistoryUnknown({ profile, idCount: request.devices.count })) {
    return ['frequency-cap', 'the history of the device could not be read']
  }
  const standings = strategy.guards.map((guard) =>
    standingOf(guard, profile.history, minuteOf(wallMs)),
  )
  const holding = standings.filter((one) => one?.isHolding === true) as Standing[]
  if (holding.length === 0) return null
  const isCapped = holding.some(({ rule }) => rule === 'cap')
  return [isCapped ? 'frequency-cap' : 'converted', holding.map(standingText).join('; ')]
}

/** Nothing of its own said no, and yet it does not take part. */
function afterSelection(strategy: LiveStrategy, selection: SelectionSeen): Outcome {
  const { scratch, refused } = selection
  if (refused.includes(strategy)) return refusedByRanking(strategy, scratch)
  if (isSpokenFor(strategy, scratch)) return ['same-target', '']
  const found = scratch.eligibleCount + refused.length
  return found === verdictsMax ? ['answer-full', ''] : ['withdrawn', '']
}

function refusedByRanking(strategy: LiveStrategy, scratch: Scratch): Outcome {
  const { ranking } = strategy
  const worth = scratch.ranks?.worths.get(strategy) ?? null
  if (worth === null || ranking === null) return ['unranked', '']
  const { minValueMicros } = ranking
  return ['below-value', `worth ${worth.valueMicros} of ${minValueMicros} micros CPM`]
}

function isEligible(strategy: LiveStrategy, scratch: Scratch): boolean {
  return scratch.eligible.includes(strategy)
}

/** The first part of the rule that fails, in the order in which it is looked at. */
function audienceDetail(
  strategy: LiveStrategy,
  profile: Profile,
  packIds: readonly string[],
): string {
  const { all, any, none } = strategy.source.audience
  const isIn = (id: string): boolean => {
    const number = packIds.indexOf(id)
    return number !== -1 && profile.has(number)
  }
  const missing = all.filter((id) => !isIn(id))
  if (missing.length > 0) return `all: not in ${missing.join(', ')}`
  const excluding = none.filter(isIn)
  if (excluding.length > 0) return `none: in ${excluding.join(', ')}`
  return `any: in none of ${any.join(', ')}`
}

function armsDetail(strategy: LiveStrategy, plan: MediumPlan, scratch: Scratch): string {
  const arms: string[] = []
  for (const { layer, outcomes } of strategy.experiments) {
    const arm = armOf(layer, plan, scratch)
    const named = plan.layers[layer]?.arms[arm]
    if (named === undefined || (outcomes[arm] ?? null) === null) continue
    arms.push(`${named.experimentId}/${named.armId}`)
  }
  return arms.join(', ')
}
