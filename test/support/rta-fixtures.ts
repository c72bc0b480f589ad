/** Small builders of strategies, experiments, packs, snapshots and audiences for tests. */
import type { AudienceReader, AudienceView } from '../../src/audience/audience-reader.ts'
import { CompileMemory } from '../../src/catalog/compile-memory.ts'
import { EntityReader } from '../../src/catalog/entities.ts'
import type { Snapshot } from '../../src/catalog/plan.ts'
import { compileSnapshot } from '../../src/catalog/snapshot.ts'
import type { DeviceKeys } from '../../src/domain/device-keys.ts'
import { IdType } from '../../src/domain/id-type.ts'
import type { MediumRules } from '../../src/domain/medium-rules.ts'
import type { MediumSettings } from '../../src/domain/medium-settings.ts'
import { noPrice } from '../../src/domain/money.ts'
import { type Pack, packKind } from '../../src/domain/pack.ts'
import { type Profile, ProfileState } from '../../src/domain/profile.ts'
import {
  type Conditions,
  type Experiment,
  type ExperimentArm,
  experimentKind,
  type Strategy,
  type StrategyAction,
  type StrategyRanking,
  strategyKind,
} from '../../src/domain/strategy.ts'
import type { StoredEntity } from '../../src/store/ports.ts'
import { fillHistory, type Touch } from './user-histories.ts'

/** Rules in the manner of Tencent's. */
export const testRules: MediumRules = {
  budgetMs: 60,
  secondBudgetMs: 80,
  cacheSecondsMin: 3_600,
  cacheSecondsMax: 604_800,
  factorMin: 0.2,
  factorMax: 5,
  factorDecimals: 2,
  priceUnitMicros: 10_000,
  targetIdCharsMax: 32,
  numericTargets: false,
  refusalStatus: 200,
}

/** Settings of a medium that refuses what it does not know. */
export function settingsOf(name: string, over: Partial<MediumSettings> = {}): MediumSettings {
  return {
    name,
    enabled: true,
    networkAllowanceMs: 10,
    sendAllowanceMs: 1,
    qpsMax: 0,
    secretHeader: null,
    unknownProfile: { kind: 'refuse' },
    cacheAcceptSeconds: null,
    cacheRefuseSeconds: null,
    exchangeLogRate: 0,
    exchangeLogStrategies: [],
    ...over,
  }
}

/** Conditions that never matter. */
const noConditions: Conditions = {
  os: [],
  schedule: null,
  startMs: null,
  endMs: null,
  experimentIds: { anyOf: [], noneOf: [] },
  geo: { countries: [], cities: [], excludedCities: [] },
}

/** Takes part without changing anything. */
const plainAction: StrategyAction = {
  bid: { kind: 'none' },
  products: [],
  advertiserIds: [],
  adIds: [],
  tag: '',
  pcvr: null,
  cacheAcceptSeconds: null,
  cacheRefuseSeconds: null,
}

type StrategyOver = Partial<Omit<Strategy, 'audience' | 'conditions' | 'action'>> & {
  readonly audience?: Partial<Strategy['audience']>
  readonly conditions?: Partial<Conditions>
  readonly action?: Partial<StrategyAction>
}

/** A live strategy of medium `m` that everybody matches, target id `t-<id>`. */
export function strategyOf(id: string, over: StrategyOver = {}): Strategy {
  return {
    id,
    name: id,
    medium: 'm',
    targetId: `t-${id}`,
    registered: true,
    enabled: true,
    priority: 0,
    ranking: null,
    caps: [],
    converted: [],
    secondPrices: [],
    ...over,
    audience: { all: [], any: [], none: [], ...over.audience },
    conditions: { ...noConditions, ...over.conditions },
    action: { ...plainAction, ...over.action },
  }
}

/** By fine model `fine` alone, in the base currency; any value will do. */
export function rankingOf(campaigns: readonly string[], over: Partial<StrategyRanking> = {}) {
  const ranking: StrategyRanking = {
    campaigns,
    coarseModel: '',
    fineModel: 'fine',
    fineMax: 64,
    currency: '',
    minValueMicros: noPrice,
    whenUnranked: 'rules',
    bid: null,
    products: [],
    productsMax: 10,
    pcvr: false,
    ...over,
  }
  return ranking
}

