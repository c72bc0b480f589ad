/** What a feature is: the words in which a manifest describes the inputs of its model. */

/**
 * Which side a feature is of. `ask`: encoded once a slot of a request. `ad`: encoded once a
 * creative when the catalog compiles. `pair`: a cross of both, or a recency of the ad, encoded for
 * each row that is ranked.
 */
export type Side = 'ask' | 'ad' | 'pair'

/** Where a feature's raw value comes from: a name of `featureSources` (features.ts). */
export type SourceName = string

/**
 * A feature. Every kind yields `width` columns; a column is an index into the model's one slot
 * space and a value it weighs (1 for words). Index 0 with value 0 is "nothing": missing, or
 * padding.
 *
 * Words are as sources have them; a code is the word it is written as (`String(code)`).
 *
 * - `vocab`: slot `offset` is every word that is not in `words` (OOV), then one slot a word.
 * - `hash`: murmur3 of the word's UTF-8 under the seed of `salt` (`seedOf`), modulo `buckets`.
 * - `number`: one slot, value = transform(raw), then (v - mean) / scale. Not finite = nothing.
 * - `count`: one slot, value = ln(1 + raw) / scale.
 * - `recency`: one slot, value = ln(1 + hours since raw moment) / scale; the future counts as now.
 *   Of an ad's moment it is on the pair side: it is another for every decision.
 * - `flags`: as `vocab` of a list (packs): value 1 for each that is there, once, ascending by slot,
 *   at most `width`; words out of the vocabulary are left out (slot `offset` stays unused).
 * - `scores`: as `flags`, value = score / 255 (no score = 1).
 * - `cross`: murmur3 of the slots of its parts (features named before) as little-endian words under
 *   the seed of `salt`, modulo `buckets`; value = product of theirs; the last part's columns
 *   run fastest. A cross with a part that is nothing is nothing. Its width is the product of the
 *   parts' widths. On the pair side when its parts are of both sides.
 */
export type FeatureSpec =
  | {
      readonly name: string
      readonly source: SourceName
      readonly kind: 'vocab'
      /** Columns for sources that are lists; 1 for others. */
      readonly width: number
      /** Words seen fewer times in the training slice are OOV. */
      readonly minCount: number
      readonly words: readonly string[]
    }
  | {
      readonly name: string
      readonly source: SourceName
      readonly kind: 'hash'
      readonly width: number
      readonly buckets: number
      readonly salt: string
    }
  | {
      readonly name: string
      readonly source: SourceName
      readonly kind: 'number'
      /** `logit` clamps to [1e-6, 1 - 1e-6] first; `log1p` of negatives is nothing. */
      readonly transform: 'none' | 'log1p' | 'logit'
      readonly mean: number
      readonly scale: number
    }
  | {
      readonly name: string
      readonly source: SourceName
      readonly kind: 'count' | 'recency'
      readonly scale: number
    }
  | {
      readonly name: string
      readonly source: SourceName
      readonly kind: 'flags' | 'scores'
      readonly width: number
      readonly minCount: number
      readonly words: readonly string[]
    }
  | {
      readonly name: string
      readonly kind: 'cross'
      readonly of: readonly string[]
      readonly buckets: number
      readonly salt: string
    }

/** A feature with its place in the rows of its side and in the slot space. */
export interface PlacedFeature {
  readonly spec: FeatureSpec
  readonly side: Side
  /** First column of its side, and how many. */
  readonly column: number
  readonly width: number
  /** First slot, and how many; slot 0 belongs to no feature. */
  readonly offset: number
  readonly size: number
}

/** All features of a model, placed. */
export interface FeatureLayout {
  readonly features: readonly PlacedFeature[]
  /** Columns of each side. */
  readonly askWidth: number
  readonly adWidth: number
  readonly pairWidth: number
  /** Moments of the ad that recency features of the pair side count from, in their order. */
  readonly momentWidth: number
  /** Slots in all, slot 0 included. */
  readonly slotCount: number
  /** SHA-256 (hex) of the specs with their words: two models of one hash encode alike. */
  readonly hash: string
}
