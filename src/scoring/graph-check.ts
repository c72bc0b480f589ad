/** Compares a graph file with what the manifest and the feature layout say it is. */
import type { FeatureLayout } from './feature-spec.ts'
import type { ModelKind, Target } from './manifest.ts'
import { opsetMax, opsetMin, vectorWidthMax } from './model-limits.ts'
import { ElementType, type GraphPort, type OnnxGraph, readGraph } from './onnx-graph.ts'
import { ScoringError } from './scoring-error.ts'

/** What graphs have to agree with; a manifest is one. */
export interface ModelShape {
  readonly kind: ModelKind
  readonly opset: number
  readonly targets: readonly Target[]
  readonly vector: {
    readonly width: number
    readonly ctr: readonly [number, number]
    readonly cvr: readonly [number, number] | null
  } | null
}

/** The graphs of a model. */
export type GraphName = 'model.onnx' | 'ad.onnx'

/** Names and widths of inputs or outputs; width null = one number a row. */
interface Expected {
  readonly name: string
  readonly elementType: number
  readonly width: number | null
}

/**
 * Throws ScoringError when the bytes of `file` are not the graph that `shape` and `layout`
 * describe. What a file does not say (dimensions of outputs) the first run finds out.
 */
export function checkGraph(
  file: GraphName,
  bytes: Uint8Array,
  shape: ModelShape,
  layout: FeatureLayout,
): void {
  const graph = checkWhole(file, bytes)
  checkOpset(file, graph, shape.opset)
  checkWeights(file, graph)
  checkNames(file, 'input', graph.inputs, inputsOf(file, shape, layout))
  checkNames(file, 'output', graph.outputs, outputsOf(file, shape))
}

/** What the bytes of `file` say of their graph. Throws ScoringError when they are no whole one. */
export function checkWhole(file: string, bytes: Uint8Array): OnnxGraph {
  const graph = readGraph(bytes)
  if (graph !== null) return graph
  throw new ScoringError(
    'SLUICE_SCORING_MODEL_TRUNCATED',
    `${file} (${bytes.length} bytes) ends in the middle or is no ONNX file; copy it again`,
  )
}

/** Throws when the shape itself is one that no graph can have. */
export function checkShape(shape: ModelShape, layout: FeatureLayout): void {
  if (!shape.targets.includes('ctr')) {
    throw shapeError('manifest.json: targets must have "ctr": nothing can be priced without it')
  }
  if (layout.askWidth === 0 || layout.adWidth === 0) {
    throw shapeError('manifest.json: features must be of both sides, of the ask and of the ad')
  }
  if (shape.kind === 'rank') {
    if (shape.vector !== null) throw shapeError('manifest.json: a rank model has no vector')
    return
  }
  checkSplitShape(shape, layout)
}

function checkSplitShape({ vector, targets }: ModelShape, layout: FeatureLayout): void {
  if (layout.pairWidth > 0) {
    const names = layout.features.filter(({ side }) => side === 'pair').map(({ spec }) => spec.name)
    throw shapeError(
      `manifest.json: a split model cannot have features of both sides, found ${names.join(', ')}`,
    )
  }
  if (vector === null || vector.width < 1 || vector.width > vectorWidthMax) {
    throw shapeError(
      `manifest.json: a split model needs a vector of 1 to ${vectorWidthMax} numbers, ` +
        `found ${vector === null ? 'none' : vector.width}`,
    )
  }
  checkPart('ctr', vector.ctr, vector.width)
  if (vector.cvr !== null) checkPart('cvr', vector.cvr, vector.width)
  if ((vector.cvr !== null) !== targets.includes('cvr')) {
    throw shapeError('manifest.json: vector.cvr and targets must both have "cvr", or neither')
  }
}

function checkPart(target: Target, [from, to]: readonly [number, number], width: number): void {
  if (from >= 0 && from < to && to <= width) return
  throw shapeError(`manifest.json: vector.${target} [${from}, ${to}) must lie within ${width}`)
}

