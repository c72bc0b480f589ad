/**
 * Turns a model's probabilities into rates that money can be multiplied with, and fits how: Platt
 * for few positives, isotonic for many. All in float64: the graphs are float32, what follows is
 * not.
 */
import type { Calibration, Manifest, Target } from './manifest.ts'

/** Predictions and what came of them; arrays of one length. */
export interface Labelled {
  /** Before calibration. */
  readonly probability: ArrayLike<number>
  /** 1 = it happened, 0 = not. */
  readonly label: ArrayLike<number>
  /** How many real rows this one stands for. */
  readonly weight: ArrayLike<number>
}

/** Beyond these a logit says nothing that a float32 probability knew. */
const probabilityMin = 1e-7

/** ln(p / (1 - p)) of a probability, kept within what float32 can tell from 0 and 1. */
export function logitOf(probability: number): number {
  const kept = Math.min(Math.max(probability, probabilityMin), 1 - probabilityMin)
  return Math.log(kept / (1 - kept))
}

/** 1 / (1 + e^-x). */
export function sigmoid(logOdds: number): number {
  return 1 / (1 + Math.exp(-logOdds))
}

/** The calibrated probability; NaN stays NaN. */
export function calibrate(calibration: Calibration | null, probability: number): number {
  if (calibration === null || calibration.kind === 'none') return probability
  if (calibration.kind === 'platt') {
    return sigmoid(calibration.slope * logitOf(probability) + calibration.shift)
  }
  return interpolate(calibration.from, calibration.to, probability)
}

/** Calibration of a target at an exchange or RTA medium, else the model's own; null = none. */
export function calibrationOf(
  { calibration }: Pick<Manifest, 'calibration'>,
  exchange: string,
  target: Target,
): Calibration | null {
  const own = Object.hasOwn(calibration.exchanges, exchange)
    ? calibration.exchanges[exchange]?.[target]
    : undefined
  return own ?? calibration.fallback[target] ?? null
}

/** Linear between knots, the first and last value beyond them. */
function interpolate(from: readonly number[], to: readonly number[], probability: number): number {
  if (Number.isNaN(probability)) return Number.NaN
  let low = 0
  let high = from.length - 1
  if (probability <= from[low]!) return to[low]!
  if (probability >= from[high]!) return to[high]!
  while (high - low > 1) {
    const middle = (low + high) >>> 1
    if (from[middle]! <= probability) low = middle
    else high = middle
  }
  const share = (probability - from[low]!) / (from[high]! - from[low]!)
  return to[low]! + share * (to[high]! - to[low]!)
}

/** Newton needs some 6 steps; a fit that does not settle in 50 never does. */
const stepsMax = 50

/**
 * Slope and shift of the log odds, by Newton's method with halved steps. Labels are smoothed as
 * Platt did, (n + 1) / (n + 2) for a positive and 1 / (n + 2) for a negative by the weight of each
 * class, so that separable data has a finite answer. A slope that is not positive (predictions that
 * say nothing, or the opposite) becomes 1 with the shift that makes sums agree.
 */
export function fitPlatt(data: Labelled): Calibration & { kind: 'platt' } {
  const problem = problemOf(data)
  if (problem.logits.length === 0) return { kind: 'platt', slope: 1, shift: 0 }
  const fitted = newton(problem)
  const slope = fitted.slope > 0 ? fitted.slope : 1
  return { kind: 'platt', slope, shift: balancedShift(problem, slope, fitted.shift) }
}

interface Line {
  readonly slope: number
  readonly shift: number
}

interface Problem {
  readonly logits: Float64Array
  readonly targets: Float64Array
  readonly weights: Float64Array
}

function problemOf({ probability, label, weight }: Labelled): Problem {
  const count = probability.length
  let positives = 0
  let negatives = 0
  for (let i = 0; i < count; i++) {
    if (label[i]! > 0) positives += weight[i]!
    else negatives += weight[i]!
  }
  const high = (positives + 1) / (positives + 2)
  const low = 1 / (negatives + 2)
  return {
    logits: Float64Array.from({ length: count }, (_, i) => logitOf(probability[i]!)),
    targets: Float64Array.from({ length: count }, (_, i) => (label[i]! > 0 ? high : low)),
    weights: Float64Array.from({ length: count }, (_, i) => weight[i]!),
  }
}

