/**
 * Holds what a server recorded under changing models against the models themselves: every recorded
 * rate is made again from the record alone, by the version that the record names.
 */

import { askOfRecord } from '../../src/domain/ask-of-record.ts'
import type { DecisionRecord, RecordedBid } from '../../src/domain/decision-record.ts'
import type { AdFacts } from '../../src/domain/feature-facts.ts'
import { calibrate, calibrationOf } from '../../src/scoring/calibration.ts'
import type { Target } from '../../src/scoring/manifest.ts'
import type { OpenedModel } from '../../src/scoring/open-model.ts'
import { splitProbability } from '../../src/scoring/split-score.ts'
import { coarseName, fineName } from './bench-models.ts'

/** Versions in force from one change to the next, epoch milliseconds. */
export interface Period {
  readonly coarse: string
  readonly fine: string
  /** The pointer was written, and the period's last decision may have begun. */
  readonly fromMs: number
  readonly toMs: number
}

/** Counts over all records. */
export interface RecordVerdict {
  records: number
  /** By what ranked them. */
  fine: number
  coarse: number
  prior: number
  /** Names of road notes other than as planned, with their counts. */
  readonly notes: Map<string, number>
  /** Decisions by model versions that were not in force together at their time. */
  notInForce: number
  /** Bids whose rates are not those of the version that the record names. */
  otherRates: number
  bidsChecked: number
  largestDifference: number
  /** Times that the versions of successive decisions changed. */
  changes: number
}

/** Float32 sums in another order (another number of rows in a run) differ by some 1e-7. */
const differenceMax = 1e-6

/** Judges the records of one worker, in their order. */
export class RecordJudge {
  readonly verdict: RecordVerdict = {
    ...{ records: 0, fine: 0, coarse: 0, prior: 0, notInForce: 0, otherRates: 0 },
    ...{ bidsChecked: 0, largestDifference: 0, changes: 0 },
    notes: new Map(),
  }
  readonly #models: ReadonlyMap<string, OpenedModel>
  readonly #ads: ReadonlyMap<string, AdFacts>
  readonly #periods: readonly Period[]
  #last = ''

  /** `models`: every version that was ever in force. */
  constructor(
    models: readonly OpenedModel[],
    ads: ReadonlyMap<string, AdFacts>,
    periods: readonly Period[],
  ) {
    this.#models = new Map(models.map((model) => [wordsOf(model), model]))
    this.#ads = ads
    this.#periods = periods
  }

  take(record: DecisionRecord): void {
    const { verdict } = this
    const { rankedBy, rankNote = '', coarseModel = '', ctrModel } = record
    verdict.records++
    verdict[rankedBy]++
    if (rankNote !== 'as-planned') {
      verdict.notes.set(rankNote, (verdict.notes.get(rankNote) ?? 0) + 1)
    }
    if (!this.#wereInForce(record)) verdict.notInForce++
    const names = `${coarseModel} ${ctrModel}`
    if (rankedBy === 'fine' && names !== this.#last) {
      if (this.#last !== '') verdict.changes++
      this.#last = names
    }
    if (rankedBy === 'prior') return
    for (const bid of record.bids) this.#checkRates(record, bid)
  }

  /** The models that a record names, held against the periods that its moment lies in. */
  #wereInForce({ atMs, coarseModel = '', ctrModel, rankedBy }: DecisionRecord): boolean {
    return this.#periods.some(({ coarse, fine, fromMs, toMs }) => {
      const isThen = fromMs <= atMs && atMs <= toMs
      const isCoarse = coarseModel === '' || coarseModel === `${coarseName}@${coarse}`
      const isFine = rankedBy !== 'fine' || ctrModel === `${fineName}@${fine}`
      return isThen && isCoarse && isFine
    })
  }

  #checkRates(record: DecisionRecord, bid: RecordedBid): void {
    const { verdict } = this
    const model = this.#models.get(record.ctrModel)
    const ad = this.#ads.get(bid.creativeId)
    verdict.bidsChecked++
    if (model === undefined || ad === undefined) {
      verdict.otherRates++
      return
    }
    const rates = ratesOf(model, record, { bid, ad })
    const difference = Math.max(Math.abs(rates.ctr - bid.ctr), Math.abs(rates.cvr - bid.cvr))
    verdict.largestDifference = Math.max(verdict.largestDifference, difference)
    if (!(difference <= differenceMax)) verdict.otherRates++
  }
}

/** `<name>@<version>`, as records have it. */
function wordsOf({ key }: OpenedModel): string {
  return `${key.name}@${key.version}`
}

/** Calibrated rates of one bid, from its record alone. */
function ratesOf(
  model: OpenedModel,
  record: DecisionRecord,
  { bid, ad }: { readonly bid: RecordedBid; readonly ad: AdFacts },
): { readonly ctr: number; readonly cvr: number } {
  const { encoder, manifest, runner } = model
  const { askWidth, adWidth, pairWidth, momentWidth } = encoder.layout
  const side = (width: number) => ({
    index: new Int32Array(width),
    value: new Float32Array(width),
  })
  const [askRow, adRow, pairRow] = [side(askWidth), side(adWidth), side(pairWidth)]
  const moments = new Float64Array(momentWidth)
  encoder.ask(askOfRecord(record, bid), record.atMs, askRow.index, askRow.value, 0)
  encoder.ad(ad, adRow.index, adRow.value, 0)
  encoder.moments(ad, moments, 0)
  const rows = {
    ...{ askIndex: askRow.index, askValue: askRow.value },
    ...{ adIndex: adRow.index, adValue: adRow.value },
  }
  const calibrated = (target: Target, probability: number): number =>
    calibrate(calibrationOf(manifest, record.exchange, target), probability)
  const { vector } = manifest
  if (vector !== null) {
    const ask = runner.runAsk(askRow.index, askRow.value, 1)
    const vectors = runner.runAd(adRow.index, adRow.value, 1)
    const raw = (part: readonly [number, number]): number =>
      splitProbability({ ask, askFrom: 0, ad: vectors, adFrom: 0 }, part)
    const cvr = vector.cvr === null ? ad.priorCvr : calibrated('cvr', raw(vector.cvr))
    return { ctr: calibrated('ctr', raw(vector.ctr)), cvr }
  }
  const starts = { askFrom: 0, adFrom: 0, moments, momentsFrom: 0, atMs: record.atMs }
  encoder.pair({ ...rows, ...starts }, { ...pairRow, from: 0 })
  const one = { asks: 1, rows: 1, askOf: Int32Array.of(0) }
  const pair = { pairIndex: pairRow.index, pairValue: pairRow.value }
  const { ctr, cvr } = runner.runRank({ ...rows, ...pair, ...one })
  return {
    ctr: calibrated('ctr', ctr[0] ?? Number.NaN),
    cvr: cvr === null ? ad.priorCvr : calibrated('cvr', cvr[0] ?? Number.NaN),
  }
}
