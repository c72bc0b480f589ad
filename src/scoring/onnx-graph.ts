/**
 * Reads from an ONNX file what serving must agree with: opset, inputs and outputs, and whether its
 * weights are numbers. Field numbers: onnx.proto3 of github.com/onnx/onnx, the same since IR 3.
 */
import { ProtoReader, WireType } from '../lib/proto-reader.ts'

/** Element types that models may have at their inputs and outputs (TensorProto.DataType). */
export const ElementType = { Float: 1, Int32: 6 } as const

/** An input or output. */
export interface GraphPort {
  readonly name: string
  /** TensorProto.DataType; 0 = no tensor, or not said. */
  readonly elementType: number
  /** null = not said at all; a dimension of null is free. */
  readonly dims: readonly (number | null)[] | null
}

/** What a file says of its graph. */
export interface OnnxGraph {
  /** Of the default operators; 0 = not said. */
  readonly opset: number
  readonly inputs: readonly GraphPort[]
  readonly outputs: readonly GraphPort[]
  /** The first weight that is NaN (or infinite, in a table of more than one number). */
  readonly badWeight: string | null
  /** The first weight that lies in another file. */
  readonly externalWeight: string | null
}

interface Draft {
  opset: number
  hasGraph: boolean
  initializers: Set<string>
  inputs: GraphPort[]
  outputs: GraphPort[]
  badWeight: string | null
  externalWeight: string | null
}

/** Null: these bytes are no whole ONNX model (truncated, or something else). */
export function readGraph(bytes: Uint8Array): OnnxGraph | null {
  const draft: Draft = {
    opset: 0,
    hasGraph: false,
    initializers: new Set(),
    inputs: [],
    outputs: [],
    badWeight: null,
    externalWeight: null,
  }
  const isWhole = readMessage(new ProtoReader().reset(bytes), {
    7: (graph) => {
      draft.hasGraph = true
      return readGraphMessage(graph, draft)
    },
    8: (opset) => readOpset(opset, draft),
  })
  if (!isWhole || !draft.hasGraph) return null
  // Before IR 4 initializers were listed as inputs too; they are no inputs of a run.
  const inputs = draft.inputs.filter(({ name }) => !draft.initializers.has(name))
  const { opset, outputs, badWeight, externalWeight } = draft
  return { opset, inputs, outputs, badWeight, externalWeight }
}

/** Reads one field that is a message; false = malformed. */
type FieldReader = (message: ProtoReader) => boolean

/** Walks a message: fields of `readers` are read, others skipped. False = malformed. */
function readMessage(reader: ProtoReader, readers: Readonly<Record<number, FieldReader>>): boolean {
  while (reader.next()) {
    const read = readers[reader.field]
    if (read === undefined || !reader.is(WireType.Bytes)) {
      reader.skip()
      continue
    }
    const inner = new ProtoReader()
    if (!reader.message(inner) || !read(inner)) return false
  }
  return reader.ok
}

/** OperatorSetIdProto: domain = 1, version = 2. */
function readOpset(reader: ProtoReader, draft: Draft): boolean {
  let domain = ''
  let version = 0
  while (reader.next()) {
    if (reader.field === 1 && reader.is(WireType.Bytes)) domain = reader.text()
    else if (reader.field === 2 && reader.is(WireType.Varint)) version = reader.varint()
    else reader.skip()
  }
  if (domain === '' || domain === 'ai.onnx') draft.opset = version
  return reader.ok
}

/** GraphProto: node = 1, initializer = 5, input = 11, output = 12. */
function readGraphMessage(reader: ProtoReader, draft: Draft): boolean {
  const readPort = (ports: GraphPort[]) => (port: ProtoReader) => {
    const read = portOf(port)
    ports.push(read)
    return port.ok
  }
  return readMessage(reader, {
    1: (node) => readMessage(node, { 5: (attribute) => readAttribute(attribute, draft) }),
    5: (weight) => readWeight(weight, draft),
    11: readPort(draft.inputs),
    12: readPort(draft.outputs),
  })
}

