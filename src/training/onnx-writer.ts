/** Writes ONNX models: the fields of onnx.proto (IR version 8) that graphs of tables need. */
import { ProtoWriter } from '../lib/proto-writer.ts'

/** A value that goes in or comes out; a dimension with a name may be any number. */
export interface OnnxValue {
  readonly name: string
  readonly type: 'float32' | 'int32'
  readonly dims: readonly (number | string)[]
}

/** A constant of the graph. int64 (`BigInt64Array`) is what operators take as axes. */
export interface OnnxTensor {
  readonly name: string
  readonly dims: readonly number[]
  readonly data: Float32Array | BigInt64Array
}

/** An operator of the standard set. */
export interface OnnxNode {
  readonly op: string
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
  /** Whole numbers: no operator here has others. */
  readonly attributes: Readonly<Record<string, number>>
}

/** A graph; nodes stand in an order in which each finds its inputs made. */
export interface OnnxGraph {
  readonly name: string
  readonly inputs: readonly OnnxValue[]
  readonly outputs: readonly OnnxValue[]
  readonly tensors: readonly OnnxTensor[]
  readonly nodes: readonly OnnxNode[]
}

/** Operator set of what is written. */
export const onnxOpset = 17

/** IR version of onnx 1.12, the first with this operator set. */
const irVersion = 8

/** ONNX forbids models of 2 GiB and more; ours stay far below: 2^26 slots of two targets. */
const modelBytesMax = 1 << 29

/** `TensorProto.DataType`. */
const dataTypes = { float32: 1, int32: 6, int64: 7 } as const

/** `AttributeProto.AttributeType.INT`. */
const integerAttribute = 2

/** The bytes of `model.onnx`. Throws RangeError when the constants are over half a GiB. */
export function writeOnnx(graph: OnnxGraph): Uint8Array {
  const body = graphBytes(graph)
  const model = new ProtoWriter(body.length + 1_024, modelBytesMax)
  model.uint32(1, irVersion).text(2, 'sluice').bytes(7, body)
  const opset = model.open(8)
  model.text(1, '').uint32(2, onnxOpset)
  return model.close(opset).finish()
}

function graphBytes(graph: OnnxGraph): Uint8Array {
  const tensors = graph.tensors.map(tensorBytes)
  const size = tensors.reduce((sum, bytes) => sum + bytes.length, 0)
  const writer = new ProtoWriter(size + 4_096, modelBytesMax)
  for (const node of graph.nodes) writeNode(writer, node)
  writer.text(2, graph.name)
  for (const bytes of tensors) writer.bytes(5, bytes)
  for (const value of graph.inputs) writeValue(writer, 11, value)
  for (const value of graph.outputs) writeValue(writer, 12, value)
  return writer.finish()
}

function writeNode(writer: ProtoWriter, node: OnnxNode): void {
  const start = writer.open(1)
  for (const input of node.inputs) writer.text(1, input)
  for (const output of node.outputs) writer.text(2, output)
  writer.text(3, `${node.op}/${node.outputs[0] ?? ''}`).text(4, node.op)
  for (const [name, value] of Object.entries(node.attributes)) {
    const attribute = writer.open(5)
    writer.text(1, name).int32(3, value).uint32(20, integerAttribute).close(attribute)
  }
  writer.close(start)
}

function writeValue(writer: ProtoWriter, field: number, value: OnnxValue): void {
  const start = writer.open(field)
  writer.text(1, value.name)
  const type = writer.open(2)
  const tensor = writer.open(1)
  writer.uint32(1, dataTypes[value.type])
  const shape = writer.open(2)
  for (const dim of value.dims) {
    const entry = writer.open(1)
    if (typeof dim === 'number') writer.uint32(1, dim)
    else writer.text(2, dim)
    writer.close(entry)
  }
  writer.close(shape).close(tensor).close(type).close(start)
}

/** A message of its own: `open` of the writer is for small ones. */
function tensorBytes({ name, dims, data }: OnnxTensor): Uint8Array {
  const raw = littleEndian(data)
  const writer = new ProtoWriter(raw.length + 256, modelBytesMax)
  for (const dim of dims) writer.uint32(1, dim)
  writer.uint32(2, data instanceof Float32Array ? dataTypes.float32 : dataTypes.int64)
  return writer.text(8, name).bytes(9, raw).finish()
}

/** The engines that Node runs on here are little endian, as raw_data is. */
function littleEndian(data: Float32Array | BigInt64Array): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
}