/** Minimises the weighed log loss, or stops near its minimum on data that is nearly flat there. */
function newton(problem: Problem): Line {
  let line: Line = { slope: 1, shift: 0 }
  let loss = lossOf(problem, line)
  for (let step = 0; step < stepsMax; step++) {
    const move = newtonMove(problem, line)
    let share = 1
    let next = moved(line, move, share)
    let nextLoss = lossOf(problem, next)
    while (nextLoss > loss && share > 1e-10) {
      share /= 2
      next = moved(line, move, share)
      nextLoss = lossOf(problem, next)
    }
    if (!(nextLoss < loss)) return line
    line = next
    loss = nextLoss
  }
  return line
}

/** The shift by which expected and smoothed positives agree, as they do in the minimum itself. */
function balancedShift(problem: Problem, slope: number, near: number): number {
  const surplus = surplusOf(problem, { slope, shift: near })
  if (Math.abs(surplus) <= 1e-9) return near
  // The surplus rises with the shift. Log odds are within ±16.2: beyond these nothing changes.
  const reach = 40 + 17 * slope
  let low = -reach
  let high = reach
  for (let step = 0; step < 60; step++) {
    const middle = (low + high) / 2
    if (surplusOf(problem, { slope, shift: middle }) > 0) high = middle
    else low = middle
  }
  return (low + high) / 2
}

/** Expected over smoothed positives, less 1. */
function surplusOf({ logits, targets, weights }: Problem, { slope, shift }: Line): number {
  let expected = 0
  let happened = 0
  for (let i = 0; i < logits.length; i++) {
    expected += weights[i]! * sigmoid(slope * logits[i]! + shift)
    happened += weights[i]! * targets[i]!
  }
  return expected / happened - 1
}

function moved({ slope, shift }: Line, move: Line, share: number): Line {
  return { slope: slope - share * move.slope, shift: shift - share * move.shift }
}

/** Inverse Hessian times gradient; only the shift where predictions are too alike for a slope. */
function newtonMove(problem: Problem, line: Line): Line {
  const { logits, targets, weights } = problem
  let gradientSlope = 0
  let gradientShift = 0
  let slopeSlope = 0
  let slopeShift = 0
  let shiftShift = 0
  for (let i = 0; i < logits.length; i++) {
    const logit = logits[i]!
    const p = sigmoid(line.slope * logit + line.shift)
    const fault = weights[i]! * (p - targets[i]!)
    const curve = weights[i]! * p * (1 - p)
    gradientSlope += fault * logit
    gradientShift += fault
    slopeSlope += curve * logit * logit
    slopeShift += curve * logit
    shiftShift += curve
  }
  const determinant = slopeSlope * shiftShift - slopeShift * slopeShift
  if (determinant <= 1e-9 * slopeSlope * shiftShift) {
    return { slope: 0, shift: shiftShift > 0 ? gradientShift / shiftShift : 0 }
  }
  return {
    slope: (shiftShift * gradientSlope - slopeShift * gradientShift) / determinant,
    shift: (slopeSlope * gradientShift - slopeShift * gradientSlope) / determinant,
  }
}

/** Weighed log loss from log odds, without overflow. */
function lossOf({ logits, targets, weights }: Problem, { slope, shift }: Line): number {
  let loss = 0
  for (let i = 0; i < logits.length; i++) {
    const odds = slope * logits[i]! + shift
    const softplus = Math.max(odds, 0) + Math.log1p(Math.exp(-Math.abs(odds)))
    loss += weights[i]! * (softplus - targets[i]! * odds)
  }
  return loss
}

/** Rows of like predictions, pooled. */
interface Pool {
  /** Sums over its rows. */
  weight: number
  positives: number
  predicted: number
}

/**
 * Pool adjacent violators, then neighbours are joined until `knotsMax` are left: a knot is the mean
 * prediction of a pool and its rate. Between knots the curve is linear, so its sum over the data is
 * a little off; a last factor makes it that of the positives (as far as no knot reaches 1).
 */
