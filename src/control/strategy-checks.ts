/** From a well-formed input to a stored strategy: what only the catalog and the medium can tell. */
import type { MediumRules } from '../domain/medium-rules.ts'
import { packKind } from '../domain/pack.ts'
import { type Strategy, strategyKind } from '../domain/strategy.ts'
import { bidOf, checkBid, secondBidOf } from './bid-checks.ts'
import { type CatalogView, entityValue } from './catalog-desk.ts'
import { Findings } from './findings.ts'
import { warnOfCaps, warnOfConverted } from './guard-checks.ts'
import { type FieldError, Problem } from './problem.ts'
import { checkRanking, rankingOf } from './ranking-checks.ts'
import type { StrategyInput } from './schemas/strategy-schema.ts'

/** What a strategy is checked against. */
export interface StrategyContext {
  readonly media: ReadonlyMap<string, MediumRules>
  readonly view: CatalogView
  readonly allowUnknownPacks: boolean
}

/** Fields that are another spelling of targetId, and the only medium that spells it so. */
const targetAliases = { rtaId: 'oceanengine', outTargetId: 'tencent' } as const
type TargetField = 'targetId' | keyof typeof targetAliases

/**
 * The stored form of a strategy and what its author should know. Throws 400 with the path of each
 * bad field, or 409 when another strategy of the medium has the target id.
 */
export function checkedStrategy(
  id: string,
  input: StrategyInput,
  context: StrategyContext,
): { readonly strategy: Strategy; readonly warnings: readonly FieldError[] } {
  const findings = new Findings()
  if (input.id !== undefined && input.id !== id)
    findings.error('id', `differs from the path: ${id}`)
  const field = targetField(input, findings)
  const strategy = strategyOf(id, input, input[field] ?? '')
  checkPacks(findings, strategy, context)
  warnOfCaps(findings, strategy.caps)
  warnOfConverted(findings, strategy.converted, context.view)
  const rules = context.media.get(strategy.medium)
  if (rules === undefined) {
    const known = [...context.media.keys()].join(', ')
    findings.error('medium', `no medium '${strategy.medium}'; there are: ${known}`)
  } else {
    checkTarget(findings, field, strategy, rules)
    checkBids(findings, strategy, { name: strategy.medium, rules })
    checkCache(findings, strategy, rules)
    checkRanking(findings, strategy, { view: context.view, name: strategy.medium, rules })
  }
  if (!strategy.registered) {
    findings.warn('registered', 'until it is true this strategy never leaves the house')
  }
  if (strategy.audience.all.length === 0 && strategy.audience.any.length === 0) {
    findings.warn('audience', 'no pack in all or any: every device matches, but for those in none')
  }
  findings.throwIfAny()
  checkTargetIsFree(strategy, context.view)
  return { strategy, warnings: findings.warnings }
}

function targetField(input: StrategyInput, findings: Findings): TargetField {
  const fields: TargetField[] = ['targetId', 'rtaId', 'outTargetId']
  const given = fields.filter((field) => input[field] !== undefined)
  const [first = 'targetId', ...others] = given
  if (given.length === 0) findings.error('targetId', 'required')
  for (const other of others) findings.error(other, `the same as ${first}; give one of them`)
  for (const field of given) {
    if (field === 'targetId' || targetAliases[field] === input.medium) continue
    findings.error(field, `only ${targetAliases[field]} calls it so; use targetId`)
  }
  return first
}

function strategyOf(id: string, input: StrategyInput, targetId: string): Strategy {
  const { action } = input
  return {
    id,
    name: input.name,
    medium: input.medium,
    targetId,
    registered: input.registered,
    enabled: input.enabled,
    priority: input.priority,
    audience: input.audience,
    conditions: input.conditions,
    action: {
      bid: bidOf(action.bid),
      // JSON writes NaN as null, which is how the catalog stores "no score".
      products: action.products.map((one) => ({ ...one, score: one.score ?? Number.NaN })),
      advertiserIds: action.advertiserIds,
      adIds: action.adIds,
      tag: action.tag,
      pcvr: action.pcvr,
      cacheAcceptSeconds: action.cacheAcceptSeconds,
      cacheRefuseSeconds: action.cacheRefuseSeconds,
    },
    ranking: rankingOf(input.ranking),
    caps: input.caps,
    converted: input.converted,
    secondPrices: input.secondPrices.map((rule) => ({ ...rule, bid: secondBidOf(rule.bid) })),
  }
}

/** A missing pack in `none` would let in whom it was to keep out, so it is an error by default. */
function checkPacks(findings: Findings, strategy: Strategy, context: StrategyContext): void {
  const tell = (path: string, packId: string): void => {
    if (context.view.get(packKind, packId) !== null) return
    const message = `there is no pack '${packId}'`
    if (context.allowUnknownPacks) findings.warn(path, message)
    else findings.error(path, message)
  }
  for (const list of ['all', 'any', 'none'] as const) {
    for (const [i, packId] of strategy.audience[list].entries())
      tell(`audience.${list}[${i}]`, packId)
  }
  const { bid } = strategy.action
  if (bid.kind === 'factorByScore') tell('action.bid.packId', bid.packId)
}

function checkTarget(
  findings: Findings,
  field: TargetField,
  strategy: Strategy,
  rules: MediumRules,
): void {
  const { targetId, medium } = strategy
  if (targetId.length > rules.targetIdCharsMax) {
    findings.error(field, `${medium} takes at most ${rules.targetIdCharsMax} characters`)
  }
  if (rules.numericTargets && targetId !== '' && !isPositiveInt64(targetId)) {
    findings.error(field, `${medium} takes a positive 64-bit number`)
  }
}

function isPositiveInt64(text: string): boolean {
  return /^[1-9]\d{0,18}$/.test(text) && BigInt(text) < 2n ** 63n
}

function checkBids(
  findings: Findings,
  strategy: Strategy,
  medium: { readonly name: string; readonly rules: MediumRules },
): void {
  checkBid(findings, 'action.bid', strategy.action.bid, medium)
  for (const [i, rule] of strategy.secondPrices.entries()) {
    checkBid(findings, `secondPrices[${i}].bid`, rule.bid, medium)
  }
}

function checkCache(findings: Findings, strategy: Strategy, rules: MediumRules): void {
  for (const name of ['cacheAcceptSeconds', 'cacheRefuseSeconds'] as const) {
    const problem = cacheProblem(strategy.action[name], strategy.medium, rules)
    if (problem !== null) findings.error(`action.${name}`, problem)
  }
}

/** Why a medium cannot say these cache seconds, or null. */
export function cacheProblem(
  seconds: number | null,
  medium: string,
  rules: MediumRules,
): string | null {
  if (seconds === null) return null
  const { cacheSecondsMin, cacheSecondsMax } = rules
  if (cacheSecondsMax === 0) return `the wire of ${medium} has no cache time`
  if (seconds >= cacheSecondsMin && seconds <= cacheSecondsMax) return null
  return `${medium} takes ${cacheSecondsMin} to ${cacheSecondsMax} seconds`
}

function checkTargetIsFree(strategy: Strategy, view: CatalogView): void {
  for (const entity of view.all(strategyKind)) {
    if (entity.id === strategy.id) continue
    const other = entityValue<Strategy>(entity)
    if (other.medium !== strategy.medium || other.targetId !== strategy.targetId) continue
    const message = `strategy '${other.id}' has target id '${other.targetId}' of ${other.medium}`
    throw new Problem('SLUICE_CONTROL_TARGET_TAKEN', message, {
      errors: [{ path: 'targetId', message }],
    })
  }
}
