/** Turns facts into rows of slots and values, the same for serving and for training. */
import type { AdFacts, AskFacts } from '../domain/feature-facts.ts'
import type { FeatureLayout, FeatureSpec } from './feature-spec.ts'

/** Encodes for one layout. Holds word maps and little else; shared by everything of a process. */
export declare class Encoder {
  readonly layout: FeatureLayout
  /** Throws `ScoringError` (SLUICE_SCORING_FEATURE) on an unknown source or a part not named before. */
  constructor(specs: readonly FeatureSpec[])
  /** Writes one ask into `askWidth` places from `from` on. Allocates nothing. */
  ask(facts: AskFacts, atMs: number, index: Int32Array, value: Float32Array, from: number): void
  /** Writes one ad into `adWidth` places from `from` on. */
  ad(facts: AdFacts, index: Int32Array, value: Float32Array, from: number): void
  /** Writes the ad's moments (NaN unknown) into `momentWidth` places from `from` on. */
  moments(facts: AdFacts, into: Float64Array, from: number): void
  /** Writes the pair row of an encoded ask and an encoded ad into `pairWidth` places. */
  pair(rows: PairRows, into: PairTarget): void
}

/** An encoded ask and ad: row `…From` of each array on. */
export interface PairRows {
  readonly askIndex: Int32Array
  readonly askValue: Float32Array
  readonly askFrom: number
  readonly adIndex: Int32Array
  readonly adValue: Float32Array
  readonly adFrom: number
  readonly moments: Float64Array
  readonly momentsFrom: number
  readonly atMs: number
}

/** Where a pair row goes. */
export interface PairTarget {
  readonly index: Int32Array
  readonly value: Float32Array
  readonly from: number
}
