/**
 * Golden vectors: what the trainer's own encoder and model made of real facts. A version serves
 * only when this process makes the same of them.
 */
import type { AdFacts, AskFacts } from '../domain/feature-facts.ts'
import { emptyAskFacts } from '../domain/feature-facts.ts'
import type { Encoder } from './encoder.ts'
import { type JsonPlace, parsePlace } from './json-fields.ts'
import type { ParityRow } from './manifest.ts'
import { featureWidthMax, parityBytesMax } from './model-limits.ts'
import type { ModelRunner } from './model-runner.ts'
import { ScoringError } from './scoring-error.ts'
import { splitProbability } from './split-score.ts'

/** The rows of `parity.jsonl`. Throws ScoringError that names line and member at fault. */
export function readParity(text: string, rowsNamed: number): ParityRow[] {
  const lines = text.split('\n').filter((line) => line !== '')
  if (lines.length !== rowsNamed) {
    throw new ScoringError(
      'SLUICE_SCORING_MODEL_PARITY',
      `parity.jsonl has ${lines.length} rows, the manifest names ${rowsNamed}`,
    )
  }
  return lines.map((line, i) => rowOf(parsePlace(line, `parity.jsonl: line ${i + 1}`)))
}

/**
 * Encodes and runs each row again. Throws ScoringError on the first that differs: an index at all,
 * a value or a probability by more than `maxDifference`.
 */
export function checkParity(
  rows: readonly ParityRow[],
  encoder: Encoder,
  runner: ModelRunner,
  maxDifference: number,
): void {
  const encoded = encodeRows(rows, encoder)
  const { askWidth, adWidth, pairWidth } = encoder.layout
  rows.forEach((row, i) => {
    const check = (column: string, found: Row, expected: readonly number[], width: number) =>
      checkRow(`line ${i + 1}: ${column}`, found.subarray(i * width, (i + 1) * width), {
        expected,
        maxDifference: found instanceof Int32Array ? 0 : maxDifference,
      })
    check('askIndex', encoded.askIndex, row.askIndex, askWidth)
    check('askValue', encoded.askValue, row.askValue, askWidth)
    check('adIndex', encoded.adIndex, row.adIndex, adWidth)
    check('adValue', encoded.adValue, row.adValue, adWidth)
    check('pairIndex', encoded.pairIndex, row.pairIndex, pairWidth)
    check('pairValue', encoded.pairValue, row.pairValue, pairWidth)
  })
  checkScores(rows, scoresOf(encoded, runner), maxDifference)
}

type Row = Int32Array | Float32Array

/** Rows of facts, encoded: each with an ask of its own. */
interface EncodedRows {
  readonly asks: number
  readonly askIndex: Int32Array
  readonly askValue: Float32Array
  readonly rows: number
  readonly adIndex: Int32Array
  readonly adValue: Float32Array
  readonly askOf: Int32Array
  readonly pairIndex: Int32Array
  readonly pairValue: Float32Array
}

function encodeRows(rows: readonly ParityRow[], encoder: Encoder): EncodedRows {
  const { askWidth, adWidth, pairWidth, momentWidth } = encoder.layout
  const count = rows.length
  const into = {
    asks: count,
    askIndex: new Int32Array(count * askWidth),
    askValue: new Float32Array(count * askWidth),
    rows: count,
    adIndex: new Int32Array(count * adWidth),
    adValue: new Float32Array(count * adWidth),
    askOf: Int32Array.from(rows, (_, i) => i),
    pairIndex: new Int32Array(count * pairWidth),
    pairValue: new Float32Array(count * pairWidth),
  }
  const moments = new Float64Array(momentWidth)
  rows.forEach(({ ask, ad, atMs }, i) => {
    const places = { askFrom: i * askWidth, adFrom: i * adWidth, momentsFrom: 0 }
    encoder.ask(ask, atMs, into.askIndex, into.askValue, places.askFrom)
    encoder.ad(ad, into.adIndex, into.adValue, places.adFrom)
    encoder.moments(ad, moments, 0)
    const pair = { index: into.pairIndex, value: into.pairValue, from: i * pairWidth }
    encoder.pair({ ...into, ...places, moments, atMs }, pair)
  })
  return into
}

function checkRow(
  where: string,
  found: Row,
  { expected, maxDifference }: { expected: readonly number[]; maxDifference: number },
): void {
  if (found.length !== expected.length) {
    throw parityError(`${where} has ${expected.length} columns, this encoder makes ${found.length}`)
  }
  for (const [column, number] of expected.entries()) {
    const own = found[column]!
    // Transformed numbers can be large: a float32 of 1 000 is known to 6e-5 only.
    if (Math.abs(own - number) <= maxDifference * Math.max(1, Math.abs(number))) continue
    throw parityError(`${where}[${column}] is ${number} in the file, this encoder makes ${own}`)
  }
}

