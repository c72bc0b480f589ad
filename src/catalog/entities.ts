/** Stored catalog entities as domain objects; what was parsed once is not parsed again. */
import type { ProductRef } from '../domain/decision.ts'
import { type Micros, micros } from '../domain/money.ts'
import {
  type Layout,
  type LayoutRecord,
  layoutFrom,
  layoutKind,
  type Pack,
  type PackLayer,
  type PackVersion,
  packKind,
  packLayersMax,
  packSlotsMax,
} from '../domain/pack.ts'
import {
  type BidAction,
  bucketCount,
  type Conditions,
  type Experiment,
  experimentKind,
  type RankedBid,
  type SecondPriceRule,
  type Strategy,
  type StrategyAction,
  type StrategyRanking,
  strategyKind,
} from '../domain/strategy.ts'
import { shardCount } from '../lib/shard-count.ts'
import type { CatalogChanges, StoredEntity } from '../store/ports.ts'
import { audienceOf, capsOf, convertedOf, ownId, windowOf } from './entity-parts.ts'
import { JsonShape, ShapeError } from './json-shape.ts'

/** A parsed entity of a kind that the snapshot knows, or why it cannot be used. */
export type ReadEntity =
  | { readonly kind: 'strategy'; readonly id: string; readonly value: Strategy }
  | { readonly kind: 'experiment'; readonly id: string; readonly value: Experiment }
  | { readonly kind: 'pack'; readonly id: string; readonly value: Pack }
  | { readonly kind: 'layout'; readonly id: string; readonly value: Layout }
  | { readonly kind: 'broken'; readonly id: string; readonly of: string; readonly reason: string }

/** A stored text and what it was read as. */
interface Known {
  readonly json: string
  readonly entity: ReadEntity
}

/**
 * Parses entities and remembers them by their text, so that a change of one of a thousand
 * strategies parses one. Holds exactly what the last `read` was given and the changes since.
 */
export class EntityReader {
  #known = new Map<string, Known>()

  /** Entities of the kinds a snapshot uses, in the order given; other kinds are passed over. */
  read(stored: readonly StoredEntity[]): ReadEntity[] {
    const known = new Map<string, Known>()
    for (const one of stored) this.#enter(one, known)
    this.#known = known
    return this.#entities()
  }

