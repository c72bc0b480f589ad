/** What an impression is worth to a campaign: the one formula of recall and pricing. */
import type { Campaign, Goal, ValueByScore } from './campaign.ts'
import type { Creative } from './creative.ts'

/**
 * Impressions and clicks that the campaign's prior rates count for: with 0.5 % CTR the first
 * 1 000 impressions have 5 clicks, about where a creative's own rate begins to say more than noise.
 */
export const priorImpressions = 1_000
export const priorClicks = 50

/** CTR and CVR of a creative: its own history, drawn towards the campaign's prior rates. */
export function smoothedRates(
  history: Creative['history'],
  prior: Campaign['prior'],
): { readonly ctr: number; readonly cvr: number } {
  const { impressions, clicks, conversions } = history
  return {
    ctr: Math.min(1, (clicks + prior.ctr * priorImpressions) / (impressions + priorImpressions)),
    cvr: Math.min(1, (conversions + prior.cvr * priorClicks) / (clicks + priorClicks)),
  }
}

/**
 * Expected value of 1 000 impressions in micros of the goal's currency (docs/pricing.md), rounded
 * down, at the highest weight that `byScore` can give.
 */
export function expectedCpmMicros(goal: Goal, ctr: number, cvr: number): number {
  switch (goal.kind) {
    case 'cpm':
      return goal.bidMicros
    case 'cpc':
      return Math.floor(goal.bidMicros * ctr * 1_000)
    case 'cpa':
      return Math.floor(goal.bidMicros * ctr * cvr * 1_000 * highestWeight(goal.byScore))
    case 'roas':
      return Math.floor(
        (goal.valueMicros * ctr * cvr * 1_000 * highestWeight(goal.byScore)) / goal.targetRoas,
      )
    case 'ltv':
      return Math.floor(
        goal.valueMicros * goal.share * ctr * cvr * 1_000 * highestWeight(goal.byScore),
      )
  }
}

/**
 * The same formula taken apart, for rates that are not known yet: value = `base` + `perClick` × ctr
 * + `perAction` × ctr × cvr, micros of CPM, not rounded. `perAction` has the highest weight in it.
 */
export interface ValueTerms {
  readonly base: number
  readonly perClick: number
  readonly perAction: number
}

/** The terms of a goal; rounded down, their value is `expectedCpmMicros` to within one micro. */
export function valueTerms(goal: Goal): ValueTerms {
  switch (goal.kind) {
    case 'cpm':
      return { base: goal.bidMicros, perClick: 0, perAction: 0 }
    case 'cpc':
      return { base: 0, perClick: goal.bidMicros * 1_000, perAction: 0 }
    case 'cpa':
      return perAction(goal.bidMicros, goal.byScore)
    case 'roas':
      return perAction(goal.valueMicros / goal.targetRoas, goal.byScore)
    case 'ltv':
      return perAction(goal.valueMicros * goal.share, goal.byScore)
  }
}

/** The weights of a goal, or null where every device is worth the same. */
export function scoreOf(goal: Goal): ValueByScore | null {
  return goal.kind === 'cpm' || goal.kind === 'cpc' ? null : goal.byScore
}

/**
 * Share of the highest weight that a pack score of 0 to 255 gives, in [0, 1]; a device that is not
 * in the pack (-1) has score 0.
 */
export function scoreShare(low: number, high: number, score: number): number {
  const highest = Math.max(low, high)
  if (highest <= 0) return 0
  return (low + ((high - low) * Math.max(0, score)) / 255) / highest
}

function perAction(micros: number, byScore: ValueByScore | null): ValueTerms {
  return { base: 0, perClick: 0, perAction: micros * 1_000 * highestWeight(byScore) }
}

function highestWeight(byScore: ValueByScore | null): number {
  return byScore === null ? 1 : Math.max(byScore.low, byScore.high, 0)
}
