/** One writer a feature: reads its fact and writes its columns. Writers allocate nothing. */
import { seedOf } from '../lib/mix.ts'
import { finishWords, murmur3, stirWord } from '../lib/murmur3.ts'
import type { FeatureSpec, PlacedFeature } from './feature-spec.ts'
import type { SourceOf } from './features.ts'

/** The row of one side that is being written or read. Owned by the encoder, turned to each call's. */
export interface Row {
  index: Int32Array
  value: Float32Array
  from: number
}

/** Writes a feature of facts at a moment (epoch milliseconds; NaN on the ad side). */
export type FactWriter<Facts> = (facts: Facts, atMs: number) => void

/** A feature with the row of its side. */
export interface Target {
  readonly feature: PlacedFeature
  readonly row: Row
}

/** The writer of a feature that reads one source. */
export function factWriter<Facts>(target: Target, source: SourceOf<Facts>): FactWriter<Facts> {
  const { spec } = target.feature
  switch (spec.kind) {
    case 'vocab':
    case 'hash':
      return wordWriter(target, spec, source)
    case 'flags':
    case 'scores':
      return setWriter(target, spec, source)
    case 'number':
      return numberWriter(target, spec, source)
    case 'count':
      return countWriter(target, spec, source)
    default:
      throw new Error(`${spec.kind} is read from rows, not from facts`)
  }
}

/** Word, words or code: one column a word, its slot by vocabulary or hash. */
function wordWriter<Facts>(
  target: Target,
  spec: Extract<FeatureSpec, { kind: 'vocab' | 'hash' }>,
  source: SourceOf<Facts>,
): FactWriter<Facts> {
  const { column, width, offset } = target.feature
  const { row } = target
  if (source.kind === 'code') {
    const slotOf = spec.kind === 'vocab' ? codeSlots(spec, offset) : hashedCode(spec, offset)
    return (facts, atMs) => {
      const code = source.read(facts, atMs)
      if (Number.isNaN(code)) putNothing(row, column)
      else put(row, column, slotOf(code), 1)
    }
  }
  const slotOf = spec.kind === 'vocab' ? wordSlots(spec, offset) : hashedWord(spec, offset)
  if (source.kind === 'word') {
    return (facts, atMs) => {
      const word = source.read(facts, atMs)
      if (word === '') putNothing(row, column)
      else put(row, column, slotOf(word), 1)
    }
  }
  const { read } = listOf(source)
  return (facts) => {
    const words = read(facts)
    for (let at = 0; at < width; at++) {
      const word = at < words.length ? words[at]! : ''
      if (word === '') putNothing(row, column + at)
      else put(row, column + at, slotOf(word), 1)
    }
  }
}

type Vocabulary = { readonly words: readonly string[] }
type Hashed = { readonly buckets: number; readonly salt: string }

function wordSlots({ words }: Vocabulary, offset: number): (word: string) => number {
  const slots = new Map(words.map((word, at) => [word, offset + 1 + at]))
  return (word) => slots.get(word) ?? offset
}

/** By number, so that no text is made of a code. */
function codeSlots({ words }: Vocabulary, offset: number): (code: number) => number {
  const slots = new Map(words.map((word, at) => [Number(word), offset + 1 + at]))
  return (code) => slots.get(code) ?? offset
}

function hashedWord({ buckets, salt }: Hashed, offset: number): (word: string) => number {
  const seed = seedOf(salt)
  return (word) => offset + (murmur3(word, seed) % buckets)
}

function hashedCode(spec: Hashed, offset: number): (code: number) => number {
  const slotOf = hashedWord(spec, offset)
  return (code) => slotOf(String(code))
}

/**
 * Those of a list that are in the vocabulary, ascending by slot, whatever their order in the facts;
 * a word that comes twice counts once, with its higher score.
 */
function setWriter<Facts>(
  target: Target,
  { words, kind }: Extract<FeatureSpec, { kind: 'flags' | 'scores' }>,
  source: SourceOf<Facts>,
): FactWriter<Facts> {
  const { column, width, offset } = target.feature
  const { row } = target
  const slots = new Map(words.map((word, at) => [word, offset + 1 + at]))
  const { read, scores } = listOf(source)
  const isScored = kind === 'scores'
  const found: Found = { row, column, width, count: 0 }
  return (facts) => {
    const list = read(facts)
    const scoreList = scores(facts)
    found.count = 0
    for (let at = 0; at < list.length; at++) {
      const slot = slots.get(list[at]!)
      if (slot === undefined) continue
      insert(found, slot, isScored && at < scoreList.length ? scoreList[at]! : -1)
    }
    for (let at = found.count; at < width; at++) putNothing(row, column + at)
  }
}

/** Columns of a set that is being written, and how many there are. */
interface Found {
  readonly row: Row
  readonly column: number
  readonly width: number
  count: number
}

