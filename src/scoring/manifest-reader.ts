/** Reads `manifest.json`, strictly: a member that is unknown or missing is refused by its path. */
import type { FeatureSpec } from './feature-spec.ts'
import { type JsonPlace, parsePlace } from './json-fields.ts'
import {
  type Calibration,
  type Calibrations,
  type Manifest,
  type ModelFile,
  type ModelKind,
  manifestVersion,
} from './manifest.ts'
import {
  calibratedExchangesMax,
  featureSlotsMax,
  featuresMax,
  featureWidthMax,
  knotsMax,
  parityRowsMax,
  vectorWidthMax,
} from './model-limits.ts'
import { isModelWord } from './model-word.ts'

/** The manifest that `text` holds. Throws ScoringError that names the place at fault. */
export function readManifest(text: string): Manifest {
  const of = parsePlace(text, 'manifest.json').members([
    ...(['manifestVersion', 'name', 'version', 'kind', 'opset', 'targets', 'model', 'ad'] as const),
    ...(['features', 'featuresHash', 'vector', 'calibration', 'parity'] as const),
    ...(['trainedBy', 'trainedOn'] as const),
  ])
  of.manifestVersion.integer(manifestVersion, manifestVersion)
  const kind = of.kind.oneOf(['rank', 'split'])
  return {
    manifestVersion,
    name: wordOf(of.name),
    version: wordOf(of.version),
    kind,
    opset: of.opset.integer(1, 1_000),
    targets: of.targets.list(2, (place) => place.oneOf(['ctr', 'cvr'])),
    model: fileOf(of.model, 'model.onnx'),
    ad: of.ad.isNull ? null : fileOf(of.ad, 'ad.onnx'),
    features: of.features.list(featuresMax, featureOf),
    featuresHash: of.featuresHash.text(64),
    vector: vectorOf(of.vector),
    calibration: calibrationsOf(of.calibration, kind),
    parity: parityOf(of.parity),
    trainedBy: of.trainedBy.text(),
    trainedOn: of.trainedOn.text(),
  }
}

function wordOf(place: JsonPlace): string {
  const word = place.text()
  if (isModelWord(word)) return word
  throw place.fault('lower case letters, digits, ".", "_" and "-", at most 64')
}

function fileOf(place: JsonPlace, name: string): ModelFile {
  const of = place.members(['file', 'sha256'])
  return { file: of.file.oneOf([name]), sha256: of.sha256.text(64) }
}

function parityOf(place: JsonPlace): Manifest['parity'] {
  const of = place.members(['file', 'sha256', 'rows', 'maxDifference'])
  return {
    file: of.file.oneOf(['parity.jsonl']),
    sha256: of.sha256.text(64),
    rows: of.rows.integer(1, parityRowsMax),
    maxDifference: of.maxDifference.number(),
  }
}

function vectorOf(place: JsonPlace): Manifest['vector'] {
  if (place.isNull) return null
  const of = place.members(['width', 'ctr', 'cvr'])
  const width = of.width.integer(1, vectorWidthMax)
  return { width, ctr: partOf(of.ctr), cvr: of.cvr.isNull ? null : partOf(of.cvr) }
}

function partOf(place: JsonPlace): readonly [number, number] {
  const [from, to, more] = place.list(2, (part) => part.integer(0, vectorWidthMax))
  if (from !== undefined && to !== undefined && more === undefined) return [from, to]
  throw place.fault('two numbers: where the part begins, and where it ends')
}

function calibrationsOf(place: JsonPlace, kind: ModelKind): Manifest['calibration'] {
  const of = place.members(['fallback', 'exchanges'])
  const exchanges = new Map<string, Calibrations>()
  for (const [exchange, own] of of.exchanges.entries(calibratedExchangesMax)) {
    exchanges.set(exchange, targetsOf(own, kind))
  }
  return { fallback: targetsOf(of.fallback, kind), exchanges: Object.fromEntries(exchanges) }
}

function targetsOf(place: JsonPlace, kind: ModelKind): Calibrations {
  const found: { ctr?: Calibration; cvr?: Calibration } = {}
  for (const [target, own] of place.entries(2)) {
    if (target !== 'ctr' && target !== 'cvr') throw place.fault('"ctr" and "cvr" only')
    const calibration = calibrationOf(own)
    // Coarse rank calibrates log odds, thousands a request: one line, no search.
    if (kind === 'split' && calibration.kind === 'isotonic') throw own.fault('"platt" or "none"')
    found[target] = calibration
  }
  return found
}

