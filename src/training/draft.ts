/** What a trainer leaves in the folder of a version, for `sluice seal` to finish. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Manifest } from '../scoring/manifest.ts'
import { TrainingError } from './training-error.ts'

/** `draft.json`: the part of the manifest that the trainer knows. */
export interface Draft
  extends Pick<
    Manifest,
    'name' | 'version' | 'kind' | 'opset' | 'targets' | 'vector' | 'trainedBy' | 'trainedOn'
  > {
  /** Of the set it was trained on; a draft without it is held against the golden vectors alone. */
  readonly featuresHash?: string
}

/** A line of `parity-outputs.ndjson`: what the trainer's own model answers, before calibration. */
export interface TrainerOutput {
  readonly row: number
  readonly ctr: number
  /** Null where the model has no such target. */
  readonly cvr: number | null
}

export const draftName = 'draft.json'
export const outputsName = 'parity-outputs.ndjson'
export const graphName = 'model.onnx'
export const adGraphName = 'ad.onnx'

/** Writes both files. */
export function writeDraft(folder: string, draft: Draft, outputs: readonly TrainerOutput[]): void {
  writeFileSync(join(folder, draftName), `${JSON.stringify(draft, null, 2)}\n`)
  const lines = outputs.map((output) => `${JSON.stringify(output)}\n`)
  writeFileSync(join(folder, outputsName), lines.join(''))
}

/** Reads the draft. Throws `TrainingError` (SLUICE_TRAINING_DRAFT) on one that is none. */
export function readDraft(folder: string): Draft {
  const path = join(folder, draftName)
  const draft = parsed(path, readText(path))
  const fault = faultOf(draft)
  if (fault !== null) throw refused(`${path}: ${fault}`)
  return draft as unknown as Draft
}

/** The trainer's outputs by row. Throws as `readDraft`. */
export function readOutputs(folder: string): Map<number, TrainerOutput> {
  const path = join(folder, outputsName)
  const lines = readText(path).split('\n')
  const outputs = new Map<number, TrainerOutput>()
  for (const [number, line] of lines.entries()) {
    if (line === '') continue
    const output = parsed(`${path} line ${number + 1}`, line) as unknown as TrainerOutput
    outputs.set(output.row, output)
  }
  return outputs
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw refused(`no trainer has left a model to seal here, or it is sealed already: ${reason}`)
  }
}

function parsed(where: string, text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null) return { ...value }
  } catch {
    // Said below, with the place.
  }
  throw refused(`${where} is no JSON object`)
}

/** What the manifest's own check would blame on the wrong file; it checks the rest. */
function faultOf(draft: Readonly<Record<string, unknown>>): string | null {
  const { kind, opset, targets, vector } = draft
  const texts = ['name', 'version', 'trainedBy', 'trainedOn']
  const missing = texts.find((key) => typeof draft[key] !== 'string' || draft[key] === '')
  if (missing !== undefined) return `${missing} must be a text`
  if (kind !== 'rank' && kind !== 'split') return 'kind is rank or split'
  if (!Number.isInteger(opset)) return 'opset must be a whole number'
  const words = Array.isArray(targets) ? targets.join() : ''
  if (words !== 'ctr' && words !== 'ctr,cvr') return 'targets is ["ctr"] or ["ctr", "cvr"]'
  const hasVector = typeof vector === 'object' && vector !== null
  return hasVector === (kind === 'split') ? null : 'vector is what split models have, and only they'
}

function refused(sentence: string): TrainingError {
  return new TrainingError('SLUICE_TRAINING_DRAFT', sentence)
}
