/** One request's candidates at the models: what the batcher asks for, and what it gives. */
import type { BidSnapshot } from '../../catalog/bid/bid-snapshot.ts'
import type { AdSide } from '../../domain/ad-side.ts'
import type { AskFacts } from '../../domain/feature-facts.ts'
import type { CoarseModel, RankJob, RawRates } from '../../scoring/ranking.ts'
import type { BidTrace } from './bid-trace.ts'
import { dropUnranked, rankCoarse } from './coarse-rank.ts'
import type { ListCut } from './cut-list.ts'
import { rankFine } from './fine-rank.ts'
import type { LossFunnel } from './loss-funnel.ts'
import type { Shortlist, Shortlists } from './shortlists.ts'
import type { StageBook } from './stage-book.ts'

/** What a job ranks, and with what. */
export interface RankTask {
  readonly exchange: string
  readonly deadlineMs: number
  readonly atMs: number
  readonly snapshot: BidSnapshot
  readonly shortlists: Shortlists
  /** Begun with these lists. */
  readonly stages: StageBook
  /** One for each of the first lists, in their order. */
  readonly asks: readonly AskFacts[]
  readonly coarse: AdSide | null
  readonly fine: AdSide | null
  /** Rows that fine rank scores, over all lists; > 0 where `fine` is there. */
  readonly fineMax: number
  readonly funnel: LossFunnel
  readonly cut: ListCut
  readonly trace: BidTrace | null
}

/** Rows that a list gets for its pod's sake: sixteen such lists are within one job's 200. */
const podRowsMax = 12

/** Ranks the lists of one task; lists that have no ask stay as they are. */
export class BidRankJob implements RankJob {
  readonly #task: RankTask
  /** True once the coarse model has given its rates. */
  ranCoarse = false

  constructor(task: RankTask) {
    this.#task = task
  }

  get exchange(): string {
    return this.#task.exchange
  }

  get deadlineMs(): number {
    return this.#task.deadlineMs
  }

  get atMs(): number {
    return this.#task.atMs
  }

  get asks(): readonly AskFacts[] {
    return this.#task.asks
  }

  get coarse(): AdSide | null {
    return this.#task.coarse
  }

  get fine(): AdSide | null {
    return this.#task.fine
  }

  onVectors(vectors: Float32Array, from: number, model: CoarseModel): void {
    const { snapshot, shortlists, coarse, fine, funnel, trace } = this.#task
    if (coarse === null) return
    const platt = model.plattOf(this.exchange)
    this.ranCoarse = true
    let place = from
    for (const list of this.#asked()) {
      trace?.enter(list.slot, funnel)
      const view = { snapshot, side: coarse, model, platt, vectors, from: place }
      const bad = rankCoarse(list, shortlists.rows, view)
      if (bad > 0) dropUnranked(list, shortlists.rows, funnel)
      funnel.coarse += list.count
      trace?.ranked(list, shortlists.rows)
      if (fine !== null) this.#cutList(list)
      trace?.leave(list.slot, funnel)
      place += model.vectorWidth
    }
  }

  fineRows(creatives: Int32Array, asks: Int32Array, max: number): number {
    const { shortlists, funnel, trace } = this.#task
    const { rows } = shortlists
    let count = 0
    for (const [ask, list] of this.#asked().entries()) {
      // Without a coarse model the best by prior are scored.
      if (list.rankedBy === 'prior') {
        trace?.enter(list.slot, funnel)
        this.#cutList(list)
        trace?.leave(list.slot, funnel)
      }
      for (let at = 0; at < list.count && count < max; at++) {
        creatives[count] = rows.creatives[list.from + at] ?? 0
        asks[count++] = ask
      }
    }
    return count
  }

  onScores(ctr: Float64Array, cvr: Float64Array, from: number, raw: RawRates): void {
    const { snapshot, shortlists, stages, funnel, trace } = this.#task
    let place = from
    for (const [number, list] of this.#asked().entries()) {
      trace?.enter(list.slot, funnel)
      stages.score(number, list, shortlists.rows, raw, place)
      const scores = { ctr, cvr, from: place }
      place += rankFine(list, shortlists.rows, scores, { snapshot, funnel })
      funnel.fine += list.count
      trace?.ranked(list, shortlists.rows)
      trace?.leave(list.slot, funnel)
    }
  }

  #asked(): readonly Shortlist[] {
    const { shortlists, asks } = this.#task
    const { lists } = shortlists
    return lists.length > asks.length ? lists.slice(0, asks.length) : lists
  }

  /**
   * Every list gets an equal part of the rows: which impression is worth more is not known yet.
   * Where a pod takes more ads than that, it gets a row for each: lists of one pod begin with the
   * same creatives, and none of them may stand in it twice.
   */
  #cutList(list: Shortlist): void {
    const { shortlists, asks, fineMax, funnel, cut } = this.#task
    const needed = Math.min(this.#adsOfPod(list), podRowsMax)
    const keep = Math.max(needed, Math.floor(fineMax / asks.length))
    cut.run(list, shortlists.rows, keep, funnel)
  }

  /** Ads of all impressions that share the list's pod. */
  #adsOfPod({ slot, adsMax }: Shortlist): number {
    const id = slot.media?.pod?.id ?? ''
    if (id === '') return adsMax
    let ads = 0
    for (const other of this.#asked()) if (other.slot.media?.pod?.id === id) ads += other.adsMax
    return ads
  }
}