function calibrationOf(place: JsonPlace): Calibration {
  const kind = place.memberText('kind')
  if (kind === 'platt') {
    const of = place.members(['kind', 'slope', 'shift'])
    const slope = of.slope.number()
    // A slope of zero or less would turn the model's order around.
    if (slope <= 0) throw of.slope.fault('a slope above 0')
    return { kind, slope, shift: of.shift.number() }
  }
  if (kind === 'isotonic') return isotonicOf(place)
  place.members(['kind']).kind.oneOf(['none'])
  return { kind: 'none' }
}

function isotonicOf(place: JsonPlace): Calibration {
  const of = place.members(['kind', 'from', 'to'])
  const from = of.from.numbers(knotsMax)
  const to = of.to.numbers(knotsMax)
  if (from.length === 0 || from.length !== to.length) throw of.to.fault('one number a knot')
  if (!isWithinOne(from) || from.some((knot, i) => i > 0 && knot <= (from[i - 1] ?? 0))) {
    throw of.from.fault('probabilities, each above the one before')
  }
  if (!isWithinOne(to) || to.some((knot, i) => i > 0 && knot < (to[i - 1] ?? 0))) {
    throw of.to.fault('probabilities, none below the one before')
  }
  return { kind: 'isotonic', from, to }
}

function isWithinOne(knots: readonly number[]): boolean {
  return knots.every((knot) => knot >= 0 && knot <= 1)
}

const kinds = [
  ...(['vocab', 'hash', 'number', 'count', 'recency'] as const),
  ...(['flags', 'scores', 'cross'] as const),
] as const

function featureOf(place: JsonPlace): FeatureSpec {
  // The kind decides which members there are, so it is looked at before they are counted.
  const kind = kinds.find((known) => known === place.memberText('kind'))
  switch (kind) {
    case 'vocab':
    case 'flags':
    case 'scores':
      return wordsFeature(place, kind)
    case 'hash': {
      const of = place.members(['name', 'source', 'kind', 'width', 'buckets', 'salt'])
      const buckets = of.buckets.integer(1, featureSlotsMax)
      return { ...sourced(of), kind, width: widthOf(of), buckets, salt: of.salt.text() }
    }
    case 'number': {
      const of = place.members(['name', 'source', 'kind', 'transform', 'mean', 'scale'])
      const transform = of.transform.oneOf(['none', 'log1p', 'logit'])
      return { ...sourced(of), kind, transform, mean: of.mean.number(), scale: scaleOf(of) }
    }
    case 'count':
    case 'recency': {
      const of = place.members(['name', 'source', 'kind', 'scale'])
      return { ...sourced(of), kind, scale: scaleOf(of) }
    }
    case 'cross': {
      const of = place.members(['name', 'kind', 'of', 'buckets', 'salt'])
      const buckets = of.buckets.integer(1, featureSlotsMax)
      return {
        name: of.name.text(),
        kind,
        of: of.of.texts(featuresMax),
        buckets,
        salt: of.salt.text(),
      }
    }
    default:
      throw place.fault(`a feature whose kind is one of ${kinds.join(', ')}`)
  }
}

function wordsFeature(place: JsonPlace, kind: 'vocab' | 'flags' | 'scores'): FeatureSpec {
  const of = place.members(['name', 'source', 'kind', 'width', 'minCount', 'words'])
  const words = of.words.texts(featureSlotsMax)
  const minCount = of.minCount.integer(0, Number.MAX_SAFE_INTEGER)
  return { ...sourced(of), kind, width: widthOf(of), minCount, words }
}

function sourced(of: { name: JsonPlace; source: JsonPlace }): { name: string; source: string } {
  return { name: of.name.text(), source: of.source.text() }
}

function widthOf(of: { width: JsonPlace }): number {
  return of.width.integer(1, featureWidthMax)
}

function scaleOf(of: { scale: JsonPlace }): number {
  const scale = of.scale.number()
  if (scale > 0) return scale
  throw of.scale.fault('a number above 0: values are divided by it')
}
