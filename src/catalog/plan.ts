/** What a catalog compiles to: immutable, indexed, made off the road and read on it. */
import type { AdPrice } from '../domain/ad-request.ts'
import type { Verdict } from '../domain/decision.ts'
import type { Guard, GuardTable } from '../domain/guard.ts'
import type { MediumRules } from '../domain/medium-rules.ts'
import type { Layout, PackIndex } from '../domain/pack.ts'
import type { RankedBid, Strategy, StrategyRanking } from '../domain/strategy.ts'
import type { ZoneClock } from '../lib/zone-clock.ts'

/** One catalog revision. A request looks at one snapshot from its first step to its last. */
export interface Snapshot {
  readonly revision: number
  readonly packs: PackIndex
  readonly layout: Layout
  /** By medium name; a medium without any stored strategy has no plan. */
  readonly media: ReadonlyMap<string, MediumPlan>
  /** What was left out or looks wrong; everything else is in force. */
  readonly problems: readonly SnapshotProblem[]
  /** Epoch milliseconds at which the next pack expires; Infinity = never. */
  readonly nextExpiryMs: number
}

/** A stored entity that does not work as written. */
export interface SnapshotProblem {
  readonly kind: string
  readonly id: string
  readonly reason: string
  /** True: the entity is left out whole. False: it is in force, but not as its writer expects. */
  readonly skipped: boolean
}

/** The strategies of one medium, ready to be asked. */
export interface MediumPlan {
  readonly medium: string
  readonly rules: MediumRules
  /** Enabled, registered, with a valid target id; highest priority first, ties by id. */
  readonly live: readonly LiveStrategy[]
  /** The others, for explain. */
  readonly out: readonly OutStrategy[]
  /** Positions in `live` by the id the medium knows, and by our id. */
  readonly byTarget: ReadonlyMap<string, readonly number[]>
  readonly byId: ReadonlyMap<string, number>
  /** True when live strategies share a target id: the first that matches speaks for it. */
  readonly sharesTargets: boolean
  /** True when a live strategy is ranked by the campaigns behind it. */
  readonly ranks: boolean
  /** Caps and rules on converts; things are positions in `live`. */
  readonly guards: GuardTable
  /** What profiles are read through: with the history where a live strategy has any of these. */
  readonly view: {
    readonly packs: PackIndex
    readonly layout: Layout
    readonly asksHistory: boolean
  }
  /** True when a live strategy looks at where the device is. */
  readonly usesGeo: boolean
  /** Words of a bitset over positions in `live`. */
  readonly words: number
  /** Positions that need no pack, as a bitset. */
  readonly always: Uint32Array
  /**
   * By pack number: positions that may match a device of that pack, or null when none. A strategy
   * that needs several packs stands under the rarest only, so that few are looked at in vain.
   */
  readonly byPack: readonly (Uint32Array | null)[]
  readonly layers: readonly Layer[]
}

/** Why a stored strategy of a known medium is not live. */
export type OutReason = 'disabled' | 'unregistered' | 'bad-target-id'

/** A stored strategy that never takes part as it stands. */
export interface OutStrategy {
  readonly id: string
  readonly targetId: string
  readonly reason: OutReason
}

/** A strategy that may take part. */
export interface LiveStrategy {
  readonly id: string
  readonly targetId: string
  readonly priority: number
  readonly audience: CompiledAudience
  readonly conditions: CompiledConditions
  readonly action: CompiledAction
  /** How the campaigns behind it decide; null = rules alone. */
  readonly ranking: StrategyRanking | null
  /** Its caps and rules on converts, as rows of the plan's table. */
  readonly guards: readonly Guard[]
  /** Rules that want a conversion. */
  readonly requires: number
  /** True: a cap of one impression, of which there is one left or none. */
  readonly isNearAlways: boolean
  /** Seconds a refusal may be cached when this was the near miss; -1 = the medium's default. */
  readonly cacheRefuseSeconds: number
  /** Experiments that act on it, one entry a layer, layers by name. */
  readonly experiments: readonly StrategyLayer[]
  readonly second: SecondRules
  /** Packs that it names and the catalog does not have. */
  readonly unknownPacks: readonly string[]
  /** As it was written, for explain. */
  readonly source: Strategy
}

