/** What the campaigns behind strategies were worth, step by step, for explain. */
import type { BidSnapshot } from '../../catalog/bid/bid-snapshot.ts'
import { rankNoteNames } from '../../domain/bid-decision.ts'
import type { RtaRanking } from '../../domain/decision.ts'
import { dropNames, dropRow } from '../../domain/drop-reason.ts'
import type { DroppedCount, TracedCandidate, TracedRates } from '../bid/bid-trace.ts'
import type { RankGroup } from './rank-group.ts'
import type { RankScratch, Worth } from './rank-scratch.ts'

/** Candidates shown, over all strategies. */
const candidatesMax = 10

/** A strategy that was ranked, in the order they are considered. */
export interface TracedWorth {
  readonly strategyId: string
  /** `worth` enough, `below-value`, or `unranked`: nothing of it could be valued. */
  readonly outcome: 'worth' | 'below-value' | 'unranked'
  /** Expected CPM of its best candidate, and what it had to reach; micros of `currency`. */
  readonly valueMicros: number | null
  readonly minValueMicros: number
  /** '' = the base of the rates table. */
  readonly currency: string
  /** The best candidate; '' = there was none. */
  readonly creativeId: string
  readonly campaignId: string
  readonly ctr: number
  readonly cvr: number
}

/** The funnel of one request. */
export interface TracedRtaRanking extends Omit<RtaRanking, 'note'> {
  readonly note: string
  /** Live campaigns behind the strategies. */
  readonly campaigns: number
  readonly dropped: readonly DroppedCount[]
  readonly worths: readonly TracedWorth[]
  /** The best, best first. */
  readonly candidates: readonly TracedCandidate[]
}

/** Collects one request's funnel. */
export class RankTrace {
  /** Null before the end. */
  ranking: TracedRtaRanking | null = null
  readonly #priors = new Map<number, number>()
  readonly #coarse = new Map<number, TracedRates>()
  readonly #fine = new Map<number, TracedRates>()

  /** A group was recalled. */
  recalled({ rows, list }: RankGroup): void {
    for (let row = 0; row < list.count; row++) {
      this.#priors.set(rows.creatives[row] ?? 0, rows.bounds[row] ?? 0)
    }
  }

  /** A model has put its rates into a group. */
  ranked({ rows, list }: RankGroup): void {
    const into = list.rankedBy === 'coarse' ? this.#coarse : this.#fine
    for (let row = 0; row < list.count; row++) {
      const rates = { ctr: rows.ctr[row] ?? 0, cvr: rows.cvr[row] ?? 0 }
      into.set(rows.creatives[row] ?? 0, rates)
    }
  }

  /** The strategies are judged. */
  end(ranks: RankScratch, ranking: RtaRanking): void {
    const groups = ranks.groups.slice(0, ranks.groupCount)
    this.ranking = {
      ...ranking,
      note: rankNoteNames[ranking.note] ?? '',
      campaigns: groups.reduce((sum, { campaigns }) => sum + campaigns.length, 0),
      dropped: droppedOf(ranks),
      worths: worthsOf(ranks, groups),
      candidates: ranks.snapshot === null ? [] : this.#candidates(groups, ranks.snapshot),
    }
  }

  #candidates(groups: readonly RankGroup[], snapshot: BidSnapshot): TracedCandidate[] {
    const best = new Map<number, number>()
    for (const { rows, list } of groups) {
      for (let row = 0; row < list.count; row++) {
        const creative = rows.creatives[row] ?? 0
        best.set(creative, Math.max(rows.bounds[row] ?? 0, best.get(creative) ?? 0))
      }
    }
    const candidates: TracedCandidate[] = []
    while (candidates.length < candidatesMax && best.size > 0) {
      const creative = highestOf(best)
      candidates.push(this.#candidate(creative, best.get(creative) ?? 0, snapshot))
      best.delete(creative)
    }
    return candidates
  }

  #candidate(creative: number, bound: number, snapshot: BidSnapshot): TracedCandidate {
    const { ctr, cvr } = snapshot.data.creatives
    const { id, campaignId } = snapshot.creative(creative)
    return {
      creativeId: id,
      campaignId,
      priorMicros: Math.floor(this.#priors.get(creative) ?? 0),
      prior: { ctr: ctr[creative] ?? 0, cvr: cvr[creative] ?? 0 },
      coarse: this.#coarse.get(creative) ?? null,
      fine: this.#fine.get(creative) ?? null,
      boundMicros: Math.floor(bound),
    }
  }
}

/** The creative of the highest bound; among equals that of the better prior. */
function highestOf(bounds: ReadonlyMap<number, number>): number {
  let highest = -1
  let most = Number.NEGATIVE_INFINITY
  for (const [creative, bound] of bounds) {
    if (bound < most || (bound === most && creative > highest)) continue
    highest = creative
    most = bound
  }
  return highest
}

function droppedOf({ funnel }: RankScratch): DroppedCount[] {
  const dropped: DroppedCount[] = []
  for (let number = 1; number < dropRow; number++) {
    const count = funnel.drops[number] ?? 0
    if (count > 0) dropped.push({ reason: dropNames.get(number) ?? '', number, count })
  }
  return dropped
}

function worthsOf(ranks: RankScratch, groups: readonly RankGroup[]): TracedWorth[] {
  const { worths, snapshot } = ranks
  return groups.flatMap(({ strategies }) =>
    strategies.map(({ strategy, ranking }) => {
      const { minValueMicros, currency } = ranking
      const worth = worths.get(strategy) ?? null
      const outcome = outcomeOf(worth, minValueMicros)
      const about = { strategyId: strategy.id, outcome, minValueMicros, currency }
      if (worth === null || snapshot === null) {
        return { ...about, valueMicros: null, creativeId: '', campaignId: '', ctr: 0, cvr: 0 }
      }
      return {
        ...about,
        valueMicros: worth.valueMicros,
        creativeId: snapshot.creative(worth.creative).id,
        campaignId: snapshot.campaign(worth.campaign).id,
        ctr: worth.ctr,
        cvr: worth.cvr,
      }
    }),
  )
}

function outcomeOf(worth: Worth | null, minValueMicros: number): TracedWorth['outcome'] {
  if (worth === null) return 'unranked'
  return worth.valueMicros < minValueMicros ? 'below-value' : 'worth'
}
