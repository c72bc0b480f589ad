/** Encodes the rows of a plan into the columns of a set. */
import type { AdFacts } from '../domain/feature-facts.ts'
import type { Encoder } from '../scoring/encoder.ts'
import type { DatasetWriter } from './dataset-writer.ts'
import type { FactsSpool } from './facts-spool.ts'
import type { RowTable } from './row-table.ts'
import type { TruthFile } from './truth-file.ts'

/** Where rows come from. */
export interface RowSource {
  readonly table: RowTable
  readonly spool: FactsSpool
  readonly ads: readonly AdFacts[]
  readonly truth: TruthFile | null
}

/** Writes the rows of `order`, each ad encoded once; `labelOf` gives their labels. */
export function encodeRows(
  { table, spool, ads, truth }: RowSource,
  order: Int32Array,
  encoder: Encoder,
  to: { readonly writer: DatasetWriter; readonly labelOf: (row: number) => number },
): void {
  const { askWidth, adWidth, pairWidth, momentWidth } = encoder.layout
  const { index: adIndex, value: adValue, moments } = encodeAds(ads, encoder)
  const { writer } = to
  const { room } = writer
  const pairTarget = { index: room.pairIndex, value: room.pairValue, from: 0 }
  const pairRows = {
    askIndex: room.askIndex,
    askValue: room.askValue,
    askFrom: 0,
    adIndex,
    adValue,
    adFrom: 0,
    moments,
    momentsFrom: 0,
    atMs: 0,
  }
  for (const row of order) {
    const { at } = writer
    const ad = table.ad[row] ?? 0
    const atMs = table.at[row] ?? 0
    encoder.ask(
      spool.read(table.factsAt[row] ?? 0),
      atMs,
      room.askIndex,
      room.askValue,
      at * askWidth,
    )
    copy(adIndex, ad * adWidth, room.adIndex, at * adWidth, adWidth)
    copy(adValue, ad * adWidth, room.adValue, at * adWidth, adWidth)
    if (pairWidth > 0) {
      pairRows.askFrom = at * askWidth
      pairRows.adFrom = ad * adWidth
      pairRows.momentsFrom = ad * momentWidth
      pairRows.atMs = atMs
      pairTarget.from = at * pairWidth
      encoder.pair(pairRows, pairTarget)
    }
    room.label[at] = to.labelOf(row)
    room.weight[at] = table.weight[row] ?? 1
    room.at[at] = atMs
    room.exchange[at] = table.exchange[row] ?? 0
    truth?.read(table.line[row] ?? 0, room.truth, at * 2)
    writer.next()
  }
}

function encodeAds(ads: readonly AdFacts[], encoder: Encoder) {
  const { adWidth, momentWidth } = encoder.layout
  const index = new Int32Array(ads.length * adWidth)
  const value = new Float32Array(ads.length * adWidth)
  const moments = new Float64Array(ads.length * momentWidth)
  for (const [number, facts] of ads.entries()) {
    encoder.ad(facts, index, value, number * adWidth)
    encoder.moments(facts, moments, number * momentWidth)
  }
  return { index, value, moments }
}

type Numbers = Int32Array | Float32Array

// oxlint-disable-next-line max-params -- a copy has two places
function copy(from: Numbers, at: number, into: Numbers, to: number, count: number): void {
  for (let i = 0; i < count; i++) into[to + i] = from[at + i] ?? 0
}
