/**
 * Logistic regression learned by FTRL-Proximal (McMahan et al., "Ad Click Prediction", KDD 2013):
 * one pass is online learning, each slot has a rate of its own, and L1 keeps useless slots at 0.
 */

/** One side of encoded rows: `[rows, width]`, row by row; value 0 = nothing in this column. */
export interface SlotColumns {
  readonly width: number
  readonly index: Int32Array
  readonly value: Float32Array
}

/** Some rows to learn from, in the order in which they are learned. Buffers may be reused. */
export interface ExampleBatch {
  readonly sides: readonly SlotColumns[]
  readonly count: number
  /** By place, `count` of them: the row of `sides`, 0 or 1, and how many rows of life it is. */
  readonly row: Uint32Array
  readonly label: Uint8Array
  readonly weight: Float32Array
}

/** Sum of log losses by weight. */
export interface LossSum {
  readonly loss: number
  readonly weight: number
}

/** How fast is learned and how much is held back. */
export interface FtrlSettings {
  /** Rate of a slot that has seen nothing yet. */
  readonly alpha: number
  /** What it has to see before its rate falls much. */
  readonly beta: number
  /** Gradient below which a slot stays at 0. */
  readonly l1: number
  readonly l2: number
}

/** Of a slot: weight, z (gradients less what the weight accounts for), root of squared gradients. */
const stateWidth = 3

/** Learns weights; slot 0, which belongs to no feature, is the bias. */
export class Ftrl {
  readonly #slotCount: number
  readonly #settings: FtrlSettings
  /** Log odds of the base rate: what is answered before anything was learned. */
  readonly #base: number
  readonly #state: Float64Array
  /** Active columns of the row at hand; the bias comes first. */
  readonly #slots: Int32Array
  readonly #values: Float64Array

  /**
   * For rows of `width` columns in all. `baseRate` (0 < rate < 1) is where learning begins: weights
   * say what differs from it.
   */
  constructor(slotCount: number, width: number, settings: FtrlSettings, baseRate: number) {
    this.#slotCount = slotCount
    this.#settings = settings
    this.#base = Math.log(baseRate / (1 - baseRate))
    this.#state = new Float64Array(slotCount * stateWidth)
    this.#slots = new Int32Array(width + 1)
    this.#values = new Float64Array(width + 1)
    this.#values[0] = 1
  }

  /**
   * Learns the batch once, each row after it was predicted: the answer is what a model would have
   * lost that learned while it served.
   */
  learn(batch: ExampleBatch): LossSum {
    const { count, row, label, weight } = batch
    let loss = 0
    let total = 0
    for (let i = 0; i < count; i++) {
      const columns = this.#gather(batch.sides, row[i] as number)
      const odds = this.#odds(columns)
      const w = weight[i] as number
      const y = label[i] as number
      loss += w * lossOf(odds, y)
      total += w
      this.#update(columns, w * (1 / (1 + Math.exp(-odds)) - y))
    }
    return { loss, weight: total }
  }

  /** What the weights of now lose on the batch; learns nothing. */
  loss(batch: ExampleBatch): LossSum {
    const { count, row, label, weight } = batch
    let loss = 0
    let total = 0
    for (let i = 0; i < count; i++) {
      const odds = this.#odds(this.#gather(batch.sides, row[i] as number))
      loss += (weight[i] as number) * lossOf(odds, label[i] as number)
      total += weight[i] as number
    }
    return { loss, weight: total }
  }

  /** What was learned so far, for `restore`. */
  save(): Float64Array {
    return this.#state.slice()
  }

  /** Goes back to what `save` answered. */
  restore(saved: Float64Array): void {
    this.#state.set(saved)
  }

  /** Weights by slot as they will be served, 0 for slot 0, and the bias. */
  weights(): { readonly weight: Float32Array; readonly bias: number } {
    const weight = Float32Array.from({ length: this.#slotCount }, (_, slot) =>
      slot === 0 ? 0 : (this.#state[slot * stateWidth] as number),
    )
    return { weight, bias: Math.fround(this.#base + (this.#state[0] as number)) }
  }

  /** Collects the columns of a row that have something in them; answers how many. */
  #gather(sides: readonly SlotColumns[], row: number): number {
    const slots = this.#slots
    const values = this.#values
    let count = 1
    for (const { width, index, value } of sides) {
      const end = (row + 1) * width
      for (let i = row * width; i < end; i++) {
        const v = value[i] as number
        if (v === 0) continue
        slots[count] = (index[i] as number) * stateWidth
        values[count++] = v
      }
    }
    return count
  }

  #odds(columns: number): number {
    const state = this.#state
    const slots = this.#slots
    const values = this.#values
    let odds = this.#base
    for (let i = 0; i < columns; i++) {
      odds += (state[slots[i] as number] as number) * (values[i] as number)
    }
    return odds
  }

  #update(columns: number, error: number): void {
    const { alpha, beta, l1, l2 } = this.#settings
    const state = this.#state
    const slots = this.#slots
    const values = this.#values
    for (let i = 0; i < columns; i++) {
      const at = slots[i] as number
      const gradient = error * (values[i] as number)
      const root = state[at + 2] as number
      const rootAfter = Math.sqrt(root * root + gradient * gradient)
      const drift = ((rootAfter - root) / alpha) * (state[at] as number)
      const z = (state[at + 1] as number) + gradient - drift
      // The bias is not held back: the base rate of life is no matter of taste.
      const kept = at === 0 ? 0 : l1
      const stiffness = (beta + rootAfter) / alpha + (at === 0 ? 0 : l2)
      state[at + 1] = z
      state[at + 2] = rootAfter
      state[at] = z > kept ? (kept - z) / stiffness : z < -kept ? (-kept - z) / stiffness : 0
    }
  }
}

/** Log loss of log odds: ln(1 + e^odds) - y odds, without overflow. */
function lossOf(odds: number, y: number): number {
  return Math.max(odds, 0) + Math.log1p(Math.exp(-Math.abs(odds))) - y * odds
}
