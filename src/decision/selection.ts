/** Which of a plan's strategies take part: candidates by pack, then audience, conditions, arms. */
import type { LiveStrategy, MediumPlan } from '../catalog/plan.ts'
import { type AskedAd, RequestKind } from '../domain/ad-request.ts'
import type { Profile } from '../domain/profile.ts'
import { Refusal } from '../domain/refusal.ts'
import { audienceFits, Condition, failedCondition } from './eligibility.ts'
import { actionAfterExperiments } from './experiments.ts'
import type { Scratch } from './scratch.ts'
import type { StrategyHolds } from './strategy-holds.ts'

/**
 * Strategy ids a request may ask about. A medium that lists them has dozens registered; a body
 * of 64 KiB could name tens of thousands and would cost milliseconds. Later ones get "no".
 */
const askedIdsMax = 1_024

/**
 * Ads of a second request that get an answer. The medium sends what its coarse ranking left, some
 * tens; later ones are left out of the answer, which means the first request's bid for them.
 */
export const adsMax = 512

const nowhere: readonly number[] = []

/**
 * Marks in `scratch.asked` the strategies in question: all of them, those that the request names,
 * or those of a second request's ads. False when there are none: the store need not be asked.
 */
export function markAsked(plan: MediumPlan, scratch: Scratch): boolean {
  const { asked, request } = scratch
  if (request.kind === RequestKind.Second) return markAds(plan, scratch)
  if (request.asked === null) {
    asked.fill(0xffff_ffff, 0, plan.words)
    return plan.live.length > 0
  }
  asked.fill(0, 0, plan.words)
  let found = false
  const count = Math.min(request.asked.length, askedIdsMax)
  for (let i = 0; i < count; i++) {
    const positions = plan.byTarget.get(request.asked[i] ?? '')
    if (positions === undefined) continue
    found = true
    for (const position of positions) setBit(asked, position)
  }
  return found
}

/** By target id; ads without one may belong to any strategy that names advertisers. */
function markAds(plan: MediumPlan, scratch: Scratch): boolean {
  const { asked, request } = scratch
  asked.fill(0, 0, plan.words)
  let found = false
  let byAdvertiser = false
  const count = Math.min(request.ads.length, adsMax)
  for (let i = 0; i < count; i++) {
    const targetId = request.ads[i]?.outTargetId ?? ''
    if (targetId === '') byAdvertiser = true
    for (const position of plan.byTarget.get(targetId) ?? nowhere) {
      found = true
      setBit(asked, position)
    }
  }
  if (!byAdvertiser) return found
  for (const [position, strategy] of plan.live.entries()) {
    if (strategy.second.advertiserIds === null) continue
    found = true
    setBit(asked, position)
  }
  return found
}

/** What strategies are selected for; `profile` null leaves audiences unseen. */
interface Selection {
  readonly plan: MediumPlan
  readonly scratch: Scratch
  readonly profile: Profile | null
  readonly holds: StrategyHolds
}

/**
 * Fills `scratch.eligible` for a profile that the store gave. `holds` is the decider's memory for
 * what histories keep out.
 */
export function selectByProfile(plan: MediumPlan, scratch: Scratch, holds: StrategyHolds): void {
  const { candidates, asked } = scratch
  gatherCandidates(plan, scratch)
  for (let word = 0; word < plan.words; word++) {
    candidates[word] = (candidates[word] ?? 0) & (asked[word] ?? 0)
  }
  considerCandidates({ plan, scratch, profile: scratch.profile, holds })
  // Whoever was not looked at failed by the audience; the first of them is the near miss of that
  // reason, as it would be had all been looked at.
  if (scratch.eligibleCount === 0 && scratch.nearReason <= Refusal.AudienceMismatch) {
    const first = plan.live[firstBit(asked, plan.words)]
    if (first === undefined) return
    scratch.nearReason = Refusal.AudienceMismatch
    scratch.near = first
  }
}

/** Fills `scratch.eligible` from the defaults for unknown profiles; audiences stay unseen. */
export function selectUnseen(
  plan: MediumPlan,
  scratch: Scratch,
  holds: StrategyHolds,
  strategyIds: readonly string[],
): void {
  const { candidates, asked } = scratch
  candidates.fill(0, 0, plan.words)
  for (const id of strategyIds) {
    const position = plan.byId.get(id)
    if (position !== undefined) setBit(candidates, position)
  }
  for (let word = 0; word < plan.words; word++) {
    candidates[word] = (candidates[word] ?? 0) & (asked[word] ?? 0)
  }
  considerCandidates({ plan, scratch, profile: null, holds })
}

