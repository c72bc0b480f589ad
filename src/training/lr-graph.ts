/** A logistic regression as an ONNX graph of the `rank` kind (src/scoring/manifest.ts). */
import type { Target } from '../scoring/manifest.ts'
import { type OnnxNode, type OnnxTensor, type OnnxValue, writeOnnx } from './onnx-writer.ts'

/** What was learned for one target. */
export interface LinearHead {
  readonly target: Target
  /** By slot; slot 0 ("nothing") weighs 0. */
  readonly weight: Float32Array
  readonly bias: number
}

/** Log odds whose probability is 1 in float32. */
const certain = 20

/** The CTR of a set of clicks: each of its rows was clicked, so there is nothing to learn. */
export function clickHead(slotCount: number): LinearHead {
  return { target: 'ctr', weight: new Float32Array(slotCount), bias: certain }
}

/** Columns of each side of the rows. */
export interface RowWidths {
  readonly askWidth: number
  readonly adWidth: number
  readonly pairWidth: number
}

/**
 * The bytes of `model.onnx`: each head gathers the weights of the row's slots, weighs them by the
 * values and adds them up. The ask side is added up once an ask and handed to its rows.
 */
export function linearGraph(heads: readonly LinearHead[], widths: RowWidths): Uint8Array {
  const parts = heads.map((head) => headGraph(head, widths.pairWidth > 0))
  return writeOnnx({
    name: 'logistic-regression',
    inputs: inputsOf(widths),
    outputs: heads.map(({ target }) => ({ name: target, type: 'float32', dims: ['rows'] })),
    tensors: [
      { name: 'columns', dims: [1], data: BigInt64Array.of(1n) },
      ...parts.flatMap(({ tensors }) => tensors),
    ],
    nodes: parts.flatMap(({ nodes }) => nodes),
  })
}

function inputsOf({ askWidth, adWidth, pairWidth }: RowWidths): OnnxValue[] {
  const side = (name: string, count: string, width: number): OnnxValue[] => [
    { name: `${name}_index`, type: 'int32', dims: [count, width] },
    { name: `${name}_value`, type: 'float32', dims: [count, width] },
  ]
  return [
    ...side('ask', 'asks', askWidth),
    ...side('ad', 'rows', adWidth),
    { name: 'ask_of', type: 'int32', dims: ['rows'] },
    ...(pairWidth > 0 ? side('pair', 'rows', pairWidth) : []),
  ]
}

interface GraphPart {
  readonly tensors: readonly OnnxTensor[]
  readonly nodes: readonly OnnxNode[]
}

function headGraph({ target, weight, bias }: LinearHead, hasPair: boolean): GraphPart {
  const name = (part: string): string => `${target}/${part}`
  const table = name('weight')
  const last = hasPair ? name('with-pair') : name('with-bias')
  return {
    tensors: [
      { name: table, dims: [weight.length], data: weight },
      { name: name('bias'), dims: [1], data: Float32Array.of(bias) },
    ],
    nodes: [
      ...sumNodes(target, 'ask'),
      ...sumNodes(target, 'ad'),
      node('Gather', [name('ask'), 'ask_of'], name('ask-of-row')),
      node('Add', [name('ask-of-row'), name('ad')], name('both')),
      node('Add', [name('both'), name('bias')], name('with-bias')),
      ...(hasPair ? sumNodes(target, 'pair') : []),
      ...(hasPair ? [node('Add', [name('with-bias'), name('pair')], last)] : []),
      node('Sigmoid', [last], target),
    ],
  }
}

/** `[count, width]` slots and values of a side → `[count]` sums of weight × value. */
function sumNodes(target: Target, side: string): OnnxNode[] {
  const name = `${target}/${side}`
  return [
    node('Gather', [`${target}/weight`, `${side}_index`], `${name}-weights`),
    node('Mul', [`${name}-weights`, `${side}_value`], `${name}-terms`),
    node('ReduceSum', [`${name}-terms`, 'columns'], name, { keepdims: 0 }),
  ]
}

// oxlint-disable-next-line max-params -- an operator, its ends, and its settings
function node(
  op: string,
  inputs: readonly string[],
  output: string,
  attributes: Readonly<Record<string, number>> = {},
): OnnxNode {
  return { op, inputs, outputs: [output], attributes }
}
