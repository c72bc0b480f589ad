/** Models that score by a table: what tests of the road rank with, without ONNX. */
import type { AdEncoder, AdSide, ModelKey } from '../../src/domain/ad-side.ts'
import type { AdFacts, AskFacts } from '../../src/domain/feature-facts.ts'
import { fineRowsMax } from '../../src/domain/rank-limits.ts'
import {
  type CoarseModel,
  type FineModel,
  type Ranker,
  type RankJob,
  RankOutcome,
} from '../../src/scoring/ranking.ts'

/** Rates of creatives by id; one that is not named has `elseRates`. */
export type RateTable = Readonly<Record<string, readonly [ctr: number, cvr: number]>>

export const elseRates = [0.001, 0.01] as const

export const coarseKey: ModelKey = { name: 'coarse', version: '1', hash: 'c' }
export const fineKey: ModelKey = { name: 'fine', version: '2', hash: 'f' }

function logit(p: number): number {
  return Math.log(p / (1 - p))
}

/** A split model whose vector of a creative is the log odds of its rates. */
export function tableCoarse(rates: RateTable): AdEncoder {
  return {
    key: coarseKey,
    width: 0,
    momentWidth: 0,
    vectorWidth: 2,
    encode: (facts) => {
      const vectors = new Float32Array(facts.length * 2)
      for (const [at, { creativeId }] of facts.entries()) {
        const [ctr, cvr] = rates[creativeId] ?? elseRates
        vectors.set([logit(ctr), logit(cvr)], at * 2)
      }
      return Promise.resolve({ ...noRows, vectors })
    },
  }
}

/** A rank model whose encoded row is the creative's number in `names`. */
export function tableFine(names: string[]): AdEncoder {
  const numberOf = ({ creativeId }: AdFacts): number => {
    if (!names.includes(creativeId)) names.push(creativeId)
    return names.indexOf(creativeId)
  }
  return {
    key: fineKey,
    width: 1,
    momentWidth: 0,
    vectorWidth: 0,
    encode: (facts) =>
      Promise.resolve({
        ...noRows,
        index: Int32Array.from(facts, numberOf),
        value: new Float32Array(facts.length).fill(1),
      }),
  }
}

const noRows = {
  index: new Int32Array(0),
  value: new Float32Array(0),
  moments: new Float64Array(0),
  vectors: new Float32Array(0),
}

/** What a fake model saw: the format of the ask and the row of the creative. */
function fakeFeatures({ format }: AskFacts, _atMs: number, { index }: AdSide) {
  return (creative: number): Uint8Array => Uint8Array.of(format, index[creative] ?? 0)
}

/** Raw answers that no one takes for the calibrated ones. */
function halved(rates: Float64Array): Float32Array {
  return Float32Array.from(rates, (rate) => rate / 2)
}

/** Runs one job after the other, when it is told to. */
export class FakeRanker implements Ranker {
  readonly names: string[] = []
  readonly jobs: RankJob[] = []
  fineRates: RateTable = {}
  /** Rows of each fine run, as creative ids. */
  readonly scored: string[][] = []
  outcome: RankOutcome = RankOutcome.Done
  /** Stages that run: a slow or broken model leaves some out. */
  stages: readonly ('coarse' | 'fine')[] = ['coarse', 'fine']
  /** Done between the ask and the answer of a model. */
  meanwhile: (() => Promise<void> | void) | null = null
  has: readonly string[] = ['coarse', 'fine']

  readonly models = {
    coarse: (key: ModelKey): CoarseModel | null =>
      this.has.includes(key.name)
        ? {
            key,
            vectorWidth: 2,
            ctr: [0, 1],
            cvr: [1, 2],
            plattOf: () => ({ ctrSlope: 1, ctrShift: 0, cvrSlope: 1, cvrShift: 0 }),
          }
        : null,
    fine: (key: ModelKey): FineModel | null =>
      this.has.includes(key.name) ? { key, hasCvr: true, seen: fakeFeatures } : null,
  }

  async run(job: RankJob): Promise<RankOutcome> {
    this.jobs.push(job)
    await this.meanwhile?.()
    const model = job.coarse === null ? null : this.models.coarse(job.coarse.model)
    if (model !== null && this.stages.includes('coarse')) {
      job.onVectors(new Float32Array(job.asks.length * 2).fill(1), 0, model)
    }
    if (job.fine !== null && this.stages.includes('fine')) this.#score(job, job.fine.index)
    return this.outcome
  }

  #score(job: RankJob, numbers: Int32Array): void {
    const creatives = new Int32Array(fineRowsMax)
    const asks = new Int32Array(fineRowsMax)
    const count = job.fineRows(creatives, asks, fineRowsMax)
    const ids = Array.from(
      creatives.subarray(0, count),
      (creative) => this.names[numbers[creative] ?? 0] ?? '',
    )
    this.scored.push(ids)
    const rates = ids.map((id) => this.fineRates[id] ?? elseRates)
    const ctr = Float64Array.from(rates, ([rate]) => rate)
    const cvr = Float64Array.from(rates, ([, rate]) => rate)
    job.onScores(ctr, cvr, 0, { ctr: halved(ctr), cvr: halved(cvr) })
  }
}
