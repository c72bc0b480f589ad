/** Leaves a trained logistic regression in the folder of its version, for `sluice seal`. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Dataset } from './dataset.ts'
import { graphName, type TrainerOutput, writeDraft } from './draft.ts'
import { sidesOf } from './examples.ts'
import type { SlotColumns } from './ftrl.ts'
import { type LinearHead, linearGraph } from './lr-graph.ts'
import { onnxOpset } from './onnx-writer.ts'

/** What people read in the manifest. */
export interface LrName {
  readonly name: string
  readonly version: string
  /** With its settings. */
  readonly trainedBy: string
}

/** Writes the graph, the draft, and what the heads themselves answer to the golden vectors. */
export function writeLrModel(
  folder: string,
  dataset: Dataset,
  heads: readonly LinearHead[],
  name: LrName,
): void {
  const { info } = dataset
  const targets = heads.map(({ target }) => target)
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, graphName), linearGraph(heads, info))
  const draft = { ...name, kind: 'rank', opset: onnxOpset, targets, vector: null } as const
  writeDraft(
    folder,
    { ...draft, trainedOn: trainedOn(dataset), featuresHash: info.featuresHash },
    dataset.parityRows().map(({ row }) => outputOf(dataset, heads, row)),
  )
}

function trainedOn({ info }: Dataset): string {
  const [from, to] = info.slices.train
  const begin = new Date(info.startMs).toISOString()
  return `${info.log}: ${to - from} ${info.rowsAre} from ${begin} on`
}

/** In double arithmetic, out of the very weights that the graph has: not by the runtime. */
function outputOf(dataset: Dataset, heads: readonly LinearHead[], row: number): TrainerOutput {
  const output: { row: number; ctr: number; cvr: number | null } = { row, ctr: NaN, cvr: null }
  for (const chunk of dataset.chunks([row, row + 1])) {
    const sides = sidesOf(chunk, dataset.info)
    for (const head of heads) output[head.target] = linearAnswer(head, sides)
  }
  return output
}

function linearAnswer({ weight, bias }: LinearHead, sides: readonly SlotColumns[]): number {
  let odds = bias
  for (const { width, index, value } of sides) {
    for (let i = 0; i < width; i++) {
      odds += (weight[index[i] as number] as number) * (value[i] as number)
    }
  }
  return 1 / (1 + Math.exp(-odds))
}
