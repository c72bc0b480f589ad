/** From eligible strategies to the verdicts of an answer and the time it may be cached. */
import type { CompiledAction, LiveStrategy } from '../catalog/plan.ts'
import type { Verdict } from '../domain/decision.ts'
import { insideCacheRange, type MediumRules } from '../domain/medium-rules.ts'
import type { Profile } from '../domain/profile.ts'
import { msOfMinute } from '../domain/user-state.ts'
import type { RankScratch, Worth } from './rank/rank-scratch.ts'
import { rankedPrice } from './rank/ranked-price.ts'
import type { Scratch } from './scratch.ts'

/**
 * Where the medium's own setting would hold, which we do not know, a cap that lets go much later
 * must not make it longer. A day is the most that Tencent's form takes.
 */
const unsaidSecondsMax = 24 * 3_600

/** The verdicts of `scratch.eligible`, in its order; `profile` null when it was not seen. */
export function verdictsOf(scratch: Scratch, profile: Profile | null): Verdict[] {
  const verdicts: Verdict[] = []
  for (let i = 0; i < scratch.eligibleCount; i++) {
    const strategy = scratch.eligible[i] ?? null
    const action = scratch.actions[i] ?? null
    if (strategy === null || action === null) continue
    verdicts.push(verdictOf(strategy, action, profile))
  }
  return verdicts
}

/**
 * Puts what strategies are worth into their verdicts: those of `scratch.eligible`, in its order.
 */
export function rankVerdicts(
  verdicts: Verdict[],
  scratch: Scratch,
  ranks: RankScratch,
  rules: MediumRules,
): void {
  for (const [i, verdict] of verdicts.entries()) {
    const strategy = scratch.eligible[i] ?? null
    const action = scratch.actions[i] ?? null
    const worth = (strategy && ranks.worths.get(strategy)) ?? null
    if (action === null || worth === null) continue
    verdicts[i] = rankedVerdict(verdict, action, worth, rules)
  }
}

/**
 * How long an accept may be cached: the shortest of those that take part, or the shortest that the
 * medium knows where one impression or conversion would make the answer wrong.
 */
export function acceptCacheSeconds(
  scratch: Scratch,
  defaultSeconds: number,
  rules: MediumRules,
): number {
  if (scratch.isHasty) return insideCacheRange(1, rules)
  return shortestCacheSeconds(scratch, defaultSeconds)
}

/**
 * How long a refusal may be cached: `usual`, but no longer than until a cap lets a strategy in
 * again.
 */
export function refuseCacheSeconds(scratch: Scratch, usual: number, rules: MediumRules): number {
  if (scratch.isHasty) return insideCacheRange(1, rules)
  if (scratch.freeMinute === Number.POSITIVE_INFINITY) return usual
  const leftMs = msOfMinute(scratch.freeMinute) - scratch.wallMs
  const most = usual === 0 ? unsaidSecondsMax : usual
  return insideCacheRange(Math.max(1, Math.min(leftMs / 1_000, most)), rules)
}

/** The shortest cache of those that take part: the answer must not outlive any of them. */
function shortestCacheSeconds(scratch: Scratch, defaultSeconds: number): number {
  let shortest = Number.POSITIVE_INFINITY
  for (let i = 0; i < scratch.eligibleCount; i++) {
    const own = scratch.actions[i]?.cacheAcceptSeconds ?? -1
    const seconds = own === -1 ? defaultSeconds : own
    // 0 leaves the field out: the medium's own setting holds, which we cannot compare.
    if (seconds !== 0 && seconds < shortest) shortest = seconds
  }
  return shortest === Number.POSITIVE_INFINITY ? 0 : shortest
}

/** The first label of those that take part: the request-level one, for media without others. */
export function firstTag(verdicts: readonly Verdict[]): string {
  for (const { tag } of verdicts) if (tag !== '') return tag
  return ''
}

/** The prebuilt verdict, or a copy of it where the device's scores say something. */
function verdictOf(
  strategy: LiveStrategy,
  action: CompiledAction,
  profile: Profile | null,
): Verdict {
  if (profile === null) return action.verdict
  const score = bestScore(strategy, profile)
  const factor = factorOf(action, profile)
  const { verdict } = action
  if (score === -1 && Object.is(factor, verdict.factor)) return verdict
  return {
    strategyId: verdict.strategyId,
    targetId: verdict.targetId,
    factor,
    cpcMicros: verdict.cpcMicros,
    cpaMicros: verdict.cpaMicros,
    pcvr: verdict.pcvr,
    products: verdict.products,
    advertiserIds: verdict.advertiserIds,
    adIds: verdict.adIds,
    tag: verdict.tag,
    score,
  }
}

/** The verdict with what its best candidate is worth in it. */
function rankedVerdict(
  verdict: Verdict,
  { rankedBid, sendsFineCvr }: CompiledAction,
  worth: Worth,
  rules: MediumRules,
): Verdict {
  const price = rankedBid === null ? null : rankedPrice(rankedBid, worth, rules)
  const { fineCvr, products } = worth
  return {
    strategyId: verdict.strategyId,
    targetId: verdict.targetId,
    factor: (price ?? verdict).factor,
    cpcMicros: (price ?? verdict).cpcMicros,
    cpaMicros: (price ?? verdict).cpaMicros,
    pcvr: sendsFineCvr && !Number.isNaN(fineCvr) ? fineCvr : verdict.pcvr,
    products: products ?? verdict.products,
    advertiserIds: verdict.advertiserIds,
    adIds: verdict.adIds,
    tag: verdict.tag,
    score: verdict.score,
  }
}

/** Best score over the packs that let the device in; -1 when none of them has scores. */
function bestScore(strategy: LiveStrategy, profile: Profile): number {
  const { allPacks, anyPacks } = strategy.audience
  return bestOf(anyPacks, profile, bestOf(allPacks, profile, -1))
}

function bestOf(packs: Uint16Array, profile: Profile, least: number): number {
  let best = least
  for (let i = 0; i < packs.length; i++) {
    const pack = packs[i] ?? 0
    if (profile.has(pack)) best = Math.max(best, profile.scores[pack] ?? -1)
  }
  return best
}

/** No score, no factor: the bid stays as it was ordered at the medium. */
function factorOf(action: CompiledAction, profile: Profile): number {
  const { factorByScore, verdict } = action
  if (factorByScore === null) return verdict.factor
  const { pack, factors } = factorByScore
  if (pack === -1 || !profile.has(pack)) return Number.NaN
  const score = profile.scores[pack] ?? -1
  return score < 0 ? Number.NaN : (factors[score] ?? Number.NaN)
}
