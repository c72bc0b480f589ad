/** `manifest.json` of a model version: everything that serving needs to know beside the graphs. */
import type { AdFacts, AskFacts } from '../domain/feature-facts.ts'
import type { FeatureSpec } from './feature-spec.ts'

/** Version of the manifest's form; it changes when an old reader would misread a new file. */
export const manifestVersion = 1

/**
 * How rows are scored.
 *
 * `rank`: one graph, `model.onnx`. Inputs, all float32 or int32, R asks and B rows: `ask_index [R,
 * askWidth]`, `ask_value [R, askWidth]`, `ad_index [B, adWidth]`, `ad_value [B, adWidth]`, `ask_of
 * [B]` (row of the ask each row belongs to), and, where the layout has pair features, `pair_index
 * [B, pairWidth]`, `pair_value [B, pairWidth]`. Outputs: `ctr [B]` and, where `targets` has it,
 * `cvr [B]`: probabilities before calibration.
 *
 * `split`: two graphs. `model.onnx`: `ask_index`, `ask_value` → `ask_vector [R, vectorWidth]`.
 * `ad.onnx`: `ad_index`, `ad_value` → `ad_vector [B, vectorWidth]`. Log odds of a target are the
 * dot product of its part of both vectors; no pair features.
 */
export type ModelKind = 'rank' | 'split'

/** What a model predicts: click of an impression, conversion of a click. */
export type Target = 'ctr' | 'cvr'

/** A file of the version's folder. */
export interface ModelFile {
  readonly file: string
  readonly sha256: string
}

/** Platt: p' = sigmoid(slope × logit(p) + shift). Isotonic: linear between (from[i], to[i]). */
export type Calibration =
  | { readonly kind: 'none' }
  | { readonly kind: 'platt'; readonly slope: number; readonly shift: number }
  | { readonly kind: 'isotonic'; readonly from: readonly number[]; readonly to: readonly number[] }

/** Calibration of each target; a target that is missing is not calibrated. */
export type Calibrations = { readonly [target in Target]?: Calibration }

/** The manifest. */
export interface Manifest {
  readonly manifestVersion: typeof manifestVersion
  /** Name and version, as the folders are called: `models/<name>/<version>`. */
  readonly name: string
  readonly version: string
  readonly kind: ModelKind
  readonly opset: number
  readonly targets: readonly Target[]
  /** The graphs: `model.onnx`, and `ad.onnx` of a split model. */
  readonly model: ModelFile
  readonly ad: ModelFile | null
  readonly features: readonly FeatureSpec[]
  /** `FeatureLayout.hash` of the features as the trainer saw them. */
  readonly featuresHash: string
  /** Split models: width of both vectors, and [from, to) of each target's part. */
  readonly vector: {
    readonly width: number
    readonly ctr: readonly [number, number]
    readonly cvr: readonly [number, number] | null
  } | null
  readonly calibration: {
    readonly fallback: Calibrations
    /** By exchange or RTA medium. */
    readonly exchanges: { readonly [exchange: string]: Calibrations }
  }
  /** Golden vectors: `parity.jsonl`, one `ParityRow` a line. */
  readonly parity: ModelFile & { readonly rows: number; readonly maxDifference: number }
  /** For people: where it came from. */
  readonly trainedBy: string
  readonly trainedOn: string
}

/**
 * A golden vector: raw facts, what they encode to, and what the trainer's own model answered
 * (before calibration). Loading a version encodes and runs each of them again.
 */
export interface ParityRow {
  readonly ask: AskFacts
  readonly ad: AdFacts
  /** Epoch milliseconds of the decision: recency features count from it. */
  readonly atMs: number
  readonly askIndex: readonly number[]
  readonly askValue: readonly number[]
  readonly adIndex: readonly number[]
  readonly adValue: readonly number[]
  readonly pairIndex: readonly number[]
  readonly pairValue: readonly number[]
  readonly ctr: number
  /** Null where the model has no such target. */
  readonly cvr: number | null
}
