/** Trains a logistic regression on the training slice of a set, a head for each target. */
import type { Target } from '../scoring/manifest.ts'
import type { Dataset } from './dataset.ts'
import type { RowRange } from './dataset-format.ts'
import { examplesOf } from './examples.ts'
import { type ExampleBatch, Ftrl, type LossSum } from './ftrl.ts'
import type { LrSettings } from './lr-defaults.ts'
import type { LinearHead } from './lr-graph.ts'
import { TrainingError } from './training-error.ts'

/** What one pass came to: mean log loss, in nats. */
export interface EpochReport {
  readonly target: Target
  readonly epoch: number
  readonly rows: number
  readonly positives: number
  /** Of each row before it was learned (progressive validation); in pass 1 no row was seen before. */
  readonly progressiveLoss: number
  /** Of the last part of the slice, which is not learned from; NaN when it has no example. */
  readonly heldOutLoss: number
}

/** Share of the training slice, its newest rows, by which the number of passes is chosen. */
const heldOutShare = 0.1

/** Fewer positives say nothing of a model. */
const positivesMin = 10

/**
 * Learns a head, by passes over the older part of the slice until its newest part shows no gain;
 * what was best then learns that part once. Rows come in time order in every pass: no shuffling, so
 * equal sets give equal weights. Throws `TrainingError` (SLUICE_TRAINING_LABELS) on a slice with
 * hardly any positives.
 */
export function trainHead(
  dataset: Dataset,
  target: Target,
  settings: LrSettings,
  onEpoch: (report: EpochReport) => void,
): LinearHead {
  const { askWidth, adWidth, pairWidth, slotCount, slices } = dataset.info
  const [from, to] = slices.train
  const cut = to - Math.floor((to - from) * heldOutShare)
  const batches = (range: RowRange): Iterable<ExampleBatch> => examplesOf(dataset, target, range)
  const counts = countOf(batches([from, cut]))
  if (counts.positives < positivesMin || counts.positives === counts.rows) {
    throw new TrainingError(
      'SLUICE_TRAINING_LABELS',
      `the training slice has ${counts.positives} positives in ${counts.rows} rows for ${target}; ` +
        `at least ${positivesMin}, and as many others, are needed`,
    )
  }
  const width = askWidth + adWidth + pairWidth
  const ftrl = new Ftrl(slotCount, width, settings, counts.baseRate)
  let best = Number.POSITIVE_INFINITY
  let saved = ftrl.save()
  for (let epoch = 1; epoch <= settings.epochsMax; epoch++) {
    const progressiveLoss = meanLoss(batches([from, cut]), (batch) => ftrl.learn(batch))
    const heldOutLoss = meanLoss(batches([cut, to]), (batch) => ftrl.loss(batch))
    onEpoch({ target, epoch, ...counts, progressiveLoss, heldOutLoss })
    // NaN (nothing held out) is no gain either: then the first pass stands.
    if (epoch > 1 && !(heldOutLoss < best)) break
    best = heldOutLoss
    saved = ftrl.save()
  }
  ftrl.restore(saved)
  meanLoss(batches([cut, to]), (batch) => ftrl.learn(batch))
  return { target, ...ftrl.weights() }
}

interface Counts {
  readonly rows: number
  readonly positives: number
  /** By weight. */
  readonly baseRate: number
}

function countOf(batches: Iterable<ExampleBatch>): Counts {
  let rows = 0
  let positives = 0
  let weight = 0
  let positiveWeight = 0
  for (const batch of batches) {
    rows += batch.count
    for (let i = 0; i < batch.count; i++) {
      const w = batch.weight[i] as number
      weight += w
      if (batch.label[i] === 0) continue
      positives++
      positiveWeight += w
    }
  }
  return { rows, positives, baseRate: positiveWeight / weight }
}

function meanLoss(
  batches: Iterable<ExampleBatch>,
  lossOf: (batch: ExampleBatch) => LossSum,
): number {
  let loss = 0
  let weight = 0
  for (const batch of batches) {
    const sum = lossOf(batch)
    loss += sum.loss
    weight += sum.weight
  }
  return loss / weight
}