function shapeError(message: string): ScoringError {
  return new ScoringError('SLUICE_SCORING_MODEL_SHAPE', message)
}

function checkOpset(file: GraphName, { opset }: OnnxGraph, named: number): void {
  const isServed = opset >= opsetMin && opset <= opsetMax
  if (isServed && opset === named) return
  throw new ScoringError(
    'SLUICE_SCORING_MODEL_OPSET',
    `${file} is of opset ${opset}; the manifest says ${named}, ` +
      `served are ${opsetMin} to ${opsetMax}`,
  )
}

function checkWeights(file: GraphName, graph: OnnxGraph): void {
  if (graph.externalWeight !== null) {
    throw new ScoringError(
      'SLUICE_SCORING_MODEL_WEIGHT',
      `${file} keeps weight "${graph.externalWeight}" in another file; export it in one file`,
    )
  }
  if (graph.badWeight !== null) {
    throw new ScoringError(
      'SLUICE_SCORING_MODEL_WEIGHT',
      `${file} has NaN or infinite numbers in weight "${graph.badWeight}": its training diverged`,
    )
  }
}

function inputsOf(file: GraphName, shape: ModelShape, layout: FeatureLayout): Expected[] {
  const ask = sideInputs('ask', layout.askWidth)
  const ad = sideInputs('ad', layout.adWidth)
  if (shape.kind === 'split') return file === 'model.onnx' ? ask : ad
  const askOf = { name: 'ask_of', elementType: ElementType.Int32, width: null }
  const pair = layout.pairWidth > 0 ? sideInputs('pair', layout.pairWidth) : []
  return [...ask, ...ad, askOf, ...pair]
}

function sideInputs(side: string, width: number): Expected[] {
  return [
    { name: `${side}_index`, elementType: ElementType.Int32, width },
    { name: `${side}_value`, elementType: ElementType.Float, width },
  ]
}

function outputsOf(file: GraphName, { kind, targets, vector }: ModelShape): Expected[] {
  const elementType = ElementType.Float
  if (kind === 'rank') return targets.map((name) => ({ name, elementType, width: null }))
  const name = file === 'model.onnx' ? 'ask_vector' : 'ad_vector'
  return [{ name, elementType, width: vector?.width ?? 0 }]
}

function checkNames(
  file: GraphName,
  what: 'input' | 'output',
  found: readonly GraphPort[],
  expected: readonly Expected[],
): void {
  const wanted = expected.map(({ name }) => name)
  const names = found.map(({ name }) => name)
  const missing = wanted.find((name) => !names.includes(name))
  const extra = names.find((name) => !wanted.includes(name))
  if (missing !== undefined || (extra !== undefined && what === 'input')) {
    const fault = missing === undefined ? `has an unknown ${what} ${extra}` : `has no ${missing}`
    throw new ScoringError(
      'SLUICE_SCORING_MODEL_INPUT',
      `${file} ${fault}: ${what}s must be ${wanted.join(', ')}, found ${names.join(', ')}`,
    )
  }
  for (const port of found) {
    const want = expected.find(({ name }) => name === port.name)
    if (want !== undefined) checkPort(`${file}: ${what} ${port.name}`, port, want)
  }
}

function checkPort(where: string, { elementType, dims }: GraphPort, want: Expected): void {
  if (elementType !== want.elementType) {
    const name = want.elementType === ElementType.Float ? 'float32' : 'int32'
    throw shapeError(`${where} must be ${name}, its element type is number ${elementType}`)
  }
  if (dims === null) return
  const rank = want.width === null ? 1 : 2
  const isWidth = rank === 1 || dims[1] === want.width || dims[1] === null
  if (dims.length === rank && dims[0] === null && isWidth) return
  const shown = dims.map((dim) => dim ?? 'rows').join(', ')
  const wanted = want.width === null ? '[rows]' : `[rows, ${want.width}]`
  throw shapeError(`${where} must be ${wanted} with rows free, it is [${shown}]`)
}