/**
 * Why a strategy does not take part, as far as it alone decides: `Refusal.None` when it does.
 * Audience first, then conditions, then experiments; `profile` null leaves the audience unseen.
 */
function whyNot(strategy: LiveStrategy, scratch: Scratch, profile: Profile | null): Refusal {
  if (profile !== null && !audienceFits(strategy.audience, profile)) return Refusal.AudienceMismatch
  return failedCondition(strategy.conditions, scratch) === Condition.None
    ? Refusal.None
    : Refusal.ConditionMismatch
}

/** Strategies that need no pack, and those that stand under one of the device's packs. */
function gatherCandidates(plan: MediumPlan, scratch: Scratch): void {
  const { candidates } = scratch
  const { always, byPack, words } = plan
  for (let word = 0; word < words; word++) candidates[word] = always[word] ?? 0
  const { packs } = scratch.profile
  const packWords = Math.min(packs.length, (byPack.length + 31) >>> 5)
  for (let packWord = 0; packWord < packWords; packWord++) {
    let bits = packs[packWord] ?? 0
    while (bits !== 0) {
      const under = byPack[(packWord << 5) + lowestBit(bits)] ?? null
      bits &= bits - 1
      if (under !== null) addAll(candidates, under)
    }
  }
}

function addAll(into: Uint32Array, from: Uint32Array): void {
  for (let word = 0; word < from.length; word++) into[word] = (into[word] ?? 0) | (from[word] ?? 0)
}

function considerCandidates(selection: Selection): void {
  const { plan, scratch, holds } = selection
  const { candidates } = scratch
  holds.begin(plan, scratch)
  for (let word = 0; word < plan.words; word++) {
    let bits = candidates[word] ?? 0
    while (bits !== 0) {
      const position = (word << 5) + lowestBit(bits)
      bits &= bits - 1
      const strategy = plan.live[position]
      if (strategy === undefined) return
      if (!consider(strategy, position, selection)) return
    }
  }
}

/** False when the answer is full. */
function consider(
  strategy: LiveStrategy,
  position: number,
  { plan, scratch, profile, holds }: Selection,
): boolean {
  const reason = whyNot(strategy, scratch, profile)
  if (reason !== Refusal.None) {
    scratch.noteNear(reason, strategy)
    return true
  }
  if (plan.sharesTargets && isSpokenFor(strategy, scratch)) return true
  const action = actionAfterExperiments(strategy, plan, scratch)
  const held = action === null ? Refusal.Holdout : holds.refusal(strategy, position, scratch)
  if (action !== null && held === Refusal.None) return scratch.addEligible(strategy, action)
  scratch.noteNear(held, strategy)
  return true
}

/**
 * True when a strategy of higher priority already answers for this target id. Ads of a second
 * request may be of other advertisers or ad groups than that one's, so there all are kept.
 */
export function isSpokenFor(strategy: LiveStrategy, scratch: Scratch): boolean {
  if (scratch.request.kind === RequestKind.Second) return false
  for (let i = 0; i < scratch.eligibleCount; i++) {
    if (scratch.eligible[i]?.targetId === strategy.targetId) return true
  }
  return false
}

/** The first eligible strategy that an ad of a second request belongs to, or -1. */
export function eligibleForAd(ad: AskedAd, scratch: Scratch): number {
  for (let i = 0; i < scratch.eligibleCount; i++) {
    const strategy = scratch.eligible[i] ?? null
    if (strategy !== null && ownsAd(strategy, ad)) return i
  }
  return -1
}

/** By target id; an ad without one belongs to the strategies that name its advertiser. */
function ownsAd(strategy: LiveStrategy, ad: AskedAd): boolean {
  const { advertiserIds, adIds } = strategy.second
  if (ad.outTargetId === '' ? advertiserIds === null : ad.outTargetId !== strategy.targetId) {
    return false
  }
  if (advertiserIds !== null && !advertiserIds.has(ad.advertiserId)) return false
  return adIds === null || adIds.has(ad.adGroupId)
}

function setBit(words: Uint32Array, position: number): void {
  const word = position >>> 5
  words[word] = (words[word] ?? 0) | (1 << (position & 31))
}

function firstBit(words: Uint32Array, count: number): number {
  for (let word = 0; word < count; word++) {
    const bits = words[word] ?? 0
    if (bits !== 0) return (word << 5) + lowestBit(bits)
  }
  return -1
}

/** Position of the lowest set bit of a word that is not 0. */
function lowestBit(bits: number): number {
  return 31 - Math.clz32(bits & -bits)
}