interface Scores {
  readonly ctr: ArrayLike<number>
  readonly cvr: ArrayLike<number> | null
}

function scoresOf(encoded: EncodedRows, runner: ModelRunner): Scores {
  const { vector } = runner.shape
  if (runner.shape.kind === 'rank' || vector === null) return runner.runRank(encoded)
  const ask = runner.runAsk(encoded.askIndex, encoded.askValue, encoded.rows)
  const ad = runner.runAd(encoded.adIndex, encoded.adValue, encoded.rows)
  const score = (part: readonly [number, number]) =>
    Float64Array.from({ length: encoded.rows }, (_, i) => {
      const from = i * vector.width
      return splitProbability({ ask, askFrom: from, ad, adFrom: from }, part)
    })
  return { ctr: score(vector.ctr), cvr: vector.cvr === null ? null : score(vector.cvr) }
}

function checkScores(rows: readonly ParityRow[], scores: Scores, maxDifference: number): void {
  rows.forEach((row, i) => {
    checkScore(`line ${i + 1}: ctr`, scores.ctr[i] ?? Number.NaN, row.ctr, maxDifference)
    if (scores.cvr === null && row.cvr === null) return
    if (scores.cvr === null || row.cvr === null) {
      const which =
        scores.cvr === null ? 'model has no cvr, the row has' : 'model has cvr, the row not'
      throw parityError(`line ${i + 1}: the ${which}`)
    }
    checkScore(`line ${i + 1}: cvr`, scores.cvr[i] ?? Number.NaN, row.cvr, maxDifference)
  })
}

function checkScore(where: string, own: number, expected: number, maxDifference: number): void {
  if (!(own >= 0 && own <= 1)) {
    throw new ScoringError(
      'SLUICE_SCORING_MODEL_ANSWER',
      `the model answers ${own} for parity.jsonl ${where}: no probability`,
    )
  }
  if (Math.abs(own - expected) <= maxDifference) return
  throw parityError(
    `${where} is ${expected} by the trainer, ${own} here: more than ${maxDifference} apart`,
  )
}

function parityError(message: string): ScoringError {
  return new ScoringError('SLUICE_SCORING_MODEL_PARITY', `parity.jsonl ${message}`)
}

function rowOf(place: JsonPlace): ParityRow {
  const of = place.members([
    ...(['ask', 'ad', 'atMs', 'askIndex', 'askValue', 'adIndex', 'adValue'] as const),
    ...(['pairIndex', 'pairValue', 'ctr', 'cvr'] as const),
  ])
  const columnsMax = 4 * featureWidthMax
  return {
    ask: factsOf(of.ask, emptyAskFacts()),
    ad: factsOf(of.ad, anyAdFacts),
    atMs: of.atMs.number(),
    askIndex: of.askIndex.numbers(columnsMax),
    askValue: of.askValue.numbers(columnsMax),
    adIndex: of.adIndex.numbers(columnsMax),
    adValue: of.adValue.numbers(columnsMax),
    pairIndex: of.pairIndex.numbers(columnsMax),
    pairValue: of.pairValue.numbers(columnsMax),
    ctr: of.ctr.number(),
    cvr: of.cvr.isNull ? null : of.cvr.number(),
  }
}

/** Says which members ad facts have, and of which type. */
const anyAdFacts: AdFacts = {
  creativeId: '',
  campaignId: '',
  advertiserId: '',
  categories: [],
  domain: '',
  bundle: '',
  language: '',
  format: 0,
  size: '',
  durationSec: 0,
  attributes: [],
  goal: '',
  priorCtr: 0,
  priorCvr: 0,
  impressions: 0,
  clicks: 0,
  conversions: 0,
  flightStartMs: null,
}

/** Lists of facts whose entries are numbers; the others hold texts. */
const numberLists: readonly string[] = ['packScores', 'attributes']

/**
 * Facts with the members and types of `example`; a member that is null there is a number or null.
 */
function factsOf<Facts extends AskFacts | AdFacts>(place: JsonPlace, example: Facts): Facts {
  // The file is bounded; what exchanges send is not, and a model must not fall by one long id.
  const listMax = parityBytesMax
  const of = place.members(Object.keys(example))
  const facts = Object.entries(example).map(([name, value]: [string, unknown]) => {
    const own = of[name]
    if (own === undefined) throw place.fault(`a member "${name}"`)
    if (value === null) return [name, own.isNull ? null : own.number()]
    if (typeof value === 'string') return [name, own.text(parityBytesMax)]
    if (typeof value === 'number') return [name, own.number()]
    if (typeof value === 'boolean') return [name, own.flag()]
    return [name, numberLists.includes(name) ? own.numbers(listMax) : own.texts(listMax)]
  })
  return Object.fromEntries(facts) as Facts
}
