/** Actions, bids and caches, put inside what the medium honours. */
import type { AdPrice } from '../domain/ad-request.ts'
import type { Verdict } from '../domain/decision.ts'
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

/**
 * A bid factor as the medium honours it: clamped to its range (outside it the medium ignores the
 * factor, rta-media.md §1.5), then rounded to its decimals, halves away from zero as written in
 * decimal (1.005 is 1.01). Where rounding would leave the range, the nearest step inside is taken.
 */
export function honouredFactor(factor: number, rules: MediumRules): number {
  const clamped = Math.min(Math.max(factor, rules.factorMin), rules.factorMax)
  const rounded = shift(Math.round(shift(clamped, rules.factorDecimals)), -rules.factorDecimals)
  if (rounded > rules.factorMax) return toStep(rules.factorMax, rules.factorDecimals, Math.floor)
  if (rounded < rules.factorMin) return toStep(rules.factorMin, rules.factorDecimals, Math.ceil)
  return rounded
}

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
  return {
    holdout: arm.holdout,
    tag: arm.tag ?? '',
    action: compileAction({ ...strategy, action: merged }, rules, packs),
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

function toStep(value: number, decimals: number, round: (value: number) => number): number {
  return shift(round(shift(value, decimals)), -decimals)
}

/** Moves the decimal point in the number's decimal form, where 1.005 × 100 is 100.5. */
function shift(value: number, places: number): number {
  const [digits = '0', exponent = '0'] = String(value).split('e')
  return Number(`${digits}e${Number(exponent) + places}`)
}
