/**
 * Graphs of the shapes that `models/train/nets.py` trains, with random weights: what a run costs is
 * the same, what it predicts means nothing.
 */
import type { FeatureLayout } from '../../src/scoring/feature-spec.ts'
import { type OnnxNode, type OnnxTensor, writeOnnx } from '../../src/training/onnx-writer.ts'
import { seededRandom } from '../data/seeded-random.ts'

/** Sizes of the networks that ship. */
const fineShape = { tasks: 2, vector: 32, factors: 16, crosses: 2, deep: [64, 32] } as const
const coarseShape = { tasks: 2, embedding: 48, hidden: 96, ctr: 42, cvr: 22 } as const

/** Log odds of a click and of a conversion without any feature: about 0.7 % and 4 %. */
const base = [-5, -3.2] as const

/** Parts of the vectors of a split model. */
export const coarseVector = {
  width: coarseShape.ctr + coarseShape.cvr,
  ctr: [0, coarseShape.ctr],
  cvr: [coarseShape.ctr, coarseShape.ctr + coarseShape.cvr],
} as const

/** `model.onnx` of a rank model: DCN-V2 with products of factors, two tasks. */
export function fineGraph(layout: FeatureLayout, seed: number): Uint8Array<ArrayBuffer> {
  const { tasks, vector, factors, crosses, deep } = fineShape
  const width = tasks + vector + 2 * factors
  const mixed = 2 * vector + 2 * factors
  const graph = new GraphOf(seed)
  const table = graph.random('table', [layout.slotCount, width], 0.1)
  const ends = [tasks, tasks + vector, tasks + vector + factors, width] as const
  const parts = (side: 'ask' | 'ad') => {
    const sum = graph.sumOf(side, table)
    const first = graph.slice(sum, ends[1], ends[2])
    const second = graph.slice(sum, ends[2], ends[3])
    const later = side === 'ask' ? graph.op('Mul', [first, second]) : second
    return {
      wide: graph.slice(sum, 0, ends[0]),
      plain: graph.slice(sum, ends[0], ends[1]),
      factors: graph.concat([first, later]),
    }
  }
  const perAsk = parts('ask')
  const ad = parts('ad')
  const ofRow = (name: string): string => graph.op('Gather', [name, 'ask_of'], { axis: 0 })
  const products = graph.op('Mul', [ofRow(perAsk.factors), ad.factors])
  const start = graph.concat([ofRow(perAsk.plain), ad.plain, products])
  let crossed: string = start
  for (let number = 0; number < crosses; number++) {
    const gate = graph.linear(crossed, mixed, mixed)
    crossed = graph.op('Add', [graph.op('Mul', [start, gate]), crossed])
  }
  let hidden = crossed
  let before: number = mixed
  for (const next of deep) {
    hidden = graph.op('Relu', [graph.linear(hidden, before, next)])
    before = next
  }
  const heads = graph.linear(graph.concat([crossed, hidden]), mixed + before, tasks, base)
  const wide = graph.op('Add', [ofRow(perAsk.wide), ad.wide])
  const rates = graph.op('Sigmoid', [graph.op('Add', [heads, wide])])
  graph.column(rates, 0, 'ctr')
  graph.column(rates, 1, 'cvr')
  const inputs = [...sideInputs('ask', layout.askWidth), ...sideInputs('ad', layout.adWidth)]
  return graph.bytes(
    [...inputs, { name: 'ask_of', type: 'int32', dims: ['rows'] }],
    ['ctr', 'cvr'].map((name) => ({ name, type: 'float32', dims: ['rows'] })),
  )
}

/** One graph of a split model: a table, a hidden layer beside a straight way, additive effects. */
export function towerGraph(
  side: 'ask' | 'ad',
  layout: FeatureLayout,
  seed: number,
): Uint8Array<ArrayBuffer> {
  const { tasks, embedding, hidden, ctr } = coarseShape
  const graph = new GraphOf(seed)
  const table = graph.random('table', [layout.slotCount, tasks + embedding], 0.1)
  const sum = graph.sumOf(side, table)
  const own = [0, 1].map((task) => graph.slice(sum, task, task + 1))
  const rest = graph.slice(sum, tasks, tasks + embedding)
  const half = tasks + embedding / 2
  const halves = [graph.slice(sum, tasks, half), graph.slice(sum, half, tasks + embedding)]
  const into = side === 'ask' ? graph.concat([rest, graph.op('Mul', halves)]) : rest
  const width = side === 'ask' ? embedding * 1.5 : embedding
  const free = coarseVector.width - 2 * tasks
  const bent = graph.linear(graph.op('Relu', [graph.linear(into, width, hidden)]), hidden, free)
  const all = graph.op('Add', [bent, graph.linear(into, width, free)])
  const parts = [graph.slice(all, 0, ctr - 2), graph.slice(all, ctr - 2, free)]
  const placed = parts.flatMap((part, task) => {
    const effect = own[task] ?? ''
    // 0 × effect + 1: a one for every row, whatever their number.
    const zero = graph.op('Mul', [effect, graph.tensor([1], [0])])
    const one = graph.op('Add', [zero, graph.tensor([1], [1])])
    const based = graph.op('Add', [effect, graph.tensor([1], [base[task] ?? 0])])
    return side === 'ask' ? [one, effect, part] : [based, one, part]
  })
  graph.concat(placed, `${side}_vector`)
  const output = `${side}_vector`
  return graph.bytes(sideInputs(side, side === 'ask' ? layout.askWidth : layout.adWidth), [
    { name: output, type: 'float32', dims: [rowsOf(side), coarseVector.width] },
  ])
}