/** An arm that changes nothing. */
export function armOf(id: string, share: number, over: Partial<ExperimentArm> = {}): ExperimentArm {
  return { id, share, holdout: false, bid: null, tag: null, cacheAcceptSeconds: null, ...over }
}

/** An experiment over everything, layer `l`. */
export function experimentOf(
  id: string,
  arms: readonly ExperimentArm[],
  over: Partial<Experiment> = {},
): Experiment {
  return {
    id,
    name: id,
    layer: 'l',
    firstBucket: 0,
    enabled: true,
    media: [],
    strategies: [],
    arms,
    ...over,
  }
}

/** A pack of one version in one slot. */
export function packOf(id: string, slot: number, over: Partial<Pack> = {}): Pack {
  const layers = [{ slot, sign: 1 as const }]
  return {
    id,
    current: { version: 1, layers, devices: 100, activatedAtMs: 0 },
    previous: null,
    expiresAtMs: null,
    ...over,
  }
}

/** Entities as a store would hold them. */
export function storedOf(
  strategies: readonly Strategy[],
  packs: readonly Pack[] = [],
  experiments: readonly Experiment[] = [],
): StoredEntity[] {
  const stored = (kind: string) => (value: { readonly id: string }) => {
    return { kind, id: value.id, version: 1, json: JSON.stringify(value) }
  }
  return [
    ...strategies.map(stored(strategyKind)),
    ...packs.map(stored(packKind)),
    ...experiments.map(stored(experimentKind)),
  ]
}

/** Where a test's snapshot differs from: revision 1, medium `m` alone known, the epoch's start. */
export interface SnapshotOver {
  readonly revision?: number
  readonly nowMs?: number
  readonly rules?: MediumRules
}

/** A compiled snapshot of stored entities. */
export function snapshotOf(stored: readonly StoredEntity[], over: SnapshotOver = {}): Snapshot {
  const { revision = 1, nowMs = 0, rules = testRules } = over
  return compileSnapshot(new EntityReader().read(stored), {
    revision,
    rulesOf: (medium) => (medium === 'm' || medium === 'm2' ? rules : null),
    nowMs,
    memory: new CompileMemory(),
  })
}

/** An audience in memory: pack ids (with scores) by the low word of the device key. */
export class MemoryAudience implements AudienceReader {
  reads = 0
  state: ProfileState = ProfileState.Known
  /** When set, reads wait until it is released. */
  gate: Promise<undefined> | null = null
  readonly #packs = new Map<number, ReadonlyMap<string, number>>()
  readonly #histories = new Map<number, readonly Touch[]>()

  /** Puts the device into packs; a score of -1 is none. */
  put(low: number, packs: Readonly<Record<string, number>>): void {
    this.#packs.set(low, new Map(Object.entries(packs)))
  }

  /** Gives the device a history; it is read only where the view asks for it. */
  putHistory(low: number, touches: readonly Touch[]): void {
    this.#histories.set(low, touches)
  }

  read(
    devices: DeviceKeys,
    view: AudienceView,
    _deadlineMs: number,
    profile: Profile,
  ): undefined | Promise<undefined> {
    this.reads++
    const fill = (): undefined => {
      profile.reset(view.packs.words)
      if (view.asksHistory === true) fillHistory(profile, this.#historiesOf(devices))
      profile.state = this.state
      profile.sawHistory = view.asksHistory === true && this.state === ProfileState.Known
      if (this.state === ProfileState.Known) this.#fill(devices, view, profile)
    }
    return this.gate === null ? fill() : this.gate.then(fill)
  }

  #historiesOf(devices: DeviceKeys): (readonly Touch[])[] {
    const lows = [...devices.low.subarray(0, devices.count)]
    return lows.flatMap((low) => {
      const touches = this.#histories.get(low)
      return touches === undefined ? [] : [touches]
    })
  }

  #fill(devices: DeviceKeys, view: AudienceView, profile: Profile): void {
    for (let i = 0; i < devices.count; i++) {
      const packs = this.#packs.get(devices.low[i]!)
      if (packs === undefined) continue
      profile.idsFound++
      for (const [id, score] of packs) {
        const number = view.packs.numberOf.get(id)
        if (number !== undefined && view.packs.slotPack.includes(number)) profile.add(number, score)
      }
    }
  }
}

/** Adds a device id whose key is `high:low`. */
export function pushDevice(devices: DeviceKeys, low: number, high = 0): void {
  devices.push(IdType.OaidMd5, high, low)
}