export function fitIsotonic(data: Labelled, knotsMax: number): Calibration & { kind: 'isotonic' } {
  const pools = poolsOf(data)
  const highest = pools.at(-1)
  const knots = thinned(monotone(pools), Math.max(1, knotsMax - 1))
  const last = knots.at(-1)
  if (highest === undefined || last === undefined) {
    return { kind: 'isotonic', from: [0, 1], to: [0, 1] }
  }
  const from = knots.map((pool) => pool.predicted / pool.weight)
  const to = knots.map((pool) => pool.positives / pool.weight)
  // Beyond its last knot a curve is flat. What is bid for is mostly there: it keeps its order, in
  // proportion, up to the highest prediction of all.
  const mean = last.predicted / last.weight
  const top = Math.min(1, highest.predicted / highest.weight)
  if (top > mean && knots.length < knotsMax) {
    from.push(top)
    to.push(Math.min(1, ((last.positives / last.weight) * top) / mean))
  }
  return { kind: 'isotonic', from, to: balanced(data, from, to) }
}

/** One pool for each different prediction, ascending; rows of no weight say nothing. */
function poolsOf({ probability, label, weight }: Labelled): Pool[] {
  const order = Array.from({ length: probability.length }, (_, i) => i)
    .filter((i) => weight[i]! > 0 && Number.isFinite(probability[i]!))
    .sort((a, b) => probability[a]! - probability[b]!)
  const pools: Pool[] = []
  let last = Number.NaN
  for (const row of order) {
    const own = weight[row]!
    const positives = label[row]! > 0 ? own : 0
    const predicted = own * probability[row]!
    const pool = { weight: own, positives, predicted }
    const top = pools.at(-1)
    if (top !== undefined && probability[row] === last) join(top, pool)
    else pools.push(pool)
    last = probability[row]!
  }
  return pools
}

/** Joins neighbours until rates and means ascend; rounding can make two means one. */
function monotone(pools: readonly Pool[]): Pool[] {
  const stack: Pool[] = []
  for (const pool of pools) {
    const top = { ...pool }
    let below = stack.at(-1)
    while (below !== undefined && !isAbove(top, below)) {
      stack.pop()
      join(top, below)
      below = stack.at(-1)
    }
    stack.push(top)
  }
  return stack
}

function isAbove(pool: Pool, below: Pool): boolean {
  return (
    pool.positives / pool.weight > below.positives / below.weight &&
    pool.predicted / pool.weight > below.predicted / below.weight
  )
}

function join(pool: Pool, other: Pool): void {
  pool.weight += other.weight
  pool.positives += other.positives
  pool.predicted += other.predicted
}

/**
 * At most `knotsMax` pools, alike in rows plus positives: few rows at the top have most of these.
 * However few pools there are, none is of less, nor of one label alone: the lowest rows are a pool
 * without a positive as a rule, the highest often one of a single row, and what is calibrated to 0
 * would never be bid for, to 1 as for a sure thing.
 */
function thinned(pools: readonly Pool[], knotsMax: number): Pool[] {
  const all = { weight: 0, positives: 0, predicted: 0 }
  for (const pool of pools) join(all, pool)
  const shareOf = ({ weight, positives }: Pool) =>
    weight / all.weight + (all.positives > 0 ? positives / all.positives : 0)
  const shareMin = shareOf(all) / knotsMax
  const kept: Pool[] = []
  let open: Pool | null = null
  for (const pool of pools) {
    if (open === null) open = { ...pool }
    else join(open, pool)
    const isOfOneLabel = open.positives === 0 || open.positives === open.weight
    if (isOfOneLabel || shareOf(open) < shareMin) continue
    kept.push(open)
    open = null
  }
  const last = kept.at(-1)
  if (open !== null && last !== undefined) join(last, open)
  else if (open !== null) kept.push(open)
  // Sums in another order may round two means together.
  return monotone(kept)
}

/** Scales `to` until the calibrated sum is that of the positives; a knot stays within 1. */
function balanced(data: Labelled, from: readonly number[], to: readonly number[]): number[] {
  let scaled = [...to]
  // A knot held at 1 leaves its share to the others: a few rounds spread it.
  for (let round = 0; round < 8; round++) {
    const calibration = { kind: 'isotonic', from, to: scaled } as const
    let expected = 0
    let happened = 0
    for (let i = 0; i < data.probability.length; i++) {
      const probability = data.probability[i]!
      if (!(data.weight[i]! > 0) || !Number.isFinite(probability)) continue
      expected += data.weight[i]! * calibrate(calibration, probability)
      happened += data.label[i]! > 0 ? data.weight[i]! : 0
    }
    if (expected === 0) return scaled
    const factor = happened / expected
    scaled = scaled.map((rate) => Math.min(1, rate * factor))
  }
  return scaled
}
