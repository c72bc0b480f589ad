/** Compiles the catalog's entities into an immutable, indexed snapshot. */
import type { MediumRules } from '../domain/medium-rules.ts'
import { emptyLayout, indexPacks, type Layout, type Pack, type PackIndex } from '../domain/pack.ts'
import type { Experiment, Strategy } from '../domain/strategy.ts'
import { compileAction, compileSecondRules, ownCacheSeconds } from './compile-action.ts'
import { compileAudience, indexByPack, unknownPacks } from './compile-audience.ts'
import { asksWhere } from './compile-conditions.ts'
import {
  type LayerPlan,
  layersOf,
  type MediumLayer,
  planLayers,
  strategyLayers,
} from './compile-experiments.ts'
import type { CompileMemory } from './compile-memory.ts'
import type { ReadEntity } from './entities.ts'
import { GuardTableBuilder, strategyGuards } from './guards.ts'
import { ShapeError } from './json-shape.ts'
import type {
  LiveStrategy,
  MediumPlan,
  OutReason,
  OutStrategy,
  Snapshot,
  SnapshotProblem,
} from './plan.ts'

/** What compiling needs beside the entities. */
export interface CompileContext {
  readonly revision: number
  /** Rules of a medium, or null for a name that no adapter has. */
  readonly rulesOf: (medium: string) => MediumRules | null
  /** Epoch milliseconds: packs that have expired by then match nobody. */
  readonly nowMs: number
  /** Kept over compilations. */
  readonly memory: CompileMemory
}

/**
 * A snapshot of everything that compiles. An entity that does not is left out and listed in
 * `problems`; the one exception is a broken bucket layout, which throws: read through a wrong
 * layout every device would look unknown, so the caller keeps the snapshot it has.
 */
export function compileSnapshot(
  entities: readonly ReadEntity[],
  context: CompileContext,
): Snapshot {
  const problems: SnapshotProblem[] = []
  const sorted = sortOut(entities, problems)
  const packs = usablePacks(sorted.packs, problems)
  const base: Base = {
    context,
    problems,
    packs,
    index: indexPacks(packs, context.nowMs),
    layout: sorted.layout,
    layers: planLayers(sorted.experiments, problems),
  }
  context.memory.begin(base.index.ids, sorted.experiments)
  const media = new Map<string, MediumPlan>()
  for (const [medium, strategies] of byMedium(sorted.strategies)) {
    const plan = compileMedium(medium, strategies, base)
    if (plan !== null) media.set(medium, plan)
  }
  return {
    revision: context.revision,
    packs: base.index,
    layout: sorted.layout,
    media,
    problems,
    nextExpiryMs: nextExpiry(packs, context.nowMs),
  }
}

/** What the compilation of every medium shares. */
interface Base {
  readonly context: CompileContext
  readonly problems: SnapshotProblem[]
  readonly packs: readonly Pack[]
  readonly index: PackIndex
  readonly layout: Layout
  readonly layers: readonly LayerPlan[]
}

interface SortedEntities {
  readonly strategies: Strategy[]
  readonly experiments: Experiment[]
  readonly packs: Pack[]
  layout: Layout
}

function sortOut(entities: readonly ReadEntity[], problems: SnapshotProblem[]): SortedEntities {
  const sorted: SortedEntities = {
    strategies: [],
    experiments: [],
    packs: [],
    layout: emptyLayout(),
  }
  for (const entity of entities) {
    switch (entity.kind) {
      case 'strategy':
        sorted.strategies.push(entity.value)
        break
      case 'experiment':
        sorted.experiments.push(entity.value)
        break
      case 'pack':
        sorted.packs.push(entity.value)
        break
      case 'layout':
        sorted.layout = entity.value
        break
      case 'broken':
        if (entity.of === 'layout') throw new ShapeError(`layout: ${entity.reason}`)
        problems.push({ kind: entity.of, id: entity.id, reason: entity.reason, skipped: true })
    }
  }
  return sorted
}

/** Packs by id. One that claims a slot of another is left out: its devices would be the other's. */
function usablePacks(packs: readonly Pack[], problems: SnapshotProblem[]): Pack[] {
  const ownerOf = new Map<number, string>()
  const usable: Pack[] = []
  for (const pack of packs.toSorted((a, b) => (a.id < b.id ? -1 : 1))) {
    const slots = (pack.current?.layers ?? []).map((layer) => layer.slot)
    const taken = slots.find((slot) => ownerOf.has(slot))
    if (taken !== undefined) {
      const reason = `slot ${taken} belongs to pack ${ownerOf.get(taken)}`
      problems.push({ kind: 'pack', id: pack.id, reason, skipped: true })
      continue
    }
    for (const slot of slots) ownerOf.set(slot, pack.id)
    usable.push(pack)
  }
  return usable
}

function nextExpiry(packs: readonly Pack[], nowMs: number): number {
  let next = Number.POSITIVE_INFINITY
  for (const { expiresAtMs } of packs) {
    if (expiresAtMs !== null && expiresAtMs > nowMs && expiresAtMs < next) next = expiresAtMs
  }
  return next
}

