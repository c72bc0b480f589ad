/** Experiments as layers of buckets, and what each arm means for each strategy. */

import type { MediumRules } from '../domain/medium-rules.ts'
import type { PackIndex } from '../domain/pack.ts'
import { bucketCount, type Experiment, type Strategy } from '../domain/strategy.ts'
import { seedOf } from '../lib/mix.ts'
import { compileArm } from './compile-action.ts'
import type { ArmOutcome, Layer, LayerArm, SnapshotProblem, StrategyLayer } from './plan.ts'

/** Experiments of one layer name, in order of their buckets; none overlaps another. */
export interface LayerPlan {
  readonly name: string
  readonly experiments: readonly Experiment[]
}

/** A layer of one medium with the arms' experiments beside it, while compiling. */
export interface MediumLayer {
  readonly layer: Layer
  readonly sources: readonly { readonly experiment: Experiment; readonly arm: number }[]
}

/**
 * Sorts the enabled experiments into layers by name. One that leaves the layer or takes buckets
 * that an earlier id holds is left out and listed: two arms for one device would spoil both.
 */
export function planLayers(
  experiments: readonly Experiment[],
  problems: SnapshotProblem[],
): LayerPlan[] {
  const byName = new Map<string, Experiment[]>()
  const byId = experiments.filter((one) => one.enabled).sort((a, b) => (a.id < b.id ? -1 : 1))
  for (const experiment of byId) {
    const layer = byName.get(experiment.layer) ?? []
    const reason = misfit(experiment, layer)
    if (reason === null) layer.push(experiment)
    else problems.push({ kind: 'experiment', id: experiment.id, reason, skipped: true })
    byName.set(experiment.layer, layer)
  }
  return [...byName]
    .map(([name, layer]) => ({ name, experiments: layer }))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
}

/** The layers of one medium; their order is that of the names. */
export function layersOf(medium: string, plans: readonly LayerPlan[]): MediumLayer[] {
  const layers: MediumLayer[] = []
  for (const plan of plans) {
    const here = plan.experiments.filter((one) => actsOnMedium(one, medium))
    if (here.length > 0) layers.push(mediumLayer(plan.name, here))
  }
  return layers
}

/** What every layer's arms make of one strategy; layers that do not act on it are left out. */
export function strategyLayers(
  strategy: Strategy,
  layers: readonly MediumLayer[],
  rules: MediumRules,
  packs: PackIndex,
): StrategyLayer[] {
  const found: StrategyLayer[] = []
  for (const [index, { sources }] of layers.entries()) {
    const outcomes = sources.map(({ experiment, arm }): ArmOutcome | null => {
      const definition = experiment.arms[arm]
      if (definition === undefined || !actsOnStrategy(experiment, strategy)) return null
      return compileArm(strategy, definition, rules, packs)
    })
    if (outcomes.some((outcome) => outcome !== null)) found.push({ layer: index, outcomes })
  }
  return found
}

function misfit(experiment: Experiment, layer: readonly Experiment[]): string | null {
  const end = endOf(experiment)
  if (end > bucketCount) return `its arms end at bucket ${end}, a layer has ${bucketCount}`
  for (const other of layer) {
    if (experiment.firstBucket < endOf(other) && other.firstBucket < end) {
      return `its buckets overlap those of experiment ${other.id}`
    }
  }
  return null
}

function endOf(experiment: Experiment): number {
  return experiment.arms.reduce((end, arm) => end + arm.share, experiment.firstBucket)
}

function actsOnMedium(experiment: Experiment, medium: string): boolean {
  return experiment.media.length === 0 || experiment.media.includes(medium)
}

function actsOnStrategy(experiment: Experiment, strategy: Strategy): boolean {
  return experiment.strategies.length === 0 || experiment.strategies.includes(strategy.id)
}

function mediumLayer(name: string, experiments: readonly Experiment[]): MediumLayer {
  const armAt = new Int16Array(bucketCount).fill(-1)
  const arms: LayerArm[] = []
  const sources: { experiment: Experiment; arm: number }[] = []
  for (const experiment of experiments) {
    let bucket = experiment.firstBucket
    for (const [index, arm] of experiment.arms.entries()) {
      armAt.fill(arms.length, bucket, bucket + arm.share)
      bucket += arm.share
      arms.push({ experimentId: experiment.id, armId: arm.id })
      sources.push({ experiment, arm: index })
    }
  }
  return { layer: { name, seed: seedOf(name), armAt, arms }, sources }
}
