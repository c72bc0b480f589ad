/** A job that waits, with the memory that its rows and scores need. Slots are pooled. */

import { asksMax, fineRowsMax } from '../domain/rank-limits.ts'
import { vectorWidthMax } from './model-limits.ts'
import type { HeldModel } from './model-room.ts'
import type { RankJob, RankOutcome, RawRates } from './ranking.ts'

/** Everything of one waiting job. */
export class RankSlot {
  job: RankJob | null = null
  /** The models of its stages, held until it ends; null = the stage is not wanted. */
  coarse: HeldModel | null = null
  fine: HeldModel | null = null
  submittedMs = 0
  /** Vectors of its asks, once the coarse graph has made them. */
  readonly vectors = new Float32Array(asksMax * vectorWidthMax)
  /** Rows that fine rank is to score, and how many have their scores. */
  rows = 0
  rowsDone = 0
  readonly creatives = new Int32Array(fineRowsMax)
  readonly asks = new Int32Array(fineRowsMax)
  readonly ctr = new Float64Array(fineRowsMax)
  readonly cvr = new Float64Array(fineRowsMax)
  /** The same before calibration. */
  readonly raw: RawRates = {
    ctr: new Float32Array(fineRowsMax),
    cvr: new Float32Array(fineRowsMax),
  }
  /** Place of each ask in the run being filled; -1 = not there yet. */
  readonly places = new Int32Array(asksMax)
  #resolve: ((outcome: RankOutcome) => void) | null = null

  /** Takes a job on; the promise is that of `Ranker.run`. */
  begin(job: RankJob, submittedMs: number): Promise<RankOutcome> {
    this.job = job
    this.submittedMs = submittedMs
    this.rows = 0
    this.rowsDone = 0
    return new Promise((resolve) => {
      this.#resolve = resolve
    })
  }

  /** Ends the job: its models are let go, and nothing of it is called any more. */
  end(outcome: RankOutcome): void {
    const resolve = this.#resolve
    this.coarse?.letGo()
    this.fine?.letGo()
    this.job = null
    this.coarse = null
    this.fine = null
    this.#resolve = null
    resolve?.(outcome)
  }
}
