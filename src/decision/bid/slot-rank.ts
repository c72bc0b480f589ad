/** Coarse and fine rank of a request's shortlists: which stages, and how they ended. */
import type { BidSnapshot } from '../../catalog/bid/bid-snapshot.ts'
import { priorRanking, type Ranking, RankNote } from '../../domain/bid-decision.ts'
import type { RankedBy } from '../../domain/decision-record.ts'
import type { Exchange } from '../../domain/exchange.ts'
import type { PackIndex } from '../../domain/pack.ts'
import { asksMax } from '../../domain/rank-limits.ts'
import type { Ranker } from '../../scoring/ranking.ts'
import { type ModelStages, nameOf, noteOf, stagesOf } from '../model-stages.ts'
import { askShared, fillAsk, packFactsOf } from './ask-facts.ts'
import type { BidScratch } from './bid-scratch.ts'
import type { BidTrace } from './bid-trace.ts'
import { ListCut } from './cut-list.ts'
import { BidRankJob } from './rank-job.ts'
import type { Shortlist } from './shortlists.ts'
import type { FineView } from './stage-book.ts'

/** What is ranked. */
export interface RankView {
  readonly snapshot: BidSnapshot
  readonly exchange: Exchange
  readonly scratch: BidScratch
  readonly packs: PackIndex | null
  readonly trace: BidTrace | null
  /** Rows that there is time to score; 0 = no time for models at all. */
  readonly fineMax: number
}

/** Ranks for all requests of a process. */
export class SlotRank {
  readonly #ranker: Ranker | null
  readonly #cut = new ListCut()

  constructor(ranker: Ranker | null) {
    this.#ranker = ranker
  }

  /**
   * Ranks the shortlists by the models of the exchange's plan. Answers at once where no model is to
   * run, otherwise with a promise that never rejects; lists that no model reached are in the order
   * of the stage before.
   */
  run(view: RankView): Ranking | Promise<Ranking> {
    const { coarseModel, fineModel } = view.exchange.plan
    if (coarseModel === '' && fineModel === '') return priorRanking
    if (view.fineMax === 0) return { ...priorRanking, note: RankNote.Shortened }
    const stages = stagesOf(this.#ranker, view.snapshot, view.exchange.plan)
    if (this.#ranker === null || (stages.coarse === null && stages.fine === null)) {
      return { ...priorRanking, note: stages.note }
    }
    return rankWith(this.#ranker, view, { ...stages, cut: this.#cut })
  }
}

/** The stages that are to run. */
interface Stages extends ModelStages {
  readonly cut: ListCut
}

async function rankWith(ranker: Ranker, view: RankView, stages: Stages): Promise<Ranking> {
  const { scratch, snapshot, exchange, packs, trace, fineMax } = view
  const { request, shortlists, profile, wallMs, funnel } = scratch
  const { privacyLimit } = request
  const shared = askShared(request, packFactsOf(profile, packs, privacyLimit), wallMs)
  const asks = shortlists.lists.slice(0, asksMax).map(({ slot }, number) => {
    const facts = scratch.ask(number)
    fillAsk(facts, request, slot, shared)
    return facts
  })
  scratch.stages.begin(shortlists, fineViewOf(ranker, stages))
  const job = new BidRankJob({
    exchange: request.exchange,
    deadlineMs: request.deadlineMs,
    atMs: wallMs,
    snapshot,
    shortlists,
    stages: scratch.stages,
    asks,
    coarse: stages.coarse,
    fine: stages.fine,
    fineMax,
    funnel,
    cut: stages.cut,
    trace,
  })
  const predictors = cvrPredictors(ranker, stages)
  const outcome = await ranker.run(job)
  const by = furthest(shortlists.lists)
  const isShort = fineMax < exchange.plan.fineMax
  return {
    by,
    note: stages.note || noteOf(outcome) || (isShort ? RankNote.Shortened : RankNote.AsPlanned),
    coarseModel: job.ranCoarse ? nameOf(stages.coarse?.model) : '',
    fineModel: by === 'fine' ? nameOf(stages.fine?.model) : '',
    cvrModel: (by === 'fine' && predictors.fine) || (job.ranCoarse ? predictors.coarse : ''),
  }
}

function fineViewOf({ models }: Ranker, { fine }: Stages): FineView | null {
  const model = fine === null ? null : models.fine(fine.model)
  return fine === null || model === null ? null : { model, side: fine }
}

/** Names of the models that predict CVR; '' for one that does not. */
function cvrPredictors({ models }: Ranker, { coarse, fine }: Stages) {
  const coarseCvr = coarse === null ? null : (models.coarse(coarse.model)?.cvr ?? null)
  const hasFine = fine !== null && models.fine(fine.model)?.hasCvr === true
  return {
    coarse: coarseCvr === null ? '' : nameOf(coarse?.model),
    fine: hasFine ? nameOf(fine.model) : '',
  }
}

function furthest(lists: readonly Shortlist[]): RankedBy {
  let by: RankedBy = 'prior'
  for (const { rankedBy } of lists) {
    if (rankedBy === 'fine') return 'fine'
    if (rankedBy === 'coarse') by = 'coarse'
  }
  return by
}
