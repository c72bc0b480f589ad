/** The funnel of an RTA request: the campaigns behind its eligible strategies, ranked. */
import type { BidSnapshot } from '../../catalog/bid/bid-snapshot.ts'
import type { LiveStrategy } from '../../catalog/plan.ts'
import type { AdSide } from '../../domain/ad-side.ts'
import { RankNote } from '../../domain/bid-decision.ts'
import type { RtaRanking } from '../../domain/decision.ts'
import type { RankedBy } from '../../domain/decision-record.ts'
import type { GeoSource } from '../../domain/geo-port.ts'
import type { PackIndex } from '../../domain/pack.ts'
import { PrivacyLimit } from '../../domain/privacy.ts'
import { Refusal } from '../../domain/refusal.ts'
import type { Ranker } from '../../scoring/ranking.ts'
import { packFactsOf } from '../bid/ask-facts.ts'
import { recallMax } from '../bid/recall.ts'
import { nameOf, noteOf, stagesOf } from '../model-stages.ts'
import { roadFor } from '../road-length.ts'
import type { Scratch } from '../scratch.ts'
import { CampaignPlaces } from './campaign-places.ts'
import { RowPick } from './pick-rows.ts'
import type { RankGroup } from './rank-group.ts'
import { RankScratch } from './rank-scratch.ts'
import type { RankTrace } from './rank-trace.ts'
import { recallCreatives } from './recall-creatives.ts'
import { RtaAsk } from './rta-ask.ts'
import { StrategyBacking } from './strategy-backing.ts'
import { StrategyRankJob } from './strategy-rank-job.ts'
import { StrategyWorths } from './strategy-worth.ts'

/** What strategies are ranked with. */
export interface StrategyRanksDeps {
  /** Runs the models; null = there are none, rates of history decide. */
  readonly ranker: Ranker | null
  /** The bidder's catalog; null = none that may be decided by. */
  readonly bidSnapshot: () => BidSnapshot | null
  readonly geo: GeoSource
}

/** One request that is to be ranked. */
export interface RankRequest {
  readonly scratch: Scratch
  /** What the profile was read through. */
  readonly packs: PackIndex
  /** Milliseconds to the deadline: with few the road is shorter. */
  readonly leftMs: number
  readonly trace: RankTrace | null
}

/** Ranks strategies for all requests of a process; what it keeps between them is memory only. */
export class StrategyRanks {
  readonly #deps: StrategyRanksDeps
  readonly #ask: RtaAsk
  readonly #backing = new StrategyBacking()
  readonly #places = new CampaignPlaces()
  readonly #pick = new RowPick()
  readonly #worths = new StrategyWorths()

  constructor(deps: StrategyRanksDeps) {
    this.#deps = deps
    this.#ask = new RtaAsk(deps.geo)
  }

  /**
   * Ranks the campaigns behind the eligible strategies into `scratch.ranks`. False where none of
   * them asks for it; true at once where no model is to run, else a promise that never rejects.
   */
  run(request: RankRequest): boolean | Promise<true> {
    const { scratch } = request
    if (!asksForRank(scratch)) return false
    scratch.ranks ??= new RankScratch()
    const ranks = scratch.ranks
    ranks.begin(this.#deps.bidSnapshot())
    this.#group(scratch, ranks)
    const jobs = this.#jobs(request, ranks)
    if (jobs.length === 0) return true
    const packs = packFactsOf(scratch.profile, request.packs, PrivacyLimit.None)
    this.#ask.fill(ranks.ask, scratch.request, packs, scratch.wallMs)
    return runAll(jobs, ranks)
  }

  /**
   * Keeps of the eligible strategies those that are worth enough, and leaves what they are worth in
   * `scratch.ranks.worths`. Call when the models are done and before anything else is waited for.
   */
  judge(scratch: Scratch, ranks: RankScratch, trace: RankTrace | null): RtaRanking {
    const { snapshot } = ranks
    for (let at = 0; at < ranks.groupCount; at++) {
      const group = ranks.groups[at]
      if (snapshot === null || group === undefined) continue
      this.#worths.use(group, snapshot, this.#places)
      for (const backed of group.strategies) {
        ranks.worths.set(backed.strategy, this.#worths.of(backed, group, this.#places))
      }
    }
    let belowValue = 0
    let unranked = 0
    scratch.keepEligible((strategy) => {
      const refusal = refusalOf(strategy, ranks)
      if (isUnranked(strategy, ranks)) unranked++
      if (refusal === Refusal.None) return true
      if (refusal === Refusal.BelowValue) belowValue++
      scratch.noteNear(refusal, strategy)
      ranks.refused.push(strategy)
      return false
    })
    const ranking = rankingOf(ranks, { belowValue, unranked })
    trace?.end(ranks, ranking)
    return ranking
  }

  #group(scratch: Scratch, ranks: RankScratch): void {
    for (let at = 0; at < scratch.eligibleCount; at++) {
      const strategy = scratch.eligible[at] ?? null
      const ranking = strategy?.ranking ?? null
      if (strategy === null || ranking === null) continue
      ranks.strategies++
      const { coarseModel, fineModel } = ranking
      // Without the catalog the models have nothing to look at.
      const isMissing = ranks.snapshot === null && (coarseModel !== '' || fineModel !== '')
      if (isMissing) ranks.note = RankNote.ModelMissing
      if (ranks.snapshot === null) continue
      const backed = this.#backing.of(strategy, ranking, ranks.snapshot)
      ranks.group(coarseModel, fineModel).strategies.push(backed)
    }
  }

  /** Recalls every group; answers the jobs of those that models are to rank. */
  #jobs(request: RankRequest, ranks: RankScratch): GroupJob[] {
    const jobs: GroupJob[] = []
    const { snapshot, funnel } = ranks
    if (snapshot === null) return jobs
    const { scratch, packs, leftMs } = request
    const { profile, wallMs } = scratch
    for (let at = 0; at < ranks.groupCount; at++) {
      const group = ranks.groups[at]
      if (group === undefined) continue
      const road = roadFor({ recallMax, fineMax: group.fineMax }, leftMs)
      const facts = { snapshot, profile, packs, wallMs, keep: road.keep }
      recallCreatives(group, facts, this.#places, funnel)
      request.trace?.recalled(group)
      const job = this.#job(request, { ranks, snapshot, group, fineMax: road.fineMax })
      if (job !== null) jobs.push(job)
    }
    return jobs
  }

  #job(request: RankRequest, planned: PlannedGroup): GroupJob | null {
    const { ranker } = this.#deps
    const { ranks, snapshot, group, fineMax } = planned
    if (group.coarseModel === '' && group.fineModel === '') return null
    const { coarse, fine, note } = stagesOf(ranker, snapshot, group)
    const isShort = fineMax < group.fineMax
    ranks.note ||= note || (isShort ? RankNote.Shortened : RankNote.AsPlanned)
    const hasWork = fineMax > 0 && group.list.count > 0 && (coarse ?? fine) !== null
    if (ranker === null || !hasWork) return null
    const { scratch, trace } = request
    const job = new StrategyRankJob({
      request: scratch.request,
      atMs: scratch.wallMs,
      ask: ranks.ask,
      snapshot,
      group,
      coarse,
      fine,
      hasCvr: predictsCvr(ranker, fine),
      fineMax,
      funnel: ranks.funnel,
      trace,
      places: this.#places,
      pick: this.#pick,
    })
    return { ranker, job, group }
  }
}

