/** The advertising side of a model over all creatives of a snapshot: made where it compiles. */
import type { AdFacts } from './feature-facts.ts'

/** A model version, by name: `fine@3`. Two of one key have the same files (`hash`). */
export interface ModelKey {
  readonly name: string
  readonly version: string
  /** SHA-256 of the manifest's bytes. */
  readonly hash: string
}

/** Rows in the order of the snapshot's creatives. */
export interface AdSide {
  readonly model: ModelKey
  /** `[creatives, width]`, row by row: slots and their values. Empty for split models. */
  readonly width: number
  readonly index: Int32Array
  readonly value: Float32Array
  /** `[creatives, momentWidth]`, epoch milliseconds, NaN unknown. */
  readonly momentWidth: number
  readonly moments: Float64Array
  /** `[creatives, vectorWidth]` of split models; empty for others. */
  readonly vectorWidth: number
  readonly vectors: Float32Array
}

/** Port of the compiling thread: one loaded model's advertising side. */
export interface AdEncoder {
  readonly key: ModelKey
  readonly width: number
  readonly momentWidth: number
  readonly vectorWidth: number
  /**
   * Encodes `facts` into rows of its own, in their order; split models run their `ad` graph over
   * them in bounded batches. Rejects when the graph does.
   */
  encode(facts: readonly AdFacts[]): Promise<AdRows>
}

/** What an encoder makes of some creatives. */
export interface AdRows {
  readonly index: Int32Array
  readonly value: Float32Array
  readonly moments: Float64Array
  readonly vectors: Float32Array
}