/** AttributeProto: t = 5, the tensor of a `Constant` node. */
function readAttribute(reader: ProtoReader, draft: Draft): boolean {
  return readMessage(reader, { 5: (weight) => readWeight(weight, draft) })
}

/** ValueInfoProto: name = 1, type = 2; TypeProto: tensor_type = 1. */
function portOf(reader: ProtoReader): GraphPort {
  let name = ''
  let elementType = 0
  let dims: (number | null)[] | null = null
  while (reader.next()) {
    if (reader.field === 1 && reader.is(WireType.Bytes)) {
      name = reader.text()
    } else if (reader.field === 2 && reader.is(WireType.Bytes)) {
      const type = new ProtoReader()
      if (!reader.message(type)) break
      reader.ok = readMessage(type, {
        1: (tensor) => {
          while (tensor.next()) {
            if (tensor.field === 1 && tensor.is(WireType.Varint)) elementType = tensor.varint()
            else if (tensor.field === 2 && tensor.is(WireType.Bytes)) dims = dimsOf(tensor)
            else tensor.skip()
          }
          return tensor.ok
        },
      })
    } else {
      reader.skip()
    }
  }
  return { name, elementType, dims }
}

/** TensorShapeProto: dim = 1, each with dim_value = 1 or dim_param = 2. */
function dimsOf(reader: ProtoReader): (number | null)[] {
  const dims: (number | null)[] = []
  const shape = new ProtoReader()
  if (!reader.message(shape)) return dims
  reader.ok = readMessage(shape, {
    1: (dim) => {
      let value: number | null = null
      while (dim.next()) {
        if (dim.field === 1 && dim.is(WireType.Varint)) value = dim.varint()
        else dim.skip()
      }
      dims.push(value)
      return dim.ok
    },
  })
  return dims
}

/**
 * TensorProto: data_type = 2, float_data = 4, name = 8, raw_data = 9, external_data = 13. Float
 * tensors are looked through for what is no number: a row that no golden vector touches would
 * otherwise be found by a bid.
 */
function readWeight(reader: ProtoReader, draft: Draft): boolean {
  const weight: Weight = { name: '', elementType: 0, floats: null, isExternal: false }
  while (reader.next()) readWeightField(reader, weight)
  const { name, elementType, floats, isExternal } = weight
  draft.initializers.add(name)
  if (isExternal) draft.externalWeight ??= name
  if (floats !== null && elementType === ElementType.Float && !isFinite32(floats)) {
    draft.badWeight ??= name
  }
  return reader.ok
}

interface Weight {
  name: string
  elementType: number
  floats: Uint8Array | null
  isExternal: boolean
}

function readWeightField(reader: ProtoReader, weight: Weight): void {
  if (reader.field === 8 && reader.is(WireType.Bytes)) {
    weight.name = reader.text()
  } else if (reader.field === 2 && reader.is(WireType.Varint)) {
    weight.elementType = reader.varint()
  } else if (isFloatData(reader)) {
    if (reader.span()) weight.floats = reader.bytes.subarray(reader.from, reader.to)
  } else {
    weight.isExternal ||= reader.field === 13
    reader.skip()
  }
}

/** float_data is packed little endian, as raw_data is. */
function isFloatData(reader: ProtoReader): boolean {
  return (reader.field === 4 || reader.field === 9) && reader.is(WireType.Bytes)
}

/** A single infinity is a bound (`Clip`, a mask); one in a table is a weight gone wrong. */
function isFinite32(bytes: Uint8Array): boolean {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const count = Math.floor(bytes.byteLength / 4)
  for (let i = 0; i < count; i++) {
    const value = view.getFloat32(i * 4, true)
    if (Number.isNaN(value) || (count > 1 && !Number.isFinite(value))) return false
  }
  return true
}