function byMedium(strategies: readonly Strategy[]): Map<string, Strategy[]> {
  const grouped = new Map<string, Strategy[]>()
  for (const strategy of strategies) {
    const group = grouped.get(strategy.medium)
    if (group === undefined) grouped.set(strategy.medium, [strategy])
    else group.push(strategy)
  }
  return grouped
}

function compileMedium(
  medium: string,
  strategies: readonly Strategy[],
  base: Base,
): MediumPlan | null {
  const rules = base.context.rulesOf(medium)
  if (rules === null) {
    for (const { id } of strategies) {
      const reason = `no medium is called ${medium}`
      base.problems.push({ kind: 'strategy', id, reason, skipped: true })
    }
    return null
  }
  const layers = layersOf(medium, base.layers)
  const live: LiveStrategy[] = []
  const out: OutStrategy[] = []
  for (const strategy of strategies.toSorted(byPriority)) {
    const reason = outReason(strategy, rules)
    if (reason !== null) out.push({ id: strategy.id, targetId: strategy.targetId, reason })
    else pushCompiled(live, strategy, { rules, layers, base })
  }
  const byTarget = positionsByTarget(live)
  const { index: packs, layout } = base
  const asksHistory = live.some(({ guards }) => guards.length > 0)
  return {
    medium,
    rules,
    live,
    out,
    byTarget,
    byId: new Map(live.map((strategy, position) => [strategy.id, position])),
    sharesTargets: byTarget.size < live.length,
    ranks: live.some(({ ranking }) => ranking !== null),
    guards: guardTable(live),
    view: { packs, layout, asksHistory },
    usesGeo: live.some((strategy) => asksWhere(strategy.conditions)),
    ...indexByPack(live, base.index, base.packs),
    layers: layers.map(({ layer }) => layer),
  }
}

function guardTable(live: readonly LiveStrategy[]): MediumPlan['guards'] {
  const builder = new GuardTableBuilder()
  for (const [position, { guards }] of live.entries()) builder.add(position, guards)
  return builder.build()
}

/** Highest priority first; equal ones by id, so that every process has the same order. */
function byPriority(a: Strategy, b: Strategy): number {
  return b.priority - a.priority || (a.id < b.id ? -1 : 1)
}

function outReason(strategy: Strategy, rules: MediumRules): OutReason | null {
  if (!strategy.enabled) return 'disabled'
  if (!strategy.registered) return 'unregistered'
  return isTargetId(strategy.targetId, rules) ? null : 'bad-target-id'
}

const int64Max = 9_223_372_036_854_775_807n

/** True for an id that the medium's wire can carry unchanged. */
function isTargetId(targetId: string, rules: MediumRules): boolean {
  if (targetId === '' || targetId.length > rules.targetIdCharsMax) return false
  if (!rules.numericTargets) return true
  // Without leading zeros: the text is compared with the decimal form of the wire's integer.
  return /^[1-9]\d{0,18}$/.test(targetId) && BigInt(targetId) <= int64Max
}

interface MediumContext {
  readonly rules: MediumRules
  readonly layers: readonly MediumLayer[]
  readonly base: Base
}

function pushCompiled(live: LiveStrategy[], strategy: Strategy, medium: MediumContext): void {
  const { context, problems } = medium.base
  const { id } = strategy
  try {
    const compiled = context.memory.liveOf(strategy, () => compileStrategy(strategy, medium))
    live.push(compiled)
    if (compiled.unknownPacks.length === 0) return
    const reason = `names packs that are not there: ${compiled.unknownPacks.join(', ')}`
    problems.push({ kind: 'strategy', id, reason, skipped: false })
  } catch (error) {
    if (!(error instanceof ShapeError)) throw error
    problems.push({ kind: 'strategy', id, reason: error.message, skipped: true })
  }
}

function compileStrategy(strategy: Strategy, medium: MediumContext): LiveStrategy {
  const { rules, layers } = medium
  const { context, index } = medium.base
  return {
    id: strategy.id,
    targetId: strategy.targetId,
    priority: strategy.priority,
    audience: compileAudience(strategy.audience, index),
    conditions: context.memory.conditionsOf(strategy),
    action: compileAction(strategy, rules, index),
    ranking: rankingOf(strategy),
    guards: strategyGuards(strategy),
    requires: strategy.converted.filter(({ kind }) => kind === 'require').length,
    isNearAlways: strategy.caps.some(({ impressions }) => impressions === 1),
    cacheRefuseSeconds: ownCacheSeconds(strategy.action.cacheRefuseSeconds, rules),
    experiments: strategyLayers(strategy, layers, rules, index),
    second: compileSecondRules(strategy, rules),
    unknownPacks: unknownPacks(strategy, index),
    source: strategy,
  }
}

/** Campaigns by id: the order in which they were written must not decide between equals. */
function rankingOf({ ranking }: Strategy): LiveStrategy['ranking'] {
  return ranking === null ? null : { ...ranking, campaigns: ranking.campaigns.toSorted() }
}

function positionsByTarget(live: readonly LiveStrategy[]): Map<string, number[]> {
  const positions = new Map<string, number[]>()
  for (const [position, { targetId }] of live.entries()) {
    const known = positions.get(targetId)
    if (known === undefined) positions.set(targetId, [position])
    else known.push(position)
  }
  return positions
}