/** Insertion by slot: sets are a handful, and their facts are mostly in order. */
function insert(found: Found, slot: number, score: number): void {
  const { row, width } = found
  const { index, value } = row
  const first = row.from + found.column
  const weight = score >= 0 ? Math.min(score, scoreMax) / scoreMax : 1
  let at = found.count
  while (at > 0 && index[first + at - 1]! > slot) at--
  if (at > 0 && index[first + at - 1] === slot) {
    value[first + at - 1] = Math.max(value[first + at - 1]!, weight)
    return
  }
  if (at === width) return
  for (let move = Math.min(found.count, width - 1); move > at; move--) {
    index[first + move] = index[first + move - 1]!
    value[first + move] = value[first + move - 1]!
  }
  index[first + at] = slot
  value[first + at] = weight
  found.count = Math.min(found.count + 1, width)
}

const scoreMax = 255

function numberWriter<Facts>(
  { feature, row }: Target,
  { transform, mean, scale }: Extract<FeatureSpec, { kind: 'number' }>,
  source: SourceOf<Facts>,
): FactWriter<Facts> {
  const { column, offset } = feature
  const read = amountOf(source)
  const change = transforms[transform]
  return (facts, atMs) => putAmount(row, column, offset, (change(read(facts, atMs)) - mean) / scale)
}

const transforms = {
  none: (raw: number) => raw,
  log1p: (raw: number) => (raw < 0 ? Number.NaN : Math.log1p(raw)),
  logit: (raw: number) => {
    const clamped = Math.min(1 - 1e-6, Math.max(1e-6, raw))
    return Math.log(clamped / (1 - clamped))
  },
}

function countWriter<Facts>(
  { feature, row }: Target,
  { scale }: { readonly scale: number },
  source: SourceOf<Facts>,
): FactWriter<Facts> {
  const { column, offset } = feature
  const read = amountOf(source)
  return (facts, atMs) =>
    putAmount(row, column, offset, transforms.log1p(read(facts, atMs)) / scale)
}

/** Time since a moment of the ad (NaN unknown), at a decision: `write(momentMs, atMs)`. */
export function recencyWriter({ feature, row }: Target): (momentMs: number, atMs: number) => void {
  const { spec, column, offset } = feature
  const scale = spec.kind === 'recency' ? spec.scale : 1
  return (momentMs, atMs) => {
    const hours = Math.max(0, atMs - momentMs) / 3_600_000
    putAmount(row, column, offset, Math.log1p(hours) / scale)
  }
}

/**
 * Every combination of the columns of its parts, the last part's fastest: hash of their slots, and
 * the product of their values. Reads the parts from the rows they were written to.
 */
export function crossWriter(target: Target, parts: readonly Target[]): () => void {
  const { feature, row } = target
  const { spec, column, offset, width } = feature
  if (spec.kind !== 'cross') throw new Error(`${spec.name} is no cross`)
  const { buckets, salt } = spec
  const last = parts.length - 1
  /** Columns of the cross that one column of a part stands for. */
  const strides = parts.map((_, at) =>
    parts.slice(at + 1).reduce((all, of) => all * widthOf(of), 1),
  )
  // By part, before it is taken in: in arrays, since numbers that are passed on are boxed.
  const states = new Int32Array(parts.length)
  const weights = new Float64Array(parts.length)
  states[0] = seedOf(salt)
  weights[0] = 1
  const walk = (part: number, first: number): void => {
    const { feature: of, row: from } = parts[part]!
    const stride = strides[part]!
    for (let at = 0; at < of.width; at++) {
      const place = from.from + of.column + at
      const slot = from.index[place]!
      const to = first + at * stride
      if (slot === 0) {
        for (let nothing = to; nothing < to + stride; nothing++) putNothing(row, nothing)
        continue
      }
      const state = stirWord(states[part]!, slot)
      const weight = weights[part]! * from.value[place]!
      if (part === last) {
        const hash = finishWords(state, 4 * parts.length)
        putAmount(row, to, offset + (hash % buckets), weight)
      } else {
        states[part + 1] = state
        weights[part + 1] = weight
        walk(part + 1, to)
      }
    }
  }
  return width === 0 ? () => undefined : () => walk(0, column)
}

function widthOf({ feature }: Target): number {
  return feature.width
}

function put(row: Row, column: number, slot: number, value: number): void {
  row.index[row.from + column] = slot
  row.value[row.from + column] = value
}

function putNothing(row: Row, column: number): void {
  row.index[row.from + column] = 0
  row.value[row.from + column] = 0
}

/** What is not finite, as the 32 bits it is kept in, is nothing. */
function putAmount(row: Row, column: number, slot: number, amount: number): void {
  // Plus 0: -0 does not survive JSON.
  const rounded = Math.fround(amount) + 0
  if (Number.isFinite(rounded)) put(row, column, slot, rounded)
  else putNothing(row, column)
}

type ListReader<Facts> = {
  readonly read: (facts: Facts) => readonly string[]
  readonly scores: (facts: Facts) => readonly number[]
}

function listOf<Facts>(source: SourceOf<Facts>): ListReader<Facts> {
  if (source.kind === 'packs') return source
  if (source.kind !== 'words') throw new Error(`${source.kind} is no list`)
  return { read: source.read, scores: () => noScores }
}

const noScores: readonly number[] = []

function amountOf<Facts>(source: SourceOf<Facts>): (facts: Facts, atMs: number) => number {
  if (source.kind !== 'number' && source.kind !== 'code') {
    throw new Error(`${source.kind} is no amount`)
  }
  return source.read
}
