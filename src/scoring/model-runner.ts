/**
 * Runs the graphs of a model: memory of its own that callers fill and read, runs of bounded rows.
 * Everything is synchronous (onnx-session.ts says why) and belongs to one thread.
 */
import type { FeatureLayout } from './feature-spec.ts'
import { checkGraph, checkShape, type GraphName, type ModelShape } from './graph-check.ts'
import { OnnxSession } from './onnx-session.ts'
import { RankGraph, type RankRows, type RawScores } from './rank-graph.ts'
import { ScoringError } from './scoring-error.ts'
import { SideGraph } from './side-graph.ts'

/** Files of a model, as bytes of their own. */
export interface GraphBytes {
  readonly model: Uint8Array<ArrayBuffer>
  readonly ad: Uint8Array<ArrayBuffer> | null
}

/**
 * Loads the graphs of a model that has `layout` and warms them up. Throws ScoringError when they
 * are not what `shape` says.
 */
export function openRunner(
  shape: ModelShape,
  layout: FeatureLayout,
  graphs: GraphBytes,
): ModelRunner {
  checkShape(shape, layout)
  checkGraph('model.onnx', graphs.model, shape, layout)
  if (shape.kind === 'split') {
    if (graphs.ad === null) {
      throw new ScoringError('SLUICE_SCORING_MODEL_FILE', 'a split model has no ad.onnx')
    }
    checkGraph('ad.onnx', graphs.ad, shape, layout)
  }
  const runner = new ModelRunner(shape, layout, graphs)
  try {
    probeSlots(runner, layout)
  } catch (error) {
    runner.release()
    throw new ScoringError(
      'SLUICE_SCORING_MODEL_RUN',
      `the graph does not run over the last slot of every feature: ${reasonOf(error)}`,
    )
  }
  return runner
}

/**
 * Runs a row of the last slot that each column can have: a table that ends before it would break a
 * run over the rows of many requests, the first time that anybody has this slot.
 */
function probeSlots(
  runner: ModelRunner,
  { askWidth, adWidth, pairWidth, features }: FeatureLayout,
) {
  const index = {
    ask: new Int32Array(askWidth),
    ad: new Int32Array(adWidth),
    pair: new Int32Array(pairWidth),
  }
  for (const { side, column, width, offset, size } of features) {
    index[side].fill(offset + size - 1, column, column + width)
  }
  const ones = (width: number) => new Float32Array(width).fill(1)
  const ask = { askIndex: index.ask, askValue: ones(askWidth) }
  const ad = { adIndex: index.ad, adValue: ones(adWidth) }
  if (runner.rank === null) {
    runner.runAsk(ask.askIndex, ask.askValue, 1)
    runner.runAd(ad.adIndex, ad.adValue, 1)
    return
  }
  const pair = { pairIndex: index.pair, pairValue: ones(pairWidth) }
  runner.runRank({ asks: 1, ...ask, rows: 1, ...ad, askOf: Int32Array.of(0), ...pair })
}

/** The loaded graphs of a model. */
export class ModelRunner {
  /** Of `rank` models, else null. */
  readonly rank: RankGraph | null
  /** Both sides of `split` models, else null. */
  readonly ask: SideGraph | null
  readonly ad: SideGraph | null
  readonly layout: FeatureLayout
  readonly shape: ModelShape
  readonly #sessions: OnnxSession[] = []

  /** Use `openRunner`, which checks. */
  constructor(shape: ModelShape, layout: FeatureLayout, graphs: GraphBytes) {
    this.shape = shape
    this.layout = layout
    try {
      const model = this.#load('model.onnx', graphs.model)
      const ad = graphs.ad === null ? null : this.#load('ad.onnx', graphs.ad)
      const vectorWidth = shape.vector?.width ?? 0
      const isRank = shape.kind === 'rank'
      const hasCvr = shape.targets.includes('cvr')
      this.rank = isRank ? new RankGraph(model, layout, hasCvr) : null
      const askShape = { side: 'ask', width: layout.askWidth, vectorWidth } as const
      this.ask = isRank ? null : new SideGraph(model, askShape)
      const adShape = { side: 'ad', width: layout.adWidth, vectorWidth } as const
      this.ad = isRank || ad === null ? null : new SideGraph(ad, adShape)
      this.#warmUp()
    } catch (error) {
      this.release()
      throw error
    }
  }

  /** Scores any number of rows of a `rank` model, in runs of bounded size. */
  runRank(rows: RankRows): RawScores {
    if (this.rank === null) throw kindError('rank')
    return this.rank.runAll(rows)
  }

  /** Vectors of any number of asks of a `split` model: `[rows, vectorWidth]`. */
  runAsk(index: Int32Array, value: Float32Array, rows: number): Float32Array {
    if (this.ask === null) throw kindError('split')
    return this.ask.runAll(index, value, rows)
  }

  /** Vectors of any number of ads of a `split` model: `[rows, vectorWidth]`. */
  runAd(index: Int32Array, value: Float32Array, rows: number): Float32Array {
    if (this.ad === null) throw kindError('split')
    return this.ad.runAll(index, value, rows)
  }

  /** Frees the graphs; no run may follow. */
  release(): void {
    for (const session of this.#sessions.splice(0)) session.release()
  }

  #load(file: GraphName, bytes: Uint8Array<ArrayBuffer>): OnnxSession {
    try {
      const session = new OnnxSession(bytes)
      this.#sessions.push(session)
      return session
    } catch (error) {
      throw new ScoringError(
        'SLUICE_SCORING_MODEL_LOAD',
        `onnxruntime does not load ${file}: ${reasonOf(error)}`,
      )
    }
  }

  /** Runs every shape once: the first run of a shape plans memory and finds wrong graphs. */
  #warmUp(): void {
    try {
      this.rank?.warmUp()
      this.ask?.warmUp()
      this.ad?.warmUp()
    } catch (error) {
      throw new ScoringError(
        'SLUICE_SCORING_MODEL_RUN',
        `the graph does not run over rows of nothing (slot 0, value 0): ${reasonOf(error)}`,
      )
    }
  }
}

function kindError(kind: ModelShape['kind']): ScoringError {
  return new ScoringError('SLUICE_SCORING_MODEL_KIND', `this needs a model of kind ${kind}`)
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