function rowsOf(side: 'ask' | 'ad'): string {
  return side === 'ask' ? 'asks' : 'rows'
}

type Value = Parameters<typeof writeOnnx>[0]['inputs'][number]

function sideInputs(side: 'ask' | 'ad', width: number): Value[] {
  const dims = [rowsOf(side), width]
  return [
    { name: `${side}_index`, type: 'int32', dims },
    { name: `${side}_value`, type: 'float32', dims },
  ]
}

/** A graph being written; every method answers the name of what it makes. */
class GraphOf {
  readonly #tensors: OnnxTensor[] = []
  readonly #nodes: OnnxNode[] = []
  readonly #random: () => number
  #count = 0

  constructor(seed: number) {
    this.#random = seededRandom(seed)
  }

  op(op: string, inputs: readonly string[], attributes: Record<string, number> = {}): string {
    return this.#node(op, inputs, attributes, this.#newName(op))
  }

  tensor(dims: readonly number[], values: readonly number[]): string {
    const name = this.#newName('constant')
    this.#tensors.push({ name, dims, data: Float32Array.from(values) })
    return name
  }

  /** Weights of mean 0, evenly spread. */
  random(name: string, dims: readonly number[], spread: number): string {
    const size = dims.reduce((product, dim) => product * dim, 1)
    const data = Float32Array.from({ length: size }, () => (this.#random() * 2 - 1) * spread)
    this.#tensors.push({ name, dims, data })
    return name
  }

  linear(input: string, from: number, to: number, bias: readonly number[] = []): string {
    const weight = this.random(this.#newName('weight'), [from, to], 1 / Math.sqrt(from))
    const product = this.op('MatMul', [input, weight])
    const shift = this.tensor(
      [to],
      Array.from({ length: to }, (_, place) => bias[place] ?? 0),
    )
    return this.op('Add', [product, shift])
  }

  slice(input: string, from: number, to: number): string {
    return this.op('Slice', [input, this.#whole(from), this.#whole(to), this.#whole(1)])
  }

  concat(inputs: readonly string[], name = this.#newName('Concat')): string {
    return this.#node('Concat', inputs, { axis: 1 }, name)
  }

  /** Column `column` of a matrix, as an output of the graph. */
  column(input: string, column: number, name: string): string {
    const place = this.#newName('place')
    this.#tensors.push({ name: place, dims: [], data: BigInt64Array.of(BigInt(column)) })
    return this.#node('Gather', [input, place], { axis: 1 }, name)
  }

  /** Sum of value × embedding over the columns of a side: `[rows, width]`. */
  sumOf(side: 'ask' | 'ad', table: string): string {
    const rows = this.op('Gather', [table, `${side}_index`], { axis: 0 })
    const values = this.op('Unsqueeze', [`${side}_value`, this.#whole(1)])
    return this.op('Squeeze', [this.op('MatMul', [values, rows]), this.#whole(1)])
  }

  bytes(inputs: readonly Value[], outputs: readonly Value[]): Uint8Array<ArrayBuffer> {
    const graph = { name: 'bench', inputs, outputs, tensors: this.#tensors, nodes: this.#nodes }
    return new Uint8Array(writeOnnx(graph))
  }

  #whole(value: number): string {
    const name = this.#newName('whole')
    this.#tensors.push({ name, dims: [1], data: BigInt64Array.of(BigInt(value)) })
    return name
  }

  // oxlint-disable-next-line max-params -- an operator, its ends, its settings, and its name
  #node(
    op: string,
    inputs: readonly string[],
    attributes: Record<string, number>,
    name: string,
  ): string {
    this.#nodes.push({ op, inputs, outputs: [name], attributes })
    return name
  }

  #newName(what: string): string {
    return `${what}-${this.#count++}`
  }
}
