/**
 * Writes small ONNX models, byte by byte after onnx.proto3, so that tests own graphs of every shape
 * and fault without a trainer. Field numbers:
 * https://github.com/onnx/onnx/blob/main/onnx/onnx.proto3
 */
import { ProtoWriter } from '../../src/lib/proto-writer.ts'

/** Element types of onnx.proto3. */
export const Elem = { Float: 1, Int32: 6, Int64: 7 } as const
export type Elem = (typeof Elem)[keyof typeof Elem]

/** An input or output; a dimension that is a word is free. */
export interface GraphValue {
  readonly name: string
  readonly elem: Elem
  readonly dims: readonly (number | string)[]
}

/** A constant of the graph. */
export interface GraphWeight {
  readonly name: string
  readonly dims: readonly number[]
  readonly values: Float32Array | BigInt64Array
}

/** An operation with one output; `ints` are its integer attributes. */
export interface GraphNode {
  readonly op: string
  readonly inputs: readonly string[]
  readonly output: string
  readonly ints?: Readonly<Record<string, number>>
}

/** A model. */
export interface OnnxModel {
  readonly opset: number
  readonly inputs: readonly GraphValue[]
  readonly outputs: readonly GraphValue[]
  readonly weights: readonly GraphWeight[]
  readonly nodes: readonly GraphNode[]
}

/** A model is at most this large: a test's models are far smaller. */
const bytesMax = 64 << 20
/** IR 8 came with opset 15 and is read by every onnxruntime that reads opset 17. */
const irVersion = 8

/** The bytes of `model`. */
export function onnxBytes(model: OnnxModel): Uint8Array {
  const graph = newWriter()
  for (const node of model.nodes) graph.bytes(1, nodeBytes(node))
  graph.text(2, 'test')
  for (const weight of model.weights) graph.bytes(5, weightBytes(weight))
  for (const input of model.inputs) graph.bytes(11, valueBytes(input))
  for (const output of model.outputs) graph.bytes(12, valueBytes(output))
  const opset = newWriter().text(1, '').uint32(2, model.opset).finish()
  return newWriter().uint32(1, irVersion).bytes(7, graph.finish()).bytes(8, opset).finish()
}

function newWriter(): ProtoWriter {
  return new ProtoWriter(1_024, bytesMax)
}

function nodeBytes(node: GraphNode): Uint8Array {
  const writer = newWriter()
  for (const input of node.inputs) writer.text(1, input)
  writer.text(2, node.output).text(3, node.output).text(4, node.op)
  for (const [name, value] of Object.entries(node.ints ?? {})) {
    const attributeTypeInt = 2
    const attribute = newWriter().text(1, name).wide(3, BigInt(value)).uint32(20, attributeTypeInt)
    writer.bytes(5, attribute.finish())
  }
  return writer.finish()
}

function weightBytes({ name, dims, values }: GraphWeight): Uint8Array {
  const writer = newWriter()
  for (const dim of dims) writer.uint32(1, dim)
  writer.uint32(2, values instanceof Float32Array ? Elem.Float : Elem.Int64).text(8, name)
  return writer
    .bytes(9, new Uint8Array(values.buffer, values.byteOffset, values.byteLength))
    .finish()
}

function valueBytes({ name, elem, dims }: GraphValue): Uint8Array {
  const shape = newWriter()
  for (const dim of dims) {
    const writer = newWriter()
    if (typeof dim === 'number') writer.uint32(1, dim)
    else writer.text(2, dim)
    shape.bytes(1, writer.finish())
  }
  const tensor = newWriter().uint32(1, elem).bytes(2, shape.finish()).finish()
  const type = newWriter().bytes(1, tensor).finish()
  return newWriter().text(1, name).bytes(2, type).finish()
}

/** Widths of the rows of a model, and how many slots there are. */
export interface ModelWidths {
  readonly ask: number
  readonly ad: number
  readonly pair: number
  readonly slots: number
}

/** Weight of a slot, for target 0 (ctr), 1 (cvr) or one place of a vector. */
export type WeightOf = (slot: number, target: number) => number

