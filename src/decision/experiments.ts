/** Which arms a device is in, and what they make of a strategy. */
import type { ArmOutcome, CompiledAction, LiveStrategy, MediumPlan } from '../catalog/plan.ts'
import type { DeviceKeys } from '../domain/device-keys.ts'
import { bucketCount } from '../domain/strategy.ts'
import { bucketOf } from '../lib/mix.ts'
import type { Scratch } from './scratch.ts'

/**
 * Index of the id that decides the buckets: the one that the medium caches its answer by, so that
 * its cache never mixes arms, else the first; -1 when the request has no usable id.
 */
export function bucketKey(devices: DeviceKeys): number {
  if (devices.cachedBy >= 0 && devices.cachedBy < devices.count) return devices.cachedBy
  return devices.count > 0 ? 0 : -1
}

/** Bucket (0-9 999) of a device in the layer with this seed, for ever; -1 without a key. */
export function deviceBucket(devices: DeviceKeys, seed: number): number {
  const key = bucketKey(devices)
  if (key === -1) return -1
  return bucketOf(devices.high[key] ?? 0, devices.low[key] ?? 0, seed, bucketCount)
}

/** Arm index of the device in a layer of the plan, -1 for none; worked out once a request. */
export function armOf(layer: number, plan: MediumPlan, scratch: Scratch): number {
  const known = scratch.knownArm(layer)
  if (known !== null) return known
  const of = plan.layers[layer]
  const bucket = of === undefined ? -1 : deviceBucket(scratch.request.devices, of.seed)
  const arm = bucket === -1 ? -1 : (of?.armAt[bucket] ?? -1)
  scratch.arms[layer] = arm
  return arm
}

/**
 * What the strategy does for this device after its experiments, or null when an arm of any layer
 * holds it out (`scratch.holdoutTag` then has that arm's label). Where arms of several layers set
 * the same thing, the layer whose name sorts first wins.
 */
export function actionAfterExperiments(
  strategy: LiveStrategy,
  plan: MediumPlan,
  scratch: Scratch,
): CompiledAction | null {
  let action = strategy.action
  let first: ArmOutcome | null = null
  for (const { layer, outcomes } of strategy.experiments) {
    const arm = armOf(layer, plan, scratch)
    const outcome = arm === -1 ? null : (outcomes[arm] ?? null)
    if (outcome === null) continue
    if (outcome.holdout) {
      if (scratch.holdoutTag === '') scratch.holdoutTag = outcome.tag
      return null
    }
    // The catalog merged each arm with the strategy; only a second layer merges here.
    action = first === null ? outcome.action : merge(action, first, outcome)
    first = first === null ? outcome : both(first, outcome)
  }
  return action
}

/** `action`, with what `later` sets and `earlier` left alone. */
function merge(action: CompiledAction, earlier: ArmOutcome, later: ArmOutcome): CompiledAction {
  const bid = later.setsBid && !earlier.setsBid ? later.action : action
  const tag = later.setsTag && !earlier.setsTag ? later.action : action
  const cache = later.setsCache && !earlier.setsCache ? later.action : action
  return {
    verdict: {
      strategyId: action.verdict.strategyId,
      targetId: action.verdict.targetId,
      factor: bid.verdict.factor,
      cpcMicros: bid.verdict.cpcMicros,
      cpaMicros: bid.verdict.cpaMicros,
      pcvr: action.verdict.pcvr,
      products: action.verdict.products,
      advertiserIds: action.verdict.advertiserIds,
      adIds: action.verdict.adIds,
      tag: tag.verdict.tag,
      score: action.verdict.score,
    },
    factorByScore: bid.factorByScore,
    rankedBid: bid.rankedBid,
    sendsFineCvr: action.sendsFineCvr,
    cacheAcceptSeconds: cache.cacheAcceptSeconds,
    price: bid.price,
  }
}

function both(earlier: ArmOutcome, later: ArmOutcome): ArmOutcome {
  return {
    holdout: false,
    tag: earlier.tag,
    action: earlier.action,
    setsBid: earlier.setsBid || later.setsBid,
    setsTag: earlier.setsTag || later.setsTag,
    setsCache: earlier.setsCache || later.setsCache,
  }
}
