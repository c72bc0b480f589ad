/** Actions, bids and caches, put inside what the medium honours. */
import type { AdPrice } from '../domain/ad-request.ts'
import type { Verdict } from '../domain/decision.ts'
import { honouredFactor } from '../domain/honoured-factor.ts'
import { insideCacheRange, type MediumRules } from '../domain/medium-rules.ts'
import { type Micros, noPrice } from '../domain/money.ts'
import type { PackIndex } from '../domain/pack.ts'
import type {
  BidAction,
  ExperimentArm,
  SecondPriceRule,
  Strategy,
  StrategyAction,
} from '../domain/strategy.ts'
import type { ArmOutcome, CompiledAction, FactorByScore, SecondRule, SecondRules } from './plan.ts'

/** Cache seconds of an entity: -1 where it leaves them to the medium's default. */
export function ownCacheSeconds(seconds: number | null, rules: MediumRules): number {
  return seconds === null ? -1 : insideCacheRange(seconds, rules)
}

/** A strategy's own action. */
export function compileAction(
  strategy: Strategy,
  rules: MediumRules,
  packs: PackIndex,
): CompiledAction {
  const price = priceOf(strategy.action.bid, rules)
  return {
    verdict: verdictOf(strategy, strategy.action, price),
    factorByScore: factorByScoreOf(strategy.action.bid, rules, packs),
    rankedBid: strategy.ranking?.bid ?? null,
    sendsFineCvr: strategy.ranking?.pcvr ?? false,
    cacheAcceptSeconds: ownCacheSeconds(strategy.action.cacheAcceptSeconds, rules),
    price,
  }
}

/** What an arm makes of a strategy; whatever the arm leaves null stays the strategy's. */
export function compileArm(
  strategy: Strategy,
  arm: ExperimentArm,
  rules: MediumRules,
  packs: PackIndex,
): ArmOutcome {
  const own = strategy.action
  const merged: StrategyAction = {
    ...own,
    bid: arm.bid ?? own.bid,
    tag: arm.tag ?? own.tag,
    cacheAcceptSeconds: arm.cacheAcceptSeconds ?? own.cacheAcceptSeconds,
  }
  const action = compileAction({ ...strategy, action: merged }, rules, packs)
  // An arm's bid is what is tried: no value of models may come before it.
  return {
    holdout: arm.holdout,
    tag: arm.tag ?? '',
    action: arm.bid === null ? action : { ...action, rankedBid: null },
    setsBid: arm.bid !== null,
    setsTag: arm.tag !== null,
    setsCache: arm.cacheAcceptSeconds !== null,
  }
}

/** Price rules of second requests, indexed by their most specific id. */
export function compileSecondRules(strategy: Strategy, rules: MediumRules): SecondRules {
  const byProduct = new Map<string, SecondRule[]>()
  const byCreative = new Map<string, SecondRule[]>()
  const byAdGroup = new Map<string, SecondRule>()
  for (const rule of strategy.secondPrices) {
    const compiled = secondRule(rule, rules)
    if (rule.productId !== '') listOf(byProduct, rule.productId).push(compiled)
    else if (rule.creativeId !== '') listOf(byCreative, rule.creativeId).push(compiled)
    // The first rule for an ad group counts, as everywhere: earlier lines win ties.
    else if (!byAdGroup.has(rule.adGroupId)) byAdGroup.set(rule.adGroupId, compiled)
  }
  for (const list of byProduct.values()) list.sort(bySpecificity)
  for (const list of byCreative.values()) list.sort(bySpecificity)
  const { advertiserIds, adIds } = strategy.action
  return {
    byProduct,
    byCreative,
    byAdGroup,
    advertiserIds: advertiserIds.length === 0 ? null : new Set(advertiserIds),
    adIds: adIds.length === 0 ? null : new Set(adIds),
  }
}

function verdictOf(strategy: Strategy, action: StrategyAction, price: AdPrice): Verdict {
  return {
    strategyId: strategy.id,
    targetId: strategy.targetId,
    factor: price.factor,
    cpcMicros: price.cpcMicros,
    cpaMicros: price.cpaMicros,
    pcvr: action.pcvr ?? Number.NaN,
    products: action.products,
    advertiserIds: action.advertiserIds,
    adIds: action.adIds,
    tag: action.tag,
    score: -1,
  }
}

function priceOf(bid: BidAction, rules: MediumRules): AdPrice {
  switch (bid.kind) {
    case 'factor':
      return adPrice(noPrice, noPrice, honouredFactor(bid.factor, rules))
    case 'cpc':
      return adPrice(bid.priceMicros, noPrice, Number.NaN)
    case 'cpa':
      return adPrice(noPrice, bid.priceMicros, Number.NaN)
    case 'none':
    case 'factorByScore':
      return adPrice(noPrice, noPrice, Number.NaN)
  }
}

function adPrice(cpcMicros: Micros, cpaMicros: Micros, factor: number): AdPrice {
  return { cpcMicros, cpaMicros, factor }
}

const scoreMax = 255

function factorByScoreOf(
  bid: BidAction,
  rules: MediumRules,
  packs: PackIndex,
): FactorByScore | null {
  if (bid.kind !== 'factorByScore') return null
  const factors = new Float64Array(scoreMax + 1)
  for (let score = 0; score <= scoreMax; score++) {
    const linear = bid.low + ((bid.high - bid.low) * score) / scoreMax
    factors[score] = honouredFactor(linear, rules)
  }
  return { pack: packs.numberOf.get(bid.packId) ?? -1, factors }
}

function secondRule(rule: SecondPriceRule, rules: MediumRules): SecondRule {
  const ignore = rule.bid.kind === 'ignore'
  return {
    adGroupId: rule.adGroupId,
    creativeId: rule.creativeId,
    ignore,
    price: rule.bid.kind === 'ignore' ? priceOf({ kind: 'none' }, rules) : priceOf(rule.bid, rules),
  }
}

function bySpecificity(a: SecondRule, b: SecondRule): number {
  return idsNamed(b) - idsNamed(a)
}

/** A creative says more than an ad group, which it is part of. */
function idsNamed(rule: SecondRule): number {
  return (rule.creativeId === '' ? 0 : 2) + (rule.adGroupId === '' ? 0 : 1)
}

function listOf(map: Map<string, SecondRule[]>, key: string): SecondRule[] {
  const known = map.get(key)
  if (known !== undefined) return known
  const made: SecondRule[] = []
  map.set(key, made)
  return made
}
