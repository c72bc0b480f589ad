/** Places features in the rows of their sides and in the one space of slots. */
import { createHash } from 'node:crypto'
import type { FeatureLayout, FeatureSpec, PlacedFeature, Side } from './feature-spec.ts'
import { type FeatureSource, featureSources } from './features.ts'
import { ScoringError } from './scoring-error.ts'

/** Features of one model: more than any list of ours has, few enough to read. */
const featuresMax = 256

/** Columns of one side: a row of 200 candidates stays within 1 MiB. */
const columnsMax = 512

/** Slots in all: a table of 16 numbers a slot is 1 GiB then. */
const slotsMax = 2 ** 24

/**
 * The layout of a list, in its order: every feature has its columns on its side and its slots from
 * 1 on. Throws `ScoringError` (SLUICE_SCORING_FEATURE), with the feature's name, for a list that
 * cannot be encoded.
 */
export function layoutOf(specs: readonly FeatureSpec[]): FeatureLayout {
  if (specs.length > featuresMax) throw wrong('', `a model may have ${featuresMax} features`)
  const widths: Record<Side, number> = { ask: 0, ad: 0, pair: 0 }
  const placed = new Map<string, PlacedFeature>()
  let slotCount = 1
  let momentWidth = 0
  for (const spec of specs) {
    if (placed.has(spec.name)) throw wrong(spec.name, 'this name is taken')
    const { side, width, size } = shapeOf(spec, placed)
    placed.set(spec.name, { spec, side, column: widths[side], width, offset: slotCount, size })
    widths[side] += width
    slotCount += size
    if (spec.kind === 'recency') momentWidth++
    if (widths[side] > columnsMax) throw wrong(spec.name, `a side may have ${columnsMax} columns`)
    if (slotCount > slotsMax) throw wrong(spec.name, `a model may have ${slotsMax} slots`)
  }
  return {
    features: [...placed.values()],
    askWidth: widths.ask,
    adWidth: widths.ad,
    pairWidth: widths.pair,
    momentWidth,
    slotCount,
    hash: hashOf(specs),
  }
}

/** The source of a feature. Throws `ScoringError` where there is none of this name. */
export function sourceOf(spec: Exclude<FeatureSpec, { kind: 'cross' }>): FeatureSource {
  const source = featureSources.get(spec.source)
  if (source === undefined) throw wrong(spec.name, `no source is called ${spec.source}`)
  return source
}

interface Shape {
  readonly side: Side
  readonly width: number
  readonly size: number
}

function shapeOf(spec: FeatureSpec, placed: ReadonlyMap<string, PlacedFeature>): Shape {
  if (spec.kind === 'cross') return crossShape(spec, placed)
  const { side, of } = sourceOf(spec)
  if (!sourceKinds[spec.kind].includes(of.kind)) {
    throw wrong(spec.name, `${spec.source} is of kind ${of.kind}, which ${spec.kind} cannot read`)
  }
  checkAmount(spec)
  switch (spec.kind) {
    case 'vocab':
    case 'flags':
    case 'scores':
      return { side, width: widthOf(spec, of.kind), size: 1 + wordCount(spec) }
    case 'hash':
      return { side, width: widthOf(spec, of.kind), size: bucketsOf(spec) }
    case 'number':
    case 'count':
      return { side, width: 1, size: 1 }
    case 'recency':
      // Another value at every decision: it cannot be encoded when the catalog compiles.
      return { side: 'pair', width: 1, size: 1 }
  }
}

function checkAmount(spec: FeatureSpec): void {
  if ('scale' in spec && !(Number.isFinite(spec.scale) && spec.scale > 0)) {
    throw wrong(spec.name, 'a scale is a number above 0')
  }
  if ('mean' in spec && !Number.isFinite(spec.mean)) throw wrong(spec.name, 'a mean is a number')
}

/** Kinds of sources that a kind of feature reads. */
const sourceKinds: Readonly<
  Record<Exclude<FeatureSpec['kind'], 'cross'>, readonly FeatureSource['of']['kind'][]>
> = {
  vocab: ['word', 'words', 'code', 'packs'],
  hash: ['word', 'words', 'code', 'packs'],
  flags: ['words', 'packs'],
  scores: ['packs'],
  number: ['number', 'code'],
  count: ['number'],
  recency: ['moment'],
}

function crossShape(
  spec: Extract<FeatureSpec, { kind: 'cross' }>,
  placed: ReadonlyMap<string, PlacedFeature>,
): Shape {
  if (spec.of.length < 2) throw wrong(spec.name, 'a cross has two parts or more')
  let width = 1
  const sides = new Set<Side>()
  for (const part of spec.of) {
    const feature = placed.get(part)
    if (feature === undefined) throw wrong(spec.name, `no feature before it is called ${part}`)
    width *= feature.width
    sides.add(feature.side)
  }
  const [side] = sides
  const isOfOne = sides.size === 1 && side !== undefined
  return { side: isOfOne ? side : 'pair', width, size: bucketsOf(spec) }
}

function widthOf(
  { name, width }: { readonly name: string; readonly width: number },
  kind: FeatureSource['of']['kind'],
): number {
  if (!Number.isSafeInteger(width) || width < 1) throw wrong(name, 'a width is a whole number > 0')
  const isList = kind === 'words' || kind === 'packs'
  if (!isList && width !== 1) throw wrong(name, 'the width of one word is 1')
  return width
}

function wordCount({ name, words }: { readonly name: string; readonly words: readonly string[] }) {
  if (new Set(words).size < words.length) throw wrong(name, 'a word stands in it twice')
  return words.length
}

function bucketsOf({ name, buckets }: { readonly name: string; readonly buckets: number }): number {
  if (!Number.isSafeInteger(buckets) || buckets < 1) {
    throw wrong(name, 'its buckets are a whole number > 0')
  }
  return buckets
}

/** Of values in an order of their own: that of a manifest's keys says nothing. */
function hashOf(specs: readonly FeatureSpec[]): string {
  return createHash('sha256')
    .update(JSON.stringify(specs.map(canonical)))
    .digest('hex')
}

function canonical(spec: FeatureSpec): readonly unknown[] {
  const { kind, name } = spec
  switch (spec.kind) {
    case 'vocab':
    case 'flags':
    case 'scores':
      return [kind, name, spec.source, spec.width, spec.words]
    case 'hash':
      return [kind, name, spec.source, spec.width, spec.buckets, spec.salt]
    case 'number':
      return [kind, name, spec.source, spec.transform, spec.mean, spec.scale]
    case 'count':
    case 'recency':
      return [kind, name, spec.source, spec.scale]
    case 'cross':
      return [kind, name, spec.of, spec.buckets, spec.salt]
  }
}

function wrong(name: string, reason: string): ScoringError {
  const which = name === '' ? 'the feature list' : `feature ${name}`
  return new ScoringError('SLUICE_SCORING_FEATURE', `${which} cannot be encoded: ${reason}`)
}