function predictsCvr({ models }: Ranker, fine: AdSide | null): boolean {
  return fine !== null && models.fine(fine.model)?.hasCvr === true
}

/** A group of which it is known how far it may go. */
interface PlannedGroup {
  readonly ranks: RankScratch
  readonly snapshot: BidSnapshot
  readonly group: RankGroup
  readonly fineMax: number
}

/** A job with where it is to run and whose it is. */
interface GroupJob {
  readonly ranker: Ranker
  readonly job: StrategyRankJob
  readonly group: RankGroup
}

/** True when an eligible strategy is ranked by the campaigns behind it. */
function asksForRank(scratch: Scratch): boolean {
  for (let at = 0; at < scratch.eligibleCount; at++) {
    if ((scratch.eligible[at]?.ranking ?? null) !== null) return true
  }
  return false
}

async function runAll(jobs: readonly GroupJob[], ranks: RankScratch): Promise<true> {
  const outcomes = await Promise.all(jobs.map(({ ranker, job }) => ranker.run(job)))
  for (const [at, { job, group }] of jobs.entries()) {
    ranks.note ||= noteOf(outcomes[at] ?? 0)
    if (group.coarse > 0) ranks.coarseModel = joined(ranks.coarseModel, nameOf(job.coarse?.model))
    if (group.fine > 0) ranks.fineModel = joined(ranks.fineModel, nameOf(job.fine?.model))
  }
  return true
}

/** Strategies of different models are rare: then all that ran are named. */
function joined(names: string, name: string): string {
  return names === '' || names === name ? name : `${names},${name}`
}

/** True where nothing says what the strategy is worth. */
function isUnranked(strategy: LiveStrategy, { worths }: RankScratch): boolean {
  return strategy.ranking !== null && (worths.get(strategy) ?? null) === null
}

function refusalOf(strategy: LiveStrategy, { worths }: RankScratch): Refusal {
  const { ranking } = strategy
  if (ranking === null) return Refusal.None
  const worth = worths.get(strategy) ?? null
  if (worth === null) return ranking.whenUnranked === 'refuse' ? Refusal.Unranked : Refusal.None
  return worth.valueMicros < ranking.minValueMicros ? Refusal.BelowValue : Refusal.None
}

function rankingOf(
  ranks: RankScratch,
  counts: Pick<RtaRanking, 'belowValue' | 'unranked'>,
): RtaRanking {
  const { note, coarseModel, fineModel, strategies, groups, groupCount } = ranks
  let by: RankedBy = 'prior'
  const stages = { recalled: 0, coarse: 0, fine: 0 }
  for (let at = 0; at < groupCount; at++) {
    const group = groups[at]
    if (group === undefined) continue
    stages.recalled += group.recalled
    stages.coarse += group.coarse
    stages.fine += group.fine
    by = further(by, group.list.rankedBy)
  }
  return { by, note, coarseModel, fineModel, strategies, ...counts, ...stages }
}

function further(by: RankedBy, other: RankedBy): RankedBy {
  if (by === 'fine' || other === 'fine') return 'fine'
  return by === 'coarse' || other === 'coarse' ? 'coarse' : 'prior'
}
