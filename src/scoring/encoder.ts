/** Turns facts into rows of slots and values, the same for serving and for training. */
import type { AdFacts, AskFacts } from '../domain/feature-facts.ts'
import { layoutOf, sourceOf } from './feature-layout.ts'
import type { FeatureLayout, FeatureSpec, PlacedFeature, Side } from './feature-spec.ts'
import {
  crossWriter,
  type FactWriter,
  factWriter,
  type Row,
  recencyWriter,
  type Target,
} from './feature-writers.ts'

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

/** Encodes for one layout. Holds word maps and little else; shared by everything of a process. */
export class Encoder {
  readonly layout: FeatureLayout
  readonly #rows: Readonly<Record<Side, Row>> = { ask: newRow(), ad: newRow(), pair: newRow() }
  /** In the order of the list: a cross reads what was written before it. */
  readonly #ask: FactWriter<AskFacts>[] = []
  readonly #ad: FactWriter<AdFacts>[] = []
  readonly #pair: ((rows: PairRows) => void)[] = []
  readonly #moments: ((facts: AdFacts) => number)[] = []

  /** Throws `ScoringError` (SLUICE_SCORING_FEATURE) on an unknown source or a part not named before. */
  constructor(specs: readonly FeatureSpec[]) {
    this.layout = layoutOf(specs)
    const targets = new Map<string, Target>()
    for (const feature of this.layout.features) {
      const target = { feature, row: this.#rows[feature.side] }
      targets.set(feature.spec.name, target)
      this.#add(feature, target, targets)
    }
  }

  /** Writes one ask into `askWidth` places from `from` on. Allocates nothing. */
  // oxlint-disable-next-line max-params -- an object for the places would be garbage of every ask
  ask(facts: AskFacts, atMs: number, index: Int32Array, value: Float32Array, from: number): void {
    turn(this.#rows.ask, index, value, from)
    for (const write of this.#ask) write(facts, atMs)
  }

  /** Writes one ad into `adWidth` places from `from` on. */
  ad(facts: AdFacts, index: Int32Array, value: Float32Array, from: number): void {
    turn(this.#rows.ad, index, value, from)
    for (const write of this.#ad) write(facts, Number.NaN)
  }

  /** Writes the ad's moments (NaN unknown) into `momentWidth` places from `from` on. */
  moments(facts: AdFacts, into: Float64Array, from: number): void {
    for (let at = 0; at < this.#moments.length; at++) into[from + at] = this.#moments[at]!(facts)
  }

  /** Writes the pair row of an encoded ask and an encoded ad into `pairWidth` places. */
  pair(rows: PairRows, into: PairTarget): void {
    turn(this.#rows.ask, rows.askIndex, rows.askValue, rows.askFrom)
    turn(this.#rows.ad, rows.adIndex, rows.adValue, rows.adFrom)
    turn(this.#rows.pair, into.index, into.value, into.from)
    for (const write of this.#pair) write(rows)
  }

  #add(feature: PlacedFeature, target: Target, targets: ReadonlyMap<string, Target>): void {
    const { spec, side } = feature
    if (spec.kind === 'cross') {
      const write = crossWriter(
        target,
        spec.of.flatMap((name) => targets.get(name) ?? []),
      )
      const writers = { ask: this.#ask, ad: this.#ad, pair: this.#pair }
      writers[side].push(write)
      return
    }
    const source = sourceOf(spec)
    if (source.side === 'ask') this.#ask.push(factWriter(target, source.of))
    else if (source.of.kind === 'moment') this.#addRecency(target, source.of.read)
    else this.#ad.push(factWriter(target, source.of))
  }

  #addRecency(target: Target, read: (facts: AdFacts) => number): void {
    const at = this.#moments.push(read) - 1
    const write = recencyWriter(target)
    this.#pair.push(({ moments, momentsFrom, atMs }) => write(moments[momentsFrom + at]!, atMs))
  }
}

function newRow(): Row {
  return { index: new Int32Array(0), value: new Float32Array(0), from: 0 }
}

// oxlint-disable-next-line max-params -- as `ask`
function turn(row: Row, index: Int32Array, value: Float32Array, from: number): void {
  row.index = index
  row.value = value
  row.from = from
}