  /** All entities after a change, or null when it changed nothing that a snapshot uses. */
  apply(changes: Pick<CatalogChanges, 'entities' | 'deleted'>): ReadEntity[] | null {
    let isChanged = false
    for (const one of changes.entities) if (this.#enter(one, this.#known)) isChanged = true
    for (const { kind, id } of changes.deleted) {
      if (this.#known.delete(`${kind}/${id}`)) isChanged = true
    }
    return isChanged ? this.#entities() : null
  }

  /** Puts an entity into `known`; true when the text is not the one known before. */
  #enter(stored: StoredEntity, known: Map<string, Known>): boolean {
    const parse = parsers.get(stored.kind)
    if (parse === undefined) return false
    const key = `${stored.kind}/${stored.id}`
    const before = this.#known.get(key)
    const isSame = before !== undefined && before.json === stored.json
    known.set(key, isSame ? before : { json: stored.json, entity: parseEntity(stored, parse) })
    return !isSame
  }

  #entities(): ReadEntity[] {
    return [...this.#known.values()].map(({ entity }) => entity)
  }
}

type Parse = (shape: JsonShape, id: string) => ReadEntity

const parsers: ReadonlyMap<string, Parse> = new Map<string, Parse>([
  [strategyKind, (shape, id) => ({ kind: 'strategy', id, value: strategyOf(shape, id) })],
  [experimentKind, (shape, id) => ({ kind: 'experiment', id, value: experimentOf(shape, id) })],
  [packKind, (shape, id) => ({ kind: 'pack', id, value: packOf(shape, id) })],
  [layoutKind, (shape, id) => ({ kind: 'layout', id, value: layoutOf(shape) })],
])

/** The kinds that the snapshot of the RTA gate is made of. */
export const gateKinds: readonly string[] = [...parsers.keys()]

function parseEntity(stored: StoredEntity, parse: Parse): ReadEntity {
  try {
    return parse(new JsonShape(JSON.parse(stored.json)), stored.id)
  } catch (error) {
    if (!(error instanceof ShapeError || error instanceof SyntaxError)) throw error
    return { kind: 'broken', id: stored.id, of: stored.kind, reason: error.message }
  }
}

function strategyOf(shape: JsonShape, id: string): Strategy {
  return {
    id: ownId(shape, id),
    name: shape.text('name'),
    medium: shape.text('medium'),
    targetId: shape.text('targetId'),
    registered: shape.flag('registered'),
    enabled: shape.flag('enabled'),
    priority: shape.number('priority'),
    audience: audienceOf(shape.child('audience')),
    conditions: conditionsOf(shape.child('conditions')),
    action: actionOf(shape.child('action')),
    ranking: rankingOf(shape),
    caps: capsOf(shape),
    converted: convertedOf(shape),
    secondPrices: shape.children('secondPrices').map(secondPriceOf),
  }
}

function conditionsOf(shape: JsonShape): Conditions {
  const schedule = shape.childOrNull('schedule')
  const experiments = shape.child('experimentIds')
  const geo = shape.child('geo')
  return {
    os: shape.texts('os'),
    schedule:
      schedule === null
        ? null
        : {
            timeZone: schedule.text('timeZone'),
            windows: schedule.children('windows').map(windowOf),
          },
    startMs: shape.numberOrNull('startMs'),
    endMs: shape.numberOrNull('endMs'),
    experimentIds: {
      anyOf: experiments.integers('anyOf', 0, Number.MAX_SAFE_INTEGER),
      noneOf: experiments.integers('noneOf', 0, Number.MAX_SAFE_INTEGER),
    },
    geo: {
      countries: geo.texts('countries'),
      cities: geo.texts('cities'),
      excludedCities: geo.texts('excludedCities'),
    },
  }
}

function actionOf(shape: JsonShape): StrategyAction {
  const pcvr = shape.numberOrNull('pcvr')
  if (pcvr !== null && (pcvr < 0 || pcvr > 1)) shape.fail('pcvr', 'not inside [0, 1]')
  return {
    bid: bidOf(shape.child('bid')),
    products: shape.children('products').map(productOf),
    advertiserIds: shape.texts('advertiserIds'),
    adIds: shape.texts('adIds'),
    tag: shape.text('tag'),
    pcvr,
    cacheAcceptSeconds: shape.integerOrNull('cacheAcceptSeconds', 0, Number.MAX_SAFE_INTEGER),
    cacheRefuseSeconds: shape.integerOrNull('cacheRefuseSeconds', 0, Number.MAX_SAFE_INTEGER),
  }
}

/** Strategies that were stored before there was a ranking have none. */
function rankingOf(strategy: JsonShape): StrategyRanking | null {
  const shape = strategy.has('ranking') ? strategy.childOrNull('ranking') : null
  if (shape === null) return null
  const bid = shape.childOrNull('bid')
  return {
    campaigns: shape.texts('campaigns'),
    coarseModel: shape.text('coarseModel'),
    fineModel: shape.text('fineModel'),
    fineMax: shape.integer('fineMax', 1, Number.MAX_SAFE_INTEGER),
    currency: shape.text('currency'),
    minValueMicros: microsOf(shape, 'minValueMicros', 0),
    whenUnranked: shape.choice('whenUnranked', ['rules', 'refuse']),
    bid: bid === null ? null : rankedBidOf(bid),
    products: shape.children('products').map((product) => ({
      campaignId: product.text('campaignId'),
      libraryId: product.text('libraryId'),
      productId: product.text('productId'),
    })),
    productsMax: shape.integer('productsMax', 0, Number.MAX_SAFE_INTEGER),
    pcvr: shape.flag('pcvr'),
  }
}

function rankedBidOf(shape: JsonShape): RankedBid {
  const kind = shape.choice('kind', ['factor', 'cpc', 'cpa'])
  if (kind === 'factor') {
    return {
      kind,
      valueAtOneMicros: microsOf(shape, 'valueAtOneMicros', 1),
      min: shape.number('min'),
      max: shape.number('max'),
    }
  }
  return {
    kind,
    share: shape.number('share'),
    minMicros: microsOf(shape, 'minMicros', 0),
    maxMicros: microsOf(shape, 'maxMicros', 1),
  }
}

function microsOf(shape: JsonShape, key: string, least: number): Micros {
  return micros(shape.integer(key, least, Number.MAX_SAFE_INTEGER))
}

function productOf(shape: JsonShape): ProductRef {
  return {
    libraryId: shape.text('libraryId'),
    productId: shape.text('productId'),
    priority: shape.integer('priority', 1, 100),
    // JSON has no NaN: null is how "no score" is stored.
    score: shape.numberOrNull('score') ?? Number.NaN,
  }
}

function bidOf(shape: JsonShape): BidAction {
  const kind = shape.text('kind')
  switch (kind) {
    case 'none':
      return { kind }
    case 'factor':
      return { kind, factor: shape.number('factor') }
    case 'factorByScore':
      return {
        kind,
        packId: shape.text('packId'),
        low: shape.number('low'),
        high: shape.number('high'),
      }
    case 'cpc':
    case 'cpa':
      return { kind, priceMicros: micros(shape.integer('priceMicros', 1, Number.MAX_SAFE_INTEGER)) }
    default:
      return shape.fail('kind', `no bid is of kind ${kind}`)
  }
}

function secondPriceOf(shape: JsonShape): SecondPriceRule {
  return {
    adGroupId: shape.text('adGroupId'),
    creativeId: shape.text('creativeId'),
    productId: shape.text('productId'),
    bid: secondBidOf(shape.child('bid'), shape),
  }
}

function secondBidOf(shape: JsonShape, rule: JsonShape): SecondPriceRule['bid'] {
  if (shape.text('kind') === 'ignore') return { kind: 'ignore' }
  const bid = bidOf(shape)
  if (bid.kind === 'none' || bid.kind === 'factorByScore') {
    return rule.fail('bid.kind', `a second request has no bid of kind ${bid.kind}`)
  }
  return bid
}

function experimentOf(shape: JsonShape, id: string): Experiment {
  return {
    id: ownId(shape, id),
    name: shape.text('name'),
    layer: shape.text('layer'),
    firstBucket: shape.integer('firstBucket', 0, bucketCount - 1),
    enabled: shape.flag('enabled'),
    media: shape.texts('media'),
    strategies: shape.texts('strategies'),
    arms: shape.children('arms').map((arm) => {
      const bid = arm.childOrNull('bid')
      return {
        id: arm.text('id'),
        share: arm.integer('share', 0, bucketCount),
        holdout: arm.flag('holdout'),
        bid: bid === null ? null : bidOf(bid),
        tag: arm.textOrNull('tag'),
        cacheAcceptSeconds: arm.integerOrNull('cacheAcceptSeconds', 0, Number.MAX_SAFE_INTEGER),
      }
    }),
  }
}

function packOf(shape: JsonShape, id: string): Pack {
  const current = shape.childOrNull('current')
  const previous = shape.childOrNull('previous')
  return {
    id: ownId(shape, id),
    current: current === null ? null : packVersionOf(current),
    previous: previous === null ? null : packVersionOf(previous),
    expiresAtMs: shape.numberOrNull('expiresAtMs'),
  }
}

function packVersionOf(shape: JsonShape): PackVersion {
  const layers = shape.children('layers').map(layerOf)
  if (layers.length > packLayersMax) shape.fail('layers', `more than ${packLayersMax}`)
  return {
    version: shape.integer('version', 0, Number.MAX_SAFE_INTEGER),
    layers,
    devices: shape.number('devices'),
    activatedAtMs: shape.number('activatedAtMs'),
  }
}

function layerOf(shape: JsonShape): PackLayer {
  const sign = shape.integer('sign', -1, 1)
  return {
    slot: shape.integer('slot', 0, packSlotsMax - 1),
    sign: sign === 1 ? 1 : sign === -1 ? -1 : shape.fail('sign', 'neither 1 nor -1'),
  }
}

function layoutOf(shape: JsonShape): Layout {
  const generation = shape.text('generation')
  const buckets = shape.integers('buckets', 1, 0xffff_ffff)
  if (!/^[01]+$/.test(generation) || generation.length !== shardCount) {
    shape.fail('generation', `not ${shardCount} digits 0 or 1`)
  }
  if (buckets.length !== shardCount) shape.fail('buckets', `not ${shardCount} numbers`)
  // The ceiling is for writers; no reader looks at it.
  const record: LayoutRecord = { generation, buckets, ceiling: 0 }
  return layoutFrom(record)
}
