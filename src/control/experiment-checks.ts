/**
 * From a well-formed input to a stored experiment: buckets, media and strategies must exist and
 * fit.
 */
import type { MediumRules } from '../domain/medium-rules.ts'
import { packKind } from '../domain/pack.ts'
import {
  bucketCount,
  type Experiment,
  type ExperimentArm,
  experimentKind,
  strategyKind,
} from '../domain/strategy.ts'
import { bidOf, checkBid } from './bid-checks.ts'
import { type CatalogView, entityValue } from './catalog-desk.ts'
import { Findings } from './findings.ts'
import { type FieldError, Problem } from './problem.ts'
import type { ExperimentInput } from './schemas/experiment-schema.ts'
import { cacheProblem } from './strategy-checks.ts'

/** What an experiment is checked against. */
export interface ExperimentContext {
  readonly media: ReadonlyMap<string, MediumRules>
  readonly view: CatalogView
}

/**
 * The stored form of an experiment and what its author should know. Throws 400 with the path of
 * each bad field, or 409 when another enabled experiment of the layer holds some of the buckets.
 */
export function checkedExperiment(
  id: string,
  input: ExperimentInput,
  context: ExperimentContext,
): { readonly experiment: Experiment; readonly warnings: readonly FieldError[] } {
  const findings = new Findings()
  if (input.id !== undefined && input.id !== id)
    findings.error('id', `differs from the path: ${id}`)
  const experiment = experimentOf(id, input)
  checkShares(findings, experiment)
  checkNames(findings, experiment, context)
  for (const [i, arm] of experiment.arms.entries()) {
    checkArm(findings, `arms[${i}]`, arm, { experiment, context })
  }
  findings.throwIfAny()
  if (experiment.enabled) checkBucketsAreFree(experiment, context.view)
  return { experiment, warnings: findings.warnings }
}

function experimentOf(id: string, input: ExperimentInput): Experiment {
  const { name, layer, firstBucket, enabled, media, strategies } = input
  const arms = input.arms.map((arm) => ({ ...arm, bid: arm.bid === null ? null : bidOf(arm.bid) }))
  return { id, name, layer, firstBucket, enabled, media, strategies, arms }
}

function endBucket(experiment: Experiment): number {
  return experiment.arms.reduce((sum, arm) => sum + arm.share, experiment.firstBucket)
}

function checkShares(findings: Findings, experiment: Experiment): void {
  const end = endBucket(experiment)
  const sum = end - experiment.firstBucket
  if (sum > bucketCount) findings.error('arms', `shares add up to ${sum}, above ${bucketCount}`)
  else if (end > bucketCount) {
    findings.error('firstBucket', `the last bucket would be ${end - 1}, above ${bucketCount - 1}`)
  }
  const seen = new Set<string>()
  for (const [i, arm] of experiment.arms.entries()) {
    if (seen.has(arm.id)) findings.error(`arms[${i}].id`, `two arms are named '${arm.id}'`)
    seen.add(arm.id)
  }
}

function checkNames(findings: Findings, experiment: Experiment, context: ExperimentContext): void {
  const known = [...context.media.keys()].join(', ')
  for (const [i, name] of experiment.media.entries()) {
    if (!context.media.has(name)) {
      findings.error(`media[${i}]`, `no medium '${name}'; there are: ${known}`)
    }
  }
  for (const [i, id] of experiment.strategies.entries()) {
    if (context.view.get(strategyKind, id) === null) {
      findings.error(`strategies[${i}]`, `there is no strategy '${id}'`)
    }
  }
}

/** Media the author named must be able to say the arm's values; for "every medium" it is advice. */
function checkArm(
  findings: Findings,
  path: string,
  arm: ExperimentArm,
  scope: { readonly experiment: Experiment; readonly context: ExperimentContext },
): void {
  const { media, view } = scope.context
  const named = scope.experiment.media
  for (const [name, rules] of media) {
    if (named.length > 0 && !named.includes(name)) continue
    if (arm.bid !== null) checkBid(findings, `${path}.bid`, arm.bid, { name, rules })
    const problem = cacheProblem(arm.cacheAcceptSeconds, name, rules)
    if (problem === null) continue
    if (named.length > 0) findings.error(`${path}.cacheAcceptSeconds`, problem)
    else findings.warn(`${path}.cacheAcceptSeconds`, problem)
  }
  if (arm.bid?.kind === 'factorByScore' && view.get(packKind, arm.bid.packId) === null) {
    findings.error(`${path}.bid.packId`, `there is no pack '${arm.bid.packId}'`)
  }
}

function checkBucketsAreFree(experiment: Experiment, view: CatalogView): void {
  const end = endBucket(experiment)
  for (const entity of view.all(experimentKind)) {
    if (entity.id === experiment.id) continue
    const other = entityValue<Experiment>(entity)
    if (!other.enabled || other.layer !== experiment.layer) continue
    const otherEnd = endBucket(other)
    if (experiment.firstBucket >= otherEnd || other.firstBucket >= end) continue
    const range = `${other.firstBucket} to ${otherEnd - 1}`
    const message = `experiment '${other.id}' holds buckets ${range} of layer '${other.layer}'`
    throw new Problem('SLUICE_CONTROL_BUCKETS_TAKEN', message, {
      errors: [{ path: 'firstBucket', message }],
    })
  }
}
