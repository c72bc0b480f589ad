/** How good probabilities are, by weighted rows: ranking, surprise, and whether they are true. */
import { orderByScore } from './score-order.ts'

/** Rows to be judged, in one order; `label` is 0, 1 or, where the truth is known, a probability. */
export interface ScoredRows {
  readonly score: Float64Array
  readonly label: Float64Array
  readonly weight: Float64Array
}

/** What a decile or all rows predict against what came: 1 is right, above it too high. */
export interface Figures {
  /**
   * Chance that a positive row scores above a negative one, ties as a half. With probabilities as
   * labels: the value expected of it. NaN without positives or negatives.
   */
  readonly auc: number
  /** Mean of -ln(chance given to what came), in nats. */
  readonly logLoss: number
  /** Log loss over that of always answering the base rate: below 1 is better than that. */
  readonly normalisedEntropy: number
  /** Sum of scores over sum of labels. */
  readonly calibration: number
  /** The same in tenths of the weight, by ascending score. */
  readonly deciles: readonly number[]
}

/** How often each row counts: the answer of a bootstrap draw. Null: once each. */
export type Multiplicity = Uint8Array | null

/** Parts by which calibration is shown. */
export const decileCount = 10

/** Scores are kept this far from 0 and 1 in logarithms: a sure miss costs 34 nats, not infinity. */
const scoreMargin = 2 ** -50

/** Rows sorted once, so that figures of many resamples cost one pass each. */
export class Judge {
  /** Rows by ascending score, and whether each score differs from the one before. */
  readonly #order: Uint32Array
  readonly #isNew: Uint8Array
  readonly #decile: Uint8Array
  /** In that order: weight of the row as a positive, as a negative, of its score, of its loss. */
  readonly #positive: Float64Array
  readonly #negative: Float64Array
  readonly #score: Float64Array
  readonly #loss: Float64Array
  readonly #predicted = new Float64Array(decileCount)
  readonly #came = new Float64Array(decileCount)

  constructor({ score, label, weight }: ScoredRows) {
    const count = score.length
    const order = orderByScore(score)
    this.#order = order
    this.#isNew = new Uint8Array(count)
    this.#positive = new Float64Array(count)
    this.#negative = new Float64Array(count)
    this.#score = new Float64Array(count)
    this.#loss = new Float64Array(count)
    let previous = Number.NaN
    for (let i = 0; i < count; i++) {
      const row = order[i] as number
      const p = score[row] as number
      const y = label[row] as number
      const w = weight[row] as number
      this.#isNew[i] = p === previous ? 0 : 1
      this.#positive[i] = w * y
      this.#negative[i] = w * (1 - y)
      this.#score[i] = w * p
      this.#loss[i] = w * logLossOf(p, y)
      previous = p
    }
    this.#decile = decilesOf(order, weight)
  }

  /** Figures of all rows, or of a resample of them. */
  figures(times: Multiplicity = null): Figures {
    const predicted = this.#predicted.fill(0)
    const came = this.#came.fill(0)
    let pairs = 0
    let own = 0
    let below = 0
    let positives = 0
    let loss = 0
    // Of the rows of one score: negatives, positives.
    let tiedNegative = 0
    let tiedPositive = 0
    for (let i = 0; i < this.#order.length; i++) {
      const m = times === null ? 1 : (times[this.#order[i] as number] as number)
      if (this.#isNew[i] === 1) {
        pairs += tiedPositive * (below + tiedNegative / 2)
        below += tiedNegative
        tiedNegative = 0
        tiedPositive = 0
      }
      if (m === 0) continue
      const positive = m * (this.#positive[i] as number)
      const negative = m * (this.#negative[i] as number)
      tiedPositive += positive
      tiedNegative += negative
      positives += positive
      // A row is no pair with itself: with probabilities as labels it would be half of one.
      own += positive * (this.#negative[i] as number)
      loss += m * (this.#loss[i] as number)
      const decile = this.#decile[i] as number
      predicted[decile] = (predicted[decile] as number) + m * (this.#score[i] as number)
      came[decile] = (came[decile] as number) + positive
    }
    pairs += tiedPositive * (below + tiedNegative / 2)
    const negatives = below + tiedNegative
    return figuresOf({ pairs, own, positives, negatives, loss, predicted, came })
  }
}

/** -ln of the chance that score `p` gave to label `y`. */
export function logLossOf(p: number, y: number): number {
  const safe = Math.min(1 - scoreMargin, Math.max(scoreMargin, p))
  // The common case first: a logarithm less for every row without a click.
  if (y === 0) return -Math.log1p(-safe)
  return -(y * Math.log(safe) + (1 - y) * Math.log1p(-safe))
}

interface Sums {
  readonly pairs: number
  readonly own: number
  readonly positives: number
  readonly negatives: number
  readonly loss: number
  readonly predicted: Float64Array
  readonly came: Float64Array
}

function figuresOf(sums: Sums): Figures {
  const { positives, negatives } = sums
  const weight = positives + negatives
  const logLoss = sums.loss / weight
  const base = positives / weight
  const total = sums.predicted.reduce((sum, value) => sum + value, 0)
  return {
    auc: (sums.pairs - sums.own / 2) / (positives * negatives - sums.own),
    logLoss,
    normalisedEntropy: logLoss / logLossOf(base, base),
    calibration: total / positives,
    deciles: Array.from(sums.predicted, (value, i) => value / (sums.came[i] as number)),
  }
}

/** The tenth of the weight in which the middle of each row lies. */
function decilesOf(order: Uint32Array, weight: Float64Array): Uint8Array {
  const deciles = new Uint8Array(order.length)
  let total = 0
  for (const value of weight) total += value
  let before = 0
  for (let i = 0; i < order.length; i++) {
    const own = weight[order[i] as number] as number
    const share = (before + own / 2) / total
    deciles[i] = Math.min(decileCount - 1, Math.floor(share * decileCount))
    before += own
  }
  return deciles
}
