/** Rankings of strategies: what only the catalog and the medium can tell. */
import { type Campaign, campaignKind } from '../domain/campaign.ts'
import type { MediumRules } from '../domain/medium-rules.ts'
import { micros } from '../domain/money.ts'
import type { RankedBid, Strategy, StrategyRanking } from '../domain/strategy.ts'
import { checkFactor, checkPrice } from './bid-checks.ts'
import { hasRate, ratesIn } from './catalog-checks.ts'
import type { CatalogView } from './catalog-desk.ts'
import type { Findings } from './findings.ts'
import type { RankingInput } from './schemas/ranking-schema.ts'

/** What a ranking is checked against. */
export interface RankingContext {
  readonly view: CatalogView
  /** The medium and what it honours. */
  readonly name: string
  readonly rules: MediumRules
}

/** As it is stored. */
export function rankingOf(input: RankingInput | null): StrategyRanking | null {
  if (input === null) return null
  return {
    ...input,
    minValueMicros: micros(input.minValueMicros),
    bid: input.bid === null ? null : rankedBidOf(input.bid),
  }
}

/** Tells what would not work as written; a missing campaign is an error, one switched off a warning. */
export function checkRanking(
  findings: Findings,
  { ranking }: Strategy,
  context: RankingContext,
): void {
  if (ranking === null) return
  checkCampaigns(findings, ranking, context.view)
  checkModels(findings, ranking)
  checkCurrency(findings, ranking, context.view)
  checkRankedBid(findings, ranking.bid, context)
}

function rankedBidOf(bid: NonNullable<RankingInput['bid']>): RankedBid {
  if (bid.kind === 'factor') return { ...bid, valueAtOneMicros: micros(bid.valueAtOneMicros) }
  return { ...bid, minMicros: micros(bid.minMicros), maxMicros: micros(bid.maxMicros) }
}

function checkCampaigns(findings: Findings, ranking: StrategyRanking, view: CatalogView): void {
  const { campaigns, products } = ranking
  for (const [i, id] of campaigns.entries()) {
    const stored = view.get(campaignKind, id)
    const path = `ranking.campaigns[${i}]`
    if (stored === null) findings.error(path, `there is no campaign '${id}'`)
    else if (!(JSON.parse(stored.json) as Campaign).enabled) {
      findings.warn(path, `campaign '${id}' is switched off: nothing of it is a candidate`)
    }
  }
  for (const [i, { campaignId }] of products.entries()) {
    if (campaigns.includes(campaignId)) continue
    findings.error(`ranking.products[${i}].campaignId`, 'is not among the campaigns')
  }
}

function checkModels(findings: Findings, ranking: StrategyRanking): void {
  const { coarseModel, fineModel, pcvr } = ranking
  if (coarseModel !== '' && coarseModel === fineModel) {
    findings.error('ranking.fineModel', 'is coarseModel: a coarse model is of another kind')
  }
  if (pcvr && fineModel === '') {
    findings.error('ranking.pcvr', 'needs a fineModel: a rate of history is no prediction')
  }
  if (coarseModel === '' && fineModel === '') {
    findings.warn('ranking.fineModel', 'no model: every device is worth what history says')
  }
}

function checkCurrency(findings: Findings, ranking: StrategyRanking, view: CatalogView): void {
  const { currency } = ranking
  if (currency === '' || hasRate(ratesIn(view, { id: '', currency }), currency)) return
  findings.error('ranking.currency', `no rate for ${currency}: nothing could be valued`)
}

/** Limits are bids that may leave the house: checked as such. */
function checkRankedBid(findings: Findings, bid: RankedBid | null, medium: RankingContext): void {
  if (bid === null) return
  if (bid.kind === 'factor') {
    checkFactor(findings, 'ranking.bid.min', bid.min, medium)
    checkFactor(findings, 'ranking.bid.max', bid.max, medium)
    return
  }
  checkPrice(findings, 'ranking.bid.maxMicros', bid.maxMicros, medium)
}