/** Logistic regression over all sides: the sum of weight × value, through a sigmoid. */
export function rankModel(widths: ModelWidths, weightOf: WeightOf, opset = 17): OnnxModel {
  const sides = widths.pair > 0 ? ['ask', 'ad', 'pair'] : ['ask', 'ad']
  const nodes: GraphNode[] = []
  for (const side of sides) nodes.push(...sumOfSide(side, 'table'))
  nodes.push({
    op: 'Gather',
    inputs: ['ask_sum', 'ask_of'],
    output: 'ask_rows',
    ints: { axis: 0 },
  })
  nodes.push({ op: 'Add', inputs: ['ask_rows', 'ad_sum'], output: 'both' })
  const logits = widths.pair > 0 ? 'all' : 'both'
  if (widths.pair > 0) nodes.push({ op: 'Add', inputs: ['both', 'pair_sum'], output: 'all' })
  nodes.push({ op: 'Sigmoid', inputs: [logits], output: 'probabilities' })
  for (const [place, target] of ['ctr', 'cvr'].entries()) {
    nodes.push({
      op: 'Gather',
      inputs: ['probabilities', `place_${place}`],
      output: target,
      ints: { axis: 1 },
    })
  }
  return {
    opset,
    inputs: [
      ...inputsOf('ask', 'R', widths.ask),
      ...inputsOf('ad', 'B', widths.ad),
      { name: 'ask_of', elem: Elem.Int32, dims: ['B'] },
      ...(widths.pair > 0 ? inputsOf('pair', 'B', widths.pair) : []),
    ],
    outputs: [
      { name: 'ctr', elem: Elem.Float, dims: ['B'] },
      { name: 'cvr', elem: Elem.Float, dims: ['B'] },
    ],
    weights: [
      table('table', widths.slots, 2, weightOf),
      int64('axis_1', [1], [1n]),
      int64('axis_2', [1], [2n]),
      int64('place_0', [], [0n]),
      int64('place_1', [], [1n]),
    ],
    nodes,
  }
}

/** One graph of a split model: the sum of its side's vectors. */
export function sideModel(
  side: 'ask' | 'ad',
  width: number,
  vector: { readonly width: number; readonly slots: number; readonly weightOf: WeightOf },
): OnnxModel {
  return {
    opset: 17,
    inputs: inputsOf(side, 'N', width),
    outputs: [{ name: `${side}_vector`, elem: Elem.Float, dims: ['N', vector.width] }],
    weights: [
      table('table', vector.slots, vector.width, vector.weightOf),
      int64('axis_1', [1], [1n]),
      int64('axis_2', [1], [2n]),
    ],
    nodes: [
      ...sumOfSide(side, 'table'),
      { op: 'Identity', inputs: [`${side}_sum`], output: `${side}_vector` },
    ],
  }
}

/** `<side>_sum [N, width]`: the weighed sum of the rows of `table` that the side names. */
function sumOfSide(side: string, tableName: string): GraphNode[] {
  return [
    { op: 'Gather', inputs: [tableName, `${side}_index`], output: `${side}_rows3` },
    { op: 'Unsqueeze', inputs: [`${side}_value`, 'axis_2'], output: `${side}_value3` },
    { op: 'Mul', inputs: [`${side}_rows3`, `${side}_value3`], output: `${side}_weighed` },
    {
      op: 'ReduceSum',
      inputs: [`${side}_weighed`, 'axis_1'],
      output: `${side}_sum`,
      ints: { keepdims: 0 },
    },
  ]
}

function inputsOf(side: string, rows: string, width: number): GraphValue[] {
  return [
    { name: `${side}_index`, elem: Elem.Int32, dims: [rows, width] },
    { name: `${side}_value`, elem: Elem.Float, dims: [rows, width] },
  ]
}

/** A table of weights `[slots, width]`. */
export function table(name: string, slots: number, width: number, weightOf: WeightOf): GraphWeight {
  const values = new Float32Array(slots * width)
  for (let i = 0; i < values.length; i++) values[i] = weightOf(Math.floor(i / width), i % width)
  return { name, dims: [slots, width], values }
}

/** A constant of 64-bit integers. */
export function int64(name: string, dims: readonly number[], values: bigint[]): GraphWeight {
  return { name, dims, values: new BigInt64Array(values) }
}