/**
 * Masks over pack numbers as pairs (word, mask), so that the cost follows the packs a strategy
 * names and not the packs there are.
 */
export interface CompiledAudience {
  readonly all: Int32Array
  readonly any: Int32Array
  readonly none: Int32Array
  /** True when it needs a pack that is not there: it matches nobody. */
  readonly impossible: boolean
  /** Numbers of the packs whose membership lets the device in. */
  readonly allPacks: Uint16Array
  readonly anyPacks: Uint16Array
}

/** Conditions as sets and masks; null = does not matter. */
export interface CompiledConditions {
  /** Bit per `Os` code; 0 = any. */
  readonly osMask: number
  readonly schedule: CompiledSchedule | null
  /** Flight, epoch milliseconds [startMs, endMs); infinite where open. */
  readonly startMs: number
  readonly endMs: number
  readonly experimentsAnyOf: ReadonlySet<number> | null
  readonly experimentsNoneOf: ReadonlySet<number> | null
  /** As `countryKey` writes them; cities are lower-case names. */
  readonly countries: ReadonlySet<string> | null
  readonly cities: ReadonlySet<string> | null
  readonly excludedCities: ReadonlySet<string> | null
}

/** The minutes of a week in which a strategy is live, one bit each. */
export interface CompiledSchedule {
  readonly zone: ZoneClock
  readonly minutes: Uint32Array
}

/** What taking part means, ready to be sent. */
export interface CompiledAction {
  /** The verdict as it is sent when no pack score is known; its `score` is -1. */
  readonly verdict: Verdict
  readonly factorByScore: FactorByScore | null
  /** Comes before the other bids where the strategy was ranked; null = they stay. */
  readonly rankedBid: RankedBid | null
  /** True: the fine model's CVR comes before the verdict's. */
  readonly sendsFineCvr: boolean
  /** Seconds an accept may be cached, inside the medium's range; -1 = the medium's default. */
  readonly cacheAcceptSeconds: number
  readonly price: AdPrice
}

/** Bid factors by the device's score (0-255) in a pack. */
export interface FactorByScore {
  /** -1 when there is no such pack: no device has a score then. */
  readonly pack: number
  readonly factors: Float64Array
}

/** Experiments that share one set of buckets. */
export interface Layer {
  readonly name: string
  readonly seed: number
  /** By bucket: index in `arms`, or -1. */
  readonly armAt: Int16Array
  readonly arms: readonly LayerArm[]
}

/** An arm of an experiment. */
export interface LayerArm {
  readonly experimentId: string
  readonly armId: string
}

/** What a layer's arms mean for one strategy. */
export interface StrategyLayer {
  /** Index in `MediumPlan.layers`. */
  readonly layer: number
  /** By arm index of the layer; null where the arm's experiment does not act on this strategy. */
  readonly outcomes: readonly (ArmOutcome | null)[]
}

/** One arm applied to one strategy. */
export interface ArmOutcome {
  readonly holdout: boolean
  /** The arm's own label; empty when it has none. */
  readonly tag: string
  /** The strategy's action with this arm's overrides. */
  readonly action: CompiledAction
  readonly setsBid: boolean
  readonly setsTag: boolean
  readonly setsCache: boolean
}

/** Prices of second requests; the first entry of a list that fits is the most specific. */
export interface SecondRules {
  readonly byProduct: ReadonlyMap<string, readonly SecondRule[]>
  readonly byCreative: ReadonlyMap<string, readonly SecondRule[]>
  /** By ad group; '' holds the rule for all of them. */
  readonly byAdGroup: ReadonlyMap<string, SecondRule>
  readonly advertiserIds: ReadonlySet<string> | null
  readonly adIds: ReadonlySet<string> | null
}

/** One price rule. Empty ids mean any. */
export interface SecondRule {
  readonly adGroupId: string
  readonly creativeId: string
  readonly ignore: boolean
  readonly price: AdPrice
}
